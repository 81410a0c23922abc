#include "cli/status_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/display_text.h"
#include "cli/human_text.h"
#include "engine/pipeline_directory.h"

namespace kappa::cli {
namespace {

constexpr char kUnknown[] = "-";
constexpr int64_t kSilenceMicros = 5'000'000;  // a program tells of itself several times a second

std::string Bytes(uint64_t bytes) { return ByteCount(static_cast<double>(bytes)); }
std::string Age(int64_t now, int64_t then) { return Duration(static_cast<double>(std::max<int64_t>(now - then, 0)) / 1e6); }

std::string SnapshotText(const PipelineStatus& pipeline, int64_t now) {
  if (pipeline.snapshot_epoch < 0) return pipeline.durable ? "none yet" : kUnknown;
  return "epoch " + EpochText(pipeline.snapshot_epoch) + ", " + Age(now, pipeline.snapshot_micros) + " ago, " + Bytes(pipeline.snapshot_bytes);
}

std::string StateText(const PipelineStatus& pipeline) {
  std::string text = Bytes(pipeline.state_bytes);
  if (pipeline.memory_budget > 0) text += " of " + Bytes(pipeline.memory_budget);
  return text;
}

std::vector<std::string> RunningRow(const PipelineStatus& pipeline) {
  const bool moves = pipeline.state == PipelineState::kRunning || pipeline.state == PipelineState::kRecovering;
  const bool watermark = pipeline.watermark_micros != INT64_MIN;
  return {pipeline.name,
          std::string(PipelineStateName(pipeline.state)),
          EpochText(pipeline.epoch),
          GroupedCount(pipeline.records),
          moves ? ShortCount(pipeline.records_per_second) : kUnknown,
          moves ? ByteCount(pipeline.bytes_per_second) + "/s" : kUnknown,
          pipeline.lag >= 0 ? GroupedCount(pipeline.lag) : kUnknown,
          watermark ? TimeText(pipeline.watermark_micros) : kUnknown,
          StateText(pipeline)};
}

// What is worth a line of its own because it is not always there.
void AppendDetails(const PipelineStatus& pipeline, int64_t now, bool running, std::string* out) {
  const auto line = [&](const std::string& text) {
    out->append("  ");
    AppendPrintable(text, out);
    out->push_back('\n');
  };
  if (!pipeline.error.empty()) line("error " + pipeline.error);
  const bool moves = pipeline.state == PipelineState::kRunning || pipeline.state == PipelineState::kRecovering;
  if (running && moves && pipeline.seen_micros != 0 && now - pipeline.seen_micros > kSilenceMicros)
    line("no news for " + Age(now, pipeline.seen_micros) + ": it is busy with one thing, or waits for one");
  if (!pipeline.commit_error.empty()) line("epochs are not committed: " + pipeline.commit_error);
  for (const std::string& lost : pipeline.offsets_lost) line("offsets lost: " + lost);
  if (running && pipeline.durable) {
    line("snapshot: " + SnapshotText(pipeline, now) + "; journal: " + Bytes(pipeline.journal_bytes));
    if (pipeline.snapshot_failures > 0) {
      line(Plural(pipeline.snapshot_failures, "snapshot") + " could not be taken" +
           (pipeline.snapshot_error.empty() ? "" : "; the last: " + pipeline.snapshot_error));
    }
    if (!pipeline.merge_error.empty()) line("snapshot files are not merged and become more: " + pipeline.merge_error);
  }
  if (pipeline.watermark_micros != INT64_MIN && pipeline.watermark_micros <= now)
    line("watermark: " + Age(now, pipeline.watermark_micros) + " behind the clock");
  for (const SinkStatus& sink : pipeline.sinks) {
    std::string text = "sink " + sink.name + ": " + sink.connector + ", " + (sink.exactly_once ? "exactly once" : "at least once");
    if (sink.committed_epoch >= 0) text += ", committed epoch " + EpochText(sink.committed_epoch);
    line(text + ", " + Plural(sink.changes, "change"));
  }
  std::string letters;
  for (const auto& [table, count] : pipeline.dead_letters) {
    if (count == 0) continue;
    letters += (letters.empty() ? "" : ", ") + GroupedCount(count) + (table.empty() ? " left out" : " in " + table);
  }
  if (!letters.empty()) line("dead letters: " + letters);
  if (pipeline.late > 0) line(Plural(pipeline.late, "late row"));
}

std::string IndentedTable(const std::vector<Align>& aligns, const std::vector<std::vector<std::string>>& rows, const EngineStatus& status) {
  // The rows of the table, with what belongs to each below it.
  const std::string table = Columns(aligns, rows);
  std::string out;
  size_t at = 0;
  for (size_t row = 0; row < rows.size(); ++row) {
    const size_t end = table.find('\n', at) + 1;
    out += table.substr(at, end - at);
    at = end;
    if (row > 0) AppendDetails(status.pipelines[row - 1], status.at_micros, status.running, &out);
  }
  return out;
}

}  // namespace

std::string EpochText(int64_t epoch) {
  const int64_t rebuilds = epoch / kEpochsOfALife;
  return GroupedCount(epoch % kEpochsOfALife) + (rebuilds > 0 ? " of rebuild " + GroupedCount(rebuilds) : "");
}

std::string TimeText(int64_t micros) {
  // Civil date of a day number: days are counted from 0000-03-01, in eras of 400 years.
  int64_t seconds = micros / 1'000'000 - (micros % 1'000'000 < 0 ? 1 : 0);
  int64_t day = seconds / 86'400 - (seconds % 86'400 < 0 ? 1 : 0);
  seconds -= day * 86'400;
  day += 719'468;
  const int64_t era = (day >= 0 ? day : day - 146'096) / 146'097;
  const int64_t day_of_era = day - era * 146'097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
                     day_of_year - (153 * shifted + 2) / 5 + 1, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string Columns(const std::vector<Align>& aligns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::pair<std::string, size_t>>> cells;
  std::vector<size_t> widths(aligns.size(), 0);
  for (const std::vector<std::string>& row : rows) {
    auto& shown = cells.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      std::string text;
      const size_t width = AppendPrintable(row[i], &text);
      widths[i] = std::max(widths[i], width);
      shown.emplace_back(std::move(text), width);
    }
  }
  std::string out;
  for (const auto& row : cells) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - row[i].second, ' ');
      line += (i == 0 ? "" : "  ") + (aligns[i] == Align::kRight ? pad + row[i].first : row[i].first + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string StatusText(const EngineStatus& status) {
  using enum Align;
  std::string out;
  if (status.running) {
    out = "kappa " + status.version + " on " + status.data_directory + ", up " + Age(status.at_micros, status.started_micros) + "\n";
    if (status.pipelines.empty()) return out + "no pipeline is running\n";
    std::vector<std::vector<std::string>> rows = {{"pipeline", "state", "epoch", "records", "rows/s", "bytes/s", "lag", "watermark", "memory"}};
    for (const PipelineStatus& pipeline : status.pipelines) rows.push_back(RunningRow(pipeline));
    return out + "\n" + IndentedTable({kLeft, kLeft, kRight, kRight, kRight, kRight, kRight, kLeft, kRight}, rows, status);
  }
  out = "no engine is running on " + status.data_directory + "\n";
  if (status.pipelines.empty()) return out + "it keeps no program with a name (kappa run FILE --name NAME makes one)\n";
  std::vector<std::vector<std::string>> rows = {{"pipeline", "state", "snapshot", "journal"}};
  for (const PipelineStatus& pipeline : status.pipelines) {
    rows.push_back({pipeline.name, "stopped", SnapshotText(pipeline, status.at_micros), Bytes(pipeline.journal_bytes)});
  }
  return out + "\n" + IndentedTable({kLeft, kLeft, kLeft, kRight}, rows, status);
}

}  // namespace kappa::cli
