#include "parser/keywords.h"
#include "parser/print/sql_writer.h"
#include "parser/printer.h"

namespace kappa {
namespace {

// Whether the scanner would read it back as itself.
bool IsPlainWord(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9') || name[0] == '$') return false;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 128;
    if (!plain) return false;
  }
  return true;
}

std::string Quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out += quote;
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) {
  const KeywordClass keyword = IsPlainWord(name) ? ClassOfKeyword(name) : KeywordClass::kReserved;
  if (keyword == KeywordClass::kReserved || keyword == KeywordClass::kFunctionName) return Quoted(name, '"');
  return std::string(name);
}

std::string QuoteString(std::string_view content) { return Quoted(content, '\''); }

namespace print {

SqlWriter& SqlWriter::Name(const ast::Identifier& identifier) { return Add(QuoteIdentifier(identifier.name)); }

SqlWriter& SqlWriter::Name(const ast::QualifiedName& name) {
  for (size_t i = 0; i < name.parts.size(); ++i) {
    if (i > 0) Add(".");
    Name(name.parts[i]);
  }
  return *this;
}

SqlWriter& SqlWriter::FunctionName(const ast::QualifiedName& name) {
  if (name.parts.size() > 1) return Name(name);
  const std::string& word = name.parts.front().name;
  const KeywordClass keyword = ClassOfKeyword(word);
  // LEFT is a function, not a column; SUBSTRING has a plain call form in the grammar, POSITION and the other such words do not.
  const bool special = word == "substring" || word == "overlay" || word == "grouping";
  if (IsPlainWord(word) && (special || keyword == KeywordClass::kFunctionName)) return Add(word);
  if (keyword == KeywordClass::kColumnName) return Add(Quoted(word, '"'));
  return Add(QuoteIdentifier(word));
}

SqlWriter& SqlWriter::String(std::string_view content) { return Add(QuoteString(content)); }

SqlWriter& SqlWriter::Names(const std::vector<ast::Identifier>& names) {
  Add("(");
  List(names, [&](const ast::Identifier& name) { Name(name); });
  return Add(")");
}

}  // namespace print
}  // namespace kappa
