// A dataflow wired to its sources, sinks and views, and running: what the engine makes of a program or of a one-shot statement.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/connector.h"
#include "engine/dead_letters.h"
#include "engine/engine.h"
#include "engine/status.h"
#include "exec/epoch/dataflow_run.h"
#include "exec/state/versioned_view.h"

namespace kappa {

class SecretStore;

using ViewMap = std::map<std::string, std::shared_ptr<VersionedView>>;

// What a running program needs of its host.
struct ProgramHost {
  os::Environment* environment = nullptr;
  const ConnectorRegistry* connectors = nullptr;
  ConnectorContext context;
  Jit* jit = nullptr;
  PlanCache* plans = nullptr;  // of one-shot statements
  std::shared_ptr<log::LogDirectory> log;
  ViewMap* views = nullptr;
  StatusBoard* board = nullptr;
  const SecretStore* secrets = nullptr;  // nullptr: options hold no references
  TimeLog* time_log = nullptr;           // of the data directory
  uint64_t memory = 0;                   // that the process may take; 0: not known
  // Of sinks into tables; empty: there are none.
  std::function<StatusOr<std::unique_ptr<Sink>>(const SinkOp& sink, std::shared_ptr<const RowSchema> schema, const std::string& writer)> table_sink;
};

struct ProgramOptions {
  RunOptions run;
  bool one_shot = false;  // a SELECT or a DML statement
  bool replay = false;    // sinks go to `results` or `into`
  std::string into;
  std::vector<Datum> parameters;
  std::map<std::string, std::shared_ptr<const ViewReader>> readers;  // of views; one that is missing is pinned when the program starts
  std::string name;                                                  // of a durable program
  std::unique_ptr<Durability> durability;                            // and what it goes on from
};

class RunningProgram {
 public:
  // Results take the rows of a Result operator, and those of sinks in a replay.
  static StatusOr<std::unique_ptr<RunningProgram>> Start(std::shared_ptr<const Dataflow> dataflow, const ProgramHost& host, ProgramOptions options,
                                                         Results* results);

  DataflowRun& run() { return *run_; }
  const Dataflow& dataflow() const { return *dataflow_; }
  bool done() const { return done_; }
  // One step; sets done. Errors are remembered: a failed program steps no more.
  StatusOr<DataflowRun::State> Step();
  // Ends the epoch that is open; what fails in it ends the program, as in Step.
  Status EndEpoch();
  // After the end: closes results, sums up.
  Status Finish();
  ProgramSummary Summary() const;
  // For the status board; rates are the board's to compute.
  PipelineStatus Report() const;
  // Why it steps no more; OK: it did not fail.
  const Status& failure() const { return failure_; }
  std::set<std::string> Views() const;  // that it maintains
  std::vector<std::pair<std::string, std::shared_ptr<VersionedView>>> views() const;
  const std::string& name() const { return name_; }  // of a durable program; "": it is none
  bool bounded() const;
  // Started for its views alone: nobody waits for its end.
  void set_on_demand() { on_demand_ = true; }
  bool on_demand() const { return on_demand_; }
  // How to ask where a partition of a source ends without the engine's lock; nullptr: only the source itself can tell.
  std::shared_ptr<log::PartitionEnd> EndOf(const std::string& source, int32_t partition);
  // Its views change as time goes by.
  bool reads_clock() const { return reads_clock_; }
  void set_wake(std::function<void()> wake) { run_->OnWake(std::move(wake)); }

 private:
  RunningProgram() = default;
  StatusOr<std::shared_ptr<Source>> MakeSource(const ScanOp& scan, const ProgramHost& host);
  StatusOr<Sink*> MakeSink(const PlanOperator& op, const ProgramHost& host, const ProgramOptions& options, Results* results);
  std::string name_;
  std::shared_ptr<const Dataflow> dataflow_;
  std::map<std::string, int> writers_;  // sinks by name
  std::map<OperatorId, std::unique_ptr<Sink>> sinks_;
  std::map<OperatorId, class ObservedSink*> observed_;  // those of sinks_ that are not results
  std::vector<std::shared_ptr<VersionedView>> views_;
  std::vector<std::shared_ptr<const RowSchema>> schemas_;  // encoders point to them
  std::map<OperatorId, std::shared_ptr<Source>> sources_;
  std::shared_ptr<log::LogDirectory> log_;
  std::map<std::string, std::string> topics_;  // of the log, by source
  std::map<std::pair<std::string, int32_t>, std::shared_ptr<log::PartitionEnd>> ends_;
  std::vector<class ResultSink*> result_sinks_;
  std::unique_ptr<DeadLetters> errors_;
  std::unique_ptr<Durability> durability_;
  std::unique_ptr<DataflowRun> run_;
  Status failure_;
  uint64_t memory_budget_ = 0;
  bool done_ = false;
  bool recorded_ = false;  // a source goes through the log: where it ends, the next run goes on
  bool on_demand_ = false;
  bool reads_clock_ = false;
};

}  // namespace kappa
