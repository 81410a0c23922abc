// The line at the bottom of the terminal while a program runs, and the summary after it.
#pragma once

#include <string>

#include "cli/standard_streams.h"
#include "common/os/clock.h"
#include "engine/engine.h"

namespace kappa::cli {

// "1.20M rows  345K rows/s  98.0 MB/s  lag 12.3K  ETA 3 s  2 dead letters". Rates are over the last second or so. Pure: time is passed in.
class ProgressText {
 public:
  std::string Update(const Progress& progress, int64_t nanos);

 private:
  bool begun_ = false;
  int64_t last_nanos_ = 0;
  Progress last_;
  double row_rate_ = 0, byte_rate_ = 0;
};

// Draws over itself. One thread at a time; does nothing where `output` is no terminal.
class ProgressLine {
 public:
  ProgressLine(StandardOutput* output, os::Clock* clock, bool enabled) : output_(output), clock_(clock), enabled_(enabled && output->terminal()) {}
  void Draw(const Progress& progress);
  void Clear();    // before anything else is written to the terminal
  void Restore();  // after it: the line as it was

 private:
  StandardOutput* const output_;
  os::Clock* const clock_;
  const bool enabled_;
  bool drawn_ = false;
  std::string shown_;
  ProgressText text_;
};

// Lines for standard error after a run; "" when there is nothing to tell (no records were read). `stopped`: by the user. `look_options`: what `kappa
// run` needs to find the same data, as " --data DIR". Dead letters are named with the command that shows them.
std::string SummaryText(const ProgramSummary& summary, bool stopped, const std::string& look_options);
// After a program that did not end by itself, of which only the progress is known.
std::string InterruptedText(const Progress& progress, double seconds, const std::string& look_options);

}  // namespace kappa::cli
