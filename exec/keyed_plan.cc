#include "exec/keyed_plan.h"

#include <algorithm>

#include "planner/dataflow/equal_forms.h"

namespace kappa {
RowLayout LayoutOf(const std::vector<Column>& columns) {
  std::vector<RowLayout::Column> parts;
  for (const Column& column : columns) parts.push_back({column.type, column.nullable});
  return RowLayout(parts);
}

namespace {

const Column* Find(const std::vector<Column>& columns, ColumnId id) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.id == id; });
  return found == columns.end() ? nullptr : &*found;
}

// What a key is compared as: numerics of every precision alike, and never NULL where a NULL matches nothing.
Column KeyColumn(Column column, bool nullable) {
  if (column.type.id() == TypeId::kNumeric) column.type = Type(TypeId::kNumeric);
  column.nullable = nullable;
  return column;
}

// The columns of `input` that are in `wanted`, in the order of the input.
std::vector<Column> Wanted(const PlanOperator& input, const std::vector<ColumnId>& wanted) {
  std::vector<Column> columns;
  for (const Column& column : input.output) {
    if (std::find(wanted.begin(), wanted.end(), column.id) != wanted.end()) columns.push_back(column);
  }
  return columns;
}

void SetRow(std::vector<Column> columns, KeyedPlan::Input* input) {
  input->layout = LayoutOf(columns);
  input->columns = std::move(columns);
}

void SetKey(std::vector<Column> keys, KeyedPlan::Input* input) {
  input->key = LayoutOf(keys);
  input->keys = std::move(keys);
}

void PlanJoin(const PlanOperator& op, const JoinOp& join, const std::vector<const PlanOperator*>& inputs, KeyedPlan* plan) {
  std::vector<ColumnId> wanted;
  for (const Column& column : op.output) wanted.push_back(column.id);
  if (join.condition) CollectColumns(*join.condition, &wanted);
  if (join.closest) wanted.insert(wanted.end(), {join.closest->left, join.closest->right});
  if (join.left_expiry) wanted.insert(wanted.end(), {join.left_expiry->time, join.right_expiry->time});
  using Kind = JoinOp::Kind;
  for (size_t side = 0; side < 2; ++side) {
    KeyedPlan::Input input;
    input.append_only = inputs[side]->append_only;
    input.passes_unmatched = join.kind == Kind::kFull || (side == 0 && join.kind != Kind::kInner && join.kind != Kind::kSemi);
    std::vector<Column> keys;
    for (const JoinOp::Key& key : join.keys) {
      const Column *left = Find(inputs[0]->output, key.left), *right = Find(inputs[1]->output, key.right);
      keys.push_back(KeyColumn(side == 0 ? *left : *right, key.null_safe && (left->nullable || right->nullable)));
      input.null_safe.push_back(key.null_safe);
    }
    SetKey(std::move(keys), &input);
    SetRow(Wanted(*inputs[side], wanted), &input);
    plan->inputs.push_back(std::move(input));
  }
  const bool left_absent = join.kind == Kind::kFull, right_absent = left_absent || join.kind == Kind::kLeft || join.kind == Kind::kSingle;
  plan->parts.push_back({plan->inputs[0].columns, plan->inputs[0].layout, left_absent});
  plan->parts.push_back({plan->inputs[1].columns, plan->inputs[1].layout, right_absent});
}

// One input, partitioned, whose rows are given with columns that are computed.
void PlanPartitioned(const PlanOperator& op, const PlanOperator& below, const std::vector<ColumnId>& partition, std::vector<ColumnId> wanted,
                     std::vector<Column> computed, KeyedPlan* plan) {
  for (const Column& column : op.output) wanted.push_back(column.id);
  KeyedPlan::Input input;
  input.append_only = below.append_only;
  std::vector<Column> keys;
  for (ColumnId id : partition) {
    const Column* column = Find(below.output, id);
    keys.push_back(KeyColumn(*column, column->nullable));
    input.null_safe.push_back(true);
  }
  SetKey(std::move(keys), &input);
  SetRow(Wanted(below, wanted), &input);
  plan->parts.push_back({input.columns, input.layout, false});
  if (!computed.empty()) {
    RowLayout layout = LayoutOf(computed);
    plan->parts.push_back({std::move(computed), std::move(layout), false});
  }
  plan->inputs.push_back(std::move(input));
}

void PlanOver(const PlanOperator& op, const OverOp& over, const PlanOperator& below, KeyedPlan* plan) {
  std::vector<ColumnId> wanted;
  std::vector<Column> computed;
  for (const SortOp::Key& key : over.order) wanted.push_back(key.column);
  for (const OverOp::Function& function : over.functions) {
    for (const ExprPtr& arg : function.call.args) CollectColumns(*arg, &wanted);
    for (const AggregateOrder& key : function.call.order) CollectColumns(*key.expr, &wanted);
    if (function.call.filter) CollectColumns(*function.call.filter, &wanted);
    computed.push_back({function.call.output, function.call.name, function.call.type, function.call.nullable});
  }
  PlanPartitioned(op, below, over.partition, std::move(wanted), std::move(computed), plan);
}

void PlanTopN(const PlanOperator& op, const TopNOp& top, const PlanOperator& below, KeyedPlan* plan) {
  std::vector<ColumnId> wanted;
  for (const SortOp::Key& key : top.order) wanted.push_back(key.column);
  std::vector<Column> computed;
  if (top.rank.id != kNoColumn) computed.push_back(top.rank);
  PlanPartitioned(op, below, top.partition, std::move(wanted), std::move(computed), plan);
}

void PlanSetOperation(const PlanOperator& op, const std::vector<const PlanOperator*>& inputs, KeyedPlan* plan) {
  // Beside the key the row as it came, where that may print differently; it is laid out as the key. What only grows keeps the key's form.
  const bool forms = !IsRecursive(op) && !op.append_only && HasEqualForms(op.output);
  std::vector<Column> keys;
  for (const Column& column : op.output) keys.push_back(KeyColumn(column, column.nullable));
  for (const PlanOperator* below : inputs) {
    KeyedPlan::Input input;
    input.append_only = below->append_only;
    input.null_safe.assign(keys.size(), true);
    SetKey(keys, &input);
    SetRow(forms ? keys : std::vector<Column>(), &input);
    plan->inputs.push_back(std::move(input));
  }
  plan->parts.push_back({op.output, plan->inputs[0].key, false});
}

}  // namespace

bool IsKeyed(const PlanOperator& op) {
  return op.As<JoinOp>() || op.As<TopNOp>() || op.As<OverOp>() || op.As<SetOperationOp>() || op.As<TemporalFilterOp>();
}

KeyedPlan MakeKeyedPlan(const PlanOperator& op, const std::vector<const PlanOperator*>& inputs) {
  KeyedPlan plan;
  plan.append_only = op.append_only;
  if (const auto* join = op.As<JoinOp>()) PlanJoin(op, *join, inputs, &plan);
  if (const auto* top = op.As<TopNOp>()) PlanTopN(op, *top, *inputs[0], &plan);
  if (const auto* over = op.As<OverOp>()) PlanOver(op, *over, *inputs[0], &plan);
  if (op.As<SetOperationOp>()) PlanSetOperation(op, inputs, &plan);
  if (const auto* filter = op.As<TemporalFilterOp>()) {
    std::vector<ColumnId> wanted;
    for (ColumnId id : {filter->from, filter->until}) {
      if (id != kNoColumn) wanted.push_back(id);
    }
    PlanPartitioned(op, *inputs[0], {}, std::move(wanted), {}, &plan);
    plan.inputs[0].hash_row = true;
  }
  return plan;
}

}  // namespace kappa
