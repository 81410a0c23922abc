// Runs the records of one script against one target and judges the answers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/slt/runner/script.h"
#include "tests/slt/runner/target.h"

namespace kappa::slt {

struct Tally {
  int passed = 0, failed = 0;
};

struct RunOptions {
  std::string temporary_directory;                 // what ${TMP} stands for; exists
  bool complete = false;                           // expected rows are replaced by the answers (Completed)
  std::function<void(const std::string&)> report;  // a failure, several lines
  std::function<void(const Record&)> before;       // each record
};

Tally RunScript(Script* script, Target& target, const RunOptions& options);

// The text of the file with the expected rows as they now stand in `script`.
std::string Completed(const Script& script);

}  // namespace kappa::slt
