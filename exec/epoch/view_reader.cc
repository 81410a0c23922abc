#include "exec/epoch/view_reader.h"

#include <cstring>

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

ViewRows::ViewRows(const ViewReader& view, const std::vector<int>& columns, const RowLayout& layout, size_t capacity)
    : stored_(view.schema().layout),
      layout_(layout),
      copies_texts_(!view.keeps_texts()),
      capacity_(capacity),
      memory_(capacity * layout.size(), '\0') {
  for (size_t i = 0; i < columns.size(); ++i) Plan(stored_.slots()[static_cast<size_t>(columns[i])], layout.slots()[i]);
  rows_.reserve(capacity);
  weights_.reserve(capacity);
}

void ViewRows::Plan(const Slot& from, const Slot& to) {
  const bool whole = !from.type.is_struct();
  if (whole || from.null_bit >= 0) {
    moves_.push_back({from.offset, to.offset, whole ? static_cast<uint32_t>(SlotSize(from.type.id())) : 0, from.null_bit, to.null_bit,
                      whole && from.type.has_bytes() && copies_texts_});
  }
  for (size_t i = 0; i < from.fields.size(); ++i) Plan(from.fields[i], to.fields[i]);
}

void ViewRows::Add(const char* stored, int64_t weight, int64_t copies) {
  char* const row = memory_.data() + held_++ * layout_.size();
  std::memset(row + layout_.null_offset(), 0, layout_.null_bytes());
  for (const Move& move : moves_) {
    const bool null = move.from_null >= 0 && ((stored[stored_.null_offset() + (move.from_null >> 3)] >> (move.from_null & 7)) & 1);
    if (null && move.to_null >= 0) row[layout_.null_offset() + (move.to_null >> 3)] |= static_cast<char>(1 << (move.to_null & 7));
    switch (move.bytes) {  // sizes that the compiler knows
      case 8:
        std::memcpy(row + move.to, stored + move.from, 8);
        break;
      case 16:
        std::memcpy(row + move.to, stored + move.from, 16);
        break;
      default:
        std::memcpy(row + move.to, stored + move.from, move.bytes);
    }
    if (!move.text || null) continue;
    Text text;
    std::memcpy(&text, stored + move.from, sizeof(text));
    char* const copy = texts_.Allocate(text.size);
    std::memcpy(copy, text.data, text.size);
    std::memcpy(row + move.to + offsetof(Text, data), &copy, sizeof(copy));
  }
  for (int64_t copy = 0; copy < copies; ++copy) {
    rows_.push_back(row);
    weights_.push_back(weight);
  }
}

void ViewRows::Clear() {
  held_ = 0;
  rows_.clear();
  weights_.clear();
  texts_.Reset();
}

}  // namespace kappa
