// The order of packed rows (types/packed_row.h): by what ORDER BY names, then by all columns in turn, ascending, NULLS LAST, then by their bytes; so
// that it is total, and a function of the rows alone. Of the values of a column those are equal that SQL calls equal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exec/keyed_plan.h"
#include "types/packed_row.h"

namespace kappa {

class RowOrder {
 public:
  // `keys` name columns of `columns`; the first `peer_keys` of them say which rows are peers.
  RowOrder(const std::vector<Column>& columns, const RowLayout& layout, const std::vector<SortOp::Key>& keys, size_t peer_keys);

  // 64 bits of the first column: where they differ, they order as the rows do.
  uint64_t Prefix(const char* row) const;
  // < 0, 0, > 0.
  int Compare(const char* a, size_t a_bytes, const char* b, size_t b_bytes) const;
  int ComparePeers(const char* a, const char* b) const { return CompareColumns(a, b, peer_keys_); }
  size_t peer_keys() const { return peer_keys_; }

 private:
  struct OrderedColumn {
    PackedColumn column;
    bool descending = false, nulls_first = false;
  };
  int CompareColumns(const char* a, const char* b, size_t count) const;
  int CompareColumn(const OrderedColumn& column, const char* a, const char* b) const;

  std::vector<OrderedColumn> columns_;
  size_t peer_keys_ = 0;
};

}  // namespace kappa
