// gap_fill(table, time, step, locf(column) | interpolate(column) ..., partition_by => columns) in FROM.
#include <algorithm>

#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

constexpr std::string_view kUsage = "gap_fill(table, time column, step, locf(column) or interpolate(column) ..., partition_by => column)";

Status Wrong(TextRange range, const std::string& what) { return SqlError(sqlstate::kUndefinedFunction, range) << what << Hint(std::string(kUsage)); }

// One strategy: locf(v), interpolate(v).
StatusOr<std::pair<ColumnId, GapFillOp::Fill>> BindFill(const ast::Expression& expression, const Scope& scope) {
  const auto* call = ast::As<ast::Call>(expression);
  const std::string name = call == nullptr ? "" : call->name.last().name;
  if (name != "locf" && name != "interpolate") {
    if (call == nullptr) return Wrong(expression.range, "gap_fill fills columns by locf(column) or interpolate(column)");
    return SqlError(sqlstate::kUndefinedFunction, call->name.range)
           << "gap_fill does not know how to fill by " << name << DidYouMean(name, {"locf", "interpolate"});
  }
  const auto* column = call->arguments.size() == 1 ? ast::As<ast::ColumnName>(*call->arguments[0].value) : nullptr;
  if (column == nullptr) return Wrong(call->range, name + " takes one column");
  ASSIGN_OR_RETURN(const ExprPtr value, ResolveName(scope, column->name));
  if (value->kind != ExprKind::kColumn) return NotSupported(name + " of a field", column->range);
  if (name == "locf") return std::pair(value->column, GapFillOp::Fill::kLast);
  if (!value->type.is_numeric()) {
    return SqlError(sqlstate::kDatatypeMismatch, column->range)
           << "interpolate needs a number: column \"" << column->name.last().name << "\" is of type " << TypeText(value->type)
           << Hint("locf(" + column->name.last().name + ") carries the last value on");
  }
  return std::pair(value->column, GapFillOp::Fill::kInterpolate);
}

}  // namespace

StatusOr<Relation> QueryBinder::BindFilledTable(const ast::Expression& table) {
  if (const auto* subquery = ast::As<ast::Subquery>(table)) {
    RETURN_IF_ERROR(CountRelation(table.range));
    return Bind(*subquery->query, false);
  }
  const auto* name = ast::As<ast::ColumnName>(table);
  if (name == nullptr) return Wrong(table.range, "gap_fill takes a table first");
  ASSIGN_OR_RETURN(Relation relation, BindTable(name->name, std::nullopt));
  RETURN_IF_ERROR(Alias({}, name->name.last().name, &relation));
  return relation;
}

Status QueryBinder::BindFillPartition(const ast::Expression& by, const Scope& scope, GapFillOp* fill) {
  std::vector<const ast::Expression*> columns = {&by};
  if (const auto* row = ast::As<ast::Row>(by)) {
    columns.clear();
    for (const ast::ExpressionPtr& item : row->items) columns.push_back(item.get());
  }
  ExpressionBinder binder(context_, &scope, nullptr, "gap_fill");
  for (const ast::Expression* column : columns) {
    ASSIGN_OR_RETURN(const ExprPtr bound, binder.Bind(*column));
    if (bound->kind != ExprKind::kColumn) return NotSupported("partition_by an expression", column->range);
    fill->partition.push_back(bound->column);
  }
  return OkStatus();
}

StatusOr<Relation> QueryBinder::BindGapFill(const ast::Call& call) {
  if (context_->streaming) {
    return SqlError(sqlstate::kFeatureNotSupported, call.range)
           << "gap_fill in a view or sink is not supported yet" << Hint("fill what a SELECT reads from the view");
  }
  if (call.arguments.size() < 3) return Wrong(call.range, "gap_fill takes a table, a time column and a step");
  ASSIGN_OR_RETURN(Relation relation, BindFilledTable(*call.arguments[0].value));
  GapFillOp fill;
  const auto* time_name = ast::As<ast::ColumnName>(*call.arguments[1].value);
  if (time_name == nullptr) return Wrong(call.arguments[1].value->range, "the second argument of gap_fill is a column");
  ASSIGN_OR_RETURN(const ExprPtr time, ResolveName(relation.scope, time_name->name));
  if (time->kind != ExprKind::kColumn || (time->type.id() != TypeId::kTimestamp && time->type.id() != TypeId::kTimestampTz)) {
    return SqlError(sqlstate::kDatatypeMismatch, time_name->range) << "the time column of gap_fill must be a timestamp, not " << TypeText(time->type);
  }
  fill.time = time->column;
  ASSIGN_OR_RETURN(fill.step, WindowInterval(*call.arguments[2].value, "the step of gap_fill", true));
  for (size_t i = 3; i < call.arguments.size(); ++i) {
    const ast::Argument& argument = call.arguments[i];
    if (argument.name.name.empty()) {
      ASSIGN_OR_RETURN(auto one, BindFill(*argument.value, relation.scope));
      fill.fills.push_back(one);
    } else if (argument.name.name == "partition_by") {
      RETURN_IF_ERROR(BindFillPartition(*argument.value, relation.scope, &fill));
    } else {
      return SqlError(sqlstate::kUndefinedFunction, argument.name.range)
             << "gap_fill has no argument \"" << argument.name.name << "\"" << DidYouMean(argument.name.name, {"partition_by"});
    }
  }
  auto held = [&](ColumnId id) { return id == fill.time || std::find(fill.partition.begin(), fill.partition.end(), id) != fill.partition.end(); };
  for (const auto& [column, how] : fill.fills) {
    if (held(column)) return Wrong(call.range, "gap_fill cannot fill its time column or what it partitions by");
  }
  // In the rows that it adds everything else may be NULL.
  std::vector<Column> output = relation.plan->output();
  for (Column& column : output) column.nullable |= !held(column.id);
  for (ScopeColumn& column : relation.scope.columns) column.column.nullable |= !held(column.column.id);
  relation.plan = context_->Node(std::move(fill), {relation.plan}, std::move(output));
  return relation;
}

}  // namespace kappa
