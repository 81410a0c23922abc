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

StateArena::StateArena() { chunks_.push_back(nullptr); }

StateArena::Ref StateArena::Allocate(size_t bytes) {
  const int size_class = ClassOf(bytes);
  const size_t size = ClassBytes(size_class);
  if (size_class < kClasses && free_[size_class] != 0) {
    const Ref ref = free_[size_class];
    std::memcpy(&free_[size_class], At(ref), sizeof(Ref));
    return ref;
  }
  if (size > kChunkBytes / 4) {  // a chunk of its own, placed before the current one stays last
    std::unique_ptr<char[]> chunk(new char[size]);
    reserved_ += size;
    if (chunks_.size() > 1) {
      // the current chunk must stay reachable under its index: own chunks simply end it
      next_ = end_ = 0;
    }
    chunks_.push_back(std::move(chunk));
    return static_cast<Ref>(chunks_.size() - 1) << 32;
  }
  if (end_ - next_ < size) {
    chunks_.push_back(std::unique_ptr<char[]>(new char[kChunkBytes]));
    reserved_ += kChunkBytes;
    next_ = 0;
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
  chunks_.push_back(nullptr);
  next_ = end_ = reserved_ = 0;
  for (Ref& list : free_) list = 0;
}

}  // namespace kappa
