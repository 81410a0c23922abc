// gap_fill(table, time, step, locf(column) | interpolate(column) ..., partition_by => columns) in FROM.
#include <algorithm>
#include <map>

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

bool IsHeld(const GapFillOp& fill, ColumnId id) { return std::find(fill.partition.begin(), fill.partition.end(), id) != fill.partition.end(); }

// What a filled row takes from its neighbours, beside the time of the later one.
struct Neighbours {
  Column next_time;
  std::map<ColumnId, Column> values;  // interpolate: the later one's; locf: the last that was not NULL, up to the earlier one
};

LogicalPtr WithNeighbours(BindContext* context, const LogicalPtr& input, const GapFillOp& fill, Neighbours* out) {
  OverOp over;
  over.partition = fill.partition;
  over.user_keys = 1;
  over.order.push_back({fill.time, false, false});
  std::vector<Column> output = input->output();
  const auto add = [&](WindowFunction kind, const Column& of, std::string name) {
    OverOp::Function function;
    function.kind = kind;
    AggregateCall& call = function.call;
    const Column made = context->NewColumn(name, of.type, true);
    call.output = made.id;
    call.name = std::move(name);
    call.type = of.type;
    call.args = {MakeColumn(of)};
    if (kind == WindowFunction::kLead) {
      call.args.insert(call.args.end(), {MakeConstant(Datum::Int(1), TypeId::kInt4), MakeConstant(Datum(), of.type)});
    } else {
      function.ignore_nulls = of.nullable;
      function.frame.mode = OverOp::Mode::kRows;
    }
    output.push_back(made);
    over.functions.push_back(std::move(function));
    return made;
  };
  out->next_time = add(WindowFunction::kLead, *FindColumn(input->output(), fill.time), "next_time");
  for (const Column& column : input->output()) {
    const auto found = std::find_if(fill.fills.begin(), fill.fills.end(), [&](const auto& one) { return one.first == column.id; });
    if (found == fill.fills.end()) continue;
    over.order.push_back({column.id, false, false});  // of rows at one time the last one is filled from
    const bool last = found->second == GapFillOp::Fill::kLast;
    out->values[column.id] = add(last ? WindowFunction::kLastValue : WindowFunction::kLead, column, last ? "last" : "next");
  }
  return context->Node(std::move(over), {input}, std::move(output));
}

ExprPtr Renamed(const ExprPtr& expr, const std::map<ColumnId, Column>& names) {
  if (expr->kind == ExprKind::kColumn) {
    const auto found = names.find(expr->column);
    return found == names.end() ? expr : MakeColumn(found->second);
  }
  auto copy = std::make_shared<Expr>(*expr);
  for (ExprPtr& arg : copy->args) arg = Renamed(arg, names);
  return copy;
}

}  // namespace

// Where it is maintained:
//
//   Project(time + k * step, ... CASE WHEN k > 0 ...) <- generate_series(0, rows to the next one) k <- Over(next and last values) <- input
StatusOr<Relation> QueryBinder::MaintainedFill(Relation relation, const GapFillOp& fill, TextRange range) {
  const LogicalPtr input = relation.plan;
  Neighbours neighbours;
  const LogicalPtr over = WithNeighbours(context_, input, fill, &neighbours);
  const auto call = [&](std::string_view name, std::vector<ExprPtr> args) { return CallFunction(context_, name, std::move(args), range); };
  const ExprPtr time = MakeColumn(*FindColumn(input->output(), fill.time)), next_time = MakeColumn(neighbours.next_time);
  const ExprPtr step = MakeConstant(Datum::Int(fill.step), TypeId::kInt8), zero = MakeConstant(Datum::Int(0), TypeId::kInt8);
  ASSIGN_OR_RETURN(ExprPtr rows, call("kappa_gap_rows", {time, next_time, step}));
  rows = MakeExpr(ExprKind::kCoalesce, TypeId::kInt8, false, {std::move(rows), zero});
  TableFunctionOp series;
  series.function = "generate_series(bigint)";
  series.args = {zero, std::move(rows)};
  const Column k = context_->NewColumn("gap", TypeId::kInt8, false);
  series.columns = {k};
  std::vector<Column> output = over->output();
  output.push_back(k);
  const LogicalPtr spread = context_->Node(std::move(series), {over}, std::move(output));

  ASSIGN_OR_RETURN(const ExprPtr filled, CallOperator(context_, ">", {MakeColumn(k), zero}, range));
  ASSIGN_OR_RETURN(const ExprPtr part, CallOperator(context_, "*", {MakeColumn(k), step}, range));
  ASSIGN_OR_RETURN(const ExprPtr whole, call("kappa_gap_length", {time, next_time}));
  std::map<ColumnId, Column> names;
  ProjectOp project;
  std::vector<Column> shown;
  for (const Column& column : input->output()) {
    if (IsHeld(fill, column.id) && column.id != fill.time) {
      shown.push_back(column);
      continue;
    }
    const ExprPtr own = MakeColumn(column);
    ExprPtr value = MakeConstant(Datum(), column.type);
    const auto how = std::find_if(fill.fills.begin(), fill.fills.end(), [&](const auto& one) { return one.first == column.id; });
    if (column.id == fill.time) {
      ASSIGN_OR_RETURN(value, call("kappa_gap_time", {own, MakeColumn(k), step}));
    } else if (how != fill.fills.end()) {
      value = MakeColumn(neighbours.values.at(column.id));
      if (how->second == GapFillOp::Fill::kInterpolate) { ASSIGN_OR_RETURN(value, call("kappa_interpolate", {own, value, part, whole})); }
    }
    const Column made = context_->NewColumn(column.name, column.type, column.id != fill.time || column.nullable);
    if (column.id != fill.time) value = MakeExpr(ExprKind::kCase, column.type, true, {filled, std::move(value), own});
    names[column.id] = made;
    project.columns.emplace_back(made, std::move(value));
    shown.push_back(made);
  }
  for (ScopeColumn& column : relation.scope.columns) {
    if (const auto found = names.find(column.column.id); found != names.end()) {
      const std::string name = column.column.name;
      column.column = found->second;
      column.column.name = name;
    }
    if (column.computed != nullptr) column.computed = Renamed(column.computed, names);
  }
  relation.plan = context_->Node(std::move(project), {spread}, std::move(shown));
  return relation;
}

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
  if (context_->streaming) return MaintainedFill(std::move(relation), fill, call.range);
  // In the rows that it adds everything else may be NULL.
  std::vector<Column> output = relation.plan->output();
  for (Column& column : output) column.nullable |= !held(column.id);
  for (ScopeColumn& column : relation.scope.columns) column.column.nullable |= !held(column.column.id);
  relation.plan = context_->Node(std::move(fill), {relation.plan}, std::move(output));
  return relation;
}

}  // namespace kappa
