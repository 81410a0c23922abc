#include "exec/runtime/over_plan.h"

#include <algorithm>
#include <cstring>

#include "types/datetime.h"

namespace kappa {
namespace {

using Kind = OverOp::Kind;

// Frames of more rows than this are merged from what nodes know.
constexpr int64_t kWideFrame = 256;

Status CheckRangeOffset(const Datum& offset, const Type& type) {
  bool negative = false;
  switch (type.id()) {
    case TypeId::kInt2:
    case TypeId::kInt4:
    case TypeId::kInt8:
      negative = offset.as_int() < 0;
      break;
    case TypeId::kFloat4:
    case TypeId::kFloat8:
      negative = !(offset.as_float() >= 0);  // NaN too
      break;
    case TypeId::kNumeric:
      negative = offset.as_numeric().kind == Numeric::kNaN || offset.as_numeric().kind == Numeric::kMinusInfinity ||
                 (offset.as_numeric().kind == Numeric::kFinite && offset.as_numeric().mantissa() < 0);
      break;
    case TypeId::kInterval:
      negative = IntervalOrder(offset.as_interval()) < 0;
      break;
    default:
      break;
  }
  if (negative) return SqlError(kInvalidFrameSize) << "invalid preceding or following size in window function";
  return OkStatus();
}

struct EdgeContext {
  const KeyedPlan::Input* input;
  const RowLayout* layout;
  const std::vector<Datum>* parameters;
  bool descending;
  bool has_peers;  // rows are ordered; else all of a partition are peers
};

StatusOr<FrameEdge> MakeEdge(const OverOp::Frame& frame, bool is_begin, const EdgeContext& context) {
  const OverOp::Bound bound = is_begin ? frame.start : frame.end;
  FrameEdge edge;
  if (bound == OverOp::Bound::kUnboundedPreceding || bound == OverOp::Bound::kUnboundedFollowing) return edge;
  if (bound == OverOp::Bound::kCurrentRow && frame.mode != OverOp::Mode::kRows && !context.has_peers) return edge;
  edge.kind = frame.mode == OverOp::Mode::kRows ? FrameEdge::Kind::kRow : FrameEdge::Kind::kGroup;
  if (bound == OverOp::Bound::kCurrentRow) return edge;
  edge.preceding = bound == OverOp::Bound::kPreceding;
  const char* name = is_begin ? "starting" : "ending";
  const ExprPtr& expr = is_begin ? frame.start_offset : frame.end_offset;
  ASSIGN_OR_RETURN(edge.offset, OverArgument::Make(*expr, *context.input, context.layout, *context.parameters));
  if (!edge.offset.is_constant()) return SqlError(sqlstate::kFeatureNotSupported) << "a frame whose offset is not a constant is not supported";
  const Datum& offset = edge.offset.constant();
  if (offset.is_null()) return SqlError(sqlstate::kNullValueNotAllowed) << "frame " << name << " offset must not be null";
  if (frame.mode != OverOp::Mode::kRange) {
    if (offset.as_int() < 0) return SqlError(kInvalidFrameSize) << "frame " << name << " offset must not be negative";
    const int64_t distance = std::min(offset.as_int(), INT64_MAX / 4);
    edge.distance = edge.preceding ? -distance : distance;
    return edge;
  }
  RETURN_IF_ERROR(CheckRangeOffset(offset, expr->type));
  edge.kind = FrameEdge::Kind::kRange;
  edge.shift = edge.preceding != context.descending ? frame.subtract : frame.add;
  if (edge.shift == nullptr || edge.shift->invoke == nullptr)
    return SqlError(sqlstate::kFeatureNotSupported) << "RANGE with an offset is not supported for this type";
  edge.shifted = DescribeType(Type(edge.shift->result));
  return edge;
}

bool IsWide(const FrameEdge& edge) {
  return edge.kind == FrameEdge::Kind::kUnbounded || edge.kind == FrameEdge::Kind::kRange || std::abs(edge.distance) >= kWideFrame;
}

Status PlanAggregate(const OverOp& op, const OverOp::Function& function, const EdgeContext& context, OverPlan* plan, OverCall* call) {
  const AggregateEntry& entry = *function.call.function;
  auto argument = [&](const Expr& expr) { return OverArgument::Make(expr, *context.input, context.layout, *context.parameters); };
  if (function.call.distinct) return SqlError(sqlstate::kFeatureNotSupported) << "DISTINCT is not implemented for window functions";
  call->aggregate = &entry;
  call->arguments.erase(call->arguments.begin(), call->arguments.begin() + static_cast<std::ptrdiff_t>(entry.direct));
  call->columns = call->arguments;
  call->strict = entry.strict < 0 ? call->arguments.size() : static_cast<size_t>(entry.strict);
  if (function.call.filter) {
    if (function.call.filter->kind != ExprKind::kColumn && function.call.filter->kind != ExprKind::kConstant)
      return SqlError(sqlstate::kFeatureNotSupported) << "FILTER with an expression is not supported in a window";
    ASSIGN_OR_RETURN(OverArgument filter, argument(*function.call.filter));
    call->filter.push_back(std::move(filter));
  }
  // Rows leave a frame whose begin moves, and one that leaves peers out.
  const bool only_grows = call->begin.kind == FrameEdge::Kind::kUnbounded && call->exclude == OverOp::Exclude::kNoOthers;
  if (NeedsGeneralForm(function.call, only_grows)) {
    GeneralAggregate::Spec spec;
    spec.entry = &entry;
    spec.arguments = call->arguments.size();
    spec.result = function.call.type;
    CallContext constants;
    for (size_t i = 0; i < entry.direct; ++i) {
      ASSIGN_OR_RETURN(Datum value, Evaluate(*function.call.args[i], &constants, *context.parameters));
      spec.direct.emplace_back(function.call.args[i]->type, std::move(value));
    }
    for (size_t i = entry.direct; i < function.call.args.size(); ++i) spec.columns.push_back(function.call.args[i]->type);
    auto add_order = [&](const Expr& expr, bool descending, bool nulls_first) -> Status {
      ASSIGN_OR_RETURN(OverArgument column, argument(expr));
      spec.order.push_back({spec.columns.size(), descending, nulls_first});
      spec.columns.push_back(expr.type);
      call->columns.push_back(std::move(column));
      return OkStatus();
    };
    for (const AggregateOrder& order : function.call.order) RETURN_IF_ERROR(add_order(*order.expr, order.descending, order.nulls_first));
    if (entry.order_matters && function.call.order.empty()) {  // in the order of the window
      for (const SortOp::Key& key : op.order) {
        const Column& column = context.input->columns[static_cast<size_t>(context.input->Find(key.column))];
        RETURN_IF_ERROR(add_order(*MakeColumn(column), key.descending, key.nulls_first));
      }
    }
    if (spec.columns.size() > GeneralAggregate::kMaxColumns) return SqlError(sqlstate::kTooManyColumns) << "an aggregate orders by too many columns";
    call->general = std::make_shared<const GeneralAggregate>(std::move(spec));
    call->state_bytes = call->general->state_size();
    call->retracts = true;
    return OkStatus();
  }
  call->state_bytes = entry.state_size;
  call->retracts = entry.invertible;
  if (IsWide(call->begin) || IsWide(call->end)) {
    call->summary = plan->summary_bytes;
    plan->summary_bytes += entry.state_size;
  }
  return OkStatus();
}

// Rows where the column is not NULL are counted by themselves.
void PlanPresent(const Expr& argument, const KeyedPlan::Input& input, const RowLayout* layout, OverPlan* plan, OverCall* call) {
  if (argument.kind != ExprKind::kColumn) return;
  const auto column = static_cast<size_t>(input.Find(argument.column));
  if (!input.columns[column].nullable) return;
  const PackedColumn present(layout, column);
  size_t at = 0;
  while (at < plan->present.size() && &plan->present[at].slot() != &present.slot()) ++at;
  if (at == plan->present.size()) plan->present.push_back(present);
  call->present = static_cast<int>(at);
}

}  // namespace

StatusOr<OverArgument> OverArgument::Make(const Expr& expr, const KeyedPlan::Input& input, const RowLayout* layout,
                                          const std::vector<Datum>& parameters) {
  OverArgument argument;
  if (expr.kind == ExprKind::kColumn) {
    argument.column_ = PackedColumn(layout, static_cast<size_t>(input.Find(expr.column)));
    return argument;
  }
  std::vector<ColumnId> columns;
  CollectColumns(expr, &columns);
  if (!columns.empty()) return SqlError(sqlstate::kFeatureNotSupported) << "an expression as the argument of a window function is not supported here";
  auto constant = std::make_shared<Constant>();
  CallContext context;
  ASSIGN_OR_RETURN(constant->datum, Evaluate(expr, &context, parameters));
  const TypeDescriptor* type = DescribeType(expr.type);
  constant->slot.reset(new char[AnyRoom(type)]());
  if (!constant->datum.is_null()) FromDatum(constant->datum, type, constant->slot.get());
  constant->value = {type, constant->slot.get(), constant->datum.is_null(), nullptr, nullptr};
  argument.constant_ = std::move(constant);
  return argument;
}

int64_t IntegerOf(const AnyValue& value) {
  int64_t result = 0;
  switch (value.type->type.id()) {
    case TypeId::kInt2: {
      int16_t small;
      std::memcpy(&small, value.slot, sizeof small);
      return small;
    }
    case TypeId::kInt4: {
      int32_t small;
      std::memcpy(&small, value.slot, sizeof small);
      return small;
    }
    default:
      std::memcpy(&result, value.slot, sizeof result);
      return result;
  }
}

StatusOr<OverPlan> MakeOverPlan(const OverOp& op, const KeyedPlan& keyed, const RowLayout* layout, const std::vector<Datum>& parameters) {
  OverPlan plan;
  const KeyedPlan::Input& input = keyed.inputs[0];
  plan.values = keyed.parts[1].layout;
  if (op.peer_keys() > 0) {
    plan.descending = op.order[0].descending;
    plan.nulls_first = op.order[0].nulls_first;
  }
  const EdgeContext context{&input, layout, &parameters, plan.descending, op.peer_keys() > 0};
  for (size_t i = 0; i < op.functions.size(); ++i) {
    const OverOp::Function& function = op.functions[i];
    OverCall call;
    call.kind = function.kind;
    call.result = function.call.type;
    call.result_type = DescribeType(function.call.type);
    call.slot = i;
    for (const ExprPtr& arg : function.call.args) {
      ASSIGN_OR_RETURN(OverArgument argument, OverArgument::Make(*arg, input, layout, parameters));
      call.arguments.push_back(std::move(argument));
    }
    call.ignore_nulls = function.ignore_nulls;
    if (call.ignore_nulls || call.kind == Kind::kNtile) PlanPresent(*function.call.args[0], input, layout, &plan, &call);
    call.varies = (call.kind == Kind::kLag || call.kind == Kind::kLead) && call.arguments.size() > 1 && !call.arguments[1].is_constant();
    if (call.HasFrame()) {
      ASSIGN_OR_RETURN(call.begin, MakeEdge(function.frame, true, context));
      ASSIGN_OR_RETURN(call.end, MakeEdge(function.frame, false, context));
      call.exclude = function.frame.exclude;
    }
    if (call.kind == Kind::kAggregate) RETURN_IF_ERROR(PlanAggregate(op, function, context, &plan, &call));
    for (const FrameEdge* edge : {&call.begin, &call.end}) {
      plan.needs_groups |= edge->kind == FrameEdge::Kind::kGroup || edge->kind == FrameEdge::Kind::kRange;
      if (edge->kind != FrameEdge::Kind::kRange) continue;
      plan.range_column = PackedColumn(layout, static_cast<size_t>(input.Find(op.order[0].column)));
      plan.room = std::max(plan.room, plan.range_column.room());
    }
    plan.needs_groups |= call.exclude == OverOp::Exclude::kGroup || call.exclude == OverOp::Exclude::kTies || call.kind == Kind::kRank ||
                         call.kind == Kind::kDenseRank || call.kind == Kind::kPercentRank || call.kind == Kind::kCumeDist;
    size_t room = 0;
    for (const auto* arguments : {&call.arguments, &call.columns, &call.filter}) {
      size_t sum = 0;
      for (const OverArgument& argument : *arguments) sum += (argument.room() + 7) & ~size_t{7};
      room = std::max(room, sum);
    }
    plan.room = std::max(plan.room, room);
    plan.calls.push_back(std::move(call));
  }
  return plan;
}

}  // namespace kappa
