#include "tests/slt/runner/kappa_target.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "connectors/log/topic_producer.h"

namespace kappa::slt {
namespace {

char TypeLetter(const Type& type) {
  if (type.is_integer()) return 'I';
  return type.is_numeric() ? 'R' : 'T';
}

// Keeps the rows of the last result. Changes are applied: what is kept is what the result holds in the end.
class CollectedResults final : public Results {
 public:
  explicit CollectedResults(Outcome* outcome) : outcome_(outcome) {}

  Status OnSchema(const std::string& title, const RowSchema& schema) override {
    title_ = title;
    outcome_->types.clear();
    if (title.empty()) outcome_->rows.clear();
    for (const auto& column : schema.columns) outcome_->types += TypeLetter(column.type);
    schema_ = schema;
    return OkStatus();
  }

  Status OnRows(const ChangeBatch& batch) override {
    for (size_t i = 0; i < batch.rows.size(); ++i) {
      std::vector<std::string> row;
      if (!title_.empty()) row.push_back(title_);
      for (const Slot& slot : schema_.layout.slots()) {
        std::string text;
        schema_.layout.AppendText(batch.rows[i], slot, &text);
        row.push_back(ShowValue(text, schema_.layout.IsNull(batch.rows[i], slot)));
      }
      RETURN_IF_ERROR(Apply(row, batch.weight(i)));
    }
    return OkStatus();
  }

  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view) override {}

 private:
  Status Apply(const std::vector<std::string>& row, int64_t weight) {
    auto& rows = outcome_->rows;
    for (; weight > 0; --weight) rows.push_back(row);
    for (; weight < 0; ++weight) {
      const auto found = std::find(rows.begin(), rows.end(), row);
      if (found == rows.end()) return SqlError(sqlstate::kInternalError) << "the result retracts a row that it does not hold";
      rows.erase(found);
    }
    return OkStatus();
  }

  Outcome* outcome_;
  RowSchema schema_;
  std::string title_;
};

// Cancels the session's statement unless it ends within the deadline.
class Deadline {
 public:
  Deadline(Session* session, int seconds) {
    thread_ = os::RealEnvironment().threads().Start("slt-deadline", [this, session, seconds] {
      if (!done_.WaitFor(int64_t{seconds} * 1'000'000'000)) session->Cancel();
    });
  }
  ~Deadline() {
    done_.Set();
    thread_->Join();
  }

 private:
  os::Event done_;
  std::unique_ptr<os::Thread> thread_;
};

std::map<int32_t, int64_t> ParseOffsets(const std::string& text) {  // 0:10,1:20
  std::map<int32_t, int64_t> offsets;
  for (size_t at = 0; at < text.size();) {
    const size_t colon = text.find(':', at), end = std::min(text.find(',', at), text.size());
    if (colon == std::string::npos) break;
    offsets[std::atoi(text.substr(at, colon - at).c_str())] = std::atoll(text.substr(colon + 1, end - colon - 1).c_str());
    at = end + 1;
  }
  return offsets;
}

StatusOr<ProgramRunOptions> ParseRunOptions(const std::vector<std::string>& options) {
  ProgramRunOptions run;
  for (const std::string& option : options) {
    if (option == "until-latest")
      run.until_latest = true;
    else if (option == "replay")
      run.replay = true;
    else if (option.rfind("from=", 0) == 0)
      run.from_offsets = ParseOffsets(option.substr(5));
    else if (option.rfind("until=", 0) == 0)
      run.until_offsets = ParseOffsets(option.substr(6));
    else if (option.rfind("from-ms=", 0) == 0)
      run.from_timestamp_ms = std::atoll(option.c_str() + 8);
    else if (option.rfind("until-ms=", 0) == 0)
      run.until_timestamp_ms = std::atoll(option.c_str() + 9);
    else
      return SqlError(sqlstate::kInvalidParameterValue) << "not an option of program: " << option;
  }
  return run;
}

}  // namespace

StatusOr<std::unique_ptr<KappaTarget>> KappaTarget::Open(const std::string& data_directory, const Configuration& configuration,
                                                         std::shared_ptr<Jit> jit, int deadline_seconds) {
  std::unique_ptr<KappaTarget> target(new KappaTarget(data_directory, configuration, std::move(jit), deadline_seconds));
  RETURN_IF_ERROR(target->Restart());
  return target;
}

Status KappaTarget::Restart() {
  session_.reset();
  engine_.reset();
  keeps_sinks_ = false;
  settings_.clear();
  return OpenEngine();
}

Status KappaTarget::Reopen() {
  if (configuration_.reopening == Reopening::kNever || keeps_sinks_) return OkStatus();
  if (session_->transaction() != TransactionState::kNone) return OkStatus();  // a block ends with its session
  environment_->Kill();
  session_.reset();
  engine_.reset();
  if (configuration_.reopening == Reopening::kRebuild) {
    std::error_code error;
    std::filesystem::remove_all(data_directory_ + "/pipelines", error);
    if (error) return SqlError(sqlstate::kIoError) << data_directory_ << "/pipelines: " << error.message();
  }
  ++reopened_;
  RETURN_IF_ERROR(OpenEngine());
  RETURN_IF_ERROR(ExecuteHere("SET workers = " + std::to_string(1 + reopened_ % 3)).status);
  for (const std::string& setting : settings_) RETURN_IF_ERROR(ExecuteHere(setting).status);
  return OkStatus();
}

Status KappaTarget::OpenEngine() {
  environment_ = std::make_unique<KillableEnvironment>();
  EngineOptions options;
  options.environment = environment_.get();
  options.data_directory = data_directory_;
  options.jit = jit_;
  options.output = [lines = &output_](std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      lines->emplace_back(text.substr(at, end - at));
      at = end + 1;
    }
  };
  ASSIGN_OR_RETURN(engine_, Engine::Open(options));
  session_ = engine_->NewSession();
  for (const std::string& statement : configuration_.statements) RETURN_IF_ERROR(ExecuteHere(statement).status);
  return OkStatus();
}

// What outlives the statement in the session alone.
void KappaTarget::NoteStatement(const std::string& sql) {
  auto begins = [&](std::string_view words) {
    return sql.size() > words.size() && std::equal(words.begin(), words.end(), sql.begin(), [](char a, char b) { return a == std::toupper(b); });
  };
  for (const std::string_view words : {"SET ", "RESET ", "PREPARE ", "DEALLOCATE "}) {
    if (begins(words)) settings_.push_back(sql);
  }
  if (begins("CREATE SINK ")) keeps_sinks_ = true;
}

Outcome KappaTarget::Execute(const std::string& sql) {
  Outcome outcome;
  outcome.status = Reopen();
  if (!outcome.status.ok()) {
    outcome.error_text = FormatError(outcome.status, "", "");
    return outcome;
  }
  outcome = ExecuteHere(sql);
  if (outcome.status.ok()) NoteStatement(sql);
  return outcome;
}

Outcome KappaTarget::ExecuteHere(const std::string& sql) {
  Outcome outcome;
  CollectedResults results(&outcome);
  {
    Deadline deadline(session_.get(), deadline_seconds_);
    outcome.status = session_->Execute(sql, &results);
  }
  if (!outcome.status.ok()) outcome.error_text = FormatError(outcome.status, "", sql);
  return outcome;
}

// A program that came to its end goes on there: nothing is left to say.
Status KappaTarget::RunAgain(const ProgramRunOptions& run, const std::string& sql) {
  RETURN_IF_ERROR(Reopen());
  Outcome again;
  CollectedResults results(&again);
  RETURN_IF_ERROR(session_->RunProgram({{"program.sql", sql}}, run, &results).status());
  if (output_.empty()) return OkStatus();
  SqlError error(sqlstate::kInternalError);
  error << "started again at its end, the program printed";
  for (const std::string& line : output_) error << "\n    " << line;
  output_.clear();
  return error;
}

Outcome KappaTarget::RunProgram(const Record& record, const std::string& sql) {
  Outcome outcome;
  outcome.status = Reopen();
  if (!outcome.status.ok()) {
    outcome.error_text = FormatError(outcome.status, "", "");
    return outcome;
  }
  CollectedResults results(&outcome);
  if (record.options == std::vector<std::string>{"check"}) {
    outcome.status = session_->Check({{"program.sql", sql}});
    if (!outcome.status.ok()) outcome.error_text = ErrorText(outcome.status, {{"program.sql", sql}});
    return outcome;
  }
  auto run = ParseRunOptions(record.options);
  // A program that keeps its state gives what one gives that does not.
  const bool queries = sql.rfind("SELECT ", 0) == 0 || sql.find("\nSELECT ") != std::string::npos;  // those have no name
  if (run.ok() && configuration_.reopening != Reopening::kNever && !run->replay && !queries) run->name = "program_" + std::to_string(record.line);
  if (!run.ok()) {
    outcome.status = run.status();
  } else {
    output_.clear();
    Deadline deadline(session_.get(), deadline_seconds_);
    outcome.status = session_->RunProgram({{"program.sql", sql}}, *run, &results).status();
    outcome.output = std::move(output_);
    output_.clear();
  }
  if (outcome.status.ok() && !run->name.empty() && configuration_.reopening == Reopening::kRecover) outcome.status = RunAgain(*run, sql);
  if (!outcome.status.ok()) outcome.error_text = ErrorText(outcome.status, {{"program.sql", sql}});
  return outcome;
}

// As another process would: by a writer of its own, beside the running engine.
Status KappaTarget::AppendToLog(const Record& record) {
  const auto directory = log::LogDirectory::Open(os::RealEnvironment(), engine_->data_directory(), false);
  if (!directory->Describe(record.name).ok()) {
    log::TopicSpec spec;
    spec.partitions = record.partition + 1;
    RETURN_IF_ERROR(directory->CreateTopic(record.name, spec));
  }
  ASSIGN_OR_RETURN(auto producer, log::TopicProducer::Open(directory, record.name));
  int64_t at_ms = record.at_ms;
  for (const std::string& line : record.lines) {
    std::string value = line;
    if (record.encoding == "base64" && !absl::Base64Unescape(line, &value))
      return SqlError(sqlstate::kInvalidParameterValue) << "not base64: " << line;
    OutgoingRecord outgoing;
    outgoing.value = value;
    outgoing.partition = record.partition;
    if (at_ms >= 0) outgoing.timestamp_ms = std::exchange(at_ms, at_ms + 1000);
    RETURN_IF_ERROR(producer->Add(outgoing));
  }
  return producer->Flush();
}

Status KappaTarget::MakeStream(const Record& record) {
  RETURN_IF_ERROR(AppendToLog(record));
  const Outcome made = Execute("CREATE SOURCE " + record.name + " " + record.columns + " WITH (connector = 'log', topic = '" + record.name +
                               "', scan.bounded.mode = 'latest') FORMAT PLAIN ENCODE JSON");
  return made.status;
}

}  // namespace kappa::slt
