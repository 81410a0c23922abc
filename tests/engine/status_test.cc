// The status board, its JSON, its metrics, and the socket between an engine and who asks.
#include "engine/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "common/logging.h"
#include "engine/metrics.h"
#include "engine/pipeline_directory.h"
#include "engine/status_server.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FakeClock final : public os::Clock {
 public:
  int64_t WallMicros() override { return 1'700'000'000'000'000 + nanos / 1000; }
  int64_t MonotonicNanos() override { return nanos; }
  int64_t CpuNanos() override { return 0; }
  int64_t nanos = 1'000'000'000;
};

PipelineStatus Full() {
  PipelineStatus status;
  status.name = "totals \"of\" all\\\n";
  status.durable = true;
  status.state = PipelineState::kFailed;
  status.error = "53100: disk full \xff";
  status.started_micros = 1;
  status.seen_micros = 1'699'999'999'500'000;
  status.epoch = 12;
  status.records = 1000;
  status.bytes = 30'000;
  status.records_per_second = 10.5;
  status.bytes_per_second = 300.25;
  status.lag = 0;
  status.watermark_micros = -5;
  status.state_bytes = 4096;
  status.memory_budget = 1 << 20;
  status.snapshot_epoch = 10;
  status.snapshot_micros = 1'699'999'990'000'000;
  status.snapshot_bytes = 2048;
  status.snapshots = 3;
  status.snapshot_failures = 1;
  status.snapshot_error = "58030: no";
  status.merge_failures = 2;
  status.merge_error = "58030: nor that";
  status.journal_bytes = 77;
  status.longest_pause_nanos = 5'000'000;
  status.commit_error = "53100: full";
  status.offsets_lost = {"bids 0: 5 to 9"};
  status.late = 4;
  status.errors = 2;
  status.dead_letters = {{"bad", 3}, {"", 1}};
  status.sinks = {{"out", "log", true, 11, 900}, {"more", "print", false, -1, 0}};
  return status;
}

EngineStatus Running(std::vector<PipelineStatus> pipelines) {
  EngineStatus status;
  status.running = true;
  status.version = "1.2.3";
  status.data_directory = "/d";
  status.at_micros = 1'700'000'000'000'000;
  status.started_micros = 1'699'999'000'000'000;
  status.pipelines = std::move(pipelines);
  return status;
}

TEST(StatusBoardTest, RatesComeFromTwoLooks) {
  FakeClock clock;
  StatusBoard board(&clock);
  PipelineStatus status;
  status.name = "p";
  status.records = 100;
  board.Publish(status);
  EXPECT_EQ(board.Read().at(0).records_per_second, 0);
  EXPECT_EQ(board.Read().at(0).started_micros, clock.WallMicros());
  const int64_t started = clock.WallMicros();
  clock.nanos += 500'000'000;
  status.records = 600;
  status.bytes = 1000;
  board.Publish(status);
  EXPECT_EQ(board.Read().at(0).records_per_second, 1000);
  EXPECT_EQ(board.Read().at(0).bytes_per_second, 2000);
  EXPECT_EQ(board.Read().at(0).started_micros, started);
  EXPECT_EQ(board.Read().at(0).seen_micros, clock.WallMicros());
  clock.nanos += 1'000'000'000;
  board.Publish(status);  // nothing came for a second
  EXPECT_EQ(board.Read().at(0).records_per_second, 0);
  clock.nanos += 250'000'000;
  status.records = 1600;
  status.state = PipelineState::kStopped;
  board.Publish(status);
  EXPECT_EQ(board.Read().at(0).records_per_second, 0);  // it does not move any more
  EXPECT_EQ(board.Read().at(0).records, 1600);
}

TEST(StatusBoardTest, ByNameAndGoneWhenRemoved) {
  FakeClock clock;
  StatusBoard board(&clock);
  for (const char* name : {"b", "a", "c"}) {
    PipelineStatus status;
    status.name = name;
    board.Publish(status);
  }
  board.Remove("b");
  board.Remove("none");
  ASSERT_EQ(board.Read().size(), 2u);
  EXPECT_EQ(board.Read()[0].name, "a");
  EXPECT_EQ(board.Read()[1].name, "c");
}

TEST(StatusBoardTest, AnotherProgramOfTheSameNameBeginsAnew) {
  FakeClock clock;
  StatusBoard board(&clock);
  PipelineStatus status;
  status.name = "p";
  status.records = 1000;
  board.Publish(status);
  clock.nanos += 1'000'000'000;
  status.records = 5;
  board.Publish(status);
  EXPECT_EQ(board.Read()[0].records_per_second, 0);
  EXPECT_EQ(board.Read()[0].started_micros, clock.WallMicros());
}

TEST(StatusLogTest, EventsAreTheDifferences) {
  std::vector<std::string> lines;
  SetLogWriter([&](std::string_view line) { lines.emplace_back(line.substr(line.find(' ') + 1)); });  // without the time
  ConfigureLog(LogLevel::kDebug, LogFormat::kText);
  FakeClock clock;
  StatusBoard board(&clock);
  const auto events = [&](const PipelineStatus& status, bool told = false) {
    lines.clear();
    board.Publish(status, told);
    return lines;
  };
  PipelineStatus p;
  p.name = "p";
  p.durable = true;
  p.state = PipelineState::kRecovering;
  p.snapshot_epoch = 3;
  p.sinks = {{"out", "log", true, -1, 0}};
  EXPECT_THAT(events(p), ElementsAre("info program recovering program=p\n"));
  EXPECT_THAT(events(p), ElementsAre());
  p.state = PipelineState::kRunning;
  p.epoch = 5;
  EXPECT_THAT(events(p), ElementsAre("info program recovered program=p epoch=5 snapshot_epoch=3\n"));
  p.dead_letters["bad"] = 2;
  p.late = 1;
  p.sinks[0].committed_epoch = 5;
  EXPECT_THAT(events(p), ElementsAre("info dead letters begin program=p table=bad letters=2\n", "info late rows begin program=p rows=1\n",
                                     "debug sink committed program=p sink=out epoch=5 changes=0\n"));
  p.dead_letters["bad"] = 3;
  p.late = 2;
  EXPECT_THAT(events(p), ElementsAre());
  p.snapshots = 1;
  p.snapshot_epoch = 5;
  p.snapshot_bytes = 10;
  EXPECT_THAT(events(p), ElementsAre("info snapshot written program=p epoch=5 bytes=10\n"));
  p.snapshot_failures = 1;
  p.snapshot_error = "53100: disk full";
  EXPECT_THAT(events(p), ElementsAre("warning snapshot failed program=p failures=1 error=\"53100: disk full\"\n"));
  p.offsets_lost = {"bids, partition 0: 5 to 9"};
  p.commit_error = "53100: disk full";
  EXPECT_THAT(events(p), ElementsAre("warning offsets lost program=p what=\"bids, partition 0: 5 to 9\"\n",
                                     "error commits stopped program=p epoch=5 error=\"53100: disk full\"\n"));
  p.commit_error = "";
  EXPECT_THAT(events(p), ElementsAre("info commits go on program=p epoch=5\n"));
  p.state = PipelineState::kFailed;
  p.error = "08006: gone";
  EXPECT_THAT(events(p), ElementsAre("error program failed program=p epoch=5 error=\"08006: gone\"\n"));
  PipelineStatus q;
  q.name = "q";
  EXPECT_THAT(events(q), ElementsAre("info program started program=q durable=false epoch=0\n"));
  q.state = PipelineState::kFailed;
  EXPECT_THAT(events(q, true), ElementsAre("info program failed program=q epoch=0 error=\"\"\n"));
  SetLogWriter(nullptr);
  ConfigureLog(LogLevel::kWarning, LogFormat::kText);
}

TEST(StatusJsonTest, GoesThereAndBack) {
  PipelineStatus bare;
  bare.name = "bare";
  const EngineStatus status = Running({Full(), bare});
  const std::string json = StatusJson(status);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  auto back = ParseStatusJson(json);
  ASSERT_TRUE(back.ok()) << back.status();
  ASSERT_EQ(back->pipelines.size(), 2u);
  EXPECT_EQ(back->pipelines[0].sinks.size(), 2u);
  EXPECT_TRUE(back->pipelines[0].sinks[0].exactly_once);
  EXPECT_EQ(back->pipelines[0].dead_letters, Full().dead_letters);
  EXPECT_EQ(back->pipelines[0].state, PipelineState::kFailed);
  EXPECT_EQ(back->pipelines[1].watermark_micros, INT64_MIN);
  EXPECT_EQ(back->pipelines[1].snapshot_epoch, -1);
  EXPECT_EQ(StatusJson(*back), json);
  EXPECT_THAT(json, HasSubstr("\"lag_records\":null"));
}

TEST(StatusJsonTest, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"", "{", "[]", "{}", "{\"version\":1}", "{\"version\":99,\"pipelines\":[]}", "{\"version\":1,\"pipelines\":[{\"epoch\":\"x\"}]}",
        "{\"version\":1,\"pipelines\":[7]}", "{\"version\":1,\"pipelines\":[{\"sinks\":[1]}]}"}) {
    EXPECT_EQ(SqlStateOf(ParseStatusJson(text).status()), sqlstate::kDataCorrupted) << text;
  }
}

// What Prometheus demands of the text form: https://prometheus.io/docs/instrumenting/exposition_formats/
struct Exposition {
  std::map<std::string, std::string> types;
  std::map<std::string, double> samples;  // name{labels}
};

void ParseMetrics(const std::string& text, Exposition* out) {
  const std::regex help("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)"), type("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary)");
  const std::regex sample(R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+))re");
  std::istringstream lines(text);
  std::set<std::string> helped;
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, help)) {
      EXPECT_TRUE(helped.insert(match[1]).second) << line;
    } else if (std::regex_match(line, match, type)) {
      EXPECT_TRUE(out->types.emplace(match[1], match[2]).second) << line;
      EXPECT_TRUE(helped.count(match[1])) << line;
    } else if (std::regex_match(line, match, sample)) {
      EXPECT_TRUE(out->types.count(match[1])) << "without TYPE: " << line;
      EXPECT_TRUE(out->samples.emplace(match[1].str() + match[2].str(), std::stod(match[3])).second) << "twice: " << line;
    } else {
      ADD_FAILURE() << "not the text form: " << line;
    }
  }
  for (const auto& [name, kind] : out->types) {
    EXPECT_EQ(kind == "counter", name.ends_with("_total")) << name;
    EXPECT_EQ(name.rfind("kappa_", 0), 0u) << name;
  }
}

TEST(MetricsTest, TextIsWhatPrometheusReads) {
  PipelineStatus bare;
  bare.name = "bare";
  bare.epoch = (int64_t{2} << 40) + 5;
  Exposition found;
  ParseMetrics(MetricsText(Running({Full(), bare})), &found);
  const std::string full = R"({pipeline="totals \"of\" all\\\n")";
  EXPECT_EQ(found.samples.at("kappa_records_total" + full + "}"), 1000);
  EXPECT_EQ(found.samples.at("kappa_lag_records" + full + "}"), 0);
  EXPECT_EQ(found.samples.at("kappa_snapshot_age_seconds" + full + "}"), 10);
  EXPECT_EQ(found.samples.at("kappa_watermark_delay_seconds" + full + "}"), 1'700'000'000.000005);
  EXPECT_EQ(found.samples.at("kappa_dead_letters" + full + ",table=\"bad\"}"), 3);
  EXPECT_EQ(found.samples.at("kappa_sink_committed_epoch" + full + ",sink=\"out\"}"), 11);
  EXPECT_EQ(found.samples.at("kappa_sink_info" + full + ",sink=\"more\",connector=\"print\",guarantee=\"at_least_once\"}"), 1);
  EXPECT_EQ(found.samples.at("kappa_snapshot_longest_pause_seconds" + full + "}"), 0.005);
  EXPECT_EQ(found.samples.at("kappa_commits_stopped" + full + "}"), 1);
  EXPECT_EQ(found.samples.at("kappa_status_age_seconds" + full + "}"), 0.5);
  EXPECT_EQ(found.samples.at("kappa_offsets_lost_total" + full + "}"), 1);
  EXPECT_EQ(found.samples.at("kappa_pipeline_state" + full + ",state=\"failed\"}"), 1);
  EXPECT_EQ(found.samples.at("kappa_pipeline_state" + full + ",state=\"running\"}"), 0);
  EXPECT_EQ(found.samples.at("kappa_records_total{pipeline=\"bare\"}"), 0);
  EXPECT_EQ(found.samples.at("kappa_epochs_total{pipeline=\"bare\"}"), 5);
  // What is not known is absent.
  EXPECT_EQ(found.samples.count("kappa_lag_records{pipeline=\"bare\"}"), 0u);
  EXPECT_EQ(found.samples.count("kappa_snapshot_age_seconds{pipeline=\"bare\"}"), 0u);
}

TEST(MetricsTest, EndpointTakesAFreePortAndRefusesATakenOne) {
  auto first = MetricsEndpoint::Start(&os::RealEnvironment(), 0, [] { return Running({}); });
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GT((*first)->port(), 0);
  auto second = MetricsEndpoint::Start(&os::RealEnvironment(), (*first)->port(), [] { return Running({}); });
  EXPECT_EQ(SqlStateOf(second.status()), sqlstate::kObjectInUse);
  EXPECT_THAT(MessageOf(second.status()), HasSubstr(std::to_string((*first)->port())));
}

TEST(MetricsTest, HandsOutTheText) {
  auto endpoint = MetricsEndpoint::Start(&os::RealEnvironment(), 0, [] { return Running({Full()}); });
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  auto stream = os::ConnectLoopback((*endpoint)->port(), 5'000'000'000);
  ASSERT_TRUE(stream.ok()) << stream.status();
  ASSERT_TRUE((*stream)->Write("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 5'000'000'000).ok());
  std::string answer;
  for (char buffer[4096];;) {
    auto got = (*stream)->Read(buffer, sizeof(buffer), 5'000'000'000);
    ASSERT_TRUE(got.ok()) << got.status();
    if (*got == 0) break;
    answer.append(buffer, *got);
  }
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("text/plain"));
  EXPECT_THAT(answer, HasSubstr("\n# TYPE kappa_records_total counter\nkappa_records_total{"));
}

TEST(StatusServerTest, AnswersWhoeverAsks) {
  const TemporaryDirectory directory;
  os::Environment& environment = os::RealEnvironment();
  auto server = StatusServer::Start(&environment, directory.path() + kStatusSocket, [] { return Running({Full()}); });
  ASSERT_TRUE(server.ok()) << server.status();
  for (int i = 0; i < 3; ++i) {
    auto status = ReadStatus(directory.path(), &environment);
    ASSERT_TRUE(status.ok()) << status.status();
    EXPECT_TRUE(status->running);
    EXPECT_EQ(StatusJson(*status), StatusJson(Running({Full()})));
  }
  // Something else is answered too, and who leaves without a word keeps nobody waiting.
  { auto gone = os::ConnectLocal(directory.path() + kStatusSocket, 1'000'000'000); }
  auto stranger = os::ConnectLocal(directory.path() + kStatusSocket, 1'000'000'000);
  ASSERT_TRUE(stranger.ok());
  ASSERT_TRUE((*stranger)->Write("GET / HTTP/1.1\n", 1'000'000'000).ok());
  char buffer[256];
  auto got = (*stranger)->Read(buffer, sizeof(buffer), 5'000'000'000);
  ASSERT_TRUE(got.ok());
  EXPECT_THAT(std::string(buffer, *got), HasSubstr("\"error\""));
  server->reset();
  EXPECT_FALSE(ReadStatus(directory.path(), &environment)->running);
}

TEST(StatusReaderTest, TellsWhatTheDirectoryKeeps) {
  const TemporaryDirectory directory;
  os::Environment& environment = os::RealEnvironment();
  EXPECT_EQ(SqlStateOf(ReadStatus(directory / "none", &environment).status()), sqlstate::kUndefinedFile);
  EXPECT_TRUE(ReadStatus(directory.path(), &environment)->pipelines.empty());
  const std::string totals = PipelineDirectory(directory.path(), "totals");
  for (const char* folder : {kSnapshotFolder, kJournalFolder}) ASSERT_TRUE(environment.files().CreateDirectories(totals + folder).ok());
  for (const char* name : {"new", "removed"}) ASSERT_TRUE(environment.files().CreateDirectories(PipelineDirectory(directory.path(), name)).ok());
  for (const char* name : {"new", "totals"}) std::ofstream(PipelineDirectory(directory.path(), name) + kProgramFile) << "{}";
  for (const char* name : {"/7.manifest", "/120.manifest", "/x.manifest", "/000001.sst", "/000002.sst"})
    std::ofstream(totals + kSnapshotFolder + name) << "1234567890";
  std::ofstream(totals + kJournalFolder + "/121.journal") << "12345";
  const auto status = ReadStatus(directory.path(), &environment);
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_FALSE(status->running);
  ASSERT_EQ(status->pipelines.size(), 2u);
  EXPECT_EQ(status->pipelines[0].name, "new");
  EXPECT_EQ(status->pipelines[0].snapshot_epoch, -1);
  EXPECT_EQ(status->pipelines[1].snapshot_epoch, 120);
  EXPECT_EQ(status->pipelines[1].snapshot_bytes, 20u);
  EXPECT_EQ(status->pipelines[1].journal_bytes, 5u);
  EXPECT_LT(std::abs(status->pipelines[1].snapshot_micros - status->at_micros), 60'000'000);
}

TEST(PipelineDirectoryTest, Names) {
  for (const char* good : {"a", "totals-2.1_x", "7", "_", "A.b"}) EXPECT_TRUE(CheckPipelineName(good).ok()) << good;
  for (const std::string& bad : {std::string(), std::string("a/b"), std::string(".."), std::string(".a"), std::string("-x"), std::string("a b"),
                                 std::string("\xc3\xbc"), std::string(101, 'a'), std::string("a\0b", 3)})
    EXPECT_EQ(SqlStateOf(CheckPipelineName(bad)).view(), "42602") << bad;
  EXPECT_TRUE(CheckPipelineName(std::string(100, 'a')).ok());
  const TemporaryDirectory directory;
  os::FileSystem& files = os::RealEnvironment().files();
  ASSERT_TRUE(files.CreateDirectories(PipelineDirectory(directory.path(), "totals")).ok());
  std::ofstream(PipelineDirectory(directory.path(), "totals") + kProgramFile) << "{}";
  EXPECT_TRUE(FindPipeline(files, directory.path(), "totals").ok());
  EXPECT_THAT(HintOf(FindPipeline(files, directory.path(), "total")), HasSubstr("\"totals\""));
  EXPECT_THAT(HintOf(FindPipeline(files, directory.path(), "xyz")), HasSubstr("there is: totals"));
}

}  // namespace
}  // namespace kappa
