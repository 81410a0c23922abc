// A session in the engine: statements in order, each to the one who knows it.
//
//   session.cc           dispatch, settings, cancelling
//   session_program.cc   files as one program (RunProgram), with a name or without
//   session_define.cc    DDL, and the streams it starts
//   session_query.cc     SELECT, and INSERT into sinks and sources
//   session_dml.cc       INSERT, UPDATE, DELETE of tables
//   session_readers.cc   what a statement reads of views, and how new it is
//   session_transaction.cc   blocks of BEGIN, and statements sent together
//   prepared.cc          statements that clients prepare
//   session_statements.cc   PREPARE and EXECUTE, COPY, DESCRIBE of a query
//   session_explain.cc   EXPLAIN
//
// Used by one thread at a time, but for Cancel().
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine_state.h"
#include "engine/settings.h"
#include "engine/table_store.h"
#include "parser/ast/data_statements.h"
#include "parser/ast/definition_statements.h"
#include "parser/parser.h"
#include "planner/dml.h"
#include "planner/planner.h"

namespace kappa {

// Where statements find their objects: the engine's, or a program's own on top of them.
struct StatementScope {
  Catalog* catalog = nullptr;
  ViewMap* views = nullptr;
  std::list<std::unique_ptr<RunningProgram>>* running = nullptr;
  ProgramRunOptions options;
  bool program = false;  // streaming statements wait for each other and become one dataflow
  std::unique_ptr<ProgramPlanner> pending;
  bool has_pending = false;
  TableMap* tables = nullptr;
};

// Marks which of several texts an error is about (ErrorText reads it).
Status TextOf(Status status, size_t index);
bool HasScans(const Dataflow& dataflow);
// A materialized view, a sink, an INSERT.
bool IsStreaming(const ast::Statement& statement);
// What the planner takes; the others ask, or set.
bool ChangesProgram(const ast::Statement& statement);

class SessionImpl final : public Session {
 public:
  explicit SessionImpl(std::shared_ptr<EngineState> state) : state_(std::move(state)) {}

  Status Execute(std::string_view text, Results* results, const std::vector<Datum>& parameters) override;
  StatusOr<ProgramSummary> RunProgram(const std::vector<ProgramText>& texts, const ProgramRunOptions& options, Results* results) override;
  Status Check(const std::vector<ProgramText>& texts) override { return Explain(texts, "DATAFLOW").status(); }
  StatusOr<std::string> Explain(const std::vector<ProgramText>& texts, std::string_view what) override;
  void Identify(const SessionIdentity& identity) override { identity_ = identity; }
  Status Set(std::string_view name, std::string_view value) override {
    const Status status = settings_.Set(name, value);
    SettingsChanged();
    return status;
  }
  StatusOr<std::string> Get(std::string_view name) const override { return settings_.Get(name); }
  StatusOr<std::shared_ptr<PreparedStatement>> PrepareStatement(std::string_view text, const std::vector<Type>& types) override;
  Status ExecutePrepared(PreparedStatement* statement, const std::vector<Datum>& parameters, Results* results) override;
  Status CopyIn(std::string_view text, std::string_view data, Results* results) override;
  TransactionState transaction() const override {
    if (transaction_ == nullptr || implicit_) return TransactionState::kNone;
    return transaction_->failed ? TransactionState::kFailed : TransactionState::kOpen;
  }
  void DeferSyncs() override { defers_syncs_ = true; }
  bool unfinished_writes() const override { return !unsynced_.empty(); }
  Status FinishWrites() override;
  void BeginBatch() override { batch_ = true; }
  Status EndBatch() override;
  void FailTransaction() override {
    if (transaction_ != nullptr) transaction_->failed = true;
  }
  bool WhileWaiting(const std::function<void()>& wait) override;
  void Cancel() override {
    cancelled_.store(true);
    state_->wake.Set();
  }

 private:
  PlannerSettings PlannerSettingsFor(const ProgramRunOptions& options) const;
  Status ApplySet(const ast::Set& set);
  void SettingsChanged();
  Status Dispatch(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results);
  Status DispatchKind(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results);
  StatementScope EngineScope();
  Status Interrupted() const;
  // 57014 when it is cancelled while it waits.
  StatusOr<std::unique_lock<EngineMutex>> LockEngine();

  // session_program.cc
  StatusOr<ProgramSummary> RunTexts(const std::vector<ProgramText>& texts, const ProgramRunOptions& options, Results* results);
  StatusOr<ProgramSummary> RunScope(const std::vector<ProgramText>& texts, StatementScope* scope, Results* results);
  Status OpenDurable(const std::vector<ProgramText>& given, StatementScope* scope, Results* results);
  StatusOr<bool> IsConstantInsert(const ast::Statement& statement, std::string_view text, const StatementScope& scope);
  StatusOr<Dataflow> PlanDurable(const std::vector<ProgramText>& texts, StatementScope* scope);
  Status RunConstants(const std::vector<ProgramText>& texts, StatementScope* scope, Results* results);
  static ProgramSummary Sum(const std::list<std::unique_ptr<RunningProgram>>& running, const std::map<std::string, int64_t>& passed_over);
  Status Drive(std::list<std::unique_ptr<RunningProgram>>* running, const ProgramRunOptions& options,
               const std::function<bool(const RunningProgram&)>& finished);

  // session_define.cc
  Status Define(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results);
  // `dropped`: keys, of which another object may have taken some.
  void StopOrphans(StatementScope* scope, const std::set<std::string>& dropped);
  Status KeepSecret(const ast::Statement& statement, StatementScope* scope);
  CatalogObjectPtr SecretNamed(const ast::QualifiedName& name, const Catalog& catalog) const;
  // `text`: of the one statement that a shell was given.
  Status StartPending(StatementScope* scope, Results* results, std::string_view text = "");
  // Topics of tables that are made, and of those that are gone.
  Status MakeTopic(const CatalogObject& table);
  Status RemoveTopics(const std::vector<CatalogObjectPtr>& dropped, TableMap* tables);
  Status CreateTableAs(const ast::CreateRelation& create, StatementScope* scope, Results* results);
  Status StartRestored(const std::set<std::string>& views, StatementScope* scope, Results* results);

  // session_query.cc
  Status Select(const ast::Statement& statement, StatementScope* scope, Results* results);
  Status EnsureDeadLetterTopics(const Dataflow& dataflow, const Catalog& catalog);
  Status AnswerNatively(const Dataflow& dataflow, const ReaderMap& readers, const std::vector<Datum>& parameters, Results* results);
  Status RunSelect(std::shared_ptr<const Dataflow> dataflow, StatementScope* scope, Results* results);
  StatusOr<ProgramSummary> RunOneShot(std::shared_ptr<const Dataflow> dataflow, const ReaderMap& readers, StatementScope* scope, Results* results);
  Status Insert(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results);

  // session_copy.cc, session_subscribe.cc
  Status CopyFrom(const ast::Copy& copy, StatementScope* scope, Results* results);
  Status Subscribe(const ast::Subscribe& subscribe, StatementScope* scope, Results* results);

  // session_dml.cc, session_readers.cc, session_transaction.cc
  struct OpenTransaction {
    std::map<std::string, std::unique_ptr<TableDelta>> tables;  // by key
    bool failed = false;
    TableDelta* Of(const std::string& table, bool keyed);
    const TableDelta* Find(const std::string& table) const;  // nullptr: it is as it was
  };
  TableStore* TableFor(const CatalogObjectPtr& table, StatementScope* scope);
  Status Refresh(TableStore* store, StatementScope* scope, Results* results);
  // Of tables, all that has been appended becomes durable first, or what is not yet is left for later.
  enum class Tables { kSync, kAcknowledged };
  Status CatchUpPrograms(const StatementScope& scope, Tables tables, const std::function<bool(const RunningProgram&)>& wanted);
  Status CatchUpViews(const std::set<std::string>& views, Tables tables, StatementScope* scope);
  StatusOr<ReaderMap> Readers(const std::set<std::string>& views, const std::string& changed, StatementScope* scope, Results* results);
  std::shared_ptr<const PublishedViews> PublishedFor(const std::set<std::string>& views) const;
  std::optional<ReaderMap> ReadersAtRest(const std::set<std::string>& views) const;
  Status Change(const ast::Statement& statement, StatementScope* scope, Results* results);
  Status ExecuteDml(const DmlPlan& plan, StatementScope* scope, Results* results);
  Status ApplyRows(const DmlPlan& plan, std::vector<TableRow> rows, const ReaderMap& given, const std::vector<Datum>& parameters,
                   StatementScope* scope, Results* results, int64_t* affected, std::vector<TableRow>* returned);
  Status SyncWriter(std::shared_ptr<log::PartitionLog> writer);
  bool implicit_flush() const;
  Status Written(StatementScope* scope, Results* results);
  Status Flush(StatementScope* scope, Results* results);
  Status CheckTransaction(const ast::Statement& statement) const;
  Status Transact(const ast::Transaction& statement, StatementScope* scope, Results* results);
  Status CheckUnchanged(const TableDelta& delta, TableStore* store, StatementScope* scope, Results* results);
  Status Commit(const OpenTransaction& transaction, StatementScope* scope, Results* results);
  Status CommitImplicit(StatementScope* scope);
  Status LeaveImplicit(const ast::Statement& next, StatementScope* scope);
  Status LeaveImplicit(const std::set<std::string>& views, StatementScope* scope);

  // prepared.cc
  // `parameters`: of an execution; none while it is prepared.
  Status PlanPrepared(PreparedStatement* statement, const std::vector<Datum>& parameters);
  std::optional<Status> SelectPublished(PreparedStatement* statement, const std::vector<Datum>& parameters, Results* results);

  // session_statements.cc
  Status Prepare(const ast::Prepare& prepare, StatementScope* scope, Results* results);
  Status Execute(const ast::Execute& execute, StatementScope* scope, Results* results);
  Status Deallocate(const ast::Deallocate& deallocate, Results* results);
  Status CopyTo(const ast::Copy& copy, StatementScope* scope, Results* results);
  Status DescribeQuery(const ast::Statement& query, const StatementScope& scope, Results* results);

  // session_explain.cc
  Status Analyze(const ast::Explain& explain, StatementScope* scope, Results* results);
  Status RunExplain(const ast::Explain& explain, std::string_view text, StatementScope* scope, Results* results);
  StatusOr<std::string> ExplainPlan(const ExplainedPlan& plan, std::string_view what);
  StatusOr<std::string> ExplainDataflow(const Dataflow& dataflow, std::string_view what);

  // Errors carry the text they are about.
  template <typename Visit>
  static Status ForEachStatement(const std::vector<ProgramText>& texts, Visit visit) {
    for (size_t i = 0; i < texts.size(); ++i) {
      auto statements = Parse(texts[i].text);
      if (!statements.ok()) return TextOf(statements.status(), i);
      for (const ast::StatementPtr& statement : *statements) RETURN_IF_ERROR(TextOf(WithRange(visit(*statement, texts[i]), statement->range), i));
    }
    return OkStatus();
  }

  std::shared_ptr<EngineState> state_;
  SessionSettings settings_;
  SessionIdentity identity_;
  std::atomic<bool> cancelled_{false};
  bool shares_lock_ = false;  // a SELECT runs that others need not wait for between its steps: it has pinned what it reads
  bool reads_views_ = false;  // it reads views, which must stand still during a step
  std::map<std::string, int64_t> passed_over_;
  std::optional<std::string_view> copy_data_;     // of COPY FROM STDIN
  bool reads_epochs_ = false;                     // read_mode = 'epoch'
  int64_t last_write_ = 0;                        // EngineState::writes after this session's last
  int64_t settings_version_ = 0;                  // counts what SET has changed
  std::string table_prefix_;                      // of the program that is being run
  std::unique_ptr<OpenTransaction> transaction_;  // of a block; nullptr: each statement is one
  bool defers_syncs_ = false;
  std::vector<std::shared_ptr<log::PartitionLog>> unsynced_;  // that the statement before has appended to
  bool batch_ = false;                                        // between BeginBatch and EndBatch
  bool implicit_ = false;                                     // transaction_ is of a batch, not of BEGIN
  struct Prepared {
    std::string text;    // of the statement after AS
    std::string source;  // the whole PREPARE, for its types
  };
  std::map<std::string, Prepared> prepared_;
  // Of EXPLAIN ANALYZE: filled by the one-shot statement that runs.
  struct Measurement {
    std::shared_ptr<const Dataflow> dataflow;
    std::map<OperatorId, OperatorCounts> counts;
    int64_t records = 0, bytes = 0;
  };
  Measurement* measuring_ = nullptr;
  const ast::Execute* executing_ = nullptr;  // whose arguments stand for $1, $2...
  const ast::Prepare* executed_ = nullptr;   // and what declares their types
};

}  // namespace kappa
