// Which rows' values may differ between the versions, function by function. Too many cost time; too few would be wrong.
#include <algorithm>

#include "exec/runtime/over.h"

namespace kappa {
namespace {

using Kind = OverOp::Kind;
using Position = OrderedIndex::Position;
constexpr auto kBefore = OrderedIndex::kBefore, kNow = OrderedIndex::kNow;

int64_t SlotOfRow(const OrderedIndex& index, int64_t row, OrderedIndex::Version version) {
  if (row <= 0) return 0;
  if (row >= index.rows(version)) return index.entries();
  return index.EntriesBefore(index.AtRow(row, version, nullptr));
}

int64_t SlotOfGroup(const OrderedIndex& index, int64_t group, OrderedIndex::Version version) {
  if (group <= 0) return 0;
  if (group >= index.heads(version)) return index.entries();
  return index.EntriesBefore(index.AtHead(group, version));
}

// The group that holds the entry, or where it has no rows, the one before it.
int64_t GroupOf(const OrderedIndex& index, Position at, OrderedIndex::Version version) {
  return index.HeadsBefore(at, version) + (at.head(version) ? 0 : -1);
}

}  // namespace

AffectedSlots::Counted AffectedSlots::CountedBy(const OverCall& call, const OrderedRows::Partition& partition) const {
  if (!call.ignore_nulls || call.present < 0) return {&partition.index, nullptr};
  const auto present = static_cast<size_t>(call.present);
  return {&(*partition.present)[present], &plan_->present[present]};
}

Position AffectedSlots::InPartition(const Counted& counted, const OrderedIndex& index, Position at) const {
  return counted.column == nullptr || !at ? at : rows_->Locate(index, at.id());
}

void AffectedSlots::Add(const OverCall& call, int64_t reach, const OrderedRows::Partition& partition,
                        const std::vector<OrderedIndex::Change>& changes, std::vector<SlotRange>* ranges) {
  const OrderedIndex& index = partition.index;
  const Counted counted = CountedBy(call, partition);
  const bool resized = index.rows(kBefore) != index.rows(kNow);
  auto all = [&] { ranges->push_back({0, index.entries()}); };
  switch (call.kind) {
    case Kind::kRowNumber:
      return AddShiftedSlots(index, changes, RankKind::kRow, ranges);
    case Kind::kRank:
      return AddShiftedSlots(index, changes, RankKind::kRank, ranges);
    case Kind::kDenseRank:
      return AddShiftedSlots(index, changes, RankKind::kDenseRank, ranges);
    case Kind::kPercentRank:
      return resized ? all() : AddShiftedSlots(index, changes, RankKind::kRank, ranges);
    case Kind::kCumeDist:
      if (resized) return all();
      AddShiftedSlots(index, changes, RankKind::kRank, ranges);
      for (const OrderedIndex::Change& change : changes) {  // and those of its group that stand before it
        for (const auto version : {kBefore, kNow}) {
          const Position head = index.HeadOf(change.at, version);
          if (head) ranges->push_back({index.EntriesBefore(head), change.slot});
        }
      }
      return;
    case Kind::kNtile:
      if (!AddNtile(call, partition, ranges)) return all();
      return;
    case Kind::kLag:
    case Kind::kLead:
      if (call.arguments.size() > 1 && call.arguments[1].is_constant() && call.arguments[1].constant().is_null()) return;
      for (const OrderedIndex::Change& change : changes) AddOffset(call, reach, counted, index, change, ranges);
      return;
    case Kind::kFirstValue:
    case Kind::kLastValue:
    case Kind::kNthValue:
    case Kind::kAggregate:
      if (call.begin.kind == FrameEdge::Kind::kUnbounded && call.end.kind == FrameEdge::Kind::kUnbounded) return all();
      for (const OrderedIndex::Change& change : changes) {
        if (!AddFrameValue(call, counted, index, change, ranges)) AddFrame(call, index, change, ranges);
      }
      return;
  }
}

// Rows that see the change at their distance, and those for which it stands between them and what they see.
void AffectedSlots::AddOffset(const OverCall& call, int64_t reach, const Counted& counted, const OrderedIndex& index,
                              const OrderedIndex::Change& change, std::vector<SlotRange>* ranges) const {
  int64_t distance = call.varies ? 0 : call.arguments.size() > 1 ? call.arguments[1].constant().as_int() : 1;
  if (call.kind == Kind::kLead) distance = -distance;
  const int64_t ahead = call.varies ? reach : std::max<int64_t>(0, -distance), behind = call.varies ? reach : std::max<int64_t>(0, distance);
  if (counted.column == nullptr) {
    for (const auto version : {kBefore, kNow}) {
      const int64_t begin = change.rows_before[version], end = begin + change.at.rows(version);
      ranges->push_back({SlotOfRow(index, begin - ahead, version), SlotOfRow(index, end + behind, version) + 1});
    }
    return;
  }
  if (counted.column->IsNull(rows_->Row(change.at.id()))) return;
  const Position at = rows_->Locate(*counted.rows, change.at.id());
  for (const auto version : {kBefore, kNow}) {
    const int64_t begin = counted.rows->RowsBefore(at, version), end = begin + at.rows(version), rows = counted.rows->rows(version);
    SlotRange range{change.slot, change.slot + 1};
    const auto slot_of = [&](int64_t row) { return index.EntriesBefore(InPartition(counted, index, counted.rows->AtRow(row, version, nullptr))); };
    if (ahead > 0) range.begin = begin < ahead ? 0 : slot_of(begin - ahead);
    if (behind > 0) range.end = end + behind > rows ? index.entries() : slot_of(end + behind - 1) + 1;
    ranges->push_back(range);
  }
}

// Values at an end of a frame that stands still on that side, or grows to the partition's other end: what lies between is seen by few rows. The
// change is the last value for rows whose frames reach it, but not the next row that counts; and so on. False: nothing of the kind is known.
bool AffectedSlots::AddFrameValue(const OverCall& call, const Counted& counted, const OrderedIndex& index, const OrderedIndex::Change& change,
                                  std::vector<SlotRange>* ranges) {
  if (call.kind == Kind::kAggregate || call.exclude != OverOp::Exclude::kNoOthers) return false;
  const bool from_begin = call.begin.kind == FrameEdge::Kind::kUnbounded, to_end = call.end.kind == FrameEdge::Kind::kUnbounded;
  if (from_begin == to_end) return false;
  int64_t nth = 1;
  if (call.kind == Kind::kNthValue) {
    if (!call.arguments[1].is_constant() || call.arguments[1].constant().is_null()) return false;
    nth = call.arguments[1].constant().as_int();
  }
  AddShift(from_begin ? call.end : call.begin, index, change, ranges);
  if (counted.column != nullptr && counted.column->IsNull(rows_->Row(change.at.id()))) return true;
  const Position at = counted.column == nullptr ? change.at : rows_->Locate(*counted.rows, change.at.id());
  for (const auto version : {kBefore, kNow}) {
    const int64_t before = counted.rows->RowsBefore(at, version), rows = at.rows(version), all = counted.rows->rows(version);
    SlotRange range{0, index.entries()};
    if (from_begin) {
      if (call.kind != Kind::kLastValue && before >= nth) continue;
      range.begin = FirstReaching(call.end, index, change, version);
      if (call.kind == Kind::kLastValue) {
        if (const Position next = OrderedIndex::NextWithRows(at, version))
          range.end = FirstEndingPast(call.end, index, InPartition(counted, index, next), version);
      }
    } else {
      if (call.kind == Kind::kLastValue && before + rows < all) continue;
      range.end = LastReached(call.begin, index, change, version);
      if (call.kind != Kind::kLastValue && before >= nth) {
        int64_t copy = 0;
        const Position previous = counted.rows->AtRow(before - nth, version, &copy);
        range.begin = FirstBeginningPast(call.begin, index, InPartition(counted, index, previous), copy, version);
      }
    }
    ranges->push_back(range);
  }
  return true;
}

// The slot of the first row whose frame holds the first row of an entry, or rows behind it. Not earlier: rows before it are known to be what they
// were.
int64_t AffectedSlots::FirstEndingPast(const FrameEdge& end, const OrderedIndex& index, Position at, Version version) {
  if (end.kind == FrameEdge::Kind::kRow) return SlotOfRow(index, index.RowsBefore(at, version) - end.distance, version);
  if (end.kind == FrameEdge::Kind::kGroup) return SlotOfGroup(index, GroupOf(index, at, version) - end.distance, version);
  return FirstReaching(end, index, {at, 0, {0, 0}}, version);
}

// The slot of the first row whose frame begins behind a row, the `copy`-th of an entry.
int64_t AffectedSlots::FirstBeginningPast(const FrameEdge& begin, const OrderedIndex& index, Position at, int64_t copy, Version version) {
  if (begin.kind == FrameEdge::Kind::kRow) return SlotOfRow(index, index.RowsBefore(at, version) + copy + 1 - begin.distance, version);
  if (begin.kind == FrameEdge::Kind::kGroup) return SlotOfGroup(index, GroupOf(index, at, version) + 1 - begin.distance, version);
  return LastReached(begin, index, {at, 0, {0, 0}}, version);
}

// Rows between which and an edge of their frames the change stands: their frames begin or end at another row.
void AffectedSlots::AddShift(const FrameEdge& edge, const OrderedIndex& index, const OrderedIndex::Change& change,
                             std::vector<SlotRange>* ranges) const {
  const int64_t distance = std::abs(edge.distance);
  if (distance == 0 || edge.kind == FrameEdge::Kind::kRange) return;
  for (const auto version : {kBefore, kNow}) {
    if (edge.kind == FrameEdge::Kind::kRow) {
      const int64_t begin = change.rows_before[version], end = begin + change.at.rows(version);
      ranges->push_back({SlotOfRow(index, begin - distance, version), SlotOfRow(index, end + distance, version) + 1});
    } else {
      const int64_t group = GroupOf(index, change.at, version);
      ranges->push_back({SlotOfGroup(index, group - distance, version), SlotOfGroup(index, group + distance + 2, version)});
    }
  }
}

// Where the buckets begin, and where they began: between lie the rows that have gone to another one. False: any row may have.
bool AffectedSlots::AddNtile(const OverCall& call, const OrderedRows::Partition& partition, std::vector<SlotRange>* ranges) const {
  const OrderedIndex& index = partition.index;
  const NtileSpec ntiles[2] = {MakeNtile(call, *rows_, partition, kBefore), MakeNtile(call, *rows_, partition, kNow)};
  const int64_t buckets = ntiles[kNow].buckets;
  if (ntiles[kBefore].buckets != buckets || buckets <= 0 || buckets > index.entries() / 8) return false;
  for (int64_t bucket = 0; bucket < buckets; ++bucket) {
    const int64_t before = SlotOfRow(index, ntiles[kBefore].FirstRowOf(bucket), kBefore);
    const int64_t now = SlotOfRow(index, ntiles[kNow].FirstRowOf(bucket), kNow);
    ranges->push_back({std::min(before, now), std::max(before, now) + 1});
  }
  return true;
}

void AffectedSlots::AddFrame(const OverCall& call, const OrderedIndex& index, const OrderedIndex::Change& change, std::vector<SlotRange>* ranges) {
  for (const auto version : {kBefore, kNow}) {
    ranges->push_back({FirstReaching(call.end, index, change, version), LastReached(call.begin, index, change, version)});
  }
}

// The slot of the first row whose frame ends at the change or behind it.
int64_t AffectedSlots::FirstReaching(const FrameEdge& end, const OrderedIndex& index, const OrderedIndex::Change& change,
                                     OrderedIndex::Version version) {
  switch (end.kind) {
    case FrameEdge::Kind::kUnbounded:
      return 0;
    case FrameEdge::Kind::kRow:
      return SlotOfRow(index, change.rows_before[version] - std::max<int64_t>(0, end.distance), version);
    case FrameEdge::Kind::kGroup:
      return SlotOfGroup(index, GroupOf(index, change.at, version) - std::max<int64_t>(0, end.distance), version);
    case FrameEdge::Kind::kRange:
      break;
  }
  const char* changed = rows_->Row(change.at.id());
  return index.EntriesBefore(index.FirstNot([&](uint64_t, RowStore::Id id) {
    bound_.Set(end, rows_->Row(id));
    return bound_.Compare(changed) > 0;
  }));
}

// The slot behind the last row whose frame begins at the change or before it.
int64_t AffectedSlots::LastReached(const FrameEdge& begin, const OrderedIndex& index, const OrderedIndex::Change& change,
                                   OrderedIndex::Version version) {
  switch (begin.kind) {
    case FrameEdge::Kind::kUnbounded:
      return index.entries();
    case FrameEdge::Kind::kRow:
      return SlotOfRow(index, change.rows_before[version] + change.at.rows(version) + std::max<int64_t>(0, -begin.distance), version) + 1;
    case FrameEdge::Kind::kGroup:
      return SlotOfGroup(index, GroupOf(index, change.at, version) + std::max<int64_t>(0, -begin.distance) + 1, version);
    case FrameEdge::Kind::kRange:
      break;
  }
  const char* changed = rows_->Row(change.at.id());
  return index.EntriesBefore(index.FirstNot([&](uint64_t, RowStore::Id id) {
    bound_.Set(begin, rows_->Row(id));
    return bound_.Compare(changed) >= 0;
  }));
}

}  // namespace kappa
