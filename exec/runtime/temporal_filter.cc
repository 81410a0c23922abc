#include "exec/runtime/temporal_filter.h"

#include <algorithm>
#include <cstring>

#include "common/hash.h"
#include "exec/runtime/worker_context.h"

namespace kappa {

size_t TemporalFilter::HashRow::operator()(RowStore::Id id) const { return HashBytes(store->Row(id), store->RowBytes(id)); }

TemporalFilter::TemporalFilter(WorkerContext* context, OperatorId id, const TemporalFilterOp& op, const KeyedPlan& plan)
    : KeyedOperator(context, id),
      layout_(plan.inputs[0].layout),
      keys_(MakeKeyTableSpec(plan.inputs[0].key, 0)),
      key_(keys_.FindOrInsert(PackedKeyHash("", 0, false), "", 0)),
      store_(RowStoreSpec{.user_bytes = 4, .hash_row = true}, &keys_),
      index_(0, HashRow{&store_}, EqualRow{&store_}) {
  if (op.from != kNoColumn) from_ = &layout_.slots()[static_cast<size_t>(plan.inputs[0].Find(op.from))];
  if (op.until != kNoColumn) until_ = &layout_.slots()[static_cast<size_t>(plan.inputs[0].Find(op.until))];
}

bool TemporalFilter::SpanOf(const char* row, Span* span) const {
  for (const auto& [slot, time] : {std::pair(from_, &span->from), std::pair(until_, &span->until)}) {
    if (slot == nullptr) continue;
    if (layout_.IsNull(row, *slot)) return false;
    std::memcpy(time, row + slot->offset, sizeof *time);
  }
  return span->from < span->until && span->until > clock_;
}

void TemporalFilter::Link(RowStore::Id id, const Span& span) {
  index_.insert(id);
  if (span.from > clock_) enter_.insert({span.from, id});
  if (span.until != INT64_MAX) leave_.insert({span.until, id});
}

void TemporalFilter::Forget(RowStore::Id id) {
  Span span;
  SpanOf(store_.Row(id), &span);
  enter_.erase({span.from, id});
  leave_.erase({span.until, id});
  index_.erase(id);
  store_.Erase(id);
}

void TemporalFilter::Keep(const KeyedRow& row, const Span& span) {
  const auto found = index_.find(Row{row.row, row.row_bytes, HashBytes(row.row, row.row_bytes)});
  RowStore::Id id = 0;
  int64_t before = 0;
  if (found != index_.end()) {
    id = *found;
    before = store_.Weight(id);
    store_.ChangeWeight(id, row.weight);
  } else {
    id = store_.Add(key_, row.row, row.row_bytes, row.weight);
    if (id == 0) return Fail(SqlError(sqlstate::kOutOfMemory) << "a temporal filter has more rows than one worker can hold");
    Link(id, span);
  }
  auto* touched = store_.UserAs<uint32_t>(id);
  if (*touched != 0) return;
  touched_.push_back({id, before});
  *touched = static_cast<uint32_t>(touched_.size());
}

void TemporalFilter::Apply(int, const KeyedRow* rows, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    Span span;
    if (!SpanOf(rows[i].row, &span)) continue;
    if (span.from <= clock_ && span.until == INT64_MAX)
      Emit(rows[i].row, nullptr, rows[i].weight);
    else
      Keep(rows[i], span);
  }
}

void TemporalFilter::EmitChange(RowStore::Id id, int64_t before, int64_t now, int64_t clock) {
  Span span;
  SpanOf(store_.Row(id), &span);
  const int64_t change = (span.At(clock) ? now : 0) - (span.At(clock_) ? before : 0);
  if (change != 0) Emit(store_.Row(id), nullptr, change);
  if (span.until <= clock || (span.from <= clock && span.until == INT64_MAX) || now == 0) settled_.push_back(id);
}

void TemporalFilter::Flush(const KeyedEpoch& epoch) {
  const int64_t clock = std::max(clock_, epoch.clock_micros);
  for (const Touched& touched : touched_) EmitChange(touched.id, touched.before, store_.Weight(touched.id), clock);
  std::vector<RowStore::Id> moved;
  for (Times* times : {&enter_, &leave_}) {
    while (!times->empty() && times->begin()->first <= clock) {
      moved.push_back(times->begin()->second);
      times->erase(times->begin());
    }
  }
  std::sort(moved.begin(), moved.end());
  moved.erase(std::unique(moved.begin(), moved.end()), moved.end());
  for (RowStore::Id id : moved) {
    const int64_t weight = store_.Weight(id);
    if (*store_.UserAs<uint32_t>(id) == 0) EmitChange(id, weight, weight, clock);
  }
  clock_ = clock;
}

void TemporalFilter::EndEpoch(const KeyedEpoch&) {
  for (const Touched& touched : touched_) *store_.UserAs<uint32_t>(touched.id) = 0;
  touched_.clear();
  for (RowStore::Id id : settled_) Forget(id);
  settled_.clear();
}

size_t TemporalFilter::bytes() const {
  constexpr size_t kTimeBytes = 24;  // of an element of a B-tree, with what is free in its nodes
  return store_.bytes() + keys_.bytes() + index_.capacity() * (sizeof(RowStore::Id) + 1) + (enter_.size() + leave_.size()) * kTimeBytes;
}

std::vector<DurableTable*> TemporalFilter::MakeDurable(uint32_t first_id) {
  durable_ = std::make_unique<DurableRowStore>(first_id, &store_, [this](RowStore::Id id) { loaded_.push_back(id); });
  return {durable_.get()};
}

Status TemporalFilter::AfterLoad() {
  clock_ = context()->call.epoch_micros;
  for (RowStore::Id id : std::exchange(loaded_, {})) {
    Span span;
    if (!SpanOf(store_.Row(id), &span)) return SqlError(sqlstate::kDataCorrupted) << "the state of a temporal filter is damaged: a row that is over";
    Link(id, span);
  }
  return OkStatus();
}

}  // namespace kappa
