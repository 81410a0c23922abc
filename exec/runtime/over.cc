#include "exec/runtime/over.h"

#include <algorithm>
#include <cstring>

#include "exec/runtime/worker_context.h"
#include "types/datetime.h"

namespace kappa {
namespace {

using Position = OrderedIndex::Position;
constexpr auto kBefore = OrderedIndex::kBefore, kNow = OrderedIndex::kNow;
constexpr size_t kArenaBytes = 1 << 20;  // values that wait to be put out

// Partitions expire as a whole; else their rows do, in the order of a time.
bool ExpiresWhole(const OverOp& op) {
  return op.expiry && std::find(op.partition.begin(), op.partition.end(), op.expiry->time) != op.partition.end();
}

int64_t MicrosOf(const Interval& span) { return span.days * kMicrosPerDay + span.micros; }

}  // namespace

StatusOr<std::unique_ptr<KeyedOperator>> MakeOver(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan,
                                                  const std::vector<Datum>& parameters) {
  const OverOp& over = *op.As<OverOp>();
  auto layout = std::make_unique<const RowLayout>(plan.inputs[0].layout);
  ASSIGN_OR_RETURN(OverPlan made, MakeOverPlan(over, plan, layout.get(), parameters));
  return std::unique_ptr<KeyedOperator>(std::make_unique<Over>(context, op.id, over, plan, std::move(made), std::move(layout)));
}

Over::Over(WorkerContext* context, OperatorId id, const OverOp& op, const KeyedPlan& keyed, OverPlan plan, std::unique_ptr<const RowLayout> layout)
    : KeyedOperator(context, id),
      layout_(std::move(layout)),
      plan_(std::move(plan)),
      code_(&plan_, &rows_),
      summaries_(&plan_, &code_),
      rows_(keyed.inputs[0], op.order, op.peer_keys(), plan_.needs_groups, ExpiresWhole(op) ? op.expiry : std::nullopt, plan_.present),
      affected_(&plan_, &rows_, &call_),
      evaluators_{OverEvaluator(&plan_, &rows_, &code_, &summaries_), OverEvaluator(&plan_, &rows_, &code_, &summaries_)} {
  rows_.pool()->owner = &summaries_;
  rows_.pool()->drop_summary = &NodeSummaries::Drop;
  reach_.resize(plan_.calls.size());
  for (const OverCall& call : plan_.calls) varies_ |= call.varies;
  if (!op.expiry || ExpiresWhole(op)) return;
  order_time_.emplace(layout_.get(), static_cast<size_t>(keyed.inputs[0].Find(op.expiry->time)));
  order_add_ = op.expiry->add;
}

// How many entries at a partition's beginning are behind the frames of all rows that may still come, and of those that they may change. The planner
// has seen to it that the functions look back only.
int64_t Over::EntriesOver(const OrderedRows::Partition& partition, int64_t watermark) const {
  const OrderedIndex& index = partition.index;
  const auto first_not_before = [&](int64_t time) {
    return index.FirstNot([&](uint64_t, RowStore::Id id) {
      int64_t micros;
      if (order_time_->IsNull(rows_.Row(id))) return false;
      std::memcpy(&micros, rows_.Row(id) + order_time_->slot().offset, sizeof micros);
      return micros < time;
    });
  };
  if (watermark == kNoWatermark || watermark == kEndOfTime) return 0;
  const int64_t next = watermark - order_add_;  // the earliest time of rows to come
  const Position at = first_not_before(next);
  const int64_t rows = index.RowsBefore(at, kNow);
  int64_t entries = index.EntriesBefore(at);
  for (const OverCall& call : plan_.calls) {
    int64_t back = 0;
    if (call.kind == OverOp::Kind::kLag) {
      back = call.arguments.size() < 2 ? 1 : call.arguments[1].constant().is_null() ? 0 : call.arguments[1].constant().as_int();
    } else if (call.begin.kind == FrameEdge::Kind::kRow) {
      back = -call.begin.distance;
    } else if (call.begin.kind == FrameEdge::Kind::kRange) {
      entries = std::min(entries, index.EntriesBefore(first_not_before(next - MicrosOf(call.begin.offset.constant().as_interval()))));
    }
    if (back <= 0) continue;
    entries = rows <= back ? 0 : std::min(entries, index.EntriesBefore(index.AtRow(rows - back, kNow, nullptr)));
  }
  return entries;
}

void Over::EndEpoch(const KeyedEpoch& epoch) {
  if (order_time_ && !epoch.ended)
    return rows_.Settle([&](const OrderedRows::Partition& partition) { return EntriesOver(partition, epoch.watermark); });
  rows_.Settle();
  if (!epoch.ended) rows_.Expire(epoch.watermark);
}

void Over::NoteReach(const char* row) {
  alignas(8) char room[16];
  for (size_t i = 0; i < plan_.calls.size(); ++i) {
    if (!plan_.calls[i].varies) continue;
    const AnyValue offset = plan_.calls[i].arguments[1].Read(row, room);
    if (!offset.null) reach_[i] = std::max(reach_[i], std::abs(IntegerOf(offset)));
  }
}

Status Over::AfterLoad() {
  RETURN_IF_ERROR(rows_.AfterLoad());
  if (!varies_) return OkStatus();
  rows_.keys().ForEach([&](KeyTable::Id key) {
    for (Position at = rows_.partition(key)->index.First(); at; at = OrderedIndex::Next(at)) NoteReach(rows_.Row(at.id()));
  });
  return OkStatus();
}

void Over::Apply(int, const KeyedRow* rows, int64_t count) {
  KeyTable::Id keys[OrderedRows::kBatch];
  for (int64_t begin = 0; begin < count; begin += OrderedRows::kBatch) {
    const int64_t batch = std::min(count - begin, OrderedRows::kBatch);
    rows_.FindPartitions(rows + begin, batch, keys);
    for (int64_t i = 0; i < batch; ++i) {
      if (varies_) NoteReach(rows[begin + i].row);
      if (!rows_.Add(keys[i], rows[begin + i])) {
        return Fail(SqlError(sqlstate::kOutOfMemory) << "a window function has more rows than one worker can hold");
      }
    }
  }
}

void Over::Flush(const KeyedEpoch&) {
  for (OverEvaluator& evaluator : evaluators_) evaluator.set_clock(context()->call.epoch_micros);
  for (KeyTable::Id key : rows_.touched()) {
    FlushPartition(*rows_.partition(key));
    if (stopped()) break;
    if (arena_.bytes_reserved() < kArenaBytes) continue;
    FlushOutput();
    arena_.Reset();
  }
  FlushOutput();
  arena_.Reset();
}

void Over::FlushPartition(const OrderedRows::Partition& partition) {
  const OrderedIndex& index = partition.index;
  changes_.clear();
  ranges_.clear();
  index.CollectChanges(&changes_);
  if (changes_.empty()) return;
  const int64_t entries = index.entries();
  if (index.rows(kBefore) == 0 || static_cast<int64_t>(changes_.size()) > entries / 4) {
    ranges_.push_back({0, entries});
  } else {
    for (const OrderedIndex::Change& change : changes_) ranges_.push_back({change.slot, change.slot + 1});
    for (size_t i = 0; i < plan_.calls.size(); ++i) {
      if (!IsSameForAll(i, partition)) affected_.Add(plan_.calls[i], reach_[i], partition, changes_, &ranges_);
    }
    JoinRanges(&ranges_, entries);
  }
  for (const SlotRange& range : ranges_) FlushRange(partition, range);
}

// Of a function that gives all rows one value: is it the one it was? A maximum seldom changes.
bool Over::IsSameForAll(size_t function, const OrderedRows::Partition& partition) {
  if (!plan_.calls[function].IsWhole()) return false;
  for (auto& values : values_) values.resize(std::max<size_t>(values.size(), 1));
  return evaluators_[kBefore].WholeValue(function, partition, kBefore, &values_[kBefore][0]) &&
         evaluators_[kNow].WholeValue(function, partition, kNow, &values_[kNow][0]) && values_[kBefore][0] == values_[kNow][0];
}

void Over::FlushRange(const OrderedRows::Partition& partition, const SlotRange& range) {
  Position at = partition.index.AtSlot(range.begin);
  for (const auto version : {kBefore, kNow}) evaluators_[version].Start(partition, version, at);
  for (int64_t slot = range.begin; slot < range.end; ++slot, at = OrderedIndex::Next(at)) {
    const size_t before = evaluators_[kBefore].Next(at, &values_[kBefore]), now = evaluators_[kNow].Next(at, &values_[kNow]);
    EmitEntry(at.id(), before, now);
    const int64_t looked_at = 1 + code_.TakeAdded();
    visited_ += looked_at;
    CountWork(looked_at);
    if (stopped()) return;
    if (arena_.bytes_reserved() < kArenaBytes) continue;
    FlushOutput();
    arena_.Reset();
  }
}

// The rows of one entry as they were against those that they are.
void Over::EmitEntry(RowStore::Id id, size_t before, size_t now) {
  if (before == 1 && now == 1) {
    if (values_[kBefore][0] == values_[kNow][0]) return;
    EmitValues(id, values_[kBefore][0], -1);
    return EmitValues(id, values_[kNow][0], 1);
  }
  constexpr size_t kLookBack = 16;  // equal values stand near each other
  changed_values_.clear();
  auto add = [&](const OverValues& values, int64_t weight) {
    const size_t end = changed_values_.size();
    for (size_t i = end; i > 0 && end - i < kLookBack; --i) {
      if (!(*changed_values_[i - 1].first == values)) continue;
      changed_values_[i - 1].second += weight;
      return;
    }
    changed_values_.emplace_back(&values, weight);
  };
  for (size_t i = 0; i < std::max(before, now); ++i) {
    if (i < before) add(values_[kBefore][i], -1);
    if (i < now) add(values_[kNow][i], 1);
  }
  for (const auto& [values, weight] : changed_values_) {
    if (weight != 0) EmitValues(id, *values, weight);
  }
}

void Over::EmitValues(RowStore::Id id, const OverValues& values, int64_t weight) {
  if (values.failed()) return ReportError(values.state, values.message.c_str(), weight);
  char* part = arena_.Allocate(values.packed.size() + 1);
  std::memcpy(part, values.packed.data(), values.packed.size());
  Emit(rows_.Row(id), part, weight);
}

}  // namespace kappa
