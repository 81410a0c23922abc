// Programs with a name, in process, on the simulated environment's disk: they go on where they stood, with other workers, after the log has changed,
// and as another program; what a shell's statements keep.
#include <gtest/gtest.h>

#include <algorithm>

#include "common/os/simulated_environment.h"
#include "connectors/log/topic_producer.h"
#include "engine/engine.h"

namespace kappa {
namespace {

constexpr char kData[] = "/data";
constexpr char kSource[] =
    "CREATE SOURCE e (k INT, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1 second' MAX AHEAD INTERVAL '100000 days')\n"
    "  WITH (connector = 'log', topic = 'e', idle_timeout = '1000 hours') FORMAT PLAIN ENCODE JSON";
constexpr char kRows[] = "CREATE SINK rows AS SELECT k, v FROM e WITH (connector = 'log', topic = 'rows') FORMAT PLAIN ENCODE JSON;\n";
constexpr char kSums[] =
    "CREATE SINK sums AS SELECT k, sum(v) AS s FROM e GROUP BY k\n"
    "  WITH (connector = 'log', topic = 'sums', primary_key = 'k') FORMAT UPSERT ENCODE JSON;\n";
constexpr char kWindows[] =
    "CREATE SINK w AS SELECT window_start, count(*) AS n FROM TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10 seconds')\n"
    "  GROUP BY window_start, window_end EMIT ON WINDOW CLOSE WITH (connector = 'log', topic = 'w') FORMAT PLAIN ENCODE JSON;\n";

// Rows as text, one string a row.
class Rows final : public Results {
 public:
  Status OnSchema(const std::string&, const RowSchema& schema) override {
    schema_ = schema;
    return OkStatus();
  }
  Status OnRows(const ChangeBatch& changes) override {
    for (size_t i = 0; i < changes.rows.size(); ++i) {
      std::string text;
      for (size_t c = 0; c < schema_.layout.slots().size(); ++c)
        text += (text.empty() ? "" : "|") + schema_.layout.Load(changes.rows[i], schema_.layout.slots()[c]).ToText(schema_.columns[c].type);
      rows.push_back(text);
    }
    return OkStatus();
  }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view text) override { notices.emplace_back(text); }
  std::vector<std::string> rows, notices;

 private:
  RowSchema schema_;
};

class DurableProgram : public testing::Test {
 protected:
  DurableProgram() { MakeTopic("e", 2); }

  void MakeTopic(const std::string& topic, int32_t partitions) {
    log::TopicSpec spec;
    spec.partitions = partitions;
    ASSERT_TRUE(Log()->CreateTopic(topic, spec).ok());
  }
  std::shared_ptr<log::LogDirectory> Log() { return log::LogDirectory::Open(environment_, kData); }

  // Records k = i mod 3, v = i, a second apart, to both partitions.
  void Send(int from, int to) {
    auto producer = log::TopicProducer::Open(Log(), "e");
    ASSERT_TRUE(producer.ok());
    for (int i = from; i < to; ++i) {
      const std::string value = "{\"k\":" + std::to_string(i % 3) + ",\"v\":" + std::to_string(i) +
                                ",\"ts\":\"2024-01-01 00:00:" + (i % 60 < 10 ? "0" : "") + std::to_string(i % 60) + "\"}";
      OutgoingRecord record;
      record.value = value;
      record.partition = i % 2;
      ASSERT_TRUE((*producer)->Add(record).ok());
    }
    ASSERT_TRUE((*producer)->Flush().ok());
  }

  struct Given {
    int workers = 1;
    bool rebuild = false;
    bool caught_up = true;  // a stop, not an end
    std::string name = "p";
  };
  StatusOr<ProgramSummary> Run(const std::string& text, const Given& given) {
    EngineOptions options;
    options.data_directory = kData;
    options.environment = &environment_;
    ASSIGN_OR_RETURN(const auto engine, Engine::Open(options));
    const auto session = engine->NewSession();
    RETURN_IF_ERROR(session->Set("workers", std::to_string(given.workers)));
    ProgramRunOptions run;
    run.name = given.name;
    run.rebuild = given.rebuild;
    run.until_latest = true;
    run.stop_at_end = given.caught_up;
    return session->RunProgram(text.empty() ? std::vector<ProgramText>() : std::vector<ProgramText>{{"p.sql", text}}, run, &results_);
  }
  StatusOr<ProgramSummary> Run(const std::string& text) { return Run(text, Given()); }

  std::vector<std::string> Topic(const std::string& topic) {
    std::vector<std::string> rows;
    const auto log = Log();
    const auto ranges = log->Ranges(topic);
    if (!ranges.ok()) return rows;
    for (size_t p = 0; p < ranges->size(); ++p) {
      const auto reader = log->Reader(topic, static_cast<int32_t>(p), {});
      while ((*reader)->position() < (*ranges)[p].end) {
        const auto batch = (*reader)->Poll({});
        if (!batch.ok() || batch->empty()) break;
        for (const Record& record : batch->records)
          rows.emplace_back(record.value == nullptr ? "deleted" : std::string(record.value, record.value_size));
      }
    }
    return rows;
  }
  static std::vector<std::string> Sorted(std::vector<std::string> rows) {
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  std::vector<std::string> Expected(int from, int to) const {
    std::vector<std::string> rows;
    for (int i = from; i < to; ++i) rows.push_back("{\"k\":" + std::to_string(i % 3) + ",\"v\":" + std::to_string(i) + "}");
    return Sorted(rows);
  }

  os::SimulatedEnvironment environment_{7};
  Rows results_;
};

std::string With(const std::string& clause, const std::string& sinks) { return std::string(kSource) + clause + ";\n" + sinks; }

TEST_F(DurableProgram, GoesOnWhereItStoodWithAnyNumberOfWorkers) {
  const std::string text = With("", std::string(kRows) + kSums);
  int sent = 0;
  for (const int workers : {1, 3, 2, 5}) {
    Send(sent, sent + 30);
    sent += 30;
    Given given;
    given.workers = workers;
    const auto summary = Run(text, given);
    ASSERT_TRUE(summary.ok()) << summary.status();
    EXPECT_EQ(summary->progress.records, 30) << "what was read before is not read again";
    EXPECT_EQ(Sorted(Topic("rows")), Expected(0, sent));
  }
  const std::vector<std::string> sums = Topic("sums");
  EXPECT_EQ(sums.size(), 12u) << "a change of each key a run, and no deletion between";
  EXPECT_EQ(Sorted({sums.end() - 3, sums.end()}), (std::vector<std::string>{"{\"k\":0,\"s\":2340}", "{\"k\":1,\"s\":2380}", "{\"k\":2,\"s\":2420}"}));
}

TEST_F(DurableProgram, AStopLeavesWindowsOpenAnEndDoesNot) {
  const std::string text = With("", kWindows);
  Send(0, 25);
  ASSERT_TRUE(Run(text).ok());
  ASSERT_EQ(Topic("w").size(), 2u);
  Send(25, 45);
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(Sorted(Topic("w")).back(), "{\"window_start\":\"2024-01-01 00:00:30\",\"n\":10}");
  Given end;
  end.caught_up = false;
  ASSERT_TRUE(Run(text, end).ok());
  EXPECT_EQ(Topic("w").size(), 5u);
  EXPECT_EQ(Topic("w").back(), "{\"window_start\":\"2024-01-01 00:00:40\",\"n\":5}");
  Send(45, 50);
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(Topic("w").size(), 5u) << "an end is an end";
  ASSERT_EQ(results_.notices.size(), 1u);
  EXPECT_NE(results_.notices[0].find("has ended"), std::string::npos);
}

TEST_F(DurableProgram, AnotherProgramUnderTheNameIsRefusedOrRebuilt) {
  Send(0, 9);
  ASSERT_TRUE(Run(With("", kRows)).ok());
  const std::string spaced = "-- the same\n" + With("", std::string(kRows));
  EXPECT_TRUE(Run(spaced).ok());
  std::string changed = With("", kRows);
  changed.replace(changed.find("SELECT k, v"), 11, "SELECT k, v * 2 AS v");
  const auto refused = Run(changed);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(SqlStateOf(refused.status()), sqlstate::kObjectNotInPrerequisiteState);
  EXPECT_NE(MessageOf(refused.status()).find("* 2"), std::string::npos) << MessageOf(refused.status());
  EXPECT_NE(HintOf(refused.status()).find("--rebuild"), std::string::npos);
  Given rebuild;
  rebuild.rebuild = true;
  Send(9, 12);
  ASSERT_TRUE(Run(changed, rebuild).ok());
  EXPECT_EQ(Topic("rows").size(), 12u) << "what the sink had it does not get again";
  EXPECT_EQ(Topic("rows").back(), "{\"k\":2,\"v\":22}");
  const auto resumed = Run("");
  EXPECT_TRUE(resumed.ok()) << resumed.status();
}

TEST_F(DurableProgram, StateThatIsMadeAgainIsTheStateThatWasKept) {
  const std::string text = With("", std::string(kRows) + kSums + kWindows);
  Send(0, 40);
  ASSERT_TRUE(Run(text).ok());
  Given rebuild;
  rebuild.rebuild = true;
  ASSERT_TRUE(Run(text, rebuild).ok());
  EXPECT_EQ(Sorted(Topic("rows")), Expected(0, 40));
  const size_t sums = Topic("sums").size(), windows = Topic("w").size();
  EXPECT_EQ(sums, 3u);
  Send(40, 46);
  ASSERT_TRUE(Run(text, rebuild).ok());
  EXPECT_EQ(Sorted(Topic("rows")), Expected(0, 46));
  EXPECT_EQ(Topic("sums").size(), sums + 3);
  EXPECT_EQ(Topic("w").size(), windows + 1);
}

TEST_F(DurableProgram, ALogThatWasMadeAgainIsRefusedUnlessSaidOtherwise) {
  const auto remake = [&] {
    ASSERT_TRUE(Log()->DeleteTopic("e").ok());
    MakeTopic("e", 2);
  };
  Send(0, 10);
  ASSERT_TRUE(Run(With("", kRows)).ok());
  remake();
  Send(100, 120);
  const auto refused = Run(With("", kRows));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(SqlStateOf(refused.status()), sqlstate::kOffsetLost) << refused.status();
  EXPECT_NE(MessageOf(refused.status()).find("made again"), std::string::npos);

  Given other;
  other.name = "q";
  const std::string earliest =
      With(" ON OFFSET LOST EARLIEST", "CREATE SINK q AS SELECT k, v FROM e WITH (connector = 'log', topic = 'q') FORMAT PLAIN ENCODE JSON;\n");
  ASSERT_TRUE(Run(earliest, other).ok());
  EXPECT_EQ(Topic("q").size(), 20u);
  remake();
  Send(200, 204);
  const auto summary = Run(earliest, other);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(Topic("q").size(), 24u);
  EXPECT_TRUE(std::any_of(summary->lines.begin(), summary->lines.end(), [](const std::string& line) { return line.find("passed over") == 0; }));
}

TEST_F(DurableProgram, WhatRetentionRemovedIsToldByItsPlace) {
  ASSERT_TRUE(Log()->DeleteTopic("e").ok());
  log::TopicSpec spec;
  spec.partitions = 2;
  spec.segment_bytes = 1 << 10;
  spec.retention.bytes = 2 << 10;
  ASSERT_TRUE(Log()->CreateTopic("e", spec).ok());
  Send(0, 4);
  ASSERT_TRUE(Run(With("", kRows)).ok());
  for (int i = 4; i < 400; i += 4) Send(i, i + 4);  // rolls, and what is old goes
  const auto refused = Run(With("", kRows));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(SqlStateOf(refused.status()), sqlstate::kOffsetLost) << refused.status();
  EXPECT_NE(MessageOf(refused.status()).find("offset 2 was removed"), std::string::npos) << MessageOf(refused.status());
}

TEST_F(DurableProgram, ViewsOfAShellGoOnFromTheirState) {
  const auto ask = [&](const std::string& text) {
    EngineOptions options;
    options.data_directory = kData;
    options.environment = &environment_;
    auto engine = Engine::Open(options);
    ASSERT_TRUE(engine.ok()) << engine.status();
    results_.rows.clear();
    const Status status = (*engine)->NewSession()->Execute(text, &results_);
    ASSERT_TRUE(status.ok()) << status;
  };
  Send(0, 9);
  ask(With("", "CREATE MATERIALIZED VIEW m AS SELECT k, sum(v) AS s FROM e GROUP BY k; SELECT * FROM m ORDER BY k;"));
  EXPECT_EQ(results_.rows, (std::vector<std::string>{"0|9", "1|12", "2|15"}));
  EXPECT_TRUE(environment_.files().Exists("/data/pipelines/view.m/program.json"));
  // What was read is not needed any more: without it, only what is kept can answer.
  ASSERT_TRUE(environment_.files().Exists("/data/pipelines/view.m/snapshots"));
  Send(9, 12);
  ask("SELECT * FROM m ORDER BY k;");
  EXPECT_EQ(results_.rows, (std::vector<std::string>{"0|18", "1|22", "2|26"}));
  ask("DROP MATERIALIZED VIEW m;");
  EXPECT_FALSE(environment_.files().Exists("/data/pipelines/view.m/program.json"));
}

TEST_F(DurableProgram, ConstantsAreWrittenOnce) {
  const std::string text = std::string(kSource) + ";\n" + kRows + "INSERT INTO e VALUES (1, 1, TIMESTAMP '2024-01-01 00:00:00');\n";
  ASSERT_TRUE(Run(text).ok());
  ASSERT_TRUE(Run(text).ok());
  EXPECT_EQ(Topic("rows"), (std::vector<std::string>{"{\"k\":1,\"v\":1}"}));
}

}  // namespace
}  // namespace kappa
