// Bytes as text and back: encode and decode, convert_from and convert_to, unistr.
#include <cstdio>
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/text_search.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace encode_functions {

KAPPA_COLD bool FailEncoding(CallContext& c, const Text& name) {
  return c.Fail(sqlstate::kInvalidParameterValue, "unrecognized encoding: \"%s\"", name.data, name.size);
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Lines of 76 characters (RFC 2045).
Text ToBase64(CallContext& c, const Bytea& a) {
  const size_t groups = (size_t{a.size} + 2) / 3;
  char* const bytes = c.Allocate(groups * 4 + groups / 19 + 1);
  char* out = bytes;
  const auto* p = reinterpret_cast<const unsigned char*>(a.data);
  uint32_t line = 0;
  for (uint32_t i = 0; i < a.size; i += 3) {
    const uint32_t left = a.size - i;
    const uint32_t group = uint32_t{p[i]} << 16 | (left > 1 ? uint32_t{p[i + 1]} << 8 : 0) | (left > 2 ? p[i + 2] : 0);
    *out++ = kBase64[group >> 18];
    *out++ = kBase64[(group >> 12) & 63];
    *out++ = left > 1 ? kBase64[(group >> 6) & 63] : '=';
    *out++ = left > 2 ? kBase64[group & 63] : '=';
    line += 4;
    if (line == 76) {  // at the very end too
      *out++ = '\n';
      line = 0;
    }
  }
  return Text(bytes, static_cast<size_t>(out - bytes));
}

int Base64Digit(char ch) {
  if (ch >= 'A' && ch <= 'Z') return ch - 'A';
  if (ch >= 'a' && ch <= 'z') return ch - 'a' + 26;
  if (IsDigit(ch)) return ch - '0' + 52;
  return ch == '+' ? 62 : ch == '/' ? 63 : -1;
}

KAPPA_COLD bool FailBase64(CallContext& c, const char* message) { return c.Fail(sqlstate::kInvalidParameterValue, message); }

bool FromBase64(CallContext& c, const Text& a, Bytea* out) {
  char* const bytes = c.Allocate(size_t{a.size} * 3 / 4 + 3);
  char* p = bytes;
  uint32_t group = 0, digits = 0, end = 0;
  for (uint32_t i = 0; i < a.size; ++i) {
    const char ch = a.data[i];
    if (ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r') continue;
    int digit = 0;
    if (ch == '=') {
      if (end == 0) {
        if (digits != 2 && digits != 3) return FailBase64(c, "unexpected \"=\" while decoding base64 sequence");
        end = digits - 1;
      }
    } else {
      digit = Base64Digit(ch);
      if (KAPPA_UNLIKELY(digit < 0)) {
        size_t size = Utf8Length(ch);
        if (size > a.size - i) size = a.size - i;
        return c.Fail(sqlstate::kInvalidParameterValue, "invalid symbol \"%s\" found while decoding base64 sequence", a.data + i, size);
      }
    }
    group = group << 6 | static_cast<uint32_t>(digit);
    if (++digits < 4) continue;
    *p++ = static_cast<char>(group >> 16);
    if (end == 0 || end > 1) *p++ = static_cast<char>(group >> 8);
    if (end == 0) *p++ = static_cast<char>(group);
    group = digits = 0;
  }
  if (digits != 0) return FailBase64(c, "invalid base64 end sequence");
  *out = Bytea(bytes, static_cast<size_t>(p - bytes));
  return true;
}

Text ToEscape(CallContext& c, const Bytea& a) {
  char* const bytes = c.Allocate(size_t{a.size} * 4);
  char* out = bytes;
  for (uint32_t i = 0; i < a.size; ++i) {
    const auto byte = static_cast<unsigned char>(a.data[i]);
    if (byte == 0 || byte >= 0x80) {
      *out++ = '\\';
      *out++ = static_cast<char>('0' + (byte >> 6));
      *out++ = static_cast<char>('0' + ((byte >> 3) & 7));
      *out++ = static_cast<char>('0' + (byte & 7));
    } else {
      if (byte == '\\') *out++ = '\\';
      *out++ = static_cast<char>(byte);
    }
  }
  return Text(bytes, static_cast<size_t>(out - bytes));
}

bool FromEscape(CallContext& c, const Text& a, Bytea* out) {
  char* const bytes = c.Allocate(a.size);
  char* p = bytes;
  auto octal = [&](uint32_t at, char highest) { return at < a.size && a.data[at] >= '0' && a.data[at] <= highest; };
  for (uint32_t i = 0; i < a.size;) {
    if (a.data[i] != '\\') {
      *p++ = a.data[i++];
    } else if (octal(i + 1, '3') && octal(i + 2, '7') && octal(i + 3, '7')) {
      *p++ = static_cast<char>((a.data[i + 1] - '0') << 6 | (a.data[i + 2] - '0') << 3 | (a.data[i + 3] - '0'));
      i += 4;
    } else if (i + 1 < a.size && a.data[i + 1] == '\\') {
      *p++ = '\\';
      i += 2;
    } else {
      return c.Fail(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type bytea");
    }
  }
  *out = Bytea(bytes, static_cast<size_t>(p - bytes));
  return true;
}

bool FromHex(CallContext& c, const Text& a, Bytea* out) {
  char* prefixed = c.Allocate(2 + 2 * size_t{a.size});
  std::memcpy(prefixed, "\\x", 2);
  if (a.size != 0) std::memcpy(prefixed + 2, a.data, a.size);
  size_t size = 0;
  const ParseStatus status = ParseBytea({prefixed, 2 + size_t{a.size}}, prefixed + 2 + a.size, &size);
  if (KAPPA_UNLIKELY(status != ParseStatus::kOk)) return FailParse(c, TypeId::kBytea, status, a);
  *out = Bytea(prefixed + 2 + a.size, size);
  return true;
}

bool Encode(CallContext& c, Bytea a, Text format, Text* out) {
  if (EqualsIgnoringCase(format.view(), "hex")) {
    char* text = c.Allocate(2 + 2 * size_t{a.size});
    FormatBytea(a.view(), text);
    *out = Text(text + 2, 2 * size_t{a.size});
  } else if (EqualsIgnoringCase(format.view(), "base64")) {
    *out = ToBase64(c, a);
  } else if (EqualsIgnoringCase(format.view(), "escape")) {
    *out = ToEscape(c, a);
  } else {
    return FailEncoding(c, format);
  }
  return true;
}
bool Decode(CallContext& c, Text a, Text format, Bytea* out) {
  if (EqualsIgnoringCase(format.view(), "hex")) return FromHex(c, a, out);
  if (EqualsIgnoringCase(format.view(), "base64")) return FromBase64(c, a, out);
  if (EqualsIgnoringCase(format.view(), "escape")) return FromEscape(c, a, out);
  return FailEncoding(c, format);
}

// ---- character sets: texts are UTF-8; LATIN1 is known besides

enum class Charset : uint8_t { kUnknown, kUtf8, kLatin1, kOther };

// PostgreSQL compares names without case and without what is not a letter or digit.
Charset CharsetOf(const Text& name) {
  char clean[16];
  size_t size = 0;
  for (char ch : name.view()) {
    if (!IsAlpha(ch) && !IsDigit(ch)) continue;
    if (size == sizeof clean) return Charset::kUnknown;
    clean[size++] = AsciiLower(ch);
  }
  const std::string_view key(clean, size);
  if (key == "utf8" || key == "unicode") return Charset::kUtf8;
  if (key == "latin1" || key == "iso88591") return Charset::kLatin1;
  for (std::string_view other :
       {"sqlascii",    "latin2",     "latin3",   "latin4",   "latin5",   "latin6",   "latin7",  "latin8",      "latin9",      "latin10", "win1250",
        "win1251",     "win1252",    "win1253",  "win1254",  "win1255",  "win1256",  "win1257", "win1258",     "win866",      "koi8r",   "koi8u",
        "eucjp",       "eucjis2004", "euckr",    "euccn",    "euctw",    "sjis",     "big5",    "gbk",         "gb18030",     "uhc",     "johab",
        "mulinternal", "iso88592",   "iso88595", "iso88596", "iso88597", "iso88598", "win874",  "windows1252", "windows1251", "shiftjis"}) {
    if (key == other) return Charset::kOther;
  }
  return Charset::kUnknown;
}

KAPPA_COLD bool FailCharset(CallContext& c, Charset charset, const Text& name, bool source) {
  if (charset == Charset::kOther)
    return c.Fail(sqlstate::kFeatureNotSupported, "the encoding \"%s\" is not supported: use UTF8 or LATIN1", name.data, name.size);
  return c.Fail(sqlstate::kInvalidParameterValue, source ? "invalid source encoding name \"%s\"" : "invalid destination encoding name \"%s\"",
                name.data, name.size);
}

// Bytes of the valid character at p, 0 for none (RFC 3629: no surrogates, no long forms, at most U+10FFFF; a zero byte is not text either).
size_t ValidCharacter(const char* p, const char* end) {
  const auto lead = static_cast<unsigned char>(*p);
  if (lead < 0x80) return lead != 0;
  const size_t size = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
  if (size == 0 || size > static_cast<size_t>(end - p)) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(p[i]) & 0xC0) != 0x80) return 0;
  }
  const auto second = static_cast<unsigned char>(p[1]);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
    return 0;
  return size;
}

KAPPA_COLD bool FailBytes(CallContext& c, const char* p, const char* end) {
  size_t size = Utf8Length(*p);
  if (static_cast<unsigned char>(*p) >= 0x80 && static_cast<unsigned char>(*p) < 0xC0) size = 1;
  if (size > static_cast<size_t>(end - p)) size = static_cast<size_t>(end - p);
  char list[32];
  size_t at = 0;
  for (size_t i = 0; i < size; ++i)
    at += static_cast<size_t>(std::snprintf(list + at, sizeof list - at, i == 0 ? "0x%02x" : " 0x%02x", static_cast<unsigned char>(p[i])));
  return c.Fail(sqlstate::kCharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": %s", list, at);
}

bool CheckUtf8(CallContext& c, const Text& a) {
  const char* const end = a.data + a.size;
  for (const char* p = a.data; p < end;) {
    const size_t size = ValidCharacter(p, end);
    if (KAPPA_UNLIKELY(size == 0)) return FailBytes(c, p, end);
    p += size;
  }
  return true;
}

bool ConvertFrom(CallContext& c, Bytea a, Text name, Text* out) {
  const Charset charset = CharsetOf(name);
  if (charset == Charset::kUtf8) {
    *out = a;
    return CheckUtf8(c, a);
  }
  if (charset != Charset::kLatin1) return FailCharset(c, charset, name, true);
  char* const bytes = c.Allocate(2 * size_t{a.size});
  char* p = bytes;
  for (uint32_t i = 0; i < a.size; ++i) {
    const auto byte = static_cast<unsigned char>(a.data[i]);
    if (byte == 0) return c.Fail(sqlstate::kCharacterNotInRepertoire, "invalid byte sequence for encoding \"LATIN1\": 0x00");
    if (byte >= 0x80) *p++ = static_cast<char>(0xC0 | byte >> 6);
    *p++ = static_cast<char>(byte < 0x80 ? byte : 0x80 | (byte & 63));
  }
  *out = Text(bytes, static_cast<size_t>(p - bytes));
  return true;
}

bool ConvertTo(CallContext& c, Text a, Text name, Bytea* out) {
  const Charset charset = CharsetOf(name);
  if (charset == Charset::kUtf8) {
    *out = Bytea(a.data, a.size);
    return true;
  }
  if (charset != Charset::kLatin1) return FailCharset(c, charset, name, false);
  char* const bytes = c.Allocate(a.size);
  char* p = bytes;
  for (uint32_t i = 0; i < a.size;) {
    const auto lead = static_cast<unsigned char>(a.data[i]);
    size_t size = Utf8Length(a.data[i]);
    if (size > a.size - i) size = a.size - i;
    if (lead < 0x80) {
      *p++ = a.data[i];
    } else if (lead == 0xC2 || lead == 0xC3) {
      *p++ = static_cast<char>((lead & 3) << 6 | (static_cast<unsigned char>(a.data[i + 1]) & 63));
    } else {
      char message[160];
      size_t at = static_cast<size_t>(std::snprintf(message, sizeof message, "character with byte sequence"));
      for (size_t j = 0; j < size; ++j)
        at += static_cast<size_t>(std::snprintf(message + at, sizeof message - at, " 0x%02x", static_cast<unsigned char>(a.data[i + j])));
      std::snprintf(message + at, sizeof message - at, " in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"");
      return c.Fail(sqlstate::kUntranslatableCharacter, message);
    }
    i += static_cast<uint32_t>(size);
  }
  *out = Bytea(bytes, static_cast<size_t>(p - bytes));
  return true;
}

bool LengthIn(CallContext& c, Bytea a, Text name, int32_t* out) {
  const Charset charset = CharsetOf(name);
  if (charset != Charset::kUtf8 && charset != Charset::kLatin1) {
    if (charset == Charset::kOther) return FailCharset(c, charset, name, true);
    return c.Fail(sqlstate::kInvalidParameterValue, "invalid encoding name \"%s\"", name.data, name.size);
  }
  if (charset == Charset::kLatin1 && a.size != 0 && std::memchr(a.data, 0, a.size) != nullptr)
    return c.Fail(sqlstate::kCharacterNotInRepertoire, "invalid byte sequence for encoding \"LATIN1\": 0x00");
  *out = charset == Charset::kUtf8 ? CountCharacters(a) : static_cast<int32_t>(a.size);
  return charset != Charset::kUtf8 || CheckUtf8(c, a);
}

// ---- unistr: \XXXX, \uXXXX, \+XXXXXX, \UXXXXXXXX and \\ in a text

// `digits` hexadecimal digits at p; -1: they are not all there.
int64_t HexNumber(const char* p, const char* end, int digits) {
  if (end - p < digits) return -1;
  int64_t value = 0;
  for (int i = 0; i < digits; ++i) {
    const char ch = AsciiLower(p[i]);
    const int digit = IsDigit(ch) ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

KAPPA_COLD bool FailCodePoint(CallContext& c, int64_t code) {
  char message[64];
  std::snprintf(message, sizeof message, "invalid Unicode code point: %04X", static_cast<unsigned>(code));
  return c.Fail(sqlstate::kInvalidParameterValue, message);
}

char* PutCharacter(char* p, int64_t code) {
  auto put = [&](int64_t bits) { *p++ = static_cast<char>(bits); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 63));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | ((code >> 6) & 63)), put(0x80 | (code & 63));
  } else {
    put(0xF0 | code >> 18), put(0x80 | ((code >> 12) & 63)), put(0x80 | ((code >> 6) & 63)), put(0x80 | (code & 63));
  }
  return p;
}

bool Unistr(CallContext& c, Text a, Text* out) {
  char* const bytes = c.Allocate(a.size);
  char* p = bytes;
  const char* const end = a.data + a.size;
  int64_t high = 0;  // the first of a surrogate pair
  for (const char* s = a.data; s < end;) {
    if (*s != '\\' || (s + 1 < end && s[1] == '\\')) {
      if (high != 0) return c.Fail(sqlstate::kSyntaxError, "invalid Unicode surrogate pair");
      *p++ = *s;
      s += *s == '\\' ? 2 : 1;
      continue;
    }
    const char kind = s + 1 < end ? s[1] : ' ';
    const int prefix = kind == 'u' || kind == 'U' || kind == '+' ? 2 : 1;
    const int digits = kind == '+' ? 6 : kind == 'U' ? 8 : 4;
    int64_t code = HexNumber(s + prefix, end, digits);
    if (code < 0) return c.Fail(sqlstate::kSyntaxError, "invalid Unicode escape");
    s += prefix + digits;
    if (code == 0 || code > 0x10FFFF) return FailCodePoint(c, code);
    const bool is_high = code >= 0xD800 && code < 0xDC00, is_low = code >= 0xDC00 && code < 0xE000;
    if ((high != 0) != is_low) return c.Fail(sqlstate::kSyntaxError, "invalid Unicode surrogate pair");
    if (is_high) {
      high = code;
      continue;
    }
    if (is_low) code = 0x10000 + ((high & 0x3FF) << 10) + (code & 0x3FF);
    high = 0;
    p = PutCharacter(p, code);
  }
  if (high != 0) return c.Fail(sqlstate::kSyntaxError, "invalid Unicode surrogate pair");
  *out = Text(bytes, static_cast<size_t>(p - bytes));
  return true;
}

}  // namespace encode_functions

using namespace encode_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> EncodeFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Binary string")); };
  add(Scalar("encode", {kBytea, kText}, kText)
          .Native<&Encode>()
          .Doc("Bytes as text, in the form 'hex', 'base64' or 'escape'.")
          .Example("encode('\\x0102'::bytea, 'hex')", "0102")
          .Example("encode('\\x313233'::bytea, 'base64')", "MTIz"));
  add(Scalar("decode", {kText, kText}, kBytea)
          .Native<&Decode>()
          .Doc("Bytes from text, in the form 'hex', 'base64' or 'escape'.")
          .Example("decode('0102', 'hex')", "\\x0102")
          .Example("decode('MTIz', 'base64')", "\\x313233"));
  add(Scalar("convert_from", {kBytea, kText}, kText)
          .Native<&ConvertFrom>()
          .Doc("The text that the bytes are in that encoding: UTF8 or LATIN1.")
          .Example("convert_from('\\x6b61'::bytea, 'UTF8')", "ka")
          .Example("convert_from('\\xff'::bytea, 'UTF8')", "ERROR 22021"));
  add(Scalar("convert_to", {kText, kText}, kBytea)
          .Native<&ConvertTo>()
          .Doc("The text's bytes in that encoding: UTF8 or LATIN1.")
          .Example("convert_to('ka', 'UTF8')", "\\x6b61"));
  add(Scalar("length", {kBytea, kText}, kInt4)
          .Native<&LengthIn>()
          .Doc("The number of characters in that encoding.")
          .Example("length('\\x6b61'::bytea, 'UTF8')", "2"));
  table.push_back(Scalar("unistr", {kText}, kText)
                      .Native<&Unistr>()
                      .Category("String")
                      .Doc("Escapes like \\0041 or \\+01F600 replaced by their characters.")
                      .Example("unistr('d\\0061t\\0061')", "data"));
  return table;
}

}  // namespace kappa
