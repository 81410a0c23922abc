#include "engine/table_sink.h"

#include "common/error_detail.h"
#include "connectors/log/partition_log.h"
#include "engine/row_results.h"
#include "engine/settings.h"

namespace kappa {
namespace {

// Headers of a batch's first record.
constexpr char kWriterHeader[] = "kappa-sink", kEpochHeader[] = "kappa-epoch", kPositionHeader[] = "kappa-position";

class TableSink final : public Sink {
 public:
  TableSink(EngineState* state, CatalogObjectPtr table, std::shared_ptr<const RowSchema> schema, std::string writer)
      : state_(state), table_(std::move(table)), schema_(std::move(schema)), writer_(std::move(writer)) {}

  Status Write(Epoch epoch, const ChangeBatch& changes) override {
    for (size_t i = 0; i < changes.rows.size(); ++i) rows_.push_back({epoch, TableStore::RowOf(*schema_, changes.rows[i]), changes.weight(i)});
    return OkStatus();
  }

  Status Commit(const EpochCommit& commit) override {
    if (!rows_.empty()) RETURN_IF_ERROR(Append(commit));
    rows_.clear();
    mark_ = {commit.upto, std::string(commit.record)};
    return OkStatus();
  }

  StatusOr<SinkMark> LastCommitted() override {
    if (writer_.empty() || mark_.epoch >= 0) return mark_;
    const std::string& topic = table_->As<TableObject>()->topic;
    if (!state_->log->Describe(topic).ok()) return mark_;
    RecordNeeds needs;
    needs.headers = true;
    ASSIGN_OR_RETURN(const auto reader, state_->log->Reader(topic, 0, needs));
    ASSIGN_OR_RETURN(const OffsetRange range, reader->Range());
    RETURN_IF_ERROR(reader->Seek(range.begin));
    while (reader->position() < range.end) {
      ASSIGN_OR_RETURN(const RecordBatch batch, reader->Poll({}));
      if (batch.empty()) break;
      for (const Record& record : batch.records) Note(record);
    }
    return mark_;
  }
  Guarantee guarantee() const override { return writer_.empty() ? Guarantee::kAtLeastOnce : Guarantee::kExactlyOnce; }
  std::string Summary() const override { return "table " + table_->qualified_name() + ": " + std::to_string(changed_) + " rows changed"; }

 private:
  void Note(const Record& record) {
    if (record.headers == nullptr || record.headers->empty() || record.headers->front().name != kWriterHeader ||
        record.headers->front().value != writer_) {
      return;
    }
    for (const RecordHeader& header : *record.headers) {
      if (header.name == kEpochHeader) mark_.epoch = std::atoll(std::string(header.value).c_str());
      if (header.name == kPositionHeader) mark_.record = std::string(header.value);
    }
  }

  Status CheckRow(const TableStore& store, const TableRow& row) const {
    const std::vector<CatalogColumn>& columns = store.table().source.columns;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].not_null || !row[i].is_null()) continue;
      return WithDetail(SqlError(sqlstate::kNotNullViolation) << "null value in column \"" << columns[i].name << "\" of relation \""
                                                              << table_->shown_name() << "\" violates not-null constraint",
                        "Failing row contains " + store.RowText(row) + ".");
    }
    return OkStatus();
  }

  Status Append(const EpochCommit& commit) {
    ASSIGN_OR_RETURN(TableStore* const store, state_->Table(table_));
    TableDelta delta(store->keyed());
    if (store->keyed()) {
      ASSIGN_OR_RETURN(const std::shared_ptr<const ViewReader> newest, state_->NewestOf(store));
      // What each key's last epoch leaves of it: the row that came, or nothing where one only went.
      struct Last {
        Epoch epoch;
        const TableRow* any;
        const TableRow* after;
      };
      std::map<std::string, Last> named;
      for (const Change& change : rows_) {
        Last& last = named.try_emplace(store->KeyOf(change.row), Last{change.epoch, &change.row, nullptr}).first->second;
        if (last.epoch != change.epoch) last = {change.epoch, &change.row, nullptr};
        if (change.weight > 0) last.after = &change.row;
      }
      for (const auto& [key, last] : named) {
        std::vector<Datum> values;
        for (int column : store->table().source.key) values.push_back((*last.any)[static_cast<size_t>(column)]);
        std::optional<TableRow> before;
        newest->ForEachEqual(store->table().source.key, values,
                             [&](const char* stored, int64_t) { before = TableStore::RowOf(newest->schema(), stored); });
        if (last.after != nullptr) RETURN_IF_ERROR(CheckRow(*store, *last.after));
        if (last.after == nullptr && !before) continue;
        delta.Set(key, std::move(before), last.after == nullptr ? std::optional<TableRow>() : *last.after);
      }
    } else {
      for (const Change& change : rows_) {
        RETURN_IF_ERROR(CheckRow(*store, change.row));
        delta.Add(store->KeyOf(change.row), change.row, change.weight);
      }
    }
    const std::string epoch = std::to_string(commit.upto);
    const std::vector<RecordHeader> mark = {{kWriterHeader, writer_, false}, {kEpochHeader, epoch, false}, {kPositionHeader, commit.record, false}};
    ASSIGN_OR_RETURN(std::string batch, store->Encode(delta, writer_.empty() ? std::vector<RecordHeader>() : mark));
    if (batch.empty()) return OkStatus();
    changed_ += static_cast<int64_t>(delta.Changes().size());
    RETURN_IF_ERROR(store->AppendBatch(std::move(batch), delta));
    RETURN_IF_ERROR(store->writer()->Sync());
    state_->wake.Set();
    return OkStatus();
  }

  struct Change {
    Epoch epoch;
    TableRow row;
    int64_t weight;
  };
  EngineState* const state_;
  const CatalogObjectPtr table_;
  const std::shared_ptr<const RowSchema> schema_;
  const std::string writer_;
  std::vector<Change> rows_;  // of epochs that are not committed yet
  SinkMark mark_;
  int64_t changed_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<Sink>> MakeTableSink(EngineState* state, const SinkOp& sink, std::shared_ptr<const RowSchema> schema,
                                              const std::string& writer) {
  const auto name = sink.options.find("table");
  const CatalogObjectPtr table = name == sink.options.end() ? nullptr : state->catalog.Find(name->second);
  if (table == nullptr || table->As<TableObject>() == nullptr)
    return SqlError(sqlstate::kUndefinedTable) << "the table of sink \"" << sink.name << "\" does not exist";
  return std::unique_ptr<Sink>(new TableSink(state, table, std::move(schema), writer));
}

// The store of a table of the engine's own catalog.
StatusOr<TableStore*> EngineState::Table(const CatalogObjectPtr& given) {
  const CatalogObjectPtr table = catalog.Find(given->name);
  if (table == nullptr || table->As<TableObject>() == nullptr)
    return SqlError(sqlstate::kUndefinedTable) << "table \"" << given->shown_name() << "\" does not exist";
  std::unique_ptr<TableStore>& store = tables[table->name];
  if (store == nullptr || store->object() != table) {
    store.reset();
    store = std::make_unique<TableStore>(table, log, environment);
  }
  return store.get();
}

// A table's newest contents; its program is started, and brought to its topic's end, when that is needed.
StatusOr<std::shared_ptr<const ViewReader>> EngineState::NewestOf(TableStore* store) {
  const std::string& name = store->object()->name;
  if (views.count(name) == 0) {
    RETURN_IF_ERROR(EnsureJit());
    for (const Restored& statement : restored) {
      const bool makes = std::any_of(statement.dataflow->operators.begin(), statement.dataflow->operators.end(), [&](const PlanOperator& op) {
        const auto* view = op.As<MaterializeOp>();
        return view != nullptr && view->view == name;
      });
      if (!makes) continue;
      SilentResults silent;
      ASSIGN_OR_RETURN(auto program, StartStatement(statement, false, SessionSettings().run(), this, &views, &silent));
      program->set_on_demand();
      program->set_wake([this] { wake.Set(); });
      running.push_back(std::move(program));
    }
  }
  const auto view = views.find(name);
  if (view == views.end()) return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "table \"" << name << "\" is not running";
  ASSIGN_OR_RETURN(const Offset end, store->End());
  if (store->known_end() != end) {
    RETURN_IF_ERROR(store->writer()->Sync());
    for (const auto& program : running) {
      if (program->Views().count(name) == 0) continue;
      domain->Disturb();
      RETURN_IF_ERROR(CatchUp({program.get()}, {}, this, [] { return OkStatus(); }));
    }
    store->Applied(end);
  }
  return std::shared_ptr<const ViewReader>(
      std::make_shared<LayeredReader>(view->second->Pin(), store, std::vector<const TableDelta*>{&store->recent()}));
}

}  // namespace kappa
