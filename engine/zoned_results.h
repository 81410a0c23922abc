// What a SELECT answers, with its timestamps with time zone shown in the session's zone.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "types/datetime.h"
#include "types/time_zone.h"

namespace kappa {

// Passes everything on to `results`; columns of type timestamptz as text in `zone` (nothing is changed for UTC). Lives as long as one statement.
class ZonedResults final : public Results {
 public:
  ZonedResults(const TimeZone* zone, Results* results) : zone_(zone), results_(results) {}

  Status OnSchema(const std::string& title, const RowSchema& schema) override {
    given_ = nullptr;
    if (zone_ != UtcZone()) {
      for (const RowSchema::Column& column : schema.columns) {
        if (column.type.id() == TypeId::kTimestampTz) given_ = &schema;
      }
    }
    if (given_ == nullptr) return results_->OnSchema(title, schema);
    shown_ = schema;
    std::vector<RowLayout::Column> columns;
    for (RowSchema::Column& column : shown_.columns) {
      if (column.type.id() == TypeId::kTimestampTz) column.type = TypeId::kText;
      columns.push_back({column.type, column.nullable});
    }
    shown_.layout = RowLayout(columns);
    return results_->OnSchema(title, shown_);
  }

  Status OnRows(const ChangeBatch& batch) override {
    if (given_ == nullptr) return results_->OnRows(batch);
    const size_t width = shown_.layout.size() / sizeof(uint64_t);
    std::vector<uint64_t> memory(width * batch.rows.size());
    std::vector<std::vector<Datum>> values(batch.rows.size());  // hold the texts
    std::vector<const char*> rows(batch.rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      auto* row = reinterpret_cast<char*>(memory.data() + i * width);
      rows[i] = row;
      values[i].resize(shown_.columns.size());
      for (size_t column = 0; column < shown_.columns.size(); ++column) {
        const Slot& from = given_->layout.slots()[column];
        Datum& value = values[i][column];
        value = given_->layout.Load(batch.rows[i], from);
        if (from.type.id() == TypeId::kTimestampTz && !value.is_null()) value = Datum::Bytes(Shown(value.as_int()));
        shown_.layout.Store(row, shown_.layout.slots()[column], value);
      }
    }
    ChangeBatch converted = batch;
    converted.schema = &shown_;
    converted.rows = rows;
    return results_->OnRows(converted);
  }

  Status OnEnd(int64_t rows) override { return results_->OnEnd(rows); }
  void OnTag(std::string_view tag) override { results_->OnTag(tag); }
  void OnNotice(std::string_view text) override { results_->OnNotice(text); }

 private:
  std::string Shown(int64_t micros) const {
    char text[kMaxDatetimeText];
    const int64_t offset = IsFiniteMicros(micros) ? zone_->At(FloorDivide(micros, kMicrosPerSecond)).offset : 0;
    return {text, FormatTimestampTz(TimestampTz{micros}, offset * kMicrosPerSecond, text)};
  }

  const TimeZone* zone_;
  Results* results_;
  const RowSchema* given_ = nullptr;  // nullptr: as it is
  RowSchema shown_;
};

}  // namespace kappa
