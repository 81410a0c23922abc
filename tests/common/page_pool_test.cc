// Memory in large pages: pieces do not overlap and stay where they are, arrays begin as zeros, and both can be moved.
#include "common/page_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace kappa {
namespace {

TEST(PagePool, PiecesAreApartAndStay) {
  std::mt19937 random(3);
  PagePool pool;
  struct Piece {
    char* at;
    size_t bytes;
    char mark;
  };
  std::vector<Piece> pieces;
  for (int life = 0; life < 2; ++life) {
    for (int i = 0; i < 300; ++i) {
      const size_t bytes = i % 50 == 0 ? 3 * kLargePage / 2 + random() % 1000 : 1 + random() % 100'000;
      char* at = pool.Take(bytes);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % 16, 0u);
      const auto mark = static_cast<char>(i + 1);
      std::memset(at, mark, bytes);
      pieces.push_back({at, bytes, mark});
    }
    PagePool moved = std::move(pool);
    for (const Piece& piece : pieces) {
      EXPECT_EQ(piece.at[0], piece.mark);
      EXPECT_EQ(std::memcmp(piece.at, piece.at + 1, piece.bytes - 1), 0);
    }
    pool = std::move(moved);
    pool.Clear();
    pieces.clear();
  }
}

TEST(PagePool, ArraysBeginAsZeros) {
  for (const size_t count : {size_t{1}, size_t{1000}, kLargePage / 8, kLargePage}) {
    ZeroedArray<uint64_t> array(count);
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(array[i], 0u);
    array[count - 1] = 7;
    ZeroedArray<uint64_t> other(3);
    other = std::move(array);
    EXPECT_EQ(array.get(), nullptr);
    EXPECT_EQ(other[count - 1], 7u);
  }
}

}  // namespace
}  // namespace kappa
