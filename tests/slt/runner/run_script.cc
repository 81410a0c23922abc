#include "tests/slt/runner/run_script.h"

#include <algorithm>
#include <regex>

#include "common/os/environment.h"

namespace kappa::slt {
namespace {

std::string Substitute(std::string text, const RunOptions& options) {
  static constexpr std::string_view kName = "${TMP}";
  for (size_t at = 0; (at = text.find(kName, at)) != std::string::npos;) text.replace(at, kName.size(), options.temporary_directory);
  return text;
}

// Columns stand two or more spaces, or a tab, apart: in the file people align them.
std::string Normalise(const std::string& line) {
  std::string out;
  for (size_t i = 0; i < line.size();) {
    size_t end = i;
    while (end < line.size() && (line[end] == ' ' || line[end] == '\t')) ++end;
    if (end == line.size()) break;
    if (end == i)
      out += line[i++];
    else {
      if (end - i == 1 && line[i] == ' ')
        out += ' ';
      else if (!out.empty())
        out += "  ";
      i = end;
    }
  }
  return out;
}

std::vector<std::string> Lines(const Outcome& outcome, SortMode sort) {
  std::vector<std::string> lines;
  for (const auto& row : outcome.rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (sort == SortMode::kValues)
        lines.push_back(row[i]);
      else
        line += (i == 0 ? "" : "  ") + row[i];
    }
    if (sort != SortMode::kValues) lines.push_back(line);
  }
  lines.insert(lines.end(), outcome.output.begin(), outcome.output.end());
  if (sort != SortMode::kNone) std::sort(lines.begin(), lines.end());
  return lines;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "    " + line + "\n";
  return out;
}

// "" when the error is the expected one.
std::string JudgeError(const Record& record, const Outcome& outcome, const Target& target) {
  if (outcome.status.ok()) return "it succeeded, expected was an error " + record.sqlstate + "\n";
  const std::string state(SqlStateOf(outcome.status).view());
  if (!record.sqlstate.empty() && state != record.sqlstate) return "expected an error " + record.sqlstate + ", got\n" + outcome.error_text + "\n";
  // Only the state is PostgreSQL's: messages are our own.
  if (target.name() == "kappa" && !record.message_pattern.empty() && !std::regex_search(outcome.error_text, std::regex(record.message_pattern))) {
    return "the error does not match /" + record.message_pattern + "/:\n" + outcome.error_text + "\n";
  }
  return "";
}

std::string JudgeTypes(const Record& record, const Outcome& outcome) {
  if (record.types.size() != outcome.types.size()) {
    return "expected " + std::to_string(record.types.size()) + " columns, got " + std::to_string(outcome.types.size()) + "\n";
  }
  for (size_t i = 0; i < record.types.size(); ++i) {
    if (record.types[i] != 'T' && record.types[i] != outcome.types[i])
      return "column types: expected " + record.types + ", got " + outcome.types + "\n";
  }
  return "";
}

std::string Judge(Record* record, const Outcome& outcome, const Target& target, const RunOptions& options) {
  if (record->expects_error) return JudgeError(*record, outcome, target);
  if (!outcome.status.ok()) return "it failed:\n" + outcome.error_text + "\n";
  if (record->kind == RecordKind::kStatement) return "";
  const std::vector<std::string> actual = Lines(outcome, record->sort);
  if (options.complete) {
    record->expected = actual;
    if (record->types == "?") record->types = outcome.types;
    return "";
  }
  std::string wrong = record->kind == RecordKind::kQuery && !record->types.empty() ? JudgeTypes(*record, outcome) : "";
  std::vector<std::string> expected, normal;
  for (const std::string& line : record->expected) expected.push_back(Normalise(Substitute(line, options)));
  for (const std::string& line : actual) normal.push_back(Normalise(line));
  if (record->sort != SortMode::kNone) {
    std::sort(expected.begin(), expected.end());
    std::sort(normal.begin(), normal.end());
  }
  if (expected != normal) wrong += "  expected:\n" + Joined(expected) + "  actual:\n" + Joined(normal);
  return wrong;
}

std::string RunRecord(Record* record, Target& target, const RunOptions& options) {
  if (record->kind == RecordKind::kRestart) {
    const Status status = target.Restart();
    return status.ok() ? "" : "it failed: " + FormatError(status, "", "") + "\n";
  }
  if (record->kind == RecordKind::kLog || record->kind == RecordKind::kStream) {
    Record substituted = *record;
    for (std::string& line : substituted.lines) line = Substitute(line, options);
    const Status status = record->kind == RecordKind::kLog ? target.AppendToLog(substituted) : target.MakeStream(substituted);
    return status.ok() ? "" : "it failed: " + FormatError(status, "", "") + "\n";
  }
  if (record->kind == RecordKind::kFile) {
    std::string bytes;
    for (const std::string& line : record->lines) bytes += Substitute(line, options) + "\n";
    const Status status = os::RealEnvironment().files().WriteAtomically(options.temporary_directory + "/" + record->name, bytes);
    return status.ok() ? "" : "it failed: " + FormatError(status, "", "") + "\n";
  }
  const std::string sql = Substitute(record->sql, options);
  return Judge(record, record->kind == RecordKind::kProgram ? target.RunProgram(*record, sql) : target.Execute(sql), target, options);
}

bool Applies(const Record& record, const Target& target) {
  const std::string name(target.name());
  for (const std::string& only : record.only_if)
    if (only != name) return false;
  for (const std::string& skip : record.skip_if)
    if (skip == name) return false;
  return target.runs(record.kind);
}

}  // namespace

Tally RunScript(Script* script, Target& target, const RunOptions& options) {
  Tally tally;
  for (Record& record : script->records) {
    if (!Applies(record, target)) continue;
    if (options.before) options.before(record);
    std::string wrong = RunRecord(&record, target, options);
    if (!record.gap.empty() && target.name() == "kappa") {
      if (!wrong.empty()) continue;
      wrong = "the gap is closed: this record passes, take its mark away (" + record.gap + ")\n";
    }
    const bool judged = record.kind <= RecordKind::kProgram;
    if (wrong.empty()) {
      tally.passed += judged;
      continue;
    }
    ++tally.failed;
    options.report(script->path + ":" + std::to_string(record.line) + ": " + (record.sql.empty() ? record.name : record.sql) + "\n" + wrong);
    if (!judged) break;  // what follows misses its input
  }
  return tally;
}

std::string Completed(const Script& script) {
  std::string out;
  size_t line = 0;
  auto copy_until = [&](size_t end) {
    while (line < end) out += script.lines[line++] + "\n";
  };
  for (const Record& record : script.records) {
    if (record.expected_begin == 0) continue;
    copy_until(static_cast<size_t>(record.line) - 1);
    const std::string header = script.lines[line++];
    const size_t unknown = header.find(" ?");
    out += (unknown == std::string::npos ? header : header.substr(0, unknown + 1) + record.types + header.substr(unknown + 2)) + "\n";
    copy_until(static_cast<size_t>(record.expected_begin));
    for (const std::string& row : record.expected) out += row + "\n";
    line = static_cast<size_t>(record.expected_end);
  }
  copy_until(script.lines.size());
  return out;
}

std::string ShowValue(std::string_view text, bool null) {
  if (null) return "NULL";
  if (text.empty()) return "(empty)";
  if (text == "NULL") return "\"NULL\"";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool kept_space = c == ' ' && i > 0 && i + 1 < text.size() && text[i - 1] != ' ';
    if (c == ' ' && !kept_space)
      out += "\\s";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 32)
      out += "\\u" + std::to_string(static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

}  // namespace kappa::slt
