// What a statement reads of views and tables: brought to the logs' ends, of the last published epoch, or as they are when nothing has come.
#include <algorithm>
#include <set>

#include "connectors/log/partition_log.h"
#include "engine/session.h"

namespace kappa {
namespace {

constexpr size_t kManyRecent = 10'000;  // changes that a view has not taken in yet: then it does

}  // namespace

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

}  // namespace kappa
