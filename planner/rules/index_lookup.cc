// index_lookup: of a view or table only the rows are read that a condition names by values.
//
//   Filter(k = 1 AND p) over ViewScan(v), v's key or an index is (k)    ->    Filter(k = 1 AND p) over ViewScan(v, lookup k = 1)
//
// Keeps: schema, keys. The filter stays: it is cheap, and what is looked up is compared as keys are.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

// Of the column's type: the same, or an integer that fits.
ExprPtr OfType(const ExprPtr& value, const Type& type) {
  if (value->type.SameId(type)) return value;
  if (!value->type.is_integer() || !type.is_integer() || value->kind != ExprKind::kConstant || value->constant.is_null()) return nullptr;
  const int64_t number = value->constant.as_int();
  const bool fits = type.id() == TypeId::kInt8 || (type.id() == TypeId::kInt4 && number == static_cast<int32_t>(number)) ||
                    (type.id() == TypeId::kInt2 && number == static_cast<int16_t>(number));
  return fits ? MakeConstant(value->constant, type) : nullptr;
}

// Does the predicate say that the column is one value? nullptr: no.
ExprPtr ValueOf(const Expr& predicate, const Column& column) {
  if (predicate.kind != ExprKind::kCall || predicate.function->kind != FunctionKind::kOperator || predicate.function->name != "=" ||
      predicate.args.size() != 2) {
    return nullptr;
  }
  for (size_t side = 0; side < 2; ++side) {
    const Expr& given = *predicate.args[side];
    const ExprPtr& value = predicate.args[1 - side];
    if (given.kind != ExprKind::kColumn || given.column != column.id) continue;
    std::vector<ColumnId> columns;
    CollectColumns(*value, &columns);
    if (columns.empty()) return OfType(value, column.type);
  }
  return nullptr;
}

class IndexLookup final : public Rule {
 public:
  std::string_view name() const override { return "index_lookup"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override {
    auto consumers = ConsumerCounts(*plan);
    RewriteBottomUp(plan, [&](const LogicalPtr& node) -> LogicalPtr {
      const auto* filter = node->As<FilterOp>();
      if (filter == nullptr || consumers[node->inputs[0].get()] > 1) return node;
      const auto* scan = node->inputs[0]->As<ViewScanOp>();
      if (scan == nullptr || !scan->equal.empty()) return node;
      const auto indexes = program->indexes.find(scan->view);
      if (indexes == program->indexes.end()) return node;
      std::map<int, ExprPtr> values;  // by position in the view
      for (const ExprPtr& conjunct : Conjuncts(filter->predicate)) {
        for (size_t i = 0; i < scan->columns.size(); ++i) {
          if (ExprPtr value = ValueOf(*conjunct, node->inputs[0]->output()[i])) values.emplace(scan->columns[i], std::move(value));
        }
      }
      const std::vector<int>* best = nullptr;
      for (const std::vector<int>& index : indexes->second) {
        const bool covered = std::all_of(index.begin(), index.end(), [&](int column) { return values.count(column) != 0; });
        if (covered && !index.empty() && (best == nullptr || index.size() > best->size())) best = &index;
      }
      if (best == nullptr) return node;
      auto looked_up = std::make_shared<LogicalNode>(*node->inputs[0]);
      auto& equal = std::get<ViewScanOp>(looked_up->op.op).equal;
      for (int column : *best) equal.emplace_back(column, values.at(column));
      return WithInputs(*node, {looked_up});
    });
  }
};

}  // namespace

std::unique_ptr<Rule> MakeIndexLookup() { return std::make_unique<IndexLookup>(); }

}  // namespace kappa
