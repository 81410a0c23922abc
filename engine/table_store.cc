#include "engine/table_store.h"

#include <algorithm>

#include "connectors/log/partition_log.h"
#include "connectors/log/record_batch_codec.h"
#include "planner/binder/ddl.h"

namespace kappa {
namespace {

RowSchema SchemaFor(const std::vector<CatalogColumn>& columns) {
  RowSchema schema;
  std::vector<RowLayout::Column> layout;
  for (const CatalogColumn& column : columns) {
    schema.columns.push_back({column.name, column.type, true});
    layout.push_back({column.type, true});
  }
  schema.layout = RowLayout(layout);
  return schema;
}

std::string Filled(const RowSchema& schema, const TableRow& row) {
  std::string memory(schema.layout.size(), '\0');
  for (size_t i = 0; i < row.size(); ++i) schema.layout.Store(memory.data(), schema.layout.slots()[i], row[i]);
  return memory;
}

}  // namespace

const TableDelta::Change* TableDelta::Find(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &changes_[found->second];
}

void TableDelta::Set(const std::string& key, std::optional<TableRow> before, std::optional<TableRow> after) {
  const auto [place, added] = by_key_.emplace(key, changes_.size());
  if (added) {
    changes_.push_back({key, std::move(before), std::move(after)});
  } else {
    changes_[place->second].after = std::move(after);
  }
}

void TableDelta::Add(const std::string& key, const TableRow& row, int64_t weight) {
  const auto [place, added] = by_key_.emplace(key, changes_.size());
  if (added) changes_.push_back({key, std::nullopt, row});
  changes_[place->second].weight += weight;
}

void TableDelta::Merge(const TableDelta& later, Offset offset) {
  for (const Change& change : later.changes_) {
    if (keyed_) {
      Set(change.key, change.before, change.after);
      changes_[by_key_.at(change.key)].offset = offset;
    } else {
      Add(change.key, *change.after, change.weight);
    }
  }
}

std::vector<const TableDelta::Change*> TableDelta::Changes() const {
  std::vector<const Change*> out;
  for (const Change& change : changes_) {
    if (keyed_ ? change.before || change.after : change.weight != 0) out.push_back(&change);
  }
  return out;
}

void TableDelta::DropBefore(Offset upto) {
  std::vector<Change> kept;
  for (Change& change : changes_) {
    if (change.offset >= upto) kept.push_back(std::move(change));
  }
  changes_ = std::move(kept);
  by_key_.clear();
  for (size_t i = 0; i < changes_.size(); ++i) by_key_.emplace(changes_[i].key, i);
}

void TableDelta::Clear() {
  changes_.clear();
  by_key_.clear();
}

TableStore::TableStore(CatalogObjectPtr table, std::shared_ptr<log::LogDirectory> log, os::Environment* environment)
    : table_(std::move(table)), log_(std::move(log)), environment_(environment), recent_(!this->table().source.key.empty()) {
  schema_ = SchemaFor(this->table().source.columns);
  stored_ = SchemaFor(StoredForm(this->table()).columns);
}

std::string TableStore::KeyOf(const TableRow& row) const {
  std::string key;
  const std::string memory = Filled(schema_, row);
  if (keyed()) {
    AppendKeyBytes(schema_, table().source.key, memory.data(), &key);
  } else {  // rows that print differently (2, 2.00) are two
    for (const Slot& slot : schema_.layout.slots()) schema_.layout.AppendSortKey(memory.data(), slot, &key);
  }
  return key;
}

TableRow TableStore::RowOf(const RowSchema& schema, const char* stored) {
  TableRow row;
  row.reserve(schema.columns.size());
  for (const Slot& slot : schema.layout.slots()) row.push_back(schema.layout.Load(stored, slot));
  return row;
}

std::string TableStore::KeyOf(const RowSchema& schema, const char* stored) const {
  if (!keyed()) return KeyOf(RowOf(schema, stored));
  TableRow row(schema_.columns.size());
  for (int column : table().source.key) {
    const auto place = static_cast<size_t>(column);
    row[place] = schema.layout.Load(stored, schema.layout.slots()[place]);
  }
  return KeyOf(row);
}

std::string TableStore::KeyText(const TableRow& row) const {
  std::string names, values;
  for (int column : table().source.key) {
    const auto place = static_cast<size_t>(column);
    names += (names.empty() ? "" : ", ") + schema_.columns[place].name;
    values += (values.empty() ? "" : ", ") + row[place].ToText(schema_.columns[place].type);
  }
  return "(" + names + ")=(" + values + ")";
}

std::string TableStore::RowText(const TableRow& row) const {
  std::string out = "(";
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string value = row[i].is_null() ? "null" : row[i].ToText(schema_.columns[i].type);
    out += (i > 0 ? ", " : "") + value;
  }
  return out + ")";
}

Status TableStore::OpenWriter() {
  if (writer_ != nullptr) return OkStatus();
  if (!log_->Describe(table().topic).ok()) RETURN_IF_ERROR(log_->CreateTopic(table().topic, {}));
  ASSIGN_OR_RETURN(writer_, log_->Writer(table().topic, 0));
  EncoderOptions options;
  if (!table().append_only) options.retractions = RetractionForm::kEnvelope;
  ASSIGN_OR_RETURN(encoder_, MakeEncoder(&stored_, options));
  return OkStatus();
}

StatusOr<Offset> TableStore::End() {
  RETURN_IF_ERROR(OpenWriter());
  return writer_->next_offset();
}

StatusOr<Offset> TableStore::DurableEnd() {
  RETURN_IF_ERROR(OpenWriter());
  return writer_->synced_offset();
}

StatusOr<std::string> TableStore::Encode(const TableDelta& delta, const std::vector<RecordHeader>& mark) {
  RETURN_IF_ERROR(OpenWriter());
  log::RecordBatchBuilder batch;
  EncodedRecord record;
  const int64_t now_ms = environment_->clock().WallMicros() / 1000;
  const auto held = [&](const TableRow& row) {  // as the topic has it
    TableRow out = row;
    for (size_t i = 0; i < out.size(); ++i) {
      if (!out[i].is_null() && !stored_.columns[i].type.SameId(schema_.columns[i].type))
        out[i] = Datum::Bytes(out[i].ToText(schema_.columns[i].type));
    }
    return out;
  };
  const auto add = [&] {
    OutgoingRecord outgoing;
    outgoing.value = record.value;
    outgoing.timestamp_ms = now_ms;
    if (batch.count() == 0) outgoing.headers = mark;
    batch.Add(outgoing);
  };
  for (const TableDelta::Change* change : delta.Changes()) {
    TableRow before, after;
    if (change->before) before = held(*change->before);
    if (change->after) after = held(*change->after);
    const std::string old_row = change->before ? Filled(stored_, before) : "", new_row = change->after ? Filled(stored_, after) : "";
    const char* rows[2] = {old_row.data(), new_row.data()};
    const int64_t weights[2] = {-1, delta.keyed() || change->weight > 0 ? 1 : -1};
    const ChangeBatch changes{&stored_, rows, weights, 0};
    if (change->before && change->after) {
      RETURN_IF_ERROR(encoder_->EncodeUpdate(changes, 0, 1, &record));
      add();
      continue;
    }
    RETURN_IF_ERROR(encoder_->Encode(changes, change->after ? 1 : 0, &record));
    for (int64_t copy = delta.keyed() ? 1 : std::abs(change->weight); copy > 0; --copy) add();
  }
  std::string out;
  if (batch.count() > 0) RETURN_IF_ERROR(batch.Finish({}, &out));
  return out;
}

Status TableStore::AppendBatch(std::string batch, const TableDelta& delta) {
  if (batch.empty()) return OkStatus();
  const bool known = known_end_ == writer_->next_offset();
  ASSIGN_OR_RETURN(const Offset first, writer_->Append(std::move(batch), log::Durability::kWritten));
  if (known) known_end_ = writer_->next_offset();
  if (!keyed()) return OkStatus();
  TableDelta placed(true);
  for (const TableDelta::Change* change : delta.Changes()) placed.Set(change->key, change->before, change->after);
  // All of them are at or behind the batch's beginning; its end is what the view must have reached.
  recent_.Merge(placed, std::max(first, writer_->next_offset() - 1));
  return OkStatus();
}

Status TableStore::Append(const TableDelta& delta) {
  ASSIGN_OR_RETURN(std::string batch, Encode(delta));
  return AppendBatch(std::move(batch), delta);
}

void TableStore::Applied(Offset upto) {
  known_end_ = std::max(known_end_, upto);
  if (!recent_.empty()) recent_.DropBefore(upto);
}

void LayeredReader::Merged(const Scan& base, const std::function<bool(const TableRow&)>& wanted, const Visit& visit) const {
  const RowSchema& shown = schema();
  if (layers_.empty() || std::all_of(layers_.begin(), layers_.end(), [](const TableDelta* layer) { return layer->empty(); })) return base(visit);
  if (store_->keyed()) {
    const auto newest = [&](const std::string& key) -> const TableDelta::Change* {
      for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        if (const TableDelta::Change* change = (*layer)->Find(key)) return change;
      }
      return nullptr;
    };
    base([&](const char* row, int64_t weight) {
      if (newest(store_->KeyOf(shown, row)) == nullptr) visit(row, weight);
    });
    for (size_t i = 0; i < layers_.size(); ++i) {
      for (const TableDelta::Change* change : layers_[i]->Changes()) {
        if (newest(change->key) != change || !change->after || !wanted(*change->after)) continue;
        visit(Filled(shown, *change->after).data(), 1);
      }
    }
    return;
  }
  TableDelta sum(false);
  for (const TableDelta* layer : layers_) sum.Merge(*layer);
  absl::flat_hash_map<std::string, int64_t> left;
  for (const TableDelta::Change* change : sum.Changes()) left[change->key] = change->weight;
  base([&](const char* row, int64_t weight) {
    const auto found = left.find(store_->KeyOf(shown, row));
    if (found != left.end()) weight += std::exchange(found->second, 0);
    if (weight > 0) visit(row, weight);
  });
  for (const TableDelta::Change* change : sum.Changes()) {
    const int64_t weight = left.at(change->key);
    if (weight > 0 && wanted(*change->after)) visit(Filled(shown, *change->after).data(), weight);
  }
}

void LayeredReader::ForEach(const Visit& visit) const {
  Merged([&](const Visit& inner) { base_->ForEach(inner); }, [](const TableRow&) { return true; }, visit);
}

void LayeredReader::ForEachEqual(const std::vector<int>& columns, const std::vector<Datum>& values, const Visit& visit) const {
  if (store_->keyed() && columns == store_->table().source.key) {  // one key: the newest layer that has it decides
    TableRow named(schema().columns.size());
    for (size_t i = 0; i < columns.size(); ++i) named[static_cast<size_t>(columns[i])] = values[i];
    const std::string wanted = store_->KeyOf(named);
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
      const TableDelta::Change* change = (*layer)->Find(wanted);
      if (change == nullptr) continue;
      if (change->after) visit(Filled(schema(), *change->after).data(), 1);
      return;
    }
    return base_->ForEachEqual(columns, values, visit);
  }
  std::string key;
  AppendKeyBytes(schema(), columns, values, &key);
  const auto wanted = [&](const TableRow& row) {
    std::string own;
    AppendKeyBytes(schema(), columns, Filled(schema(), row).data(), &own);
    return own == key;
  };
  Merged([&](const Visit& inner) { base_->ForEachEqual(columns, values, inner); }, wanted, visit);
}

}  // namespace kappa
