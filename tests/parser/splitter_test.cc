#include "parser/splitter.h"

#include <gtest/gtest.h>

#include <string>

#include "parser/parser.h"
#include "tests/parser/corpus.h"

namespace kappa {
namespace {

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> out;
  for (const TextRange range : SplitStatements(text)) out.emplace_back(text.substr(range.begin, range.end - range.begin));
  return out;
}

using Texts = std::vector<std::string>;

TEST(Splitter, CutsAtSemicolonsOutsideQuotesAndComments) {
  EXPECT_EQ(Split("SELECT 1; SELECT 2"), (Texts{"SELECT 1", "SELECT 2"}));
  EXPECT_EQ(Split("SELECT ';' ; SELECT \";\"; SELECT $$;$$; SELECT $a$;$$;$a$"),
            (Texts{"SELECT ';'", "SELECT \";\"", "SELECT $$;$$", "SELECT $a$;$$;$a$"}));
  EXPECT_EQ(Split("-- a; b\nSELECT /* ; /* ; */ ; */ 1 ;-- x;"), (Texts{"SELECT /* ; /* ; */ ; */ 1"}));
  EXPECT_EQ(Split("SELECT 'it''s;'; SELECT E'\\';'; SELECT e'\\\\'; 2"), (Texts{"SELECT 'it''s;'", "SELECT E'\\';'", "SELECT e'\\\\'", "2"}));
  EXPECT_EQ(Split("SELECT 'a\\'; 2"), (Texts{"SELECT 'a\\'", "2"}));      // no escapes in a plain string
  EXPECT_EQ(Split("SELECT E 'a\\'; 2"), (Texts{"SELECT E 'a\\'", "2"}));  // nor after an E that stands apart
  EXPECT_EQ(Split("SELECT $1; $2"), (Texts{"SELECT $1", "$2"}));
  EXPECT_EQ(Split(" ;; "), Texts{});
}

TEST(Splitter, StatementSetsAreOneStatement) {
  EXPECT_EQ(Split("execute statement set begin INSERT INTO a SELECT 1; INSERT INTO b SELECT CASE WHEN x THEN 1 END; END; SELECT 1"),
            (Texts{"execute statement set begin INSERT INTO a SELECT 1; INSERT INTO b SELECT CASE WHEN x THEN 1 END; END", "SELECT 1"}));
  EXPECT_EQ(Split("BEGIN; INSERT INTO a SELECT 1; END; SELECT 1").size(), 4u);
  EXPECT_EQ(Split("EXECUTE p; SELECT 1").size(), 2u);
}

TEST(Splitter, TellsWhetherToReadOn) {
  for (const std::string_view text :
       {"SELECT 1", "SELECT 'a;", "SELECT 1; SELECT", "SELECT \"a;", "/* a;", "SELECT $$ ;", "SELECT 1; /* ;",
        "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;", "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END"}) {
    EXPECT_TRUE(EndsInsideStatement(text)) << text;
  }
  for (const std::string_view text :
       {"", "  \n", "SELECT 1;", "SELECT 1; -- done", "/* a */", "SELECT ';';", "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END;"}) {
    EXPECT_FALSE(EndsInsideStatement(text)) << text;
  }
}

TEST(Splitter, TheCorpusAsOneFile) {
  std::string file;
  for (const std::string_view text : Corpus()) file += std::string(text) + " ; -- next\n";
  const Texts split = Split(file);
  ASSERT_EQ(split.size(), Corpus().size());
  for (size_t i = 0; i < split.size(); ++i) EXPECT_EQ(split[i], Corpus()[i]);
  EXPECT_EQ(Parse(file).value().size(), Corpus().size());
}

}  // namespace
}  // namespace kappa
