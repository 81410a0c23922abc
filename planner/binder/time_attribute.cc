#include "planner/binder/time_attribute.h"

#include <algorithm>
#include <numeric>

namespace kappa {
namespace {

int64_t FloorModulo(int64_t value, int64_t divisor) {
  const int64_t rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

TimeAttribute OnGrid(TimeAttribute time, int64_t grid, int64_t residue) {
  time.grid = grid;
  time.residue = grid > 0 ? FloorModulo(residue, grid) : 0;
  return time;
}

// Of a key of a windowed aggregate: its groups are final once the watermark, less the window's lag, has passed their end. A window's start lies
// `size` before its last end; where a session begins nobody knows.
std::optional<TimeAttribute> OfWindow(const WindowSpec& window, ColumnId column) {
  const bool session = window.kind == WindowSpec::Kind::kSession, cumulate = window.kind == WindowSpec::Kind::kCumulate;
  TimeAttribute time;
  time.derived = true;
  if (column == window.end) {
    time.lag = window.lag;
    return session ? time : OnGrid(time, window.slide, window.offset + window.size);
  }
  if (column != window.start || session) return std::nullopt;
  time.lag = window.lag + window.size;
  return OnGrid(time, cumulate ? window.size : window.slide, window.offset);
}

// time + interval, time - interval: how much is added; nullopt for any other expression.
std::optional<int64_t> Shift(const Expr& expr) {
  if (expr.kind != ExprKind::kCall || expr.function->kind != FunctionKind::kOperator || expr.args.size() != (expr.function->zoned ? 3 : 2))
    return std::nullopt;
  if (expr.function->name != "-" && expr.function->name != "+") return std::nullopt;
  const Expr& by = *expr.args[1];
  if (expr.args[0]->kind != ExprKind::kColumn || by.kind != ExprKind::kConstant || by.type.id() != TypeId::kInterval || by.constant.is_null())
    return std::nullopt;
  const Interval& interval = by.constant.as_interval();
  const bool zoned = expr.type.id() == TypeId::kTimestampTz;  // whose days differ in length
  if (interval.months != 0 || (interval.days != 0 && zoned) || std::abs(int64_t{interval.days}) > 36'500) return std::nullopt;
  const int64_t micros = interval.days * int64_t{86'400'000'000} + interval.micros;
  if (std::abs(micros) > INT64_MAX / 8) return std::nullopt;
  return expr.function->name == "-" ? -micros : micros;
}

std::optional<TimeAttribute> OfProject(const LogicalNode& node, const ProjectOp& project, ColumnId column) {
  for (const auto& [made, expr] : project.columns) {
    if (made.id != column) continue;
    if (expr->kind == ExprKind::kColumn) return FindTimeAttribute(*node.inputs[0], expr->column);
    const std::optional<int64_t> shift = Shift(*expr);
    if (!shift) return std::nullopt;
    std::optional<TimeAttribute> time = FindTimeAttribute(*node.inputs[0], expr->args[0]->column);
    if (!time || !time->derived) return std::nullopt;  // whether a row is late is asked of the source's own column
    time->lag -= *shift;
    return OnGrid(*time, time->grid, time->residue + *shift);
  }
  return FindTimeAttribute(*node.inputs[0], column);
}

// Rows leave an interval or window join until the watermark is past their expiry.
std::optional<TimeAttribute> OfJoin(const LogicalNode& node, const JoinOp& join, ColumnId column) {
  using Kind = JoinOp::Kind;
  if (!join.left_expiry || !node.op.append_only || join.kind == Kind::kFull) return std::nullopt;
  const bool left = FindColumn(node.inputs[0]->output(), column) != nullptr;
  if (!left && join.kind != Kind::kInner) return std::nullopt;
  const LogicalNode& side = *node.inputs[left ? 0 : 1];
  const Expiry& expiry = left ? *join.left_expiry : *join.right_expiry;
  const auto attribute = [&](ColumnId id) {
    const std::optional<TimeAttribute> bound = FindWindowBound(side, id);
    return bound ? bound : FindTimeAttribute(side, id);
  };
  std::optional<TimeAttribute> time = attribute(column), end = attribute(expiry.time);
  if (!time || !end) return std::nullopt;
  if (column == expiry.time) {
    time->lag = std::max<int64_t>(time->lag, std::max<int64_t>(expiry.add, 0));
  } else {  // the other bound of a window
    if (!time->derived || !end->derived) return std::nullopt;
    time->lag = std::max(time->lag, time->lag - end->lag + std::max<int64_t>(expiry.add, 0));
  }
  time->derived = true;
  return time;
}

std::optional<TimeAttribute> OfUnion(const LogicalNode& node, const UnionOp& u, ColumnId column) {
  std::optional<TimeAttribute> all;
  for (size_t c = 0; c < node.output().size(); ++c) {
    if (node.output()[c].id != column) continue;
    for (size_t i = 0; i < u.inputs.size(); ++i) {
      const std::optional<TimeAttribute> one = FindTimeAttribute(*node.inputs[i], u.inputs[i][c]);
      if (!one) return std::nullopt;
      if (!all) {
        all = one;
        continue;
      }
      if (one->grid != all->grid || one->residue != all->residue) all->grid = all->residue = 0;
      all->lag = std::max(all->lag, one->lag);
      all->derived &= one->derived;
    }
  }
  return all;
}

// The rows of a partition change while rows come into it; where it expires, that ends.
std::optional<TimeAttribute> OfRanked(const LogicalNode& node, ColumnId column) {
  if (node.op.append_only) return FindTimeAttribute(*node.inputs[0], column);
  const auto* top = node.As<TopNOp>();
  const auto* over = node.As<OverOp>();
  const std::vector<ColumnId>& partition = top != nullptr ? top->partition : over->partition;
  if (!(top != nullptr ? top->expiry : over->expiry) || std::find(partition.begin(), partition.end(), column) == partition.end()) return std::nullopt;
  const std::optional<TimeAttribute> time = FindTimeAttribute(*node.inputs[0], column);
  return time && time->derived ? time : FindWindowBound(*node.inputs[0], column);
}

}  // namespace

std::optional<TimeAttribute> FindTimeAttribute(const LogicalNode& node, ColumnId column) {
  if (column == kNoColumn) return std::nullopt;
  if (const auto* watermark = node.As<WatermarkOp>()) return watermark->time == column ? std::optional<TimeAttribute>(TimeAttribute()) : std::nullopt;
  if (const auto* aggregate = node.As<AggregateOp>()) return aggregate->window ? OfWindow(*aggregate->window, column) : std::nullopt;
  if (const auto* u = node.As<UnionOp>()) return OfUnion(node, *u, column);
  if (const auto* join = node.As<JoinOp>()) return OfJoin(node, *join, column);
  if (node.As<TopNOp>() || node.As<OverOp>()) return OfRanked(node, column);
  if (const auto* project = node.As<ProjectOp>()) return OfProject(node, *project, column);
  if (node.As<FilterOp>() || node.As<WindowOp>() || node.As<LateCheckOp>() || node.As<TableFunctionOp>())
    return FindTimeAttribute(*node.inputs[0], column);
  return std::nullopt;
}

std::optional<TimeAttribute> FindWindowBound(const LogicalNode& node, ColumnId column) {
  if (const auto* window = node.As<WindowOp>(); window != nullptr && (column == window->window.start || column == window->window.end)) {
    const std::optional<TimeAttribute> time = FindTimeAttribute(*node.inputs[0], window->window.time);
    if (!time) return std::nullopt;
    WindowSpec spec = window->window;
    spec.lag = WindowLag(*time, spec);
    return OfWindow(spec, column);
  }
  if (const auto* project = node.As<ProjectOp>()) {
    for (const auto& [made, expr] : project->columns) {
      if (made.id == column) return expr->kind == ExprKind::kColumn ? FindWindowBound(*node.inputs[0], expr->column) : std::nullopt;
    }
  }
  if (node.As<ProjectOp>() || node.As<FilterOp>() || node.As<WindowOp>() || node.As<LateCheckOp>() || node.As<TableFunctionOp>())
    return FindWindowBound(*node.inputs[0], column);
  return std::nullopt;
}

std::optional<Expiry> FindExpiry(const LogicalNode& node, ColumnId column) {
  std::optional<TimeAttribute> time = FindTimeAttribute(node, column);
  if (!time || !time->derived) time = FindWindowBound(node, column);
  if (!time) return std::nullopt;
  return Expiry{column, time->lag - 1};
}

std::optional<ShiftedColumn> FindShiftedColumn(const Expr& expr) {
  if (expr.kind == ExprKind::kColumn) return ShiftedColumn{expr.column, 0};
  const std::optional<int64_t> by = Shift(expr);
  if (!by) return std::nullopt;
  return ShiftedColumn{expr.args[0]->column, *by};
}

LogicalPtr WithCurrentWatermark(const LogicalPtr& node, ColumnId time, const Column& current) {
  auto copy = std::make_shared<LogicalNode>(*node);
  if (auto* watermark = std::get_if<WatermarkOp>(&copy->op.op)) {
    if (watermark->time != time) return nullptr;
    watermark->current = current.id;
  } else if (node->As<FilterOp>() || node->As<ProjectOp>() || node->As<WindowOp>() || node->As<LateCheckOp>() || node->As<TableFunctionOp>()) {
    const LogicalPtr input = WithCurrentWatermark(node->inputs[0], time, current);
    if (input == nullptr) return nullptr;
    copy->inputs = {input};
  } else {
    return nullptr;
  }
  if (FindColumn(copy->op.output, current.id) == nullptr) copy->op.output.push_back(current);
  return copy;
}

// A window that ends at e has all its rows once every value below e has come. On a grid the greatest of them lies `below` before e; over windows
// whose ends are not on the grid, the nearest that it may come.
int64_t WindowLag(const TimeAttribute& time, const WindowSpec& window) {
  // A row joins a session at its very end, and is not late until its time is behind the watermark.
  if (window.kind == WindowSpec::Kind::kSession) return time.derived ? std::max<int64_t>(time.lag, 0) : 1;
  if (!time.derived) return 0;
  int64_t below = 0;
  if (time.grid > 0) {
    const int64_t common = std::gcd(time.grid, window.slide);
    const int64_t end = window.offset + (window.kind == WindowSpec::Kind::kHop ? window.size : 0);
    below = FloorModulo(end - time.residue - 1, common) + 1;
  }
  return std::max<int64_t>(time.lag - below, 0);
}

}  // namespace kappa
