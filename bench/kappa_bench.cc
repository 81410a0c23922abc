// kappa as a contestant beside bench/baseline: one query of bench/queries over records in memory, the embedded log or Kafka, to a blackhole.
//
//   kappa_bench --query q2 --queries bench/queries (--file F | --log DIR --topic T | --kafka HOST:PORT --topic T) [--validate read|full] [--workers
//   N] [--epoch N] [--tier adaptive|quick|o2] kappa_bench --query q2 --queries bench/queries --file F --first-row 20       time from the statement's
//   text to its first row at a sink, in a warmed process kappa_bench --load DIR --topic T --file F                                    writes the
//   file's records to a topic of an embedded log
//
// One JSON object a run. `cpu_seconds` is of all threads, from the program's start; loading the file is not counted.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "connectors/log/topic_producer.h"
#include "connectors/memory/memory_topics.h"
#include "engine/engine.h"

namespace kappa {
namespace {

struct Arguments {
  std::string query, queries = "bench/queries", file, log, kafka, topic = "nexmark", validate = "read", tier = "adaptive", load;
  int workers = 1, repeat = 1, first_row = 0;
  int64_t epoch = 1'000'000;
};

class Silent final : public Results {
 public:
  Status OnSchema(const std::string&, const RowSchema&) override { return OkStatus(); }
  Status OnRows(const ChangeBatch&) override { return OkStatus(); }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view text) override { std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data()); }
};

Status ForEachLine(const std::string& path, const std::function<Status(std::string_view)>& take) {
  ASSIGN_OR_RETURN(const std::string bytes, os::RealEnvironment().files().ReadAll(path));
  for (std::string_view rest = bytes; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0) RETURN_IF_ERROR(take(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return OkStatus();
}

Status Load(const Arguments& arguments) {
  auto directory = log::LogDirectory::Open(os::RealEnvironment(), arguments.load, false);
  RETURN_IF_ERROR(directory->CreateTopic(arguments.topic, {}));
  ASSIGN_OR_RETURN(auto producer, log::TopicProducer::Open(directory, arguments.topic));
  RETURN_IF_ERROR(ForEachLine(arguments.file, [&](std::string_view line) {
    OutgoingRecord record;
    record.value = line;
    RETURN_IF_ERROR(producer->Add(record));
    return producer->buffered_bytes() > (64 << 20) ? producer->Flush() : OkStatus();
  }));
  return producer->Flush();
}

std::string Replace(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) text.replace(at, what.size(), by);
  return text;
}

StatusOr<std::string> ProgramOf(const Arguments& arguments, const std::string& sink) {
  std::string source = "connector = 'memory', topic = 'bench'";
  if (!arguments.log.empty()) source = "connector = 'log', topic = '" + arguments.topic + "'";
  if (!arguments.kafka.empty())
    source = "connector = 'kafka', topic = '" + arguments.topic + "', properties.bootstrap.server = '" + arguments.kafka + "'";
  auto& files = os::RealEnvironment().files();
  ASSIGN_OR_RETURN(std::string text, files.ReadAll(arguments.queries + "/source.sql"));
  ASSIGN_OR_RETURN(const std::string query, files.ReadAll(arguments.queries + "/" + arguments.query + ".sql"));
  return Replace(Replace(text, "${SOURCE}", source), "${VALIDATE}", arguments.validate) + Replace(query, "connector = 'blackhole'", sink);
}

StatusOr<nlohmann::json> RunOnce(Session* session, const Arguments& arguments) {
  ASSIGN_OR_RETURN(const std::string text, ProgramOf(arguments, "connector = 'blackhole'"));
  ProgramRunOptions options;
  options.until_latest = true;
  Silent results;
  ASSIGN_OR_RETURN(const ProgramSummary summary, session->RunProgram({{arguments.query, text}}, options, &results));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  nlohmann::json out{{"contestant", "kappa"},
                     {"query", arguments.query},
                     {"source", !arguments.kafka.empty() ? "kafka"
                                : !arguments.log.empty() ? "log"
                                                         : "memory"},
                     {"validate", arguments.validate},
                     {"records", summary.progress.records},
                     {"cpu_seconds", summary.cpu_seconds},
                     {"wall_seconds", summary.seconds},
                     {"cpu_seconds_per_million", summary.cpu_seconds * 1e6 / static_cast<double>(std::max<int64_t>(summary.progress.records, 1))},
                     {"peak_rss_bytes", usage.ru_maxrss * 1024},
                     {"state_bytes", summary.progress.state_bytes},
                     {"errors", summary.progress.errors}};
  if (!summary.lines.empty()) out["sink"] = summary.lines[0];
  return out;
}

// From the statement's text to the first row at the sink.
StatusOr<double> FirstRow(Session* session, const Arguments& arguments, int64_t* first_nanos) {
  ASSIGN_OR_RETURN(const std::string text, ProgramOf(arguments, "connector = 'stdout'"));
  *first_nanos = 0;
  const int64_t begin = os::RealEnvironment().clock().MonotonicNanos();
  Silent results;
  ProgramRunOptions options;
  options.until_latest = true;
  RETURN_IF_ERROR(session->RunProgram({{arguments.query, text}}, options, &results).status());
  return static_cast<double>(*first_nanos - begin) / 1e6;
}

Status Main(const Arguments& arguments) {
  if (!arguments.load.empty()) return Load(arguments);
  EngineOptions options;
  options.data_directory = arguments.log.empty() ? "/tmp/kappa-bench-data" : arguments.log;
  options.memory = std::make_shared<MemoryTopics>();
  int64_t first_nanos = 0;
  options.output = [&](std::string_view) {
    if (first_nanos == 0) first_nanos = os::RealEnvironment().clock().MonotonicNanos();
  };
  if (!arguments.file.empty()) {
    auto topic = options.memory->Create("bench");
    RETURN_IF_ERROR(ForEachLine(arguments.file, [&](std::string_view line) {
      topic->Add(0, line);
      return OkStatus();
    }));
  }
  ASSIGN_OR_RETURN(auto engine, Engine::Open(std::move(options)));
  auto session = engine->NewSession();
  RETURN_IF_ERROR(session->Set("workers", std::to_string(arguments.workers)));
  RETURN_IF_ERROR(session->Set("epoch_max_records", std::to_string(arguments.first_row > 0 ? 1000 : arguments.epoch)));
  RETURN_IF_ERROR(session->Set("jit_tier", arguments.tier));
  if (arguments.first_row > 0) {
    std::vector<double> millis;
    for (int i = 0; i <= arguments.first_row; ++i) {
      ASSIGN_OR_RETURN(const double one, FirstRow(session.get(), arguments, &first_nanos));
      if (i > 0) millis.push_back(one);  // the first warms the process
    }
    std::sort(millis.begin(), millis.end());
    std::printf("%s\n", nlohmann::json{{"query", arguments.query},
                                       {"tier", arguments.tier},
                                       {"first_row_ms_median", millis[millis.size() / 2]},
                                       {"first_row_ms_max", millis.back()}}
                            .dump()
                            .c_str());
    return OkStatus();
  }
  for (int i = 0; i < arguments.repeat; ++i) {
    ASSIGN_OR_RETURN(const nlohmann::json run, RunOnce(session.get(), arguments));
    std::printf("%s\n", run.dump().c_str());
  }
  return OkStatus();
}

}  // namespace
}  // namespace kappa

int main(int argc, char** argv) {
  kappa::Arguments arguments;
  CLI::App app{"kappa as a contestant of the bench"};
  app.add_option("--query", arguments.query);
  app.add_option("--queries", arguments.queries);
  app.add_option("--file", arguments.file);
  app.add_option("--log", arguments.log);
  app.add_option("--kafka", arguments.kafka);
  app.add_option("--topic", arguments.topic);
  app.add_option("--validate", arguments.validate);
  app.add_option("--tier", arguments.tier);
  app.add_option("--workers", arguments.workers);
  app.add_option("--epoch", arguments.epoch);
  app.add_option("--repeat", arguments.repeat);
  app.add_option("--first-row", arguments.first_row);
  app.add_option("--load", arguments.load);
  CLI11_PARSE(app, argc, argv);
  const kappa::Status status = kappa::Main(arguments);
  if (!status.ok()) std::fprintf(stderr, "%s", kappa::ErrorText(status, {}).c_str());
  return status.ok() ? 0 : 3;
}
