// predicate_pushdown: conditions move towards the source, so that fewer rows are worked on.
//
//   Filter(p) over Project, Union, Window, LateCheck, TableFunction, the keys of an Aggregate, partitions    ->    ... over Filter(p')
//   Filter(a.x = b.x AND a.y > 1) <- Join(a, b)    ->    Join(Filter(a.y > 1) <- a, b; on a.x = b.x)
//
// Never below a Watermark (every row's time counts) or a node that others read too. A condition that may fail never moves below what could have
// removed its row (Window, LateCheck, Aggregate, or a condition that stays); nor does one below an Aggregate that tells equal keys apart. Keeps:
// schema, keys.
#include <algorithm>

#include "planner/logical/join.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

// May the expression tell equal values of the column apart (1.5 from 1.50)? Not when it only compares it.
bool SeesForm(const Expr& expr, ColumnId column) {
  return std::any_of(expr.args.begin(), expr.args.end(), [&](const ExprPtr& arg) {
    return arg->kind == ExprKind::kColumn ? arg->column == column && !IsComparison(expr) : SeesForm(*arg, column);
  });
}

class Pusher {
 public:
  Pusher(const LogicalPlan& plan, ProgramContext* program) : consumers_(ConsumerCounts(plan)), program_(program) {}

  LogicalPtr Rewrite(const LogicalPtr& node) {
    if (const auto found = done_.find(node.get()); found != done_.end()) return found->second;
    LogicalPtr result = node->As<FilterOp>() && consumers_[node.get()] <= 1 ? PushInto(node, {})
                        : node->As<JoinOp>()                                ? PushIntoJoin(node, {}, *node)
                                                                            : RewriteInputs(node);
    return done_[node.get()] = result;
  }

 private:
  using Predicates = std::vector<ExprPtr>;

  LogicalPtr RewriteInputs(const LogicalPtr& node) {
    std::vector<LogicalPtr> inputs;
    for (const LogicalPtr& input : node->inputs) inputs.push_back(Rewrite(input));
    return inputs == node->inputs ? node : WithInputs(*node, std::move(inputs));
  }

  // Filter(predicates) over the rewritten node, placed by the operator that `owner` was (its query, its error policy).
  LogicalPtr Keep(LogicalPtr input, Predicates predicates, const LogicalNode& owner) {
    if (predicates.empty()) return input;
    std::vector<Column> output = input->output();
    return MakeNode(FilterOp{MakeAnd(std::move(predicates))}, {std::move(input)}, std::move(output), owner.op.query, owner.op.on_error);
  }

  LogicalPtr PushInto(const LogicalPtr& node, Predicates predicates) { return PushInto(node, std::move(predicates), *node); }

  LogicalPtr PushInto(const LogicalPtr& node, Predicates predicates, const LogicalNode& owner) {
    if (const auto* filter = node->As<FilterOp>(); filter != nullptr && consumers_[node.get()] <= 1) {
      Predicates all = FactoredConjuncts(filter->predicate);
      all.insert(all.end(), predicates.begin(), predicates.end());
      return PushInto(node->inputs[0], std::move(all), predicates.empty() ? *node : owner);
    }
    if (predicates.empty() || consumers_[node.get()] > 1 || node->of_source) return Keep(Rewrite(node), std::move(predicates), owner);
    if (node->As<JoinOp>()) return PushIntoJoin(node, std::move(predicates), owner);
    // A condition that may fail follows only when all before it went.
    Predicates moved, stay;
    const bool removes = node->As<WindowOp>() || node->As<LateCheckOp>() || node->As<AggregateOp>() || node->As<TableFunctionOp>() ||
                         node->As<TopNOp>() || node->As<TemporalFilterOp>() || node->As<SetOperationOp>();
    for (const ExprPtr& predicate : predicates) {
      const bool fallible = IsFallible(*predicate);
      const bool goes = MayPass(*node, *predicate) && !(fallible && (removes || !stay.empty()));
      (goes ? moved : stay).push_back(predicate);
    }
    if (moved.empty()) return Keep(RewriteInputs(node), std::move(stay), owner);
    std::vector<LogicalPtr> inputs;
    for (size_t i = 0; i < node->inputs.size(); ++i) inputs.push_back(PushInto(node->inputs[i], Translate(*node, moved, i), owner));
    return Keep(WithInputs(*node, std::move(inputs)), std::move(stay), owner);
  }

  // Of the conditions that come from above, and of the join's own, those over one side go to it, where a row that they remove matters no more; those
  // over both become the join's. What is asked of a key is asked of what equals it too.
  LogicalPtr PushIntoJoin(const LogicalPtr& node, Predicates predicates, const LogicalNode& owner) {
    using K = JoinOp::Kind;
    JoinOp join = *node->As<JoinOp>();
    const LogicalNode &left = *node->inputs[0], &right = *node->inputs[1];
    const bool inner = join.kind == K::kInner, picks = join.closest || join.lookup;
    Predicates stay, on, to_left, to_right, condition;
    for (const ExprPtr& predicate : predicates) {
      const Sides sides = SidesOf(*predicate, left, right);
      // An equality that may fail is a key all the same: the alternative is to compare every pair.
      if (sides == Sides::kBoth && inner && !picks && EqualityOf(*predicate))
        on.push_back(predicate);
      else if (IsFallible(*predicate) || sides == Sides::kNeither)
        stay.push_back(predicate);
      else if (sides == Sides::kLeft && join.kind != K::kFull)
        to_left.push_back(predicate);
      else if (sides == Sides::kRight && inner && !picks)
        to_right.push_back(predicate);
      else
        (sides == Sides::kBoth && inner && !picks ? on : stay).push_back(predicate);
    }
    if (join.condition != nullptr) {
      for (const ExprPtr& conjunct : FactoredConjuncts(join.condition)) {
        const Sides sides = SidesOf(*conjunct, left, right);
        const bool moves = !IsFallible(*conjunct) && !picks;
        if (moves && sides == Sides::kLeft && (inner || join.kind == K::kSemi))
          to_left.push_back(conjunct);
        else if (moves && sides == Sides::kRight && join.kind != K::kFull)
          to_right.push_back(conjunct);
        else
          condition.push_back(conjunct);
      }
      join.condition = nullptr;
    }
    if (!picks && join.kind != K::kFull) {
      const size_t of_left = to_left.size();
      if (inner) Derive(join.keys, &JoinOp::Key::right, &JoinOp::Key::left, right, left, to_right, to_right.size(), &to_left);
      Derive(join.keys, &JoinOp::Key::left, &JoinOp::Key::right, left, right, to_left, of_left, &to_right);
    }
    if (on.empty() && to_left.empty() && to_right.empty()) {
      LogicalPtr same = RewriteInputs(node);
      return Keep(std::move(same), std::move(stay), owner);
    }
    on.insert(on.end(), condition.begin(), condition.end());
    const LogicalPtr new_left = PushInto(node->inputs[0], std::move(to_left), owner),
                     new_right = PushInto(node->inputs[1], std::move(to_right), owner);
    const LogicalPtr made = MakeJoin(std::move(join), new_left, new_right, on, program_, node->op.query, node->op.on_error);
    auto joined = std::make_shared<LogicalNode>(*made);
    joined->op.output = node->output();
    return Keep(std::move(joined), std::move(stay), owner);
  }

  // Conditions on keys of one side, asked of the other: k = 5 AND a.k = b.k means b.k = 5.
  static void Derive(const std::vector<JoinOp::Key>& keys, ColumnId JoinOp::Key::* from, ColumnId JoinOp::Key::* to, const LogicalNode& source,
                     const LogicalNode& target, const Predicates& known, size_t count, Predicates* out) {
    for (size_t i = 0; i < count; ++i) {
      const ExprPtr predicate = known[i];
      std::vector<ColumnId> columns;
      CollectColumns(*predicate, &columns);
      if (columns.size() != 1 || SeesForm(*predicate, columns[0])) continue;
      for (const JoinOp::Key& key : keys) {
        const Column* column = FindColumn(target.output(), key.*to);
        if (key.*from != columns[0] || column == nullptr || FindColumn(source.output(), columns[0]) == nullptr) continue;
        ExprPtr derived = ReplaceColumns(predicate, {{columns[0], MakeColumn(*column)}});
        derived = WithNullability(derived, target.output());
        const bool there = std::any_of(out->begin(), out->end(), [&](const ExprPtr& other) { return SameExpr(*other, *derived); });
        if (!there) out->push_back(std::move(derived));
      }
    }
  }

  static bool MayPass(const LogicalNode& node, const Expr& predicate) {
    std::vector<ColumnId> columns;
    CollectColumns(predicate, &columns);
    auto none = [&](auto test) { return std::none_of(columns.begin(), columns.end(), test); };
    if (const auto* window = node.As<WindowOp>()) return none([&](ColumnId id) { return id == window->window.start || id == window->window.end; });
    if (const auto* table = node.As<TableFunctionOp>())
      return none([&](ColumnId id) { return id == table->ordinality.id || FindColumn(table->columns, id) != nullptr; });
    if (node.As<LateCheckOp>() || node.As<UnionOp>()) return true;
    if (IsRecursive(node.op)) return false;  // what is filtered out may lead to what is not
    if (node.As<SetOperationOp>()) return none([&](ColumnId id) { return SeesForm(predicate, id); });
    if (const auto* aggregate = node.As<AggregateOp>()) {
      for (const AggregateCall& call : aggregate->aggregates) {
        if (FindColumn(aggregate->keys, call.output) != nullptr && SeesForm(predicate, call.output)) return false;
      }
      if (aggregate->fused_window && aggregate->window->kind == WindowSpec::Kind::kSession) {  // other rows may hold a session together
        const auto& partition = aggregate->window->partition;
        return none([&](ColumnId id) { return std::find(partition.begin(), partition.end(), id) == partition.end(); });
      }
      return !aggregate->keys.empty() && none([&](ColumnId id) { return FindColumn(aggregate->keys, id) == nullptr; });
    }
    if (const auto* project = node.As<ProjectOp>()) {
      // A computed column would be computed twice: worth it when that is free, or spares the row the rest and cannot fail.
      const bool fallible = IsFallible(predicate);
      for (const auto& [column, expr] : project->columns) {
        const bool used = std::find(columns.begin(), columns.end(), column.id) != columns.end();
        if (used && !IsTrivial(*expr) && (fallible || IsFallible(*expr))) return false;
      }
      return true;
    }
    // Whole partitions may go.
    if (const auto* over = node.As<OverOp>()) return OfPartition(over->partition, columns, predicate);
    if (const auto* top = node.As<TopNOp>()) return OfPartition(top->partition, columns, predicate);
    if (node.As<TemporalFilterOp>()) return true;
    if (const auto* sort = node.As<SortOp>()) return !sort->limit && !sort->offset;
    return false;
  }

  // Does the predicate answer the same for all rows of a partition, however its equal values print?
  static bool OfPartition(const std::vector<ColumnId>& partition, const std::vector<ColumnId>& columns, const Expr& predicate) {
    return !columns.empty() && std::all_of(columns.begin(), columns.end(), [&](ColumnId id) {
      return std::find(partition.begin(), partition.end(), id) != partition.end() && !SeesForm(predicate, id);
    });
  }

  static Predicates Translate(const LogicalNode& node, const Predicates& predicates, size_t input) {
    std::map<ColumnId, ExprPtr> replacements;
    if (const auto* project = node.As<ProjectOp>()) {
      for (const auto& [column, expr] : project->columns) replacements[column.id] = expr;
    }
    const auto* u = node.As<UnionOp>();
    const auto* set = node.As<SetOperationOp>();
    if (u != nullptr || set != nullptr) {
      const auto& columns = u != nullptr ? u->inputs[input] : set->inputs[input];
      for (size_t c = 0; c < node.output().size(); ++c)
        replacements[node.output()[c].id] = MakeColumn(*FindColumn(node.inputs[input]->output(), columns[c]));
    }
    Predicates out;
    for (const ExprPtr& predicate : predicates) out.push_back(replacements.empty() ? predicate : ReplaceColumns(predicate, replacements));
    return out;
  }

  std::map<const LogicalNode*, int> consumers_;
  ProgramContext* program_;
  std::map<const LogicalNode*, LogicalPtr> done_;
};

class PredicatePushdown final : public Rule {
 public:
  std::string_view name() const override { return "predicate_pushdown"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override {
    Pusher pusher(*plan, program);
    for (LogicalPtr& root : plan->roots) root = pusher.Rewrite(root);
  }
};

}  // namespace

std::unique_ptr<Rule> MakePredicatePushdown() { return std::make_unique<PredicatePushdown>(); }

}  // namespace kappa
