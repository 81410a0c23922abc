#include "exec/epoch/view_reader.h"

#include "types/canonical_key.h"

namespace kappa {

// Of values that are equal one form only (types/canonical_key.h).
void AppendKeyBytes(const RowSchema& schema, const std::vector<int>& columns, const char* row, std::string* out) {
  for (int column : columns) {
    const Slot& slot = schema.layout.slots()[static_cast<size_t>(column)];
    const TypeId type = slot.type.id();
    if ((type != TypeId::kNumeric && type != TypeId::kInterval) || schema.layout.IsNull(row, slot)) {
      schema.layout.AppendSortKey(row, slot, out);
      continue;
    }
    const Datum value = schema.layout.Load(row, slot);
    std::string canonical(schema.layout.size(), '\0');
    schema.layout.Store(canonical.data(), slot,
                        type == TypeId::kNumeric ? Datum::Of(CanonicalKey(value.as_numeric())) : Datum::Of(CanonicalKey(value.as_interval())));
    schema.layout.AppendSortKey(canonical.data(), slot, out);
  }
}

void AppendKeyBytes(const RowSchema& schema, const std::vector<int>& columns, const std::vector<Datum>& values, std::string* out) {
  std::string row(schema.layout.size(), '\0');
  for (size_t i = 0; i < columns.size(); ++i) schema.layout.Store(row.data(), schema.layout.slots()[static_cast<size_t>(columns[i])], values[i]);
  AppendKeyBytes(schema, columns, row.data(), out);
}

void ViewReader::ForEachEqual(const std::vector<int>& columns, const std::vector<Datum>& values,
                              const std::function<void(const char* row, int64_t weight)>& visit) const {
  std::string wanted, key;
  AppendKeyBytes(schema(), columns, values, &wanted);
  ForEach([&](const char* row, int64_t weight) {
    key.clear();
    AppendKeyBytes(schema(), columns, row, &key);
    if (key == wanted) visit(row, weight);
  });
}

Status VisitView(const ViewScanOp& scan, const ViewReader& view, const std::vector<Datum>& parameters, CallContext* context,
                 const std::function<void(const char* row, int64_t weight)>& visit) {
  if (scan.equal.empty()) {
    view.ForEach(visit);
    return OkStatus();
  }
  std::vector<int> columns;
  std::vector<Datum> values;
  for (const auto& [column, expr] : scan.equal) {
    ASSIGN_OR_RETURN(Datum value, Evaluate(*expr, context, parameters));
    if (value.is_null()) return OkStatus();  // nothing equals NULL
    columns.push_back(column);
    values.push_back(std::move(value));
  }
  view.ForEachEqual(columns, values, visit);
  return OkStatus();
}

}  // namespace kappa
