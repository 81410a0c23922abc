// What statements answer, shown to people or written for programs: a Results (engine/engine.h) for each output format.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/standard_streams.h"
#include "common/os/clock.h"
#include "engine/engine.h"

namespace kappa::cli {

enum class OutputFormat { kTable, kBox, kMarkdown, kUnaligned, kCsv, kJson };

const std::map<std::string, OutputFormat>& OutputFormats();  // by the names that people give them

enum class Expanded { kOff, kOn, kAuto };  // one line a column; kAuto: where a table is wider than the terminal

// May be changed between results (\x in the shell).
struct TableStyle {
  bool colour = false;  // NULLs dim
  std::string null_text = "NULL";
  Expanded expanded = Expanded::kOff;
  // 0: no limit. A box that is wider has its widest columns narrowed, and what they cut is marked with an ellipsis; where that leaves too little of
  // them, and for plain tables at once, kAuto takes the expanded form.
  int terminal_columns = 0;
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
// psql's aligned form, a box drawn with lines, or a table of Markdown; the expanded form of the first two. An `op` column (+, -) comes first where
// rows may be taken back. `format`: kTable, kBox or kMarkdown.
std::unique_ptr<ShownResults> MakeTableResults(OutputFormat format, const TableStyle* style, TextOutput* output, os::Clock* clock);
// A row a line, its values between vertical bars, as psql -A shows it.
std::unique_ptr<ShownResults> MakeUnalignedResults(const TableStyle* style, TextOutput* output);
// RFC 4180 with a header; several results are separated by an empty line.
std::unique_ptr<ShownResults> MakeCsvResults(TextOutput* output);
// One object a line; rows of a named result (replay) begin with a member "sink".
std::unique_ptr<ShownResults> MakeJsonResults(TextOutput* output);

}  // namespace kappa::cli
