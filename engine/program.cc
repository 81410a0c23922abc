#include "engine/program.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/recorded/recorded_source.h"
#include "engine/memory_share.h"
#include "engine/observed_sink.h"
#include "engine/pipeline_directory.h"
#include "engine/secrets.h"
#include "formats/encoder.h"
#include "planner/binder/ddl.h"

namespace kappa {

// Rows to whoever asked: a SELECT's, or a replayed sink's.
class ResultSink final : public Sink {
 public:
  ResultSink(std::string title, Results* results, std::shared_ptr<const RowSchema> schema)
      : title_(std::move(title)), results_(results), schema_(std::move(schema)) {}
  Status Begin() {
    if (std::exchange(begun_, true)) return OkStatus();
    return results_->OnSchema(title_, *schema_);
  }
  Status Write(Epoch, const ChangeBatch& changes) override {
    RETURN_IF_ERROR(Begin());
    rows_ += static_cast<int64_t>(changes.rows.size());
    ChangeBatch shown = changes;
    shown.schema = schema_.get();
    return results_->OnRows(shown);
  }
  Status Commit(const EpochCommit&) override { return OkStatus(); }
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{}; }
  Guarantee guarantee() const override { return Guarantee::kAtLeastOnce; }
  Status End() {
    RETURN_IF_ERROR(Begin());
    return results_->OnEnd(rows_);
  }

 private:
  const std::string title_;
  Results* const results_;
  const std::shared_ptr<const RowSchema> schema_;
  bool begun_ = false;
  int64_t rows_ = 0;
};

namespace {

EncoderOptions EncoderFor(const SinkOp& sink, bool append_only, const ConnectorDescriptor& connector) {
  EncoderOptions options;
  options.format = sink.encoding == Encoding::kCsv     ? RecordFormat::kCsv
                   : sink.encoding == Encoding::kBytes ? RecordFormat::kText
                                                       : RecordFormat::kJson;
  if (sink.encoding != Encoding::kBytes || !sink.key.empty()) options.key = sink.key;
  options.key_format = sink.key_encoding == Encoding::kCsv     ? RecordFormat::kCsv
                       : sink.key_encoding == Encoding::kBytes ? RecordFormat::kText
                                                               : RecordFormat::kJson;
  if (sink.envelope == Envelope::kUpsert)
    options.retractions = RetractionForm::kTombstone;
  else if (sink.envelope == Envelope::kDebezium)
    options.retractions = RetractionForm::kEnvelope;
  else if (!append_only && (connector.name == "print" || connector.name == "stdout"))
    options.retractions = RetractionForm::kOpColumn;
  return options;
}

// The values behind references to secrets, and errors without them.
StatusOr<Options> Resolved(const Options& options, const ProgramHost& host) {
  return host.secrets == nullptr ? StatusOr<Options>(options) : host.secrets->Resolve(options);
}
template <typename T>
StatusOr<T> Redacted(StatusOr<T> result, const ProgramHost& host) {
  if (result.ok() || host.secrets == nullptr) return result;
  return host.secrets->Redact(result.status());
}

}  // namespace

StatusOr<Sink*> RunningProgram::MakeSink(const PlanOperator& op, const ProgramHost& host, const ProgramOptions& options, Results* results) {
  schemas_.push_back(SchemaOf(op));
  const auto* sink = op.As<SinkOp>();
  if (op.As<ResultOp>()) {  // of a bounded statement: its contents, no history
    auto contents = std::make_shared<RowSchema>(*schemas_.back());
    contents->append_only = true;
    schemas_.back() = contents;
  }
  if (op.As<ResultOp>() || (sink != nullptr && options.replay && options.into.empty())) {
    auto result = std::make_unique<ResultSink>(sink == nullptr ? "" : sink->name, results, schemas_.back());
    result_sinks_.push_back(result.get());
    return (sinks_[op.id] = std::move(result)).get();
  }
  SinkOp target = *sink;
  if (options.replay) {
    target.connector = "file";
    target.options = {{"path", options.into + "/" + sink->name}};
    target.encoding = Encoding::kJson;
    target.envelope = Envelope::kPlain;
    target.format_options.clear();
    target.key_encoding = Encoding::kJson;
  }
  if (target.connector == kTableConnector) {
    if (!host.table_sink)
      return SqlError(sqlstate::kFeatureNotSupported) << "a sink into a table in a file is not supported" << Hint("make it in a shell");
    ASSIGN_OR_RETURN(std::unique_ptr<Sink> made,
                     host.table_sink(target, schemas_.back(), options.name.empty() ? "" : options.name + "/" + target.name));
    auto observed = std::make_unique<ObservedSink>(std::move(made));
    observed_[op.id] = observed.get();
    return (sinks_[op.id] = std::move(observed)).get();
  }
  const ConnectorDescriptor* connector = host.connectors->Find(target.connector);
  if (connector == nullptr || !connector->make_sink)
    return SqlError(sqlstate::kFeatureNotSupported) << "connector \"" << target.connector << "\" cannot be a sink";
  EncoderOptions encoding = EncoderFor(target, op.append_only, *connector);
  if (target.encoding == Encoding::kCsv) { ASSIGN_OR_RETURN(encoding.csv, ParseCsvFormat(target.format_options)); }
  if (options.replay && !op.append_only) encoding.retractions = RetractionForm::kOpColumn;
  ConnectorContext context = host.context;
  if (!options.name.empty()) {
    context.writer = options.name + "/" + target.name;
    const int same = ++writers_[target.name];  // two statements may write to one sink
    if (same > 1) context.writer += "." + std::to_string(same);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<RecordEncoder> encoder, MakeEncoder(schemas_.back().get(), encoding));
  ASSIGN_OR_RETURN(target.options, Resolved(target.options, host));
  ASSIGN_OR_RETURN(std::unique_ptr<Sink> made, Redacted(connector->make_sink(target.options, context, std::move(encoder)), host));
  auto observed = std::make_unique<ObservedSink>(std::move(made));
  observed_[op.id] = observed.get();
  return (sinks_[op.id] = std::move(observed)).get();
}

StatusOr<std::shared_ptr<Source>> RunningProgram::MakeSource(const ScanOp& scan, const ProgramHost& host) {
  const ConnectorDescriptor* connector = host.connectors->Find(scan.connector);
  if (connector == nullptr || !connector->make_source)
    return SqlError(sqlstate::kFeatureNotSupported) << "connector \"" << scan.connector << "\" cannot be a source";
  ASSIGN_OR_RETURN(const Options options, Resolved(scan.options, host));
  if (scan.connector == "log" && options.count("directory") == 0 && options.count("topic") != 0) topics_[scan.source] = options.at("topic");
  ASSIGN_OR_RETURN(std::unique_ptr<Source> source, Redacted(connector->make_source(options, host.context), host));
  if (!source->replayable() && durability_ != nullptr) {
    recorded_ = true;
    return std::shared_ptr<Source>(RecordThroughLog(std::move(source), host.log, "recorded." + name_ + "." + scan.source));
  }
  return std::shared_ptr<Source>(std::move(source));
}

namespace {
bool ReadsClock(const Dataflow& dataflow) {
  return std::any_of(dataflow.operators.begin(), dataflow.operators.end(), [](const PlanOperator& op) {
    const auto* scan = op.As<ScanOp>();
    return op.As<TemporalFilterOp>() != nullptr || (scan != nullptr && (scan->asks_clock || scan->processing_time));
  });
}
}  // namespace

StatusOr<std::unique_ptr<RunningProgram>> RunningProgram::Start(std::shared_ptr<const Dataflow> dataflow, const ProgramHost& host,
                                                                ProgramOptions options, Results* results) {
  auto program = std::unique_ptr<RunningProgram>(new RunningProgram());
  program->dataflow_ = dataflow;
  program->log_ = host.log;
  program->reads_clock_ = ReadsClock(*dataflow);
  const auto mode = options.one_shot ? DeadLetters::Mode::kOneShot : options.replay ? DeadLetters::Mode::kCount : DeadLetters::Mode::kKeep;
  program->errors_ = std::make_unique<DeadLetters>(host.log, mode);
  RunBindings bindings;
  bindings.errors = program->errors_.get();
  bindings.time_log = host.time_log;
  program->name_ = options.name;
  program->durability_ = std::move(options.durability);
  bindings.durability = program->durability_.get();
  if (bindings.durability != nullptr) RETURN_IF_ERROR(program->errors_->Recover(options.name, bindings.durability->incarnation, *dataflow));
  bindings.parameters = options.parameters;
  RunOptions run = options.run;
  if (run.memory_budget == kShareOfMemory) run.memory_budget = host.memory / (options.one_shot ? kStatementShare : kProgramShare);
  program->memory_budget_ = run.memory_budget;
  run.one_epoch = options.one_shot;
  for (const PlanOperator& op : dataflow->operators) {
    if (const auto* scan = op.As<ScanOp>()) {
      ASSIGN_OR_RETURN(bindings.sources[op.id], program->MakeSource(*scan, host));
      program->sources_[op.id] = bindings.sources[op.id];
    } else if (const auto* scan_view = op.As<ViewScanOp>()) {
      if (const auto reader = options.readers.find(scan_view->view); reader != options.readers.end()) {
        bindings.views[op.id] = reader->second;
        continue;
      }
      const auto view = host.views->find(scan_view->view);
      if (view == host.views->end())
        return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "materialized view \"" << scan_view->view << "\" is not running";
      bindings.views[op.id] = view->second->Pin();
    } else if (const auto* materialize = op.As<MaterializeOp>()) {
      auto view = std::make_shared<VersionedView>(materialize->view, *SchemaOf(op));
      program->views_.push_back(view);
      (*host.views)[materialize->view] = view;
      bindings.sinks[op.id] = view.get();
    } else if (op.As<ResultOp>() || (op.As<SinkOp>() && !op.As<SinkOp>()->folds_checksum)) {
      ASSIGN_OR_RETURN(bindings.sinks[op.id], program->MakeSink(op, host, options, results));
    }
  }
  run.stop_at_end |= program->recorded_;
  if (options.one_shot) bindings.plans = host.plans;
  ASSIGN_OR_RETURN(program->run_, DataflowRun::Open(std::move(dataflow), std::move(bindings), run, host.jit, host.environment));
  return program;
}

StatusOr<DataflowRun::State> RunningProgram::Step() {
  if (done_) return DataflowRun::State::kDone;
  auto state = run_->Step();
  if (!state.ok() || *state == DataflowRun::State::kDone) done_ = true;
  if (!state.ok()) failure_ = state.status();
  return state;
}

Status RunningProgram::EndEpoch() {
  if (done_) return failure_;
  const Status ended = run_->EndEpoch();
  if (ended.ok()) return ended;
  done_ = true;
  return failure_ = ended;
}

std::shared_ptr<log::PartitionEnd> RunningProgram::EndOf(const std::string& source, int32_t partition) {
  const auto topic = topics_.find(source);
  if (topic == topics_.end()) return nullptr;
  std::shared_ptr<log::PartitionEnd>& end = ends_[{source, partition}];
  if (end == nullptr) {
    if (auto made = log_->End(topic->second, partition); made.ok()) end = *std::move(made);
  }
  return end;
}

Status RunningProgram::Finish() {
  for (ResultSink* sink : result_sinks_) RETURN_IF_ERROR(sink->End());
  return OkStatus();
}

bool RunningProgram::bounded() const {
  for (const PlanOperator& op : dataflow_->operators) {
    const auto* scan = op.As<ScanOp>();
    if (scan != nullptr && !scan->until_latest && !sources_.at(op.id)->bounded()) return false;
  }
  return true;
}

std::set<std::string> RunningProgram::Views() const {
  std::set<std::string> names;
  for (const PlanOperator& op : dataflow_->operators) {
    if (const auto* view = op.As<MaterializeOp>()) names.insert(view->view);
  }
  return names;
}

std::vector<std::pair<std::string, std::shared_ptr<VersionedView>>> RunningProgram::views() const {
  std::vector<std::pair<std::string, std::shared_ptr<VersionedView>>> named;
  size_t next = 0;
  for (const PlanOperator& op : dataflow_->operators) {
    if (const auto* view = op.As<MaterializeOp>()) named.emplace_back(view->view, views_[next++]);
  }
  return named;
}

ProgramSummary RunningProgram::Summary() const {
  ProgramSummary summary;
  const RunProgress& progress = run_->progress();
  summary.progress = {progress.records - progress.restored_records,
                      progress.bytes - progress.restored_bytes,
                      progress.lag,
                      progress.epoch,
                      progress.errors,
                      progress.late,
                      progress.state_bytes,
                      progress.watermark,
                      bounded()};
  for (const PlanOperator& op : dataflow_->operators) {
    const auto* sink = op.As<SinkOp>();
    if (sink == nullptr) continue;
    if (sink->folds_checksum) {
      const auto [checksum, changes] = run_->Fold(op.id);
      summary.lines.push_back("sink " + sink->name + ": " + std::to_string(changes) + " changes, checksum " + std::to_string(checksum));
      continue;
    }
    const auto made = sinks_.find(op.id);
    if (made == sinks_.end()) continue;
    std::string line = "sink " + sink->name + " (" + sink->connector + ", " +
                       (made->second->guarantee() == Guarantee::kExactlyOnce ? "exactly once" : "at least once") + ")";
    if (const std::string more = made->second->Summary(); !more.empty()) line += ": " + more;
    summary.lines.push_back(line);
  }
  if (durability_ != nullptr) {
    std::string line = fmt::format("state kept as {}: epoch {}", name_, progress.committed_epoch % kEpochsOfALife);
    if (progress.snapshots > 0) {
      line += fmt::format(", {} snapshot{} (the last: epoch {}), no pause longer than {:.1f} ms", progress.snapshots,
                          progress.snapshots == 1 ? "" : "s", progress.snapshot_epoch, static_cast<double>(progress.longest_pause_nanos) / 1e6);
    }
    summary.lines.push_back(line);
    if (!progress.snapshot_error.empty()) summary.lines.push_back("the last snapshot failed: " + progress.snapshot_error);
    for (const std::string& lost : progress.offsets_lost) summary.lines.push_back("passed over: " + lost);
  }
  summary.dead_letters = errors_->counts();
  return summary;
}

}  // namespace kappa
