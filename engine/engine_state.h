// What the sessions of an engine share.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "catalog/catalog.h"
#include "engine/engine.h"
#include "engine/engine_mutex.h"
#include "engine/epoch_domain.h"
#include "engine/metrics.h"
#include "engine/program.h"
#include "engine/secrets.h"
#include "engine/status.h"
#include "engine/status_server.h"
#include "engine/table_store.h"

namespace kappa {

struct EngineState {
  EngineOptions options;
  os::Environment* environment = nullptr;
  std::unique_ptr<ConnectorRegistry> connectors;
  std::shared_ptr<log::LogDirectory> log;
  std::shared_ptr<Jit> jit;            // made when first needed
  PlanCache plans{256};                // and their code
  std::unique_ptr<TimeLog> time_log;   // of the data directory's sources
  std::unique_ptr<StatusBoard> board;  // what the running programs tell; has a lock of its own
  std::unique_ptr<SecretStore> secrets;
  Catalog catalog;
  std::atomic<int64_t> catalog_version{0};  // counts its changes
  std::unique_ptr<EpochDomain> domain;
  std::atomic<bool> driven{false};  // the background drives it: there are published epochs
  std::atomic<int64_t> writes{0};   // of DML, durable
  ViewMap views;
  TableMap tables;
  std::list<std::unique_ptr<RunningProgram>> running;
  // Of the saved catalog: views go on when the first statement needs them, sinks when the background begins.
  struct Restored {
    std::string name;  // of the durable program; "": it is made anew
    std::string text;
    std::shared_ptr<const Dataflow> dataflow;
  };
  std::vector<Restored> restored;
  std::unique_ptr<os::FileLock> lock;
  EngineMutex mutex;  // of everything above: the background thread steps between statements
  os::Event wake;     // something arrived, or a program was added
  int64_t started_micros = 0;
  uint64_t memory = 0;                          // MemoryOfProcess
  std::atomic<int64_t> lag_due_nanos{0};        // when to ask the sources again how far their logs reach
  std::unique_ptr<StatusServer> status_server;  // since the lock is held; it and the metrics end before all else
  std::unique_ptr<MetricsEndpoint> metrics;

  ProgramHost Host(ViewMap* view_map);
  // table_sink.cc
  StatusOr<TableStore*> Table(const CatalogObjectPtr& table);
  StatusOr<std::shared_ptr<const ViewReader>> NewestOf(TableStore* store);
  // To where stdout sinks write: whole lines.
  Status Output(std::string_view bytes) const;
  // Puts what they tell now on the board, with fresh lags. `ended`: nobody drives them any more.
  void Publish(const std::list<std::unique_ptr<RunningProgram>>& programs, bool ended = false);
  EngineStatus Report() const;  // any thread
  // The lock of state and catalog of the data directory: 55006 when another engine has it.
  Status Lock();
  Status EnsureJit();
  // Writes catalog.json after DDL.
  Status SaveCatalog();
  Status LoadCatalog();
  // Durable programs of statements whose objects are gone: dropped, or never made it into the catalog.
  Status RemoveOrphans();
  // Sinks that were made by statements go on writing.
  Status StartRestoredSinks();
};

std::unique_ptr<Session> MakeSession(std::shared_ptr<EngineState> state);

class DurableProgram;
// A durable program where it stood: its newest snapshot that can be read, the journal after it. `until_latest`: it ends at its logs' present end.
StatusOr<std::unique_ptr<RunningProgram>> StartDurable(DurableProgram* durable, const RunOptions& run, bool until_latest, EngineState* state,
                                                       ViewMap* views, Results* results);

// What a statement started, as a durable program: "view.NAME" or "sink.NAME" of its first output. "": it reads what the log alone does not give back
// (a view), and is not durable.
std::string DurableNameOf(const Dataflow& dataflow);
// `anew`: the statement has just been given; else it goes on where it stood.
StatusOr<std::unique_ptr<RunningProgram>> StartStatement(const EngineState::Restored& statement, bool anew, const RunOptions& run, EngineState* state,
                                                         ViewMap* views, Results* results);

// Brings programs to one position: the ends of their logs as they are now, so that a reader sees one prefix (promise P3). `limits`: of sources that
// are read no further.
Status CatchUp(const std::vector<RunningProgram*>& programs, const PositionMap& limits, EngineState* state,
               const std::function<Status()>& interrupted);

}  // namespace kappa
