// Rows as JSON (read back by another parser, and by our own decoder), CSV and bytes.
#include "formats/encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/formats/decode_fixture.h"

namespace kappa {
namespace {

// Rows of one schema, made from Datums.
class Rows {
 public:
  explicit Rows(std::vector<RowSchema::Column> columns) {
    schema_.columns = std::move(columns);
    std::vector<RowLayout::Column> layout;
    for (const auto& column : schema_.columns) layout.push_back({column.type, column.nullable});
    schema_.layout = RowLayout(layout);
  }
  void Add(std::vector<Datum> values, int64_t weight = 1) {
    values_.push_back(std::make_unique<std::vector<Datum>>(std::move(values)));
    memory_.push_back(std::make_unique<std::vector<char>>(schema_.layout.size()));
    char* row = memory_.back()->data();
    for (size_t i = 0; i < schema_.columns.size(); ++i) schema_.layout.Store(row, schema_.layout.slots()[i], (*values_.back())[i]);
    rows_.push_back(row);
    weights_.push_back(weight);
  }
  // "key => value", "-" for none; or the error.
  std::string Encode(size_t index, const EncoderOptions& options) const {
    auto encoder = MakeEncoder(&schema_, options);
    if (!encoder.ok()) return std::string(SqlStateOf(encoder.status()).view());
    EncodedRecord record;
    record.value = "left over";
    const Status status = (*encoder)->Encode(ChangeBatch{&schema_, rows_, weights_, 0}, index, &record);
    if (!status.ok()) return std::string(SqlStateOf(status).view());
    return (record.has_key ? record.key + " => " : "") + (record.has_value ? record.value : "-");
  }
  const RowSchema& schema() const { return schema_; }

 private:
  RowSchema schema_;
  std::vector<std::unique_ptr<std::vector<Datum>>> values_;
  std::vector<std::unique_ptr<std::vector<char>>> memory_;
  std::vector<const char*> rows_;
  std::vector<int64_t> weights_;
};

const EncoderOptions kJsonOptions{RecordFormat::kJson, RetractionForm::kRefuse, {}, RecordFormat::kJson};
const EncoderOptions kCsvOptions{RecordFormat::kCsv, RetractionForm::kRefuse, {}, RecordFormat::kJson};

TEST(JsonEncoder, EveryType) {
  const Type item = Type::Struct({{"name", TypeId::kText}, {"n", TypeId::kInt8}});
  Rows rows({{"b", TypeId::kBool},
             {"i2", TypeId::kInt2},
             {"i8", TypeId::kInt8},
             {"f", TypeId::kFloat8},
             {"n", TypeId::kNumeric},
             {"t", TypeId::kText},
             {"y", TypeId::kBytea},
             {"d", TypeId::kDate},
             {"ts", TypeId::kTimestamp},
             {"s", item}});
  rows.Add({Datum::Bool(true), Datum::Int(-2), Datum::Int(INT64_MIN), Datum::Float(1.5), Datum::Of(Numeric(-150, 2)),
            Datum::Bytes("a\"b\\\n\x01\xC3\xA9"), Datum::Bytes(std::string("\0\xFF", 2)), Datum::Int(16631), Datum::Int(1436918400123000),
            Datum::Struct({Datum::Bytes("vase"), Datum()})});
  EXPECT_EQ(rows.Encode(0, kJsonOptions),
            "{\"b\":true,\"i2\":-2,\"i8\":-9223372036854775808,\"f\":1.5,\"n\":-1.50,\"t\":\"a\\\"b\\\\\\n\\u0001\xC3\xA9\",\"y\":\"\\\\x00ff\","
            "\"d\":\"2015-07-15\","
            "\"ts\":\"2015-07-15 00:00:00.123\",\"s\":{\"name\":\"vase\",\"n\":null}}");
  rows.Add(std::vector<Datum>(10));
  EXPECT_EQ(rows.Encode(1, kJsonOptions), R"({"b":null,"i2":null,"i8":null,"f":null,"n":null,"t":null,"y":null,"d":null,"ts":null,"s":null})");
}

TEST(JsonEncoder, NumbersJsonCannotSay) {
  Rows rows({{"f", TypeId::kFloat8}, {"n", TypeId::kNumeric}});
  Numeric nan;
  nan.kind = Numeric::kNaN;
  rows.Add({Datum::Float(-INFINITY), Datum::Of(nan)});
  rows.Add({Datum::Float(NAN), Datum::Of(Numeric(5, 0))});
  rows.Add({Datum::Float(1e300), Datum::Of(Numeric(0, 3))});
  EXPECT_EQ(rows.Encode(0, kJsonOptions), R"({"f":"-Infinity","n":"NaN"})");
  EXPECT_EQ(rows.Encode(1, kJsonOptions), R"({"f":"NaN","n":5})");
  EXPECT_EQ(rows.Encode(2, kJsonOptions), R"({"f":1e+300,"n":0.000})");
}

// Any text, through the encoder, another parser, and our decoder.
TEST(JsonEncoder, TextsComeBack) {
  std::string every;
  for (int c = 1; c < 128; ++c) every.push_back(static_cast<char>(c));
  for (const std::string& text : {std::string(), std::string("plain"), every, every + "\xE2\x82\xAC\xF0\x9F\x98\x80" + every}) {
    Rows rows({{"te\"xt", TypeId::kText}});
    rows.Add({Datum::Bytes(text)});
    const std::string record = rows.Encode(0, kJsonOptions);
    EXPECT_EQ(nlohmann::json::parse(record)["te\"xt"].get<std::string>(), text);
    Decoding decoding({MakeColumn("\"te\"xt\"", TypeId::kText)});
    EXPECT_EQ(decoding.Show(record), "te\"xt='" + text + "'");
  }
}

TEST(CsvEncoder, Quoting) {
  Rows rows({{"a", TypeId::kText}, {"b,c", TypeId::kText}, {"n", TypeId::kNumeric}});
  rows.Add({Datum::Bytes("x"), Datum::Bytes("say \"hi\", twice\nor so"), Datum::Of(Numeric(150, 2))});
  rows.Add({Datum::Bytes(""), Datum(), Datum()});
  EXPECT_EQ(rows.Encode(0, kCsvOptions), "x,\"say \"\"hi\"\", twice\nor so\",1.50");
  EXPECT_EQ(rows.Encode(1, kCsvOptions), "\"\",,");
  EXPECT_EQ(CsvHeader(rows.schema(), RetractionForm::kRefuse), "a,\"b,c\",n");
  EXPECT_EQ(CsvHeader(rows.schema(), RetractionForm::kOpColumn), "op,a,\"b,c\",n");
}

TEST(Encoder, Retractions) {
  Rows rows({{"k", TypeId::kInt8}, {"v", TypeId::kText}});
  rows.Add({Datum::Int(1), Datum::Bytes("a")}, -1);
  rows.Add({Datum::Int(1), Datum::Bytes("b")}, 2);
  EXPECT_EQ(rows.Encode(0, kJsonOptions), "0A000");
  EXPECT_EQ(rows.Encode(1, kJsonOptions), R"({"k":1,"v":"b"})");
  EncoderOptions options = kJsonOptions;
  options.retractions = RetractionForm::kOpColumn;
  EXPECT_EQ(rows.Encode(0, options), R"({"op":"delete","k":1,"v":"a"})");
  options.format = RecordFormat::kCsv;
  EXPECT_EQ(rows.Encode(1, options), "insert,1,b");
  options = {RecordFormat::kJson, RetractionForm::kTombstone, {}, RecordFormat::kJson};
  EXPECT_EQ(rows.Encode(0, options), "42P16");
  options.key = {0};
  EXPECT_EQ(rows.Encode(0, options), R"({"k":1} => -)");
  EXPECT_EQ(rows.Encode(1, options), R"({"k":1} => {"k":1,"v":"b"})");
  options.key_format = RecordFormat::kText;
  EXPECT_EQ(rows.Encode(1, options), R"(1 => {"k":1,"v":"b"})");
  options.key = {0, 1};
  EXPECT_EQ(rows.Encode(1, options), "0A000");
}

TEST(TextEncoder, OneColumn) {
  Rows rows({{"line", TypeId::kText}});
  rows.Add({Datum::Bytes("a,\"b")});
  rows.Add({Datum()});
  const EncoderOptions options{RecordFormat::kText, RetractionForm::kRefuse, {}, RecordFormat::kJson};
  EXPECT_EQ(rows.Encode(0, options), "a,\"b");
  EXPECT_EQ(rows.Encode(1, options), "-");
  EXPECT_EQ(Rows({{"a", TypeId::kText}, {"b", TypeId::kText}}).Encode(0, options), "0A000");
}

}  // namespace
}  // namespace kappa
