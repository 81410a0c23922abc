#include "types/jsonb.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/types/json_corpus.h"
#include "types/datum.h"
#include "types/json_text.h"

namespace kappa {
namespace {

std::string Bytes(std::string_view text) {
  Arena arena;
  Jsonb value;
  JsonProblem problem;
  if (!ParseJsonb(text, &arena, &value, &problem)) return "";
  return std::string(value.view());
}
std::string TextOf(std::string_view bytes) {
  std::string out;
  AppendJsonbText(JsonbView(bytes), &out);
  return out;
}
std::string Normal(std::string_view text) { return TextOf(Bytes(text)); }
std::string ErrorOf(std::string_view text) {
  Arena arena;
  Jsonb value;
  JsonProblem problem;
  return ParseJsonb(text, &arena, &value, &problem) ? "" : std::string(problem.state.view());
}

TEST(Jsonb, PrintsAsPostgresDoes) {
  EXPECT_EQ(Normal(R"( {"bb":1,"a":[true,false , null],"a":{"x":"\u00e9\n\""}} )"), "{\"a\": {\"x\": \"\xC3\xA9\\n\\\"\"}, \"bb\": 1}");
  EXPECT_EQ(Normal("[]"), "[]");
  EXPECT_EQ(Normal("{}"), "{}");
  EXPECT_EQ(Normal(R"({"aa":1,"b":2,"":3})"), R"({"": 3, "b": 2, "aa": 1})");  // by length, then bytes
  EXPECT_EQ(Normal("\"\\u0001\\u001f\\u007f\""), "\"\\u0001\\u001f\x7f\"");
}

TEST(Jsonb, NumbersAreNumerics) {
  const std::pair<const char*, const char*> cases[] = {
      {"1e3", "1000"}, {"-0", "0"},          {"-0.00", "0.00"},  {"1E-5", "0.00001"},  {"0e5", "0"},   {"0e-3", "0.000"}, {"12e-1", "1.2"},
      {"1.5e1", "15"}, {"1.500e1", "15.00"}, {"100e-2", "1.00"}, {"-12.50", "-12.50"}, {"0.5e1", "5"}, {"0.05e1", "0.5"}, {"123e-5", "0.00123"}};
  for (const auto& [given, shown] : cases) EXPECT_EQ(Normal(given), shown) << given;
  EXPECT_EQ(Normal("1e131071").size(), 131072u);
  EXPECT_EQ(ErrorOf("1e131072"), "22003");
  EXPECT_EQ(ErrorOf("1e-16383"), "");
  EXPECT_EQ(ErrorOf("1e-16384"), "22003");
  EXPECT_EQ(ErrorOf("1e99999999999999999999"), "22003");
}

TEST(Jsonb, RefusesWhatPostgresRefuses) {
  for (const char* text : {"",   " ",   "{",     "[1,]",  "{\"a\"}",  "{\"a\":}", "{a:1}",     "01",          "1.",          ".5",
                           "+1", "nul", "truex", "[1 2]", "\"abc",    "\"\\x\"",  "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800x\"",
                           "1e", "--1", "1 1",   "]",     "\"a\nb\"", "NaN",      "{\"a\":1]", "\"\\"}) {
    EXPECT_EQ(ErrorOf(text), "22P02") << text;
  }
  EXPECT_EQ(ErrorOf("\"\\u0000\""), "22P05");
  EXPECT_EQ(ErrorOf("{\"\\u0000\":1}"), "22P05");
}

TEST(Jsonb, NestingIsBounded) {
  const auto nested = [](int depth) { return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']'); };
  EXPECT_EQ(Normal(nested(kMaxJsonDepth)), nested(kMaxJsonDepth));
  EXPECT_EQ(ErrorOf(nested(kMaxJsonDepth + 1)), "54001");
  EXPECT_EQ(ErrorOf(std::string(1 << 20, '[')), "54001");
  JsonProblem problem;
  EXPECT_FALSE(CheckJson(std::string(1 << 20, '{'), &problem));
}

TEST(Jsonb, FindsMembersAndElementsInPlace) {
  std::string text = "{";
  for (int i = 0; i < 300; ++i) text += (i > 0 ? ",\"k" : "\"k") + std::to_string(i * 7) + "\":" + std::to_string(i);
  const std::string bytes = Bytes(text + "}");
  const JsonbView object{std::string_view(bytes)};
  ASSERT_EQ(object.count(), 300u);
  for (int i = 0; i < 300; ++i) {
    JsonbView member;
    ASSERT_TRUE(object.Get("k" + std::to_string(i * 7), &member)) << i;
    EXPECT_EQ(member.text(), std::to_string(i));
    EXPECT_GE(member.bytes().data(), bytes.data());  // a slice, not a copy
    EXPECT_LE(member.bytes().data(), bytes.data() + bytes.size());
    EXPECT_FALSE(object.Get("k" + std::to_string(i * 7 + 1), &member)) << i;
  }
  const std::string array = Bytes("[10, [20, {\"a\": 30}], \"x\"]");
  JsonbView found;
  ASSERT_TRUE(JsonbView(std::string_view(array)).Get(-2, &found));
  ASSERT_TRUE(found.Get(1, &found) && found.Get("a", &found));
  EXPECT_EQ(found.text(), "30");
  EXPECT_FALSE(JsonbView(std::string_view(array)).Get(3, &found));
  EXPECT_FALSE(JsonbView(std::string_view(array)).Get(-4, &found));
}

// The order that PostgreSQL 15 gives them, least first.
TEST(Jsonb, OrderIsPostgresOrder) {
  const std::vector<std::string> ordered = {"[]",         "null",
                                            "\"\"",       "\"a\"",
                                            "\"b\"",      "-10",
                                            "-9.5",       "0",
                                            "0.09",       "0.1",
                                            "1",          "9",
                                            "10",         "1e20",
                                            "false",      "true",
                                            "[null]",     "[1]",
                                            "[{}]",       "[1, 2]",
                                            "[2, 1]",     "{}",
                                            "{\"a\": 1}", "{\"a\": 2}",
                                            "{\"b\": 1}", "{\"a\": 1, \"b\": 0}"};
  for (size_t i = 0; i < ordered.size(); ++i) {
    for (size_t j = 0; j < ordered.size(); ++j) {
      const std::string a = Bytes(ordered[i]), b = Bytes(ordered[j]);
      const int order = CompareJsonb(JsonbView(std::string_view(a)), JsonbView(std::string_view(b)));
      EXPECT_EQ(order, i < j ? -1 : i > j) << ordered[i] << " " << ordered[j];
    }
  }
}

// Of any two values: sort keys order as the values do; equal ones have equal canonical bytes; printing and reading again changes nothing.
TEST(Jsonb, OrderKeysAndCanonicalFormAgree) {
  JsonCorpus corpus(7);
  std::vector<std::string> values;
  for (int i = 0; i < 300; ++i) values.push_back(Bytes(corpus.Document()));
  for (const char* text :
       {"1", "1.0", "1.00", "[1, 2.0]", "[1.0, 2]", "[1, 2.00]", "{\"a\": 1.50}", "{\"a\": 1.5}", "0", "0.0", "-1", "-1.0", "1e2", "100.0"})
    values.push_back(Bytes(text));
  Arena arena;
  std::vector<std::string> keys, canonical;
  for (const std::string& bytes : values) {
    ASSERT_FALSE(bytes.empty());
    EXPECT_EQ(Bytes(TextOf(bytes)), bytes);
    keys.emplace_back();
    AppendJsonbSortKey(JsonbView(std::string_view(bytes)), &keys.back());
    canonical.emplace_back(CanonicalJsonb(Jsonb(bytes.data(), bytes.size()), &arena).view());
  }
  size_t equal = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = 0; j < values.size(); ++j) {
      const int order = CompareJsonb(JsonbView(std::string_view(values[i])), JsonbView(std::string_view(values[j])));
      EXPECT_EQ(canonical[i] == canonical[j], order == 0) << TextOf(values[i]) << " " << TextOf(values[j]);
      if (order == 0) {
        equal += i != j;
        EXPECT_EQ(keys[i] == keys[j], values[i] == values[j]);
      } else {
        EXPECT_EQ(keys[i] < keys[j], order < 0) << TextOf(values[i]) << " " << TextOf(values[j]);
      }
    }
  }
  EXPECT_GT(equal, 20u);
}

TEST(Json, TextIsKeptAndWalkedOver) {
  const std::string text = " {\"a\" : [1, {\"b\":\"x,]}\"} ], \"a\" : 2 ,\"c\\\"\":\"\\u0041\" } ";
  JsonProblem problem;
  ASSERT_TRUE(CheckJson(text, &problem));
  EXPECT_EQ(Datum::Parse(TypeId::kJson, text)->ToText(TypeId::kJson), text);
  std::string seen;
  for (JsonTextWalk walk{JsonTextView(text)}; walk.Next();) seen += std::string(walk.key().text()) + "=" + std::string(walk.value().text()) + ";";
  EXPECT_EQ(seen, "\"a\"=[1, {\"b\":\"x,]}\"} ];\"a\"=2;\"c\\\"\"=\"\\u0041\";");
  EXPECT_TRUE(CheckJson("\"\\u0000 \\ud800\"", &problem));
  EXPECT_FALSE(CheckJsonStrings("\"\\u0000\"", &problem));
  EXPECT_EQ(problem.state.view(), "22P05");
  EXPECT_FALSE(CheckJsonStrings("[1, \"\\ud800\"]", &problem));
  EXPECT_EQ(problem.state.view(), "22P02");
}

}  // namespace
}  // namespace kappa
