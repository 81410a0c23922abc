// A .slt file, parsed: sqllogictest's records and a few of our own (tests/slt/README.md has the format).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/status.h"

namespace kappa::slt {

enum class RecordKind : uint8_t { kStatement, kQuery, kProgram, kLog, kFile, kStream, kRestart };
enum class SortMode : uint8_t { kNone, kRows, kValues };

struct Record {
  RecordKind kind = RecordKind::kStatement;
  int line = 0;                    // of its first line, from 1
  std::string sql;                 // statements, queries, programs
  std::vector<std::string> lines;  // log, file, stream: the content
  std::vector<std::string> only_if, skip_if;
  std::string gap;  // why kappa does not answer this yet; "": it does

  bool expects_error = false;
  std::string sqlstate;         // of the expected error; "": any
  std::string message_pattern;  // a regular expression its text must contain a match of; "": any

  std::string types;  // query: a letter a column, I integer, R float or numeric, T anything
  SortMode sort = SortMode::kNone;
  std::vector<std::string> expected;         // query, program
  int expected_begin = 0, expected_end = 0;  // lines of the file, from 0, that hold `expected`

  std::string name;                  // log: the topic; file, stream: its name
  std::string columns;               // stream
  std::string encoding = "raw";      // log: raw | base64
  int32_t partition = 0;             // log
  int64_t at_ms = -1;                // log: append time of the first record, each further one a second later; -1: now
  std::vector<std::string> options;  // program: until-latest, replay, from=0:10, until=0:20, from-ms=1767225600000, until-ms=...
};

struct Script {
  std::string path;
  std::vector<std::string> lines;  // as in the file
  std::vector<Record> records;
  bool plain = false;  // `control postgres`: PostgreSQL gives the same answers
};

// 22023, naming file and line, for what is not a record.
StatusOr<Script> ParseScript(const std::string& path, const std::string& text);

// A page of documentation: its fenced blocks are records, run in their order in one session.
//   ```sql             statements that succeed; directly followed by ```result (a line a row, columns two or more spaces apart): the last one's rows,
//   in any order
//   ```sql error 42703 a statement that fails
//   ```sql check       planned only: it needs a server
//   ```json bids       records, appended to the topic bids of the embedded log
//   ```lines a.json    lines of the file ${TMP}/a.json
// Blocks of other languages are text.
StatusOr<Script> ParsePage(const std::string& path, const std::string& text);

}  // namespace kappa::slt
