// What the JSON decoder makes of records: the rules at the head of formats/decoder.h, each on a first record (general path) and on a second of the
// same shape.
#include <gtest/gtest.h>

#include "tests/formats/decode_fixture.h"

namespace kappa {
namespace {

const DecodeOptions kFullOptions{RecordEncoding::kJson, Validate::kFull, true};
const DecodeOptions kReadOptions{RecordEncoding::kJson, Validate::kRead, true};

// One column "v" of a type over {"v": value}; both times the same.
std::string One(const Type& type, std::string_view value, const DecodeOptions& options = kFullOptions) {
  Decoding decoding({MakeColumn("v", type)}, options);
  const std::string record = "{\"v\":" + std::string(value) + "}";
  const std::string first = decoding.Show(record), second = decoding.Show(record);
  EXPECT_EQ(first, second) << record;
  return first;
}

TEST(JsonDecoder, Integers) {
  EXPECT_EQ(One(TypeId::kInt8, "0"), "v=0");
  EXPECT_EQ(One(TypeId::kInt8, "-0"), "v=0");
  EXPECT_EQ(One(TypeId::kInt8, "1234567"), "v=1234567");
  EXPECT_EQ(One(TypeId::kInt8, "12345678"), "v=12345678");
  EXPECT_EQ(One(TypeId::kInt8, "-123456789"), "v=-123456789");
  EXPECT_EQ(One(TypeId::kInt8, "1234567890123456"), "v=1234567890123456");
  EXPECT_EQ(One(TypeId::kInt8, "12345678901234567"), "v=12345678901234567");
  EXPECT_EQ(One(TypeId::kInt8, "9223372036854775807"), "v=9223372036854775807");
  EXPECT_EQ(One(TypeId::kInt8, "-9223372036854775808"), "v=-9223372036854775808");
  EXPECT_EQ(One(TypeId::kInt8, "9223372036854775808").substr(0, 5), "22003");
  EXPECT_EQ(One(TypeId::kInt8, "1e400").substr(0, 5), "22003");
  EXPECT_EQ(One(TypeId::kInt4, "2147483647"), "v=2147483647");
  EXPECT_EQ(One(TypeId::kInt4, "2147483648"), "22003 column \"v\": out of range for type integer at byte 5");
  EXPECT_EQ(One(TypeId::kInt2, "-32768"), "v=-32768");
  EXPECT_EQ(One(TypeId::kInt2, "32768").substr(0, 5), "22003");
  EXPECT_EQ(One(TypeId::kInt8, "1.0"), "v=1");
  EXPECT_EQ(One(TypeId::kInt8, "12e2"), "v=1200");
  EXPECT_EQ(One(TypeId::kInt8, "1200e-2"), "v=12");
  EXPECT_EQ(One(TypeId::kInt8, "1.5"), "22P02 column \"v\": expected an integer, found a fraction at byte 5");
  EXPECT_EQ(One(TypeId::kInt8, "\"42\""), "v=42");
  EXPECT_EQ(One(TypeId::kInt8, "\" -42 \""), "v=-42");
  EXPECT_EQ(One(TypeId::kInt8, "\"x\"").substr(0, 5), "22P02");
  EXPECT_EQ(One(TypeId::kInt8, "true"), "22P02 column \"v\": expected an integer at byte 5");
  EXPECT_EQ(One(TypeId::kInt8, "[1]").substr(0, 5), "22P02");
  EXPECT_EQ(One(TypeId::kInt8, "null"), "v=NULL");
}

TEST(JsonDecoder, FloatsAndNumerics) {
  EXPECT_EQ(One(TypeId::kFloat8, "1.5"), "v=1.500000");
  EXPECT_EQ(One(TypeId::kFloat8, "-12e-1"), "v=-1.200000");
  EXPECT_EQ(One(TypeId::kFloat8, "\"NaN\""), "v=nan");
  EXPECT_EQ(One(TypeId::kFloat8, "\"-Infinity\""), "v=-inf");
  EXPECT_EQ(One(TypeId::kFloat8, "1e999").substr(0, 5), "22003");
  EXPECT_EQ(One(TypeId::kFloat4, "1e39").substr(0, 5), "22003");
  EXPECT_EQ(One(TypeId::kFloat4, "0.25"), "v=0.250000");
  EXPECT_EQ(One(TypeId::kNumeric, "1.50"), "v=0:150/2");  // as written
  EXPECT_EQ(One(TypeId::kNumeric, "\"1.50\""), "v=0:150/2");
  EXPECT_EQ(One(TypeId::kNumeric, "-2e3"), "v=-1:" + std::to_string(uint64_t{0} - 2000) + "/0");
  EXPECT_EQ(One(TypeId::kNumeric, "15e-4"), "v=0:15/4");
  EXPECT_EQ(One(TypeId::kNumeric, "100000000000000000000"), "v=5:7766279631452241920/0");
  EXPECT_EQ(One(TypeId::kNumeric, std::string(39, '9')).substr(0, 5), "22003");
  EXPECT_EQ(One(Type::Numeric(5, 2), "1.005"), "v=0:101/2");  // half away from zero
  EXPECT_EQ(One(Type::Numeric(5, 2), "1"), "v=0:100/2");
  EXPECT_EQ(One(Type::Numeric(5, 2), "999.995").substr(0, 5), "22003");
  EXPECT_EQ(One(TypeId::kNumeric, "\"abc\"").substr(0, 5), "22P02");
}

TEST(JsonDecoder, Texts) {
  EXPECT_EQ(One(TypeId::kText, "\"\""), "v=''");
  EXPECT_EQ(One(TypeId::kText, "\"ab\""), "v='ab'");
  EXPECT_EQ(One(TypeId::kText, "\"" + std::string(200, 'x') + "\""), "v='" + std::string(200, 'x') + "'");
  EXPECT_EQ(One(TypeId::kText, R"("a\"\\\/\b\f\n\r\tz")"), "v='a\"\\/\b\f\n\r\tz'");
  EXPECT_EQ(One(TypeId::kText, R"("\u00e9\u20AC\ud83d\ude00")"), "v='\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80'");
  EXPECT_EQ(One(TypeId::kText, "\"gr\xC3\xBC\xC3\x9F\""), "v='gr\xC3\xBC\xC3\x9F'");
  EXPECT_EQ(One(TypeId::kText, R"("a\u0000b")"), "22P05 column \"v\": \\u0000 cannot be part of a text at byte 5");
  EXPECT_EQ(One(TypeId::kText, R"("\ud83d")").substr(0, 5), "22032");
  EXPECT_EQ(One(TypeId::kText, R"("\ude00")").substr(0, 5), "22032");
  EXPECT_EQ(One(TypeId::kText, R"("\x41")").substr(0, 5), "22032");
  EXPECT_EQ(One(TypeId::kText, "\"a\nb\"").substr(0, 5), "22032");
  EXPECT_EQ(One(TypeId::kText, "\"\xFF\"").substr(0, 5), "22021");
  EXPECT_EQ(One(TypeId::kText, "\"\xFF\"", kReadOptions).substr(0, 5), "22021");
  EXPECT_EQ(One(TypeId::kText, "1.50"), "v='1.50'");  // any other value: as written
  EXPECT_EQ(One(TypeId::kText, "{\"a\": [1,  2]}"), "v='{\"a\": [1,  2]}'");
  EXPECT_EQ(One(TypeId::kText, "false"), "v='false'");
  EXPECT_EQ(One(Type::Varchar(3), "\"abc\""), "v='abc'");
  EXPECT_EQ(One(Type::Varchar(3), "\"abcd\"").substr(0, 5), "22001");
  EXPECT_EQ(One(Type::Varchar(3), "\"abc  \""), "v='abc'");
  EXPECT_EQ(One(TypeId::kBytea, R"("\\x00ffA1")"), "v='" + std::string("\0\xFF\xA1", 3) + "'");
  EXPECT_EQ(One(TypeId::kBytea, "\"plain\""), "v='plain'");
  EXPECT_EQ(One(TypeId::kBytea, R"("\\x0")").substr(0, 5), "22P02");
  EXPECT_EQ(One(TypeId::kBool, "true"), "v=true");
  EXPECT_EQ(One(TypeId::kBool, "false"), "v=false");
  EXPECT_EQ(One(TypeId::kBool, "1").substr(0, 5), "22P02");
}

TEST(JsonDecoder, Timestamps) {
  EXPECT_EQ(One(TypeId::kTimestamp, "\"1970-01-01 00:00:00\""), "v=0");
  EXPECT_EQ(One(TypeId::kTimestamp, "\"2015-07-15 00:00:01.234\""), "v=1436918401234000");
  EXPECT_EQ(One(TypeId::kTimestamp, "\"2015-07-15T00:00:01.234567\""), "v=1436918401234567");
  EXPECT_EQ(One(TypeId::kTimestamp, "\"2015-07-15T00:00:01.5Z\""), "v=1436918401500000");
  EXPECT_EQ(One(TypeId::kTimestamp, "\"2015-07-15T02:00:01+02:00\""), "v=1436918401000000");
  EXPECT_EQ(One(TypeId::kTimestamp, "\"1969-12-31 23:59:59.999\""), "v=-1000");
  EXPECT_EQ(One(TypeId::kTimestampTz, "\"2015-07-14T23:00:01-01:00\""), "v=1436918401000000");
  EXPECT_EQ(One(TypeId::kTimestamp, "1436918401").substr(0, 5), "22P02");
  for (const char* bad :
       {"\"2015-02-29 00:00:00\"", "\"2015-07-15 24:01:00\"", "\"2015-07-15 00:60:00\"", "\"2015-13-15 00:00:00\"", "\"hello\"", "\"\""}) {
    EXPECT_EQ(One(TypeId::kTimestamp, bad).substr(0, 2), "22") << bad;
  }
}

// The minute of the last timestamp is remembered: it must not leak into others.
TEST(JsonDecoder, TimestampsInTurn) {
  Decoding decoding({MakeColumn("t", TypeId::kTimestamp)});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(decoding.Show(R"({"t":"2015-07-15 00:00:59.999"})"), "t=1436918459999000");
    EXPECT_EQ(decoding.Show(R"({"t":"2015-07-15 00:01:00.000"})"), "t=1436918460000000");
    EXPECT_EQ(decoding.Show(R"({"t":"2015-07-15 00:01:61.000"})").substr(0, 2), "22");
    EXPECT_EQ(decoding.Show(R"({"t":"2015-07-15 00:01:01"})"), "t=1436918461000000");
    EXPECT_EQ(decoding.Show(R"({"t":"2015-07-15 00:01:01.000001"})"), "t=1436918461000001");
  }
}

TEST(JsonDecoder, Names) {
  Decoding folded({MakeColumn("datetime", TypeId::kInt8)}), exact({MakeColumn("\"datetime\"", TypeId::kInt8)});
  EXPECT_EQ(folded.Show(R"({"dateTime":1})"), "datetime=1");
  EXPECT_EQ(exact.Show(R"({"dateTime":1})"), "datetime=NULL");
  EXPECT_EQ(folded.Show(R"({"datetime":2,"dateTime":1})"), "datetime=2");  // exact beats other case
  EXPECT_EQ(folded.Show(R"({"dateTime":1,"datetime":2})"), "datetime=2");
  EXPECT_EQ(folded.Show(R"({"datetime":2,"datetime":3})"), "datetime=3");  // the last wins
  EXPECT_EQ(folded.Show(R"({"datetime":"x","datetime":3})"), "datetime=3");
  EXPECT_EQ(folded.Show(R"({"datetime":3,"datetime":null})"), "datetime=NULL");
  EXPECT_EQ(folded.Show(R"({"d\u0061tetime":4})"), "datetime=4");
  EXPECT_EQ(folded.Show(R"({"":4})"), "datetime=NULL");
}

TEST(JsonDecoder, NestedAndStructs) {
  const Type point = Type::Struct({{"x", TypeId::kInt8}, {"label", TypeId::kText}});
  Decoding decoding({MakeColumn("p", point), MakeColumn("p.x", TypeId::kInt4)});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(decoding.Show(R"({"p":{"x":1,"label":"a"}})"), "p=(..) p.x=1 p.label='a' p.x=1");
    EXPECT_EQ(decoding.Show(R"({"p":{"label":null}})"), "p=(..) p.x=NULL p.label=NULL p.x=NULL");
    EXPECT_EQ(decoding.Show(R"({"p":null})"), "p=NULL p.x=NULL p.label=NULL p.x=NULL");
    EXPECT_EQ(decoding.Show(R"({})"), "p=NULL p.x=NULL p.label=NULL p.x=NULL");
    EXPECT_EQ(decoding.Show(R"({"p":7})"), "22P02 column \"p\": expected an object at byte 5");
    EXPECT_EQ(decoding.Show(R"({"p":{"x":1},"p":{"label":"b"}})"), "p=(..) p.x=NULL p.label='b' p.x=NULL");
  }
  Decoding whole({MakeColumn("p", TypeId::kText), MakeColumn("p.x", TypeId::kInt8)});
  EXPECT_EQ(whole.Show(R"({"p":{"x":1}})"), "p='{\"x\":1}' p.x=1");
}

TEST(JsonDecoder, NotNull) {
  for (const DecodeOptions& options : {kFullOptions, kReadOptions}) {
    Decoding decoding({MakeColumn("k", TypeId::kInt8, true), MakeColumn("v", TypeId::kText)}, options);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(decoding.Show(R"({"k":1,"v":"a"})"), "k=1 v='a'");
      EXPECT_EQ(decoding.Show(R"({"k":null,"v":"a"})"), "23502 column \"k\": the value is missing or null, and the column is NOT NULL");
      EXPECT_EQ(decoding.Show(R"({"v":"a"})").substr(0, 5), "23502");
      EXPECT_EQ(decoding.Show(R"({"k":2,"v":null})"), "k=2 v=NULL");
    }
  }
}

TEST(JsonDecoder, NotOneObject) {
  Decoding decoding({MakeColumn("a", TypeId::kInt8)});
  EXPECT_EQ(decoding.Show(R"({"a":1})"), "a=1");
  for (const char* bad : {"",
                          "  ",
                          "1",
                          "[1]",
                          "null",
                          "{",
                          "}",
                          R"({"a":1)",
                          R"({"a":1}})",
                          R"({"a":1} x)",
                          R"({"a":1}{"a":2})",
                          R"({"a"})",
                          R"({"a":})",
                          R"({"a":1,})",
                          R"({a:1})",
                          R"({"a":01})",
                          R"({"a":1.})",
                          R"({"a":.5})",
                          R"({"a":+1})",
                          R"({"a":1e})",
                          R"({"a":tru})",
                          R"({"a":nulll})",
                          R"({"b":[1,]})",
                          R"({"b":[1 2]})",
                          R"({"b":{"c":1]})",
                          R"({"b":"x)",
                          R"({"b":"x\)",
                          R"({"a" 1})",
                          R"({"a":1 "b":2})",
                          R"({'a':1})"}) {
    EXPECT_EQ(decoding.Show(bad).substr(0, 5), "22032") << bad;
  }
  EXPECT_EQ(decoding.Show(" {\"a\" :\t1 } \r\n"), "a=1");
  EXPECT_EQ(decoding.Show("{\"b\":\"\xC0\xAF\",\"a\":1}").substr(0, 5), "22021");
  EXPECT_EQ(decoding.Show(R"({"b":"\u0000","a":5})"), "a=5");
}

TEST(JsonDecoder, DepthIsLimited) {
  Decoding decoding({MakeColumn("a", TypeId::kText)});
  const auto nested = [](size_t depth, const char* name) {
    return "{\"" + std::string(name) + "\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(decoding.Show(nested(511, "a")).substr(0, 3), "a='");
  EXPECT_EQ(decoding.Show(nested(511, "b")), "a=NULL");
  EXPECT_EQ(decoding.Show(nested(512, "a")).substr(0, 5), "22032");
  EXPECT_EQ(decoding.Show(nested(512, "b")).substr(0, 5), "22032");
  EXPECT_EQ(decoding.Show(nested(1000000, "b")).substr(0, 5), "22032");
}

// kRead stops at the last wanted member; kFull looks at everything.
TEST(JsonDecoder, ReadStopsEarly) {
  Decoding read({MakeColumn("a", TypeId::kInt8)}, kReadOptions), full({MakeColumn("a", TypeId::kInt8)}, kFullOptions);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(read.Show("{\"a\":1,\"b\":\"\xFF\n"), "a=1");
    EXPECT_EQ(full.Show("{\"a\":1,\"b\":\"\xFF\"}").substr(0, 5), "22021");
    EXPECT_EQ(read.Show("{\"a\":12"), "22032 the record ends within a value at byte 7");
    EXPECT_EQ(read.Show("{\"b\":[1,{\"x\":\"]\"}],\"a\":3}"), "a=3");
    EXPECT_EQ(read.Show("{\"b\":1}"), "a=NULL");
    EXPECT_EQ(read.Show("{\"b\":1} x").substr(0, 5), "22032");
  }
}

// Records of known shapes leave the general path, whatever their pattern of nulls.
TEST(JsonDecoder, ShapesAreLearned) {
  Decoding decoding({MakeColumn("a", TypeId::kInt8), MakeColumn("b.c", TypeId::kText)});
  const std::vector<std::string> records = {R"({"a":1,"b":{"c":"x"},"z":null})", R"({"a":2,"b":null,"z":3})", R"({"a":null,"b":{"c":"y"},"z":null})"};
  for (int i = 0; i < 100; ++i) {
    for (const std::string& record : records) decoding.Show(record);
  }
  EXPECT_LT(decoding.state().general_records(), 10u);
  // Every subset of ten members null: more shapes than are kept.
  std::vector<DecodeColumn> columns;
  for (int i = 0; i < 10; ++i) columns.push_back(MakeColumn("m" + std::to_string(i), TypeId::kInt8));
  Decoding many(columns);
  for (int round = 0; round < 2; ++round) {
    for (int mask = 0; mask < 1024; ++mask) {
      std::string record = "{", expected;
      for (int i = 0; i < 10; ++i) {
        const std::string name = "m" + std::to_string(i), value = (mask >> i) & 1 ? "null" : std::to_string(mask * 10 + i);
        record += (i == 0 ? "\"" : ",\"") + name + "\":" + value;
        expected += (i == 0 ? "" : " ") + name + "=" + (value == "null" ? "NULL" : value);
      }
      ASSERT_EQ(many.Show(record + "}"), expected);
    }
  }
  EXPECT_LT(many.state().general_records(), 64u);
}

// Objects that nobody wants are part of the shape: what may differ in them is their values, and these are checked as they are elsewhere.
TEST(JsonDecoder, SkippedObjectsAreLearned) {
  for (const DecodeOptions& options : {kReadOptions, kFullOptions}) {
    Decoding decoding({MakeColumn("a", TypeId::kInt8)}, options);
    auto record = [](const std::string& inner) {
      return R"({"skip":{"s":)" + inner + R"(,"o":{ "n" : -1.5e3, "w":true,"e":{}},"l":[1,"]"]},"a":1})";
    };
    for (int i = 0; i < 50; ++i) EXPECT_EQ(decoding.Show(record('"' + std::to_string(i) + '"')), "a=1");
    EXPECT_LT(decoding.state().general_records(), 3u);
    for (const char* inner : {R"("\"}")", R"("")", R"("\u00e9")", "\"\xC3\xA9\"", "12", "null", R"({"x":"}"})", R"(["a","b"])"})
      EXPECT_EQ(decoding.Show(record(inner)), "a=1") << inner;
    EXPECT_EQ(decoding.Show(record(R"("x)")).substr(0, 5), "22032");
    EXPECT_EQ(decoding.Show(R"({"skip":{"s":"1","o":{ "n" : -1.5e3, "w":true,"e":{}},"l":[1,"]"],"a":1})").substr(0, 5), "22032");
  }
  Decoding full({MakeColumn("a", TypeId::kInt8)}, kFullOptions);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(full.Show(R"({"skip":{"s":"x","t":1},"a":1})"), "a=1");
  EXPECT_EQ(full.Show("{\"skip\":{\"s\":\"\xFF\",\"t\":1},\"a\":1}").substr(0, 5), "22021");
  EXPECT_EQ(full.Show("{\"skip\":{\"s\":\"\n\",\"t\":1},\"a\":1}").substr(0, 5), "22032");
  EXPECT_EQ(full.Show(R"({"skip":{"s":"x","t":01},"a":1})").substr(0, 5), "22032");
  EXPECT_EQ(full.Show(R"({"skip":{"s":"\x","t":1},"a":1})").substr(0, 5), "22032");
}

// count(*) reads no column; the record is judged all the same.
TEST(JsonDecoder, NoColumns) {
  for (const DecodeOptions& options : {kFullOptions, kReadOptions}) {
    Decoding decoding({}, options);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(decoding.Show(R"({"a":1,"b":{"c":[]}})"), "");
      EXPECT_EQ(decoding.Show(R"({"a":1)").substr(0, 5), "22032");
    }
  }
}

TEST(JsonDecoder, TextsPointIntoTheRecord) {
  Decoding decoding({MakeColumn("a", TypeId::kText)});
  const std::string record = R"({"a":"somewhere in the record"})";
  for (int i = 0; i < 3; ++i) {
    decoding.Show(record);
    Text text;
    std::memcpy(&text, decoding.row() + decoding.plan().fields()[0].offset, sizeof text);
    EXPECT_EQ(text.data, record.data() + 6);
  }
}

TEST(RawDecoder, Lines) {
  Decoding text({MakeColumn("line", TypeId::kText)}, {RecordEncoding::kBytes, Validate::kFull, true});
  EXPECT_EQ(text.Show("a,b"), "line='a,b'");
  EXPECT_EQ(text.Show(""), "line=''");
  EXPECT_EQ(text.Show("\xFF").substr(0, 5), "22021");
  EXPECT_EQ(text.Show(std::string_view("a\0b", 3)).substr(0, 5), "22021");
  Decoding bytes({MakeColumn("line", TypeId::kBytea)}, {RecordEncoding::kBytes, Validate::kFull, true});
  EXPECT_EQ(bytes.Show("\xFF"), "line='\xFF'");
  EXPECT_EQ(MakePlan({MakeColumn("a", TypeId::kInt8)}, {RecordEncoding::kBytes, Validate::kFull, true}), nullptr);
}

}  // namespace
}  // namespace kappa
