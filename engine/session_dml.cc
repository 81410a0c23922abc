// INSERT, UPDATE, DELETE, TRUNCATE of tables; transaction blocks.
#include <algorithm>
#include <set>

#include "common/error_detail.h"
#include "connectors/log/partition_log.h"
#include "engine/native_rows.h"
#include "engine/row_results.h"
#include "engine/session.h"
#include "engine/transaction_log.h"
#include "engine/zoned_results.h"
#include "planner/dataflow/evaluate.h"

namespace kappa {
namespace {

constexpr SqlState kUniqueViolation{"23505"};
constexpr SqlState kCardinalityViolation{"21000"};
constexpr SqlState kSerializationFailure{"40001"};
constexpr SqlState kInFailedTransaction{"25P02"};
constexpr size_t kManyRecent = 10'000;  // changes that a view has not taken in yet: then it does

std::set<std::string> ViewsOf(const Dataflow& dataflow) {
  std::set<std::string> views;
  for (const PlanOperator& op : dataflow.operators) {
    if (const auto* scan = op.As<ViewScanOp>()) views.insert(scan->view);
  }
  return views;
}

ColumnValues PlacesOf(const std::vector<Column>& row, const std::vector<Column>& more) {
  ColumnValues places;
  for (const Column& column : row) places.places.emplace(column.id, places.places.size());
  for (const Column& column : more) places.places.emplace(column.id, places.places.size());
  return places;
}

}  // namespace

// A statement that changes rows, at work: from the rows that its dataflow gave to changes of the table.
class RowChanges {
 public:
  RowChanges(const DmlPlan& plan, const TableStore& store, const TableDelta* transaction, std::shared_ptr<const ViewReader> newest,
             const std::vector<Datum>& parameters, int64_t now_micros)
      : plan_(plan), store_(store), transaction_(transaction), newest_(std::move(newest)), parameters_(parameters), delta_(store.keyed()) {
    context_.epoch_micros = now_micros;
    places_ = PlacesOf(plan.row, plan.extra);
    if (plan.on_conflict) conflict_places_ = PlacesOf(plan.on_conflict->existing, plan.on_conflict->excluded);
  }

  Status Apply(std::vector<TableRow> rows) {
    if (plan_.kind == DmlPlan::Kind::kInsert) {
      for (TableRow& row : rows) RETURN_IF_ERROR(Insert(std::move(row)));
      return OkStatus();
    }
    const size_t width = plan_.row.size();
    std::vector<std::pair<TableRow, TableRow>> update;  // new row, extra columns
    for (TableRow& all : rows) {
      TableRow old(all.begin(), all.begin() + static_cast<ptrdiff_t>(width));
      if (!Take(old)) continue;
      const size_t rest = plan_.kind == DmlPlan::Kind::kUpdate ? 2 * width : width;
      TableRow extra(all.begin() + static_cast<ptrdiff_t>(rest), all.end());
      if (plan_.kind == DmlPlan::Kind::kUpdate) {
        TableRow row(all.begin() + static_cast<ptrdiff_t>(width), all.begin() + static_cast<ptrdiff_t>(2 * width));
        RETURN_IF_ERROR(Complete(&row));
        update.emplace_back(std::move(row), std::move(extra));
      } else {
        RETURN_IF_ERROR(Return(old, extra));
      }
      ++affected_;
    }
    for (auto& [row, extra] : update) {
      RETURN_IF_ERROR(Put(row));
      RETURN_IF_ERROR(Return(row, extra));
    }
    return OkStatus();
  }

  const TableDelta& delta() const { return delta_; }
  const std::vector<TableRow>& returned() const { return returned_; }
  int64_t affected() const { return affected_; }

 private:
  // The row of the key as the statement finds it after what it has done so far.
  std::optional<TableRow> Current(const std::string& key, const TableRow& row) const {
    if (const TableDelta::Change* change = delta_.Find(key)) return change->after;
    if (transaction_ != nullptr) {
      if (const TableDelta::Change* change = transaction_->Find(key)) return change->after;
    }
    std::vector<Datum> values;
    for (int column : store_.table().source.key) values.push_back(row[static_cast<size_t>(column)]);
    std::optional<TableRow> found;
    newest_->ForEachEqual(store_.table().source.key, values,
                          [&](const char* stored, int64_t) { found = TableStore::RowOf(newest_->schema(), stored); });
    return found;
  }

  // Takes a row out. False: it has been taken already.
  bool Take(const TableRow& old) {
    const std::string key = store_.KeyOf(old);
    if (store_.keyed()) {
      if (!taken_.insert(key).second) return false;
      delta_.Set(key, old, std::nullopt);
      return true;
    }
    if (plan_.joined) {  // as often as it is there
      auto [left, first] = left_.emplace(key, 0);
      if (first) {
        std::vector<int> all;
        for (size_t i = 0; i < old.size(); ++i) all.push_back(static_cast<int>(i));
        newest_->ForEachEqual(all, old, [&, left = left](const char*, int64_t weight) { left->second += weight; });
      }
      if (left->second-- <= 0) return false;
    }
    delta_.Add(key, old, -1);
    return true;
  }

  // Computes generated columns and checks the row.
  Status Complete(TableRow* row) {
    for (const auto& [column, expr] : plan_.generated) {
      places_.values = row;
      StatusOr<Datum> value = EvaluateRow(*expr, &context_, parameters_, places_);
      if (!value.ok()) return SqlError(SqlStateOf(value.status())) << MessageOf(value.status());  // its place is in the definition
      (*row)[column] = std::move(*value);
      context_.scratch.Reset();
    }
    const std::vector<CatalogColumn>& columns = store_.table().source.columns;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].not_null || !(*row)[i].is_null()) continue;
      return WithDetail(SqlError(sqlstate::kNotNullViolation) << "null value in column \"" << columns[i].name << "\" of relation \""
                                                              << plan_.table->shown_name() << "\" violates not-null constraint",
                        "Failing row contains " + store_.RowText(*row) + ".");
    }
    return OkStatus();
  }

  Status Duplicate(const TableRow& row) const {
    return WithDetail(SqlError(kUniqueViolation) << "duplicate key value violates unique constraint \"" << plan_.table->shown_name() << "_pkey\"",
                      "Key " + store_.KeyText(row) + " already exists.");
  }

  Status Put(const TableRow& row) {
    const std::string key = store_.KeyOf(row);
    if (!store_.keyed()) {
      delta_.Add(key, row, 1);
      return OkStatus();
    }
    if (Current(key, row)) return Duplicate(row);
    delta_.Set(key, std::nullopt, row);
    return OkStatus();
  }

  Status Insert(TableRow row) {
    RETURN_IF_ERROR(Complete(&row));
    if (store_.keyed()) {
      const std::string key = store_.KeyOf(row);
      if (std::optional<TableRow> existing = Current(key, row)) return Conflict(key, std::move(*existing), std::move(row));
    }
    RETURN_IF_ERROR(Put(row));
    ++affected_;
    return Return(row, {});
  }

  // An INSERT whose key is there.
  Status Conflict(const std::string& key, TableRow existing, TableRow row) {
    TableRow after = existing;
    if (plan_.on_conflict) {
      if (!plan_.on_conflict->update) return OkStatus();
      if (delta_.Find(key) != nullptr) {
        return SqlError(kCardinalityViolation)
               << "ON CONFLICT DO UPDATE command cannot affect row a second time"
               << Hint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.");
      }
      TableRow both = existing;
      both.insert(both.end(), row.begin(), row.end());
      conflict_places_.values = &both;
      if (plan_.on_conflict->where != nullptr) {
        ASSIGN_OR_RETURN(const Datum wanted, EvaluateRow(*plan_.on_conflict->where, &context_, parameters_, conflict_places_));
        if (wanted.is_null() || !wanted.as_bool()) return OkStatus();
      }
      for (const auto& [column, expr] : plan_.on_conflict->set) {
        ASSIGN_OR_RETURN(after[column], EvaluateRow(*expr, &context_, parameters_, conflict_places_));
      }
      RETURN_IF_ERROR(Complete(&after));
    } else {
      switch (store_.table().conflict) {
        case TableObject::Conflict::kError:
          return Duplicate(row);
        case TableObject::Conflict::kIgnore:
          return OkStatus();
        case TableObject::Conflict::kOverwrite:
          after = row;
          break;
        case TableObject::Conflict::kUpdateIfNotNull:
          for (size_t i = 0; i < row.size(); ++i) {
            if (!row[i].is_null()) after[i] = row[i];
          }
          RETURN_IF_ERROR(Complete(&after));
          break;
      }
    }
    if (store_.KeyOf(after) == key) {
      delta_.Set(key, std::move(existing), after);
    } else {
      delta_.Set(key, std::move(existing), std::nullopt);
      RETURN_IF_ERROR(Put(after));
    }
    ++affected_;
    return Return(after, {});
  }

  Status Return(const TableRow& row, const TableRow& extra) {
    if (!plan_.returns) return OkStatus();
    TableRow all = row, out;
    all.insert(all.end(), extra.begin(), extra.end());
    places_.values = &all;
    for (const ExprPtr& expr : plan_.returning) {
      ASSIGN_OR_RETURN(Datum value, EvaluateRow(*expr, &context_, parameters_, places_));
      out.push_back(std::move(value));
    }
    context_.scratch.Reset();
    returned_.push_back(std::move(out));
    return OkStatus();
  }

  const DmlPlan& plan_;
  const TableStore& store_;
  const TableDelta* const transaction_;
  const std::shared_ptr<const ViewReader> newest_;  // without the transaction's own changes
  const std::vector<Datum>& parameters_;
  CallContext context_;
  ColumnValues places_, conflict_places_;
  TableDelta delta_;
  std::set<std::string> taken_;
  std::map<std::string, int64_t> left_;
  std::vector<TableRow> returned_;
  int64_t affected_ = 0;
};

TableStore* SessionImpl::TableFor(const CatalogObjectPtr& table, StatementScope* scope) {
  std::unique_ptr<TableStore>& store = (*scope->tables)[table->name];
  if (store == nullptr || store->object() != table) {
    store.reset();  // lets go of the partition first
    store = std::make_unique<TableStore>(table, state_->log, state_->environment);
  }
  return store.get();
}

// The table's view holds all of its topic.
Status SessionImpl::Refresh(TableStore* store, StatementScope* scope, Results* results) {
  const std::string& view = store->object()->name;
  RETURN_IF_ERROR(StartPending(scope, results));
  if (scope->views->count(view) == 0) {
    RETURN_IF_ERROR(state_->EnsureJit());
    RETURN_IF_ERROR(StartRestored({view}, scope, results));
  }
  ASSIGN_OR_RETURN(const Offset end, store->End());
  if (store->known_end() == end) return OkStatus();
  return CatchUpViews({view}, Tables::kSync, scope);
}

Status SessionImpl::CatchUpViews(const std::set<std::string>& views, Tables tables, StatementScope* scope) {
  return CatchUpPrograms(*scope, tables, [&](const RunningProgram& program) {
    const std::set<std::string> maintained = program.Views();
    return std::any_of(views.begin(), views.end(), [&](const std::string& view) { return maintained.count(view) != 0; });
  });
}

Status SessionImpl::CatchUpPrograms(const StatementScope& scope, Tables tables, const std::function<bool(const RunningProgram&)>& wanted) {
  std::vector<RunningProgram*> programs;
  std::set<std::string> views;
  for (auto& program : *scope.running) {
    if (!wanted(*program)) continue;
    programs.push_back(program.get());
    views.merge(program->Views());
  }
  std::vector<std::pair<TableStore*, Offset>> applied;
  PositionMap limits;
  for (const auto& [name, store] : *scope.tables) {  // whatever program reads it
    ASSIGN_OR_RETURN(Offset end, store->End());
    if (tables == Tables::kSync || store->writer()->acknowledged_offset() > store->writer()->synced_offset()) {
      RETURN_IF_ERROR(store->writer()->Sync());
    } else {
      end = store->writer()->acknowledged_offset();
    }
    limits[name][0] = end;
    if (views.count(name) != 0) applied.emplace_back(store.get(), end);
  }
  RETURN_IF_ERROR(CatchUp(programs, limits, state_.get(), [this] { return Interrupted(); }));
  for (const auto& [store, end] : applied) store->Applied(end);
  if (scope.running == &state_->running) state_->domain->CaughtUp(programs, state_->tables);
  return OkStatus();
}

// What views hold, for a statement that reads them; `changed`: the table that it is about to change ("": none), read as it is now.
StatusOr<ReaderMap> SessionImpl::Readers(const std::set<std::string>& views, const std::string& changed, StatementScope* scope, Results* results) {
  ReaderMap readers;
  if (views.empty()) return readers;
  RETURN_IF_ERROR(state_->Lock());
  RETURN_IF_ERROR(StartPending(scope, results));
  if (std::any_of(views.begin(), views.end(), [&](const std::string& view) { return scope->views->count(view) == 0; })) {
    RETURN_IF_ERROR(state_->EnsureJit());
    RETURN_IF_ERROR(StartRestored(views, scope, results));
  }
  if (changed.empty() && scope->views == &state_->views && transaction_ == nullptr) {
    if (auto at_rest = ReadersAtRest(views)) return *std::move(at_rest);
  }
  TableStore* const store = changed.empty() ? nullptr : (*scope->tables)[changed].get();
  const bool by_layers = store != nullptr && store->keyed() && views.size() == 1 && store->recent().size() < kManyRecent;
  if (by_layers) {
    RETURN_IF_ERROR(Refresh(store, scope, results));
  } else {
    RETURN_IF_ERROR(CatchUpViews(views, changed.empty() ? Tables::kAcknowledged : Tables::kSync, scope));
  }
  for (const std::string& name : views) {
    const auto view = scope->views->find(name);
    if (view == scope->views->end())
      return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "materialized view \"" << name << "\" is not running";
    std::shared_ptr<const ViewReader> reader = view->second->Pin();
    std::vector<const TableDelta*> layers;
    if (by_layers) layers.push_back(&store->recent());
    const TableDelta* own = transaction_ == nullptr ? nullptr : transaction_->Find(name);
    if (own != nullptr) layers.push_back(own);
    if (!layers.empty()) {
      const CatalogObjectPtr object = scope->catalog->Find(name);
      reader = std::make_shared<LayeredReader>(std::move(reader), TableFor(object, scope), std::move(layers));
    }
    readers[name] = std::move(reader);
  }
  return readers;
}

// Contents that may be read as they are: of the published epoch, or the newest when nothing has come since. Needs no lock.
std::optional<ReaderMap> SessionImpl::ReadersAtRest(const std::set<std::string>& views) const {
  if (!state_->driven) return std::nullopt;  // nobody moves time on
  if (!reads_epochs_) return state_->domain->Newest(views);
  const auto published = PublishedFor(views);
  if (published == nullptr) return state_->domain->Newest(views);
  ReaderMap readers;
  for (const std::string& name : views) readers[name] = published->pins.at(name);
  return readers;
}

// The published epoch, when the session reads that and it has what the session wrote, and the views.
std::shared_ptr<const PublishedViews> SessionImpl::PublishedFor(const std::set<std::string>& views) const {
  if (!reads_epochs_ || !state_->driven) return nullptr;
  std::shared_ptr<const PublishedViews> published = state_->domain->published();
  if (published == nullptr || published->writes < last_write_) return nullptr;
  const bool all = std::all_of(views.begin(), views.end(), [&](const std::string& view) { return published->pins.count(view) != 0; });
  return all ? published : nullptr;
}

Status SessionImpl::Change(const ast::Statement& statement, StatementScope* scope, Results* results) {
  ProgramPlanner planner(scope->catalog, state_->connectors.get(), PlannerSettingsFor(scope->options));
  ASSIGN_OR_RETURN(const DmlPlan plan, planner.PlanDml(statement));
  return ExecuteDml(plan, scope, results);
}

Status SessionImpl::ExecuteDml(const DmlPlan& plan, StatementScope* scope, Results* given) {
  if (scope->options.replay) return OkStatus();  // a replay writes nothing of its own
  ZonedResults zoned(settings_.time_zone(), given);
  Results* const results = &zoned;
  RETURN_IF_ERROR(state_->Lock());
  TableStore* const store = TableFor(plan.table, scope);
  std::set<std::string> views = ViewsOf(plan.rows);
  RETURN_IF_ERROR(LeaveImplicit(views, scope));
  if (batch_ && transaction_ == nullptr && scope->views == &state_->views) {
    transaction_ = std::make_unique<OpenTransaction>();
    implicit_ = true;
  }
  if (store->keyed() || plan.kind != DmlPlan::Kind::kInsert) views.insert(plan.table->name);
  ASSIGN_OR_RETURN(const ReaderMap readers, Readers(views, plan.table->name, scope, results));
  std::vector<TableRow> rows;
  const std::vector<Datum>& parameters = scope->options.parameters;
  const int64_t now = state_->environment->clock().WallMicros();
  if (RunsNatively(plan.rows, readers)) {
    RETURN_IF_ERROR(RunNatively(plan.rows, readers, parameters, now, [&](const TableRow& row) {
      rows.push_back(row);
      return OkStatus();
    }));
  } else {
    RETURN_IF_ERROR(state_->EnsureJit());
    RETURN_IF_ERROR(EnsureDeadLetterTopics(plan.rows, *scope->catalog));
    RowCollector collector(&rows);
    RETURN_IF_ERROR(RunOneShot(std::make_shared<const Dataflow>(plan.rows), readers, scope, &collector).status());
  }
  int64_t affected = 0;
  std::vector<TableRow> returned;
  RETURN_IF_ERROR(ApplyRows(plan, std::move(rows), readers, parameters, scope, results, &affected, &returned));
  if (plan.returns) RETURN_IF_ERROR(AnswerRows(plan.returned, returned, results));
  const std::string count = std::to_string(affected);
  results->OnTag(plan.kind == DmlPlan::Kind::kInsert ? "INSERT 0 " + count : plan.tag == "TRUNCATE TABLE" ? plan.tag : plan.tag + " " + count);
  return OkStatus();
}

// What a statement's dataflow gave becomes changes of its table. `given`: what it read; the table's own contents are read when they are not there.
Status SessionImpl::ApplyRows(const DmlPlan& plan, std::vector<TableRow> rows, const ReaderMap& given, const std::vector<Datum>& parameters,
                              StatementScope* scope, Results* results, int64_t* affected, std::vector<TableRow>* returned) {
  RETURN_IF_ERROR(state_->Lock());
  TableStore* const store = TableFor(plan.table, scope);
  ReaderMap readers = given;
  if (store->keyed() && readers.count(plan.table->name) == 0) {
    ASSIGN_OR_RETURN(readers, Readers({plan.table->name}, plan.table->name, scope, results));
  }
  const auto newest = readers.find(plan.table->name);
  const TableDelta* const own = transaction_ == nullptr ? nullptr : transaction_->Find(plan.table->name);
  RowChanges changes(plan, *store, own, newest == readers.end() ? nullptr : newest->second, parameters, state_->environment->clock().WallMicros());
  RETURN_IF_ERROR(changes.Apply(std::move(rows)));
  if (transaction_ != nullptr) {
    transaction_->Of(plan.table->name, store->keyed())->Merge(changes.delta());
  } else {
    RETURN_IF_ERROR(store->Append(changes.delta()));
    RETURN_IF_ERROR(SyncWriter(store->writer()));
    RETURN_IF_ERROR(Written(scope, results));
  }
  *affected = changes.affected();
  if (returned != nullptr) *returned = changes.returned();
  return OkStatus();
}

// Waits for the disk without the engine's lock, so that the statements of several sessions share a wait.
Status SessionImpl::SyncWriter(std::shared_ptr<log::PartitionLog> writer) {
  if (writer == nullptr) return OkStatus();
  if (defers_syncs_ && !implicit_flush()) {
    unsynced_.push_back(std::move(writer));
    return OkStatus();
  }
  const bool alone = state_->mutex.depth() == 1;
  if (alone) state_->mutex.unlock();
  const Status synced = writer->Sync();
  if (alone) state_->mutex.lock();
  return synced;
}

// After what was written is durable.
Status SessionImpl::Written(StatementScope* scope, Results* results) {
  if (!unsynced_.empty()) return OkStatus();  // it is not yet
  if (scope->views == &state_->views) last_write_ = state_->writes.fetch_add(1) + 1;
  state_->wake.Set();
  return implicit_flush() ? Flush(scope, results) : OkStatus();
}

bool SessionImpl::implicit_flush() const { return settings_.Get("rw_implicit_flush").value_or("false") == "true"; }

Status SessionImpl::FinishWrites() {
  if (unsynced_.empty()) return OkStatus();
  for (const auto& writer : std::exchange(unsynced_, {})) RETURN_IF_ERROR(writer->Sync());
  last_write_ = state_->writes.fetch_add(1) + 1;
  state_->wake.Set();
  return OkStatus();
}

// Every view reflects all that was acknowledged; sinks have it too.
Status SessionImpl::Flush(StatementScope* scope, Results* results) {
  RETURN_IF_ERROR(StartPending(scope, results));
  return CatchUpPrograms(*scope, Tables::kSync, [](const RunningProgram& program) { return !program.done() || program.failure().ok(); });
}

TableDelta* SessionImpl::OpenTransaction::Of(const std::string& table, bool keyed) {
  std::unique_ptr<TableDelta>& delta = tables[table];
  if (delta == nullptr) delta = std::make_unique<TableDelta>(keyed);
  return delta.get();
}

const TableDelta* SessionImpl::OpenTransaction::Find(const std::string& table) const {
  const auto found = tables.find(table);
  return found == tables.end() ? nullptr : found->second.get();
}

Status SessionImpl::CheckTransaction(const ast::Statement& statement) const {
  if (transaction_ == nullptr || !transaction_->failed) return OkStatus();
  const auto* end = ast::As<ast::Transaction>(statement);
  if (end != nullptr && end->action != ast::TransactionAction::kBegin) return OkStatus();
  return SqlError(kInFailedTransaction) << "current transaction is aborted, commands ignored until end of transaction block";
}

Status SessionImpl::Transact(const ast::Transaction& statement, StatementScope* scope, Results* results) {
  if (scope->program) return SqlError(sqlstate::kFeatureNotSupported, statement.range) << "transaction blocks in a program are not supported";
  switch (statement.action) {
    case ast::TransactionAction::kBegin:
      if (implicit_) {
        implicit_ = false;  // what the batch has done so far belongs to the block, as in PostgreSQL
      } else if (transaction_ != nullptr) {
        results->OnNotice("there is already a transaction in progress");
      } else {
        transaction_ = std::make_unique<OpenTransaction>();
      }
      results->OnTag("BEGIN");
      return OkStatus();
    case ast::TransactionAction::kRollback:
      if (transaction_ == nullptr || implicit_) results->OnNotice("there is no transaction in progress");
      transaction_.reset();
      implicit_ = false;
      results->OnTag("ROLLBACK");
      return OkStatus();
    case ast::TransactionAction::kCommit:
      break;
  }
  if (transaction_ == nullptr || implicit_) results->OnNotice("there is no transaction in progress");
  implicit_ = false;
  const std::unique_ptr<OpenTransaction> ending = std::move(transaction_);
  if (ending == nullptr || !ending->failed) {
    if (ending != nullptr) RETURN_IF_ERROR(Commit(*ending, scope, results));
    results->OnTag("COMMIT");
  } else {
    results->OnTag("ROLLBACK");
  }
  return OkStatus();
}

Status SessionImpl::EndBatch() {
  batch_ = false;
  if (!implicit_) return OkStatus();
  RETURN_IF_ERROR(FinishWrites());
  cancelled_.store(false);
  const auto lock = LockEngine();
  if (!lock.ok()) {
    implicit_ = false;
    transaction_.reset();
    return lock.status();
  }
  StatementScope scope = EngineScope();
  return state_->secrets->Redact(CommitImplicit(&scope));
}

Status SessionImpl::CommitImplicit(StatementScope* scope) {
  class Silent final : public Results {
   public:
    Status OnSchema(const std::string&, const RowSchema&) override { return OkStatus(); }
    Status OnRows(const ChangeBatch&) override { return OkStatus(); }
    Status OnEnd(int64_t) override { return OkStatus(); }
    void OnTag(std::string_view) override {}
    void OnNotice(std::string_view) override {}
  } silent;
  implicit_ = false;
  const std::unique_ptr<OpenTransaction> ending = std::move(transaction_);
  return ending->failed ? OkStatus() : Commit(*ending, scope, &silent);
}

// Before a statement that would not see what the batch has changed, or would stay though that does not.
Status SessionImpl::LeaveImplicit(const ast::Statement& next, StatementScope* scope) {
  if (!implicit_) return OkStatus();
  switch (next.kind) {
    case ast::StatementKind::kInsert:
    case ast::StatementKind::kUpdate:
    case ast::StatementKind::kDelete:
    case ast::StatementKind::kQuery:  // these look at what they read
    case ast::StatementKind::kTransaction:
    case ast::StatementKind::kSet:
    case ast::StatementKind::kShow:
    case ast::StatementKind::kPrepare:
    case ast::StatementKind::kExecute:
    case ast::StatementKind::kDeallocate:
      return OkStatus();
    default:
      RETURN_IF_ERROR(CommitImplicit(scope));
      return FinishWrites();
  }
}

Status SessionImpl::LeaveImplicit(const std::set<std::string>& views, StatementScope* scope) {
  const bool tables = std::all_of(views.begin(), views.end(), [&](const std::string& name) {
    const CatalogObjectPtr object = scope->catalog->Find(name);
    return object != nullptr && object->As<TableObject>() != nullptr;
  });
  if (!implicit_ || tables) return OkStatus();
  RETURN_IF_ERROR(CommitImplicit(scope));
  return FinishWrites();
}

// Rows that the transaction changed are as it found them.
Status SessionImpl::CheckUnchanged(const TableDelta& delta, TableStore* store, StatementScope* scope, Results* results) {
  const std::vector<const TableDelta::Change*> changes = delta.Changes();
  if (changes.empty()) return OkStatus();
  const bool only_adds = !store->keyed() && std::all_of(changes.begin(), changes.end(), [](const auto* c) { return c->weight > 0; });
  if (only_adds) return OkStatus();
  const std::string& name = store->object()->name;
  ASSIGN_OR_RETURN(const ReaderMap readers, Readers({name}, name, scope, results));
  const ViewReader& newest = *readers.at(name);
  std::vector<int> columns = store->table().source.key;
  if (!store->keyed()) {
    for (size_t i = 0; i < store->table().source.columns.size(); ++i) columns.push_back(static_cast<int>(i));
  }
  for (const TableDelta::Change* change : changes) {
    const TableRow& row = change->before ? *change->before : *change->after;
    std::vector<Datum> values;
    for (int column : columns) values.push_back(row[static_cast<size_t>(column)]);
    std::optional<TableRow> found;
    int64_t weight = 0;
    newest.ForEachEqual(columns, values, [&](const char* stored, int64_t w) {
      found = TableStore::RowOf(newest.schema(), stored);
      weight += w;
    });
    const bool same = store->keyed()
                          ? found.has_value() == change->before.has_value() && (!found || store->RowText(*found) == store->RowText(*change->before))
                          : weight + change->weight >= 0;
    if (!same) {
      return SqlError(kSerializationFailure) << "could not serialize access due to concurrent update"
                                             << Hint("another session has changed table \"" + store->object()->shown_name() +
                                                     "\": try the transaction again");
    }
  }
  return OkStatus();
}

Status SessionImpl::Commit(const OpenTransaction& transaction, StatementScope* scope, Results* results) {
  std::vector<std::pair<TableStore*, const TableDelta*>> changed;
  for (const auto& [name, delta] : transaction.tables) {
    if (delta->Changes().empty()) continue;
    const CatalogObjectPtr object = scope->catalog->Find(name);
    if (object == nullptr || object->As<TableObject>() == nullptr)
      return SqlError(kSerializationFailure) << "table \"" << name << "\" has been dropped since the transaction changed it";
    changed.emplace_back(TableFor(object, scope), delta.get());
  }
  for (const auto& [store, delta] : changed) RETURN_IF_ERROR(CheckUnchanged(*delta, store, scope, results));
  if (changed.empty()) return OkStatus();
  if (changed.size() == 1) {
    RETURN_IF_ERROR(changed[0].first->Append(*changed[0].second));
    RETURN_IF_ERROR(SyncWriter(changed[0].first->writer()));
  } else {
    RETURN_IF_ERROR(AppendTogether(changed, state_->log));
  }
  return Written(scope, results);
}

}  // namespace kappa
