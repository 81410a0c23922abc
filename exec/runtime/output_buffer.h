// Rows that leave the dataflow at a sink, a view or a result, of one worker in one epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "common/arena.h"
#include "common/runtime.h"
#include "types/values.h"

namespace kappa {

// `copies_texts`: rows come from state that changes before they are read, so their texts are copied; else they point into the source's batch and must
// be drained before it is released.
class OutputBuffer {
 public:
  OutputBuffer(size_t row_bytes, bool copies_texts) : row_bytes_(row_bytes), copies_texts_(copies_texts), arena_(256 << 10) {}
  KAPPA_INLINE char* Append(int64_t weight) {
    char* row = arena_.Allocate(row_bytes_);
    rows_.push_back(row);
    if (KAPPA_UNLIKELY(weight != 1 || !weights_.empty())) AppendWeight(weight);
    return row;
  }
  KAPPA_INLINE Text Own(Text text) { return copies_texts_ ? Copy(text) : text; }
  void Clear() {
    rows_.clear();
    weights_.clear();
    arena_.Reset();
  }
  const std::vector<const char*>& rows() const { return rows_; }
  const std::vector<int64_t>& weights() const { return weights_; }  // empty: all +1
  size_t bytes() const { return arena_.bytes_reserved(); }
  bool copies_texts() const { return copies_texts_; }

 private:
  KAPPA_COLD void AppendWeight(int64_t weight) {
    weights_.resize(rows_.size() - 1, 1);
    weights_.push_back(weight);
  }
  Text Copy(Text text) {
    char* bytes = arena_.Allocate(text.size + 1);
    if (text.size != 0) std::memcpy(bytes, text.data, text.size);
    text.data = bytes;
    return text;
  }
  size_t row_bytes_;
  bool copies_texts_;
  Arena arena_;
  std::vector<const char*> rows_;
  std::vector<int64_t> weights_;
};

}  // namespace kappa
