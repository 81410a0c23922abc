// source_filter: where a query is the only reader of a source's computed columns and nobody follows its time, its conditions come before them, and
// what they pin down is known.
//
//   Filter(kind = 2) <- Project(ts = CASE WHEN kind = 0 THEN a ELSE b END)    ->    Project(ts = b) <- Filter(kind = 2)
//
// Conditions that read a computed column, or may fail, stay above. Keeps: schema, keys. Comes after unused_watermark: a watermark wants the time of
// every row.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

// The columns that `column = constant` conditions pin down, of one type on both sides.
std::map<ColumnId, ExprPtr> PinnedColumns(const std::vector<ExprPtr>& conditions) {
  std::map<ColumnId, ExprPtr> pinned;
  for (const ExprPtr& condition : conditions) {
    if (condition->kind != ExprKind::kCall || condition->function->name != "=" || condition->args.size() != 2) continue;
    const ExprPtr &left = condition->args[0], &right = condition->args[1];
    // Integers only: equal numerics may print differently (1.0 and 1.00).
    if (left->kind == ExprKind::kColumn && right->kind == ExprKind::kConstant && left->type.is_integer() && left->type == right->type &&
        !right->constant.is_null()) {
      pinned[left->column] = right;
    }
  }
  return pinned;
}

LogicalPtr Swap(const LogicalPtr& node, const std::map<const LogicalNode*, int>& consumers) {
  const auto* filter = node->As<FilterOp>();
  if (filter == nullptr) return node;
  const LogicalPtr& computed = node->inputs[0];
  const auto* project = computed->As<ProjectOp>();
  const auto count = consumers.find(computed.get());
  if (project == nullptr || !computed->of_source || count == consumers.end() || count->second != 1) return node;
  std::vector<ExprPtr> below, above;
  for (const ExprPtr& condition : Conjuncts(filter->predicate)) {
    std::vector<ColumnId> columns;
    CollectColumns(*condition, &columns);
    const bool reads = std::any_of(columns.begin(), columns.end(), [&](ColumnId id) {
      return std::any_of(project->columns.begin(), project->columns.end(), [&](const auto& column) { return column.first.id == id; });
    });
    (reads || IsFallible(*condition) ? above : below).push_back(condition);
  }
  if (below.empty()) return node;
  const auto pinned = PinnedColumns(below);
  const LogicalPtr& input = computed->inputs[0];
  const LogicalPtr lower = MakeNode(FilterOp{MakeAnd(below)}, {input}, input->output(), node->op.query, node->op.on_error);
  auto upper = std::make_shared<LogicalNode>(*WithInputs(*computed, {lower}));
  ForEachExpr(&upper->op, [&](ExprPtr* expr) { *expr = FoldConstants(ReplaceColumns(*expr, pinned)); });
  if (above.empty()) return upper;
  return MakeNode(FilterOp{MakeAnd(above)}, {upper}, node->output(), node->op.query, node->op.on_error);
}

class SourceFilter final : public Rule {
 public:
  std::string_view name() const override { return "source_filter"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    // Of the nodes as they are: filters are met on top of projections that this rule has not touched.
    const auto consumers = ConsumerCounts(*plan);
    RewriteBottomUp(plan, [&](const LogicalPtr& node) { return Swap(node, consumers); });
  }
};

}  // namespace

std::unique_ptr<Rule> MakeSourceFilter() { return std::make_unique<SourceFilter>(); }

}  // namespace kappa
