// CSV and change events into rows, and rows into both.
#include <gtest/gtest.h>

#include "connectors/file/record_splitter.h"
#include "formats/encoder.h"
#include "tests/formats/decode_fixture.h"

namespace kappa {
namespace {

DecodeOptions Csv(std::map<std::string, std::string> options = {}) {
  DecodeOptions decode;
  decode.encoding = RecordEncoding::kCsv;
  decode.csv = ParseCsvFormat(options).value();
  return decode;
}

std::vector<DecodeColumn> AbC() { return {MakeColumn("a", TypeId::kInt8), MakeColumn("b", TypeId::kText), MakeColumn("\"C\"", TypeId::kBool)}; }

TEST(Csv, FieldsByPosition) {
  Decoding csv(AbC(), Csv({{"fields", "3"}}));
  EXPECT_EQ(csv.Show("1,two,t"), "a=1 b='two' C=true");
  EXPECT_EQ(csv.Show("1,\"t\"\"w,o\",no\r\n"), "a=1 b='t\"w,o' C=false");
  EXPECT_EQ(csv.Show(",,"), "a=NULL b=NULL C=NULL");
  EXPECT_EQ(csv.Show("7,\"\",\"true\""), "a=7 b='' C=true");
  EXPECT_EQ(csv.Show("7,\"x\ny\",f"), "a=7 b='x\ny' C=false");
  EXPECT_EQ(csv.Show("7,5\" disk,f"), "a=7 b='5\" disk' C=false");
}

TEST(Csv, WhatIsWrongIsSaid) {
  Decoding csv(AbC(), Csv({{"fields", "3"}}));
  EXPECT_EQ(csv.Show("1,two"), "22P04 column \"C\": missing data: the record has too few fields");
  EXPECT_EQ(csv.Show("1,two,t,x,y"), "22P04 extra data: the record has 5 fields, not 3");
  EXPECT_EQ(csv.Show("1,\"two,t"), "22P04 a quoted field without its closing quote at byte 2");
  EXPECT_EQ(csv.Show("1,\"two\"x,t"), "22P04 a delimiter must follow the closing quote at byte 7");
  EXPECT_EQ(csv.Show("1,two\nthree,t"), "22P04 a line break outside of quotes at byte 5");
  EXPECT_EQ(csv.Show("one,two,t").substr(0, 5), "22P02");
  EXPECT_EQ(csv.Show("99999999999999999999,two,t").substr(0, 5), "22003");
  EXPECT_EQ(csv.Show("\"\",two,t").substr(0, 5), "22P02");  // quoted: no NULL
  EXPECT_EQ(csv.Show("1,\xff,t").substr(0, 5), "22021");
  EXPECT_EQ(csv.Show(std::string_view("1,a\0b,t", 7)).substr(0, 5), "22021");
  EXPECT_EQ(csv.Show("").substr(0, 5), "22P04");
}

TEST(Csv, RaggedRecordsAreFilledWhenAsked) {
  Decoding csv(AbC(), Csv({{"fields", "3"}, {"ragged", "fill"}}));
  EXPECT_EQ(csv.Show("1"), "a=1 b=NULL C=NULL");
  EXPECT_EQ(csv.Show("1,x,t,more,\"and, more\""), "a=1 b='x' C=true");
  auto columns = AbC();
  columns[2].not_null = true;
  EXPECT_EQ(Decoding(columns, Csv({{"fields", "3"}, {"ragged", "fill"}})).Show("1,x").substr(0, 5), "23502");
}

TEST(Csv, AHeaderNamesTheFields) {
  Decoding csv(AbC(), Csv({{"header", "true"}}));
  csv.state().SetPreamble("x,B,\"C\", a ");
  EXPECT_EQ(csv.Show("0,two,t,1"), "a=1 b='two' C=true");
  EXPECT_EQ(csv.Show("0,two,t").substr(0, 5), "22P04");
  csv.state().SetPreamble("a,b,c");
  EXPECT_EQ(csv.Show("1,2,t"), "42703 the header line has no \"C\": it is a,b,c");
  Decoding filled(AbC(), Csv({{"header", "true"}, {"ragged", "fill"}}));
  filled.state().SetPreamble("b");
  EXPECT_EQ(filled.Show("two"), "a=NULL b='two' C=NULL");
  filled.state().SetPreamble("C,a,b");
  EXPECT_EQ(filled.Show("t,1,two"), "a=1 b='two' C=true");
}

TEST(Csv, Dialects) {
  Decoding tabs(AbC(), Csv({{"delimiter", "\\t"}, {"quote", ""}, {"null", "\\N"}, {"fields", "3"}}));
  EXPECT_EQ(tabs.Show("1\t\"x, y\"\t\\N"), "a=1 b='\"x, y\"' C=NULL");
  EXPECT_EQ(tabs.Show("1\t\tt"), "a=1 b='' C=true");
  Decoding escaped(AbC(), Csv({{"delimiter", ";"}, {"quote", "'"}, {"escape", "\\"}, {"fields", "3"}}));
  EXPECT_EQ(escaped.Show("1;'it\\'s \\\\ \\n';t"), "a=1 b='it's \\ \\n' C=true");
  EXPECT_FALSE(ParseCsvFormat({{"delimiter", "\""}}).ok());
  EXPECT_FALSE(ParseCsvFormat({{"delimiter", "ab"}}).ok());
  EXPECT_FALSE(ParseCsvFormat({{"null", "a,b"}}).ok());
}

TEST(Csv, OnlyWhatIsReadIsLookedAt) {
  DecodeOptions options = Csv({{"fields", "4"}});
  options.validate = Validate::kRead;
  auto columns = std::vector<DecodeColumn>{MakeColumn("b", TypeId::kInt4)};
  columns[0].position = 1;
  Decoding csv(columns, options);
  EXPECT_EQ(csv.Show("not a number,2,\"open"), "b=2");
  options.validate = Validate::kFull;
  EXPECT_EQ(Decoding(columns, options).Show("not a number,2,x,\"open").substr(0, 5), "22P04");
  EXPECT_EQ(Decoding(columns, options).Show("not a number,2,x,y"), "b=2");
}

TEST(Csv, LongFieldsAndManyFields) {
  Decoding csv(AbC(), Csv({{"fields", "3"}}));
  const std::string text(10 << 20, 'x');
  EXPECT_EQ(csv.Show("1," + text + ",t"), "a=1 b='" + text + "' C=true");
  EXPECT_EQ(csv.Show("1,\"" + text + "\"\"\",t"), "a=1 b='" + text + "\"' C=true");
  for (size_t padding = 0; padding < 200; ++padding) {  // every place of a delimiter within a block of 64
    const std::string filler(padding, 'y');
    EXPECT_EQ(csv.Show("12," + filler + ",f"), padding == 0 ? "a=12 b=NULL C=false" : "a=12 b='" + filler + "' C=false");
  }
}

TEST(Csv, TypesAreReadAsPostgresReadsThem) {
  Decoding csv({MakeColumn("n", Type::Numeric(10, 2)), MakeColumn("f", TypeId::kFloat8), MakeColumn("d", TypeId::kDate),
                MakeColumn("t", TypeId::kTimestamp), MakeColumn("y", TypeId::kBytea)},
               Csv({{"fields", "5"}}));
  EXPECT_EQ(csv.Show("1.005,1e3,2000-01-02,2000-01-01 00:00:01,\\x4142"), "n=0:101/2 f=1000.000000 d=10958 t=946684801000000 y='AB'");
}

std::vector<std::string> Lines(std::string_view text, const file::RecordForm& form) {
  std::vector<std::string> out;
  file::RecordSplitter splitter(form, text.data(), text.data() + text.size(), true);
  for (const char* p = text.data(); p < text.data() + text.size();) {
    const auto found = splitter.Next(p);
    out.emplace_back(p, found.end);
    p = found.next;
  }
  return out;
}

TEST(RecordSplitter, LinesAndQuotes) {
  using List = std::vector<std::string>;
  EXPECT_EQ(Lines("a\r\nb\rc\n\nlast", {}), (List{"a", "b\rc", "", "last"}));
  const file::RecordForm csv{true, ',', '"', '"'};
  EXPECT_EQ(Lines("a\r\nb\rc\n\nlast", csv), (List{"a", "b", "c", "", "last"}));
  EXPECT_EQ(Lines("1,\"x\ny\",\"\"\"\n\"\n2,z\n", csv), (List{"1,\"x\ny\",\"\"\"\n\"", "2,z"}));
  EXPECT_EQ(Lines("5\" disk\n6\" disk\n", csv), (List{"5\" disk", "6\" disk"}));
  EXPECT_EQ(Lines("1,\"open\n2\n", csv), (List{"1,\"open\n2\n"}));
  EXPECT_EQ(Lines("1,'a\\'\nb'\n2", {true, ',', '\'', '\\'}), (List{"1,'a\\'\nb'", "2"}));
}

// "+row" and "-row" of a change event, or the error.
std::string Events(DecodeOptions::Envelope envelope, std::string_view record) {
  DecodeOptions options;
  options.envelope = envelope;
  const auto plan = MakePlan({MakeColumn("id", TypeId::kInt8, true), MakeColumn("v", TypeId::kText)}, options);
  DecoderState state(*plan);
  CallContext call;
  std::vector<char> rows(plan->layout().size() * plan->rows());
  const char* second = rows.data() + plan->layout().size();
  switch (Decode(*plan, state, call, record, rows.data())) {
    case DecodeResult::kRow:
      return "+" + ShowRow(*plan, rows.data());
    case DecodeResult::kRetract:
      return "-" + ShowRow(*plan, rows.data());
    case DecodeResult::kUpdate:
      return "-" + ShowRow(*plan, rows.data()) + " +" + ShowRow(*plan, second);
    case DecodeResult::kNothing:
      return "nothing";
    case DecodeResult::kError:
      break;
  }
  return std::string(state.error().state.view()) + " " + state.error().message;
}

TEST(Debezium, EventsAreRowsWithWeights) {
  const auto plain = DecodeOptions::Envelope::kDebezium;
  EXPECT_EQ(Events(plain, R"({"before":null,"after":{"id":1,"v":"x"},"op":"c"})"), "+id=1 v='x'");
  EXPECT_EQ(Events(plain, R"({"op":"r","after":{"id":1,"v":null},"source":{"before":1}})"), "+id=1 v=NULL");
  EXPECT_EQ(Events(plain, R"({"before":{"id":1,"v":"x"},"after":{"id":1,"v":"y"},"op":"u"})"), "-id=1 v='x' +id=1 v='y'");
  EXPECT_EQ(Events(plain, R"({"before":{"id":1,"v":"x"},"after":null,"op":"d","ts_ms":5})"), "-id=1 v='x'");
  EXPECT_EQ(Events(plain, R"({"schema":{"type":"struct"},"payload":{"before":{"id":1,"v":"x"},"after":{"id":2,"v":"y"},"op":"u"}})"),
            "-id=1 v='x' +id=2 v='y'");
  EXPECT_EQ(Events(plain, R"({"op":"m","message":{}})"), "nothing");
}

TEST(Debezium, MissingImagesAreErrors) {
  const auto plain = DecodeOptions::Envelope::kDebezium, keyed = DecodeOptions::Envelope::kDebeziumKeyed;
  EXPECT_EQ(Events(plain, R"({"before":null,"after":{"id":1,"v":"y"},"op":"u"})").substr(0, 57),
            "22004 the event is an update without its before-image: le");
  EXPECT_EQ(Events(keyed, R"({"before":null,"after":{"id":1,"v":"y"},"op":"u"})"), "+id=1 v='y'");
  EXPECT_EQ(Events(keyed, R"({"before":{"id":1},"after":null,"op":"d"})"), "-id=1 v=NULL");
  EXPECT_EQ(Events(keyed, R"({"after":null,"op":"d"})"), "22004 the event is a delete without its before-image");
  EXPECT_EQ(Events(plain, R"({"after":null,"op":"c"})"), "22004 the event has no \"after\"");
  EXPECT_EQ(Events(plain, R"({"id":1,"v":"y"})"), "22032 not a Debezium event: it has no \"op\"");
  EXPECT_EQ(Events(plain, R"({"after":{"id":1},"op":"x"})"), "22032 not a Debezium event: its \"op\" is \"x\"");
  EXPECT_EQ(Events(plain, R"({"after":{"v":"y"},"op":"c"})").substr(0, 5), "23502");
  EXPECT_EQ(Events(plain, R"({"op":"t"})").substr(0, 5), "0A000");
  EXPECT_EQ(Events(plain, "{").substr(0, 5), "22032");
}

}  // namespace
}  // namespace kappa
