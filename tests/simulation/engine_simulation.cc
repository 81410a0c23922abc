#include "tests/simulation/engine_simulation.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "connectors/log/topic_producer.h"
#include "engine/engine.h"
#include "engine/row_results.h"

namespace kappa::simulation {
namespace {

constexpr char kData[] = "/data";
constexpr char kOut[] = "/out";
constexpr int64_t kPatienceNanos = int64_t{1'000'000'000} * 3600;
constexpr char kSource[] =
    "CREATE SOURCE e (id BIGINT, k INT, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2 seconds')\n"
    "  WITH (connector = 'log', topic = 'e', idle_timeout = '1000 hours') FORMAT PLAIN ENCODE JSON;\n";

std::string RecordAt(int id, int second) {
  return "{\"id\":" + std::to_string(id) + ",\"k\":" + std::to_string(id * id % 7) + ",\"v\":" + std::to_string(id * 7 % 13) +
         ",\"ts\":\"2024-01-01 00:00:" + (second < 10 ? "0" : "") + std::to_string(second) + "\"}";
}

std::vector<std::string> Records(int count) {
  std::vector<std::string> records;
  for (int i = 0; i < count; ++i) {
    records.push_back(RecordAt(i, i - (i % 11 == 10 ? 8 : 0)));  // some are late
  }
  return records;
}

constexpr int64_t kFirstMicros = 1'704'067'200'000'000;  // 2024-01-01

// Gives the stages' records to topic e. What is there it does not give again, so that one may go on after a power loss.
class Feeder {
 public:
  Feeder(const Scenario& scenario, os::SimulatedEnvironment* environment)
      : scenario_(scenario),
        clock_(environment->clock()),
        log_(log::LogDirectory::Open(*environment, kData)),
        first_life_(!environment->files().Exists(std::string(kData) + "/pipelines/p")) {}

  Status Feed(int64_t watermark_micros) {
    while (next_ < scenario_.stages.size()) {
      // After a power loss all partitions may be silent, and the watermark stays.
      const bool goes_on = !first_life_ && clock_.MonotonicNanos() - given_nanos_ > kPatienceOfFeederNanos;
      if (watermark_micros < kFirstMicros + scenario_.stages[next_].after * 1'000'000 && !goes_on) break;
      RETURN_IF_ERROR(Give(scenario_.stages[next_].records));
      given_nanos_ = clock_.MonotonicNanos();
      ++next_;
    }
    return OkStatus();
  }
  bool done() const { return next_ == scenario_.stages.size(); }
  bool first_life() const { return first_life_; }  // later ones may find that the program has ended

 private:
  Status Give(const std::vector<std::pair<int32_t, std::string>>& records) {
    if (given_.empty()) {
      given_.resize(static_cast<size_t>(scenario_.partitions));
      for (size_t i = 0; i < scenario_.records.size(); ++i) ++given_[i % given_.size()];
    }
    ASSIGN_OR_RETURN(const std::vector<OffsetRange> ranges, log_->Ranges("e"));
    ASSIGN_OR_RETURN(const auto producer, log::TopicProducer::Open(log_, "e"));
    for (const auto& [partition, value] : records) {
      if (given_[static_cast<size_t>(partition)]++ < ranges[static_cast<size_t>(partition)].end) continue;
      OutgoingRecord record;
      record.partition = partition;
      record.value = value;
      record.timestamp_ms = kFirstMicros / 1000;
      RETURN_IF_ERROR(producer->Add(record));
    }
    return producer->Flush();
  }

  static constexpr int64_t kPatienceOfFeederNanos = 2'000'000'000;
  const Scenario& scenario_;
  os::Clock& clock_;
  const std::shared_ptr<log::LogDirectory> log_;
  const bool first_life_;
  int64_t given_nanos_ = 0;
  size_t next_ = 0;
  std::vector<Offset> given_;  // a partition, by the stages so far
};

// Of an updating sink, rows begin with their key.
std::string KeyOf(const std::string& row) { return row.substr(0, row.find(',')); }

void Add(const std::string& sink, const std::vector<std::string>& rows, Contents* contents) {
  if (sink.find("upsert") == std::string::npos) {
    for (const std::string& row : rows) contents->rows.push_back(sink + ": " + row);
    return;
  }
  std::map<std::string, std::string> last;
  for (const std::string& row : rows) last[KeyOf(row)] = row;
  for (const auto& [key, row] : last) contents->rows.push_back(sink + ": " + row);
}

StatusOr<std::vector<std::string>> ReadTopic(log::LogDirectory* log, const std::string& topic) {
  std::vector<std::string> rows;
  ASSIGN_OR_RETURN(const std::vector<OffsetRange> ranges, log->Ranges(topic));
  for (size_t p = 0; p < ranges.size(); ++p) {
    ASSIGN_OR_RETURN(const auto reader, log->Reader(topic, static_cast<int32_t>(p), {}));
    while (reader->position() < ranges[p].end) {
      ASSIGN_OR_RETURN(const RecordBatch batch, reader->Poll({}));
      if (batch.empty()) break;
      for (const Record& record : batch.records) rows.emplace_back(record.value, record.value_size);
    }
  }
  return rows;
}

}  // namespace

Scenario AppendingScenario() {
  Scenario scenario;
  scenario.name = "appending";
  scenario.text =
      std::string(kSource) +
      "CREATE SINK a AS SELECT id, v FROM e WHERE v % 3 <> 1 WITH (connector = 'log', topic = 'log_rows', partitions = 2) FORMAT PLAIN ENCODE JSON;\n"
      "CREATE SINK b AS SELECT id, k FROM e WITH (connector = 'file', path = '/out/rows', rollover.interval = '0 s') FORMAT PLAIN ENCODE JSON;\n";
  scenario.records = Records(24);
  return scenario;
}

Scenario UpdatingScenario() {
  Scenario scenario;
  scenario.name = "updating";
  scenario.text = std::string(kSource) +
                  "CREATE SINK a AS SELECT k, count(*) AS n, sum(v) AS total, min(id) AS least FROM e GROUP BY k\n"
                  "  WITH (connector = 'log', topic = 'log_upsert', primary_key = 'k') FORMAT UPSERT ENCODE JSON;\n"
                  "CREATE SINK b AS SELECT 1 AS one, count(*) AS n, sum(v) AS total FROM e\n"
                  "  WITH (connector = 'file', path = '/out/upsert', rollover.interval = '0 s', primary_key = 'one') FORMAT UPSERT ENCODE JSON;\n";
  scenario.records = Records(24);
  scenario.workers = 2;
  return scenario;
}

Scenario WindowScenario() {
  Scenario scenario;
  scenario.name = "windows";
  const std::string hop = "FROM HOP(e, ts, INTERVAL '2 s', INTERVAL '4 s') GROUP BY window_start, k EMIT ON WINDOW CLOSE";
  const std::string tumble = "FROM TUMBLE(e, ts, INTERVAL '5 s') GROUP BY window_start EMIT ON WINDOW CLOSE";
  scenario.text = std::string(kSource) + "CREATE SINK a AS SELECT window_start, k, count(*) AS n " + hop +
                  " WITH (connector = 'log', topic = 'log_hops') FORMAT PLAIN ENCODE JSON;\nCREATE SINK b AS SELECT window_start, sum(v) AS total " +
                  tumble + " WITH (connector = 'file', path = '/out/tumbles', rollover.interval = '0 s') FORMAT PLAIN ENCODE JSON;\n";
  scenario.records = Records(24);
  scenario.workers = 2;
  return scenario;
}

Scenario SilenceScenario() {
  Scenario scenario;
  scenario.name = "silences";
  scenario.text =
      "CREATE SOURCE e (id BIGINT, k INT, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2 seconds')\n"
      "  WITH (connector = 'log', topic = 'e', idle_timeout = '100 ms') FORMAT PLAIN ENCODE JSON;\n"
      "CREATE SINK a AS SELECT window_start, k, count(*) AS n FROM TUMBLE(e, ts, INTERVAL '2 s') GROUP BY window_start, k EMIT ON WINDOW CLOSE\n"
      "  WITH (connector = 'log', topic = 'log_tumbles') FORMAT PLAIN ENCODE JSON;\n"
      "CREATE SINK b AS SELECT window_start, sum(v) AS total FROM HOP(e, ts, INTERVAL '2 s', INTERVAL '6 s') GROUP BY window_start\n"
      "  EMIT ON WINDOW CLOSE WITH (connector = 'file', path = '/out/hops', rollover.interval = '0 s') FORMAT PLAIN ENCODE JSON;\n";
  for (int i = 0; i < 8; ++i) scenario.records.push_back(RecordAt(i, i));
  // A stage is one partition's alone, and later than all before it: nothing is late, whoever is silent.
  int id = 8;
  for (const int32_t partition : {0, 1, 1, 0}) {
    Stage stage{id - 2 - 2, {}};  // where the watermark stands when the one that is silent holds it back no longer
    if (id == 8) stage.after = 0;
    for (int i = 0; i < 6; ++i, ++id) stage.records.emplace_back(partition, RecordAt(id, id));
    scenario.stages.push_back(stage);
  }
  scenario.workers = 2;
  return scenario;
}

std::unique_ptr<os::MemoryFileSystem> DiskWithInput(const Scenario& scenario) {
  os::SimulatedEnvironment environment(1);
  const auto log = log::LogDirectory::Open(environment, kData);
  if (!log->CreateTopic("e", {.partitions = scenario.partitions}).ok()) return nullptr;
  const auto producer = log::TopicProducer::Open(log, "e");
  if (!producer.ok()) return nullptr;
  for (size_t i = 0; i < scenario.records.size(); ++i) {
    OutgoingRecord record;
    record.partition = static_cast<int32_t>(i % static_cast<size_t>(scenario.partitions));
    record.value = scenario.records[i];
    record.timestamp_ms = kFirstMicros / 1000;
    if (!(*producer)->Add(record).ok()) return nullptr;
    if (i % 5 == 4 && !(*producer)->Flush().ok()) return nullptr;  // several batches
  }
  if (!(*producer)->Flush().ok()) return nullptr;
  return CopyOf(environment.files().disk());
}

std::unique_ptr<os::MemoryFileSystem> CopyOf(const os::MemoryFileSystem& durable) { return durable.AfterPowerLoss(0); }

namespace {

// To the end of what there is; with a feeder, until it has given everything and that has been read.
Status RunOnce(const Scenario& scenario, os::SimulatedEnvironment* environment, bool rebuild, Feeder* feeder) {
  EngineOptions options;
  options.data_directory = kData;
  options.environment = environment;
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(options));
  const std::unique_ptr<Session> session = engine->NewSession();
  RETURN_IF_ERROR(session->Set("jit_tier", "quick"));
  RETURN_IF_ERROR(session->Set("workers", std::to_string(scenario.workers)));
  RETURN_IF_ERROR(session->Set("epoch_max_records", std::to_string(scenario.epoch_records)));
  RETURN_IF_ERROR(session->Set("checkpoint_interval", "1 ms"));
  RETURN_IF_ERROR(session->Set("commit_interval", "0"));
  ProgramRunOptions run;
  run.name = "p";
  run.rebuild = rebuild;
  run.until_latest = feeder == nullptr;
  // Whoever waits for ever, waits in virtual time.
  const int64_t deadline = environment->clock().MonotonicNanos() + kPatienceNanos;
  Status fed;
  bool stopped = false;
  run.on_progress = [&](const Progress& progress) {
    if (feeder != nullptr && fed.ok()) fed = feeder->Feed(progress.watermark_micros);
    stopped = feeder != nullptr && feeder->done() && progress.lag == 0;
    if (stopped || !fed.ok() || environment->clock().MonotonicNanos() > deadline) session->Cancel();
  };
  SilentResults results;
  const Status status = session->RunProgram({{scenario.name + ".sql", scenario.text}}, run, &results).status();
  RETURN_IF_ERROR(fed);
  RETURN_IF_ERROR(status);
  if (feeder != nullptr && !stopped && feeder->first_life())
    return SqlError(sqlstate::kInternalError) << "the watermark waits for a silent partition";
  return OkStatus();
}

}  // namespace

Status RunProgram(const Scenario& scenario, os::SimulatedEnvironment* environment, bool rebuild) {
  if (!scenario.stages.empty()) {
    Feeder feeder(scenario, environment);
    RETURN_IF_ERROR(RunOnce(scenario, environment, rebuild, &feeder));
    rebuild = false;
  }
  return RunOnce(scenario, environment, rebuild, nullptr);
}

StatusOr<Contents> ReadSinks(os::SimulatedEnvironment* environment) {
  Contents contents;
  const auto log = log::LogDirectory::Open(*environment, kData);
  ASSIGN_OR_RETURN(const std::vector<std::string> topics, log->ListTopics());
  for (const std::string& topic : topics) {
    if (topic.substr(0, 4) != "log_") continue;
    ASSIGN_OR_RETURN(const std::vector<std::string> rows, ReadTopic(log.get(), topic));
    Add(topic, rows, &contents);
  }
  os::FileSystem& files = environment->files();
  ASSIGN_OR_RETURN(const std::vector<std::string> parts, files.Glob(std::string(kOut) + "/*/part-*"));
  std::map<std::string, std::vector<std::string>> folders;
  for (const std::string& part : parts) {
    ASSIGN_OR_RETURN(const std::string text, files.ReadAll(part));
    std::vector<std::string>& rows = folders[part.substr(0, part.rfind('/'))];
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      rows.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  for (const auto& [folder, rows] : folders) Add(folder, rows, &contents);
  std::sort(contents.rows.begin(), contents.rows.end());
  return contents;
}

uint64_t Seeds() {
  const char* text = std::getenv("KAPPA_SIMULATION_SEEDS");
  return text == nullptr ? 1 : std::max<uint64_t>(1, std::strtoull(text, nullptr, 10));
}

}  // namespace kappa::simulation
