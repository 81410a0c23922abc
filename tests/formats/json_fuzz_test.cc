// All ways through the decoder must agree: each mutated record is decoded by the general path and, with what they have learned before, by the shapes
// for every instruction set; under kFull the verdict on the record's form is nlohmann's.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <nlohmann/json.hpp>

#include "tests/formats/decode_fixture.h"
#include "tests/fuzz/fuzz_budget.h"

namespace kappa {
namespace {

class Sequence {
 public:
  explicit Sequence(uint64_t seed) : state_(seed) {}
  uint64_t Next() {  // SplitMix64
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  size_t Below(size_t limit) { return Next() % limit; }

 private:
  uint64_t state_;
};

// Puts a record where reading past its page would crash.
class GuardedPage {
 public:
  GuardedPage() {
    memory_ = static_cast<char*>(mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory_ + kPage, kPage, PROT_NONE);
  }
  ~GuardedPage() { munmap(memory_, 2 * kPage); }
  // `gap` bytes before the page's end hold what could be mistaken for the record's continuation: `behind`, over and over.
  std::string_view Place(std::string_view record, size_t gap, std::string_view behind) {
    for (size_t i = 0; i < gap; ++i) memory_[kPage - gap + i] = behind[i % behind.size()];
    char* p = memory_ + kPage - gap - record.size();
    std::memcpy(p, record.data(), record.size());
    return {p, record.size()};
  }

 private:
  static constexpr size_t kPage = 4096;
  char* memory_;
};

const std::vector<std::string>& Seeds() {
  static const std::vector<std::string> seeds = {
      R"({"event_type":2,"person":null,"auction":null,"bid":{"auction":1007,"bidder":2001,"price":3456789,"channel":"Google","url":"https://www.nexmark.com/abc/item.htm?query=1","dateTime":"2015-07-15 00:00:00.123","extra":"abcdefghijklmnopqrstuvwxyz"}})",
      R"({"event_type":1,"person":null,"auction":{"id":1007,"itemName":"vase","initialBid":12,"dateTime":"2015-07-15 00:00:00.100","extra":""},"bid":null})",
      R"({"event_type":0,"person":{"id":1,"name":"A B","dateTime":"2015-07-15 00:00:01"},"auction":null,"bid":null})",
      R"({"a": -12, "b": "12", "c": 1.50, "d": true, "e": [1, {"f": "]"}], "g": "x\ny", "t": "2015-07-15T12:34:56.123456"})",
      R"({"a":123456789012,"b":"7","c":"1e3","d":false,"e":{},"g":"gr\u00fcn","t":"2020-02-29 23:59:59"})",
      "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null,\"g\":\"gr\xC3\xBC\xC3\x9F, longer than one vector of sixty-four bytes, to be sure "
      "about loops\",\"t\":null}",
      R"({ "A" : 1 , "a" : 2 , "G" : "q" , "z" : [ [ ] , { "y" : [ 0 , -1.5e-7 , "\\\"" ] } ] })",
      R"({"bid":{"price":9,"auction":8},"a":5,"d":true})",
      R"({"g":"plain","g2":"plain","a":99999999,"n":12345678901234567890123,"t":"1969-12-31 00:00:00.000"})",
  };
  return seeds;
}

std::vector<std::vector<DecodeColumn>> ColumnSets() {
  return {
      {MakeColumn("event_type", TypeId::kInt4), MakeColumn("bid.auction", TypeId::kInt8), MakeColumn("bid.price", TypeId::kInt8),
       MakeColumn("bid.datetime", TypeId::kTimestamp)},
      {MakeColumn("bid.auction", TypeId::kInt8), MakeColumn("bid.channel", TypeId::kText), MakeColumn("bid.url", TypeId::kText),
       MakeColumn("bid.extra", TypeId::kText), MakeColumn("auction.id", TypeId::kInt2), MakeColumn("person", TypeId::kText)},
      {MakeColumn("a", TypeId::kInt8), MakeColumn("b", TypeId::kInt8), MakeColumn("c", TypeId::kNumeric), MakeColumn("d", TypeId::kBool),
       MakeColumn("e", TypeId::kText), MakeColumn("g", TypeId::kText), MakeColumn("t", TypeId::kTimestamp)},
      {MakeColumn("\"a\"", TypeId::kFloat8), MakeColumn("g", TypeId::kText, true)},
      {MakeColumn("absent", TypeId::kText)},
      {MakeColumn("e", TypeId::kJsonb), MakeColumn("a", Type(TypeId::kText, kJsonbTextModifier)), MakeColumn("bid", TypeId::kJson),
       MakeColumn("g", Type(TypeId::kText, kJsonbTextModifier))},
      {MakeColumn("bid", Type::Struct({{"auction", TypeId::kInt8}, {"price", TypeId::kInt4}, {"datetime", TypeId::kTimestamp}})),
       MakeColumn("g", Type::Varchar(9))},
  };
}

std::string Mutate(Sequence& random, std::string record) {
  static constexpr std::string_view kInteresting = "{}[]:,\"\\ntfu0123456789.-+eE /\t\x01\x1f\x7f\x80\xc3\xff";
  const size_t edits = 1 + random.Below(3);
  for (size_t i = 0; i < edits && !record.empty(); ++i) {
    const size_t at = random.Below(record.size());
    const std::string& other = Seeds()[random.Below(Seeds().size())];
    const size_t from = random.Below(other.size()), size = 1 + random.Below(24);
    switch (random.Below(8)) {
      case 0:
        record[at] = static_cast<char>(random.Next());
        break;
      case 1:
      case 2:
        record[at] = kInteresting[random.Below(kInteresting.size())];
        break;
      case 3:
        record.insert(at, 1, kInteresting[random.Below(kInteresting.size())]);
        break;
      case 4:
        record.erase(at, 1 + random.Below(4));
        break;
      case 5:
        record.resize(at);
        break;
      case 6:
        record.insert(at, other.substr(from, size));
        break;
      default:
        record.replace(at, std::min(size, record.size() - at), other.substr(from, size));
        break;
    }
  }
  return record;
}

// Changes values only: most such records stay well-formed and of a known shape.
std::string Vary(Sequence& random, std::string record) {
  for (char& c : record) {
    if (c >= '1' && c <= '9' && random.Below(4) == 0) c = static_cast<char>('1' + random.Below(9));
    if (c >= 'a' && c <= 'z' && random.Below(200) == 0) c = static_cast<char>('a' + random.Below(26));
  }
  return record;
}

struct Entry {
  const char* name;
  DecodeFunction function;
};

std::vector<Entry> Entries() {
  std::vector<Entry> entries = {{"v2", &DecodeJson_v2}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) entries.push_back({"v3", &DecodeJson_v3});
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
    entries.push_back({"v4", &DecodeJson_v4});
#endif
  return entries;
}

void CompareAll(Validate validate, uint64_t seed, uint64_t records) {
  FuzzBudget budget(seed, records);
  Sequence random(budget.seed());
  GuardedPage page;
  struct Contestant {
    std::string name;
    std::unique_ptr<Decoding> general, shapes;
  };
  std::vector<Contestant> contestants;
  const std::vector<Entry> entries = Entries();
  size_t set = 0;
  for (const auto& columns : ColumnSets()) {
    for (const Entry& entry : entries) {
      contestants.push_back({std::string(entry.name) + " set " + std::to_string(set),
                             std::make_unique<Decoding>(columns, DecodeOptions{RecordEncoding::kJson, validate, false}, entry.function),
                             std::make_unique<Decoding>(columns, DecodeOptions{RecordEncoding::kJson, validate, true}, entry.function)});
    }
    ++set;
  }
  while (budget.Next()) {
    const std::string& base = Seeds()[random.Below(Seeds().size())];
    const bool vary = random.Below(4) == 0;
    const std::string record = vary ? Vary(random, base) : Mutate(random, base);
    // Truncated records most of all: what follows in memory is then the rest of the record, or digits.
    const std::string_view rest = base.size() > record.size() && random.Below(2) == 0 ? std::string_view(base).substr(record.size()) : "7777,";
    const std::string_view placed =
        page.Place(record, random.Below(3) == 0 ? 0 : 56 + random.Below(80), rest.substr(random.Below(std::min<size_t>(rest.size(), 4))));
    // One contestant a record, in turn: each sees enough of them, and all of the unchanged ones below.
    Contestant& contestant = contestants[budget.round() % contestants.size()];
    ASSERT_EQ(contestant.shapes->Show(placed), contestant.general->Show(placed)) << contestant.name << " " << budget.where() << ": " << record;
    if (budget.round() % 16 == 0) {
      for (Contestant& other : contestants) ASSERT_EQ(other.shapes->Show(base), other.general->Show(base)) << other.name << base;
    }
  }
  uint64_t by_shape = 0;
  for (const Contestant& contestant : contestants)
    by_shape += contestant.general->state().general_records() - contestant.shapes->state().general_records();
  EXPECT_GT(by_shape, budget.round() / 20) << "too few records took the fast path for the comparison to mean anything";
}

TEST(JsonFuzz, ShapesAgreeWithTheGeneralPathFull) { CompareAll(Validate::kFull, 1, 150000); }
TEST(JsonFuzz, ShapesAgreeWithTheGeneralPathRead) { CompareAll(Validate::kRead, 2, 150000); }

// Does another parser take the record? kUnknown: it gives up on a number too large for a double.
enum class Verdict { kWellFormed, kMalformed, kUnknown };
Verdict OtherParser(const std::string& record) {
  const size_t first = record.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || record[first] != '{') return Verdict::kMalformed;
  try {
    (void)nlohmann::json::parse(record, [](int, nlohmann::json::parse_event_t, nlohmann::json&) { return false; });
    return Verdict::kWellFormed;
  } catch (const nlohmann::json::out_of_range&) { return Verdict::kUnknown; } catch (const nlohmann::json::exception&) {
    return Verdict::kMalformed;
  }
}

TEST(JsonFuzz, FormIsJudgedAsByAnotherParser) {
  FuzzBudget budget(3, 50'000);
  Sequence random(budget.seed());
  Decoding decoding({MakeColumn("absent", TypeId::kText)});
  uint64_t accepted = 0;
  while (budget.Next()) {
    const std::string record = Mutate(random, Seeds()[random.Below(Seeds().size())]);
    const Verdict verdict = OtherParser(record);
    if (verdict == Verdict::kUnknown) continue;
    const bool expected = verdict == Verdict::kWellFormed;
    const std::string got = decoding.Show(record);
    accepted += expected;
    ASSERT_EQ(got.substr(0, 5) != "22032" && got.substr(0, 5) != "22021", expected) << budget.where() << " " << got << ": " << record;
  }
  EXPECT_GT(accepted, budget.round() / 10);
}

}  // namespace
}  // namespace kappa
