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

void AffectedSlots::Add(const OverCall& call, const OrderedIndex& index, const std::vector<OrderedIndex::Change>& changes,
                        std::vector<SlotRange>* ranges) {
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
      if (resized || !call.arguments[0].is_constant()) return all();
      return AddShiftedSlots(index, changes, RankKind::kRow, ranges);
    case Kind::kLag:
    case Kind::kLead:
      if (call.arguments.size() > 1 && !call.arguments[1].is_constant()) return all();
      if (call.arguments.size() > 1 && call.arguments[1].constant().is_null()) return;
      for (const OrderedIndex::Change& change : changes) AddOffset(call, index, change, ranges);
      return;
    case Kind::kFirstValue:
    case Kind::kLastValue:
    case Kind::kNthValue:
    case Kind::kAggregate:
      if (call.begin.kind == FrameEdge::Kind::kUnbounded && call.end.kind == FrameEdge::Kind::kUnbounded) return all();
      for (const OrderedIndex::Change& change : changes) AddFrame(call, index, change, ranges);
      return;
  }
}

void AffectedSlots::AddOffset(const OverCall& call, const OrderedIndex& index, const OrderedIndex::Change& change,
                              std::vector<SlotRange>* ranges) const {
  int64_t distance = call.arguments.size() > 1 ? call.arguments[1].constant().as_int() : 1;
  if (call.kind == Kind::kLead) distance = -distance;
  for (const auto version : {kBefore, kNow}) {
    const int64_t begin = change.rows_before[version], end = begin + change.at.rows(version);
    ranges->push_back(
        {SlotOfRow(index, begin - std::max<int64_t>(0, -distance), version), SlotOfRow(index, end + std::max<int64_t>(0, distance), version) + 1});
  }
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
