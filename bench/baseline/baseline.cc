// The best C++ one would write by hand for three Nexmark queries, to measure kappa by.
//   baseline --query q0|q2|q17|consume (--file F | --kafka BOOTSTRAP --topic T | --generate N [--write F]) [--epoch 1000000] [--repeat 1]
// Prints one JSON object a run: records, changes, checksum, CPU seconds (getrusage, all threads) and wall seconds from the first record on, peak RSS.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "bench/baseline/nexmark_records.h"
#include "bench/baseline/queries.h"
#include "common/os/environment.h"
#include "common/status.h"
#ifdef KAPPA_BASELINE_KAFKA
#include "bench/baseline/kafka_records.h"
#endif

namespace kappa::baseline {
namespace {

struct Arguments {
  std::string query, file, bootstrap, topic, write;
  uint64_t epoch = 1000000, generate = 0;
  int threads = 1, repeat = 1;
};

struct Usage {
  double user = 0, system = 0, wall = 0;
  int64_t peak_kb = 0;
  static Usage Now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
    return {seconds(usage.ru_utime), seconds(usage.ru_stime), static_cast<double>(os::RealEnvironment().clock().MonotonicNanos()) * 1e-9,
            usage.ru_maxrss};
  }
};

// What the client alone costs: every record is touched, none decoded.
class Consume {
 public:
  void Record(const char* record, size_t size, size_t) {
    ++totals.records;
    totals.checksum += static_cast<unsigned char>(record[0]) + size;
  }
  void EpochEnd() {}
  Totals totals;
};

void Print(const Arguments& arguments, const Totals& totals, const Usage& begin, const Usage& end) {
  const double cpu = end.user + end.system - begin.user - begin.system;
  fmt::print(
      "{{\"contestant\":\"baseline\",\"query\":\"{}\",\"source\":\"{}\",\"records\":{},\"bids\":{},\"changes\":{},\"undecodable\":{},\"checksum\":\"{"
      ":016x}\","
      "\"cpu_seconds\":{:.4f},\"system_seconds\":{:.4f},\"wall_seconds\":{:.4f},\"cpu_seconds_per_million\":{:.4f},\"process_cpu_seconds\":{:.4f},"
      "\"peak_rss_kb\":{}}}\n",
      arguments.query, arguments.file.empty() && arguments.generate == 0 ? "kafka" : "memory", totals.records, totals.bids, totals.changes,
      totals.bad, totals.checksum, cpu, end.system - begin.system, end.wall - begin.wall,
      totals.records == 0 ? 0 : cpu * 1e6 / static_cast<double>(totals.records), end.user + end.system, end.peak_kb);
  std::fflush(stdout);
}

// Cuts epochs.
template <typename Query>
class Driver {
 public:
  explicit Driver(uint64_t epoch) : epoch_(epoch), left_(epoch) {}
  void operator()(const char* record, size_t size, size_t capacity) {
    query.Record(record, size, capacity);
    if (--left_ == 0) {
      query.EpochEnd();
      left_ = epoch_;
    }
  }
  Query query;

 private:
  uint64_t epoch_, left_;
};

template <typename Query>
Status RunKafka(const Arguments& arguments) {
#ifdef KAPPA_BASELINE_KAFKA
  const Usage begin = Usage::Now();
  TopicReader reader;
  RETURN_IF_ERROR(reader.Open(arguments.bootstrap, arguments.topic));
  Driver<Query> driver(arguments.epoch);
  RETURN_IF_ERROR(reader.ReadAll(driver));
  driver.query.EpochEnd();
  Print(arguments, driver.query.totals, begin, Usage::Now());
  return OkStatus();
#else
  return SqlError(sqlstate::kFeatureNotSupported) << "this binary was built without librdkafka";
#endif
}

template <typename Query>
Status Run(const Arguments& arguments, const bench::RecordFile* file) {
  for (int i = 0; i < arguments.repeat; ++i) {
    if (file == nullptr) {
      RETURN_IF_ERROR(RunKafka<Query>(arguments));
      continue;
    }
    const Usage begin = Usage::Now();
    Driver<Query> driver(arguments.epoch);
    for (std::string_view record : file->records) driver(record.data(), record.size(), record.size() + simdjson::SIMDJSON_PADDING);
    driver.query.EpochEnd();
    Print(arguments, driver.query.totals, begin, Usage::Now());
  }
  return OkStatus();
}

Status Main(const Arguments& arguments) {
  bench::RecordFile file;
  const bool memory = !arguments.file.empty() || arguments.generate != 0;
  if (!arguments.file.empty()) {
    ASSIGN_OR_RETURN(std::string bytes, os::RealEnvironment().files().ReadAll(arguments.file));
    file = bench::SplitRecords(std::move(bytes));
  } else if (arguments.generate != 0) {
    file = bench::MakeNexmarkRecords(arguments.generate, 42);
  }
  if (!arguments.write.empty()) {
    return os::RealEnvironment().files().WriteAtomically(arguments.write,
                                                         std::string_view(file.bytes).substr(0, file.bytes.size() - bench::kPadding));
  }
  const bench::RecordFile* records = memory ? &file : nullptr;
  if (arguments.query == "q0") return Run<Query0>(arguments, records);
  if (arguments.query == "q2") return Run<Query2>(arguments, records);
  if (arguments.query == "q17") return Run<Query17>(arguments, records);
  return Run<Consume>(arguments, records);
}

}  // namespace
}  // namespace kappa::baseline

int main(int argc, char** argv) {
  kappa::baseline::Arguments arguments;
  CLI::App app("Nexmark q0, q2 and q17, written by hand");
  app.add_option("--query", arguments.query, "q0, q2, q17, or consume: read the records only")
      ->check(CLI::IsMember({"q0", "q2", "q17", "consume"}))
      ->required();
  auto* file = app.add_option("--file", arguments.file, "a file of newline-separated records, loaded into memory before the clock starts");
  auto* generate = app.add_option("--generate", arguments.generate, "this many records of its own making")->excludes(file);
  app.add_option("--write", arguments.write, "write the records to this file, and nothing else");
  auto* topic = app.add_option("--topic", arguments.topic, "Kafka topic, read to its present end");
  app.add_option("--kafka", arguments.bootstrap, "bootstrap servers")->needs(topic)->excludes(file)->excludes(generate);
  app.add_option("--epoch", arguments.epoch, "records after which q17 emits its changes")->check(CLI::PositiveNumber);
  app.add_option("--repeat", arguments.repeat, "runs");
  app.add_option("--threads", arguments.threads, "1: there is nothing parallel in it")->check(CLI::Range(1, 1));
  CLI11_PARSE(app, argc, argv);
  if (arguments.file.empty() && arguments.generate == 0 && arguments.bootstrap.empty()) {
    std::fputs("one of --file, --generate, --kafka is needed\n", stderr);
    return 1;
  }
  const kappa::Status status = kappa::baseline::Main(arguments);
  if (status.ok()) return 0;
  std::fputs(kappa::FormatError(status, "", "").c_str(), stderr);
  return 2;
}
