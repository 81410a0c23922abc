// Rows of one schema as CSV lines, or a single column as its bytes. Not thread safe.
#pragma once

#include <string>
#include <vector>

#include "formats/csv/format.h"
#include "types/change_batch.h"

namespace kappa {

class CsvRowWriter {
 public:
  CsvRowWriter(const RowSchema* schema, std::vector<int> columns, CsvFormat format = {})
      : layout_(&schema->layout), columns_(std::move(columns)), format_(std::move(format)) {}
  // Appends a line without its end; `op`: a first field, or empty for none.
  void Append(const char* row, std::string_view op, std::string* out);

 private:
  const RowLayout* layout_;
  std::vector<int> columns_;
  CsvFormat format_;
  std::string field_;
};

// Appends a column as a record of its own: texts and bytea as their bytes, others as their text. False: it is NULL.
bool AppendRawColumn(const RowLayout& layout, const char* row, int column, std::string* out);

}  // namespace kappa
