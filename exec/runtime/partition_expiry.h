// Partitions of a keyed operator by the time at which they are over (Expiry in planner/dataflow/dataflow.h): no row of theirs comes any more, so what
// is kept of them can go. Nothing of this is saved: the partitions' keys tell it again while loading.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "exec/keyed_plan.h"
#include "exec/runtime/partition_clock.h"
#include "exec/state/key_table.h"

namespace kappa {

class PartitionExpiry {
 public:
  // `place_offset`: of four bytes in a key's user area that are this one's. `expiry`: names a key of `input`, a timestamp; nullopt: partitions stay.
  PartitionExpiry(const std::optional<Expiry>& expiry, const KeyedPlan::Input& input, KeyTable* keys, uint32_t place_offset);
  // A partition that is new; one that goes by itself.
  void Add(KeyTable::Id key);
  void Remove(KeyTable::Id key);
  // visit(key) for each whose time the watermark has passed; it is forgotten here, and may be erased.
  template <typename Visit>
  void TakeExpired(int64_t watermark, const Visit& visit) {
    while (!by_time_.empty()) {
      const auto first = by_time_.begin();
      if (watermark != kEndOfTime && first->first >= watermark) return;
      const std::vector<KeyTable::Id> keys = std::move(first->second);
      by_time_.erase(first);
      keys_in_it_ -= keys.size();
      for (const KeyTable::Id key : keys) visit(key);
    }
  }
  size_t bytes() const { return by_time_.size() * 80 + keys_in_it_ * sizeof(KeyTable::Id); }

 private:
  int64_t TimeOf(KeyTable::Id key) const;
  uint32_t& Place(KeyTable::Id key) const { return *keys_->UserAs<uint32_t>(key, place_offset_); }  // in its vector

  const bool enabled_;
  RowLayout layout_;  // of the key
  size_t column_ = 0;
  int64_t add_ = 0;
  KeyTable* const keys_;
  const uint32_t place_offset_;
  std::map<int64_t, std::vector<KeyTable::Id>> by_time_;
  size_t keys_in_it_ = 0;
};

}  // namespace kappa
