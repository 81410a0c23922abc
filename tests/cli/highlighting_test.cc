// Colours of a typed line: which text is what, where libedit has drawn it, what is written over it.
#include "cli/highlighting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "cli/display_text.h"
#include "cli/line_painting.h"
#include "cli/statement_text.h"

namespace kappa::cli {
namespace {

Vocabulary Words() {
  Vocabulary words;
  words.functions = {"count", "left", "max", "coalesce"};
  words.variable = [](std::string_view name) { return name == "who"; };
  words.command = [](std::string_view name) { return std::string_view("timing").starts_with(name) || name == "gx" || name == "copy"; };
  return words;
}

// A text with a letter below each of its bytes.
std::string Letters(std::string_view text, TextState* state) {
  const std::map<TextStyle, char> letters = {{TextStyle::kKeyword, 'k'},        {TextStyle::kType, 't'},       {TextStyle::kFunction, 'f'},
                                             {TextStyle::kString, 's'},         {TextStyle::kOpenString, 'S'}, {TextStyle::kNumber, 'n'},
                                             {TextStyle::kComment, 'c'},        {TextStyle::kQuotedName, 'q'}, {TextStyle::kParameter, 'p'},
                                             {TextStyle::kOpenQuotedName, 'Q'}, {TextStyle::kCommand, '\\'},   {TextStyle::kMistake, '!'}};
  std::string out(text.size(), ' ');
  size_t end = 0;
  for (const StyledSpan& span : Highlight(text, Words(), state)) {
    EXPECT_GE(span.begin, end) << text;
    EXPECT_GT(span.end, span.begin) << text;
    EXPECT_LE(span.end, text.size()) << text;
    end = span.end;
    for (size_t i = span.begin; i < span.end; ++i) out[i] = letters.at(span.style);
  }
  return out;
}

std::string Letters(std::string_view text) {
  TextState state;
  return Letters(text, &state);
}

struct Case {
  const char* text;
  const char* letters;
};

TEST(HighlightingTest, Words) {
  for (const Case& one : std::vector<Case>{
           {"SELECT a FROM b", "kkkkkk   kkkk  "},
           {"select selected, t.from", "kkkkkk                 "},
           {"count(*), count, left(x, 1) LEFT JOIN", "fffff            ffff    n  kkkk kkkk"},
           {"max (x) + t.max(y)", "fff               "},
           {"x::int + y::double", "   ttt      tttttt"},
           {"CAST(a AS int) AS int", "kkkk   kk ttt  kk    "},
           {"CREATE TABLE t (a int, key text)", "kkkkkk kkkkk      ttt  kkk tttt "},
           {"CREATE VIEW v AS SELECT a b, c d", "kkkkkk kkkk   kk kkkkkk         "},
           {"a$b$c $1 $23x $", "      pp ppp   "},
           {":who :'who' :\"who\" :no a[1:n] x::who", "pppp pppppp pppppp       n       ttt"},
       }) {
    EXPECT_EQ(Letters(one.text), one.letters) << one.text;
  }
}

TEST(HighlightingTest, Constants) {
  for (const Case& one : std::vector<Case>{
           {"1 1.5 .5 1e10 1.e-3 1_000 0xFF 0b10 0o7", "n nnn nn nnnn nnnnn nnnnn nnnn nnnn nnn"},
           {"a1 1a 1e 1.2.3", "   n  n  nnnnn"},
           {"'it''s' 'two'", "sssssss sssss"},
           {"E'\\'' e'\\\\' xe'\\'", "sssss sssss   sss"},
           {"U&'d\\0061' B'01' x'1F' u&\"a\"", "ssssssssss sssss sssss qqqqq"},
           {"$$it's$$ $a$ $$ $a$ $b$ $a$", "ssssssss ssssssssss SSSSSSS"},
           {"\"a\"\"b\" \"open", "qqqqqq QQQQQ"},
           {"'open -- not", "SSSSSSSSSSSS"},
           {"'日本' 1", "ssssssss n"},
       }) {
    EXPECT_EQ(Letters(one.text), one.letters) << one.text;
  }
}

TEST(HighlightingTest, CommentsNest) {
  for (const Case& one : std::vector<Case>{
           {"1 -- '2\n3", "n ccccc n"},
           {"/* a /* b */ c */ 1 /**/ 2", "ccccccccccccccccc n cccc n"},
           {"1--2", "nccc"},
           {"1 /* open /* */ 2", "n ccccccccccccccc"},
       }) {
    EXPECT_EQ(Letters(one.text), one.letters) << one.text;
  }
}

TEST(HighlightingTest, BracketsThatCloseNothing) {
  for (const Case& one : std::vector<Case>{
           {"(a[1])", "   n  "},
           {"a)", " !"},
           {"(a]", "  !"},
           {"(1;)", " n !"},
           {"cast(a as int))", "kkkk   kk ttt !"},
           {"')' )", "sss !"},
       }) {
    EXPECT_EQ(Letters(one.text), one.letters) << one.text;
  }
}

TEST(HighlightingTest, CommandsOfTheShell) {
  for (const Case& one : std::vector<Case>{
           {"\\timing on", "\\\\\\\\\\\\\\   "},
           {"\\tim", "\\\\\\\\"},
           {"\\nothing 'x'", "!!!!!!!! sss"},
           {"\\gx it's 'a b' 'c", "\\\\\\      sssss SS"},
           {"1 \\gx FROM", "n \\\\\\     "},
           {"\\copy (SELECT 1)", "\\\\\\\\\\  kkkkkk n "},
           {"'\\gx'", "sssss"},
       }) {
    EXPECT_EQ(Letters(one.text), one.letters) << one.text;
  }
}

TEST(HighlightingTest, ALineGoesOnWithWhatTheOnesBeforeBegan) {
  for (const Case& one : std::vector<Case>{{"SELECT 'a\n", "s' FROM|ss kkkk"},
                                           {"SELECT E'\\\n", "' y' 1|s  SSS"},
                                           {"SELECT $x$ $$\n", "a$x$ 1|ssss n"},
                                           {"SELECT \"a\n", "b\" 1|qq n"},
                                           {"SELECT /* /* */\n", "a */ 1|cccc n"},
                                           {"SELECT (1,\n", "2))|n !"},
                                           {"SELECT (1); SELECT\n", "2)|n!"},
                                           {"CREATE TABLE t (a int,\n", "b int)|  ttt "}}) {
    TextState state;
    (void)Letters(one.text, &state);
    const std::string_view both = one.letters;
    const size_t bar = both.find('|');
    EXPECT_EQ(Letters(both.substr(0, bar), &state), both.substr(bar + 1)) << one.text;
  }
}

// However a text is cut into lines, it is read the same way, and no text is too strange.
TEST(HighlightingTest, LineByLineIsAsAtOnce) {
  const std::string_view pieces[] = {"'", "\"", "E'", "\\",   "$$", "$a$", "/*", "*/",     "--", "\n", "(",
                                     ")", "]",  " ",  "1.e5", "0x", "x",   "::", "SELECT", "é",  ";",  "u&"};
  uint32_t random = 7;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += pieces[((random = random * 1664525 + 1013904223) >> 16) % std::size(pieces)];
    TextState whole, parts;
    (void)Letters(text, &whole);
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
      (void)Letters(std::string_view(text).substr(begin, end - begin), &parts);
      begin = end;
    }
    ASSERT_EQ(whole.open, parts.open) << text;
    ASSERT_EQ(whole.brackets, parts.brackets) << text;
    ASSERT_EQ(whole.comments, parts.comments) << text;
    ASSERT_EQ(OpenAtEnd(text), OpenIn(parts)) << text;
  }
}

class LinePaintingTest : public testing::Test {
 protected:
  LinePaintingTest() { UseUnicode(); }

  // The rows of a terminal on which `painting` was written, with the cursor at (row, column) before and after.
  static std::vector<std::string> Screen(const std::string& painting, size_t columns, size_t cursor_row) {
    std::vector<std::string> rows(8, std::string(columns, '#'));  // what was there before
    size_t row = cursor_row, column = 0;
    for (size_t i = 0; i < painting.size(); ++i) {
      if (painting[i] == '\r') {
        column = 0;
      } else if (painting[i] != '\x1b') {
        EXPECT_LT(column, columns);
        rows.at(row).at(column++) = painting[i];
      } else if (painting[++i] == '[') {
        size_t end = painting.find_first_of("ABCKJm", i);
        const size_t count = static_cast<size_t>(std::max(1, std::atoi(painting.c_str() + i + 1)));
        if (painting[end] == 'A') row -= count;
        if (painting[end] == 'B') row += count;
        if (painting[end] == 'C') column += count;
        if (painting[end] == 'K' || painting[end] == 'J') rows.at(row).replace(column, columns, columns - column, '.');
        if (painting[end] == 'J') std::fill(rows.begin() + static_cast<std::ptrdiff_t>(row) + 1, rows.end(), std::string(columns, '.'));
        i = end;
      }
    }
    return rows;
  }
};

TEST_F(LinePaintingTest, TheSameCharactersInTheSameCells) {
  const std::wstring text = L"SELECT 1\nFROM abcdefghij";
  const LineLayout layout = LayOut("> ", text, 3, 10, 24);
  ASSERT_TRUE(layout.known);
  EXPECT_EQ(layout.rows, 4u);  // the first row is full: the line break leaves an empty one
  EXPECT_EQ(layout.cursor_row, 0u);
  const std::vector<std::string> rows = PaintedRows(layout, "> ", text, StylesOf(text, {{0, 6, TextStyle::kKeyword}}));
  const std::string painting = Painting(layout, rows, {}, 0);
  EXPECT_TRUE(painting.ends_with("\x1b[0m\r\x1b[3A\x1b[5C"));
  EXPECT_NE(painting.find("\x1b[0;1;35mSELECT\x1b[0m 1"), std::string::npos);
  EXPECT_EQ(Screen(painting, 10, 0), (std::vector<std::string>{"> SELECT 1", "..........", "FROM abcde", "fghij.....", "..........", "..........",
                                                               "..........", ".........."}));
  const LineLayout at_end = LayOut("> ", text, text.size(), 10, 24);
  EXPECT_EQ(at_end.cursor_row, 3u);
  EXPECT_EQ(Screen(Painting(at_end, PaintedRows(at_end, "> ", text, StylesOf(text, {})), {}, 0), 10, 3)[0], "> SELECT 1");
}

TEST_F(LinePaintingTest, RowsThatAreAsBeforeAreLeftAlone) {
  const std::wstring text = L"SELECT 1\nFROM abcdefghij";
  const LineLayout layout = LayOut("> ", text, text.size(), 10, 24);
  const std::vector<std::string> rows = PaintedRows(layout, "> ", text, StylesOf(text, {}));
  std::vector<std::string> before = rows;
  EXPECT_EQ(Screen(Painting(layout, rows, before, 3), 10, 3), (std::vector<std::string>{"##########", "##########", "##########", "fghij.....",
                                                                                        "..........", "..........", "..........", ".........."}));
  before[0] = "was another";
  EXPECT_EQ(Screen(Painting(layout, rows, before, 3), 10, 3), (std::vector<std::string>{"> SELECT 1", "..........", "##########", "fghij.....",
                                                                                        "..........", "..........", "..........", ".........."}));
  before = {rows[0]};
  EXPECT_EQ(Screen(Painting(layout, rows, before, 0), 10, 3)[2], "FROM abcde");
}

TEST_F(LinePaintingTest, WideCharactersAndTabs) {
  const LineLayout wide = LayOut("> ", L"abcdefg日x", 7, 10, 24);
  ASSERT_TRUE(wide.known);
  EXPECT_EQ(wide.cursor_row, 1u);  // two columns do not fit into the one that is left
  EXPECT_EQ(wide.cells[7].row, 1u);
  EXPECT_EQ(wide.cells[8].column, 2u);
  const LineLayout tab = LayOut("> ", L"a\tb", 0, 20, 24);
  ASSERT_TRUE(tab.known);
  EXPECT_EQ(tab.cells.size(), 7u);
  EXPECT_EQ(tab.cells.back().column, 8u);
}

TEST_F(LinePaintingTest, WhereLibeditIsNotSureNothingIsPainted) {
  for (const std::wstring& text : {std::wstring(L"a\x01"), std::wstring(L"e\u0301"), std::wstring(L"123456\t7"), std::wstring(L"a\u200b"),
                                   std::wstring(31, L'x'), std::wstring(L"\n\n\n")}) {
    const LineLayout layout = LayOut("> ", text, 0, 10, 3);
    EXPECT_FALSE(layout.known);
    const std::vector<std::string> rows = PaintedRows(layout, "> ", text, std::vector<TextStyle>(text.size()));
    EXPECT_EQ(Painting(layout, rows, {}, 0), "");
  }
  EXPECT_TRUE(LayOut("> ", std::wstring(27, L'x'), 0, 10, 3).known);
  EXPECT_FALSE(LayOut("> ", std::wstring(28, L'x'), 0, 10, 3).known);  // the cursor would be below
  EXPECT_FALSE(LayOut("> ", L"a", 0, 0, 0).known);
}

TEST_F(LinePaintingTest, StylesAreOfCharactersSpansOfBytes) {
  const std::wstring text = L"'日é' 1";
  EXPECT_EQ(ToUtf8(text), "'日é' 1");
  const std::vector<TextStyle> styles = StylesOf(text, {{0, 7, TextStyle::kString}, {8, 9, TextStyle::kNumber}});
  EXPECT_EQ(styles, (std::vector<TextStyle>{TextStyle::kString, TextStyle::kString, TextStyle::kString, TextStyle::kString, TextStyle::kPlain,
                                            TextStyle::kNumber}));
}

TEST(ColoursTest, WhoWantsThem) {
  EXPECT_TRUE(ColoursWanted("", "xterm-256color"));
  EXPECT_FALSE(ColoursWanted("1", "xterm-256color"));
  EXPECT_FALSE(ColoursWanted("", "dumb"));
  EXPECT_FALSE(ColoursWanted("", ""));
}

}  // namespace
}  // namespace kappa::cli
