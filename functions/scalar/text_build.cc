// Texts made of other texts: padding, overlay, translation, concatenation of anything, quoting.
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/text_quote.h"
#include "functions/scalar/text_search.h"
#include "functions/tables.h"
#include "functions/value_output.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace text_build_functions {

constexpr int32_t kMaxCharacters = ((1 << 30) - 1 - 4) / 4;  // a gigabyte of characters of four bytes

KAPPA_INLINE void Put(char** out, const char* bytes, size_t size) {
  if (size != 0) std::memcpy(*out, bytes, size);
  *out += size;
}

// The first `count` characters of `fill` repeated without end.
void PutFill(char** out, const Text& fill, int32_t fill_characters, int32_t count) {
  for (; count >= fill_characters; count -= fill_characters) Put(out, fill.data, fill.size);
  Put(out, fill.data, BytesOfCharacters(fill, count));
}

template <bool kLeft>
bool Pad(CallContext& c, Text a, int32_t length, Text fill, Text* out) {
  if (length < 0) length = 0;
  const int32_t characters = CountCharacters(a);
  if (characters >= length || fill.size == 0) {
    if (KAPPA_UNLIKELY(length > kMaxCharacters)) {
      if (fill.size != 0) return c.Fail(sqlstate::kStatementTooLong, "requested length too large");
    }
    *out = Text(a.data, BytesOfCharacters(a, length));
    return true;
  }
  if (KAPPA_UNLIKELY(length > kMaxCharacters)) return c.Fail(sqlstate::kStatementTooLong, "requested length too large");
  const int32_t fill_characters = CountCharacters(fill), missing = length - characters;
  char* const bytes = c.Allocate(a.size + (static_cast<size_t>(missing / fill_characters) + 1) * fill.size);
  char* p = bytes;
  if (kLeft) PutFill(&p, fill, fill_characters, missing);
  Put(&p, a.data, a.size);
  if (!kLeft) PutFill(&p, fill, fill_characters, missing);
  *out = Text(bytes, static_cast<size_t>(p - bytes));
  return true;
}
template <bool kLeft>
bool PadSpaces(CallContext& c, Text a, int32_t length, Text* out) {
  return Pad<kLeft>(c, a, length, Text(" ", 1), out);
}

// Each character of `from` becomes the one at its place in `to`, or nothing where `to` is shorter.
Text Translate(CallContext& c, Text a, Text from, Text to) {
  if (a.size == 0) return a;
  char* const bytes = c.Allocate(size_t{a.size} * 4);
  char* out = bytes;
  for (uint32_t i = 0; i < a.size;) {
    size_t size = Utf8Length(a.data[i]);
    if (size > a.size - i) size = a.size - i;
    uint32_t at = 0, place = 0;
    bool found = false;
    for (; at < from.size; at += static_cast<uint32_t>(Utf8Length(from.data[at])), ++place) {
      if (at + size <= from.size && Utf8Length(from.data[at]) == size && std::memcmp(from.data + at, a.data + i, size) == 0) {
        found = true;
        break;
      }
    }
    if (!found) {
      Put(&out, a.data + i, size);
    } else if (const uint32_t begin = BytesOfCharacters(to, place); begin < to.size) {
      Put(&out, to.data + begin, Utf8Length(to.data[begin]));
    }
    i += static_cast<uint32_t>(size);
  }
  return Text(bytes, static_cast<size_t>(out - bytes));
}

// a with `count` characters (bytes) from `start` on replaced.
template <typename T>
bool Overlay(CallContext& c, const T& a, const T& part, int32_t start, int32_t count, T* out) {
  if (KAPPA_UNLIKELY(start <= 0)) return c.Fail(sqlstate::kSubstringError, "negative substring length not allowed");
  int32_t end;
  if (KAPPA_UNLIKELY(__builtin_add_overflow(start, count, &end))) return FailInt4(c);
  constexpr bool kWide = std::is_same_v<T, Text>;
  auto bytes_before = [&](int32_t position) -> size_t {
    if (position <= 1) return 0;
    if (kWide) return BytesOfCharacters(a, position - 1);
    return position - 1 < static_cast<int32_t>(a.size) ? static_cast<size_t>(position - 1) : a.size;
  };
  const size_t head = bytes_before(start), tail = bytes_before(end);
  char* const bytes = c.Allocate(head + part.size + (a.size - tail));
  char* p = bytes;
  Put(&p, a.data, head);
  Put(&p, part.data, part.size);
  Put(&p, a.data + tail, a.size - tail);
  *out = T(bytes, static_cast<size_t>(p - bytes));
  return true;
}
bool OverlayText(CallContext& c, Text a, Text part, int32_t start, Text* out) { return Overlay(c, a, part, start, CountCharacters(part), out); }
bool OverlayTextFor(CallContext& c, Text a, Text part, int32_t start, int32_t count, Text* out) { return Overlay(c, a, part, start, count, out); }
bool OverlayBytes(CallContext& c, Bytea a, Bytea part, int32_t start, Bytea* out) {
  return Overlay(c, a, part, start, static_cast<int32_t>(part.size), out);
}
bool OverlayBytesFor(CallContext& c, Bytea a, Bytea part, int32_t start, int32_t count, Bytea* out) { return Overlay(c, a, part, start, count, out); }

int32_t BitLength(CallContext&, Text a) { return static_cast<int32_t>(a.size * 8); }

// ---- concatenation of anything

bool JoinAll(CallContext& c, const AnyValue* args, uint32_t count, const Text& separator, void* out) {
  auto* texts = reinterpret_cast<Text*>(c.Allocate(count * sizeof(Text)));
  uint32_t present = 0;
  size_t size = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (args[i].null) continue;
    texts[present] = OutputText(c, args[i]);
    size += texts[present++].size;
  }
  if (present > 1) size += size_t{separator.size} * (present - 1);
  if (KAPPA_UNLIKELY(size > (1 << 30) - 5)) return c.Fail(sqlstate::kStatementTooLong, "requested length too large");
  char* const bytes = c.Allocate(size);
  char* p = bytes;
  for (uint32_t i = 0; i < present; ++i) {
    if (i > 0) Put(&p, separator.data, separator.size);
    Put(&p, texts[i].data, texts[i].size);
  }
  const Text result(bytes, size);
  std::memcpy(out, &result, sizeof result);
  return true;
}
bool Concat(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  return JoinAll(c, args, count, Text(), out);
}
bool ConcatSeparated(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  if (args[0].null) {
    *out_null = true;
    return true;
  }
  return JoinAll(c, args + 1, count - 1, OutputText(c, args[0]), out);
}

// ---- quoting

Text QuoteIdent(CallContext& c, Text a) { return QuoteIdentifier(c, a); }
Text QuoteLiteralText(CallContext& c, Text a) { return QuoteLiteral(c, a); }
Text QuoteNullableText(CallContext& c, Nullable<Text> a) { return a.null ? Text("NULL", 4) : QuoteLiteral(c, a.value); }
bool QuoteAny(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  Text text = args[0].null ? Text("NULL", 4) : OutputText(c, args[0]);
  if (!args[0].null) {
    if (args[0].type->type.id() == TypeId::kBool) text = *args[0].slot != 0 ? Text("true", 4) : Text("false", 5);  // a cast, not an output
    text = QuoteLiteral(c, text);
  }
  std::memcpy(out, &text, sizeof text);
  return true;
}

}  // namespace text_build_functions

using namespace text_build_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> TextBuildFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("String")); };
  add(Scalar("lpad", {kText, kInt4}, kText)
          .Native<&PadSpaces<true>>()
          .Doc("Filled up with spaces on the left, or cut, to that length.")
          .Example("lpad('hi', 4)", "  hi"));
  add(Scalar("rpad", {kText, kInt4}, kText)
          .Native<&PadSpaces<false>>()
          .Doc("Filled up with spaces on the right, or cut, to that length.")
          .Example("rpad('hi', 4)", "hi  "));
  add(Scalar("lpad", {kText, kInt4, kText}, kText)
          .Native<&Pad<true>>()
          .Doc("Filled up on the left, or cut, to that length.")
          .Example("lpad('hi', 5, 'xy')", "xyxhi"));
  add(Scalar("rpad", {kText, kInt4, kText}, kText)
          .Native<&Pad<false>>()
          .Doc("Filled up on the right, or cut, to that length.")
          .Example("rpad('hi', 5, 'xy')", "hixyx"));
  add(Scalar("translate", {kText, kText, kText}, kText)
          .Native<&Translate>()
          .Doc("Each character of the second argument becomes the one at its place in the third, or goes away where that is shorter.")
          .Example("translate('12345', '143', 'ax')", "a2x5"));
  add(Scalar("overlay", {kText, kText, kInt4}, kText)
          .Native<&OverlayText>()
          .Doc("The characters from a position on replaced by as many: OVERLAY(a PLACING b FROM n [FOR m]).")
          .Example("overlay('Txxxxas', 'hom', 2)", "Thomxas"));
  add(Scalar("overlay", {kText, kText, kInt4, kInt4}, kText)
          .Native<&OverlayTextFor>()
          .Doc("So many characters from a position on replaced: OVERLAY(a PLACING b FROM n FOR m).")
          .Example("overlay('Txxxxas', 'hom', 2, 4)", "Thomas")
          .Example("overlay('Txxxxas', 'hom', 0, 4)", "ERROR 22011"));
  add(Scalar("overlay", {kBytea, kBytea, kInt4}, kBytea)
          .Native<&OverlayBytes>()
          .Doc("The bytes from a position on replaced by as many.")
          .Example("overlay('\\x010203'::bytea, '\\xff'::bytea, 2)", "\\x01ff03"));
  add(Scalar("overlay", {kBytea, kBytea, kInt4, kInt4}, kBytea)
          .Native<&OverlayBytesFor>()
          .Doc("So many bytes from a position on replaced.")
          .Example("overlay('\\x010203'::bytea, '\\xff'::bytea, 2, 2)", "\\x01ff"));
  add(Scalar("bit_length", {kText}, kInt4).Native<&BitLength>().Doc("The number of bits.").Example("bit_length('jose')", "32"));
  add(Scalar("concat", {kAny}, kText)
          .Variadic()
          .NullsToo()
          .Raw<&Concat>()
          .Doc("All arguments as texts, one after another; NULLs are left out.")
          .Example("concat('abc', 2, NULL, 22)", "abc222"));
  add(Scalar("concat_ws", {kText, kAny}, kText)
          .Variadic()
          .NullsToo()
          .Raw<&ConcatSeparated>()
          .Doc("All arguments but the first as texts, the first between each two; NULLs are left out.")
          .Example("concat_ws(',', 'abc', 2, NULL, 22)", "abc,2,22"));
  add(Scalar("quote_ident", {kText}, kText)
          .Native<&QuoteIdent>()
          .Doc("The text as an identifier of SQL, in quotes where it needs them.")
          .Example("quote_ident('Foo bar')", "\"Foo bar\""));
  add(Scalar("quote_literal", {kText}, kText)
          .Native<&QuoteLiteralText>()
          .Doc("The text as a literal of SQL.")
          .Example("quote_literal('O''Reilly')", "'O''Reilly'"));
  add(Scalar("quote_literal", {kAnyElement}, kText).Raw<&QuoteAny>().Doc("The value as a literal of SQL.").Example("quote_literal(42.5)", "'42.5'"));
  add(Scalar("quote_nullable", {kText}, kText)
          .Native<&QuoteNullableText>()
          .Doc("The text as a literal of SQL; NULL answers NULL as a word.")
          .Example("quote_nullable(NULL)", "NULL"));
  add(Scalar("quote_nullable", {kAnyElement}, kText)
          .NullsToo()
          .Raw<&QuoteAny>()
          .Doc("The value as a literal of SQL; NULL answers NULL as a word.")
          .Example("quote_nullable(42.5)", "'42.5'"));
  return table;
}

}  // namespace kappa
