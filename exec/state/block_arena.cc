#include "exec/state/block_arena.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace kappa {

// Classes: every multiple of 8 up to 128 bytes, then eight per power of two: at most an eighth is wasted.
int BlockArena::ClassOf(size_t bytes) {
  if (bytes <= 128) return bytes == 0 ? 0 : static_cast<int>((bytes + 7) / 8) - 1;
  const int log = static_cast<int>(std::bit_width(bytes - 1)) - 1;  // 2^log < bytes <= 2^(log+1)
  const size_t step = size_t{1} << (log - 3);
  const size_t eighth = (bytes - (size_t{1} << log) + step - 1) / step;  // 1..8
  return 16 + (log - 7) * 8 + static_cast<int>(eighth) - 1;
}

size_t BlockArena::ClassBytes(int size_class) {
  if (size_class < 16) return (static_cast<size_t>(size_class) + 1) * 8;
  const int log = (size_class - 16) / 8 + 7;
  return (size_t{1} << log) + (static_cast<size_t>((size_class - 16) % 8) + 1) * (size_t{1} << (log - 3));
}

bool BlockArena::AddChunk(size_t bytes, bool single, uint32_t* chunk) {
  if (free_chunks_.empty() && chunks_.size() == kMaxChunks) return false;
  if (free_chunks_.empty()) {
    chunks_.push_back(nullptr);
    single_.push_back(false);
    *chunk = static_cast<uint32_t>(chunks_.size() - 1);
  } else {
    *chunk = free_chunks_.back();
    free_chunks_.pop_back();
  }
  chunks_[*chunk] = single ? static_cast<char*>(::operator new(bytes)) : pool_.Take(bytes);
  single_[*chunk] = single;
  reserved_ += bytes;
  return true;
}

BlockArena::Id BlockArena::Allocate(size_t bytes) {
  const int size_class = ClassOf(bytes);
  const size_t size = ClassBytes(size_class);
  uint32_t chunk;
  if (size > kLargest) return AddChunk(size, true, &chunk) ? chunk << kChunkShift : 0;
  if (const Id id = free_[size_class]; id != 0) {
    std::memcpy(&free_[size_class], At(id), sizeof(Id));
    freed_ -= size;
    return id;
  }
  if (end_ - next_ < size) {
    // Small tables stay small: the first chunks are.
    const size_t grown = std::min(kChunkBytes, std::max<size_t>(4096, std::bit_ceil(reserved_)));
    const size_t bytes_wanted = std::max(grown, std::bit_ceil(size));
    if (!AddChunk(bytes_wanted, false, &chunk)) return 0;
    // What is left of the open chunk is used for smaller blocks.
    while (end_ - next_ >= kUnit) {
      int rest = ClassOf(end_ - next_);
      if (ClassBytes(rest) > end_ - next_) --rest;
      const Id id = (open_ << kChunkShift) | static_cast<Id>(next_ / kUnit);
      next_ += ClassBytes(rest);
      Free(id, ClassBytes(rest));
    }
    open_ = chunk;
    next_ = 0;
    end_ = bytes_wanted;
  }
  const Id id = (open_ << kChunkShift) | static_cast<Id>(next_ / kUnit);
  next_ += size;
  return id;
}

void BlockArena::Free(Id id, size_t bytes) {
  if (id == 0) return;
  const int size_class = ClassOf(bytes);
  const size_t size = ClassBytes(size_class);
  if (size > kLargest) {
    const uint32_t chunk = id >> kChunkShift;
    ::operator delete(chunks_[chunk]);
    chunks_[chunk] = nullptr;
    free_chunks_.push_back(chunk);
    reserved_ -= size;
    return;
  }
  std::memcpy(At(id), &free_[size_class], sizeof(Id));
  free_[size_class] = id;
  freed_ += size;
}

void BlockArena::Clear() {
  for (size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
    if (single_[chunk]) ::operator delete(chunks_[chunk]);
  }
  pool_.Clear();
  chunks_.assign(1, nullptr);
  single_.assign(1, false);
  free_chunks_.clear();
  next_ = end_ = reserved_ = freed_ = 0;
  open_ = 0;
  for (Id& list : free_) list = 0;
}

}  // namespace kappa
