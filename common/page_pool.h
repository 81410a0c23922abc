// Memory for what grows large, in regions of 2 MB; what is small stays ordinary memory. One thread.
//
// A region that is full is given to the system to be made one large page in the background (madvise, khugepaged): random access then costs fewer
// translations. Not while it is filled: a virtual machine whose host takes free memory back pays for a fresh large page up to five times what the
// small ones cost.
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

// Zeroed memory of at least `bytes`, straight from the system and aligned to kLargePage; freed with the same number of bytes. Fails as operator new
// does.
char* AllocateLargePages(size_t bytes);
void FreeLargePages(char* memory, size_t bytes);
// Zeroed memory of any size: as above from kLargePage on.
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
