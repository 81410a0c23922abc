// INSERT, UPDATE, DELETE, TRUNCATE of tables.
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

}  // namespace kappa
