// predicate_pushdown: conditions move towards the source, so that fewer rows are worked on.
//
//   Filter(p) over Project, Union, Window, LateCheck, TableFunction, the keys of an Aggregate    ->    ... over Filter(p')
//
// Never below a Watermark (every row's time counts) or a node that others read too. A condition that may fail never moves below what could have
// removed its row (Window, LateCheck, Aggregate, or a condition that stays); nor does one below an Aggregate that tells equal keys apart. Keeps:
// schema, keys.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

bool IsComparison(const Expr& expr) {
  if (expr.kind == ExprKind::kIn || expr.kind == ExprKind::kIsNull) return true;
  static constexpr std::string_view kNames[] = {"=", "<>", "<", "<=", ">", ">="};
  return expr.kind == ExprKind::kCall && expr.function->kind == FunctionKind::kOperator &&
         std::find(std::begin(kNames), std::end(kNames), expr.function->name) != std::end(kNames);
}

// May the expression tell equal values of the column apart (1.5 from 1.50)? Not when it only compares it.
bool SeesForm(const Expr& expr, ColumnId column) {
  return std::any_of(expr.args.begin(), expr.args.end(), [&](const ExprPtr& arg) {
    return arg->kind == ExprKind::kColumn ? arg->column == column && !IsComparison(expr) : SeesForm(*arg, column);
  });
}

class Pusher {
 public:
  explicit Pusher(const LogicalPlan& plan) : consumers_(ConsumerCounts(plan)) {}

  LogicalPtr Rewrite(const LogicalPtr& node) {
    if (const auto found = done_.find(node.get()); found != done_.end()) return found->second;
    LogicalPtr result = node->As<FilterOp>() && consumers_[node.get()] <= 1 ? PushInto(node, {}) : RewriteInputs(node);
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
      Predicates all = Conjuncts(filter->predicate);
      all.insert(all.end(), predicates.begin(), predicates.end());
      return PushInto(node->inputs[0], std::move(all), predicates.empty() ? *node : owner);
    }
    if (predicates.empty() || consumers_[node.get()] > 1 || node->of_source) return Keep(Rewrite(node), std::move(predicates), owner);
    // A condition that may fail follows only when all before it went.
    Predicates moved, stay;
    const bool removes = node->As<WindowOp>() || node->As<LateCheckOp>() || node->As<AggregateOp>() || node->As<TableFunctionOp>();
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

  static bool MayPass(const LogicalNode& node, const Expr& predicate) {
    std::vector<ColumnId> columns;
    CollectColumns(predicate, &columns);
    auto none = [&](auto test) { return std::none_of(columns.begin(), columns.end(), test); };
    if (const auto* window = node.As<WindowOp>()) return none([&](ColumnId id) { return id == window->window.start || id == window->window.end; });
    if (const auto* table = node.As<TableFunctionOp>())
      return none([&](ColumnId id) { return id == table->ordinality.id || FindColumn(table->columns, id) != nullptr; });
    if (node.As<LateCheckOp>() || node.As<UnionOp>()) return true;
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
    if (const auto* sort = node.As<SortOp>()) return !sort->limit && !sort->offset;
    return false;
  }

  static Predicates Translate(const LogicalNode& node, const Predicates& predicates, size_t input) {
    std::map<ColumnId, ExprPtr> replacements;
    if (const auto* project = node.As<ProjectOp>()) {
      for (const auto& [column, expr] : project->columns) replacements[column.id] = expr;
    }
    if (const auto* u = node.As<UnionOp>()) {
      for (size_t c = 0; c < node.output().size(); ++c) {
        const Column* source = FindColumn(node.inputs[input]->output(), u->inputs[input][c]);
        replacements[node.output()[c].id] = MakeColumn(*source);
      }
    }
    Predicates out;
    for (const ExprPtr& predicate : predicates) out.push_back(replacements.empty() ? predicate : ReplaceColumns(predicate, replacements));
    return out;
  }

  std::map<const LogicalNode*, int> consumers_;
  std::map<const LogicalNode*, LogicalPtr> done_;
};

class PredicatePushdown final : public Rule {
 public:
  std::string_view name() const override { return "predicate_pushdown"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    Pusher pusher(*plan);
    for (LogicalPtr& root : plan->roots) root = pusher.Rewrite(root);
  }
};

}  // namespace

std::unique_ptr<Rule> MakePredicatePushdown() { return std::make_unique<PredicatePushdown>(); }

}  // namespace kappa
