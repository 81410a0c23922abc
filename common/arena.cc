#include "common/arena.h"

namespace kappa {

char* Arena::AllocateSlow(size_t bytes) {
  while (next_ != nullptr && current_ + 1 < chunks_.size()) {
    ++current_;
    next_ = chunks_[current_].memory.get();
    end_ = next_ + chunks_[current_].size;
    if (bytes <= static_cast<size_t>(end_ - next_)) {
      char* result = next_;
      next_ += bytes;
      return result;
    }
  }
  const size_t size = bytes > chunk_bytes_ ? bytes : chunk_bytes_;
  chunks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
  reserved_ += size;
  current_ = chunks_.size() - 1;
  next_ = chunks_.back().memory.get() + bytes;
  end_ = chunks_.back().memory.get() + size;
  return chunks_.back().memory.get();
}

}  // namespace kappa
