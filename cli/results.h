// What statements answer, shown to people or written for programs: a Results (engine/engine.h) for each output format.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "cli/standard_streams.h"
#include "common/os/clock.h"
#include "engine/engine.h"

namespace kappa::cli {

enum class OutputFormat { kTable, kCsv, kJson };

enum class Expanded { kOff, kOn, kAuto };  // one line a column; kAuto: where a table is wider than the terminal

// May be changed between results (\x in the shell).
struct TableStyle {
  bool colour = false;  // NULLs dim
  Expanded expanded = Expanded::kOff;
  int terminal_columns = 0;  // 0: no limit
};

// Results that hold rows back for a while, to see how wide they are.
class ShownResults : public Results {
 public:
  // Shows what is held back when that has lain for half a second; called now and then while a statement runs.
  virtual Status ShowWaiting() { return OkStatus(); }
  // Forgets results that did not end: their statement failed.
  virtual void Abandon() {}
  // Tags and notices: where they go is the same for every format.
  void OnTag(std::string_view tag) override {
    if (on_tag) on_tag(tag);
  }
  void OnNotice(std::string_view text) override {
    if (on_notice) on_notice(text);
  }
  std::function<void(std::string_view)> on_tag, on_notice;
};

// Several results may be open at once (a replay of several sinks). All that is pointed to must outlive the results. A batch is written as soon as it
// comes (tables: from the 1,000th row on); memory is bounded.
std::unique_ptr<ShownResults> MakeResults(OutputFormat format, const TableStyle* style, TextOutput* output, os::Clock* clock);

// The forms of one result at a time.
// psql's aligned form, and its expanded one. An `op` column (+, -) comes first where rows may be taken back.
std::unique_ptr<ShownResults> MakeTableResults(const TableStyle* style, TextOutput* output, os::Clock* clock);
// RFC 4180 with a header; several results are separated by an empty line.
std::unique_ptr<ShownResults> MakeCsvResults(TextOutput* output);
// One object a line; rows of a named result (replay) begin with a member "sink".
std::unique_ptr<ShownResults> MakeJsonResults(TextOutput* output);

}  // namespace kappa::cli
