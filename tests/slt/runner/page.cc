// The fenced blocks of a page of documentation as records.
#include <sstream>

#include "tests/slt/runner/script.h"

namespace kappa::slt {
namespace {

constexpr std::string_view kFence = "```";

Record RecordOf(const std::vector<std::string>& words, int line, std::vector<std::string> lines) {
  Record record;
  record.line = line;
  if (words[0] != "sql") {
    record.kind = words[0] == "json" ? RecordKind::kLog : RecordKind::kFile;
    record.name = words[1];
    record.lines = std::move(lines);
    return record;
  }
  for (const std::string& text : lines) record.sql += (record.sql.empty() ? "" : "\n") + text;
  const bool error = words.size() > 1 && words[1] == "error";
  record.kind = words.size() > 1 && !error ? RecordKind::kProgram : RecordKind::kStatement;
  if (record.kind == RecordKind::kProgram) record.options = {words.begin() + 1, words.end()};
  record.expects_error = error;
  if (error && words.size() > 2) record.sqlstate = words[2];
  return record;
}

}  // namespace

StatusOr<Script> ParsePage(const std::string& path, const std::string& text) {
  Script script;
  script.path = path;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) script.lines.push_back(line);
  size_t sql_end = 0;  // the line after the fence of the last ```sql block
  for (size_t at = 0; at < script.lines.size(); ++at) {
    if (!script.lines[at].starts_with(kFence)) continue;
    const size_t begin = at;
    std::istringstream header(script.lines[at].substr(kFence.size()));
    std::vector<std::string> words, lines;
    for (std::string word; header >> word;) words.push_back(word);
    for (++at; at < script.lines.size() && script.lines[at] != kFence; ++at) lines.push_back(script.lines[at]);
    if (at == script.lines.size()) return SqlError(sqlstate::kInvalidParameterValue) << path << ":" << begin + 1 << ": the block has no end";
    if (words.empty()) continue;
    if (words[0] == "sql" || ((words[0] == "json" || words[0] == "lines") && words.size() > 1)) {
      script.records.push_back(RecordOf(words, static_cast<int>(begin) + 1, std::move(lines)));
      if (words[0] == "sql") sql_end = at + 1;
    } else if (words[0] == "result") {
      if (sql_end != begin || script.records.empty())
        return SqlError(sqlstate::kInvalidParameterValue) << path << ":" << begin + 1 << ": a result must follow its statement";
      Record& query = script.records.back();
      if (query.kind == RecordKind::kStatement) query.kind = RecordKind::kQuery;
      query.sort = SortMode::kRows;
      query.expected = std::move(lines);
    }
  }
  return script;
}

}  // namespace kappa::slt
