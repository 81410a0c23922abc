// What the records of a script are run against: kappa in this process, or a PostgreSQL server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "tests/slt/runner/script.h"

namespace kappa::slt {

// What a statement answered. A value's text is PostgreSQL's, made unambiguous by ShowValue.
struct Outcome {
  Status status;
  std::string error_text;  // as people see it, with the caret and the hint
  std::string types;       // a letter a column
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> output;  // program: lines that sinks printed
};

class Target {
 public:
  virtual ~Target() = default;
  virtual std::string_view name() const = 0;  // of `onlyif` and `skipif`
  virtual Outcome Execute(const std::string& sql) = 0;
  virtual Outcome RunProgram(const Record& record, const std::string& sql) = 0;
  virtual Status AppendToLog(const Record& record) = 0;
  // Makes the source (the table) `record.name` and fills it.
  virtual Status MakeStream(const Record& record) = 0;
  // Closes everything and opens it again over what is on the disk.
  virtual Status Restart() = 0;
  virtual bool runs(RecordKind kind) const = 0;
};

// NULL is NULL, '' is (empty), the text NULL is "NULL"; line ends, tabs and bytes below 32 are escaped, and so is a space that would be lost between
// columns (\s).
std::string ShowValue(std::string_view text, bool null);

}  // namespace kappa::slt
