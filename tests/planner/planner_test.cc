#include "planner/planner.h"

#include <gtest/gtest.h>

#include "catalog/dead_letters.h"
#include "tests/planner/harness.h"

namespace kappa::planner_test {
namespace {

std::string ColumnsOf(const SelectPlan& plan) {
  std::string out;
  for (const Column& column : plan.columns) out += (out.empty() ? "" : ", ") + column.name + " " + column.type.ToString();
  return out;
}

class PlannerTest : public testing::Test {
 protected:
  void SetUp() override {
    const Status status = session_.Run(kSources);
    ASSERT_TRUE(status.ok()) << FormatError(status, "", kSources);
  }
  std::string Select(const std::string& sql, const std::vector<Type>& parameters = {}) {
    const StatusOr<SelectPlan> plan = session_.Select(sql, parameters);
    return plan.ok() ? ColumnsOf(*plan) : FormatError(plan.status(), "", sql);
  }
  // The value of a SELECT of one constant, computed by the optimizer.
  std::string Value(const std::string& sql) {
    const StatusOr<SelectPlan> plan = session_.Select(sql);
    if (!plan.ok()) return FormatError(plan.status(), "", sql);
    const auto* values = plan->dataflow.operators[0].As<ValuesOp>();
    if (values == nullptr || values->rows.size() != 1 || values->rows[0].size() != 1) return "not one value";
    CallContext calls;
    const StatusOr<Datum> value = Evaluate(*values->rows[0][0], &calls, {});
    if (!value.ok()) return std::string(SqlStateOf(value.status()).view());
    return value->is_null() ? "NULL" : value->ToText(values->rows[0][0]->type);
  }
  Session session_;
};

TEST_F(PlannerTest, NamesColumnsAsPostgreSqlDoes) {
  EXPECT_EQ(Select("SELECT 1, 'a', length('x'), CASE WHEN true THEN 1 END, k::text, '1'::int, (item).name, CASE WHEN b THEN 0 ELSE k END, "
                   "coalesce(t, 'x'), -k, count(*) FROM plain "
                   "GROUP BY k, item, b, t"),
            "?column? integer, ?column? text, length integer, case integer, k text, int4 integer, name text, k integer, coalesce text, ?column? "
            "integer, count bigint");
  EXPECT_EQ(
      Select("SELECT 1, 'a', length('x'), CASE WHEN true THEN 1 END, k::text, '1'::int, (item).name, CASE WHEN b THEN 0 ELSE k END, coalesce(t, "
             "'x'), -k FROM plain"),
      "?column? integer, ?column? text, length integer, case integer, k text, int4 integer, name text, k integer, coalesce text, ?column? integer");
}

TEST_F(PlannerTest, ResolvesTypesOfArraysAndRows) {
  EXPECT_EQ(Select("SELECT ARRAY[k, n] AS a, (ARRAY[k])[1] AS b, ARRAY[k] || n AS c, ROW(k, 'x', NULL) AS d FROM plain"),
            "a numeric[], b integer, c numeric[], d struct<f1 integer, f2 text, f3 text>");
  EXPECT_EQ(
      Select(
          "SELECT array_append('{1}', k) AS a, array_position(ARRAY[n], k) AS b, '{1,2}'::int[] = ARRAY[k] AS c, k = ANY ('{1,2}') AS d FROM plain"),
      "a integer[], b integer, c boolean, d boolean");
  EXPECT_EQ(Select("SELECT coalesce(ARRAY[k], ARRAY[n]) AS a FROM plain"), "a numeric[]");
}

TEST_F(PlannerTest, ResolvesTypes) {
  EXPECT_EQ(Select("SELECT 1 AS a, 3000000000 AS b, 1.5 AS c, 99999999999999999999 AS d, -2147483648 AS e"),
            "a integer, b bigint, c numeric, d numeric, e integer");
  EXPECT_EQ(Select("SELECT k + 1 AS a, k + price AS b FROM (SELECT k, 1::bigint AS price FROM plain) x"), "a integer, b bigint");
  EXPECT_EQ(Select("SELECT n * k AS a, \"V\" + k AS b, \"V\" + n AS c FROM plain"), "a numeric, b double precision, c double precision");
  EXPECT_EQ(Select("SELECT d + 1 AS a, ts - INTERVAL '1 day' AS b, ts - ts AS c FROM plain"), "a date, b timestamp without time zone, c interval");
  EXPECT_EQ(Select("SELECT coalesce(NULL, k) AS a, nullif(k, 0) AS b, greatest(k, 2.5) AS c FROM plain"), "a integer, b integer, c numeric");
  EXPECT_EQ(Select("SELECT * FROM (VALUES (1, NULL), (2.5, 'x')) v"), "column1 numeric, column2 text");
  EXPECT_EQ(Select("SELECT NULL AS a UNION ALL SELECT 1"), "a integer");
  EXPECT_EQ(Select("SELECT sum(k) AS a, sum(price) AS b, avg(price) AS c, avg(\"V\") AS d, min(t) AS e, count(t) AS f FROM (SELECT *, 1::bigint AS "
                   "price FROM plain) p"),
            "a bigint, b numeric, c numeric, d double precision, e text, f bigint");
  EXPECT_EQ(Select("SELECT k FROM plain WHERE ts > '2024-01-01' AND d = '2024-01-01' AND k IN (1, 2) AND n BETWEEN 1 AND '2.5'"), "k integer");
}

TEST_F(PlannerTest, BindsQueries) {
  EXPECT_EQ(Select("SELECT b.*, 1 AS one FROM (SELECT k, t FROM plain) b"), "k integer, t text, one integer");
  EXPECT_EQ(Select("SELECT (item).*, item.size.w FROM plain"), "name text, size struct<w integer, h integer>, w integer");
  EXPECT_EQ(Select("SELECT item.* FROM plain"), "name text, size struct<w integer, h integer>");
  EXPECT_EQ(
      Select(
          "SELECT k % 10 AS bucket, count(*), sum(n) / count(*) AS mean FROM plain GROUP BY bucket HAVING max(k) > 3 ORDER BY count(*) DESC, k % 10"),
      "bucket integer, count bigint, mean numeric");
  EXPECT_EQ(Select("SELECT count(*) FROM plain"), "count bigint");
  EXPECT_EQ(Select("SELECT k FROM plain GROUP BY 1 ORDER BY max(n) LIMIT 1"), "k integer");
  EXPECT_EQ(Select("SELECT 'x' AS tag, count(*) FROM plain GROUP BY tag"), "tag text, count bigint");
  EXPECT_EQ(Select("SELECT 1 AS a WHERE false"), "a integer");
  EXPECT_EQ(Select("WITH a AS (SELECT k FROM plain), b AS (SELECT k + 1 AS k FROM a) SELECT * FROM b UNION SELECT * FROM a ORDER BY k DESC"),
            "k integer");
  EXPECT_EQ(Select("SELECT window_start, window_end, k FROM TUMBLE((SELECT k, ts FROM plain), ts, INTERVAL '1 hour') w"),
            "window_start timestamp without time zone, window_end timestamp without time zone, k integer");
  EXPECT_EQ(Select("SELECT DISTINCT window_start FROM HOP(bids, ts, INTERVAL '1 s', INTERVAL '2 s') EMIT ON WINDOW CLOSE"),
            "window_start timestamp without time zone");
  EXPECT_EQ(Select("SELECT ts AT TIME ZONE 'UTC' AS z, extract(year FROM ts) AS y, date_trunc('hour', ts) AS h FROM plain"),
            "z timestamp with time zone, y numeric, h timestamp without time zone");
  EXPECT_EQ(Select("SELECT now() AS n, current_date AS d, substring(t FROM 2 FOR 3), position('a' IN t), trim(BOTH 'x' FROM t), t NOT ILIKE 'a!_%' "
                   "ESCAPE '!' AS l, left(t, 2) FROM plain"),
            "n timestamp with time zone, d date, substring text, position integer, btrim text, l boolean, left text");
  EXPECT_EQ(Select("TABLE bid"),
            "auction bigint, bidder bigint, price bigint, channel text, url text, date_time timestamp without time zone, extra text");
}

TEST_F(PlannerTest, InfersParameters) {
  const StatusOr<SelectPlan> plan = session_.Select("SELECT k + $1 AS a, $2::date AS b FROM plain WHERE t = $3");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->dataflow.parameters.size(), 3u);
  EXPECT_EQ(plan->dataflow.parameters[0].id(), TypeId::kInt4);
  EXPECT_EQ(plan->dataflow.parameters[1].id(), TypeId::kDate);
  EXPECT_EQ(plan->dataflow.parameters[2].id(), TypeId::kText);
  EXPECT_EQ(Select("SELECT $1 AS a", {TypeId::kInt8}), "a bigint");
}

TEST_F(PlannerTest, FoldsConstantsByTheFunctionsThemselves) {
  EXPECT_EQ(Value("SELECT 7 / 2 + 1"), "4");
  EXPECT_EQ(Value("SELECT 'a' || upper('b')"), "aB");
  EXPECT_EQ(Value("SELECT 1 IS DISTINCT FROM NULL"), "t");
  EXPECT_EQ(Value("SELECT NULL IS DISTINCT FROM NULL"), "f");
  EXPECT_EQ(Value("SELECT 3 NOT IN (1, 2, NULL)"), "NULL");
  EXPECT_EQ(Value("SELECT greatest(1, NULL, 3, 2)"), "3");
  EXPECT_EQ(Value("SELECT least(NULL, 4, 3)"), "3");
  EXPECT_EQ(Value("SELECT (NULL::boolean) IS NOT TRUE"), "t");
  EXPECT_EQ(Value("SELECT 2 BETWEEN SYMMETRIC 3 AND 1"), "t");
  EXPECT_EQ(Value("SELECT 1 / 0"), "22012") << "stays an error of the row";
  EXPECT_EQ(Value("SELECT CASE WHEN true THEN 1 ELSE 1 / 0 END"), "1");
  EXPECT_EQ(Value("SELECT INTERVAL '90' MINUTE"), "01:30:00");
}

TEST_F(PlannerTest, TableColumnComesBeforeColumnField) {
  ASSERT_TRUE(session_.Run("CREATE SOURCE amb (item STRUCT<k INT>, k INT) WITH (connector = 'log', topic = 'x') FORMAT PLAIN ENCODE JSON").ok());
  EXPECT_EQ(Select("SELECT item.k FROM amb"), "k integer");
  EXPECT_NE(Select("SELECT item.k FROM amb AS item").find("42702"), std::string::npos);
}

TEST_F(PlannerTest, SerializedDataflowsReadBackTheSame) {
  const char* statements[] = {
      "SELECT k, sum(n) FILTER (WHERE b) AS s FROM plain WHERE t LIKE 'a%' AND k IN (1, 2) AND ts > '2024-01-01' GROUP BY k HAVING count(*) > 1 "
      "ORDER BY s DESC NULLS LAST LIMIT 3",
      "CREATE MATERIALIZED VIEW m AS SELECT window_start, bidder, max(price) FROM HOP(bids, ts, INTERVAL '1 s', INTERVAL '5 s') GROUP BY 1, 2 EMIT "
      "ON WINDOW CLOSE LATE INTO l",
      "SELECT (item).name, INTERVAL '1 day', 1.50, NULL::date, 'it''s' FROM plain UNION ALL SELECT 'x', NULL, 2, NULL, NULL",
      "CREATE SINK s AS SELECT bidder, count(*) AS n FROM bids GROUP BY bidder WITH (connector = 'kafka', topic = 't') FORMAT UPSERT ENCODE JSON",
      "SELECT k FROM plain FOR LOG FROM TIMESTAMP '2026-01-02' UNTIL TIMESTAMP '2026-01-03 00:00:00.0001' AS x"};
  for (const char* sql : statements) {
    const StatusOr<ExplainedPlan> plan = session_.Explain(sql);
    ASSERT_TRUE(plan.ok()) << FormatError(plan.status(), "", sql);
    const std::string text = Serialize(plan->dataflow);
    const StatusOr<Dataflow> back = ParseDataflow(text);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(Explain(*back), Explain(plan->dataflow));
    EXPECT_EQ(Serialize(*back), text);
  }
}

// What the first version wrote: no times, no lost offsets.
TEST_F(PlannerTest, DataflowsOfVersionOneAreRead) {
  const StatusOr<SelectPlan> plan = session_.Select("SELECT k FROM plain");
  ASSERT_TRUE(plan.ok());
  std::string text = Serialize(plan->dataflow);
  for (const char* added : {",\"from_timestamp_ms\":null", ",\"until_timestamp_ms\":null", ",\"offset_lost\":0", "\"offset_lost\":0,"}) {
    if (const size_t at = text.find(added); at != std::string::npos) text.erase(at, std::string_view(added).size());
  }
  EXPECT_EQ(text.find("offset_lost"), std::string::npos);
  const size_t version = text.find("\"version\":" + std::to_string(kDataflowVersion));
  ASSERT_NE(version, std::string::npos);
  text[version + 10] = '1';
  const StatusOr<Dataflow> back = ParseDataflow(text);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(Explain(*back), Explain(plan->dataflow));
  EXPECT_EQ(Serialize(*back), Serialize(plan->dataflow));
}

TEST_F(PlannerTest, ReplayByTimeChangesTheRangeOfEveryScan) {
  session_.settings.replay_from.emplace();
  session_.settings.replay_until.emplace();
  session_.settings.replay_from_ms = 1000;
  session_.settings.replay_until_ms = 2000;
  const StatusOr<Dataflow> dataflow = session_.Program("CREATE SINK a AS SELECT auction FROM bids WITH (connector = 'print')");
  ASSERT_TRUE(dataflow.ok()) << dataflow.status();
  const auto* scan = dataflow->operators[0].As<ScanOp>();
  ASSERT_NE(scan, nullptr);
  EXPECT_EQ(scan->from_timestamp_ms, 1000);
  EXPECT_EQ(scan->until_timestamp_ms, 2000);
  EXPECT_TRUE(scan->until_latest);
}

TEST_F(PlannerTest, DamagedDataflowsAreRefused) {
  const StatusOr<SelectPlan> plan = session_.Select("SELECT k + 1 FROM plain");
  ASSERT_TRUE(plan.ok());
  const std::string text = Serialize(plan->dataflow);
  EXPECT_EQ(SqlStateOf(ParseDataflow(text.substr(0, text.size() / 2)).status()).view(), "XX001");
  EXPECT_EQ(SqlStateOf(ParseDataflow("{\"version\": 99}").status()).view(), "XX001");
  Dataflow broken = plan->dataflow;
  broken.operators.erase(broken.operators.begin());
  EXPECT_FALSE(Verify(broken).ok());
  EXPECT_EQ(SqlStateOf(ParseDataflow(Serialize(broken)).status()).view(), "XX001");
}

TEST_F(PlannerTest, CatalogComesBackFromItsText) {
  ASSERT_TRUE(session_.Run("CREATE MATERIALIZED VIEW m AS SELECT bidder, count(*) AS n FROM bids GROUP BY bidder").ok());
  const std::string text = session_.catalog.Serialize();
  Catalog restored;
  const Status status = ProgramPlanner::Restore(text, &restored, &Connectors());
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(restored.Serialize(), text);
  EXPECT_EQ(restored.Names(), session_.catalog.Names());
  EXPECT_EQ(restored.Find("m")->As<MaterializedViewObject>()->key, std::vector<int>{0});
  EXPECT_EQ(SqlStateOf(Catalog::Parse("{\"version\": 7}").status()).view(), "XX001");
}

TEST_F(PlannerTest, DeadLettersAreReadable) {
  ASSERT_TRUE(
      session_.Run("CREATE MATERIALIZED VIEW m AS SELECT window_start, count(*) FROM TUMBLE(bids, ts, INTERVAL '1 s') GROUP BY 1 LATE INTO mine")
          .ok());
  for (const char* table : {"mine", kDeadLettersTable}) {
    EXPECT_EQ(Select("SELECT kind, \"partition\", \"offset\", weight FROM " + std::string(table)),
              "kind text, partition integer, offset bigint, weight bigint");
  }
}

TEST_F(PlannerTest, ReplayChangesTheRangeOfEveryScan) {
  session_.settings.replay_from = std::map<int32_t, int64_t>{{0, 5}};
  session_.settings.replay_until = std::map<int32_t, int64_t>{{0, 9}};
  const StatusOr<Dataflow> dataflow = session_.Program(
      "CREATE SINK a AS SELECT auction FROM bids WITH (connector = 'print'); CREATE SINK b AS SELECT k FROM plain WITH (connector = 'print')");
  ASSERT_TRUE(dataflow.ok()) << dataflow.status();
  int scans = 0;
  for (const PlanOperator& op : dataflow->operators) {
    if (const auto* scan = op.As<ScanOp>()) {
      ++scans;
      EXPECT_EQ(scan->from_offsets.at(0), 5);
      EXPECT_EQ(scan->until_offsets.at(0), 9);
    }
  }
  EXPECT_EQ(scans, 2);
}

TEST_F(PlannerTest, LongChainsAndListsWork) {
  std::string chain = "SELECT k", list = "SELECT k FROM plain WHERE k IN (0";
  for (int i = 0; i < 5000; ++i) chain += " + k";
  for (int i = 0; i < 10000; ++i) list += ", " + std::to_string(i);
  EXPECT_EQ(Select(chain + " AS a FROM plain"), "a integer");
  EXPECT_EQ(Select(list + ")"), "k integer");
}

TEST_F(PlannerTest, DeepNestsWork) {
  std::string nots = "SELECT ", nest = "SELECT ", close;
  for (int i = 0; i < 900; ++i) {
    nots += "NOT ";
    nest += "k + (";
    close += ")";
  }
  EXPECT_EQ(Select(nots + "b AS a FROM plain"), "a boolean");
  EXPECT_EQ(Select(nest + "k" + close + " AS a FROM plain"), "a integer");
}

// Rows that may fail are not judged before the rows that may never come: a condition that can fail stays above a late check, one that cannot goes
// below.
TEST_F(PlannerTest, FallibleConditionsStayAboveTheLateCheck) {
  const auto order = [&](const std::string& condition) {
    const StatusOr<SelectPlan> plan =
        session_.Select("SELECT window_start, count(*) FROM TUMBLE(bids, ts, INTERVAL '1 s') WHERE " + condition + " GROUP BY 1");
    EXPECT_TRUE(plan.ok()) << plan.status();
    std::string names;
    for (const PlanOperator& op : plan->dataflow.operators) names += std::string(OperatorName(op)) + " ";
    return names;
  };
  EXPECT_EQ(order("bidder > 10"), "Scan Watermark Filter LateCheck Aggregate Result ");
  EXPECT_EQ(order("bidder % 10 = 1"), "Scan Watermark Filter LateCheck Aggregate Result ");
  EXPECT_EQ(order("10 / bidder > 1"), "Scan Watermark LateCheck Window Filter Aggregate Result ");
}

TEST_F(PlannerTest, ExplodingViewsAreRefused) {
  ASSERT_TRUE(session_.Run("CREATE VIEW v0 AS SELECT k FROM plain").ok());
  for (int i = 1; i <= 12; ++i) {
    const std::string previous = "v" + std::to_string(i - 1);
    const Status status =
        session_.Run("CREATE VIEW v" + std::to_string(i) + " AS SELECT * FROM " + previous + " UNION ALL SELECT * FROM " + previous);
    if (!status.ok()) {
      EXPECT_EQ(SqlStateOf(status).view(), "54001");
      return;
    }
  }
  FAIL() << "4096 scans were planned";
}

TEST_F(PlannerTest, EveryRuleCanBeSwitchedOff) {
  const char* sql =
      "CREATE MATERIALIZED VIEW m AS SELECT window_start, to_char(date_time, 'YYYY-MM-DD') AS day, count(*), max(price) FROM TUMBLE(bid, date_time, "
      "INTERVAL '1 minute') WHERE price > 1 + 1 GROUP BY 1, 2";
  for (const std::string& rule : RuleNames()) {
    session_.settings.disabled_rules = {rule};
    const StatusOr<ExplainedPlan> plan = session_.Explain(sql);
    ASSERT_TRUE(plan.ok()) << rule << ": " << FormatError(plan.status(), "", sql);
    EXPECT_NE(plan->rules.find(rule + " off"), std::string::npos);
  }
}

}  // namespace
}  // namespace kappa::planner_test
