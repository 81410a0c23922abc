// The rows of COPY ... FROM, taken apart: PostgreSQL's text format, and CSV.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/copy_text.h"

namespace kappa {

class CopyInput {
 public:
  // `data` must outlive it. 0A000: a format that cannot be read.
  static StatusOr<CopyInput> Open(const CopyFormat& format, std::string_view data);
  // The fields of the next row, NULL where there is no value; false: there is no more. 22P04: malformed.
  StatusOr<bool> Next(std::vector<std::optional<std::string>>* row);
  int64_t line() const { return line_; }  // where the last row began, from 1

 private:
  CopyInput(const CopyFormat& format, std::string_view data) : format_(format), data_(data) {}
  StatusOr<bool> NextText(std::vector<std::optional<std::string>>* row);
  StatusOr<bool> NextCsv(std::vector<std::optional<std::string>>* row);
  std::string_view TakeLine();

  CopyFormat format_;
  std::string_view data_;
  int64_t line_ = 0, next_line_ = 1;
  bool begun_ = false;
};

}  // namespace kappa
