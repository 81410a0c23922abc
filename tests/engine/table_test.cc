// Tables under several sessions: prepared statements, transactions that meet, readers of one epoch, and what is there after a kill.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "common/error_detail.h"
#include "engine/engine.h"
#include "tests/slt/runner/killable_environment.h"

namespace kappa {
namespace {

class Lines final : public Results {
 public:
  Status OnSchema(const std::string&, const RowSchema& schema) override {
    schema_ = schema;
    return OkStatus();
  }
  Status OnRows(const ChangeBatch& changes) override {
    for (size_t i = 0; i < changes.rows.size(); ++i) {
      std::string line = changes.weight(i) < 0 ? "-" : "";
      for (size_t c = 0; c < schema_.layout.slots().size(); ++c) {
        if (c > 0) line += "|";
        schema_.layout.AppendText(changes.rows[i], schema_.layout.slots()[c], &line);
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      text_ += line + "\n";
    }
    return OkStatus();
  }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view tag) override { tag_ = tag; }
  void OnNotice(std::string_view) override {}
  std::string text() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return text_;
  }
  const std::string& tag() const { return tag_; }

 private:
  mutable std::mutex mutex_;
  std::string text_, tag_;
  RowSchema schema_;
};

class TableTest : public testing::Test {
 protected:
  TableTest() {
    data_ = testing::TempDir() + "kappa_table_" + std::to_string(::getpid()) + "_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(data_);
    Open();
  }
  ~TableTest() override {
    session_.reset();
    engine_.reset();
    std::filesystem::remove_all(data_);
  }
  void Open() {
    environment_ = std::make_unique<slt::KillableEnvironment>();
    EngineOptions options;
    options.data_directory = data_;
    options.environment = environment_.get();
    options.output = [](std::string_view) {};
    auto engine = Engine::Open(std::move(options));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = std::move(*engine);
    session_ = engine_->NewSession();
  }
  // As kill -9 does.
  void KillAndOpen() {
    environment_->Kill();
    session_.reset();
    engine_.reset();
    Open();
  }
  std::string Run(const std::string& sql, Session* session = nullptr) {
    Lines lines;
    const Status status = (session == nullptr ? session_.get() : session)->Execute(sql, &lines);
    return status.ok() ? lines.text() : std::string(SqlStateOf(status).view()) + " " + MessageOf(status);
  }
  std::string Execute(PreparedStatement* statement, const std::vector<Datum>& parameters, Session* session = nullptr) {
    Lines lines;
    const Status status = (session == nullptr ? session_.get() : session)->ExecutePrepared(statement, parameters, &lines);
    return status.ok() ? lines.text() : std::string(SqlStateOf(status).view()) + " " + MessageOf(status);
  }

  std::string data_;
  std::unique_ptr<slt::KillableEnvironment> environment_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(TableTest, PreparedStatementsAreDescribedAndExecuted) {
  ASSERT_EQ(Run("CREATE TABLE t (id INT PRIMARY KEY, name TEXT, n NUMERIC)"), "");
  auto insert = session_->PrepareStatement("INSERT INTO t VALUES ($1, $2, $3)", {});
  ASSERT_TRUE(insert.ok()) << insert.status();
  EXPECT_EQ((*insert)->command(), "INSERT");
  ASSERT_EQ((*insert)->parameters().size(), 3u);
  EXPECT_EQ((*insert)->parameters()[0].ToString(), "integer");
  EXPECT_EQ((*insert)->parameters()[1].ToString(), "text");
  EXPECT_FALSE((*insert)->result().has_value());
  for (int i = 1; i <= 20; ++i) { EXPECT_EQ(Execute(insert->get(), {Datum::Int(i), Datum::Bytes("n" + std::to_string(i)), Datum()}), ""); }
  EXPECT_EQ(Execute(insert->get(), {Datum::Int(7), Datum(), Datum()}), "23505 duplicate key value violates unique constraint \"t_pkey\"");
  EXPECT_EQ(Execute(insert->get(), {Datum::Int(7)}).substr(0, 5), "08P01");
  auto point = session_->PrepareStatement("SELECT name, n FROM t WHERE id = $1", {});
  ASSERT_TRUE(point.ok()) << point.status();
  ASSERT_TRUE((*point)->result().has_value());
  ASSERT_EQ((*point)->result()->columns.size(), 2u);
  EXPECT_EQ((*point)->result()->columns[1].type.ToString(), "numeric");
  EXPECT_EQ(Execute(point->get(), {Datum::Int(13)}), "n13|\n");
  EXPECT_EQ(Execute(point->get(), {Datum::Int(99)}), "");
  auto update = session_->PrepareStatement("UPDATE t SET n = n + $2 WHERE id = $1 RETURNING n", {});
  ASSERT_TRUE(update.ok()) << update.status();
  EXPECT_TRUE((*update)->result().has_value());
  EXPECT_EQ(Run("UPDATE t SET n = 1"), "");
  EXPECT_EQ(Execute(update->get(), {Datum::Int(13), *Datum::Parse(TypeId::kNumeric, "2.5")}), "3.5\n");
  EXPECT_EQ(Execute(point->get(), {Datum::Int(13)}), "n13|3.5\n");
  // Objects change: the plan is made again.
  EXPECT_EQ(Run("DROP TABLE t; CREATE TABLE t (id INT PRIMARY KEY, name TEXT, n NUMERIC); INSERT INTO t VALUES (13, 'new', 1)"), "");
  EXPECT_EQ(Execute(point->get(), {Datum::Int(13)}), "new|1\n");
  EXPECT_EQ(Run("DROP TABLE t; CREATE TABLE t (id INT PRIMARY KEY, name INT, n NUMERIC)"), "");
  EXPECT_EQ(Execute(point->get(), {Datum::Int(13)}), "0A000 cached plan must not change result type");
  EXPECT_FALSE(session_->PrepareStatement("SELECT 1; SELECT 2", {}).ok());
  EXPECT_FALSE(session_->PrepareStatement("SELECT nosuch FROM t", {}).ok());
  auto nothing = session_->PrepareStatement("  ", {});
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ((*nothing)->command(), "");
  auto show = session_->PrepareStatement("SHOW TABLES", {});
  ASSERT_TRUE(show.ok());
  EXPECT_TRUE((*show)->result().has_value());
}

// LIMIT and OFFSET of each execution: they may be expressions, and NULL sets no limit.
TEST_F(TableTest, ParametersLimitRows) {
  ASSERT_EQ(Run("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 9)"), "");
  auto page = session_->PrepareStatement("SELECT id FROM t WHERE id > $3 ORDER BY id LIMIT $1 OFFSET $2", {});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ((*page)->parameters().size(), 3u);
  EXPECT_EQ((*page)->parameters()[0].ToString(), "bigint");
  EXPECT_EQ((*page)->parameters()[1].ToString(), "bigint");
  ASSERT_EQ((*page)->result()->columns.size(), 1u);
  EXPECT_EQ(Execute(page->get(), {Datum::Int(2), Datum::Int(0), Datum::Int(0)}), "1\n2\n");
  EXPECT_EQ(Execute(page->get(), {Datum::Int(3), Datum::Int(2), Datum::Int(4)}), "7\n8\n9\n");
  EXPECT_EQ(Execute(page->get(), {Datum(), Datum::Int(7), Datum::Int(0)}), "8\n9\n");
  EXPECT_EQ(Execute(page->get(), {Datum::Int(1), Datum(), Datum::Int(0)}), "1\n");
  EXPECT_EQ(Execute(page->get(), {Datum::Int(0), Datum(), Datum::Int(0)}), "");
  EXPECT_EQ(Execute(page->get(), {Datum::Int(-1), Datum(), Datum::Int(0)}), "2201W LIMIT must not be negative");
  EXPECT_EQ(Execute(page->get(), {Datum::Int(1), Datum::Int(-1), Datum::Int(0)}), "2201X OFFSET must not be negative");
  EXPECT_EQ(Execute(page->get(), {Datum::Int(1)}).substr(0, 5), "08P01");
  auto half = session_->PrepareStatement("SELECT id FROM t ORDER BY id DESC FETCH FIRST ($1 / 2) ROWS WITH TIES", {Type(TypeId::kInt4)});
  ASSERT_TRUE(half.ok()) << half.status();
  EXPECT_EQ(Execute(half->get(), {Datum::Int(5)}), "9\n8\n");
  auto insert = session_->PrepareStatement("INSERT INTO t SELECT id + 100 FROM t ORDER BY id LIMIT $1", {});
  ASSERT_TRUE(insert.ok()) << insert.status();
  EXPECT_EQ(Execute(insert->get(), {Datum::Int(2)}), "");
  EXPECT_EQ(Run("SELECT count(*) FROM t"), "11\n");
}

TEST_F(TableTest, TransactionsThatChangeTheSameRowDoNotBothCommit) {
  ASSERT_EQ(Run("CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 10), (2, 20)"), "");
  const auto other = engine_->NewSession();
  EXPECT_EQ(session_->transaction(), TransactionState::kNone);
  EXPECT_EQ(Run("BEGIN; UPDATE t SET v = v + 1 WHERE id = 1"), "");
  EXPECT_EQ(session_->transaction(), TransactionState::kOpen);
  // Not seen from outside before the end.
  EXPECT_EQ(Run("SELECT v FROM t WHERE id = 1", other.get()), "10\n");
  EXPECT_EQ(Run("SELECT v FROM t WHERE id = 1"), "11\n");
  EXPECT_EQ(Run("UPDATE t SET v = v + 100 WHERE id = 1", other.get()), "");
  EXPECT_EQ(Run("COMMIT"), "40001 could not serialize access due to concurrent update");
  EXPECT_EQ(session_->transaction(), TransactionState::kNone);
  EXPECT_EQ(Run("SELECT v FROM t WHERE id = 1"), "110\n");
  // Other rows do not disturb.
  EXPECT_EQ(Run("BEGIN; UPDATE t SET v = v + 1 WHERE id = 1"), "");
  EXPECT_EQ(Run("UPDATE t SET v = 0 WHERE id = 2", other.get()), "");
  EXPECT_EQ(Run("COMMIT"), "");
  EXPECT_EQ(Run("SELECT id, v FROM t ORDER BY id", other.get()), "1|111\n2|0\n");
  // Two that insert one key.
  EXPECT_EQ(Run("BEGIN; INSERT INTO t VALUES (3, 1)"), "");
  EXPECT_EQ(Run("BEGIN; INSERT INTO t VALUES (3, 2); COMMIT", other.get()), "");
  EXPECT_EQ(Run("COMMIT").substr(0, 5), "40001");
  EXPECT_EQ(Run("SELECT v FROM t WHERE id = 3"), "2\n");
  EXPECT_EQ(Run("BEGIN; SELECT 1 / 0").substr(0, 5), "22012");
  EXPECT_EQ(session_->transaction(), TransactionState::kFailed);
  EXPECT_EQ(Run("ROLLBACK"), "");
}

TEST_F(TableTest, ErrorsNameTheRow) {
  ASSERT_EQ(Run("CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL); INSERT INTO t VALUES (1, 1)"), "");
  Lines lines;
  EXPECT_EQ(DetailOf(session_->Execute("INSERT INTO t VALUES (1, 2)", &lines)), "Key (id)=(1) already exists.");
  EXPECT_EQ(DetailOf(session_->Execute("INSERT INTO t VALUES (2, NULL)", &lines)), "Failing row contains (2, null).");
}

TEST_F(TableTest, RowsAreCopiedIn) {
  ASSERT_EQ(Run("CREATE TABLE t (id INT PRIMARY KEY, name TEXT DEFAULT 'none', x BYTEA, twice INT GENERATED ALWAYS AS (id * 2) STORED)"), "");
  Lines lines;
  Status status = session_->CopyIn("COPY t FROM STDIN", "1\tone\t\\\\x00\n2\t\\N\t\\N\n3\ta\\tb\\nc\\\\\t\\N\n\\.\n", &lines);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(lines.tag(), "COPY 3");
  EXPECT_EQ(Run("SELECT id, name, x, twice FROM t ORDER BY id"), "1|one|\\x00|2\n2|||4\n3|a\tb\nc\\||6\n");
  status = session_->CopyIn("COPY t (name, id) FROM STDIN WITH (FORMAT csv, HEADER)", "name,id\n\"a,\"\"b\"\"\nc\",4\n,5\n\"\",6\n", &lines);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Run("SELECT id, name, name IS NULL FROM t WHERE id > 3 ORDER BY id"), "4|a,\"b\"\nc|f\n5||t\n6||f\n");
  status = session_->CopyIn("COPY t FROM STDIN", "7\tx\t\\N\n8\tx\n", &lines);
  EXPECT_EQ(std::string(SqlStateOf(status).view()), "22P04");
  EXPECT_EQ(MessageOf(status), "missing data for column \"x\"");
  EXPECT_EQ(DetailOf(status), "COPY t, line 2");
  status = session_->CopyIn("COPY t (id) FROM STDIN", "9\nnine\n", &lines);
  EXPECT_EQ(std::string(SqlStateOf(status).view()), "22P02");
  EXPECT_EQ(Run("COPY t (id) FROM STDIN").substr(0, 5), "0A000");
  EXPECT_EQ(Run("SELECT count(*) FROM t"), "6\n");  // those that failed left nothing
}

TEST_F(TableTest, SubscriptionsFollowAView) {
  ASSERT_EQ(Run("CREATE TABLE t (id INT PRIMARY KEY, v INT); CREATE MATERIALIZED VIEW m AS SELECT v, count(*) AS n FROM t GROUP BY v"), "");
  engine_->StartBackground();
  const auto other = engine_->NewSession();
  Lines lines;
  Status status;
  std::thread follower([&] { status = other->Execute("SUBSCRIBE TO m", &lines); });
  const auto wait_for = [&](const std::string& text) {
    for (int i = 0; i < 500 && lines.text() != text; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return lines.text();
  };
  EXPECT_EQ(Run("INSERT INTO t VALUES (1, 5)"), "");
  EXPECT_EQ(wait_for("5|1\n"), "5|1\n");
  EXPECT_EQ(Run("INSERT INTO t VALUES (2, 5)"), "");
  EXPECT_EQ(wait_for("5|1\n-5|1\n5|2\n"), "5|1\n-5|1\n5|2\n");
  other->Cancel();
  follower.join();
  EXPECT_EQ(std::string(SqlStateOf(status).view()), "57014");
}

// Transfers of 1 between accounts; every total is right in every epoch that a reader sees, over views and views of views, and after kills.
TEST_F(TableTest, BankTotalsAreAlwaysRight) {
  constexpr int kAccounts = 20, kTransfers = 50;
  ASSERT_EQ(
      Run("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL); CREATE TABLE transfers (source INT, target INT, amount INT);"
          "INSERT INTO accounts SELECT g, 100 FROM generate_series(1, 20) AS g;"
          "CREATE MATERIALIZED VIEW totals AS SELECT sum(balance) AS s FROM accounts;"
          "CREATE MATERIALIZED VIEW halves AS SELECT id % 2 AS half, sum(balance) AS s FROM accounts GROUP BY id % 2;"
          "CREATE MATERIALIZED VIEW sum_of_halves AS SELECT sum(s) AS s FROM halves;"
          "CREATE MATERIALIZED VIEW moved AS SELECT source AS id, -amount AS amount FROM transfers UNION ALL SELECT target, amount FROM transfers;"
          "CREATE MATERIALIZED VIEW net AS SELECT sum(amount) AS s, count(*) AS n FROM moved"),
      "");
  uint64_t seed = 42;
  const auto random = [&](int below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((seed >> 33) % static_cast<uint64_t>(below));
  };
  for (int round = 0; round < 3; ++round) {
    engine_->StartBackground();
    std::atomic<bool> stop{false};
    std::atomic<int> reads{0};
    std::vector<std::string> wrong;
    std::mutex mutex;
    std::vector<std::thread> readers;
    for (int r = 0; r < 2; ++r) {
      readers.emplace_back([&] {
        const auto session = engine_->NewSession();
        EXPECT_TRUE(session->Set("read_mode", "epoch").ok());
        while (!stop.load() || reads.load() < 20) {
          const std::string answer =
              Run("SELECT s FROM totals UNION ALL SELECT s FROM sum_of_halves UNION ALL SELECT sum(balance) FROM accounts", session.get());
          const std::string net = Run("SELECT coalesce(s, 0) FROM net", session.get());
          ++reads;
          if (answer == "2000\n2000\n2000\n" && net == "0\n") continue;
          const std::lock_guard<std::mutex> lock(mutex);
          wrong.push_back(answer + " / " + net);
          return;
        }
      });
    }
    for (int i = 0; i < kTransfers; ++i) {
      const std::string from = std::to_string(1 + random(kAccounts)), to = std::to_string(1 + random(kAccounts));
      ASSERT_EQ(
          Run("BEGIN; UPDATE accounts SET balance = balance - 1 WHERE id = " + from + "; UPDATE accounts SET balance = balance + 1 WHERE id = " + to +
              "; INSERT INTO transfers VALUES (" + from + ", " + to + ", 1); COMMIT"),
          "");
    }
    stop = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_TRUE(wrong.empty()) << wrong.front();
    EXPECT_GE(reads.load(), 20);
    KillAndOpen();
    EXPECT_EQ(Run("SELECT n FROM net"), std::to_string(2 * kTransfers * (round + 1)) + "\n");
    EXPECT_EQ(Run("SELECT s FROM totals UNION ALL SELECT s FROM sum_of_halves"), "2000\n2000\n");
    EXPECT_EQ(Run("SELECT count(*) FROM transfers"), std::to_string(kTransfers * (round + 1)) + "\n");
    EXPECT_EQ(Run("SELECT count(*), min(id), max(id) FROM accounts"), "20|1|20\n");
  }
}

}  // namespace
}  // namespace kappa
