// Random changes to the corpus: no statement may crash the parser, and what still parses must print and parse again.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "parser/parser.h"
#include "parser/printer.h"
#include "parser/splitter.h"
#include "tests/fuzz/fuzz_budget.h"
#include "tests/parser/corpus.h"

namespace kappa {
namespace {

// One of: drop, double or swap bytes, insert a piece of another statement, insert a token, cut.
std::string Mutate(std::string text, std::mt19937_64& random) {
  static constexpr std::string_view kPieces[] = {"(",    ")",  "'",         "\"",    "$$", "/*",      "*/",       "--",     ";",   ",",  ".",
                                                 "::",   "[",  "]",         "<",     ">>", "STRUCT<", " SELECT ", " NOT ",  " - ", "\\", "E'",
                                                 "\xff", "1e", " BETWEEN ", " AND ", "=>", " UNION ", " FROM ",   " CASE ", "0"};
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % (n == 0 ? 1 : n)); };
  for (size_t changes = 1 + below(3); changes > 0; --changes) {
    const size_t at = below(text.size() + 1);
    const std::string_view other = Corpus()[below(Corpus().size())];
    switch (below(6)) {
      case 0:
        text.erase(at, 1 + below(6));
        break;
      case 1:
        text.insert(at, text.substr(at, below(20)));
        break;
      case 2:
        text.insert(at, other.substr(below(other.size()), below(30)));
        break;
      case 3:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 4:
        text.resize(at);
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
    }
  }
  return text;
}

TEST(Fuzz, MutationsOfTheCorpus) {
  FuzzBudget budget(1, 20'000);
  std::mt19937_64 random(budget.seed());
  size_t parsed = 0;
  while (budget.Next()) {
    const std::string text = Mutate(std::string(Corpus()[random() % Corpus().size()]), random);
    EndsInsideStatement(text);
    StatusOr<std::vector<ast::StatementPtr>> statements = Parse(text);
    if (!statements.ok()) {
      const TextRange range = RangeOf(statements.status());
      ASSERT_NE(SqlStateOf(statements.status()), sqlstate::kInternalError) << budget.where() << ": " << text;
      ASSERT_TRUE(range.known() && range.begin <= range.end && range.end <= text.size()) << budget.where() << ": " << text;
      continue;
    }
    for (const ast::StatementPtr& statement : *statements) {
      const std::string printed = ToSql(*statement);
      const StatusOr<ast::StatementPtr> again = ParseStatement(printed);
      ASSERT_TRUE(again.ok()) << budget.where() << ": " << text << "\nprinted: " << FormatError(again.status(), "", printed);
      ASSERT_EQ(ToSql(**again), printed) << budget.where() << ": " << text;
      ++parsed;
    }
  }
  EXPECT_GT(parsed, budget.round() / 50);  // the mutations are mild enough to reach the builder and the printer
}

}  // namespace
}  // namespace kappa
