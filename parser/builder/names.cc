#include <charconv>

#include "KappaLexer.h"
#include "parser/builder/builder.h"
#include "parser/string_constant.h"

namespace kappa::builder {

std::string WithoutUnderscores(std::string_view digits) {
  std::string out;
  for (const char c : digits) {
    if (c != '_') out.push_back(c);
  }
  return out;
}

std::string IntegerDigits(TextRange range, BuildContext& context) {
  std::string digits = WithoutUnderscores(context.TextOf(range));
  const char letter = digits.size() > 1 ? static_cast<char>(digits[1] | 0x20) : '0';
  const int shift = letter == 'x' ? 4 : letter == 'o' ? 3 : letter == 'b' ? 1 : 0;
  if (shift == 0) return digits;
  unsigned __int128 value = 0;
  for (size_t i = 2; i < digits.size(); ++i) {
    if (value >> (127 - shift) != 0) {
      context.Fail(SqlError(sqlstate::kNumericValueOutOfRange, range) << "the number is out of range" << Hint("it may have up to 126 bits"));
      return "0";
    }
    const char c = digits[i];
    value = value << shift | static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  std::string decimal;
  do {
    decimal.insert(decimal.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return decimal;
}

void BuildContext::FailSyntax(TextRange range) {
  Fail(SqlError(sqlstate::kSyntaxError, range) << "syntax error at or near \"" << TextOf(range) << '"');
}

TextRange RangeOf(const antlr4::Token* token) {
  return {static_cast<uint32_t>(token->getStartIndex()), static_cast<uint32_t>(token->getStopIndex() + 1)};
}

TextRange RangeOf(antlr4::tree::TerminalNode* terminal) { return RangeOf(terminal->getSymbol()); }

TextRange RangeOf(const antlr4::ParserRuleContext* context) {
  // A rule that matched nothing stops before it starts.
  const TextRange first = RangeOf(context->start);
  if (context->stop == nullptr || context->stop->getTokenIndex() < context->start->getTokenIndex()) return {first.begin, first.begin};
  return Join(first, RangeOf(context->stop));
}

ast::Identifier BuildIdentifier(const antlr4::Token* token, BuildContext& context) {
  ast::Identifier identifier;
  identifier.range = RangeOf(token);
  const std::string_view written = context.TextOf(identifier.range);
  identifier.quoted = token->getType() == grammar::KappaLexer::QUOTED_IDENTIFIER;
  if (identifier.quoted && written.front() != '"') {  // U&"d\0061ta": as the string constant of the same content
    std::string constant = "U&'";
    for (const char c : DecodeQuotedIdentifier(written.substr(2))) constant.append(c == '\'' ? 2 : 1, c);
    StatusOr<std::string> content = DecodeStringConstant(constant + "'", identifier.range);
    if (!content.ok()) context.Fail(content.status());
    identifier.name = content.ok() ? *std::move(content) : std::string();
    return identifier;
  }
  identifier.name = identifier.quoted ? DecodeQuotedIdentifier(written) : FoldIdentifier(written);
  return identifier;
}

ast::Identifier BuildIdentifier(const antlr4::ParserRuleContext* word, BuildContext& context) { return BuildIdentifier(word->start, context); }

namespace {
template <typename Rule>
ast::QualifiedName Qualified(Rule* rule, BuildContext& context) {
  ast::QualifiedName name;
  name.range = RangeOf(rule);
  name.parts.push_back(BuildIdentifier(rule->start, context));
  for (KappaParser::LabelContext* label : rule->label()) name.parts.push_back(BuildIdentifier(label, context));
  return name;
}
}  // namespace

ast::QualifiedName BuildName(KappaParser::QualifiedNameContext* name, BuildContext& context) { return Qualified(name, context); }
ast::QualifiedName BuildName(KappaParser::FunctionNameContext* name, BuildContext& context) { return Qualified(name, context); }

std::vector<ast::Identifier> BuildNames(KappaParser::NameListContext* names, BuildContext& context) {
  std::vector<ast::Identifier> out;
  if (names == nullptr) return out;
  for (KappaParser::NameContext* name : names->name()) out.push_back(BuildIdentifier(name, context));
  return out;
}

std::string BuildString(KappaParser::StringContext* string, BuildContext& context) {
  const TextRange range = RangeOf(string);
  StatusOr<std::string> content = DecodeStringConstant(context.TextOf(range), range);
  if (content.ok()) return *std::move(content);
  context.Fail(content.status());
  return "";
}

namespace {
int64_t Integer(TextRange range, BuildContext& context) {
  const std::string written = WithoutUnderscores(context.TextOf(range));
  std::string_view digits = written;
  if (digits.front() == '+') digits.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) context.FailSyntax(range);
  return value;
}
}  // namespace

int64_t BuildInteger(antlr4::ParserRuleContext* number, BuildContext& context) { return Integer(RangeOf(number), context); }
int64_t BuildInteger(antlr4::tree::TerminalNode* number, BuildContext& context) { return Integer(RangeOf(number), context); }

}  // namespace kappa::builder
