#include "common/page_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace kappa {
namespace {
size_t WholePages(size_t bytes) { return (bytes + kLargePage - 1) & ~(kLargePage - 1); }

void PreferLargePages(char* memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
  madvise(memory, bytes, MADV_HUGEPAGE);  // where it is refused, small pages serve
#endif
}
}  // namespace

char* AllocateLargePages(size_t bytes) {
  const size_t size = WholePages(bytes);
  // One page more, of which what lies before and behind the aligned part goes back.
  void* const mapped = mmap(nullptr, size + kLargePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* const begin = static_cast<char*>(mapped);
  char* const aligned = reinterpret_cast<char*>(WholePages(reinterpret_cast<uintptr_t>(begin)));
  const auto before = static_cast<size_t>(aligned - begin);
  if (before != 0) munmap(begin, before);
  if (before != kLargePage) munmap(aligned + size, kLargePage - before);
  return aligned;
}

void FreeLargePages(char* memory, size_t bytes) { munmap(memory, WholePages(bytes)); }

char* AllocateZeroed(size_t bytes) {
  if (bytes >= kLargePage) return AllocateLargePages(bytes);
  void* const memory = std::calloc(bytes, 1);
  if (memory == nullptr && bytes != 0) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

void FreeZeroed(char* memory, size_t bytes) {
  if (bytes >= kLargePage)
    FreeLargePages(memory, bytes);
  else
    std::free(memory);
}

PagePool& PagePool::operator=(PagePool&& other) noexcept {
  Clear();
  small_ = std::move(other.small_);
  regions_ = std::move(other.regions_);
  taken_ = std::exchange(other.taken_, 0);
  next_ = std::exchange(other.next_, nullptr);
  left_ = std::exchange(other.left_, 0);
  other.small_.clear();
  other.regions_.clear();
  return *this;
}

char* PagePool::Take(size_t bytes) {
  bytes = (bytes + 15) & ~size_t{15};
  if (taken_ + bytes <= kLargePage) {
    taken_ += bytes;
    return small_.emplace_back(new char[bytes]).get();
  }
  if (bytes > left_) {
    if (!regions_.empty()) PreferLargePages(regions_.back().memory, regions_.back().bytes);
    const size_t region = std::max(WholePages(bytes), kLargePage);
    regions_.push_back({AllocateLargePages(region), region});
    next_ = regions_.back().memory;
    left_ = region;
  }
  char* const piece = next_;
  next_ += bytes;
  left_ -= bytes;
  return piece;
}

void PagePool::Clear() {
  small_.clear();
  for (const Region& region : regions_) FreeLargePages(region.memory, region.bytes);
  regions_.clear();
  taken_ = left_ = 0;
  next_ = nullptr;
}

}  // namespace kappa
