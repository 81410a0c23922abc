// OVER: PostgreSQL's window functions and frames.
#include "planner/binder/over.h"

#include <algorithm>

#include "functions/registry.h"
#include "functions/window_function.h"
#include "planner/binder/expressions.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

using Kind = OverOp::Kind;
using Mode = OverOp::Mode;
using Bound = OverOp::Bound;

constexpr SqlState kWindowingError{"42P20"}, kInvalidPrecedingOrFollowing{"22013"}, kInvalidArgumentForNtile{"22014"},
    kInvalidArgumentForNthValue{"22016"};

SqlError WindowError(TextRange range) { return SqlError(kWindowingError, range); }

const ast::NamedWindow* FindNamed(const std::vector<ast::NamedWindow>* windows, size_t before, const std::string& name) {
  for (size_t i = 0; windows != nullptr && i < before; ++i) {
    if ((*windows)[i].name.name == name) return &(*windows)[i];
  }
  return nullptr;
}

// A window's clauses, its own and those it takes from the windows it names.
struct Specification {
  const std::vector<ast::ExpressionPtr>* partition = nullptr;
  const std::vector<ast::OrderItem>* order = nullptr;
  const ast::WindowFrame* frame = nullptr;
  TextRange range;
};

// `before`: a WINDOW clause's windows see those defined before them.
StatusOr<Specification> Resolve(const std::vector<ast::NamedWindow>* windows, size_t before, const ast::WindowSpecification& written) {
  Specification out;
  out.range = written.range;
  if (!written.base.name.empty()) {
    const std::string& name = written.base.name;
    const ast::NamedWindow* base = FindNamed(windows, before, name);
    if (base == nullptr) {
      std::vector<std::string> names;
      for (size_t i = 0; windows != nullptr && i < before; ++i) names.push_back((*windows)[i].name.name);
      return SqlError(sqlstate::kUndefinedObject, written.base.range) << "window \"" << name << "\" does not exist" << DidYouMean(name, names);
    }
    const auto place = static_cast<size_t>(base - windows->data());
    ASSIGN_OR_RETURN(out, Resolve(windows, place, base->specification));
    out.range = written.range;
    if (written.reference_only) return out;
    if (!written.partition_by.empty()) return WindowError(written.base.range) << "cannot override PARTITION BY clause of window \"" << name << "\"";
    if (!written.order_by.empty() && out.order != nullptr)
      return WindowError(written.base.range) << "cannot override ORDER BY clause of window \"" << name << "\"";
    if (out.frame != nullptr) {
      SqlError error = WindowError(written.base.range);
      error << "cannot copy window \"" << name << "\" because it has a frame clause";
      if (written.order_by.empty() && !written.frame) error << Hint("Omit the parentheses in this OVER clause.");
      return error;
    }
  }
  if (!written.partition_by.empty()) out.partition = &written.partition_by;
  if (!written.order_by.empty()) out.order = &written.order_by;
  if (written.frame) out.frame = &*written.frame;
  return out;
}

Status CheckBounds(const ast::WindowFrame& frame) {
  using B = ast::FrameBoundKind;
  const B start = frame.start.kind, end = frame.end ? frame.end->kind : B::kCurrentRow;
  if (start == B::kUnboundedFollowing) return WindowError(frame.range) << "frame start cannot be UNBOUNDED FOLLOWING";
  if (end == B::kUnboundedPreceding) return WindowError(frame.range) << "frame end cannot be UNBOUNDED PRECEDING";
  if (start == B::kCurrentRow && end == B::kPreceding)
    return WindowError(frame.range) << "frame starting from current row cannot have preceding rows";
  if (start != B::kFollowing) return OkStatus();
  if (!frame.end) return WindowError(frame.range) << "frame starting from following row cannot end with current row";
  if (end == B::kPreceding || end == B::kCurrentRow)
    return WindowError(frame.range) << "frame starting from following row cannot have preceding rows";
  return OkStatus();
}

Bound ToBound(ast::FrameBoundKind kind) {
  switch (kind) {
    case ast::FrameBoundKind::kUnboundedPreceding:
      return Bound::kUnboundedPreceding;
    case ast::FrameBoundKind::kPreceding:
      return Bound::kPreceding;
    case ast::FrameBoundKind::kCurrentRow:
      return Bound::kCurrentRow;
    case ast::FrameBoundKind::kFollowing:
      return Bound::kFollowing;
    case ast::FrameBoundKind::kUnboundedFollowing:
      return Bound::kUnboundedFollowing;
  }
  return Bound::kCurrentRow;
}

bool HasOffset(Bound bound) { return bound == Bound::kPreceding || bound == Bound::kFollowing; }

Status NoOrder(const Type& type, TextRange range, std::string_view operation) {
  if (type.id() != TypeId::kJson) return OkStatus();
  return SqlError(sqlstate::kUndefinedFunction, range)
         << "could not identify an " << std::string(operation) << " operator for type json" << Hint("values of jsonb can be compared: cast it");
}

// What a RANGE offset is added to: a type that its + and - give back. The order of its values, and which are equal, is that of `type`.
TypeId RangeType(const Type& type) {
  switch (type.id()) {
    case TypeId::kInt2:
    case TypeId::kInt4:
    case TypeId::kInt8:
      return TypeId::kInt8;
    case TypeId::kFloat4:
    case TypeId::kFloat8:
      return TypeId::kFloat8;
    case TypeId::kNumeric:
      return TypeId::kNumeric;
    case TypeId::kDate:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return TypeId::kTimestamp;
    case TypeId::kTime:
    case TypeId::kInterval:
      return TypeId::kInterval;
    default:
      return TypeId::kUnknown;
  }
}

// The type of the offset beside it: PostgreSQL's in_range functions.
StatusOr<TypeId> OffsetType(const Type& column, const Expr& offset) {
  const TypeId range = RangeType(column), given = offset.type.id();
  const TypeId wanted = range == TypeId::kTimestamp ? TypeId::kInterval : range;
  const bool fits = given == TypeId::kUnknown || given == wanted || (wanted == TypeId::kInt8 && offset.type.is_integer()) ||
                    (wanted == TypeId::kNumeric && offset.type.is_integer()) || (wanted == TypeId::kFloat8 && offset.type.is_numeric());
  if (range == TypeId::kUnknown)
    return SqlError(sqlstate::kFeatureNotSupported, offset.range)
           << "RANGE with offset PRECEDING/FOLLOWING is not supported for column type " << TypeText(column);
  if (fits) return wanted;
  return SqlError(sqlstate::kFeatureNotSupported, offset.range)
         << "RANGE with offset PRECEDING/FOLLOWING is not supported for column type " << TypeText(column) << " and offset type "
         << TypeText(offset.type) << Hint("Cast the offset value to an appropriate type.");
}

bool ReadsColumns(const Expr& expr) {
  std::vector<ColumnId> columns;
  CollectColumns(expr, &columns);
  return !columns.empty();
}

bool IsNegative(const Datum& value, TypeId type) {
  switch (type) {
    case TypeId::kInterval: {
      const Interval& i = value.as_interval();
      return (int64_t{i.months} * 30 + i.days) * int64_t{86'400'000'000} + i.micros < 0;
    }
    case TypeId::kFloat8:
      return value.as_float() < 0;
    case TypeId::kNumeric:
      return value.ToText(Type(TypeId::kNumeric)).starts_with('-');
    default:
      return value.as_int() < 0;
  }
}

// The offset of a frame as a constant (or a parameter, checked when it comes): 22004, 22013.
StatusOr<ExprPtr> ConstantOffset(ExprPtr offset, Mode mode, bool starts) {
  if (offset->kind == ExprKind::kParameter) return offset;
  CallContext calls;
  const TextRange range = offset->range;
  StatusOr<Datum> value = Evaluate(*offset, &calls, {});
  if (!value.ok()) return WithRange(value.status(), range);
  if (value->is_null()) {
    return SqlError(sqlstate::kNullValueNotAllowed, range) << "frame " << (starts ? "starting" : "ending") << " offset must not be null";
  }
  if (IsNegative(*value, offset->type.id())) {
    if (mode == Mode::kRange) return SqlError(kInvalidPrecedingOrFollowing, range) << "invalid preceding or following size in window function";
    return SqlError(kInvalidPrecedingOrFollowing, range) << "frame " << (starts ? "starting" : "ending") << " offset must not be negative";
  }
  return WithExprRange(MakeConstant(*std::move(value), offset->type), range);
}

bool SameOrder(const std::vector<AggregateOrder>& a, const std::vector<AggregateOrder>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const AggregateOrder& x, const AggregateOrder& y) {
    return SameExpr(*x.expr, *y.expr) && x.descending == y.descending && x.nulls_first == y.nulls_first;
  });
}

bool SameExprs(const std::vector<ExprPtr>& a, const std::vector<ExprPtr>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ExprPtr& x, const ExprPtr& y) { return SameExpr(*x, *y); });
}

bool SameOptional(const ExprPtr& a, const ExprPtr& b) { return a == nullptr || b == nullptr ? a == b : SameExpr(*a, *b); }

bool SameFrame(const OverOp::Frame& a, const OverOp::Frame& b) {
  return a.mode == b.mode && a.start == b.start && a.end == b.end && a.exclude == b.exclude && SameOptional(a.start_offset, b.start_offset) &&
         SameOptional(a.end_offset, b.end_offset);
}

bool SameCall(const WindowCall& a, const WindowCall& b) {
  const OverOp::Function &f = a.function, &g = b.function;
  return f.kind == g.kind && f.ignore_nulls == g.ignore_nulls && f.call.function == g.call.function && SameExprs(f.call.args, g.call.args) &&
         SameOptional(f.call.filter, g.call.filter) && SameFrame(f.frame, g.frame) && SameExprs(a.partition, b.partition) &&
         SameOrder(a.order, b.order);
}

Status WrongArguments(const ast::Call& call, const std::string& name, const std::vector<ExprPtr>& args) {
  std::string types;
  for (const ExprPtr& arg : args) types += (types.empty() ? "" : ", ") + TypeText(arg->type);
  const WindowFunctionEntry* entry = FindWindowFunction(name);
  return SqlError(sqlstate::kUndefinedFunction, call.name.range)
         << "function " << name << "(" << types << ") does not exist" << Hint("there is " + std::string(entry->signature));
}

bool TakesNullTreatment(std::string_view name) {
  const WindowFunctionEntry* entry = FindWindowFunction(name);
  return entry != nullptr &&
         (entry->function == WindowFunction::kLag || entry->function == WindowFunction::kLead || entry->function >= WindowFunction::kFirstValue);
}

// Which forms of a call do not go with OVER.
Status CheckForm(const ast::Call& call, const std::string& name, bool aggregate) {
  if (!call.within_group.empty()) {
    return SqlError(sqlstate::kFeatureNotSupported, call.range) << "OVER is not supported for ordered-set aggregate " << name;
  }
  if (call.distinct) return SqlError(sqlstate::kFeatureNotSupported, call.range) << "DISTINCT is not implemented for window functions";
  if (!call.order_by.empty()) {
    return SqlError(sqlstate::kFeatureNotSupported, call.range)
           << "aggregate ORDER BY is not implemented for window functions" << Hint("the window's own ORDER BY orders them");
  }
  if (!aggregate && call.filter != nullptr) {
    return SqlError(sqlstate::kFeatureNotSupported, call.range) << "FILTER is not implemented for non-aggregate window functions";
  }
  if (call.nulls != ast::NullTreatment::kNone && !TakesNullTreatment(name)) {
    return SqlError(sqlstate::kFeatureNotSupported, call.range)
           << "function " << name << " does not accept RESPECT/IGNORE NULLS" << Hint("lag, lead, first_value, last_value and nth_value do");
  }
  if (!aggregate && call.star) return SqlError(sqlstate::kUndefinedFunction, call.range) << "function " << name << "(*) does not exist";
  if (call.over->frame && call.over->frame->unit == ast::FrameUnit::kSession) return NotSupported("a SESSION frame", call.over->frame->range);
  return OkStatus();
}

}  // namespace

Status ForEachWindowExpr(WindowCall* call, const std::function<Status(ExprPtr*)>& fn) {
  for (ExprPtr& arg : call->function.call.args) RETURN_IF_ERROR(fn(&arg));
  if (call->function.call.filter != nullptr) RETURN_IF_ERROR(fn(&call->function.call.filter));
  for (ExprPtr& key : call->partition) RETURN_IF_ERROR(fn(&key));
  for (AggregateOrder& key : call->order) RETURN_IF_ERROR(fn(&key.expr));
  return OkStatus();
}

Status CheckNamedWindows(const std::vector<ast::NamedWindow>& windows) {
  for (size_t i = 0; i < windows.size(); ++i) {
    if (FindNamed(&windows, i, windows[i].name.name) != nullptr)
      return WindowError(windows[i].name.range) << "window \"" << windows[i].name.name << "\" is already defined";
    RETURN_IF_ERROR(Resolve(&windows, i, windows[i].specification).status());
    if (windows[i].specification.frame) RETURN_IF_ERROR(CheckBounds(*windows[i].specification.frame));
  }
  return OkStatus();
}

// One offset of a frame; of RANGE beside the order column, which is cast to what the offset is added to.
StatusOr<ExprPtr> ExpressionBinder::BindFrameOffset(const ast::Expression& expression, const Type* column, std::string_view mode) {
  ASSIGN_OR_RETURN(ExprPtr offset, Bind(expression));
  if (ReadsColumns(*offset)) {
    return SqlError(sqlstate::kInvalidColumnReference, expression.range) << "argument of " << std::string(mode) << " must not contain variables";
  }
  Type wanted = TypeId::kInt8;
  if (column != nullptr) {
    ASSIGN_OR_RETURN(wanted, OffsetType(*column, *offset));
  } else if (offset->type.id() != TypeId::kUnknown && !offset->type.is_numeric()) {
    return SqlError(sqlstate::kDatatypeMismatch, expression.range)
           << "argument of " << std::string(mode) << " must be type bigint, not type " << TypeText(offset->type);
  }
  return Coerce(context_, std::move(offset), wanted, column != nullptr ? Coercion::kImplicit : Coercion::kAssignment);
}

Status ExpressionBinder::BindFrame(const ast::WindowFrame& written, WindowCall* call) {
  RETURN_IF_ERROR(CheckBounds(written));
  OverOp::Frame& frame = call->function.frame;
  static constexpr std::string_view kModes[] = {"ROWS", "RANGE", "GROUPS"};
  const auto mode = static_cast<size_t>(written.unit);
  frame.mode = static_cast<Mode>(mode);
  frame.start = ToBound(written.start.kind);
  frame.end = written.end ? ToBound(written.end->kind) : Bound::kCurrentRow;
  frame.exclude = static_cast<OverOp::Exclude>(written.exclusion);
  if (frame.mode == Mode::kGroups && call->order.empty()) return WindowError(written.range) << "GROUPS mode requires an ORDER BY clause";
  const bool offsets = HasOffset(frame.start) || HasOffset(frame.end);
  Type column;
  if (frame.mode == Mode::kRange && offsets) {
    if (call->order.size() != 1) return WindowError(written.range) << "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column";
    column = call->order[0].expr->type;
  }
  const Type* beside = frame.mode == Mode::kRange ? &column : nullptr;
  if (HasOffset(frame.start)) {
    ASSIGN_OR_RETURN(frame.start_offset, BindFrameOffset(*written.start.offset, beside, kModes[mode]));
    ASSIGN_OR_RETURN(frame.start_offset, ConstantOffset(frame.start_offset, frame.mode, true));
  }
  if (HasOffset(frame.end)) {
    ASSIGN_OR_RETURN(frame.end_offset, BindFrameOffset(*written.end->offset, beside, kModes[mode]));
    ASSIGN_OR_RETURN(frame.end_offset, ConstantOffset(frame.end_offset, frame.mode, false));
  }
  if (beside == nullptr || !offsets) return OkStatus();
  return BindRangeOffsets(column, call);
}

// The functions that add a RANGE's offset to the order column, and the column as they want it.
Status ExpressionBinder::BindRangeOffsets(const Type& column, WindowCall* call) {
  OverOp::Frame& frame = call->function.frame;
  const Type range = RangeType(column);
  const ExprPtr offset = frame.start_offset != nullptr ? frame.start_offset : frame.end_offset;
  ExprPtr& key = call->order[0].expr;
  if (column.id() == TypeId::kTimestampTz) {
    // In UTC, where a timestamp has the same microseconds: so that a span of hours needs no zone. Days in a zone would.
    for (const ExprPtr& span : {frame.start_offset, frame.end_offset}) {
      if (span == nullptr || span->kind != ExprKind::kConstant || context_->time_zone() == "UTC") continue;
      const Interval& interval = span->constant.as_interval();
      if (interval.months != 0 || interval.days != 0)
        return NotSupported("RANGE over timestamp with time zone by days or months, where TimeZone is not UTC,", span->range);
    }
    ASSIGN_OR_RETURN(key, CallFunction(context_, "timezone", {MakeConstant(Datum::Bytes("UTC"), TypeId::kText), key}, key->range));
  } else {
    ASSIGN_OR_RETURN(key, Coerce(context_, key, range, Coercion::kExplicit));
  }
  const ExprPtr value = MakeConstant(Datum(), range);
  ASSIGN_OR_RETURN(const ExprPtr minus, CallOperator(context_, "-", {value, offset}, offset->range));
  ASSIGN_OR_RETURN(const ExprPtr plus, CallOperator(context_, "+", {value, offset}, offset->range));
  frame.subtract = minus->function;
  frame.add = plus->function;
  if (frame.subtract == nullptr || frame.add == nullptr || frame.add->result != range.id() || frame.subtract->result != range.id())
    return SqlError(sqlstate::kInternalError) << "an offset of RANGE that changes the type it is added to";
  return OkStatus();
}

Status ExpressionBinder::BindWindow(const ast::WindowSpecification& written, WindowCall* call) {
  const auto* named = windows_->named;
  ASSIGN_OR_RETURN(const Specification window, Resolve(named, named == nullptr ? 0 : named->size(), written));
  const std::string_view outer = std::exchange(inside_window_, "window functions are not allowed in window definitions");
  const Status status = [&]() -> Status {
    for (size_t i = 0; window.partition != nullptr && i < window.partition->size(); ++i) {
      const ast::ExpressionPtr& expression = (*window.partition)[i];
      ASSIGN_OR_RETURN(ExprPtr key, BindTyped(*expression));
      RETURN_IF_ERROR(NoOrder(key->type, expression->range, "equality"));
      call->partition.push_back(std::move(key));
    }
    for (size_t i = 0; window.order != nullptr && i < window.order->size(); ++i) {
      const ast::OrderItem& item = (*window.order)[i];
      ASSIGN_OR_RETURN(ExprPtr key, BindTyped(*item.expression));
      RETURN_IF_ERROR(NoOrder(key->type, item.expression->range, "ordering"));
      call->order.push_back({std::move(key), item.descending, item.nulls_first.value_or(item.descending)});
    }
    return window.frame != nullptr ? BindFrame(*window.frame, call) : OkStatus();
  }();
  inside_window_ = outer;
  return status;
}

// lag and lead have all three arguments: value, offset, default.
Status ExpressionBinder::BindWindowArguments(const ast::Call& call, const std::string& name, std::vector<ExprPtr> args, WindowCall* out) {
  const WindowFunctionEntry& entry = *FindWindowFunction(name);
  const auto count = static_cast<int>(args.size());
  if (count < entry.least_arguments || count > entry.most_arguments) return WrongArguments(call, name, args);
  const bool shifts = entry.function == WindowFunction::kLag || entry.function == WindowFunction::kLead;
  const size_t number = entry.function == WindowFunction::kNtile ? 0 : 1;  // the argument that is an integer
  const std::vector<ExprPtr> given = args;
  if (number < args.size()) {
    if (args[number]->type.id() != TypeId::kUnknown && !CanCoerce(args[number]->type, TypeId::kInt4, Coercion::kImplicit))
      return WrongArguments(call, name, given);
    ASSIGN_OR_RETURN(args[number], Coerce(context_, args[number], TypeId::kInt4, Coercion::kImplicit));
    CallContext calls;
    const bool positive = entry.function == WindowFunction::kNtile || entry.function == WindowFunction::kNthValue;
    if (positive && args[number]->kind == ExprKind::kConstant && !args[number]->constant.is_null() && args[number]->constant.as_int() <= 0) {
      return SqlError(entry.function == WindowFunction::kNtile ? kInvalidArgumentForNtile : kInvalidArgumentForNthValue, args[number]->range)
             << "argument of " << name << " must be greater than zero";
    }
  }
  if (entry.result == TypeId::kAny) {
    if (shifts && args.size() == 3) {
      ASSIGN_OR_RETURN(const Type type, CommonType({args[0], args[2]}, name));
      ASSIGN_OR_RETURN(args[0], Coerce(context_, args[0], type, Coercion::kImplicit));
      ASSIGN_OR_RETURN(args[2], Coerce(context_, args[2], type, Coercion::kImplicit));
    } else {
      ASSIGN_OR_RETURN(args[0], CoerceUnknownToText(context_, args[0]));
    }
    if (shifts && args.size() < 2) args.push_back(MakeConstant(Datum::Int(1), TypeId::kInt4));
    if (shifts && args.size() < 3) args.push_back(MakeConstant(Datum(), args[0]->type));
  }
  out->function.kind = entry.function;
  out->function.call.name = name;
  out->function.call.type = entry.result == TypeId::kAny ? args[0]->type : Type(entry.result);
  out->function.call.nullable = entry.nullable;
  out->function.ignore_nulls = call.nulls == ast::NullTreatment::kIgnore && args[0]->nullable;
  out->function.call.args = std::move(args);
  return OkStatus();
}

StatusOr<ExprPtr> ExpressionBinder::BindOver(const ast::Call& call, const std::string& name) {
  if (inside_aggregate_) return SqlError(sqlstate::kGroupingError, call.range) << "aggregate function calls cannot contain window function calls";
  if (!inside_window_.empty()) return WindowError(call.range) << std::string(inside_window_);
  if (windows_ == nullptr) return WindowError(call.range) << "window functions are not allowed in " << clause_;
  const bool aggregate = IsAggregateName(name) && FindWindowFunction(name) == nullptr;  // first_value is both
  if (!aggregate && FindWindowFunction(name) == nullptr) {
    if (!FunctionRegistry::Get().Find(FunctionKind::kScalar, name).empty()) {
      return SqlError(sqlstate::kWrongObjectType, call.range)
             << "OVER specified, but " << name << " is not a window function nor an aggregate function";
    }
    std::vector<std::string> names = FunctionRegistry::Get().Names();
    for (const WindowFunctionEntry& entry : kWindowFunctions) names.emplace_back(entry.name);
    return SqlError(sqlstate::kUndefinedFunction, call.name.range) << "function " << name << "() does not exist" << DidYouMean(name, names);
  }
  RETURN_IF_ERROR(CheckForm(call, name, aggregate));
  WindowCall made;
  inside_window_ = "window function calls cannot be nested";
  StatusOr<std::vector<ExprPtr>> args = BindArguments(call);
  StatusOr<ExprPtr> filter = args.ok() && call.filter ? BindBoolean(*call.filter, "FILTER") : StatusOr<ExprPtr>(nullptr);
  inside_window_ = "";
  if (!args.ok()) return args.status();
  if (!filter.ok()) return filter.status();
  RETURN_IF_ERROR(BindWindow(*call.over, &made));
  if (aggregate) {
    made.function.kind = Kind::kAggregate;
    ASSIGN_OR_RETURN(made.function.call, ResolveAggregateCall(call, name, *std::move(args), {}, *std::move(filter)));
  } else {
    RETURN_IF_ERROR(BindWindowArguments(call, name, *std::move(args), &made));
  }
  for (const WindowCall& other : windows_->calls) {
    const AggregateCall& same = other.function.call;
    if (SameCall(other, made)) return MakeColumn({same.output, same.name, same.type, same.nullable});
  }
  AggregateCall& result = made.function.call;
  const Column output = context_->NewColumn(name, result.type, result.nullable);
  result.output = output.id;
  windows_->calls.push_back(std::move(made));
  return MakeColumn(output);
}

namespace {

// Gives columns to what window functions read.
class Computed {
 public:
  Computed(BindContext* context, LogicalPtr input) : context_(context), input_(std::move(input)), output_(input_->output()) {}

  ExprPtr ColumnOf(const ExprPtr& expr, std::string_view name) {
    if (expr->kind == ExprKind::kColumn) return expr;
    for (const auto& [column, made] : columns_) {
      if (SameExpr(*made, *expr)) return MakeColumn(column);
    }
    const Column column = context_->NewColumn(std::string(name), expr->type, expr->nullable);
    columns_.emplace_back(column, expr);
    output_.push_back(column);
    return MakeColumn(column);
  }

  LogicalPtr Finish() && {
    if (columns_.empty()) return input_;
    return context_->Node(ProjectOp{std::move(columns_)}, {std::move(input_)}, std::move(output_));
  }

 private:
  BindContext* const context_;
  LogicalPtr input_;
  std::vector<std::pair<Column, ExprPtr>> columns_;
  std::vector<Column> output_;
};

}  // namespace

LogicalPtr PlaceWindows(BindContext* context, LogicalPtr input, std::vector<WindowCall> calls) {
  Computed computed(context, std::move(input));
  std::vector<OverOp> operators;
  for (WindowCall& call : calls) {
    OverOp over;
    for (const ExprPtr& key : call.partition) {
      if (key->kind == ExprKind::kConstant) continue;
      const ColumnId id = computed.ColumnOf(key, "partition")->column;
      if (std::find(over.partition.begin(), over.partition.end(), id) == over.partition.end()) over.partition.push_back(id);
    }
    for (const AggregateOrder& key : call.order)
      over.order.push_back({computed.ColumnOf(key.expr, "order")->column, key.descending, key.nulls_first});
    over.user_keys = static_cast<int>(over.order.size());
    AggregateCall& of = call.function.call;
    for (ExprPtr& arg : of.args) {
      const bool counted = call.function.ignore_nulls && &arg == &of.args[0];  // rows where it has a value
      if (arg->kind != ExprKind::kConstant || counted) arg = computed.ColumnOf(arg, "argument");
    }
    if (of.filter != nullptr) of.filter = computed.ColumnOf(of.filter, "filter");
    const auto same = std::find_if(operators.begin(), operators.end(), [&](const OverOp& other) {
      return std::is_permutation(other.partition.begin(), other.partition.end(), over.partition.begin(), over.partition.end()) &&
             std::equal(other.order.begin(), other.order.end(), over.order.begin(), over.order.end(), [](const SortOp::Key& a, const SortOp::Key& b) {
               return a.column == b.column && a.descending == b.descending && a.nulls_first == b.nulls_first;
             });
    });
    OverOp& place = same == operators.end() ? operators.emplace_back(std::move(over)) : *same;
    place.functions.push_back(std::move(call.function));
  }
  LogicalPtr plan = std::move(computed).Finish();
  for (OverOp& over : operators) {
    std::vector<Column> output = plan->output();
    for (const OverOp::Function& function : over.functions)
      output.push_back({function.call.output, function.call.name, function.call.type, function.call.nullable});
    plan = context->Node(std::move(over), {std::move(plan)}, std::move(output));
  }
  return plan;
}

}  // namespace kappa
