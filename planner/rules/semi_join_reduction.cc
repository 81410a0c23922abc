// semi_join_reduction: IN, EXISTS and their negations are asked of the rows that own their keys, before these are joined to others.
//
//   Semi(Join(a, b), r; a.x = r.x)                          ->    Join(Semi(a, r; a.x = r.x), b)
//   Semi(Aggregate(k) <- Join(a, b), r; k = r.x), Union...  ->    Aggregate(k) <- Join(Semi(a, r; k = r.x), b)
//
// A join keeps the rows of its sides, and a semi join those that it may have to give later: below, the first keeps fewer, and the second keeps rows
// of one side instead of pairs. So it moves only where it gets past a join that is not guessed to give fewer rows than that side has: projections,
// filters, unions and aggregates by the keys are passed on the way to one, never for their own sake (below an aggregate alone the rows would be kept
// that above are only counted). Not below an aggregate whose input would have retractions for it, nor a window's; not past joins in time, nor nodes
// that others read too. Keeps: schema, keys.
#include <algorithm>

#include "planner/logical/cardinality.h"
#include "planner/logical/join.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

bool IsPlain(const JoinOp& join) { return !join.closest && !join.lookup && !join.left_expiry && !join.emit_on_close; }

// What asks: `conjuncts` are over columns of the rows asked, and of `right`.
struct Reducer {
  JoinOp::Kind kind = JoinOp::Kind::kSemi;
  std::vector<ExprPtr> conjuncts;
  LogicalPtr right;
  bool only_keys = true;  // all of them are equalities
  std::string query;
  ErrorPolicy on_error;

  std::vector<ColumnId> Asked() const {
    std::vector<ColumnId> columns;
    for (const ExprPtr& conjunct : conjuncts) CollectColumns(*conjunct, &columns);
    std::erase_if(columns, [&](ColumnId id) { return FindColumn(right->output(), id) != nullptr; });
    return columns;
  }
  bool AskedOf(const LogicalNode& node) const {
    const std::vector<ColumnId> asked = Asked();
    return !asked.empty() && std::all_of(asked.begin(), asked.end(), [&](ColumnId id) { return FindColumn(node.output(), id) != nullptr; });
  }
  // The same, asked in terms of an input's columns.
  Reducer Over(const std::map<ColumnId, ExprPtr>& columns) const {
    Reducer other = *this;
    for (ExprPtr& conjunct : other.conjuncts) conjunct = ReplaceColumns(conjunct, columns);
    return other;
  }
};

class Reduction {
 public:
  Reduction(const LogicalPlan& plan, ProgramContext* program) : consumers_(ConsumerCounts(plan)), program_(program) {}

  LogicalPtr Rewrite(const LogicalPtr& node) {
    if (const auto found = done_.find(node.get()); found != done_.end()) return found->second;
    if (LogicalPtr moved = Moved(*node); moved != nullptr) {  // another that it has passed may stand on top now
      made_.push_back(moved);                                 // lives as long as its address is remembered
      return done_[node.get()] = Rewrite(moved);
    }
    std::vector<LogicalPtr> inputs;
    for (const LogicalPtr& input : node->inputs) inputs.push_back(Rewrite(input));
    LogicalPtr result = inputs == node->inputs ? node : WithInputs(*node, std::move(inputs));
    return done_[node.get()] = result;
  }

 private:
  using K = JoinOp::Kind;

  LogicalPtr Moved(const LogicalNode& node) {
    const auto* join = node.As<JoinOp>();
    if (join == nullptr || !IsPlain(*join) || (join->kind != K::kSemi && join->kind != K::kAnti) || join->keys.empty()) return nullptr;
    if (join->condition != nullptr && IsFallible(*join->condition)) return nullptr;
    Reducer reducer{join->kind, {}, node.inputs[1], join->condition == nullptr, node.op.query, node.op.on_error};
    for (const JoinOp::Key& key : join->keys) {
      const Column *left = FindColumn(node.inputs[0]->output(), key.left), *right = FindColumn(node.inputs[1]->output(), key.right);
      reducer.conjuncts.push_back(ToCondition({MakeColumn(*left), MakeColumn(*right), key.null_safe}));
      if (reducer.conjuncts.back() == nullptr || !EqualityOf(*reducer.conjuncts.back())) return nullptr;
    }
    if (join->condition != nullptr) reducer.conjuncts.push_back(join->condition);
    LogicalPtr moved = Push(node.inputs[0], reducer);
    if (moved == nullptr) return nullptr;
    const auto same = [](const Column& a, const Column& b) { return a.id == b.id; };
    if (std::equal(node.output().begin(), node.output().end(), moved->output().begin(), moved->output().end(), same)) return moved;
    return MakeNode(ProjectOp{}, {std::move(moved)}, node.output(), node.op.query, node.op.on_error);
  }

  LogicalPtr Land(const LogicalPtr& node, const Reducer& reducer) {
    JoinOp join;
    join.kind = reducer.kind;
    return MakeJoin(std::move(join), node, reducer.right, reducer.conjuncts, program_, reducer.query, reducer.on_error);
  }

  // The node over rows that have been asked; nullptr where that gets past no join.
  LogicalPtr Push(const LogicalPtr& node, const Reducer& reducer) {
    if (consumers_[node.get()] > 1 || node->of_source || !reducer.AskedOf(*node)) return nullptr;
    if (const auto* join = node->As<JoinOp>()) return PushIntoJoin(node, *join, reducer);
    if (const auto* u = node->As<UnionOp>()) return PushIntoUnion(*node, *u, reducer);
    LogicalPtr below;
    if (node->As<FilterOp>()) {
      below = Push(node->inputs[0], reducer);
    } else if (const auto* project = node->As<ProjectOp>()) {
      below = PushIntoProject(*node, *project, reducer);
    } else if (const auto* aggregate = node->As<AggregateOp>()) {
      if (aggregate->window || !reducer.only_keys) return nullptr;
      for (ColumnId id : reducer.Asked())
        if (FindColumn(aggregate->keys, id) == nullptr) return nullptr;
      const bool stays = !node->inputs[0]->op.append_only || (reducer.right->op.append_only && reducer.kind == K::kSemi);
      if (stays) below = Push(node->inputs[0], reducer);
    }
    return below == nullptr ? nullptr : WithInputs(*node, {std::move(below)});
  }

  LogicalPtr PushIntoProject(const LogicalNode& node, const ProjectOp& project, const Reducer& reducer) {
    std::map<ColumnId, ExprPtr> columns;
    const std::vector<ColumnId> asked = reducer.Asked();
    for (const auto& [column, expr] : project.columns) {
      if (std::find(asked.begin(), asked.end(), column.id) == asked.end()) continue;
      if (IsFallible(*expr)) return nullptr;
      columns[column.id] = expr;
    }
    return Push(node.inputs[0], columns.empty() ? reducer : reducer.Over(columns));
  }

  // Past the union where it gets past a join in one of the inputs; the others are asked as they are.
  LogicalPtr PushIntoUnion(const LogicalNode& node, const UnionOp& u, const Reducer& reducer) {
    std::vector<LogicalPtr> inputs;
    bool any = false;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      std::map<ColumnId, ExprPtr> columns;
      for (size_t c = 0; c < node.output().size(); ++c)
        columns[node.output()[c].id] = MakeColumn(*FindColumn(node.inputs[i]->output(), u.inputs[i][c]));
      const Reducer of_input = reducer.Over(columns);
      LogicalPtr below = Push(node.inputs[i], of_input);
      any |= below != nullptr;
      inputs.push_back(below != nullptr ? std::move(below) : Land(node.inputs[i], of_input));
    }
    return any ? WithInputs(node, std::move(inputs)) : nullptr;
  }

  LogicalPtr PushIntoJoin(const LogicalPtr& node, const JoinOp& join, const Reducer& reducer) {
    if (!IsPlain(join) || join.kind == K::kFull) return nullptr;
    const size_t side = reducer.AskedOf(*node->inputs[0]) ? 0 : 1;
    if (side == 1 && (join.kind != K::kInner || !reducer.AskedOf(*node->inputs[1]))) return nullptr;
    LogicalPtr below = Push(node->inputs[side], reducer);
    if (below == nullptr) {
      const bool filters = join.kind == K::kSemi || join.kind == K::kAnti;  // which of two comes first matters little
      if (filters || EstimatedRows(*node->inputs[side]) > EstimatedRows(*node)) return nullptr;
      below = Land(node->inputs[side], reducer);
    }
    std::vector<LogicalPtr> inputs = node->inputs;
    inputs[side] = std::move(below);
    return WithInputs(*node, std::move(inputs));
  }

  std::map<const LogicalNode*, int> consumers_;
  ProgramContext* program_;
  std::map<const LogicalNode*, LogicalPtr> done_;
  std::vector<LogicalPtr> made_;
};

class SemiJoinReduction final : public Rule {
 public:
  std::string_view name() const override { return "semi_join_reduction"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override {
    Reduction reduction(*plan, program);
    for (LogicalPtr& root : plan->roots) root = reduction.Rewrite(root);
  }
};

}  // namespace

std::unique_ptr<Rule> MakeSemiJoinReduction() { return std::make_unique<SemiJoinReduction>(); }

}  // namespace kappa
