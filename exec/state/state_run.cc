#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "exec/state/snapshot_store.h"

namespace kappa {

StateRun& StateRun::operator=(StateRun&& other) noexcept {
  entries_ = std::exchange(other.entries_, {});
  chunks_ = std::exchange(other.chunks_, {});
  next_ = std::exchange(other.next_, nullptr);
  left_ = std::exchange(other.left_, 0);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

char* StateRun::Append(uint32_t table, uint64_t hash, std::string_view key, size_t value_bytes, bool deleted) {
  static_assert(std::endian::native == std::endian::little);
  constexpr size_t kSmallest = 4 << 10, kLargest = 256 << 10;
  const size_t bytes = kPrefix + key.size() + value_bytes + 1;
  if (bytes > left_) {
    left_ = std::max(bytes, std::clamp(bytes_, kSmallest, kLargest));
    chunks_.emplace_back(new char[left_]);
    next_ = chunks_.back().get();
  }
  char* at = next_;
  const uint32_t table_big = __builtin_bswap32(table);
  const uint64_t hash_big = __builtin_bswap64(hash);
  std::memcpy(at, &table_big, 4);
  std::memcpy(at + 4, &hash_big, 8);
  if (!key.empty()) std::memcpy(at + kPrefix, key.data(), key.size());
  at[bytes - 1] = deleted ? kDeleted : kPut;
  entries_.push_back({at + kPrefix, hash, table, static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value_bytes), deleted});
  next_ += bytes;
  left_ -= bytes;
  bytes_ += bytes;
  return at + kPrefix + key.size();
}

void StateRun::Put(uint32_t table, uint64_t hash, std::string_view key, std::string_view value) {
  char* out = Append(table, hash, key, value.size(), false);
  if (!value.empty()) std::memcpy(out, value.data(), value.size());
}

char* StateRun::Put(uint32_t table, uint64_t hash, std::string_view key, size_t value_bytes) { return Append(table, hash, key, value_bytes, false); }

void StateRun::Delete(uint32_t table, uint64_t hash, std::string_view key) { Append(table, hash, key, 0, true); }

void StateRun::MoveTo(StateRun* other) {
  if (other->empty()) {
    *other = std::move(*this);
    return;
  }
  other->entries_.insert(other->entries_.end(), entries_.begin(), entries_.end());
  for (auto& chunk : chunks_) other->chunks_.push_back(std::move(chunk));
  other->bytes_ += bytes_;
  *this = StateRun();
}

}  // namespace kappa
