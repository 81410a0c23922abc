// Columns of type json and jsonb, and texts at paths inside of them: each record on the general path and on what was learned from the one before.
#include <gtest/gtest.h>

#include "tests/formats/decode_fixture.h"
#include "tests/types/json_corpus.h"
#include "types/json_text.h"

namespace kappa {
namespace {

const DecodeOptions kFullOptions{RecordEncoding::kJson, Validate::kFull, true};
const DecodeOptions kReadOptions{RecordEncoding::kJson, Validate::kRead, true};

std::string Twice(Decoding* decoding, const std::string& record) {
  const std::string first = decoding->Show(record), second = decoding->Show(record);
  EXPECT_EQ(first, second) << record;
  return first;
}

// A text at v.`name`, where v may be anything.
DecodeColumn TextAt(const std::string& name, bool of_jsonb) {
  DecodeColumn column = MakeColumn("v", of_jsonb ? Type(TypeId::kText, kJsonbTextModifier) : Type(TypeId::kText));
  column.path.push_back({name, false, true});
  return column;
}

TEST(JsonColumns, WholeValues) {
  for (const DecodeOptions& options : {kFullOptions, kReadOptions}) {
    Decoding decoding({MakeColumn("v", TypeId::kJsonb), MakeColumn("t", TypeId::kJson)}, options);
    EXPECT_EQ(Twice(&decoding, R"({"v":{"b":1e2,"a":[1.50, "x"]},"t":{"b":1e2,  "a":[1]}})"),
              R"(v='{"a": [1.50, "x"], "b": 100}' t='{"b":1e2,  "a":[1]}')");
    EXPECT_EQ(Twice(&decoding, R"({"v":"s","t":"\u0041"})"), R"(v='"s"' t='"\u0041"')");
    EXPECT_EQ(Twice(&decoding, R"({"v":5,"t":true})"), "v='5' t='true'");
    EXPECT_EQ(Twice(&decoding, R"({"v":null})"), "v=NULL t=NULL");
    EXPECT_EQ(Twice(&decoding, R"({"v":"\u0000"})").substr(0, 5), "22P05");
    EXPECT_EQ(Twice(&decoding, R"({"v":1e200000})").substr(0, 5), "22003");
    EXPECT_EQ(Twice(&decoding, R"({"v":[],"t":"\u0000"})"), R"(v='[]' t='"\u0000"')");
  }
}

TEST(JsonColumns, TextsAtPaths) {
  for (const DecodeOptions& options : {kFullOptions, kReadOptions}) {
    Decoding binary({TextAt("a", true), TextAt("b", true)}, options), text({TextAt("a", false), TextAt("b", false)}, options);
    EXPECT_EQ(Twice(&binary, R"({"v":{"a":1e2,"b":{"y":1,"x":[1,2]}}})"), R"(v.a='100' v.b='{"x": [1, 2], "y": 1}')");
    EXPECT_EQ(Twice(&text, R"({"v":{"a":1e2,"b":{"y":1,"x":[1,2]}}})"), R"(v.a='1e2' v.b='{"y":1,"x":[1,2]}')");
    for (Decoding* decoding : {&binary, &text}) {
      EXPECT_EQ(Twice(decoding, R"({"v":{"a":"x\ny","b":true}})"), "v.a='x\ny' v.b='true'");
      EXPECT_EQ(Twice(decoding, R"({"v":{"a":null,"A":1}})"), "v.a=NULL v.b=NULL");
      EXPECT_EQ(Twice(decoding, R"({"v":[{"a":1}]})"), "v.a=NULL v.b=NULL");
      EXPECT_EQ(Twice(decoding, R"({"v":"a"})"), "v.a=NULL v.b=NULL");
      EXPECT_EQ(Twice(decoding, R"({"v":7})"), "v.a=NULL v.b=NULL");
      EXPECT_EQ(Twice(decoding, R"({"v":null})"), "v.a=NULL v.b=NULL");
      EXPECT_EQ(Twice(decoding, R"({})"), "v.a=NULL v.b=NULL");
      EXPECT_EQ(Twice(decoding, R"({"v":{"a":"y","b":"z"}})"), "v.a='y' v.b='z'");
    }
  }
  Decoding decoding({TextAt("a", true)}, kFullOptions);
  EXPECT_EQ(Twice(&decoding, R"({"v":{"a":1,"a":"last"}})"), "v.a='last'");
  EXPECT_EQ(Twice(&decoding, R"({"v":{"a":1},"v":{"b":2}})"), "v.a=NULL");
  EXPECT_EQ(Twice(&decoding, R"({"v":{"a":1},"v":5})"), "v.a=NULL");
}

// The text at a path is what the whole value answers there.
TEST(JsonColumns, PathsAgreeWithWholeValues) {
  JsonCorpus corpus(11);
  Decoding whole({MakeColumn("v", TypeId::kJsonb)}, kFullOptions), path({TextAt("a", true), TextAt("key", true), TextAt("b", true)}, kFullOptions);
  size_t found = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string record = "{\"v\":" + corpus.Document() + "}";
    const std::string texts = path.Show(record);
    ASSERT_EQ(whole.Show(record)[0], 'v') << record;
    Jsonb value;
    std::memcpy(static_cast<void*>(&value), whole.row() + whole.plan().fields()[0].offset, sizeof value);
    const bool null = whole.Show(record) == "v=NULL";
    std::string expected;
    Arena arena;
    for (const char* name : {"a", "key", "b"}) {
      JsonbView member;
      const bool has = !null && JsonbView(value).Get(name, &member) && member.kind() != JsonKind::kNull;
      found += has;
      expected +=
          (expected.empty() ? "v." : " v.") + std::string(name) + "=" + (has ? "'" + std::string(JsonbToText(member, &arena).view()) + "'" : "NULL");
    }
    ASSERT_EQ(texts, expected) << record;
  }
  EXPECT_GT(found, 300u);
}

}  // namespace
}  // namespace kappa
