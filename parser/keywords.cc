#include "parser/keywords.h"

#include <algorithm>
#include <array>

#include "KappaLexer.h"
#include "KappaParser.h"
#include "absl/container/flat_hash_map.h"
#include "parser/antlr/byte_stream.h"

namespace kappa {
namespace {

using grammar::KappaLexer;
using grammar::KappaParser;

constexpr size_t kLongestKeyword = 24;

struct KeywordTable {
  absl::flat_hash_map<std::string, size_t> tokens;  // upper case
  std::vector<std::string> names;
  std::vector<KeywordClass> classes;  // by token type
};

KeywordTable MakeTable() {
  grammar::ByteStream nothing("", 0, 0);
  KappaLexer lexer(&nothing);
  antlr4::CommonTokenStream tokens(&lexer);
  KappaParser parser(&tokens);

  KeywordTable table;
  table.classes.assign(KappaLexer::ZONE + 1, KeywordClass::kNone);
  const antlr4::dfa::Vocabulary& vocabulary = lexer.getVocabulary();
  for (size_t token = KappaLexer::ABORT; token <= KappaLexer::ZONE; ++token) {
    std::string name = vocabulary.getSymbolicName(token);
    if (name.back() == '_') name.pop_back();
    table.names.push_back(name);
    table.tokens.emplace(std::move(name), token);
  }
  std::sort(table.names.begin(), table.names.end());

  const antlr4::atn::ATN& atn = parser.getATN();
  auto mark = [&](size_t rule, KeywordClass keyword_class) {
    for (ssize_t token : atn.nextTokens(atn.ruleToStartState[rule]).toList()) {
      if (token >= 0 && static_cast<size_t>(token) < table.classes.size()) table.classes[static_cast<size_t>(token)] = keyword_class;
    }
  };
  mark(KappaParser::RuleNonReserved, KeywordClass::kUnreserved);
  mark(KappaParser::RuleColumnKeyword, KeywordClass::kColumnName);
  mark(KappaParser::RuleFunctionKeyword, KeywordClass::kFunctionName);
  mark(KappaParser::RuleReserved, KeywordClass::kReserved);
  return table;
}

const KeywordTable& Table() {
  static const KeywordTable table = MakeTable();
  return table;
}

}  // namespace

size_t TokenOfKeyword(std::string_view word) {
  if (word.size() > kLongestKeyword) return 0;
  std::array<char, kLongestKeyword> upper;
  for (size_t i = 0; i < word.size(); ++i) upper[i] = static_cast<char>(word[i] >= 'a' && word[i] <= 'z' ? word[i] - 32 : word[i]);
  const auto& tokens = Table().tokens;
  const auto found = tokens.find(absl::string_view(upper.data(), word.size()));
  return found == tokens.end() ? 0 : found->second;
}

KeywordClass ClassOfKeyword(std::string_view word) {
  const size_t token = TokenOfKeyword(word);
  return token == 0 ? KeywordClass::kNone : Table().classes[token];
}

const std::vector<std::string>& Keywords() { return Table().names; }

}  // namespace kappa
