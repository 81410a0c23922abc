#include "common/state_arena.h"

#include <bit>
#include <cstring>

namespace kappa {

// Classes: 8, 16, 24, 32, then four per power of two (40, 48, 56, 64, 80, 96, 112, 128, 160, ...).
int StateArena::ClassOf(size_t bytes) {
  if (bytes <= 32) return bytes <= 8 ? 0 : static_cast<int>((bytes + 7) / 8) - 1;
  const int log = static_cast<int>(std::bit_width(bytes - 1)) - 1;  // 2^log < bytes <= 2^(log+1)
  const size_t step = size_t{1} << (log - 2);
  const size_t quarter = (bytes - (size_t{1} << log) + step - 1) / step;  // 1..4
  return 4 + (log - 5) * 4 + static_cast<int>(quarter) - 1;
}

size_t StateArena::ClassBytes(int size_class) {
  if (size_class < 4) return (static_cast<size_t>(size_class) + 1) * 8;
  const int log = (size_class - 4) / 4 + 5;
  return (size_t{1} << log) + (static_cast<size_t>((size_class - 4) % 4) + 1) * (size_t{1} << (log - 2));
}

StateArena::StateArena() {
  chunks_.push_back(nullptr);
  used_.push_back(0);
}

void StateArena::AddChunk(size_t bytes) {
  if (end_ != 0) used_.back() = next_;
  next_ = end_ = 0;
  if (chunks_.size() == 1) {
    first_.reset(new char[bytes]);
    first_bytes_ = bytes;
    chunks_.push_back(first_.get());
  } else if (bytes == kChunkBytes || bytes >= kLargePage / 2) {
    chunks_.push_back(pool_.Take(bytes));
  } else {
    chunks_.push_back(single_.emplace_back(new char[bytes]).get());
  }
  used_.push_back(bytes);
  reserved_ += bytes;
}

StateArena::Ref StateArena::Allocate(size_t bytes) {
  const int size_class = ClassOf(bytes);
  const size_t size = ClassBytes(size_class);
  if (size_class < kClasses && free_[size_class] != 0) {
    const Ref ref = free_[size_class];
    std::memcpy(&free_[size_class], At(ref), sizeof(Ref));
    return ref;
  }
  if (size > kChunkBytes / 4) {  // a chunk of its own, which ends the current one
    AddChunk(size);
    return static_cast<Ref>(chunks_.size() - 1) << 32;
  }
  if (end_ - next_ < size) {
    AddChunk(kChunkBytes);
    end_ = kChunkBytes;
  }
  const Ref ref = (static_cast<Ref>(chunks_.size() - 1) << 32) | next_;
  next_ += size;
  return ref;
}

void StateArena::Free(Ref ref, size_t bytes) {
  if (ref == 0) return;
  const int size_class = ClassOf(bytes);
  if (size_class >= kClasses) return;
  std::memcpy(At(ref), &free_[size_class], sizeof(Ref));
  free_[size_class] = ref;
}

void StateArena::Clear() {
  chunks_.clear();
  used_.clear();
  chunks_.push_back(nullptr);
  used_.push_back(0);
  first_.reset();
  single_.clear();
  pool_.Clear();
  next_ = end_ = reserved_ = 0;
  for (Ref& list : free_) list = 0;
}

void StateArena::Reset() {
  if (chunks_.size() == 1) return;
  std::unique_ptr<char[]> first = first_bytes_ == kChunkBytes ? std::move(first_) : nullptr;
  Clear();
  if (first == nullptr) return;
  first_ = std::move(first);
  chunks_.push_back(first_.get());
  used_.push_back(kChunkBytes);
  reserved_ = end_ = kChunkBytes;
}

size_t StateArena::DumpBytes() const {
  size_t bytes = 4;
  for (size_t chunk = 1; chunk <= ChunksInUse(); ++chunk) bytes += 4 + UsedOf(chunk);
  return bytes;
}

void StateArena::Dump(char* out) const {
  const auto chunks = static_cast<uint32_t>(ChunksInUse());
  std::memcpy(out, &chunks, 4);
  out += 4;
  for (size_t chunk = 1; chunk <= chunks; ++chunk) {
    const auto used = static_cast<uint32_t>(UsedOf(chunk));
    std::memcpy(out, &used, 4);
    std::memcpy(out + 4, chunks_[chunk], used);
    out += 4 + used;
  }
}

bool StateArena::Restore(std::string_view dump) {
  uint32_t chunks = 0;
  if (dump.size() < 4) return false;
  std::memcpy(&chunks, dump.data(), 4);
  dump.remove_prefix(4);
  for (uint32_t chunk = 1; chunk <= chunks; ++chunk) {
    uint32_t used = 0;
    if (dump.size() < 4) return false;
    std::memcpy(&used, dump.data(), 4);
    dump.remove_prefix(4);
    if (dump.size() < used) return false;
    if (chunk == 1 && chunks_.size() == 2 && used <= kChunkBytes && end_ == kChunkBytes) {
      next_ = used;  // the chunk that Reset kept
    } else {
      AddChunk(used);
    }
    if (used != 0) std::memcpy(chunks_[chunk], dump.data(), used);
    dump.remove_prefix(used);
  }
  return dump.empty();
}

}  // namespace kappa
