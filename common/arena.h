// Bump allocation in chunks that are kept for reuse: after warm-up, no call of malloc. Not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/runtime.h"

namespace kappa {

class Arena {
 public:
  explicit Arena(size_t chunk_bytes = 64 << 10) : chunk_bytes_(chunk_bytes) {}
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  // 8-byte aligned; valid until Reset.
  KAPPA_INLINE char* Allocate(size_t bytes) {
    bytes = (bytes + 7) & ~size_t{7};
    if (KAPPA_UNLIKELY(bytes > static_cast<size_t>(end_ - next_))) return AllocateSlow(bytes);
    char* result = next_;
    next_ += bytes;
    return result;
  }
  // Gives everything back at once, keeps the chunks.
  KAPPA_INLINE void Reset() {
    if (chunks_.empty()) return;
    current_ = 0;
    next_ = chunks_[0].memory.get();
    end_ = next_ + chunks_[0].size;
  }
  size_t bytes_reserved() const { return reserved_; }

 private:
  KAPPA_COLD char* AllocateSlow(size_t bytes);
  struct Chunk {
    std::unique_ptr<char[]> memory;
    size_t size = 0;
  };
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t chunk_bytes_;
  size_t reserved_ = 0;
  size_t current_ = 0;  // the chunk in use
  std::vector<Chunk> chunks_;
};

}  // namespace kappa
