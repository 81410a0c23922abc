#include "formats/text_encoder.h"

#include <cstring>

#include "formats/encoder.h"

namespace kappa {
namespace {

Text TextAt(const char* slot) {
  Text text;
  std::memcpy(&text, slot, sizeof text);
  return text;
}

}  // namespace

void AppendCsvField(std::string_view text, std::string* out) { AppendCsvField(CsvFormat(), text, out); }

void CsvRowWriter::Append(const char* row, std::string_view op, std::string* out) {
  bool first = true;
  if (!op.empty()) {
    out->append(op);
    first = false;
  }
  for (int column : columns_) {
    if (!first) out->push_back(format_.delimiter);
    first = false;
    const Slot& slot = layout_->slots()[static_cast<size_t>(column)];
    if (layout_->IsNull(row, slot)) {
      out->append(format_.null_text);
      continue;
    }
    if (slot.type.id() == TypeId::kText) {
      AppendCsvField(format_, TextAt(row + slot.offset).view(), out);
      continue;
    }
    field_.clear();
    layout_->AppendText(row, slot, &field_);
    AppendCsvField(format_, field_, out);
  }
}

bool AppendRawColumn(const RowLayout& layout, const char* row, int column, std::string* out) {
  const Slot& slot = layout.slots()[static_cast<size_t>(column)];
  if (layout.IsNull(row, slot)) return false;
  if (slot.type.is_text_like())
    out->append(TextAt(row + slot.offset).view());
  else
    layout.AppendText(row, slot, out);
  return true;
}

}  // namespace kappa
