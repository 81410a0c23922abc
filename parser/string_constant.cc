#include "parser/string_constant.h"

#include <cstdint>

#include "common/hex.h"

namespace kappa {
namespace {

// Appends as UTF-8; false for what is no character.
bool AppendCodePoint(uint32_t code, std::string& out) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
  return true;
}

// Reads the escapes of one constant.
class Decoder {
 public:
  Decoder(std::string_view written, TextRange range, char escape = '\\') : text_(written), range_(range), escape_(escape) {}

  // '...' and its continuations on further lines: text_ is at the first quote.
  std::string Plain() {
    std::string out;
    for (at_ = 1; at_ < text_.size(); ++at_) {
      if (text_[at_] != '\'') {
        out.push_back(text_[at_]);
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
        out.push_back('\'');
        ++at_;
      } else {
        at_ = text_.find('\'', at_ + 1);  // the opening quote of the next piece
        if (at_ == std::string_view::npos) break;
      }
    }
    return out;
  }

  // E'...'
  StatusOr<std::string> Escaped() {
    std::string out;
    for (at_ = 2; at_ + 1 < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\'') {
        ++at_;
        out.push_back('\'');
      } else if (c == '\\') {
        ++at_;
        RETURN_IF_ERROR(Backslash(out));
      } else {
        out.push_back(c);
      }
    }
    return out;
  }

  // U&'...'
  StatusOr<std::string> Unicode() {
    std::string out;
    for (at_ = 3; at_ + 1 < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\'') {
        ++at_;
        out.push_back('\'');
      } else if (c != escape_) {
        out.push_back(c);
      } else if (text_[at_ + 1] == escape_) {
        out.push_back(escape_);
        ++at_;
      } else {
        const bool six = text_[at_ + 1] == '+';
        if (six) ++at_;
        RETURN_IF_ERROR(CodePoint(six ? 6 : 4, out));
      }
    }
    return out;
  }

 private:
  Status Invalid(std::string_view what) const { return SqlError(sqlstate::kInvalidEscapeSequence, range_) << what; }

  // The `digits` hexadecimal digits after at_; joins surrogate pairs. Ends on the last digit.
  Status CodePoint(int digits, std::string& out) {
    uint32_t code = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = ++at_ < text_.size() ? HexDigit(text_[at_]) : -1;
      if (digit < 0) return Invalid("invalid Unicode escape");
      code = code << 4 | static_cast<uint32_t>(digit);
    }
    if (code >= 0xD800 && code < 0xDC00) {
      high_surrogate_ = code;
      return text_[at_ + 1] == escape_ ? OkStatus() : Invalid("invalid Unicode surrogate pair");
    }
    if (high_surrogate_ != 0) {
      if (code < 0xDC00 || code > 0xDFFF) return Invalid("invalid Unicode surrogate pair");
      code = 0x10000 + ((high_surrogate_ - 0xD800) << 10) + (code - 0xDC00);
      high_surrogate_ = 0;
    }
    return AppendCodePoint(code, out) ? OkStatus() : Invalid("invalid Unicode escape value");
  }

  // at_ is at the character after the backslash; ends on the last one of the escape.
  Status Backslash(std::string& out) {
    const char c = text_[at_];
    if (high_surrogate_ != 0 && c != 'u' && c != 'U') return Invalid("invalid Unicode surrogate pair");
    switch (c) {
      case 'b':
        out.push_back('\b');
        return OkStatus();
      case 'f':
        out.push_back('\f');
        return OkStatus();
      case 'n':
        out.push_back('\n');
        return OkStatus();
      case 'r':
        out.push_back('\r');
        return OkStatus();
      case 't':
        out.push_back('\t');
        return OkStatus();
      case 'v':
        out.push_back('\v');
        return OkStatus();
      case 'u':
        return CodePoint(4, out);
      case 'U':
        return CodePoint(8, out);
      case 'x':
        return Byte(16, 2, at_ + 1, out);
      default:
        break;
    }
    if (c >= '0' && c <= '7') return Byte(8, 3, at_, out);
    out.push_back(c);
    return OkStatus();
  }

  // \x4f and \117; \x without digits is an x.
  Status Byte(int base, int most, size_t from, std::string& out) {
    int value = 0;
    int digits = 0;
    for (; digits < most && from < text_.size(); ++digits, ++from) {
      const int digit = HexDigit(text_[from]);
      if (digit < 0 || digit >= base) break;
      value = value * base + digit;
    }
    if (digits == 0) {
      out.push_back(text_[at_]);
      return OkStatus();
    }
    at_ = from - 1;
    value &= 0xFF;
    if (value == 0) return SqlError(sqlstate::kCharacterNotInRepertoire, range_) << "invalid byte sequence for encoding \"UTF8\": 0x00";
    out.push_back(static_cast<char>(value));
    return OkStatus();
  }

  std::string_view text_;
  TextRange range_;
  size_t at_ = 0;
  uint32_t high_surrogate_ = 0;
  char escape_ = '\\';
};

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (size_t j = 1; j < length; ++j) {
      const auto next = static_cast<unsigned char>(text[i + j]);
      if ((next & 0xC0) != 0x80) return false;
      if (j == 1 &&
          ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next > 0x9F) || (lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next > 0x8F))) {
        return false;
      }
    }
    i += length;
  }
  return true;
}

}  // namespace

StatusOr<std::string> DecodeStringConstant(std::string_view written, TextRange range) {
  Decoder decoder(written, range);
  switch (written.front()) {
    case '\'':
      return decoder.Plain();
    case '$': {
      const size_t tag = written.find('$', 1) + 1;
      return std::string(written.substr(tag, written.size() - 2 * tag));
    }
    case 'u':
    case 'U': {
      size_t end = 3;  // after the constant's last quote
      while (written[end] != '\'' || (end + 1 < written.size() && written[end + 1] == '\'')) end += written[end] == '\'' ? 2 : 1;
      ++end;
      if (end == written.size()) return decoder.Unicode();
      // UESCAPE 'c'
      const std::string_view quoted = written.substr(written.find('\'', end));
      const char escape = quoted.size() == 3 ? quoted[1] : '\'';
      if (HexDigit(escape) >= 0 || std::string_view("+'\" \t\n\r\f\v").find(escape) != std::string_view::npos)
        return SqlError(sqlstate::kSyntaxError, range) << "invalid Unicode escape character";
      return Decoder(written.substr(0, end), range, escape).Unicode();
    }
    default: {
      ASSIGN_OR_RETURN(std::string content, decoder.Escaped());
      if (!IsUtf8(content)) return SqlError(sqlstate::kCharacterNotInRepertoire, range) << "invalid byte sequence for encoding \"UTF8\"";
      return content;
    }
  }
}

std::string DecodeQuotedIdentifier(std::string_view written) {
  std::string name;
  for (size_t i = 1; i + 1 < written.size(); ++i) {
    name.push_back(written[i]);
    if (written[i] == '"') ++i;
  }
  return name;
}

std::string FoldIdentifier(std::string_view written) {
  std::string name(written);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return name;
}

}  // namespace kappa
