// What scans take of a view's rows.
#include <gtest/gtest.h>

#include "exec/epoch/view_reader.h"

namespace kappa {
namespace {

// One row after the other in the same memory, as a reader that keeps nothing may.
class ForgetfulReader final : public ViewReader {
 public:
  explicit ForgetfulReader(bool keeps) : keeps_(keeps) {
    schema_.columns = {{"flag", Type(TypeId::kBool), true},
                       {"name", Type(TypeId::kText), true},
                       {"pair", Type::Struct({{"a", Type(TypeId::kInt4)}, {"b", Type(TypeId::kText)}}), true},
                       {"amount", Type(TypeId::kNumeric), true},
                       {"k", Type(TypeId::kInt8), false}};
    std::vector<RowLayout::Column> columns;
    for (const auto& column : schema_.columns) columns.push_back({column.type, column.nullable});
    schema_.layout = RowLayout(columns);
  }
  void ForEach(const std::function<void(const char* row, int64_t weight)>&) const override {}
  const RowSchema& schema() const override { return schema_; }
  bool keeps_texts() const override { return keeps_; }

 private:
  const bool keeps_;
  RowSchema schema_;
};

std::vector<Datum> RowOf(int64_t i) {
  const std::string name(static_cast<size_t>(i % 40), static_cast<char>('a' + i % 26));
  return {i % 3 == 0 ? Datum() : Datum::Bool(i % 2 == 0), i % 5 == 0 ? Datum() : Datum::Bytes(name),
          i % 7 == 0 ? Datum() : Datum::Struct({i % 2 == 0 ? Datum() : Datum::Int(i), i % 4 == 0 ? Datum() : Datum::Bytes("in " + name)}),
          i % 6 == 0 ? Datum() : *Datum::Parse(Type(TypeId::kNumeric), std::to_string(i) + ".25"), Datum::Int(i)};
}

class ViewRowsTest : public testing::TestWithParam<bool> {};

TEST_P(ViewRowsTest, HoldTheWantedColumns) {
  const ForgetfulReader view(GetParam());
  const std::vector<int> columns = {4, 2, 1, 0, 3};
  std::vector<RowLayout::Column> wanted;
  for (int column : columns) {
    const auto& of_view = view.schema().columns[static_cast<size_t>(column)];
    wanted.push_back({of_view.type, of_view.nullable});
  }
  const RowLayout layout(wanted);
  ViewRows rows(view, columns, layout, 64);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::vector<Datum>> kept;  // a view that keeps its texts has them
    for (int64_t i = 0; i < 64; ++i) kept.push_back(RowOf(i + round * 100));
    for (int64_t i = 0; i < 64; ++i) {
      ASSERT_FALSE(rows.full());
      std::string stored(view.schema().layout.size(), '\0');
      std::vector<Datum> gone = RowOf(i + round * 100);
      const std::vector<Datum>& values = GetParam() ? kept[static_cast<size_t>(i)] : gone;
      for (size_t c = 0; c < values.size(); ++c) view.schema().layout.Store(stored.data(), view.schema().layout.slots()[c], values[c]);
      rows.Add(stored.data(), i + 1, i % 3);
      std::fill(stored.begin(), stored.end(), '\xEE');
    }
    ASSERT_TRUE(rows.full());
    ASSERT_EQ(rows.rows().size(), rows.weights().size());
    size_t at = 0;
    for (int64_t i = 0; i < 64; ++i) {
      for (int64_t copy = 0; copy < i % 3; ++copy, ++at) {
        ASSERT_LT(at, rows.rows().size());
        EXPECT_EQ(rows.weights()[at], i + 1);
        for (size_t c = 0; c < columns.size(); ++c) {
          const Datum expected = kept[static_cast<size_t>(i)][static_cast<size_t>(columns[c])];
          const Datum value = layout.Load(rows.rows()[at], layout.slots()[c]);
          EXPECT_EQ(value.is_null(), expected.is_null());
          EXPECT_EQ(value.ToText(wanted[c].type), expected.ToText(wanted[c].type));
        }
      }
    }
    EXPECT_EQ(at, rows.rows().size());
    rows.Clear();
    EXPECT_TRUE(rows.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, ViewRowsTest, testing::Bool());

}  // namespace
}  // namespace kappa
