// A size-classed arena that frees. Blocks are named by a 64-bit reference that survives growth of the arena (chunk index and offset), so that rows
// holding references can be moved, and later written to disk and read back with their blocks. Not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/runtime.h"

namespace kappa {

class StateArena {
 public:
  using Ref = uint64_t;  // 0: nothing
  StateArena();
  StateArena(StateArena&&) = default;
  StateArena& operator=(StateArena&&) = default;

  Ref Allocate(size_t bytes);        // rounded up to its size class
  void Free(Ref ref, size_t bytes);  // `bytes` as allocated
  KAPPA_INLINE char* At(Ref ref) const { return chunks_[ref >> 32].get() + static_cast<uint32_t>(ref); }
  size_t bytes_reserved() const { return reserved_; }
  void Clear();  // forgets every block, gives the chunks back

 private:
  static constexpr size_t kChunkBytes = 256 << 10;
  static constexpr int kClasses = 48;
  static int ClassOf(size_t bytes);
  static size_t ClassBytes(int size_class);
  std::vector<std::unique_ptr<char[]>> chunks_;  // chunk 0 is a dummy, so that 0 is no reference
  size_t next_ = 0, end_ = 0;                    // in the last chunk
  size_t reserved_ = 0;
  Ref free_[kClasses] = {};  // lists threaded through the blocks
};

}  // namespace kappa
