#include "tests/slt/runner/script.h"

#include <cstdlib>
#include <sstream>

namespace kappa::slt {
namespace {

std::vector<std::string> Words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string Rest(const std::string& line, size_t words) {
  size_t at = 0;
  for (size_t i = 0; i < words; ++i) {
    at = line.find_first_not_of(" \t", at);
    at = line.find_first_of(" \t", at);
    if (at == std::string::npos) return "";
  }
  at = line.find_first_not_of(" \t", at);
  return at == std::string::npos ? "" : line.substr(at);
}

class Parser {
 public:
  Parser(const std::string& path, const std::string& text) {
    script_.path = path;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) script_.lines.push_back(line);
  }

  StatusOr<Script> Parse() {
    while (at_ < script_.lines.size()) {
      const std::string& line = script_.lines[at_];
      if (line.empty() || line[0] == '#') {
        ++at_;
        continue;
      }
      words_ = Words(line);
      if (words_[0] == "halt") break;
      if (words_[0] == "gap") {
        record_.gap = line;
        ++at_;
        continue;
      }
      if (words_[0] == "control" || words_[0] == "onlyif" || words_[0] == "skipif") {
        RETURN_IF_ERROR(ParseCondition());
        continue;
      }
      record_.line = static_cast<int>(at_) + 1;
      RETURN_IF_ERROR(ParseRecord());
      script_.records.push_back(std::move(record_));
      record_ = Record();
    }
    return std::move(script_);
  }

 private:
  Status Malformed(const std::string& why) const {
    return SqlError(sqlstate::kInvalidParameterValue) << script_.path << ":" << at_ + 1 << ": " << why;
  }
  bool more() const { return at_ < script_.lines.size() && !script_.lines[at_].empty(); }

  Status ParseCondition() {
    if (words_.size() != 2) return Malformed(words_[0] + " takes one word");
    if (words_[0] == "control") {
      if (words_[1] != "postgres") return Malformed("control knows only: postgres");
      script_.plain = true;
    } else {
      (words_[0] == "onlyif" ? record_.only_if : record_.skip_if).push_back(words_[1]);
    }
    ++at_;
    return OkStatus();
  }

  Status ParseRecord() {
    if (words_[0] == "statement") return ParseStatement();
    if (words_[0] == "query") return ParseQuery();
    if (words_[0] == "program") return ParseProgram();
    if (words_[0] == "restart") {
      record_.kind = RecordKind::kRestart;
      ++at_;
      return OkStatus();
    }
    if (words_[0] == "log" && words_.size() >= 2) {
      record_.kind = RecordKind::kLog;
      if (words_.back().rfind("at=", 0) == 0) {
        record_.at_ms = std::atoll(words_.back().c_str() + 3);
        words_.pop_back();
      }
      if (words_.size() > 2) record_.partition = std::atoi(words_[2].c_str());
      if (words_.size() > 3) record_.encoding = words_[3];
    } else if (words_[0] == "file" && words_.size() == 2) {
      record_.kind = RecordKind::kFile;
    } else if (words_[0] == "stream" && words_.size() > 2) {
      record_.kind = RecordKind::kStream;
      record_.columns = Rest(script_.lines[at_], 2);
    } else {
      return Malformed("not a record: " + script_.lines[at_]);
    }
    record_.name = words_[1];
    for (++at_; more(); ++at_) record_.lines.push_back(script_.lines[at_]);
    return OkStatus();
  }

  // `ok`, or `error SQLSTATE pattern`, which begin at word `first`.
  Status ParseOutcome(size_t first) {
    if (words_.size() <= first || (words_[first] != "ok" && words_[first] != "error")) return Malformed("ok or error is missing");
    record_.expects_error = words_[first] == "error";
    if (record_.expects_error && words_.size() > first + 1) {
      record_.sqlstate = words_[first + 1];
      record_.message_pattern = Rest(script_.lines[at_], first + 2);
    }
    return OkStatus();
  }

  Status ParseStatement() {
    record_.kind = RecordKind::kStatement;
    RETURN_IF_ERROR(ParseOutcome(1));
    for (++at_; more(); ++at_) record_.sql += (record_.sql.empty() ? "" : "\n") + script_.lines[at_];
    return record_.sql.empty() ? Malformed("a statement without SQL") : OkStatus();
  }

  // Blank lines belong to the SQL here: it ends at the dashes.
  Status ParseUntilDashes(bool blank_ends) {
    for (++at_; at_ < script_.lines.size() && script_.lines[at_] != "----"; ++at_) {
      if (blank_ends && script_.lines[at_].empty()) break;
      record_.sql += (record_.sql.empty() ? "" : "\n") + script_.lines[at_];
    }
    if (at_ >= script_.lines.size() || script_.lines[at_] != "----") return Malformed("---- is missing");
    record_.expected_begin = static_cast<int>(++at_);
    for (; more(); ++at_) record_.expected.push_back(script_.lines[at_]);
    record_.expected_end = static_cast<int>(at_);
    return record_.sql.empty() ? Malformed("a query without SQL") : OkStatus();
  }

  Status ParseQuery() {
    record_.kind = RecordKind::kQuery;
    if (words_.size() < 2) return Malformed("query needs the types of its columns");
    record_.types = words_[1];
    for (size_t i = 2; i < words_.size(); ++i) {
      if (words_[i] == "rowsort")
        record_.sort = SortMode::kRows;
      else if (words_[i] == "valuesort")
        record_.sort = SortMode::kValues;
      else if (words_[i] != "nosort")
        return Malformed("not a sort mode: " + words_[i]);
    }
    return ParseUntilDashes(true);
  }

  Status ParseProgram() {
    record_.kind = RecordKind::kProgram;
    record_.sort = SortMode::kRows;
    size_t outcome = 1;
    while (outcome < words_.size() && words_[outcome] != "ok" && words_[outcome] != "error") record_.options.push_back(words_[outcome++]);
    RETURN_IF_ERROR(ParseOutcome(outcome));
    return ParseUntilDashes(false);
  }

  Script script_;
  Record record_;
  std::vector<std::string> words_;
  size_t at_ = 0;
};

}  // namespace

StatusOr<Script> ParseScript(const std::string& path, const std::string& text) { return Parser(path, text).Parse(); }

}  // namespace kappa::slt
