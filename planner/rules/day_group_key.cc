// day_group_key: a day written as text is grouped by as a date, 4 bytes instead of a text in every state row.
//
//   Aggregate(keys k) over Project(k = to_char(ts, 'YYYY-MM-DD'))    ->    Project(k = to_char(d::timestamp, 'YYYY-MM-DD')) over Aggregate(keys d)
//   over Project(d = ts::date)
//
// NULL stays NULL both ways. Keeps: schema. Needs: no aggregate reads k.
#include <algorithm>

#include "functions/registry.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

bool IsDayText(const Expr& expr) {
  if (expr.kind != ExprKind::kCall || expr.function->name != "to_char" || expr.args.size() != 2) return false;
  const Expr& format = *expr.args[1];
  return expr.args[0]->type.id() == TypeId::kTimestamp && format.kind == ExprKind::kConstant && !format.constant.is_null() &&
         format.type.id() == TypeId::kText && format.constant.as_bytes() == "YYYY-MM-DD";
}

class DayGroupKey final : public Rule {
 public:
  std::string_view name() const override { return "day_group_key"; }

  void Apply(LogicalPlan* plan, ProgramContext* program) const override {
    const FunctionEntry* to_date = FunctionRegistry::Get().FindCast(TypeId::kTimestamp, TypeId::kDate);
    const FunctionEntry* to_timestamp = FunctionRegistry::Get().FindCast(TypeId::kDate, TypeId::kTimestamp);
    if (to_date == nullptr || to_timestamp == nullptr) return;
    const auto consumers = ConsumerCounts(*plan);
    std::map<const LogicalNode*, bool> shared;
    for (const auto& [node, count] : consumers) shared[node] = count > 1;
    RewriteBottomUp(plan, [&](const LogicalPtr& node) -> LogicalPtr {
      const auto* aggregate = node->As<AggregateOp>();
      const auto* project = aggregate != nullptr ? node->inputs[0]->As<ProjectOp>() : nullptr;
      if (project == nullptr || shared[node->inputs[0].get()]) return node;
      std::vector<ColumnId> read;
      for (const AggregateCall& call : aggregate->aggregates) {
        for (const ExprPtr& arg : call.args) CollectColumns(*arg, &read);
        for (const AggregateOrder& key : call.order) CollectColumns(*key.expr, &read);
        if (call.filter) CollectColumns(*call.filter, &read);
      }
      LogicalPtr result = node;
      for (const auto& [column, expr] : project->columns) {
        if (!IsDayText(*expr) || FindColumn(aggregate->keys, column.id) == nullptr) continue;
        if (std::find(read.begin(), read.end(), column.id) != read.end()) continue;
        result = Rewrite(node, column, expr, to_date, to_timestamp, program);
        break;  // one such key; the node has changed
      }
      return result;
    });
  }

 private:
  static LogicalPtr Rewrite(const LogicalPtr& node, const Column& text, const ExprPtr& expr, const FunctionEntry* to_date,
                            const FunctionEntry* to_timestamp, ProgramContext* program) {
    const ExprPtr day_of = MakeCall(to_date, {expr->args[0]}, TypeId::kDate);
    const Column day = program->NewColumn(text.name, TypeId::kDate, day_of->nullable);
    auto project = std::make_shared<LogicalNode>(*node->inputs[0]);
    for (auto& [column, value] : std::get<ProjectOp>(project->op.op).columns) {
      if (column.id != text.id) continue;
      column = day;
      value = day_of;
    }
    std::replace_if(project->op.output.begin(), project->op.output.end(), [&](const Column& c) { return c.id == text.id; }, day);
    auto aggregate = std::make_shared<LogicalNode>(*node);
    auto& keys = std::get<AggregateOp>(aggregate->op.op).keys;
    std::replace_if(keys.begin(), keys.end(), [&](const Column& c) { return c.id == text.id; }, day);
    std::replace_if(aggregate->op.output.begin(), aggregate->op.output.end(), [&](const Column& c) { return c.id == text.id; }, day);
    aggregate->inputs = {project};
    const ExprPtr back = MakeCall(expr->function, {MakeCall(to_timestamp, {MakeColumn(day)}, TypeId::kTimestamp), expr->args[1]}, TypeId::kText);
    return MakeNode(ProjectOp{{{text, back}}}, {aggregate}, node->output(), node->op.query, node->op.on_error);
  }
};

}  // namespace

std::unique_ptr<Rule> MakeDayGroupKey() { return std::make_unique<DayGroupKey>(); }

}  // namespace kappa
