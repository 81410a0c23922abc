// Rows of values on their way from and to Results.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/table_store.h"
#include "planner/dataflow/expression.h"

namespace kappa {

// Takes nothing.
class SilentResults final : public Results {
 public:
  Status OnSchema(const std::string&, const RowSchema&) override { return OkStatus(); }
  Status OnRows(const ChangeBatch&) override { return OkStatus(); }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view) override {}
};

// Keeps the rows of a result.
class RowCollector final : public Results {
 public:
  explicit RowCollector(std::vector<TableRow>* rows) : rows_(rows) {}
  Status OnSchema(const std::string&, const RowSchema& schema) override {
    schema_ = schema;
    return OkStatus();
  }
  Status OnRows(const ChangeBatch& batch) override {
    for (size_t i = 0; i < batch.rows.size(); ++i) {
      for (int64_t copy = batch.weight(i); copy > 0; --copy) rows_->push_back(TableStore::RowOf(schema_, batch.rows[i]));
    }
    return OkStatus();
  }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view) override {}
  const RowSchema& schema() const { return schema_; }

 private:
  std::vector<TableRow>* const rows_;
  RowSchema schema_;
};

RowSchema SchemaOfColumns(const std::vector<Column>& columns);
// A whole result.
Status AnswerRows(const std::vector<Column>& columns, const std::vector<TableRow>& rows, Results* results);

}  // namespace kappa
