// Records a second and core of the JSON decoder, beside a simdjson On-Demand loop over the same records.
//   json_decode_bench [records = 1000000] [rounds = 7]
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "bench/baseline/nexmark_records.h"
#include "common/os/environment.h"
#include "formats/decoder.h"

namespace kappa::bench {
namespace {

double CpuSeconds() { return static_cast<double>(os::RealEnvironment().clock().CpuNanos()) * 1e-9; }

struct Query {
  const char* name;
  std::vector<DecodeColumn> columns;
};

DecodeColumn Column(const std::vector<const char*>& path, TypeId type) {
  DecodeColumn column;
  for (const char* name : path) column.path.push_back({name, true});
  column.type = Type(type);
  return column;
}

// bid ->> name, where bid is a column of type jsonb: what the planner asks the decoder for.
DecodeColumn Path(const char* name) {
  DecodeColumn column = Column({"bid"}, TypeId::kText);
  column.type = Type(TypeId::kText, kJsonbTextModifier);
  column.path.push_back({name, false, true});
  return column;
}

std::vector<Query> Queries() {
  const auto bid = [](const char* name, TypeId type) { return *name == '\0' ? Column({"bid"}, type) : Column({"bid", name}, type); };
  return {
      {"q2",
       {Column({"event_type"}, TypeId::kInt4), bid("auction", TypeId::kInt8), bid("price", TypeId::kInt8), bid("datetime", TypeId::kTimestamp)}},
      {"q0",
       {Column({"event_type"}, TypeId::kInt4), bid("auction", TypeId::kInt8), bid("bidder", TypeId::kInt8), bid("price", TypeId::kInt8),
        bid("channel", TypeId::kText), bid("url", TypeId::kText), bid("datetime", TypeId::kTimestamp), bid("extra", TypeId::kText)}},
      {"->>", {Path("channel"), Path("price")}},
      {"jsonb", {bid("", TypeId::kJsonb)}},
  };
}

std::string Describe(const std::string& name, std::vector<double> seconds, size_t records) {
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  return fmt::format("{:<28} {:7.2f} M records/s   {:6.1f} ns/record (best {:.1f})\n", name, static_cast<double>(records) / median / 1e6,
                     median / static_cast<double>(records) * 1e9, seconds[0] / static_cast<double>(records) * 1e9);
}

uint64_t RunDecoder(DecodeFunction decode, const DecodePlan& plan, DecoderState& state, const RecordFile& file) {
  CallContext call;
  std::vector<char> row(plan.layout().size());
  uint64_t sum = 0;
  size_t count = 0;
  for (std::string_view record : file.records) {
    if (decode(&plan, &state, &call, record.data(), static_cast<uint32_t>(record.size()), row.data()) != DecodeResult::kRow) std::abort();
    uint64_t word;
    std::memcpy(&word, row.data() + 8, 8);
    sum += word;
    if (++count % 4096 == 0) call.scratch.Reset();
  }
  return sum;
}

// What one would write by hand for the same columns.
uint64_t RunOnDemand(simdjson::ondemand::parser& parser, const RecordFile& file, bool all) {
  uint64_t sum = 0;
  for (std::string_view record : file.records) {
    auto document = parser.iterate(record.data(), record.size(), record.size() + simdjson::SIMDJSON_PADDING).value();
    sum += static_cast<uint64_t>(document["event_type"].get_int64().value());
    simdjson::ondemand::object bid;
    if (document["bid"].get_object().get(bid) != simdjson::SUCCESS) continue;
    sum += static_cast<uint64_t>(bid["auction"].get_int64().value());
    if (all) sum += static_cast<uint64_t>(bid["bidder"].get_int64().value());
    sum += static_cast<uint64_t>(bid["price"].get_int64().value());
    if (all) sum += bid["channel"].get_string().value().size() + bid["url"].get_string().value().size();
    sum += bid["dateTime"].get_string().value().size();
    if (all) sum += bid["extra"].get_string().value().size();
  }
  return sum;
}

// bid ->> 'channel' and bid ->> 'price' by hand.
uint64_t RunPathsOnDemand(simdjson::ondemand::parser& parser, const RecordFile& file) {
  uint64_t sum = 0;
  for (std::string_view record : file.records) {
    auto document = parser.iterate(record.data(), record.size(), record.size() + simdjson::SIMDJSON_PADDING).value();
    simdjson::ondemand::object bid;
    if (document["bid"].get_object().get(bid) != simdjson::SUCCESS) continue;
    simdjson::ondemand::value value;
    if (bid["price"].get(value) == simdjson::SUCCESS) sum += value.raw_json_token().size();
    if (bid["channel"].get(value) == simdjson::SUCCESS) sum += value.get_string().value().size();
  }
  return sum;
}

int Main(int argc, char** argv) {
  const size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  const RecordFile file = MakeNexmarkRecords(count, 42);
  fmt::print("{} records, {:.1f} bytes each\n", file.records.size(), static_cast<double>(file.bytes.size()) / static_cast<double>(count));
  struct Contestant {
    std::string name;
    std::function<uint64_t()> run;
    std::vector<double> seconds;
  };
  std::vector<Contestant> contestants;
  std::vector<std::unique_ptr<const DecodePlan>> plans;
  std::vector<std::unique_ptr<DecoderState>> states;
  simdjson::ondemand::parser parser;
  for (const Query& query : Queries()) {
    const bool all = std::string_view(query.name) == "q0";
    const bool paths = std::string_view(query.name) == "->>", whole = std::string_view(query.name) == "jsonb";
    if (!whole) {
      contestants.push_back({fmt::format("{} simdjson On-Demand", query.name),
                             [&parser, &file, all, paths] { return paths ? RunPathsOnDemand(parser, file) : RunOnDemand(parser, file, all); },
                             {}});
    }
    for (const Validate validate : {Validate::kRead, Validate::kFull}) {
      for (const int version : {0, 1, 2, 3, 4}) {  // 0: what DecodeEntry says; 1: the general path
        if (version > 1 && validate == Validate::kFull) continue;
        std::vector<RowLayout::Column> columns;
        for (const DecodeColumn& column : query.columns) columns.push_back({column.type, true});
        plans.push_back(DecodePlan::Make(query.columns, RowLayout(columns), {RecordEncoding::kJson, validate, version != 1}).value());
        const DecodePlan& plan = *plans.back();
        DecoderState& state = *states.emplace_back(std::make_unique<DecoderState>(plan));
        const DecodeFunction decode = version == 2   ? &DecodeJson_v2
                                      : version == 3 ? &DecodeJson_v3
                                      : version == 4 ? &DecodeJson_v4
                                                     : DecodeEntry(plan);
        const std::string kind = version == 0 ? DecodeSymbol(plan) : version == 1 ? "general" : fmt::format("v{}", version);
        contestants.push_back({fmt::format("{} {} {}", query.name, validate == Validate::kFull ? "full" : "read", kind),
                               [decode, &plan, &state, &file] { return RunDecoder(decode, plan, state, file); },
                               {}});
      }
    }
  }
  uint64_t checksum = 0;
  for (int round = 0; round < rounds; ++round) {
    for (Contestant& contestant : contestants) {
      const double begin = CpuSeconds();
      checksum += contestant.run();
      contestant.seconds.push_back(CpuSeconds() - begin);
    }
  }
  for (const Contestant& contestant : contestants) fmt::print("{}", Describe(contestant.name, contestant.seconds, count));
  fmt::print("checksum {:x}\n", checksum);
  return 0;
}

}  // namespace
}  // namespace kappa::bench

int main(int argc, char** argv) { return kappa::bench::Main(argc, argv); }
