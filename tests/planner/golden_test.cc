// Plans as EXPLAIN prints them, compared with golden/*.txt. Each golden/*.sql is a program or a query over the harness's sources:
//   -- rule: NAME     prints the plan before and after that rule alone; without it, the plan after all rules
// To write the expected files anew, after looking at the difference:  KAPPA_UPDATE_GOLDEN=1 ./planner_test --gtest_filter='*Golden*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "connectors/registry.h"
#include "parser/parser.h"
#include "tests/planner/harness.h"

namespace kappa::planner_test {
namespace {
namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string RuleOf(const std::string& sql) {
  const size_t at = sql.find("-- rule: ");
  return at == std::string::npos ? "" : sql.substr(at + 9, sql.find('\n', at) - at - 9);
}

StatusOr<std::string> PlanOf(const std::string& sql) {
  Session session;
  RETURN_IF_ERROR(session.Run(kSources));
  const std::string rule = RuleOf(sql);
  if (rule.empty()) {
    ASSIGN_OR_RETURN(const std::vector<ast::StatementPtr> statements, Parse(sql));
    if (statements.size() == 1) {
      ASSIGN_OR_RETURN(const ExplainedPlan plan, session.Explain(sql));
      return plan.optimized;
    }
    ASSIGN_OR_RETURN(const Dataflow dataflow, session.Program(sql));
    return Explain(dataflow);
  }
  // field_pruning leaves a rename that projection_merge removes: each rule is shown alone all the same.
  const std::vector<std::string> names = RuleNames();
  EXPECT_NE(std::find(names.begin(), names.end(), rule), names.end()) << "no rule " << rule;
  for (const std::string& name : names)
    if (name != rule) session.settings.disabled_rules.insert(name);
  ASSIGN_OR_RETURN(const std::vector<ast::StatementPtr> statements, Parse(sql));
  if (statements.size() == 1) {
    ASSIGN_OR_RETURN(const ExplainedPlan plan, session.Explain(sql));
    EXPECT_NE(plan.bound, plan.optimized) << rule << " did nothing";
    return "before\n" + plan.bound + "\nafter " + rule + "\n" + plan.optimized;
  }
  ASSIGN_OR_RETURN(const Dataflow after, session.Program(sql));
  Session plain;
  plain.settings.disabled_rules.insert(names.begin(), names.end());
  RETURN_IF_ERROR(plain.Run(kSources));
  ASSIGN_OR_RETURN(const Dataflow before, plain.Program(sql));
  EXPECT_NE(Explain(before), Explain(after)) << rule << " did nothing";
  return "before\n" + Explain(before) + "\nafter " + rule + "\n" + Explain(after);
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, Plan) {
  const fs::path base = fs::path(KAPPA_GOLDEN_DIR) / GetParam();
  const std::string sql = Read(base.string() + ".sql");
  ASSERT_FALSE(sql.empty());
  const StatusOr<std::string> plan = PlanOf(sql);
  ASSERT_TRUE(plan.ok()) << FormatError(plan.status(), GetParam() + ".sql", sql);
  const fs::path expected = base.string() + ".txt";
  if (std::getenv("KAPPA_UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << *plan;
  EXPECT_EQ(Read(expected), *plan);
}

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(KAPPA_GOLDEN_DIR)) {
    if (entry.path().extension() == ".sql") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(Cases()), [](const auto& info) { return info.param; });

// The samples users start from are planned whole, each as one program.
TEST(Samples, ArePlanned) {
  int planned = 0;
  const std::unique_ptr<kappa::Connectors> connectors = MakeConnectors({});  // the real ones: their options are part of what is checked
  for (const auto& entry : fs::recursive_directory_iterator(KAPPA_SAMPLES_DIR)) {
    if (entry.path().extension() != ".sql") continue;
    const std::string sql = Read(entry.path());
    Session session;
    const StatusOr<std::vector<ast::StatementPtr>> statements = Parse(sql);
    ASSERT_TRUE(statements.ok()) << FormatError(statements.status(), entry.path().string(), sql);
    ProgramPlanner planner(&session.catalog, connectors.get(), session.settings);
    for (const ast::StatementPtr& statement : *statements) {
      const Status status = statement->kind == ast::StatementKind::kQuery ? planner.PlanSelect(*statement).status() : planner.Add(*statement, sql);
      EXPECT_TRUE(status.ok()) << FormatError(status, entry.path().string(), sql);
    }
    const auto dataflow = planner.Finish();
    EXPECT_TRUE(dataflow.ok()) << dataflow.status();
    ++planned;
  }
  EXPECT_GT(planned, 5);
}

TEST(GoldenCorpus, EveryRuleHasOne) {
  std::set<std::string> shown;
  for (const std::string& name : Cases()) shown.insert(RuleOf(Read(fs::path(KAPPA_GOLDEN_DIR) / (name + ".sql"))));
  for (const std::string& rule : RuleNames()) EXPECT_TRUE(shown.count(rule)) << "no golden plan for rule " << rule;
}

}  // namespace
}  // namespace kappa::planner_test
