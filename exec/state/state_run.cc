#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "exec/state/snapshot_store.h"

namespace kappa {

StateRun& StateRun::operator=(StateRun&& other) noexcept {
  entries_ = std::exchange(other.entries_, {});
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

void StateRun::Reserve(size_t bytes, size_t entries) {
  entries_.reserve(entries);
  if (bytes <= capacity_) return;
  std::unique_ptr<char[]> grown(new char[bytes]);
  if (size_ != 0) std::memcpy(grown.get(), bytes_.get(), size_);
  bytes_ = std::move(grown);
  capacity_ = bytes;
}

char* StateRun::Append(uint32_t table, uint64_t hash, std::string_view key, size_t value_bytes, bool deleted) {
  static_assert(std::endian::native == std::endian::little);
  const size_t bytes = kPrefix + key.size() + value_bytes + 1;
  if (size_ + bytes > capacity_) Reserve(std::max(size_ + bytes, capacity_ * 2 + 256), 0);
  char* at = bytes_.get() + size_;
  const uint32_t table_big = __builtin_bswap32(table);
  const uint64_t hash_big = __builtin_bswap64(hash);
  std::memcpy(at, &table_big, 4);
  std::memcpy(at + 4, &hash_big, 8);
  if (!key.empty()) std::memcpy(at + kPrefix, key.data(), key.size());
  at[bytes - 1] = deleted ? kDeleted : kPut;
  entries_.push_back({table, static_cast<uint32_t>(key.size()), hash, size_ + kPrefix, static_cast<uint32_t>(value_bytes), deleted});
  size_ += bytes;
  return at + kPrefix + key.size();
}

void StateRun::Put(uint32_t table, uint64_t hash, std::string_view key, std::string_view value) {
  char* out = Append(table, hash, key, value.size(), false);
  if (!value.empty()) std::memcpy(out, value.data(), value.size());
}

char* StateRun::Put(uint32_t table, uint64_t hash, std::string_view key, size_t value_bytes) { return Append(table, hash, key, value_bytes, false); }

void StateRun::Delete(uint32_t table, uint64_t hash, std::string_view key) { Append(table, hash, key, 0, true); }

void StateRun::MoveTo(StateRun* other) {
  if (other->empty() && other->capacity_ <= capacity_) {
    *other = std::move(*this);
    return;
  }
  if (!empty()) {
    if (other->size_ + size_ > other->capacity_) other->Reserve(std::max(other->size_ + size_, other->capacity_ * 2), 0);
    std::memcpy(other->bytes_.get() + other->size_, bytes_.get(), size_);
    other->entries_.reserve(other->entries_.size() + entries_.size());
    for (Entry entry : entries_) {
      entry.at += other->size_;
      other->entries_.push_back(entry);
    }
    other->size_ += size_;
  }
  *this = StateRun();
}

}  // namespace kappa
