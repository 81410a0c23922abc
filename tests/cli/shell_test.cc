// The shell over an engine that only records: what is executed when, and what is said.
#include "cli/shell.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/fakes.h"

namespace kappa {

// The engine's, which tests of the command line alone do without.
std::vector<std::string> LanguageWords() { return {"FROM", "SELECT"}; }

}  // namespace kappa

namespace kappa::cli {
namespace {

class ShellTest : public testing::Test {
 protected:
  Shell Make(bool interactive) {
    return Shell(arguments_, &engine_, &session_, &os::RealEnvironment(), &output_, &errors_, &interrupt_, interactive);
  }
  ShellArguments arguments_;
  FakeEngine engine_;
  FakeSession session_;
  StringOutput text_, errors_;
  ShellOutput output_{&text_};
  InterruptScope interrupt_{&os::RealEnvironment(), 2, nullptr};
};

TEST_F(ShellTest, StatementsTakeSeveralLinesAndLinesSeveralStatements) {
  Shell shell = Make(true);
  EXPECT_TRUE(shell.Line("SELECT 1,"));
  EXPECT_TRUE(shell.inside_statement());
  EXPECT_EQ(session_.executed.size(), 0u);
  EXPECT_TRUE(shell.Line("  ';' -- ; no"));
  EXPECT_TRUE(shell.Line("  , 2; SELECT 3; SELECT"));
  EXPECT_EQ(session_.executed, (std::vector<std::string>{"SELECT 1,\n  ';' -- ; no\n  , 2", "SELECT 3"}));
  EXPECT_TRUE(shell.inside_statement());
  EXPECT_TRUE(shell.Line("4;"));
  EXPECT_EQ(session_.executed.back(), "SELECT\n4");
  EXPECT_FALSE(shell.inside_statement());
  EXPECT_EQ(shell.TakeFinished(), "SELECT 1,\n  ';' -- ; no\n  , 2; SELECT 3; SELECT\n4;");
}

TEST_F(ShellTest, CommentsAndEmptyLinesAreNoStatements) {
  Shell shell = Make(true);
  for (const char* line : {"", "   ", "-- only this", "/* and", "that */", ";"}) EXPECT_TRUE(shell.Line(line));
  EXPECT_FALSE(shell.inside_statement());
  EXPECT_TRUE(session_.executed.empty());
}

TEST_F(ShellTest, ErrorsOfAScriptCarryItsLines) {
  Shell shell = Make(false);
  EXPECT_TRUE(shell.Line("SELECT 1;", "s.sql"));
  EXPECT_TRUE(shell.Line("", "s.sql"));
  EXPECT_TRUE(shell.Line("SELECT 2; SELECT", "s.sql"));
  EXPECT_FALSE(shell.Line("  fail;", "s.sql"));
  EXPECT_EQ(shell.exit_code(), 3);
  EXPECT_EQ(errors_.Take(),
            "ERROR 42703: no such thing\n"
            "  s.sql:4:3\n"
            "      fail;\n"
            "      ^^^^\n"
            "  hint: try another\n");
}

TEST_F(ShellTest, AScriptMayGoOnAfterAnError) {
  arguments_.continue_on_error = true;
  Shell shell = Make(false);
  EXPECT_TRUE(shell.Line("fail; SELECT 1;", "s.sql"));
  EXPECT_EQ(session_.executed.size(), 2u);
  EXPECT_TRUE(shell.Line("SELECT 2", "s.sql"));
  EXPECT_TRUE(shell.End("s.sql"));
  EXPECT_EQ(session_.executed.back(), "SELECT 2");
  EXPECT_EQ(shell.exit_code(), 3);
}

TEST_F(ShellTest, ATypedErrorLeavesTheShellAsItWas) {
  Shell shell = Make(true);
  EXPECT_TRUE(shell.Line("SELECT 1; fail; SELECT 2;"));
  EXPECT_EQ(session_.executed.size(), 2u);
  EXPECT_FALSE(shell.inside_statement());
  EXPECT_EQ(shell.exit_code(), 0);
  EXPECT_NE(errors_.Take().find("line 1:1\n"), std::string::npos);
}

TEST_F(ShellTest, WaysOut) {
  Shell shell = Make(true);
  EXPECT_FALSE(shell.Line("\\q"));
  EXPECT_FALSE(shell.Line("exit"));
  EXPECT_TRUE(shell.Line("SELECT 'lost"));
  EXPECT_TRUE(shell.Line("\\r"));
  EXPECT_FALSE(shell.inside_statement());
  EXPECT_TRUE(shell.Line("SELECT 'lost"));
  EXPECT_FALSE(shell.Line("\\q"));
}

TEST_F(ShellTest, CommandsAfterAStatement) {
  Shell shell = Make(true);
  EXPECT_TRUE(shell.Line("SELECT 1 \\gx"));
  EXPECT_EQ(session_.executed, (std::vector<std::string>{"SELECT 1"}));
  EXPECT_FALSE(shell.inside_statement());
  EXPECT_TRUE(shell.Line("SELECT '\\g' || $$\\g$$ -- \\g"));
  EXPECT_EQ(session_.executed.size(), 1u);
  EXPECT_TRUE(shell.Line("\\g"));
  EXPECT_EQ(session_.executed.back(), "SELECT '\\g' || $$\\g$$ -- \\g");
  EXPECT_TRUE(shell.Line("\\g"));  // once more
  EXPECT_EQ(session_.executed.size(), 3u);
  EXPECT_TRUE(shell.Line("\\p"));
  EXPECT_NE(text_.Take().find("$$\\g$$"), std::string::npos);
}

TEST_F(ShellTest, VariablesArePutInWhereTheyMayStand) {
  Shell shell = Make(true);
  EXPECT_TRUE(shell.Line("\\set n 42"));
  EXPECT_TRUE(shell.Line("\\set who 'O''Brien'"));
  EXPECT_TRUE(shell.Line("\\set t it's"));
  EXPECT_TRUE(shell.Line("SELECT :n, :'n', :\"n\", ':n', a[1:n], x::n, :missing -- :n\n, 1;"));
  EXPECT_EQ(session_.executed.back(), "SELECT 42, '42', \"42\", ':n', a[142], x::n, :missing -- :n\n, 1");
  EXPECT_TRUE(shell.Line("SELECT :'t';"));
  EXPECT_EQ(session_.executed.back(), "SELECT 'it''s'");
  EXPECT_TRUE(shell.Line("\\unset n"));
  EXPECT_TRUE(shell.Line("SELECT :n;"));
  EXPECT_EQ(session_.executed.back(), "SELECT :n");
}

TEST_F(ShellTest, WhatIsOpenIsSeen) {
  EXPECT_EQ(OpenAtEnd("SELECT 'a"), '\'');
  EXPECT_EQ(OpenAtEnd("SELECT \"a"), '"');
  EXPECT_EQ(OpenAtEnd("SELECT $x$ $$ "), '$');
  EXPECT_EQ(OpenAtEnd("SELECT /* /* */ "), '*');
  EXPECT_EQ(OpenAtEnd("SELECT (1, ')'"), '(');
  EXPECT_EQ(OpenAtEnd("SELECT E'\\'' || $1 -- '"), 0);
}

TEST_F(ShellTest, ResultsGoToAFile) {
  Shell shell = Make(true);
  const std::string path = testing::TempDir() + "/kappa_shell_out.txt";
  EXPECT_TRUE(shell.Line("\\o " + path));
  EXPECT_TRUE(shell.Line("\\echo one"));
  EXPECT_TRUE(shell.Line("\\o"));
  EXPECT_TRUE(shell.Line("\\echo two"));
  EXPECT_EQ(text_.Take(), "two\n");
  EXPECT_EQ(os::RealEnvironment().files().ReadAll(path).value_or(""), "one\n");
  EXPECT_TRUE(os::RealEnvironment().files().Remove(path).ok());
}

TEST_F(ShellTest, CompletionKnowsWhereItIs) {
  Shell shell = Make(true);
  engine_.names = {"bids"};
  size_t begin = 0;
  auto has = [&](std::string_view line, const std::string& word) {
    const std::vector<std::string> words = shell.Completions(line, &begin);
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  EXPECT_TRUE(has("SEL", "SELECT"));
  EXPECT_EQ(begin, 0u);
  EXPECT_TRUE(has("sel", "select"));
  EXPECT_TRUE(has("SELECT * FROM b", "bids"));
  EXPECT_EQ(begin, 14u);
  EXPECT_TRUE(has("\\ti", "\\timing"));
  session_.executed.clear();
  EXPECT_FALSE(has("SELECT x FROM bids WHERE p", "nothing"));
  EXPECT_EQ(session_.executed, (std::vector<std::string>{"DESCRIBE bids"}));
}

TEST_F(ShellTest, Commands) {
  Shell shell = Make(true);
  EXPECT_TRUE(shell.Line("\\d"));
  EXPECT_EQ(session_.executed.back(), "SHOW TABLES");
  EXPECT_TRUE(shell.Line("\\dm *_by_day"));
  EXPECT_EQ(session_.executed.back(), "SHOW MATERIALIZED VIEWS LIKE '%\\_by\\_day'");
  EXPECT_TRUE(shell.Line("\\d bids;"));
  EXPECT_EQ(session_.executed.back(), "DESCRIBE bids");
  text_.Take();
  EXPECT_TRUE(shell.Line("\\timing"));
  EXPECT_EQ(text_.Take(), "Timing is on.\n");
  EXPECT_TRUE(shell.Line("SELECT 1;"));
  EXPECT_NE(text_.Take().find("Time: "), std::string::npos);
  EXPECT_TRUE(shell.Line("\\?"));
  EXPECT_NE(text_.Take().find("\\i FILE"), std::string::npos);
  EXPECT_TRUE(shell.Line("\\x maybe"));
  EXPECT_NE(errors_.Take().find("on, off, auto"), std::string::npos);
  EXPECT_TRUE(shell.Line("\\z"));
  EXPECT_NE(errors_.Take().find("there is no command \\z"), std::string::npos);
  EXPECT_TRUE(shell.Line("\\tming"));
  EXPECT_NE(errors_.Take().find("did you mean \\timing?"), std::string::npos);
  EXPECT_TRUE(shell.Line("\\i /no/such/file.sql"));
  EXPECT_NE(errors_.Take().find("/no/such/file.sql"), std::string::npos);
}

TEST_F(ShellTest, OutputOfProgramsWaitsWhileALineIsEdited) {
  output_.SetEditing(true);
  output_.WriteBehind("a\n");
  EXPECT_EQ(text_.Take(), "");
  EXPECT_EQ(output_.TakeKept(), "a\n");
  output_.WriteBehind("b\n");
  output_.SetEditing(false);
  EXPECT_EQ(text_.Take(), "b\n");
  output_.WriteBehind("c\n");
  EXPECT_EQ(text_.Take(), "c\n");
}

}  // namespace
}  // namespace kappa::cli
