#include "types/jsonb.h"

#include <algorithm>

#include "types/jsonb_build.h"

namespace kappa {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// The letter after the backslash; 'u' for \u00xx; 0: stands for itself.
KAPPA_INLINE char EscapeOf(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '"':
    case '\\':
      return c;
    default:
      return static_cast<unsigned char>(c) < 0x20 ? 'u' : '\0';
  }
}

// Where text goes: counted, or written.
struct Counter {
  size_t size = 0;
  void Put(char) { ++size; }
  void Put(std::string_view text) { size += text.size(); }
  void PutString(std::string_view text) { size += JsonStringSize(text); }
};
struct Writer {
  char* out;
  void Put(char c) { *out++ = c; }
  void Put(std::string_view text) {
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    out += text.size();
  }
  void PutString(std::string_view text) { out = FormatJsonString(text, out); }
};

template <typename Out>
void Print(JsonbView value, Out* out) {
  switch (value.kind()) {
    case JsonKind::kNull:
      return out->Put("null");
    case JsonKind::kTrue:
      return out->Put("true");
    case JsonKind::kFalse:
      return out->Put("false");
    case JsonKind::kNumber:
      return out->Put(value.text());
    case JsonKind::kString:
      return out->PutString(value.text());
    case JsonKind::kArray:
    case JsonKind::kObject:
      break;
  }
  const bool object = value.is_object();
  out->Put(object ? '{' : '[');
  const uint32_t count = value.count();
  for (uint32_t i = 0; i < count; ++i) {
    if (i > 0) out->Put(", ");
    if (object) {
      out->PutString(value.Key(i));
      out->Put(": ");
    }
    Print(value.Child(i), out);
  }
  out->Put(object ? '}' : ']');
}

// Four spaces a level; an empty container still takes two lines.
void PrintPretty(JsonbView value, size_t level, std::string* out) {
  if (!value.is_container()) return AppendJsonbText(value, out);
  const bool object = value.is_object();
  out->push_back(object ? '{' : '[');
  const uint32_t count = value.count();
  for (uint32_t i = 0; i < count; ++i) {
    out->append(i > 0 ? ",\n" : "\n").append(4 * (level + 1), ' ');
    if (object) {
      const std::string_view key = value.Key(i);
      const size_t begin = out->size();
      out->resize(begin + JsonStringSize(key));
      FormatJsonString(key, out->data() + begin);
      out->append(": ");
    }
    PrintPretty(value.Child(i), level + 1, out);
  }
  out->append("\n").append(4 * level, ' ').push_back(object ? '}' : ']');
}

// ---- numbers

struct Decimal {
  bool negative;
  std::string_view whole, fraction;  // without zeros before or after
};
Decimal DecimalOf(std::string_view text) {
  Decimal d{text[0] == '-', {}, {}};
  if (d.negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  d.whole = text.substr(0, point);
  if (d.whole == "0") d.whole = {};
  if (point != std::string_view::npos) {
    d.fraction = text.substr(point + 1);
    const size_t last = d.fraction.find_last_not_of('0');
    d.fraction = last == std::string_view::npos ? std::string_view() : d.fraction.substr(0, last + 1);
  }
  return d;
}
int Sign(int order) { return order < 0 ? -1 : order > 0; }

int Rank(JsonbView value) {  // among elements and members
  switch (value.kind()) {
    case JsonKind::kNull:
      return 1;
    case JsonKind::kString:
      return 2;
    case JsonKind::kNumber:
      return 3;
    case JsonKind::kTrue:
    case JsonKind::kFalse:
      return 4;
    case JsonKind::kArray:
      return 5;
    case JsonKind::kObject:
      break;
  }
  return 6;
}
int TopRank(JsonbView value) { return value.is_array() && value.count() == 0 ? 0 : Rank(value); }

int Compare(JsonbView a, JsonbView b) {
  const int rank = Rank(a);
  if (rank != Rank(b)) return rank < Rank(b) ? -1 : 1;
  if (rank == 1) return 0;
  if (rank == 2) return Sign(a.text().compare(b.text()));
  if (rank == 3) return CompareJsonNumbers(a.text(), b.text());
  if (rank == 4) return (a.kind() == JsonKind::kTrue) - (b.kind() == JsonKind::kTrue);
  const uint32_t count = a.count();
  if (count != b.count()) return count < b.count() ? -1 : 1;
  for (uint32_t i = 0; i < count; ++i) {
    if (rank == 6) {
      if (const int order = a.Key(i).compare(b.Key(i)); order != 0) return Sign(order);
    }
    if (const int order = Compare(a.Child(i), b.Child(i)); order != 0) return order;
  }
  return 0;
}

// ---- sort keys

void AppendBytes(std::string_view text, std::string* out) {
  for (char c : text) {
    out->push_back(c);
    if (c == '\0') out->push_back('\xFF');
  }
  out->append(2, '\0');
}
void AppendBigEndian(uint32_t value, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

// class | exponent | digits, and a 0: turned over for negative numbers.
void AppendNumberKey(std::string_view text, std::string* out) {
  const Decimal d = DecimalOf(text);
  if (d.whole.empty() && d.fraction.empty()) return out->push_back('\2');
  out->push_back(d.negative ? '\1' : '\3');
  const size_t begin = out->size();
  const size_t zeros = d.whole.empty() ? d.fraction.find_first_not_of('0') : 0;
  const auto exponent = static_cast<int64_t>(d.whole.size()) - static_cast<int64_t>(zeros);
  AppendBigEndian(static_cast<uint32_t>(exponent + (int64_t{1} << 30)), out);
  const size_t digits = out->size();
  out->append(d.whole);
  out->append(d.fraction.substr(zeros));
  while (out->size() > digits && out->back() == '0') out->pop_back();  // of 1000
  out->push_back('\0');
  if (!d.negative) return;
  for (size_t i = begin; i < out->size(); ++i) (*out)[i] = static_cast<char>(~(*out)[i]);
}

void AppendKey(JsonbView value, int rank, std::string* out) {
  out->push_back(static_cast<char>(rank));
  if (rank == 0 || rank == 1) return;
  if (rank == 2) return AppendBytes(value.text(), out);
  if (rank == 3) return AppendNumberKey(value.text(), out);
  if (rank == 4) return out->push_back(value.kind() == JsonKind::kTrue ? '\1' : '\0');
  const uint32_t count = value.count();
  AppendBigEndian(count, out);
  for (uint32_t i = 0; i < count; ++i) {
    if (rank == 6) AppendBytes(value.Key(i), out);
    AppendKey(value.Child(i), Rank(value.Child(i)), out);
  }
}

// The digits after the point of every number: equal values have as many numbers.
void AppendScales(JsonbView value, std::string* out) {
  if (value.kind() == JsonKind::kNumber) {
    const size_t point = value.text().find('.');
    const size_t scale = point == std::string_view::npos ? 0 : value.text().size() - point - 1;
    out->push_back(static_cast<char>(scale >> 8));
    out->push_back(static_cast<char>(scale));
  } else if (value.is_container()) {
    for (uint32_t i = 0; i < value.count(); ++i) AppendScales(value.Child(i), out);
  }
}

// ---- canonical form

bool EndsInZeros(std::string_view number) { return number.find('.') != std::string_view::npos && number.back() == '0'; }
bool IsCanonical(JsonbView value) {
  if (value.kind() == JsonKind::kNumber) return !EndsInZeros(value.text());
  if (!value.is_container()) return true;
  for (uint32_t i = 0; i < value.count(); ++i) {
    if (!IsCanonical(value.Child(i))) return false;
  }
  return true;
}
JsonbNode CanonicalNode(JsonbView value, Arena* arena) {
  if (value.kind() == JsonKind::kNumber && EndsInZeros(value.text())) {
    std::string_view text = value.text();
    while (text.back() == '0') text.remove_suffix(1);
    if (text.back() == '.') text.remove_suffix(1);
    return JsonbNode::Number(text);
  }
  if (!value.is_container() || IsCanonical(value)) return JsonbNode::Raw(value);
  const uint32_t count = value.count();
  auto* members = reinterpret_cast<JsonbMember*>(arena->Allocate(count * sizeof(JsonbMember)));
  for (uint32_t i = 0; i < count; ++i) members[i] = {value.is_object() ? value.Key(i) : std::string_view(), CanonicalNode(value.Child(i), arena)};
  return value.is_object() ? JsonbNode::Object(members, count) : JsonbNode::Array(members, count);
}

}  // namespace

size_t JsonStringSize(std::string_view text) {
  size_t size = text.size() + 2;
  for (char c : text) {
    const char escape = EscapeOf(c);
    size += escape == '\0' ? 0 : escape == 'u' ? 5 : 1;
  }
  return size;
}

char* FormatJsonString(std::string_view text, char* out) {
  *out++ = '"';
  for (char c : text) {
    const char escape = EscapeOf(c);
    if (KAPPA_LIKELY(escape == '\0')) {
      *out++ = c;
      continue;
    }
    *out++ = '\\';
    *out++ = escape;
    if (escape != 'u') continue;
    *out++ = '0';
    *out++ = '0';
    *out++ = kHexDigits[static_cast<unsigned char>(c) >> 4];
    *out++ = kHexDigits[static_cast<unsigned char>(c) & 15];
  }
  *out++ = '"';
  return out;
}

size_t JsonbTextSize(JsonbView value) {
  Counter counter;
  Print(value, &counter);
  return counter.size;
}

char* FormatJsonb(JsonbView value, char* out) {
  Writer writer{out};
  Print(value, &writer);
  return writer.out;
}

void AppendJsonbText(JsonbView value, std::string* out) {
  const size_t begin = out->size();
  out->resize(begin + JsonbTextSize(value));
  FormatJsonb(value, out->data() + begin);
}

void AppendJsonbPretty(JsonbView value, std::string* out) { PrintPretty(value, 0, out); }

Text JsonbContainerToText(JsonbView value, Arena* arena) {
  const size_t size = JsonbTextSize(value);
  char* text = arena->Allocate(size);
  FormatJsonb(value, text);
  return Text(text, size);
}

int CompareJsonNumbers(std::string_view a, std::string_view b) {
  const Decimal x = DecimalOf(a), y = DecimalOf(b);
  if (x.negative != y.negative) return x.negative ? -1 : 1;  // -0 is written 0
  const int sign = x.negative ? -1 : 1;
  if (x.whole.size() != y.whole.size()) return x.whole.size() < y.whole.size() ? -sign : sign;
  int order = x.whole.compare(y.whole);
  if (order == 0) order = x.fraction.compare(y.fraction);
  return sign * Sign(order);
}

int CompareJsonb(JsonbView a, JsonbView b) {
  const int x = TopRank(a), y = TopRank(b);
  if (x == 0 || y == 0) return x < y ? -1 : x > y;
  return Compare(a, b);
}

bool JsonbEqual(JsonbView a, JsonbView b) { return a.bytes() == b.bytes() || CompareJsonb(a, b) == 0; }

void AppendJsonbSortKey(JsonbView value, std::string* out) {
  AppendKey(value, TopRank(value), out);
  AppendScales(value, out);
}

Jsonb CanonicalJsonb(const Jsonb& value, Arena* arena) {
  const JsonbView view(value);
  if (KAPPA_LIKELY(IsCanonical(view))) return value;
  Jsonb out;
  WriteJsonb(CanonicalNode(view, arena), arena, &out);
  return out;
}

}  // namespace kappa
