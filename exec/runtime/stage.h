// Rows on their way to keyed state: fixed-size rows in chunks of 512, one row of chunks per target worker. The same buffer serves prefetching and the
// exchange between workers. Layout of a row (all 8-byte aligned):
//   | hash 8 | key: the fixed key, or pointer 8 and size 8 | argument slots | adds mask 8 | weight 8 |
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/runtime.h"

namespace kappa {

struct StageChunk {
  std::unique_ptr<char[]> rows;
  int64_t count = 0;
};

inline constexpr int64_t kStageRows = 512;
inline constexpr int kShardBits = 8;  // 256 shards: the hash's highest bits; a worker owns a contiguous range of them

KAPPA_INLINE int32_t ShardOf(uint64_t hash) { return static_cast<int32_t>(hash >> (64 - kShardBits)); }
KAPPA_INLINE int32_t OwnerOf(uint64_t hash, int32_t workers) {
  return static_cast<int32_t>((static_cast<uint64_t>(ShardOf(hash)) * static_cast<uint64_t>(workers)) >> kShardBits);
}

class Stage {
 public:
  Stage(size_t row_bytes, int32_t targets);
  // A row to fill for `target`; the chunk it lies in may be full afterwards.
  KAPPA_INLINE char* Add(int32_t target) {
    StageChunk* chunk = open_[target];
    if (KAPPA_UNLIKELY(chunk->count == kStageRows)) chunk = Seal(target);
    return chunk->rows.get() + static_cast<size_t>(chunk->count++) * row_bytes_;
  }
  // Of a target that is never sealed (the only one, or local groups): the open chunk is full and must be applied now.
  KAPPA_INLINE bool Full(int32_t target = 0) const { return open_[target]->count == kStageRows; }
  StageChunk* open(int32_t target) { return open_[target]; }
  // Everything staged for `target`, in order; valid until Clear(target).
  std::vector<StageChunk*>& Chunks(int32_t target) { return sealed_[target]; }
  void Clear(int32_t target);
  bool Empty(int32_t target) const;
  size_t row_bytes() const { return row_bytes_; }

 private:
  KAPPA_COLD StageChunk* Seal(int32_t target);
  std::unique_ptr<StageChunk> NewChunk() const;
  size_t row_bytes_;
  std::vector<StageChunk*> open_;
  std::vector<std::vector<StageChunk*>> sealed_;  // the open one is the last
  std::vector<std::unique_ptr<StageChunk>> owned_;
  std::vector<StageChunk*> free_;
};

}  // namespace kappa
