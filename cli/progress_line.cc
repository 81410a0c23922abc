#include "cli/progress_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/human_text.h"

namespace kappa::cli {
namespace {

std::string Amount(const Progress& progress) {
  return Plural(progress.records, "record") + (progress.bytes > 0 ? " (" + ByteCount(static_cast<double>(progress.bytes)) + ")" : "");
}

std::string LookCommand(const std::string& table, const std::string& look_options) {
  return "kappa run" + look_options + " -e \"SELECT * FROM " + table + "\"";
}

}  // namespace

std::string ProgressText::Update(const Progress& progress, int64_t nanos) {
  if (begun_ && nanos > last_nanos_) {
    // Smoothed with a time constant of a second, so that epochs of uneven length do not make the figures jump.
    const double seconds = static_cast<double>(nanos - last_nanos_) / 1e9;
    const double share = row_rate_ == 0 ? 1 : std::min(1.0, seconds);
    row_rate_ += share * (static_cast<double>(progress.records - last_.records) / seconds - row_rate_);
    byte_rate_ += share * (static_cast<double>(progress.bytes - last_.bytes) / seconds - byte_rate_);
  }
  if (!begun_ || nanos > last_nanos_) {
    begun_ = true;
    last_ = progress;
    last_nanos_ = nanos;
  }
  std::string text =
      fmt::format("{} rows  {} rows/s  {}/s", ShortCount(static_cast<double>(progress.records)), ShortCount(row_rate_), ByteCount(byte_rate_));
  if (progress.lag >= 0) text += "  lag " + ShortCount(static_cast<double>(progress.lag));
  if (progress.bounded && progress.lag > 0 && row_rate_ >= 1) text += "  ETA " + Duration(static_cast<double>(progress.lag) / row_rate_);
  if (progress.errors + progress.late > 0) text += "  " + Plural(progress.errors + progress.late, "dead letter");
  return text;
}

void ProgressLine::Draw(const Progress& progress) {
  if (!enabled_) return;
  std::string text = text_.Update(progress, clock_->MonotonicNanos());
  const int columns = output_->columns();
  if (columns > 1 && text.size() >= static_cast<size_t>(columns))
    text.resize(static_cast<size_t>(columns) - 1);  // a wrapped line could not be erased
  shown_ = "\r\x1b[K" + text;
  Restore();
}

void ProgressLine::Restore() {
  if (shown_.empty()) return;
  (void)output_->Write(shown_);
  drawn_ = true;
}

void ProgressLine::Clear() {
  if (!drawn_) return;
  (void)output_->Write("\r\x1b[K");
  drawn_ = false;
}

std::string SummaryText(const ProgramSummary& summary, bool stopped, const std::string& look_options) {
  std::string out;
  const Progress& progress = summary.progress;
  if (progress.records > 0) {
    out += (stopped ? "stopped: " : "done: ") + Amount(progress) + " in " + Duration(summary.seconds);
    if (summary.seconds > 0) out += ", " + ShortCount(static_cast<double>(progress.records) / summary.seconds) + " records/s";
    out += ", " + Duration(summary.cpu_seconds) + " of CPU\n";
  }
  for (const std::string& line : summary.lines) out += line + "\n";
  for (const auto& [table, count] : summary.dead_letters) {
    if (count == 0) continue;
    out += Plural(count, "dead letter") + " in " + table + "; to look at " + (count == 1 ? "it" : "them") + ":\n  " +
           LookCommand(table, look_options) + "\n";
  }
  return out;
}

std::string InterruptedText(const Progress& progress, double seconds, const std::string& look_options) {
  std::string out = "stopped after " + Duration(seconds) + (progress.records > 0 ? ": " + Amount(progress) + " read\n" : "\n");
  if (const int64_t letters = progress.errors + progress.late; letters > 0) {
    out += Plural(letters, "dead letter") + "; to look at them (unless a statement names another table):\n  " +
           LookCommand("kappa_dead_letters", look_options) + "\n";
  }
  return out;
}

}  // namespace kappa::cli
