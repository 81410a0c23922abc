#include "exec/runtime/join/join_side.h"

#include <algorithm>

#include "common/hash.h"

namespace kappa {
namespace {

uint32_t UserBytes(const JoinSideSpec& spec) {
  return spec.saved_bytes + 4 + (spec.unlinks ? 4 : 0) + (spec.touched ? 4 : 0) + (spec.expires ? 4 : 0);
}

}  // namespace

uint32_t RowIndex::TagOf(KeyTable::Id key, const char* row, size_t bytes) { return static_cast<uint32_t>(HashBytes(row, bytes, key)); }

void RowIndex::Insert(uint32_t tag, Id entry) {
  if (slots_ == nullptr || (entries_ + 1) * 4 > (mask_ + 1) * 3) {
    const std::unique_ptr<Slot[]> old = std::move(slots_);
    const uint64_t old_slots = old == nullptr ? 0 : mask_ + 1, slots = std::max<uint64_t>(old_slots * 2, 64);
    slots_.reset(new Slot[slots]());
    mask_ = slots - 1;
    for (uint64_t i = 0; i < old_slots; ++i) {
      if (old[i].entry == 0) continue;
      uint64_t at = old[i].tag & mask_;
      while (slots_[at].entry != 0) at = (at + 1) & mask_;
      slots_[at] = old[i];
    }
  }
  uint64_t at = tag & mask_;
  while (slots_[at].entry != 0) at = (at + 1) & mask_;
  slots_[at] = {tag, entry};
  ++entries_;
}

void RowIndex::Erase(uint32_t tag, Id entry) {
  uint64_t hole = tag & mask_;
  while (slots_[hole].entry != entry) hole = (hole + 1) & mask_;
  for (uint64_t at = (hole + 1) & mask_; slots_[at].entry != 0; at = (at + 1) & mask_) {
    const uint64_t home = slots_[at].tag & mask_;
    if (((at - home) & mask_) < ((at - hole) & mask_)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
  if (--entries_ == 0) slots_.reset();
}

JoinSide::JoinSide(const JoinSideSpec& spec, KeyTable* keys)
    : spec_(spec), keys_(keys), store_({UserBytes(spec), spec.saved_bytes, spec.weighted, false}, keys) {
  uint32_t offset = spec.saved_bytes;
  next_offset_ = offset;
  previous_offset_ = offset += 4;
  if (spec.unlinks) offset += 4;
  touched_offset_ = offset;
  if (spec.touched) offset += 4;
  expiry_offset_ = offset;
}

int64_t JoinSide::ExpiryOf(Id id) const {
  const char* row = store_.Row(id);
  if (spec_.layout.IsNull(row, spec_.time)) return INT64_MIN;
  int64_t time, expiry;
  std::memcpy(&time, row + spec_.time.offset, 8);
  if (__builtin_add_overflow(time, spec_.add, &expiry)) return spec_.add > 0 ? INT64_MAX : INT64_MIN;
  return expiry;
}

JoinSide::Id JoinSide::Find(KeyTable::Id key, const char* row, size_t bytes) const {
  if ((Count(key) & kIndexed) != 0) {
    return index_.Find(RowIndex::TagOf(key, row, bytes), [&](Id id) { return store_.Key(id) == key && store_.RowEquals(id, row, bytes); });
  }
  for (Id id = Head(key); id != 0; id = Next(id)) {
    if (store_.RowEquals(id, row, bytes)) return id;
  }
  return 0;
}

JoinSide::Id JoinSide::Add(KeyTable::Id key, const char* row, size_t bytes, int64_t weight) {
  const Id id = store_.Add(key, row, bytes, weight);
  if (id != 0) Link(id);
  return id;
}

void JoinSide::Link(Id id) {
  const KeyTable::Id key = store_.Key(id);
  Id* head = keys_->UserAs<Id>(key, spec_.head_offset);
  *At(id, next_offset_) = *head;
  if (spec_.unlinks) {
    *At(id, previous_offset_) = 0;
    if (*head != 0) *At(*head, previous_offset_) = id;
  }
  *head = id;
  if (spec_.expires) {
    const int64_t expiry = ExpiryOf(id);
    Id& first = expiries_[expiry == INT64_MIN ? kFirstBucket : expiry >> kBucketShift];
    *At(id, expiry_offset_) = first;
    first = id;
  }
  if (!spec_.weighted) return;
  uint32_t& count = Count(key);
  if ((++count & kIndexed) != 0) {
    index_.Insert(TagOf(id), id);
  } else if (count == kIndexFrom) {
    for (Id entry = id; entry != 0; entry = Next(entry)) index_.Insert(TagOf(entry), entry);
    count |= kIndexed;
  }
}

void JoinSide::Erase(Id id) {
  const KeyTable::Id key = store_.Key(id);
  const Id next = Next(id), previous = *At(id, previous_offset_);
  if (next != 0) *At(next, previous_offset_) = previous;
  if (previous != 0) {
    *At(previous, next_offset_) = next;
  } else {
    *keys_->UserAs<Id>(key, spec_.head_offset) = next;
  }
  if (spec_.weighted) {
    uint32_t& count = Count(key);
    if ((count & kIndexed) != 0) index_.Erase(TagOf(id), id);
    if (--count == (kIndexed | (kIndexBelow - 1))) {
      for (Id entry = Head(key); entry != 0; entry = Next(entry)) index_.Erase(TagOf(entry), entry);
      count &= ~kIndexed;
    }
  }
  store_.Erase(id);
}

}  // namespace kappa
