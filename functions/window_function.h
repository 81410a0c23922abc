// The functions that only a window has (OVER): what users call, and what the reference says of each. Their results are computed by exec over the
// ordered rows of a partition (OverOp in planner/dataflow/dataflow.h), not by code of a function's own; every aggregate may stand before OVER too.
#pragma once

#include <iterator>
#include <string_view>

#include "functions/function.h"

namespace kappa {

// The numbers stand in stored dataflows.
enum class WindowFunction : uint8_t {
  kRowNumber,
  kRank,
  kDenseRank,
  kPercentRank,
  kCumeDist,
  kNtile,
  kLag,
  kLead,
  kFirstValue,
  kLastValue,
  kNthValue,
  kAggregate  // any aggregate before OVER; not among kWindowFunctions
};

struct WindowFunctionEntry {
  WindowFunction function;
  std::string_view name;
  int least_arguments, most_arguments;
  TypeId result;  // kAny: that of the first argument
  bool nullable;
  std::string_view signature;
  std::string_view doc;
};

inline constexpr WindowFunctionEntry kWindowFunctions[] = {
    {WindowFunction::kRowNumber, "row_number", 0, 0, TypeId::kInt8, false, "row_number() → bigint", "The row's number in its partition, from 1."},
    {WindowFunction::kRank, "rank", 0, 0, TypeId::kInt8, false, "rank() → bigint",
     "The number of the first of the row's peers: peers share a rank, and a gap follows them."},
    {WindowFunction::kDenseRank, "dense_rank", 0, 0, TypeId::kInt8, false, "dense_rank() → bigint",
     "The number of the row's group of peers, without gaps."},
    {WindowFunction::kPercentRank, "percent_rank", 0, 0, TypeId::kFloat8, false, "percent_rank() → double precision",
     "(rank - 1) / (rows of the partition - 1); 0 for a single row."},
    {WindowFunction::kCumeDist, "cume_dist", 0, 0, TypeId::kFloat8, false, "cume_dist() → double precision",
     "The part of the partition's rows that come before the row or are its peers, itself included."},
    {WindowFunction::kNtile, "ntile", 1, 1, TypeId::kInt4, true, "ntile(buckets integer) → integer",
     "The bucket of the row, from 1, when the partition is cut into so many of as equal a size as can be."},
    {WindowFunction::kLag, "lag", 1, 3, TypeId::kAny, true, "lag(value any [, offset integer [, default any]]) → as given",
     "`value` of the row `offset` (1) rows before in the partition; `default` (NULL) where there is none."},
    {WindowFunction::kLead, "lead", 1, 3, TypeId::kAny, true, "lead(value any [, offset integer [, default any]]) → as given",
     "`value` of the row `offset` (1) rows after in the partition; `default` (NULL) where there is none."},
    {WindowFunction::kFirstValue, "first_value", 1, 1, TypeId::kAny, true, "first_value(value any) → as given",
     "`value` of the first row of the frame."},
    {WindowFunction::kLastValue, "last_value", 1, 1, TypeId::kAny, true, "last_value(value any) → as given",
     "`value` of the last row of the frame, which by default ends with the row's last peer."},
    {WindowFunction::kNthValue, "nth_value", 2, 2, TypeId::kAny, true, "nth_value(value any, n integer) → as given",
     "`value` of the frame's row number `n`, from 1; NULL where the frame is shorter."},
};

static_assert(std::size(kWindowFunctions) == static_cast<size_t>(WindowFunction::kAggregate));

// nullptr: the name is none of a window function.
inline const WindowFunctionEntry* FindWindowFunction(std::string_view name) {
  for (const WindowFunctionEntry& entry : kWindowFunctions) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace kappa
