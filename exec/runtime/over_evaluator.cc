#include "exec/runtime/over_evaluator.h"

#include <algorithm>
#include <cstring>

namespace kappa {
namespace {

using Kind = OverOp::Kind;

template <typename T>
void StoreAs(T value, char* out) {
  std::memcpy(out, &value, sizeof value);
}

// A whole number in a slot of the result's type.
void StoreInteger(TypeId type, int64_t value, char* out) {
  if (type == TypeId::kInt4)
    StoreAs(static_cast<int32_t>(value), out);
  else
    StoreAs(value, out);
}

}  // namespace

int64_t NtileSpec::BucketOf(int64_t row) const {
  const int64_t small = rows / buckets, larger = rows % buckets, at = row - first;
  if (at < larger * (small + 1)) return at / (small + 1) + 1;
  return larger + (at - larger * (small + 1)) / small + 1;
}

int64_t NtileSpec::FirstRowOf(int64_t bucket) const {
  const int64_t small = rows / buckets, larger = rows % buckets;
  return first + bucket * small + std::min(bucket, larger);
}

NtileSpec MakeNtile(const OverCall& call, const OrderedRows& rows, const OrderedRows::Partition& partition, OrderedIndex::Version version) {
  NtileSpec ntile;
  ntile.rows = partition.index.rows(version);
  const OverArgument& argument = call.arguments[0];
  const OrderedIndex& counted = call.present >= 0 ? (*partition.present)[static_cast<size_t>(call.present)] : partition.index;
  const OrderedIndex::Position at = counted.AtRow(0, version, nullptr);
  alignas(8) char room[16];
  const char* row = at ? rows.Row(at.id()) : nullptr;
  const AnyValue buckets = row == nullptr && !argument.is_constant() ? AnyValue{nullptr, nullptr, true, nullptr, nullptr} : argument.Read(row, room);
  if (buckets.null) {
    ntile.first = ntile.rows;
    return ntile;
  }
  if (call.present >= 0) ntile.first = partition.index.RowsBefore(rows.Locate(partition.index, at.id()), version);
  ntile.buckets = IntegerOf(buckets);
  return ntile;
}

OverEvaluator::OverEvaluator(const OverPlan* plan, const OrderedRows* rows, AggregateCode* code, NodeSummaries* summaries)
    : plan_(plan), rows_(rows), room_(plan->room + 64) {
  size_t largest = 24;
  for (const OverCall& call : plan_->calls) {
    functions_.push_back({&call,
                          EdgeCursor(&call.begin, true, plan, rows, &call_),
                          EdgeCursor(&call.end, false, plan, rows, &call_),
                          FrameAggregate(&call, code, summaries),
                          RowCursor(),
                          {},
                          {}});
    largest = std::max(largest, AnyRoom(call.result_type));
  }
  result_.resize(largest + 8);
}

void OverEvaluator::Start(const OrderedRows::Partition& partition, OrderedIndex::Version version, OrderedIndex::Position begin) {
  const OrderedIndex* index = &partition.index;
  partition_ = &partition;
  current_.Start(index, version, begin, plan_->needs_groups);
  first_ = true;
  for (Function& function : functions_) {
    const OverCall& call = *function.call;
    const bool counts = call.ignore_nulls && call.present >= 0;
    const OrderedIndex* present = counts ? &(*partition.present)[static_cast<size_t>(call.present)] : nullptr;
    const PackedColumn* column = counts ? &plan_->present[static_cast<size_t>(call.present)] : nullptr;
    function.begin.Reset();
    function.end.Reset();
    function.cursor.Reset(counts ? present : index, version);
    for (PresentCounter& counter : function.present) counter.Reset(rows_, index, column, present, version);
    function.ntile.reset();
    if (call.kind == Kind::kAggregate) function.aggregate.Reset(index, version);
  }
}

size_t OverEvaluator::Next(OrderedIndex::Position at, std::vector<OverValues>* values) {
  const auto rows = static_cast<size_t>(at.rows(current_.version));
  if (rows == 0) return 0;
  current_.at = at;
  current_.EnterEntry(std::exchange(first_, false), plan_->needs_groups);
  if (values->size() < rows) values->resize(rows);
  for (size_t copy = 0; copy < rows; ++copy, ++current_.row) {
    OverValues& out = (*values)[copy];
    out.packed.assign(plan_->values.size(), '\0');
    out.state = sqlstate::kOk;
    for (Function& function : functions_) {
      if (!Evaluate(&function, &out)) break;
    }
    call_.scratch.Reset();
  }
  return rows;
}

bool OverEvaluator::WholeValue(size_t function, const OrderedRows::Partition& partition, OrderedIndex::Version version, OverValues* value) {
  Start(partition, version, partition.index.First());
  if (current_.rows == 0) return false;
  value->packed.assign(plan_->values.size(), '\0');
  value->state = sqlstate::kOk;
  Evaluate(&functions_[function], value);
  call_.scratch.Reset();
  return true;
}

AnyValue OverEvaluator::ArgumentOf(Function* function, size_t argument, RowStore::Id id, char* room) const {
  return function->call->arguments[argument].Read(rows_->Row(id), room);
}

bool OverEvaluator::Evaluate(Function* function, OverValues* values) {
  const OverCall& call = *function->call;
  AnyValue answer{call.result_type, result_.data(), false, nullptr, nullptr};
  int64_t number = 0;
  bool ok = true;
  switch (call.kind) {
    case Kind::kRowNumber:
    case Kind::kRank:
    case Kind::kDenseRank:
      ok = Ranking(call, &number);
      StoreInteger(call.result.id(), number, result_.data());
      break;
    case Kind::kPercentRank:
      StoreAs(current_.rows > 1 ? static_cast<double>(current_.group_begin) / static_cast<double>(current_.rows - 1) : 0.0, result_.data());
      break;
    case Kind::kCumeDist:
      StoreAs(static_cast<double>(current_.group_end()) / static_cast<double>(current_.rows), result_.data());
      break;
    case Kind::kNtile:
      ok = Ntile(function, &number, &answer.null);
      StoreInteger(call.result.id(), number, result_.data());
      break;
    case Kind::kLag:
    case Kind::kLead:
      ok = Offset(function, &answer);
      break;
    case Kind::kFirstValue:
    case Kind::kLastValue:
    case Kind::kNthValue:
      ok = FrameValue(function, &answer);
      break;
    case Kind::kAggregate:
      ok = AggregateValue(function, &answer);
      break;
  }
  if (ok) {
    PackValue(answer, plan_->values, plan_->values.slots()[call.slot], &values->packed);
  } else {
    values->state = call_.error_state;
    values->message = call_.error_message;
  }
  return ok;
}

bool OverEvaluator::Ranking(const OverCall& call, int64_t* answer) const {
  *answer = 1 + (call.kind == Kind::kRowNumber ? current_.row : call.kind == Kind::kRank ? current_.group_begin : current_.group);
  return true;
}

bool OverEvaluator::Ntile(Function* function, int64_t* answer, bool* null) {
  if (!function->ntile) function->ntile = MakeNtile(*function->call, *rows_, *partition_, current_.version);
  const NtileSpec& ntile = *function->ntile;
  if ((*null = current_.row < ntile.first)) return true;
  if (ntile.buckets <= 0) return call_.Fail(kInvalidNtile, "argument of ntile must be greater than zero");
  *answer = ntile.BucketOf(current_.row);
  return true;
}

bool OverEvaluator::Offset(Function* function, AnyValue* answer) {
  const OverCall& call = *function->call;
  int64_t distance = 1;
  if (call.arguments.size() > 1) {
    const AnyValue argument = ArgumentOf(function, 1, current_.at.id(), room_.data());
    if (argument.null) {
      answer->null = true;
      return true;
    }
    distance = IntegerOf(argument);
  }
  if (call.kind == Kind::kLag) distance = -distance;
  // Among the rows that count. The row itself, a value or not, is where no distance is.
  PresentCounter& present = function->present[0];
  const int64_t before = present.Before(current_.row), counted = call.ignore_nulls && call.present >= 0 ? function->cursor.rows() : current_.rows;
  const int64_t row = before + distance - (distance > 0 && !present.IsPresent() ? 1 : 0);
  if (distance == 0) {
    *answer = ArgumentOf(function, 0, current_.at.id(), room_.data());
  } else if (row >= 0 && row < counted) {
    *answer = ArgumentOf(function, 0, function->cursor.Seek(row).id(), room_.data());
  } else if (call.arguments.size() > 2) {
    *answer = ArgumentOf(function, 2, current_.at.id(), room_.data());
  } else {
    answer->null = true;
  }
  return true;
}

// Rows that the frame leaves out: [begin, end), but not `kept`.
OverEvaluator::Span OverEvaluator::Excluded(OverOp::Exclude exclude, int64_t* kept) const {
  *kept = -1;
  switch (exclude) {
    case OverOp::Exclude::kNoOthers:
      return {};
    case OverOp::Exclude::kCurrentRow:
      return {current_.row, current_.row + 1};
    case OverOp::Exclude::kTies:
      *kept = current_.row;
      [[fallthrough]];
    case OverOp::Exclude::kGroup:
      return {current_.group_begin, current_.group_end()};
  }
  return {};
}

bool OverEvaluator::FrameValue(Function* function, AnyValue* answer) {
  const OverCall& call = *function->call;
  const int64_t begin = function->begin.RowOf(current_), end = std::max(begin, function->end.RowOf(current_));
  int64_t nth = 1;
  if (call.kind == Kind::kNthValue) {
    const AnyValue argument = ArgumentOf(function, 1, current_.at.id(), room_.data());
    if (argument.null) {
      answer->null = true;
      return true;
    }
    nth = IntegerOf(argument);
    if (nth <= 0) return call_.Fail(kInvalidNthValue, "argument of nth_value must be greater than zero");
  }
  int64_t kept;
  Span out = Excluded(call.exclude, &kept);
  out = {std::clamp(out.begin, begin, end), std::clamp(out.end, begin, end)};
  if (kept < out.begin || kept >= out.end) kept = -1;
  // The frame is [begin, out.begin), the row that is kept, [out.end, end): counted from here on among the rows that count.
  auto& [at_begin, at_end, at_out] = function->present;
  const int64_t first = at_begin.Before(begin), last = at_end.Before(end);
  const bool leaves_out = out.begin < out.end;
  const int64_t out_first = leaves_out ? at_out.Before(out.begin) : first;
  int64_t kept_rank = -1;
  if (kept >= 0) {
    const int64_t rank = at_out.Before(kept);
    if (at_out.IsPresent()) kept_rank = rank;
  }
  const int64_t out_last = leaves_out ? at_out.Before(out.end) : first;
  const int64_t before = out_first - first, middle = kept_rank >= 0 ? 1 : 0, after = last - out_last;
  const int64_t wanted = call.kind == Kind::kLastValue ? before + middle + after - 1 : nth - 1;
  if (wanted < 0 || wanted >= before + middle + after) {
    answer->null = true;
    return true;
  }
  const int64_t row = wanted < before ? first + wanted : wanted < before + middle ? kept_rank : out_last + wanted - before - middle;
  *answer = ArgumentOf(function, 0, function->cursor.Seek(row).id(), room_.data());
  return true;
}

bool OverEvaluator::AggregateValue(Function* function, AnyValue* answer) {
  const int64_t begin = function->begin.RowOf(current_), end = std::max(begin, function->end.RowOf(current_));
  int64_t kept;
  const Span out = Excluded(function->call->exclude, &kept);
  std::memset(result_.data(), 0, result_.size());
  return function->aggregate.Result(begin, end, out.begin, out.end, kept, &call_, result_.data(), &answer->null);
}

}  // namespace kappa
