// ORDER BY over collected rows, against std::sort of all.
#include "exec/epoch/sorted_rows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/os/seeded_random.h"

namespace kappa {
namespace {

struct Row {
  std::optional<int64_t> a;
  std::string text;
  int64_t id = 0;
};

class SortedRowsTest : public testing::Test {
 protected:
  SortedRowsTest() {
    for (const Column& column : columns_) layout_columns_.push_back({column.type, column.nullable});
    layout_ = RowLayout(layout_columns_);
  }
  std::vector<Row> Make(int count, int64_t values, os::SeededRandom* random) const {
    std::vector<Row> rows;
    for (int i = 0; i < count; ++i) {
      Row row;
      if (random->Below(5) != 0) row.a = static_cast<int64_t>(random->Below(static_cast<uint64_t>(values))) - values / 2;
      row.text = "a common beginning " + std::to_string(random->Below(static_cast<uint64_t>(values)));
      row.id = static_cast<int64_t>(random->Below(1000));
      rows.push_back(row);
    }
    return rows;
  }
  std::vector<std::string> Stored(const std::vector<Row>& rows) const {
    std::vector<std::string> stored;
    for (const Row& row : rows) {
      std::string bytes(layout_.size(), '\0');
      if (row.a) {
        std::memcpy(bytes.data() + layout_.slots()[0].offset, &*row.a, 8);
      } else {
        layout_.SetNull(bytes.data(), layout_.slots()[0], true);
      }
      const Text text(row.text.data(), row.text.size());
      std::memcpy(bytes.data() + layout_.slots()[1].offset, &text, sizeof(text));
      std::memcpy(bytes.data() + layout_.slots()[2].offset, &row.id, 8);
      stored.push_back(bytes);
    }
    return stored;
  }

  const std::vector<Column> columns_ = {{1, "a", TypeId::kInt8, true}, {2, "t", TypeId::kText, false}, {3, "id", TypeId::kInt8, false}};
  std::vector<RowLayout::Column> layout_columns_;
  RowLayout layout_;
};

TEST_F(SortedRowsTest, AreTheFirstOfAllInOrder) {
  os::SeededRandom random(7);
  for (int round = 0; round < 400; ++round) {
    const auto rows = Make(static_cast<int>(random.Below(60)), 1 + static_cast<int64_t>(random.Below(8)), &random);
    const auto stored = Stored(rows);
    const bool by_text = random.Below(2) == 0, descending = random.Below(2) == 0, nulls_first = random.Below(2) == 0;
    SortOp sort;
    if (random.Below(8) != 0) sort.keys.push_back({by_text ? 2 : 1, descending, nulls_first});
    if (random.Below(3) != 0) sort.limit = static_cast<int64_t>(random.Below(70));
    if (random.Below(3) == 0) sort.offset = static_cast<int64_t>(random.Below(20));

    std::vector<const Row*> expected;
    for (const Row& row : rows) expected.push_back(&row);
    const auto rest = [](const Row& x, const Row& y) {  // ascending, NULLS LAST
      if (x.a.has_value() != y.a.has_value()) return x.a.has_value();
      return std::tie(x.a, x.text, x.id) < std::tie(y.a, y.text, y.id);
    };
    std::sort(expected.begin(), expected.end(), [&](const Row* x, const Row* y) {
      if (sort.keys.empty()) return rest(*x, *y);
      if (by_text) {
        if (x->text != y->text) return (x->text < y->text) != descending;
      } else {
        if (x->a.has_value() != y->a.has_value()) return x->a.has_value() != nulls_first;
        if (x->a != y->a) return (x->a < y->a) != descending;
      }
      return rest(*x, *y);
    });
    const size_t skip = std::min(static_cast<size_t>(sort.offset.value_or(0)), expected.size());
    expected.erase(expected.begin(), expected.begin() + static_cast<ptrdiff_t>(skip));
    if (sort.limit && static_cast<size_t>(*sort.limit) < expected.size()) expected.resize(static_cast<size_t>(*sort.limit));

    std::vector<const char*> pointers;
    for (const std::string& bytes : stored) pointers.push_back(bytes.data());
    const auto sorted = SortedRows(sort, columns_, layout_, pointers);
    ASSERT_EQ(sorted.size(), expected.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
      EXPECT_EQ(layout_.Load(sorted[i], layout_.slots()[2]).as_int(), expected[i]->id) << "round " << round << ", row " << i;
      EXPECT_EQ(layout_.Load(sorted[i], layout_.slots()[1]).as_bytes(), expected[i]->text);
    }
  }
}

}  // namespace
}  // namespace kappa
