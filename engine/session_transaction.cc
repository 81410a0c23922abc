// Transactions: blocks of BEGIN, and statements that are sent together.
#include <set>

#include "connectors/log/partition_log.h"
#include "engine/row_results.h"
#include "engine/session.h"
#include "engine/transaction_log.h"

namespace kappa {
namespace {

constexpr SqlState kSerializationFailure{"40001"};
constexpr SqlState kInFailedTransaction{"25P02"};

}  // namespace

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
  SilentResults silent;
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
