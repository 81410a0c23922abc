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

void AppendCsvField(std::string_view text, std::string* out) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out->append(text);
    return;
  }
  out->push_back('"');
  for (char c : text) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  out->push_back('"');
}

void CsvRowWriter::Append(const char* row, std::string_view op, std::string* out) {
  bool first = true;
  if (!op.empty()) {
    out->append(op);
    first = false;
  }
  for (int column : columns_) {
    if (!first) out->push_back(',');
    first = false;
    const Slot& slot = layout_->slots()[static_cast<size_t>(column)];
    if (layout_->IsNull(row, slot)) continue;
    if (slot.type.id() == TypeId::kText) {
      AppendCsvField(TextAt(row + slot.offset).view(), out);
      continue;
    }
    field_.clear();
    layout_->AppendText(row, slot, &field_);
    AppendCsvField(field_, out);
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
