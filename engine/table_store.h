// The tables that DML writes: what a statement or a transaction changes in one, how that becomes one durable append to the table's topic, and what a
// reader sees of it before the table's view has taken it in.
//
//   newest contents of a table  =  its view (VersionedView)  +  recent: appended, not yet in the view  +  the transaction's own changes
//
// Changes of a table with a primary key are states of keys, so that a layer may repeat what is beneath it already; those of a table without one are
// rows with weights, and only layers that the view does not hold may lie on it.
//
// Used by one thread at a time, under the engine's lock.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "catalog/catalog.h"
#include "common/os/environment.h"
#include "connectors/log/log_directory.h"
#include "exec/epoch/dataflow_run.h"
#include "formats/encoder.h"

namespace kappa {

using TableRow = std::vector<Datum>;

class TableDelta {
 public:
  struct Change {
    std::string key;                 // of the row, or the whole row
    std::optional<TableRow> before;  // keyed: the row as it was before the first change; unkeyed: unused
    std::optional<TableRow> after;   // keyed: as it is now; unkeyed: the row
    int64_t weight = 0;              // unkeyed
    Offset offset = 0;               // of recent changes: where the topic has them
  };
  explicit TableDelta(bool keyed) : keyed_(keyed) {}

  bool keyed() const { return keyed_; }
  bool empty() const { return by_key_.empty(); }
  size_t size() const { return changes_.size(); }
  const Change* Find(const std::string& key) const;
  // Keyed. `before` counts when the key was not changed before.
  void Set(const std::string& key, std::optional<TableRow> before, std::optional<TableRow> after);
  // Unkeyed.
  void Add(const std::string& key, const TableRow& row, int64_t weight);
  // All of `later` on top of this; in the topic it lies at `offset`.
  void Merge(const TableDelta& later, Offset offset = 0);
  // In the order of their first change; those that come to nothing are left out.
  std::vector<const Change*> Changes() const;
  // Forgets changes that lie before `upto` in the topic.
  void DropBefore(Offset upto);
  void Clear();

 private:
  const bool keyed_;
  std::vector<Change> changes_;
  absl::flat_hash_map<std::string, size_t> by_key_;
};

class TableStore {
 public:
  TableStore(CatalogObjectPtr table, std::shared_ptr<log::LogDirectory> log, os::Environment* environment);

  const CatalogObjectPtr& object() const { return table_; }
  const TableObject& table() const { return *table_->As<TableObject>(); }
  bool keyed() const { return !table().source.key.empty(); }
  // The row's primary key as bytes, or the whole row's where there is none.
  std::string KeyOf(const TableRow& row) const;
  std::string KeyOf(const RowSchema& schema, const char* stored) const;
  static TableRow RowOf(const RowSchema& schema, const char* stored);
  // "(id)=(1)", and "(1, null)" of a whole row.
  std::string KeyText(const TableRow& row) const;
  std::string RowText(const TableRow& row) const;

  // One batch of the topic: all of the changes or none. Durable, and read by programs, once it is synced: writer()->Sync(), any thread.
  Status Append(const TableDelta& delta);
  const std::shared_ptr<log::PartitionLog>& writer() const { return writer_; }  // nullptr: nothing was appended yet
  // The changes as one batch of records, not appended.
  // `mark`: headers of the first record.
  StatusOr<std::string> Encode(const TableDelta& delta, const std::vector<RecordHeader>& mark = {});
  Status AppendBatch(std::string batch, const TableDelta& delta);
  // Where the topic ends, and up to where it is durable.
  StatusOr<Offset> End();
  StatusOr<Offset> DurableEnd();
  // Up to where the view is known to hold the topic, but for `recent`. Below End(): somebody else appended, or the view has just been opened.
  Offset known_end() const { return known_end_; }
  // The view holds all before `upto`.
  void Applied(Offset upto);
  const TableDelta& recent() const { return recent_; }

 private:
  Status OpenWriter();

  const CatalogObjectPtr table_;
  const std::shared_ptr<log::LogDirectory> log_;
  os::Environment* const environment_;
  RowSchema schema_;  // of rows as users see them: for keys
  RowSchema stored_;  // as the topic holds them
  std::unique_ptr<RecordEncoder> encoder_;
  std::shared_ptr<log::PartitionLog> writer_;
  TableDelta recent_;
  Offset known_end_ = -1;
};

// A view's contents with layers of changes over them, oldest first. All must outlive it.
class LayeredReader final : public ViewReader {
 public:
  LayeredReader(std::shared_ptr<const ViewReader> base, const TableStore* store, std::vector<const TableDelta*> layers)
      : base_(std::move(base)), store_(store), layers_(std::move(layers)) {}
  void ForEach(const std::function<void(const char* row, int64_t weight)>& visit) const override;
  void ForEachEqual(const std::vector<int>& columns, const std::vector<Datum>& values,
                    const std::function<void(const char* row, int64_t weight)>& visit) const override;
  const RowSchema& schema() const override { return base_->schema(); }
  int64_t rows() const override { return base_->rows(); }

 private:
  using Visit = std::function<void(const char* row, int64_t weight)>;
  using Scan = std::function<void(const Visit& visit)>;
  void Merged(const Scan& base, const std::function<bool(const TableRow&)>& wanted, const Visit& visit) const;

  const std::shared_ptr<const ViewReader> base_;
  const TableStore* const store_;
  const std::vector<const TableDelta*> layers_;
};

using TableMap = std::map<std::string, std::unique_ptr<TableStore>>;  // by the table's key
using ReaderMap = std::map<std::string, std::shared_ptr<const ViewReader>>;

}  // namespace kappa
