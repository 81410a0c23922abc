#include "exec/runtime/top_n.h"

#include <algorithm>
#include <cstring>

#include "exec/runtime/first_row.h"
#include "exec/runtime/worker_context.h"

namespace kappa {
namespace {

using Position = OrderedIndex::Position;
constexpr auto kBefore = OrderedIndex::kBefore, kNow = OrderedIndex::kNow;
constexpr int64_t kNoLimit = INT64_MAX / 4;
constexpr size_t kArenaBytes = 1 << 20;  // ranks that wait to be put out

RankKind KindOf(TopNOp::Ties ties) {
  return ties == TopNOp::Ties::kRowNumber ? RankKind::kRow : ties == TopNOp::Ties::kRank ? RankKind::kRank : RankKind::kDenseRank;
}

int64_t OffsetOf(const TopNOp& op) { return std::clamp<int64_t>(op.offset.value_or(0), 0, kNoLimit); }
int64_t EndOf(const TopNOp& op) { return OffsetOf(op) + std::clamp<int64_t>(op.limit.value_or(kNoLimit), 0, kNoLimit); }

// What stands behind the last rank never comes back when rows only come.
int64_t Keep(const TopNOp& op, const KeyedPlan& plan) { return plan.inputs[0].append_only && op.limit ? EndOf(op) : -1; }

}  // namespace

std::unique_ptr<KeyedOperator> MakeTopN(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan) {
  const TopNOp& top = *op.As<TopNOp>();
  if (top.ties == TopNOp::Ties::kRowNumber && Keep(top, plan) == 1 && OffsetOf(top) == 0) {
    return std::make_unique<FirstRow>(context, op.id, top, plan);
  }
  return std::make_unique<TopN>(context, op.id, top, plan);
}

TopN::TopN(WorkerContext* context, OperatorId id, const TopNOp& op, const KeyedPlan& plan)
    : KeyedOperator(context, id),
      op_(op),
      kind_(KindOf(op.ties)),
      shows_rank_(plan.parts.size() > 1),
      keep_(Keep(op, plan)),
      rank_layout_(shows_rank_ ? plan.parts[1].layout : RowLayout()),
      rows_(plan.inputs[0], op.order, op.peer_keys(), kind_ != RankKind::kRow, op.expiry) {}

// --- rows come

bool TopN::IsBehind(const OrderedRows::Partition& partition, const KeyedRow& row) const {
  if (partition.last_kept == 0) return false;
  const char* last = rows_.Row(partition.last_kept);
  if (kind_ != RankKind::kRow) return rows_.order().ComparePeers(row.row, last) > 0;
  return rows_.order().Compare(row.row, row.row_bytes, last, rows_.RowBytes(partition.last_kept)) >= 0;
}

void TopN::Apply(int, const KeyedRow* rows, int64_t count) {
  if (keep_ == 0) return;
  KeyTable::Id keys[OrderedRows::kBatch];
  for (int64_t begin = 0; begin < count; begin += OrderedRows::kBatch) {
    const int64_t batch = std::min(count - begin, OrderedRows::kBatch);
    rows_.FindPartitions(rows + begin, batch, keys);
    for (int64_t i = 0; i < batch; ++i) {
      const KeyedRow& row = rows[begin + i];
      if (keep_ > 0 && keys[i] != 0 && IsBehind(*rows_.partition(keys[i]), row)) continue;
      if (!rows_.Add(keys[i], row)) { return Fail(SqlError(sqlstate::kOutOfMemory) << "a top-N has more rows than one worker can hold"); }
      if (keep_ < 0) continue;
      OrderedRows::Partition* partition = rows_.partition(keys[i]);
      if (partition->index.entries() > 2 * keep_ + 16) DropBehind(partition);
    }
  }
}

void TopN::DropBehind(OrderedRows::Partition* partition) {
  const OrderedIndex& index = partition->index;
  int64_t offset = 0;
  const Position bound = index.AtRow(Bound(index, kNow, keep_), kNow, &offset);
  const int64_t kept = index.EntriesBefore(bound) + (offset > 0 ? 1 : 0);  // rows of one entry stay together
  const int64_t reached = kind_ == RankKind::kDenseRank ? index.heads(kNow) : index.rows(kNow);
  for (int64_t slot = index.entries() - 1; slot >= kept; --slot) {  // from the last one on: the others keep their slots
    if (const Position at = index.AtSlot(slot); at.rows(kNow) > 0) rows_.Drop(partition, at);
  }
  Position last = kept == 0 ? Position{} : index.AtSlot(kept - 1);
  if (last && last.rows(kNow) == 0) last = OrderedIndex::PreviousWithRows(last, kNow);
  partition->last_kept = last && reached >= keep_ ? last.id() : 0;
}

// --- the epoch's end

int64_t TopN::Bound(const OrderedIndex& index, Version version, int64_t rank) const {
  const int64_t rows = index.rows(version);
  if (kind_ == RankKind::kDenseRank) {
    if (rank >= index.heads(version)) return rows;
    return index.RowsBefore(index.AtHead(rank, version), version);
  }
  if (rank >= rows || kind_ == RankKind::kRow) return std::min(rank, rows);
  int64_t offset = 0;
  const Position at = index.AtRow(rank, version, &offset);
  if (offset == 0 && at.head(version)) return rank;
  const Position head = index.NextHead(at, version);
  return head ? index.RowsBefore(head, version) : rows;
}

TopN::Window TopN::WindowOf(const OrderedIndex& index, Version version) const {
  return {Bound(index, version, OffsetOf(op_)), Bound(index, version, EndOf(op_))};
}

// The entries between a bound as it was and as it is.
void TopN::AddBoundary(const OrderedIndex& index, int64_t before, int64_t now) {
  const int64_t a = index.EntriesBefore(index.AtRow(before, kBefore, nullptr)), b = index.EntriesBefore(index.AtRow(now, kNow, nullptr));
  ranges_.push_back({std::min(a, b), std::max(a, b) + 1});
}

void TopN::FlushPartition(const OrderedIndex& index) {
  changes_.clear();
  ranges_.clear();
  index.CollectChanges(&changes_);
  // Nothing else than what lies in one of the windows.
  const Window windows[2] = {WindowOf(index, kBefore), WindowOf(index, kNow)};
  const auto slot = [&](int64_t row, Version version) { return index.EntriesBefore(index.AtRow(row, version, nullptr)); };
  const int64_t begin = std::min(slot(windows[0].begin, kBefore), slot(windows[1].begin, kNow));
  const int64_t end = std::max(slot(windows[0].end, kBefore), slot(windows[1].end, kNow)) + 1;
  while (!changes_.empty() && changes_.back().slot >= end) changes_.pop_back();
  if (shows_rank_) {
    AddShiftedSlots(index, changes_, kind_, &ranges_);
  } else {
    for (const OrderedIndex::Change& change : changes_) {
      if (change.slot >= begin) ranges_.push_back({change.slot, change.slot + 1});
    }
  }
  AddBoundary(index, windows[0].begin, windows[1].begin);
  AddBoundary(index, windows[0].end, windows[1].end);
  for (SlotRange& range : ranges_) range = {std::max(range.begin, begin), std::min(range.end, end)};
  JoinRanges(&ranges_, index.entries());
  for (const SlotRange& range : ranges_) FlushRange(index, range, windows);
}

void TopN::FlushRange(const OrderedIndex& index, const SlotRange& range, const Window windows[2]) {
  Position at = index.AtSlot(range.begin);
  int64_t first[2], rank[2] = {0, 0};
  const auto rank_of_group = [&](int version) {
    const auto v = static_cast<Version>(version);
    if (kind_ == RankKind::kDenseRank) return index.HeadsBefore(at, v) + (at.head(v) ? 1 : 0);
    const Position head = index.HeadOf(at, v);
    return head ? index.RowsBefore(head, v) + 1 : 0;
  };
  for (int version = 0; version < 2; ++version) {
    first[version] = index.RowsBefore(at, static_cast<Version>(version));
    if (shows_rank_ && kind_ != RankKind::kRow) rank[version] = rank_of_group(version);
  }
  for (int64_t slot = range.begin; slot < range.end; ++slot, at = OrderedIndex::Next(at)) {
    ++visited_;
    CountWork(1);
    if (stopped()) return;
    Ranks ranks[2];
    for (int version = 0; version < 2; ++version) {
      const auto v = static_cast<Version>(version);
      const int64_t rows = at.rows(v), begin = std::max(first[version], windows[version].begin);
      if (slot > range.begin && kind_ != RankKind::kRow && at.head(v)) {
        rank[version] = kind_ == RankKind::kRank ? first[version] + 1 : rank[version] + 1;
      }
      ranks[version].count = std::max<int64_t>(0, std::min(first[version] + rows, windows[version].end) - begin);
      ranks[version].first = kind_ == RankKind::kRow ? begin + 1 : rank[version];
      first[version] += rows;
    }
    EmitEntry(at.id(), ranks[kBefore], ranks[kNow]);
  }
}

void TopN::EmitEntry(RowStore::Id id, const Ranks& before, const Ranks& now) {
  if (!shows_rank_ || (kind_ != RankKind::kRow && before.first == now.first)) {
    if (before.count == now.count) return;
    return shows_rank_ ? EmitRank(id, now.first, now.count - before.count) : Emit(rows_.Row(id), nullptr, now.count - before.count);
  }
  if (kind_ != RankKind::kRow) {
    if (before.count != 0) EmitRank(id, before.first, -before.count);
    if (now.count != 0) EmitRank(id, now.first, now.count);
    return;
  }
  for (int64_t rank = before.first; rank < before.first + before.count; ++rank) {
    if (rank < now.first || rank >= now.first + now.count) EmitRank(id, rank, -1);
  }
  for (int64_t rank = now.first; rank < now.first + now.count; ++rank) {
    if (rank < before.first || rank >= before.first + before.count) EmitRank(id, rank, 1);
  }
}

void TopN::EmitRank(RowStore::Id id, int64_t rank, int64_t weight) {
  char* part = arena_.Allocate(rank_layout_.size());
  std::memset(part, 0, rank_layout_.size());
  std::memcpy(part + rank_layout_.slots()[0].offset, &rank, sizeof rank);
  Emit(rows_.Row(id), part, weight);
}

void TopN::Flush(const KeyedEpoch&) {
  for (KeyTable::Id key : rows_.touched()) {
    OrderedRows::Partition* partition = rows_.partition(key);
    if (keep_ >= 0) DropBehind(partition);
    FlushPartition(partition->index);
    if (arena_.bytes_reserved() < kArenaBytes) continue;
    FlushOutput();
    arena_.Reset();
  }
  FlushOutput();
  arena_.Reset();
}

}  // namespace kappa
