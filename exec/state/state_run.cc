#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "exec/state/packed_words.h"
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

char* StateRun::Begin(uint32_t table, uint64_t hash, std::string_view key, size_t value_bound) {
  static_assert(std::endian::native == std::endian::little);
  constexpr size_t kSmallest = 4 << 10, kLargest = 256 << 10;
  const size_t bound = kHeader + key.size() + value_bound + 1;
  if (bound > left_) {
    left_ = std::max(bound, std::clamp(bytes_, kSmallest, kLargest));
    chunks_.emplace_back(new char[left_]);
    next_ = chunks_.back().get();
  }
  const auto key_bytes = static_cast<uint32_t>(key.size());
  const uint32_t table_big = __builtin_bswap32(table);
  const uint64_t hash_big = __builtin_bswap64(hash);
  std::memcpy(next_, &key_bytes, 4);
  std::memcpy(next_ + 8, &table_big, 4);
  std::memcpy(next_ + 12, &hash_big, 8);
  if (!key.empty()) std::memcpy(next_ + kHeader, key.data(), key.size());
  return next_ + kHeader + key.size();
}

void StateRun::End(uint32_t table, uint64_t hash, char* value, char* end, size_t key_bytes, char mark) {
  const auto value_bytes = static_cast<uint32_t>(end - value);
  std::memcpy(next_ + 4, &value_bytes, 4);
  *end = mark;
  entries_.push_back({value - key_bytes, hash, table, mark == kDeleted});
  const auto bytes = static_cast<size_t>(end + 1 - next_);
  next_ += bytes;
  left_ -= bytes;
  bytes_ += bytes;
}

void StateRun::Put(uint32_t table, uint64_t hash, std::string_view key, std::string_view value) {
  char* out = Put(table, hash, key, value.size());
  if (!value.empty()) std::memcpy(out, value.data(), value.size());
}

char* StateRun::Put(uint32_t table, uint64_t hash, std::string_view key, size_t value_bytes) {
  char* value = Begin(table, hash, key, value_bytes);
  End(table, hash, value, value + value_bytes, key.size(), kPut);
  return value;
}

void StateRun::PutWords(uint32_t table, uint64_t hash, std::string_view key, uint64_t first, const char* rest, size_t rest_bytes) {
  char* value = Begin(table, hash, key, PackedBound(rest_bytes + sizeof(first)));
  End(table, hash, value, PackWords(first, rest, rest_bytes, value), key.size(), kPacked);
}

void StateRun::Delete(uint32_t table, uint64_t hash, std::string_view key) {
  char* value = Begin(table, hash, key, 0);
  End(table, hash, value, value, key.size(), kDeleted);
}

std::string StateRun::Entry::Value() const {
  const char* const value = key + KeyBytes(key);
  const std::string_view kept(value, ValueBytes(key));
  std::string unpacked;
  if (value[kept.size()] != kPacked) return std::string(kept);
  return UnpackWords(kept, &unpacked) ? unpacked : std::string();
}

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
