#include "exec/runtime/shifted_slots.h"

#include <algorithm>

namespace kappa {
namespace {

using Position = OrderedIndex::Position;
constexpr auto kBefore = OrderedIndex::kBefore, kNow = OrderedIndex::kNow;

}  // namespace

void AddShiftedSlots(const OrderedIndex& index, const std::vector<OrderedIndex::Change>& changes, RankKind kind, std::vector<SlotRange>* ranges) {
  for (size_t i = 0; i < changes.size(); ++i) {
    const OrderedIndex::Change& change = changes[i];
    const int64_t next = i + 1 < changes.size() ? changes[i + 1].slot : index.entries();
    if (kind == RankKind::kRow) {
      const int64_t moved = change.rows_before[kNow] + change.at.rows(kNow) - change.rows_before[kBefore] - change.at.rows(kBefore);
      ranges->push_back({change.slot, moved == 0 ? change.slot + 1 : next});
      continue;
    }
    // To the end of its group in both versions; and on, when what follows has moved.
    int64_t end = change.slot + 1;
    Position last = OrderedIndex::Next(change.at);
    for (const auto version : {kBefore, kNow}) {
      const Position head = index.NextHead(change.at, version);
      const int64_t slot = index.EntriesBefore(head);
      if (slot <= end) continue;
      end = slot;
      last = head;
    }
    const int64_t moved = kind == RankKind::kRank ? index.RowsBefore(last, kNow) - index.RowsBefore(last, kBefore)
                                                  : index.HeadsBefore(last, kNow) - index.HeadsBefore(last, kBefore);
    const auto following = std::lower_bound(changes.begin() + static_cast<std::ptrdiff_t>(i) + 1, changes.end(), end,
                                            [](const OrderedIndex::Change& later, int64_t slot) { return later.slot < slot; });
    const int64_t until = following == changes.end() ? index.entries() : following->slot;
    ranges->push_back({change.slot, moved == 0 ? end : std::max(end, until)});
  }
}

void JoinRanges(std::vector<SlotRange>* ranges, int64_t entries) {
  std::sort(ranges->begin(), ranges->end(), [](const SlotRange& a, const SlotRange& b) { return a.begin < b.begin; });
  size_t kept = 0;
  for (SlotRange range : *ranges) {
    range.begin = std::max<int64_t>(range.begin, 0);
    range.end = std::min(range.end, entries);
    if (range.begin >= range.end) continue;
    if (kept > 0 && range.begin <= (*ranges)[kept - 1].end) {
      (*ranges)[kept - 1].end = std::max((*ranges)[kept - 1].end, range.end);
    } else {
      (*ranges)[kept++] = range;
    }
  }
  ranges->resize(kept);
}

}  // namespace kappa
