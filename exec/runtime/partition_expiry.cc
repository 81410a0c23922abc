#include "exec/runtime/partition_expiry.h"

#include <cstring>

namespace kappa {

PartitionExpiry::PartitionExpiry(const std::optional<Expiry>& expiry, const KeyedPlan::Input& input, KeyTable* keys, uint32_t place_offset)
    : enabled_(expiry.has_value()), keys_(keys), place_offset_(place_offset) {
  if (!enabled_) return;
  layout_ = input.key;
  add_ = expiry->add;
  while (input.keys[column_].id != expiry->time) ++column_;
}

int64_t PartitionExpiry::TimeOf(KeyTable::Id key) const {
  const Slot& slot = layout_.slots()[column_];
  const char* bytes = keys_->KeyBytes(key);
  if (layout_.IsNull(bytes, slot)) return INT64_MAX;
  int64_t time, expiry;
  std::memcpy(&time, bytes + slot.offset, sizeof time);
  if (__builtin_add_overflow(time, add_, &expiry)) return add_ > 0 ? INT64_MAX : INT64_MIN;
  return expiry;
}

void PartitionExpiry::Add(KeyTable::Id key) {
  if (!enabled_) return;
  std::vector<KeyTable::Id>& keys = by_time_[TimeOf(key)];
  Place(key) = static_cast<uint32_t>(keys.size());
  keys.push_back(key);
  ++keys_in_it_;
}

void PartitionExpiry::Remove(KeyTable::Id key) {
  if (!enabled_) return;
  const auto found = by_time_.find(TimeOf(key));
  std::vector<KeyTable::Id>& keys = found->second;
  const uint32_t place = Place(key);
  Place(keys.back()) = place;
  keys[place] = keys.back();
  keys.pop_back();
  --keys_in_it_;
  if (keys.empty()) by_time_.erase(found);
}

}  // namespace kappa
