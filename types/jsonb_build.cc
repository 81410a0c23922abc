#include "types/jsonb_build.h"

#include <algorithm>

namespace kappa {
namespace {

int CompareKeys(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.empty() ? 0 : std::memcmp(a.data(), b.data(), a.size());
}

char* Put32(size_t value, char* out) {
  const auto word = static_cast<uint32_t>(value);
  std::memcpy(out, &word, 4);
  return out + 4;
}
char* PutBytes(std::string_view bytes, char* out) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

char* Write(const JsonbNode& node, char* out) {
  if (node.raw) return PutBytes(node.text, out);
  *out++ = static_cast<char>(node.kind);
  if (node.kind != JsonKind::kArray && node.kind != JsonKind::kObject) return PutBytes(node.text, out);
  out = Put32(node.count, out);
  size_t end = 0;
  const bool object = node.kind == JsonKind::kObject;
  if (object) {
    for (uint32_t i = 0; i < node.count; ++i) out = Put32(end += node.members[i].key.size(), out);
  }
  for (uint32_t i = 0; i < node.count; ++i) out = Put32(end += node.members[i].value.size, out);
  if (object) {
    for (uint32_t i = 0; i < node.count; ++i) out = PutBytes(node.members[i].key, out);
  }
  for (uint32_t i = 0; i < node.count; ++i) out = Write(node.members[i].value, out);
  return out;
}

bool IsDigitChar(char c) { return c >= '0' && c <= '9'; }

// The value of an exponent's digits, held at a bound far outside of numeric's range.
int64_t ExponentOf(std::string_view digits) {
  int64_t value = 0;
  for (char c : digits) {
    if (IsDigitChar(c) && value < 1000000) value = value * 10 + (c - '0');
  }
  return !digits.empty() && digits[0] == '-' ? -value : value;
}

constexpr int64_t kMaxWholeDigits = 131072, kMaxFractionDigits = 16383;  // numeric's

}  // namespace

JsonbNode JsonbNode::Bool(bool value) {
  JsonbNode node;
  node.kind = value ? JsonKind::kTrue : JsonKind::kFalse;
  return node;
}
JsonbNode JsonbNode::String(std::string_view text) {
  JsonbNode node;
  node.kind = JsonKind::kString;
  node.text = text;
  node.size = 1 + text.size();
  return node;
}
JsonbNode JsonbNode::Number(std::string_view canonical) {
  JsonbNode node = String(canonical);
  node.kind = JsonKind::kNumber;
  return node;
}
JsonbNode JsonbNode::Raw(JsonbView value) {
  JsonbNode node;
  if (value.bytes().empty()) return node;
  node.kind = value.kind();
  node.raw = true;
  node.text = value.bytes();
  node.size = value.bytes().size();
  if (value.is_container()) node.count = value.count();
  return node;
}

JsonbNode JsonbNode::Array(JsonbMember* elements, uint32_t count) {
  JsonbNode node;
  node.kind = JsonKind::kArray;
  node.members = elements;
  node.count = count;
  node.size = 5 + 4 * size_t{count};
  for (uint32_t i = 0; i < count; ++i) node.size += elements[i].value.size;
  return node;
}

JsonbNode JsonbNode::Object(JsonbMember* members, uint32_t count) {
  bool ordered = true;
  for (uint32_t i = 1; ordered && i < count; ++i) ordered = CompareKeys(members[i - 1].key, members[i].key) < 0;
  if (!ordered) {
    for (uint32_t i = 0; i < count; ++i) members[i].order = i;
    std::sort(members, members + count, [](const JsonbMember& a, const JsonbMember& b) {
      const int order = CompareKeys(a.key, b.key);
      return order != 0 ? order < 0 : a.order < b.order;
    });
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (i + 1 < count && CompareKeys(members[i].key, members[i + 1].key) == 0) continue;
    if (kept != i) members[kept] = members[i];
    ++kept;
  }
  JsonbNode node = Array(members, kept);
  node.kind = JsonKind::kObject;
  node.size += 4 * size_t{kept};
  for (uint32_t i = 0; i < kept; ++i) node.size += members[i].key.size();
  return node;
}

bool WriteJsonb(const JsonbNode& node, Arena* arena, Jsonb* out) {
  if (node.size > kMaxJsonbBytes) return false;
  if (node.raw) {
    *out = Jsonb(node.text.data(), node.text.size());
    return true;
  }
  char* bytes = arena->Allocate(node.size);
  Write(node, bytes);
  *out = Jsonb(bytes, node.size);
  return true;
}

JsonNumberStatus CanonicalJsonNumber(std::string_view number, Arena* arena, std::string_view* out) {
  const bool negative = number[0] == '-';
  std::string_view rest = number.substr(negative ? 1 : 0);
  size_t at = 0;
  while (at < rest.size() && IsDigitChar(rest[at])) ++at;
  std::string_view whole = rest.substr(0, at), fraction;
  if (at < rest.size() && rest[at] == '.') {
    const size_t begin = ++at;
    while (at < rest.size() && IsDigitChar(rest[at])) ++at;
    fraction = rest.substr(begin, at - begin);
  }
  const bool zero = whole.find_first_not_of('0') == std::string_view::npos && fraction.find_first_not_of('0') == std::string_view::npos;
  int64_t exponent = 0;
  if (at < rest.size()) {  // e or E
    std::string_view digits = rest.substr(at + 1);
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    exponent = ExponentOf(digits);
  } else if (!(zero && negative) && static_cast<int64_t>(whole.size()) <= kMaxWholeDigits &&
             static_cast<int64_t>(fraction.size()) <= kMaxFractionDigits) {
    *out = number;  // JSON's grammar has no zeros in front
    return JsonNumberStatus::kOk;
  }
  if (whole == "0") whole = {};
  // digits = whole fraction, of which `point` stand before the point.
  const int64_t digits = static_cast<int64_t>(whole.size() + fraction.size());
  const int64_t point = static_cast<int64_t>(whole.size()) + exponent;
  const int64_t scale = std::max<int64_t>(0, static_cast<int64_t>(fraction.size()) - exponent);
  auto digit = [&](int64_t i) -> char {
    if (i < 0 || i >= digits) return '0';
    return i < static_cast<int64_t>(whole.size()) ? whole[static_cast<size_t>(i)] : fraction[static_cast<size_t>(i) - whole.size()];
  };
  int64_t first = 0;
  while (first < digits && digit(first) == '0') ++first;
  if (scale > kMaxFractionDigits || (!zero && point - first > kMaxWholeDigits)) return JsonNumberStatus::kOverflow;
  const int64_t before = zero ? 0 : std::max<int64_t>(0, point - first);
  char* text = arena->Allocate(static_cast<size_t>(before + scale + 4));
  char* end = text;
  if (negative && !zero) *end++ = '-';
  if (before == 0) *end++ = '0';
  for (int64_t i = point - before; i < point && before > 0; ++i) *end++ = digit(i);
  if (scale > 0) {
    *end++ = '.';
    for (int64_t i = 0; i < scale; ++i) *end++ = zero ? '0' : digit(point + i);
  }
  *out = {text, static_cast<size_t>(end - text)};
  return JsonNumberStatus::kOk;
}

}  // namespace kappa
