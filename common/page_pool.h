// Memory for what grows large, in pages of 2 MB where the system gives them (madvise): filling it costs one page fault instead of 512, and random
// access fewer translations. What is small stays ordinary memory. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/runtime.h"

namespace kappa {

inline constexpr size_t kLargePage = size_t{2} << 20;

// Zeroed memory of at least `bytes`, aligned to kLargePage; freed with the same number of bytes. Fails as operator new does.
char* AllocateLargePages(size_t bytes);
void FreeLargePages(char* memory, size_t bytes);
// Zeroed memory of any size: large pages from kLargePage on.
char* AllocateZeroed(size_t bytes);
void FreeZeroed(char* memory, size_t bytes);

// Pieces that live as long as the pool, or until Clear.
class PagePool {
 public:
  PagePool() = default;
  ~PagePool() { Clear(); }
  PagePool(PagePool&& other) noexcept { *this = std::move(other); }
  PagePool& operator=(PagePool&& other) noexcept;
  // Aligned to 16 bytes, contents undefined. The first megabytes come piece by piece.
  char* Take(size_t bytes);
  void Clear();

 private:
  struct Region {
    char* memory;
    size_t bytes;
  };
  std::vector<std::unique_ptr<char[]>> small_;
  std::vector<Region> regions_;
  size_t taken_ = 0;      // in small_
  char* next_ = nullptr;  // in the last region
  size_t left_ = 0;
};

// `count` elements, all zero.
template <typename T>
class ZeroedArray {
 public:
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  ZeroedArray() = default;
  explicit ZeroedArray(size_t count) : at_(reinterpret_cast<T*>(AllocateZeroed(count * sizeof(T)))), bytes_(count * sizeof(T)) {}
  ~ZeroedArray() { Free(); }
  ZeroedArray(ZeroedArray&& other) noexcept : at_(std::exchange(other.at_, nullptr)), bytes_(other.bytes_) {}
  ZeroedArray& operator=(ZeroedArray&& other) noexcept {
    Free();
    at_ = std::exchange(other.at_, nullptr);
    bytes_ = other.bytes_;
    return *this;
  }
  KAPPA_INLINE T& operator[](uint64_t index) const { return at_[index]; }
  T* get() const { return at_; }

 private:
  void Free() {
    if (at_ != nullptr) FreeZeroed(reinterpret_cast<char*>(at_), bytes_);
  }
  T* at_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace kappa
