// Windows of the clock: TUMBLE(t, PROCTIME(), ...), and over a column p AS PROCTIME().
//
//   Window(p) <- Watermark(p, processing time) <- Project(p = proctime()) <- ... <- Scan
#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

// The plan with its source read for the clock alone: other watermarks would move the same partitions' time. nullptr: it is more than a source with
// conditions and computed columns.
LogicalPtr ForClock(const LogicalPtr& node) {
  if (const auto* scan = node->As<ScanOp>()) {
    auto copy = std::make_shared<LogicalNode>(*node);
    auto& mine = std::get<ScanOp>(copy->op.op);
    mine = *scan;
    mine.asks_clock = mine.processing_time = true;
    return copy;
  }
  if (!node->As<WatermarkOp>() && !node->As<FilterOp>() && !node->As<ProjectOp>()) return nullptr;
  LogicalPtr input = ForClock(node->inputs[0]);
  if (input == nullptr || node->As<WatermarkOp>()) return input;
  return WithInputs(*node, {input});
}

}  // namespace

bool IsProcTime(const ast::Expression& expression) {
  const auto* call = ast::As<ast::Call>(expression);
  return call != nullptr && call->name.parts.size() == 1 && call->name.last().name == "proctime" && call->arguments.empty();
}

bool QueryBinder::IsClock(const LogicalNode& node, ColumnId column) {
  if (const auto* project = node.As<ProjectOp>()) {
    for (const auto& [made, expr] : project->columns) {
      if (made.id == column) return expr->kind == ExprKind::kCall && expr->function->name == "proctime";
    }
  }
  if (!node.As<ProjectOp>() && !node.As<FilterOp>() && !node.As<WatermarkOp>()) return false;
  return IsClock(*node.inputs[0], column);
}

Status QueryBinder::FollowClock(ColumnId column, TextRange range, Relation* relation) {
  const LogicalPtr plan = ForClock(relation->plan);
  if (plan == nullptr) return NotSupported("a window of PROCTIME() over anything but a source", range);
  WatermarkOp watermark;
  watermark.time = column;
  watermark.processing_time = true;
  watermark.on_error = context_->on_error;
  relation->plan = context_->Node(std::move(watermark), {plan}, plan->output());
  return OkStatus();
}

StatusOr<ExprPtr> QueryBinder::ProcessingTime(Relation* relation, TextRange range) {
  ASSIGN_OR_RETURN(const ExprPtr clock, CallFunction(context_, "proctime", {}, range));
  const Column column = context_->NewColumn("proctime", clock->type, clock->nullable);
  std::vector<Column> output = relation->plan->output();
  output.push_back(column);
  relation->plan = context_->Node(ProjectOp{{{column, clock}}}, {relation->plan}, std::move(output));
  RETURN_IF_ERROR(FollowClock(column.id, range, relation));
  return MakeColumn(column);
}

}  // namespace kappa
