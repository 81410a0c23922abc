// Memory for what is named by 32-bit numbers: blocks in chunks of up to 256 KB, freed by size class and used again; blocks of more than 64 KB have a
// chunk of their own, which goes back when they are freed. A block's address never changes. One thread.
//
//   id: | chunk 17 bits | offset in it, 15 bits, in units of 8 bytes |      0: nothing
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/page_pool.h"
#include "common/runtime.h"

namespace kappa {

class BlockArena {
 public:
  using Id = uint32_t;
  static constexpr int kChunkShift = 15;
  static constexpr size_t kUnit = 8, kMaxChunks = size_t{1} << (32 - kChunkShift);

  BlockArena() = default;
  ~BlockArena() { Clear(); }
  BlockArena(const BlockArena&) = delete;
  BlockArena& operator=(const BlockArena&) = delete;

  // Aligned to 8 bytes, contents undefined. 0: all numbers are taken (32 GB).
  Id Allocate(size_t bytes);
  void Free(Id id, size_t bytes);  // `bytes` as allocated
  KAPPA_INLINE char* At(Id id) const { return chunks_[id >> kChunkShift] + size_t{id & ((1u << kChunkShift) - 1)} * kUnit; }
  void Clear();
  size_t bytes() const { return reserved_; }    // taken from the system
  size_t bytes_free() const { return freed_; }  // of them, in blocks that were freed and wait to be used again
  size_t chunks() const { return chunks_.size(); }

 private:
  static constexpr size_t kChunkBytes = kUnit << kChunkShift, kLargest = kChunkBytes / 4;
  static constexpr int kClasses = 96;
  static int ClassOf(size_t bytes);
  static size_t ClassBytes(int size_class);
  bool AddChunk(size_t bytes, bool single, uint32_t* chunk);
  std::vector<char*> chunks_ = {nullptr};  // the first is none, so that 0 names nothing
  std::vector<bool> single_ = {false};     // chunks of one block: theirs alone
  std::vector<uint32_t> free_chunks_;      // places of chunks that went back
  PagePool pool_;                          // the other chunks
  size_t next_ = 0, end_ = 0;              // in the open chunk
  uint32_t open_ = 0;
  size_t reserved_ = 0, freed_ = 0;
  Id free_[kClasses] = {};  // lists threaded through the blocks
};

}  // namespace kappa
