#include "formats/json_encoder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "formats/encoder.h"
#include "formats/json/scan.h"
#include "types/array_value.h"
#include "types/value_text.h"

namespace kappa {
namespace {

void AppendInt(int64_t value, std::string* out) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  out->append(buffer, static_cast<size_t>(end.ptr - buffer));
}

template <typename T>
T Load(const char* slot) {
  T value;
  std::memcpy(&value, slot, sizeof value);
  return value;
}

// Is the value of a numeric type one that JSON's numbers cannot say?
bool IsSpecial(TypeId type, const char* slot) {
  switch (type) {
    case TypeId::kFloat4:
      return !std::isfinite(Load<float>(slot));
    case TypeId::kFloat8:
      return !std::isfinite(Load<double>(slot));
    default:
      return Load<Numeric>(slot).kind != Numeric::kFinite;
  }
}

void AppendAny(const AnyValue& value, std::string* out);

// [..], of more dimensions [[..],..].
void AppendArray(const Array& array, const TypeDescriptor* element, std::string* out) {
  const ArrayView view(array, element);
  const ArrayShape shape = view.shape();
  if (shape.dimensions == 0) {
    out->append("[]");
    return;
  }
  std::vector<char> room(ElementRoom(element) + 8);
  char* const slot = room.data() + (-reinterpret_cast<uintptr_t>(room.data()) & 7);
  size_t next = 0;
  const auto level = [&](const auto& self, int dimension) -> void {
    out->push_back('[');
    for (int32_t i = 0; i < shape.lengths[dimension]; ++i) {
      if (i > 0) out->push_back(',');
      if (dimension + 1 < shape.dimensions)
        self(self, dimension + 1);
      else
        AppendAny(view.Get(next++, slot), out);
    }
    out->push_back(']');
  };
  level(level, 0);
}

void AppendValue(TypeId type, const char* slot, std::string* out) {
  switch (type) {
    case TypeId::kBool:
      out->append(*slot != 0 ? "true" : "false");
      return;
    case TypeId::kInt2:
      return AppendInt(Load<int16_t>(slot), out);
    case TypeId::kInt4:
      return AppendInt(Load<int32_t>(slot), out);
    case TypeId::kInt8:
      return AppendInt(Load<int64_t>(slot), out);
    case TypeId::kText:
      return AppendJsonString(Load<Text>(slot).view(), out);
    case TypeId::kJsonb:
      return AppendValueText(type, slot, out);
    case TypeId::kJson: {  // line ends are spaces between tokens: a record is one line
      const size_t begin = out->size();
      out->append(Load<Text>(slot).view());
      std::replace_if(out->begin() + static_cast<ptrdiff_t>(begin), out->end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
      return;
    }
    case TypeId::kFloat4:
    case TypeId::kFloat8:
    case TypeId::kNumeric:
      if (!IsSpecial(type, slot)) return AppendValueText(type, slot, out);
      break;
    case TypeId::kBytea:  // \x.. : the backslash is escaped
      out->append("\"\\");
      AppendValueText(type, slot, out);
      out->push_back('"');
      return;
    default:
      break;
  }
  out->push_back('"');  // texts of times, intervals, uuid: nothing in them needs escaping
  AppendValueText(type, slot, out);
  out->push_back('"');
}

void AppendAny(const AnyValue& value, std::string* out) {
  if (value.null) {
    out->append("null");
  } else if (value.type->type.is_struct()) {
    char before = '{';
    for (size_t i = 0; i < value.type->fields.size(); ++i) {
      out->push_back(before);
      before = ',';
      AppendJsonString(value.type->type.fields()[i].name, out);
      out->push_back(':');
      AppendAny(FieldOf(value, i), out);
    }
    if (before == '{') out->push_back('{');
    out->push_back('}');
  } else if (value.type->element != nullptr) {
    AppendArray(Load<Array>(value.slot), value.type->element, out);
  } else {
    AppendValue(value.type->type.id(), value.slot, out);
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (KAPPA_LIKELY(c >= 0x20 && c != '"' && c != '\\')) continue;
    out->append(text, begin, i - begin);
    begin = i + 1;
    out->push_back('\\');
    switch (c) {
      case '"':
      case '\\':
        out->push_back(static_cast<char>(c));
        break;
      case '\b':
        out->push_back('b');
        break;
      case '\f':
        out->push_back('f');
        break;
      case '\n':
        out->push_back('n');
        break;
      case '\r':
        out->push_back('r');
        break;
      case '\t':
        out->push_back('t');
        break;
      default:
        out->append("u00");
        out->push_back(kHex[c >> 4]);
        out->push_back(kHex[c & 15]);
    }
  }
  out->append(text, begin, text.size() - begin);
  out->push_back('"');
}

JsonRowWriter::JsonRowWriter(const RowSchema* schema, const std::vector<int>& columns) : layout_(&schema->layout) {
  for (int column : columns) {
    const auto index = static_cast<size_t>(column);
    members_.push_back(MakeMember(schema->columns[index].name, schema->columns[index].type, layout_->slots()[index]));
  }
}

JsonRowWriter::Member JsonRowWriter::MakeMember(const std::string& name, const Type& type, const Slot& slot) {
  Member member;
  AppendJsonString(name, &member.prefix);
  member.prefix.push_back(':');
  member.slot = &slot;
  if (type.id() == TypeId::kArray) member.array = DescribeType(type);
  if (!type.is_struct()) return member;
  for (size_t i = 0; i < slot.fields.size(); ++i) member.members.push_back(MakeMember(type.fields()[i].name, type.fields()[i].type, slot.fields[i]));
  return member;
}

void JsonRowWriter::AppendMember(const Member& member, const char* row, std::string* out) const {
  out->append(member.prefix);
  if (layout_->IsNull(row, *member.slot)) {
    out->append("null");
  } else if (member.slot->type.is_struct()) {
    char before = '{';
    for (const Member& inner : member.members) {
      out->push_back(before);
      AppendMember(inner, row, out);
      before = ',';
    }
    if (member.members.empty()) out->push_back('{');
    out->push_back('}');
  } else if (member.array != nullptr) {
    AppendArray(Load<Array>(row + member.slot->offset), member.array->element, out);
  } else {
    AppendValue(member.slot->type.id(), row + member.slot->offset, out);
  }
}

void JsonRowWriter::Append(const char* row, std::string_view op, std::string* out) const {
  char before = '{';
  if (!op.empty()) {
    out->append("{\"op\":\"").append(op).push_back('"');
    before = ',';
  }
  for (const Member& member : members_) {
    out->push_back(before);
    AppendMember(member, row, out);
    before = ',';
  }
  if (before == '{') out->push_back('{');
  out->push_back('}');
}

}  // namespace kappa
