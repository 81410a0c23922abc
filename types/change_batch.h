// Changes on their way to a sink, a view or a reader: rows of one layout, each with a weight.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "types/row_layout.h"

namespace kappa {

// Names and types of what a sink or a result shows.
struct RowSchema {
  struct Column {
    std::string name;
    Type type;
    bool nullable = true;
  };
  std::vector<Column> columns;
  RowLayout layout;         // one slot a column, in order
  bool append_only = true;  // no row has a weight but +1
  std::vector<int> key;     // columns of the primary key; empty: none
};

struct ChangeBatch {
  const RowSchema* schema = nullptr;
  std::span<const char* const> rows;
  std::span<const int64_t> weights;  // empty: all +1
  int32_t source_partition = 0;      // of append-only batches that come straight from a source: its partition
  int64_t weight(size_t index) const { return weights.empty() ? 1 : weights[index]; }
};

}  // namespace kappa
