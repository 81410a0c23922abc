// A size-classed arena that frees. Blocks are named by a 64-bit reference that survives growth of the arena (chunk index and offset), so that rows
// holding references can be moved, and later written to disk and read back with their blocks. Not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/page_pool.h"
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
  KAPPA_INLINE char* At(Ref ref) const { return chunks_[ref >> 32] + static_cast<uint32_t>(ref); }
  size_t bytes_reserved() const { return reserved_; }
  void Clear();  // forgets every block, gives the chunks back
  void Reset();  // forgets every block, keeps the first chunk: what is allocated next has the references it would have in a new arena

  // Everything allocated so far as bytes. Restored into an arena that was Reset, every reference to it is valid again.
  //   chunks 4 | per chunk: used 4 | bytes
  size_t DumpBytes() const;
  void Dump(char* out) const;
  // False: not what Dump wrote. Nothing may be allocated behind it: only read, or freed by Reset.
  bool Restore(std::string_view dump);

 private:
  static constexpr size_t kChunkBytes = 256 << 10;
  static constexpr int kClasses = 48;
  static int ClassOf(size_t bytes);
  static size_t ClassBytes(int size_class);
  size_t UsedOf(size_t chunk) const { return chunk + 1 == chunks_.size() && end_ != 0 ? next_ : used_[chunk]; }
  size_t ChunksInUse() const { return chunks_.size() - 1 - (end_ != 0 && next_ == 0 ? 1 : 0); }
  void AddChunk(size_t bytes);
  std::vector<char*> chunks_;                    // chunk 0 is a dummy, so that 0 is no reference
  std::vector<size_t> used_;                     // of each chunk; the last one's is next_ while end_ is not 0
  std::unique_ptr<char[]> first_;                // chunk 1
  std::vector<std::unique_ptr<char[]>> single_;  // chunks of one block
  PagePool pool_;                                // the others
  size_t next_ = 0, end_ = 0;                    // in the last chunk
  size_t reserved_ = 0;
  size_t first_bytes_ = 0;   // of chunk 1
  Ref free_[kClasses] = {};  // lists threaded through the blocks
};

}  // namespace kappa
