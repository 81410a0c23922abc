// The records of bench/function_bench: rows as a decoder leaves them (types/row_layout.h), which generated code and code by hand read in place.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "types/row_layout.h"
#include "types/values.h"

namespace kappa::bench {

// A row of columns that may all be NULL, as RowLayout lays it out: bit i of `nulls` is column i's.
struct Row {
  uint8_t nulls = 0;
  Text url;       // a web log's addresses: ASCII, 50 to 70 bytes
  Text digits;    // of an int8 of 1 to 10 digits
  Jsonb doc;      // {"id":..,"channel":..,"price":..,"city":..,"extra":..}
  Numeric price;  // of two digits after the point, up to 10,000
  Timestamp ts;   // over 40 years
  TimestampTz tz;
  int64_t n = 0;  // any of 31 bits
};
enum ColumnIndex : uint8_t { kUrl, kDigits, kDoc, kPrice, kTs, kTz, kN, kColumns };

// What stands for a NULL in a checksum.
inline constexpr uint64_t kNullWord = 7;

struct Rows {
  std::vector<Row> rows;
  std::vector<std::string> records;  // the same documents as JSON, with bytes to spare after their ends
  std::deque<std::string> bytes;
};

// One row of 32 of a column is NULL. A function of `count` alone.
Rows MakeRows(size_t count);

// The source that has them, and the layout of Row.
extern const char kSourceStatement[];
RowLayout LayoutOfRow();

}  // namespace kappa::bench
