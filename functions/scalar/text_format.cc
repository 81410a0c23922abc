// format(): PostgreSQL's %[position$][-][width]type with the types s, I and L.
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/text_quote.h"
#include "functions/scalar/text_search.h"
#include "functions/tables.h"
#include "functions/value_output.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace text_format_functions {

// Grows in the scratch arena; what it outgrows stays there until the batch is done.
struct Builder {
  CallContext* c;
  char* bytes = nullptr;
  size_t size = 0, room = 0;
  void Reserve(size_t more) {
    if (size + more <= room) return;
    room = (size + more) * 2;
    char* grown = c->Allocate(room);
    if (size != 0) std::memcpy(grown, bytes, size);
    bytes = grown;
  }
  void Append(const char* data, size_t count) {
    Reserve(count);
    if (count != 0) std::memcpy(bytes + size, data, count);
    size += count;
  }
  void Fill(size_t count) {
    Reserve(count);
    if (count != 0) std::memset(bytes + size, ' ', count);
    size += count;
  }
};

struct Specifier {
  int32_t argument = -1;        // given position, from 1
  int32_t width_argument = -1;  // "*": 0; "*n$": n
  int32_t width = 0;
  bool left = false;
};

KAPPA_COLD bool Unterminated(CallContext& c) { return c.Fail(sqlstate::kInvalidParameterValue, "unterminated format() type specifier"); }
KAPPA_COLD bool OutOfRange(CallContext& c) { return c.Fail(sqlstate::kNumericValueOutOfRange, "number is out of range"); }
KAPPA_COLD bool PositionZero(CallContext& c) {
  return c.Fail(sqlstate::kInvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1");
}
KAPPA_COLD bool TooFew(CallContext& c) { return c.Fail(sqlstate::kInvalidParameterValue, "too few arguments for format()"); }

struct Cursor {
  const char* p;
  const char* end;
  bool Next(CallContext& c) { return ++p < end || Unterminated(c); }
  // *found: there were digits.
  bool Number(CallContext& c, int32_t* value, bool* found) {
    *found = false;
    *value = 0;
    while (IsDigit(*p)) {
      if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, *p - '0', value)) return OutOfRange(c);
      *found = true;
      if (!Next(c)) return false;
    }
    return true;
  }
};

bool ParseSpecifier(CallContext& c, Cursor& at, Specifier* s) {
  int32_t n;
  bool found;
  if (!at.Number(c, &n, &found)) return false;
  if (found) {
    if (*at.p != '$') {
      s->width = n;
      return true;
    }
    if (n == 0) return PositionZero(c);
    s->argument = n;
    if (!at.Next(c)) return false;
  }
  while (*at.p == '-') {
    s->left = true;
    if (!at.Next(c)) return false;
  }
  if (*at.p != '*') {
    if (!at.Number(c, &n, &found)) return false;
    if (found) s->width = n;
    return true;
  }
  if (!at.Next(c) || !at.Number(c, &n, &found)) return false;
  s->width_argument = 0;
  if (!found) return true;
  if (*at.p != '$') return c.Fail(sqlstate::kInvalidParameterValue, "width argument position must be ended by \"$\"");
  if (n == 0) return PositionZero(c);
  s->width_argument = n;
  return at.Next(c);
}

bool WidthOf(CallContext& c, const AnyValue& value, int32_t* width) {
  *width = 0;
  if (value.null) return true;
  const Text text = OutputText(c, value);
  int64_t parsed = 0;
  const ParseStatus status = ParseInt(text.view(), INT32_MIN, INT32_MAX, &parsed);
  if (status != ParseStatus::kOk) return FailParse(c, TypeId::kInt4, status, text);
  *width = static_cast<int32_t>(parsed);
  return true;
}

bool AppendPadded(CallContext& c, Builder& out, const Text& text, int32_t width, bool left) {
  if (width < 0) {
    left = true;
    if (width == INT32_MIN) return OutOfRange(c);
    width = -width;
  }
  const int32_t length = width == 0 ? 0 : CountCharacters(text);
  const size_t fill = length < width ? static_cast<size_t>(width - length) : 0;
  if (out.size + text.size + fill > (1 << 30) - 5) return c.Fail(sqlstate::kStatementTooLong, "out of memory");
  if (!left) out.Fill(fill);
  out.Append(text.data, text.size);
  if (left) out.Fill(fill);
  return true;
}

bool AppendConverted(CallContext& c, Builder& out, char type, const AnyValue& value, int32_t width, bool left) {
  Text text;
  if (value.null) {
    if (type == 'I') return c.Fail(sqlstate::kNullValueNotAllowed, "null values cannot be formatted as an SQL identifier");
    if (type == 'L') text = Text("NULL", 4);
  } else {
    text = OutputText(c, value);
    if (type == 'I') text = QuoteIdentifier(c, text);
    if (type == 'L') text = QuoteLiteral(c, text);
  }
  return AppendPadded(c, out, text, width, left);
}

bool Format(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* result, bool* out_null) {
  if (args[0].null) {
    *out_null = true;
    return true;
  }
  const Text pattern = OutputText(c, args[0]);
  Builder out{&c};
  int32_t argument = 1;
  Cursor at{pattern.data, pattern.data + pattern.size};
  for (; at.p < at.end; ++at.p) {
    if (*at.p != '%') {
      const void* next = std::memchr(at.p, '%', static_cast<size_t>(at.end - at.p));
      const char* stop = next == nullptr ? at.end : static_cast<const char*>(next);
      out.Append(at.p, static_cast<size_t>(stop - at.p));
      at.p = stop - 1;
      continue;
    }
    if (!at.Next(c)) return false;
    if (*at.p == '%') {
      out.Append("%", 1);
      continue;
    }
    Specifier s;
    if (!ParseSpecifier(c, at, &s)) return false;
    if (*at.p != 's' && *at.p != 'I' && *at.p != 'L') {
      size_t size = Utf8Length(*at.p);
      if (size > static_cast<size_t>(at.end - at.p)) size = static_cast<size_t>(at.end - at.p);
      return c.Fail(sqlstate::kInvalidParameterValue, "unrecognized format() type specifier \"%s\"", at.p, size);
    }
    int32_t width = s.width;
    if (s.width_argument >= 0) {
      if (s.width_argument > 0) argument = s.width_argument;
      if (argument >= static_cast<int32_t>(count)) return TooFew(c);
      if (!WidthOf(c, args[argument++], &width)) return false;
    }
    if (s.argument > 0) argument = s.argument;
    if (argument >= static_cast<int32_t>(count)) return TooFew(c);
    if (!AppendConverted(c, out, *at.p, args[argument++], width, s.left)) return false;
  }
  const Text text(out.bytes, out.size);
  std::memcpy(result, &text, sizeof text);
  return true;
}

}  // namespace text_format_functions

using namespace text_format_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> TextFormatFunctions() {
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("String")); };
  add(Scalar("format", {TypeId::kText}, TypeId::kText)
          .NullsToo()
          .Raw<&Format>()
          .Doc("The text with %% for a percent sign.")
          .Example("format('100%%')", "100%"));
  add(Scalar("format", {TypeId::kText, TypeId::kAny}, TypeId::kText)
          .Variadic()
          .NullsToo()
          .Raw<&Format>()
          .Doc("Arguments put into a text: %s as they are, %I as identifiers, %L as literals; %2$s names the second, %-10s and %*s set a width.")
          .Example("format('Hello %s, %1$s', 'World')", "Hello World, World")
          .Example("format('|%5s|%-5s|', 'a', 'b')", "|    a|b    |")
          .Example("format('%I = %L', 'Name', 'O''Reilly')", "\"Name\" = 'O''Reilly'"));
  return table;
}

}  // namespace kappa
