// Random changes to the corpus: no statement may crash the parser, and what still parses must print and parse again.
// A failing run prints its seed and text; KAPPA_FUZZ_SEED and KAPPA_FUZZ_ROUNDS repeat or lengthen it.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "common/os/environment.h"
#include "parser/parser.h"
#include "parser/printer.h"
#include "parser/splitter.h"
#include "tests/parser/corpus.h"

namespace kappa {
namespace {

uint64_t Setting(const char* name, uint64_t otherwise) {
  const std::string text = os::EnvironmentVariable(name);
  return text.empty() ? otherwise : std::stoull(text);
}

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
  const uint64_t seed = Setting("KAPPA_FUZZ_SEED", 1);
  const uint64_t rounds = Setting("KAPPA_FUZZ_ROUNDS", 20'000);
  std::mt19937_64 random(seed);
  size_t parsed = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    const std::string text = Mutate(std::string(Corpus()[random() % Corpus().size()]), random);
    EndsInsideStatement(text);
    StatusOr<std::vector<ast::StatementPtr>> statements = Parse(text);
    if (!statements.ok()) {
      const TextRange range = RangeOf(statements.status());
      ASSERT_NE(SqlStateOf(statements.status()), sqlstate::kInternalError) << "seed " << seed << " round " << round << ": " << text;
      ASSERT_TRUE(range.known() && range.begin <= range.end && range.end <= text.size()) << "seed " << seed << " round " << round << ": " << text;
      continue;
    }
    for (const ast::StatementPtr& statement : *statements) {
      const std::string printed = ToSql(*statement);
      const StatusOr<ast::StatementPtr> again = ParseStatement(printed);
      ASSERT_TRUE(again.ok()) << "seed " << seed << " round " << round << ": " << text << "\nprinted: " << FormatError(again.status(), "", printed);
      ASSERT_EQ(ToSql(**again), printed) << "seed " << seed << " round " << round << ": " << text;
      ++parsed;
    }
  }
  EXPECT_GT(parsed, rounds / 50);  // the mutations are mild enough to reach the builder and the printer
}

}  // namespace
}  // namespace kappa
