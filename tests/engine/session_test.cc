// Statements around the streams, through a session: secrets that show up nowhere, EXPLAIN's forms, settings and their limits.
#include <gtest/gtest.h>

#include <algorithm>

#include "common/os/simulated_environment.h"
#include "engine/engine.h"
#include "engine/memory_share.h"

namespace kappa {
namespace {

constexpr char kData[] = "/data";
constexpr char kValue[] = "hunter2-is-no-word";

// Rows as text, one string a row.
class Lines final : public Results {
 public:
  Status OnSchema(const std::string&, const RowSchema& schema) override {
    schema_ = schema;
    return OkStatus();
  }
  Status OnRows(const ChangeBatch& changes) override {
    for (const char* row : changes.rows) {
      for (size_t c = 0; c < schema_.layout.slots().size(); ++c) {
        if (c > 0) text += "|";
        schema_.layout.AppendText(row, schema_.layout.slots()[c], &text);
      }
      text += "\n";
    }
    return OkStatus();
  }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view tag) override { tags.emplace_back(tag); }
  void OnNotice(std::string_view) override {}
  std::string text;
  std::vector<std::string> tags;

 private:
  RowSchema schema_;
};

class SessionTest : public testing::Test {
 protected:
  SessionTest() { Open(); }

  void Open() {
    session_.reset();
    engine_.reset();
    EngineOptions options;
    options.data_directory = kData;
    options.environment = &environment_;
    options.output = [this](std::string_view bytes) { output_ += bytes; };
    auto engine = Engine::Open(std::move(options));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = std::move(*engine);
    session_ = engine_->NewSession();
  }

  // What the statement answers, or its error as people see it.
  std::string Run(const std::string& sql) {
    Lines lines;
    const Status status = session_->Execute(sql, &lines);
    tags_ = lines.tags;
    return status.ok() ? lines.text : ErrorText(status, {{"", sql}});
  }
  std::string File(const std::string& path) {
    auto bytes = environment_.files().ReadAll(kData + path);
    return bytes.ok() ? *bytes : "";
  }
  // Three records, k = a, b, a, v = 1, 2, 3.
  void MakeSource() {
    ASSERT_EQ(Run("CREATE SOURCE t (k TEXT, v INT) WITH (connector = 'log', topic = 't', partitions = 1) FORMAT PLAIN ENCODE JSON"), "");
    ASSERT_EQ(Run("INSERT INTO t VALUES ('a', 1), ('b', 2), ('a', 3)"), "");
  }
  static bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

  void MakeFile(const std::string& path, std::string_view text) {
    ASSERT_TRUE(environment_.files().CreateDirectories(path.substr(0, path.rfind('/'))).ok());
    ASSERT_TRUE(environment_.files().WriteAtomically(path, text).ok());
  }

  os::SimulatedEnvironment environment_{1};
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  std::string output_;
  std::vector<std::string> tags_;
};

TEST_F(SessionTest, SecretsShowUpNowhereButInTheirFile) {
  const std::string create = std::string("CREATE SECRET s AS '") + kValue + "'";
  EXPECT_EQ(Run(create), "");
  EXPECT_EQ(Run("CREATE SOURCE t (a INT) WITH (connector = 'log', topic = SECRET s, partitions = 1) FORMAT PLAIN ENCODE JSON"), "");
  std::string shown = Run("SHOW CREATE SECRET s") + Run("SHOW SECRETS") + Run("SHOW ALL") + Run("SHOW CREATE SOURCE t") + Run("DESCRIBE t");
  for (const char* form : {"LOGICAL", "DATAFLOW", "PIPELINES", "LLVM", "FORMAT JSON"})
    shown += Run(std::string("EXPLAIN (") + form + ") SELECT a FROM t");
  EXPECT_TRUE(Has(shown, "SECRET s"));
  EXPECT_FALSE(Has(shown, kValue)) << shown;
  // Errors: of the statement itself, of one that does not parse, and of a connector that repeats its options.
  EXPECT_TRUE(Has(Run(create), "42710"));
  for (const std::string& wrong :
       {create, create + " nonsense", "CREAT SECRET s AS '" + std::string(kValue), "ALTER SECRET nosuch AS '" + std::string(kValue) + "'"}) {
    const std::string error = Run(wrong);
    EXPECT_TRUE(Has(error, "ERROR")) << wrong;
    EXPECT_FALSE(Has(error, kValue)) << error;
  }
  EXPECT_EQ(Run("CREATE SOURCE f (a INT) WITH (connector = 'file', path = SECRET s) FORMAT PLAIN ENCODE JSON"), "");
  const std::string error = Run("SELECT a FROM f");
  EXPECT_FALSE(Has(error, kValue)) << error;
  EXPECT_FALSE(Has(File("/catalog.json"), kValue));
  EXPECT_TRUE(Has(File("/secrets.json"), kValue));
}

TEST_F(SessionTest, AProgramKeepsItsSecretsApart) {
  const std::string program = std::string("CREATE SECRET s AS '") + kValue +
                              "';\nCREATE SOURCE mine (v INT) WITH (connector = 'log', topic = 't', partitions = 1) FORMAT PLAIN ENCODE JSON;\n"
                              "CREATE SINK k AS SELECT v FROM mine WITH (connector = 'log', topic = SECRET s) FORMAT PLAIN ENCODE JSON;\n";
  MakeSource();
  Lines lines;
  ProgramRunOptions run;
  run.until_latest = true;
  run.name = "p";
  const auto summary = session_->RunProgram({{"p.sql", program}}, run, &lines);
  ASSERT_TRUE(summary.ok()) << summary.status();
  const std::string saved = File("/pipelines/p/program.json");
  EXPECT_TRUE(Has(saved, "CREATE SECRET s AS '***"));
  EXPECT_FALSE(Has(saved, kValue));
  for (const std::string& line : summary->lines) EXPECT_FALSE(Has(line, kValue)) << line;
  // It goes on without its file.
  Open();
  const auto again = session_->RunProgram({}, run, &lines);
  EXPECT_TRUE(again.ok()) << again.status();
}

TEST_F(SessionTest, ExplainAnalyzeCountsRowsTimeAndState) {
  MakeSource();
  const std::string plan = Run("EXPLAIN ANALYZE SELECT k, sum(v) AS s FROM t WHERE v > 1 GROUP BY k");
  EXPECT_TRUE(Has(plan, "Scan t ")) << plan;
  EXPECT_TRUE(Has(plan, "(rows=3)")) << plan;       // of the scan, whose time is in the total alone
  EXPECT_TRUE(Has(plan, "(rows=2 time=")) << plan;  // of the filter, and of the groups
  EXPECT_TRUE(Has(plan, "state=")) << plan;
  EXPECT_TRUE(Has(plan, "3 records")) << plan;
  const std::string json = Run("EXPLAIN (ANALYZE, FORMAT JSON) SELECT k FROM t WHERE v > 1");
  EXPECT_TRUE(Has(json, "\"rows\": 3")) << json;
  EXPECT_TRUE(Has(json, "\"rows\": 2")) << json;
  // Nothing of it is in the code of a query that is not measured.
  const std::string code = Run("EXPLAIN (LLVM) SELECT k FROM t WHERE v > 1");
  EXPECT_FALSE(Has(code, "readcyclecounter")) << code;
}

TEST_F(SessionTest, ExplainShowsEachStage) {
  MakeSource();
  const std::string pipelines = Run("EXPLAIN (PIPELINES) SELECT k, count(*) FROM t WHERE v > 1 GROUP BY k ORDER BY k");
  EXPECT_TRUE(Has(pipelines, "pipeline 1  scan_")) << pipelines;
  EXPECT_TRUE(Has(pipelines, "staged (")) << pipelines;
  EXPECT_TRUE(Has(pipelines, "flush_")) << pipelines;
  EXPECT_TRUE(Has(pipelines, ": collected")) << pipelines;
  const std::string assembly = Run("EXPLAIN (ASM) SELECT k FROM t WHERE v > 1");
  EXPECT_TRUE(Has(assembly, "scan_")) << assembly;
  EXPECT_TRUE(Has(assembly, "ret")) << assembly;
  const std::string json = Run("EXPLAIN (FORMAT JSON) SELECT k FROM t WHERE v > 1");
  EXPECT_TRUE(Has(json, "\"operator\": \"Scan\"")) << json;
}

// A view over a file that is gone does not keep the engine from opening, and comes back with the file.
TEST_F(SessionTest, WhatCannotBeMadeAgainIsKept) {
  MakeSource();
  ASSERT_TRUE(environment_.files().WriteAtomically("/f.json", "{\"a\":1}\n").ok());
  EXPECT_EQ(Run("CREATE VIEW v AS SELECT a + 1 AS b FROM '/f.json'"), "");
  EXPECT_EQ(Run("CREATE VIEW over_v AS SELECT b FROM v"), "");
  EXPECT_EQ(Run("CREATE VIEW other AS SELECT k FROM t WHERE v = 2"), "");
  EXPECT_EQ(Run("SELECT b FROM over_v"), "2\n");
  ASSERT_TRUE(environment_.files().Remove("/f.json").ok());
  Open();
  EXPECT_EQ(Run("SELECT k FROM other"), "b\n");
  const std::string error = Run("SELECT b FROM v");
  EXPECT_TRUE(Has(error, "42P01")) << error;
  EXPECT_TRUE(Has(error, "could not be made again")) << error;
  EXPECT_EQ(Run("CREATE VIEW third AS SELECT 3 AS c"), "");  // the catalog is saved, with what is not there
  ASSERT_TRUE(environment_.files().WriteAtomically("/f.json", "{\"a\":5}\n").ok());
  Open();
  EXPECT_EQ(Run("SELECT b FROM over_v"), "6\n");
  EXPECT_EQ(Run("SELECT c FROM third"), "3\n");
  // It can be dropped while it is away, and its name taken.
  ASSERT_TRUE(environment_.files().Remove("/f.json").ok());
  Open();
  EXPECT_EQ(Run("DROP VIEW over_v"), "");
  EXPECT_EQ(Run("CREATE VIEW v AS SELECT 'new' AS b"), "");
  Open();
  EXPECT_EQ(Run("SELECT b FROM v"), "new\n");
  EXPECT_TRUE(Has(Run("DROP VIEW over_v"), "42P01"));
}

TEST_F(SessionTest, TagsNameTheStatement) {
  using Tagged = std::pair<const char*, const char*>;
  for (const auto& [sql, tag] : {Tagged{"CREATE SCHEMA a", "CREATE SCHEMA"}, Tagged{"CREATE VIEW v AS SELECT 1 AS x", "CREATE VIEW"},
                                 Tagged{"ALTER VIEW v RENAME TO w", "ALTER VIEW"}, Tagged{"COMMENT ON VIEW w IS 'x'", "COMMENT"},
                                 Tagged{"DROP VIEW w", "DROP VIEW"}, Tagged{"PREPARE p AS SELECT 1", "PREPARE"}, Tagged{"DEALLOCATE p", "DEALLOCATE"},
                                 Tagged{"COPY (SELECT 1) TO STDOUT", "COPY 1"}, Tagged{"SET workers = 2", "SET"}, Tagged{"FLUSH", "FLUSH"}}) {
    EXPECT_EQ(Run(sql), "") << sql;
    ASSERT_EQ(tags_.size(), 1u) << sql;
    EXPECT_EQ(tags_[0], tag);
  }
  EXPECT_EQ(output_, "1\n");
}

TEST_F(SessionTest, EverySettingTakesItsDefaultAndSaysWhatElse) {
  for (const SettingInfo& setting : Settings()) {
    EXPECT_TRUE(session_->Set(setting.name, setting.default_value).ok()) << setting.name;
    EXPECT_FALSE(setting.documentation.empty()) << setting.name;
    EXPECT_FALSE(setting.takes.empty()) << setting.name;
    if (setting.takes == "any text") continue;
    const Status wrong = session_->Set(setting.name, "\x01");
    const SqlState state = SqlStateOf(wrong);  // forms that PostgreSQL has and kappa does not are 0A000
    EXPECT_TRUE(state == sqlstate::kInvalidParameterValue || state == sqlstate::kFeatureNotSupported) << setting.name << " " << wrong;
    EXPECT_TRUE(Has(HintOf(wrong), setting.takes)) << setting.name << " " << wrong;
  }
  for (const auto& [name, value] : {std::pair{"workers", "0"}, std::pair{"workers", "257"}, std::pair{"epoch_max_records", "-1"},
                                    std::pair{"memory_budget", "-1"}, std::pair{"optimizer_disable", "nosuch_pass"}}) {
    EXPECT_EQ(SqlStateOf(session_->Set(name, value)), sqlstate::kInvalidParameterValue) << name << " = " << value;
  }
}

TEST_F(SessionTest, TheMemoryThatTheProcessMayTake) {
  os::FileSystem& files = environment_.files();
  EXPECT_EQ(MemoryOfProcess(files), 0u);
  MakeFile("/proc/meminfo", "MemTotal:        1048576 kB\nMemFree:          1000 kB\n");
  EXPECT_EQ(MemoryOfProcess(files), uint64_t{1} << 30);
  MakeFile("/proc/self/cgroup", "0::/a/b\n");
  MakeFile("/sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(MemoryOfProcess(files), uint64_t{1} << 30);
  MakeFile("/sys/fs/cgroup/a/memory.max", "536870912\n");  // of a group above it
  EXPECT_EQ(MemoryOfProcess(files), uint64_t{512} << 20);
  MakeFile("/proc/self/cgroup", "4:memory:/c\n3:cpu:/d\n");
  MakeFile("/sys/fs/cgroup/memory/c/memory.limit_in_bytes", "268435456\n");
  EXPECT_EQ(MemoryOfProcess(files), uint64_t{256} << 20);
  MakeFile("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(MemoryOfProcess(files), uint64_t{256} << 20);
}

TEST_F(SessionTest, WithoutABudgetStatementsGetAShareOfTheMemory) {
  MakeFile("/proc/meminfo", "MemTotal: 131072 kB\n");  // 128 MB: 32 for a statement, 64 for a view
  Open();
  ASSERT_EQ(Run("CREATE TABLE big (x INT)"), "");
  ASSERT_EQ(Run("INSERT INTO big SELECT x FROM generate_series(1, 5000) AS s(x)"), "");
  EXPECT_EQ(Run("SHOW memory_budget"), "auto\n");
  EXPECT_TRUE(Has(Run("SELECT a.x, b.x FROM big AS a, big AS b WHERE a.x < b.x"), "53200"));
  EXPECT_TRUE(Has(Run("INSERT INTO big SELECT a.x FROM big AS a, big AS b WHERE a.x < b.x"), "53200"));
  EXPECT_EQ(Run("SELECT count(*) FROM big"), "5000\n");
  // A view that explodes ends; the others, and the engine, live.
  ASSERT_EQ(Run("CREATE MATERIALIZED VIEW sum AS SELECT sum(x) AS s FROM big"), "");
  const std::string made = Run("CREATE MATERIALIZED VIEW pairs AS SELECT a.x AS ax, b.x AS bx FROM big AS a, big AS b");
  EXPECT_TRUE(Has(made + Run("SELECT count(*) FROM pairs"), "53200"));
  EXPECT_EQ(Run("SELECT s FROM sum"), "12502500\n");
  ASSERT_EQ(Run("SET memory_budget = 'AUTO'"), "");
  EXPECT_TRUE(Has(Run("SET memory_budget = 'a lot'"), "or auto"));
}

}  // namespace
}  // namespace kappa
