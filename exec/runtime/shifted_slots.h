// Which entries of an OrderedIndex an epoch's changes concern, as ranges of slots.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/state/ordered_index.h"

namespace kappa {

struct SlotRange {
  int64_t begin = 0, end = 0;  // half-open
};

// By what an entry's rank is counted: rows, the rows before its group of peers, or groups.
enum class RankKind : uint8_t { kRow, kRank, kDenseRank };

// The changed entries, and those whose rank another version tells otherwise. Ranges may overlap; in order of their begins.
void AddShiftedSlots(const OrderedIndex& index, const std::vector<OrderedIndex::Change>& changes, RankKind kind, std::vector<SlotRange>* ranges);

// Sorts them, joins those that meet or overlap, cuts them to [0, entries).
void JoinRanges(std::vector<SlotRange>* ranges, int64_t entries);

}  // namespace kappa
