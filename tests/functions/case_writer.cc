#include "tests/functions/case_writer.h"

#include <cstdio>

#include "types/text_format.h"

namespace kappa {
namespace {

// Of a column of COPY.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // Half a character, as a message may quote it, is no text.
    if ((static_cast<unsigned char>(c) >= 0xC0 && i + Utf8Length(c) > text.size()) ||
        (static_cast<unsigned char>(c) >= 0xC0 && (text[i + 1] & 0xC0) != 0x80)) {
      escaped += '?';
      continue;
    }
    if (c == '\\')
      escaped += "\\\\";
    else if (c == '\t')
      escaped += "\\t";
    else if (c == '\n')
      escaped += "\\n";
    else if (c == '\r')
      escaped += "\\r";
    else
      escaped += c;
  }
  return escaped;
}

std::string ArrayOf(const std::vector<const char*>& arguments) {
  std::string text = "{";
  for (const char* argument : arguments) {
    if (text.size() > 1) text += ',';
    if (argument == nullptr) {
      text += "NULL";
      continue;
    }
    text += '"';
    for (const char* c = argument; *c != 0; ++c) {
      if (*c == '"' || *c == '\\') text += '\\';
      text += *c;
    }
    text += '"';
  }
  return text + "}";
}

}  // namespace

std::string QuotedText(std::string_view text) {
  std::string quoted = "E'";
  for (char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string Literal(const Type& type, const char* text) { return (text == nullptr ? "NULL" : QuotedText(text)) + "::" + type.ToString(); }

void WriteCase(const std::string& sql, const std::string& kappa) { std::printf("%s\t%s\t\\N\t\\N\n", Escaped(sql).c_str(), Escaped(kappa).c_str()); }

void WriteCall(const std::string& sql, const std::string& kappa, const std::string& expression, const std::vector<const char*>& arguments) {
  std::printf("%s\t%s\t%s\t%s\n", Escaped(sql).c_str(), Escaped(kappa).c_str(), Escaped(expression).c_str(), Escaped(ArrayOf(arguments)).c_str());
}

}  // namespace kappa
