// The public C++ API, and the one place that knows every room: sessions, programs, results.
//
//   ASSIGN_OR_RETURN(auto engine, Engine::Open(options));
//   auto session = engine->NewSession();
//   session->Execute("SELECT 1", &results);                      one statement after the other, as a shell does
//   session->RunProgram({{"q.sql", text}}, run, &results);       the statements of some files as one program, as `kappa run` does
//
// An Engine is driven by one thread at a time unless StartBackground was called; then sessions may be used from any one thread each.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/connector.h"
#include "common/os/environment.h"
#include "common/status.h"
#include "types/change_batch.h"

namespace kappa {

class Jit;           // exec/codegen/jit.h
class MemoryTopics;  // connectors/memory/memory_topics.h

struct EngineOptions {
  std::string data_directory = "./kappa-data";  // made when first needed
  os::Environment* environment = nullptr;       // nullptr: the real one
  // stdout and print sinks write here (nullptr: the process's standard output). Whole lines.
  std::function<void(std::string_view)> output;
  // Records of the 'memory' connector, for embedding and measuring; nullptr: none.
  std::shared_ptr<MemoryTopics> memory;
  // What generates code; engines of one process that come and go may share one. nullptr: its own, made when first needed.
  std::shared_ptr<Jit> jit;
  std::optional<int> metrics_port;  // Prometheus metrics at http://127.0.0.1:PORT/metrics; 0: any port that is free
};

// A source text of statements, and the name errors speak of it by.
struct ProgramText {
  std::string name;
  std::string text;
};

struct Progress {
  int64_t records = 0, bytes = 0;  // read since the program began
  int64_t lag = -1;                // records to the end of the log as last seen; -1: not known
  int64_t epoch = 0;
  int64_t errors = 0, late = 0;
  size_t state_bytes = 0;
  int64_t watermark_micros = INT64_MIN;
  bool bounded = false;  // it will end by itself
};

struct ProgramRunOptions {
  bool until_latest = false;                               // end at the log's present end
  bool stop_at_end = false;                                // it is no end but a stop: windows that are open stay open
  std::map<int32_t, int64_t> from_offsets, until_offsets;  // replay: of every scan
  // replay, instead of offsets: each partition's first record at or after the time, milliseconds since 1970 UTC
  std::optional<int64_t> from_timestamp_ms, until_timestamp_ms;
  bool replay = false;  // the program's own sinks are not written: their rows go to results as a table named by the sink, or to `into`
  std::string into;     // replay: directory of .jsonl files, one a sink; "": results
  // Durable under this name in the data directory: journal, snapshots, exactly-once sinks; the same name and statements go on where it stood. No
  // texts: the program as it was saved. "": nothing is kept.
  std::string name;
  // Its state is forgotten and made again from the log; sinks get only what they did not have.
  bool rebuild = false;
  std::function<void(const Progress&)> on_progress;  // a few times a second
  std::vector<Datum> parameters;
};

// What the last run of a program did.
struct ProgramSummary {
  Progress progress;
  double seconds = 0, cpu_seconds = 0;
  std::vector<std::string> lines;               // of sinks: guarantees, checksums
  std::map<std::string, int64_t> dead_letters;  // by table
};

// Takes what statements answer. A result: OnSchema, OnRows*, OnEnd.
class Results {
 public:
  virtual ~Results() = default;
  virtual Status OnSchema(const std::string& title, const RowSchema& schema) = 0;  // title: "" for a SELECT
  virtual Status OnRows(const ChangeBatch& rows) = 0;                              // memory valid during the call
  virtual Status OnEnd(int64_t rows) = 0;
  virtual void OnTag(std::string_view tag) = 0;      // "CREATE SOURCE", "SET", "INSERT 0 3"
  virtual void OnNotice(std::string_view text) = 0;  // a line for people
  // Bytes of COPY TO STDOUT. False: nobody takes them here, and they go where stdout sinks write.
  virtual bool OnCopy(std::string_view) { return false; }
};

// A statement that was parsed and looked at once, to be executed often. Of the session that prepared it, and gone before it.
class PreparedStatement {
 public:
  virtual ~PreparedStatement() = default;
  virtual const std::string& command() const = 0;              // "SELECT", "INSERT"; "": there was no statement in the text
  virtual const std::vector<Type>& parameters() const = 0;     // of $1, $2...
  virtual const std::optional<RowSchema>& result() const = 0;  // none: it answers no rows
};

struct SessionIdentity {
  std::string user = "kappa", database = "kappa";
  int64_t process = 0;
};

enum class TransactionState : uint8_t { kNone, kOpen, kFailed };  // kFailed: COMMIT and ROLLBACK alone are taken, either ends it

class Session {
 public:
  virtual ~Session() = default;
  // Executes the statements of `text` in order; stops at the first that fails. Streaming statements (materialized views, sinks, INSERT INTO sink
  // SELECT) begin to run, each a program of its own. The error has the range in `text`.
  virtual Status Execute(std::string_view text, Results* results, const std::vector<Datum>& parameters = {}) = 0;
  // The one statement of `text` (42601 when there are several). `types`: of its parameters; kUnknown, or missing: they are inferred. The error has
  // the range in `text`. Execution plans again when objects or settings have changed since; 0A000 when its columns have.
  virtual StatusOr<std::shared_ptr<PreparedStatement>> PrepareStatement(std::string_view text, const std::vector<Type>& types) = 0;
  // `parameters`: one of its type for each (Datum::Parse reads them from text).
  virtual Status ExecutePrepared(PreparedStatement* statement, const std::vector<Datum>& parameters, Results* results) = 0;
  // COPY ... FROM STDIN, with all that the client has sent for it.
  virtual Status CopyIn(std::string_view text, std::string_view data, Results* results) = 0;
  // Of the block that BEGIN opened.
  virtual TransactionState transaction() const = 0;
  // From here on a statement that changes tables ends before that is durable: nobody may be told so before FinishWrites has succeeded. (The next
  // statement of the session calls it by itself.)
  virtual void DeferSyncs() {}
  virtual bool unfinished_writes() const { return false; }
  // Waits for the disk. Any thread, while no statement of the session runs.
  virtual Status FinishWrites() { return OkStatus(); }
  // What is executed until EndBatch is sent together: outside a block of BEGIN its changes of tables are one transaction, which is committed before a
  // statement that could not see them (one that reads views, or defines something), and at EndBatch. Nothing of it stays when a statement fails.
  virtual void BeginBatch() {}
  virtual Status EndBatch() { return OkStatus(); }
  // Something went wrong before a statement came here (a syntax error in a client's query): the block, if there is one, has failed.
  virtual void FailTransaction() = 0;
  // For Results that must wait for a slow reader, on the thread that called them: other sessions work while `wait` runs. False, and nothing was
  // called: what the statement reads must stand still.
  virtual bool WhileWaiting(const std::function<void()>& wait) = 0;
  // Runs files as one program until it ends, or is cancelled (57014, after a graceful end: the open epoch is committed).
  virtual StatusOr<ProgramSummary> RunProgram(const std::vector<ProgramText>& texts, const ProgramRunOptions& options, Results* results) = 0;
  // Parses and plans, runs nothing. Errors carry the name of the text they are in (see ErrorText).
  virtual Status Check(const std::vector<ProgramText>& texts) = 0;
  // EXPLAIN of a whole program: what = LOGICAL | DATAFLOW | PIPELINES | LLVM | ASM.
  virtual StatusOr<std::string> Explain(const std::vector<ProgramText>& texts, std::string_view what) = 0;
  // Who asks: what current_user, current_database() and pg_backend_pid() answer, and who owns what the system catalogs show.
  virtual void Identify(const SessionIdentity& identity) = 0;
  virtual Status Set(std::string_view name, std::string_view value) = 0;
  virtual StatusOr<std::string> Get(std::string_view name) const = 0;
  // The statement that runs now ends with 57014. Any thread, signal handlers too.
  virtual void Cancel() = 0;
};

class Engine {
 public:
  static StatusOr<std::unique_ptr<Engine>> Open(EngineOptions options);
  virtual ~Engine() = default;
  virtual std::unique_ptr<Session> NewSession() = 0;
  // Takes the data directory now, not with the first statement that needs it: 55006 when another engine has it.
  virtual Status Acquire() = 0;
  // Streaming statements go on between statements, on a thread of the engine (shell).
  virtual void StartBackground() = 0;
  virtual const ConnectorRegistry& connectors() const = 0;
  virtual std::vector<std::string> ObjectNames() const = 0;  // for completion
  virtual const std::string& data_directory() const = 0;
  virtual int metrics_port() const { return 0; }  // 0: no metrics are served
};

// The text of an error for people: FormatError against the text it is about. `texts` may be empty.
std::string ErrorText(const Status& status, const std::vector<ProgramText>& texts);

// A statement within a text, and what it is called: "SELECT", "CREATE VIEW".
struct StatementText {
  TextRange range;  // without the semicolon
  std::string command;
  bool copies_in = false;  // COPY ... FROM STDIN: executed by CopyIn
};
// The statements of a text, in order. Errors: of syntax, with ranges in the text. Any thread.
StatusOr<std::vector<StatementText>> ParseStatements(std::string_view text);

// Keywords (upper case), functions and settings, sorted: for completion.
std::vector<std::string> LanguageWords();

// The settings: name, default, documentation.
struct SettingInfo {
  std::string name, default_value, documentation;
  std::string takes = {};  // the values that fit: "a whole number from 1 to 256"
};
const std::vector<SettingInfo>& Settings();

}  // namespace kappa
