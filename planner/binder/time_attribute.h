// Which columns follow a watermark, and how closely: through windows, aggregates over them and arithmetic, so that windows can stand on windows.
#pragma once

#include <cstdint>
#include <optional>

#include "planner/logical/logical.h"

namespace kappa {

// All in microseconds. Every value yet to come is greater than the watermark of the sources beneath, less `lag`. (Of a source's own time column it is
// not less than its partition's watermark, or the row is late.)
struct TimeAttribute {
  int64_t lag = 0;
  int64_t grid = 0, residue = 0;  // values lie at residue + k * grid; grid 0: anywhere
  bool derived = false;           // of rows that state has put out: they are never late
};

// nullopt: nothing is known of values to come.
std::optional<TimeAttribute> FindTimeAttribute(const LogicalNode& node, ColumnId column);

// A bound of a window that only a Window operator has given so far: as that of an aggregate over it would be.
std::optional<TimeAttribute> FindWindowBound(const LogicalNode& node, ColumnId column);

// When the rows with one value of `column` are over: neither a row nor a change of one comes once the watermark has passed it. Of rows that may be
// late, when those that are have been dropped. nullopt: that is not known.
std::optional<Expiry> FindExpiry(const LogicalNode& node, ColumnId column);

// column + interval, column - interval, or the column alone: which, and how many microseconds are added. nullopt: something else, or a span that
// is not always as long.
struct ShiftedColumn {
  ColumnId column = kNoColumn;
  int64_t by = 0;
};
std::optional<ShiftedColumn> FindShiftedColumn(const Expr& expr);

// The plan with `current`, the watermark that `time` follows, among its columns; nullptr where no watermark operator can give it: beneath state.
LogicalPtr WithCurrentWatermark(const LogicalPtr& node, ColumnId time, const Column& current);

// How far behind the watermark a window over `time` closes: what may still come into it has come then.
int64_t WindowLag(const TimeAttribute& time, const WindowSpec& window);

}  // namespace kappa
