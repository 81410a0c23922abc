// CSV and change events from hostile bytes: no byte past the record's page is touched, what the full check takes the quick one takes with equal
// values, and what stands before in the worker's state changes nothing.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <random>

#include "tests/formats/decode_fixture.h"
#include "tests/fuzz/fuzz_budget.h"

namespace kappa {
namespace {

// A record that ends where its page does; behind it nothing may be read.
class GuardedEnd {
 public:
  GuardedEnd() {
    memory_ = static_cast<char*>(mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory_ + kPage, kPage, PROT_NONE);
  }
  ~GuardedEnd() { munmap(memory_, 2 * kPage); }
  std::string_view Place(std::string_view record) {
    char* p = memory_ + kPage - record.size();
    std::memcpy(p, record.data(), record.size());
    return {p, record.size()};
  }

 private:
  static constexpr size_t kPage = 4096;
  char* memory_;
};

std::string Mutate(const std::vector<std::string>& seeds, const std::vector<std::string>& pieces, std::mt19937_64& random) {
  std::string text = seeds[random() % seeds.size()];
  for (size_t edits = random() % 6; edits > 0; --edits) {
    const size_t at = random() % (text.size() + 1);
    switch (random() % 4) {
      case 0:
        text.insert(at, pieces[random() % pieces.size()]);
        break;
      case 1:
        text.erase(at, 1 + random() % 4);
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
      default:
        text.insert(at, text.substr(at, random() % 40));
    }
  }
  text.resize(std::min<size_t>(text.size(), 2000));
  return text;
}

TEST(CsvFuzz, FullAndReadAgreeAndStayInside) {
  static const std::vector<std::string> kSeeds = {"1,\"a,\"\"b\"\"\",2.50,t,2024-02-29", ",,,,", "-9223372036854775808,x,NaN,f,infinity",
                                                  "12,\"line\nbreak\",1e3,true,0001-01-01\r\n", "7," + std::string(130, 'w') + ",.5,no,2000-01-01"};
  static const std::vector<std::string> kPieces = {",", "\"", "\"\"", "\n", "\r", "\xff", "\xC3\xA9", std::string(1, '\0'), ",,", "0", "\\"};
  const std::vector<DecodeColumn> columns = {MakeColumn("a", TypeId::kInt8), MakeColumn("b", TypeId::kText), MakeColumn("c", TypeId::kNumeric),
                                             MakeColumn("d", TypeId::kBool), MakeColumn("e", TypeId::kDate)};
  DecodeOptions full;
  full.encoding = RecordEncoding::kCsv;
  full.csv.fields = 5;
  DecodeOptions read = full;
  read.validate = Validate::kRead;
  Decoding worn(columns, full), quick(columns, read);
  GuardedEnd guard;
  FuzzBudget budget(5, 50'000);
  std::mt19937_64 random(budget.seed());
  uint64_t rows = 0;
  while (budget.Next()) {
    const std::string text = Mutate(kSeeds, kPieces, random);
    const std::string_view record = guard.Place(text);
    const std::string shown = worn.Show(record);
    ASSERT_EQ(shown, Decoding(columns, full).Show(record)) << budget.where();
    if (!shown.starts_with("a=")) continue;
    ++rows;
    ASSERT_EQ(shown, quick.Show(record)) << budget.where() << "\n" << text;
  }
  EXPECT_GT(rows, 1000u);
}

TEST(DebeziumFuzz, NoEventLeavesItsBounds) {
  static const std::vector<std::string> kSeeds = {R"({"before":{"id":1,"v":"x"},"after":{"id":1,"v":"y"},"op":"u"})",
                                                  R"({"schema":{},"payload":{"before":null,"after":{"id":2,"v":"\u00e9"},"op":"c"}})",
                                                  R"({"op":"d","before":{"id":3},"after":null,"source":{"before":{"id":9}}})"};
  static const std::vector<std::string> kPieces = {"null", "{", "}", "\"op\":\"d\"", ",", "\"after\":", "\"payload\":", "[1]", "\"", "\\", "7"};
  const std::vector<DecodeColumn> columns = {MakeColumn("id", TypeId::kInt8, true), MakeColumn("v", TypeId::kText)};
  GuardedEnd guard;
  FuzzBudget budget(6, 50'000);
  std::mt19937_64 random(budget.seed());
  uint64_t counts[5] = {};
  DecodeOptions options;
  options.envelope = DecodeOptions::Envelope::kDebezium;
  const auto plan = MakePlan(columns, options);
  DecoderState state(*plan);
  CallContext call;
  std::vector<char> rows(plan->layout().size() * plan->rows());
  while (budget.Next()) {
    const std::string_view record = guard.Place(Mutate(kSeeds, kPieces, random));
    call.scratch.Reset();
    const DecodeResult result = Decode(*plan, state, call, record, rows.data());
    ++counts[static_cast<int>(result)];
    if (result == DecodeResult::kError) {
      ASSERT_FALSE(state.error().message.empty()) << budget.where();
      continue;
    }
    if (result != DecodeResult::kNothing) ASSERT_NE(ShowRow(*plan, rows.data()).find("id="), std::string::npos);
    if (result == DecodeResult::kUpdate) ASSERT_NE(ShowRow(*plan, rows.data() + plan->layout().size()).find("id="), std::string::npos);
  }
  EXPECT_GT(counts[static_cast<int>(DecodeResult::kRow)], 100u);
  EXPECT_GT(counts[static_cast<int>(DecodeResult::kUpdate)], 100u);
  EXPECT_GT(counts[static_cast<int>(DecodeResult::kRetract)], 100u);
}

}  // namespace
}  // namespace kappa
