// Window functions and top-N over a window's rows, whose partitions are over once the watermark has passed the window:
//
//   Over(partition window_end, k)  <- ... <- Window(ts) <- LateCheck(ts) <- ... <- Watermark(ts)
//   TopN(partition window_end)     <- ... <- Aggregate(window_end, k), that drops its own groups then
//
// And window functions in the order of a time that follows a watermark, which look back only so far: rows before their frames can go.
//
//   Over(partition k, order ts, ... ROWS 3 PRECEDING)  <- LateCheck(ts) <- ... <- Watermark(ts)
//
// Late rows are told at the first temporal operator that they meet, as those of an aggregate are.
#include <algorithm>

#include "planner/binder/query.h"
#include "planner/binder/time_attribute.h"

namespace kappa {
namespace {

// A span that is as long at any time.
bool IsFixedSpan(const Expr& offset) {
  return offset.kind == ExprKind::kConstant && offset.type.id() == TypeId::kInterval && !offset.constant.is_null() &&
         offset.constant.as_interval().months == 0;
}

// Does it read rows before its own alone, and no further back than a known number of rows, or a known time?
bool LooksBackOnly(const OverOp::Function& function) {
  using Bound = OverOp::Bound;
  const std::vector<ExprPtr>& args = function.call.args;
  if (function.kind == WindowFunction::kLag)
    return !function.ignore_nulls && args[1]->kind == ExprKind::kConstant && (args[1]->constant.is_null() || args[1]->constant.as_int() >= 0);
  if (function.kind < WindowFunction::kFirstValue) return false;
  const OverOp::Frame& frame = function.frame;
  const auto back = [](Bound bound) { return bound == Bound::kPreceding || bound == Bound::kCurrentRow; };
  if (!back(frame.start) || !back(frame.end) || frame.mode == OverOp::Mode::kGroups) return false;
  if (frame.start == Bound::kCurrentRow) return true;
  return frame.mode == OverOp::Mode::kRows ? frame.start_offset->kind == ExprKind::kConstant : IsFixedSpan(*frame.start_offset);
}

// When rows are over: none comes before them any more. `late`: they may be late.
std::optional<Expiry> FindOrderExpiry(const LogicalNode& input, const OverOp& over, bool* late) {
  if (!input.op.append_only || over.order.empty() || over.order[0].descending) return std::nullopt;
  if (!std::all_of(over.functions.begin(), over.functions.end(), LooksBackOnly)) return std::nullopt;
  const Column* column = FindColumn(input.output(), over.order[0].column);
  if (column == nullptr || (column->type.id() != TypeId::kTimestamp && column->type.id() != TypeId::kTimestampTz)) return std::nullopt;
  const std::optional<TimeAttribute> time = FindTimeAttribute(input, column->id);
  if (!time) return std::nullopt;
  *late = !time->derived;
  return Expiry{column->id, time->derived ? time->lag - 1 : 0};
}

}  // namespace

LogicalPtr QueryBinder::ExpirePartitions(const LogicalPtr& node) {
  const auto* over = node->As<OverOp>();
  const auto* top = node->As<TopNOp>();
  if (over == nullptr && top == nullptr) return node;
  LogicalPtr input = ExpirePartitions(node->inputs[0]);
  std::optional<Expiry> expiry;
  for (ColumnId id : over != nullptr ? over->partition : top->partition) {
    const std::optional<Expiry> one = FindExpiry(*input, id);
    if (one && (!expiry || one->add < expiry->add)) expiry = one;  // the end of a window rather than its start
  }
  bool late = false;
  if (expiry) {
    input = CheckLatenessOfWindow(input, {*FindColumn(input->output(), expiry->time)});
  } else if (over != nullptr) {
    expiry = FindOrderExpiry(*input, *over, &late);
    if (late) {
      WindowSpec at_time;
      at_time.kind = WindowSpec::Kind::kSession;  // whose rows are late once they are behind the watermark
      at_time.time = expiry->time;
      input = CheckLateness(input, at_time);
    }
  }
  if (!expiry && input == node->inputs[0]) return node;
  auto copy = std::make_shared<LogicalNode>(*WithInputs(*node, {input}));
  if (over != nullptr) {
    std::get<OverOp>(copy->op.op).expiry = expiry;
  } else {
    std::get<TopNOp>(copy->op.op).expiry = expiry;
  }
  return copy;
}

}  // namespace kappa
