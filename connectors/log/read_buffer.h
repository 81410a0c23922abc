// Memory that a reader hands out with its batches and gets back when they are released.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "connectors/log/record_batch_codec.h"

namespace kappa::log {

// Bytes of a segment, what had to be decompressed of them, and the records found in both. Filled by one thread; read-only while a batch refers to it.
struct ReadBuffer {
  // A block with kReadablePadding readable bytes behind it.
  struct Block {
    std::unique_ptr<char[]> memory;
    size_t capacity = 0;
    size_t used = 0;
    void Reserve(size_t bytes) {  // what it held is lost
      if (bytes <= capacity) return;
      memory = std::make_unique<char[]>(bytes + kReadablePadding);
      capacity = bytes;
    }
  };
  Block raw;
  Block inflated;
  std::vector<Record> records;
  std::vector<StoredChecksum> checksums;  // of the batches whose records these are
  HeaderStore headers;
  void Reset() {
    raw.used = inflated.used = 0;
    records.clear();
    checksums.clear();
    headers.Reset();
  }
};

// One thread acquires; any thread may drop the last other reference.
class ReadBufferPool {
 public:
  std::shared_ptr<ReadBuffer> Acquire() {
    for (auto& buffer : buffers_) {
      if (buffer.use_count() != 1) continue;
      std::atomic_thread_fence(std::memory_order_acquire);  // use_count is relaxed: see what the last holder did
      buffer->Reset();
      return buffer;
    }
    auto fresh = std::make_shared<ReadBuffer>();
    if (buffers_.size() < kKept) buffers_.push_back(fresh);
    return fresh;
  }

 private:
  static constexpr size_t kKept = 64;  // beyond it, buffers are freed when released
  std::vector<std::shared_ptr<ReadBuffer>> buffers_;
};

}  // namespace kappa::log
