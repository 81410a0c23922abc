// The optimizer: a list of small named passes over the logical plan. Each is timed, each can be switched off (SET optimizer_disable = 'x,y'), and
// after each the plan is verified.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/clock.h"
#include "planner/binder/context.h"
#include "planner/logical/logical.h"

namespace kappa {

class Rule {
 public:
  virtual ~Rule() = default;
  virtual std::string_view name() const = 0;
  virtual void Apply(LogicalPlan* plan, ProgramContext* program) const = 0;
};

// One factory per rule, in the file of its name.
std::unique_ptr<Rule> MakeConstantFolding();
std::unique_ptr<Rule> MakeOuterJoin();
std::unique_ptr<Rule> MakePredicatePushdown();
std::unique_ptr<Rule> MakeSemiJoinReduction();
std::unique_ptr<Rule> MakeJoinOrder();
std::unique_ptr<Rule> MakeSharedSubplan();
std::unique_ptr<Rule> MakeTopN();
std::unique_ptr<Rule> MakeDayGroupKey();
std::unique_ptr<Rule> MakeSharedScan();
std::unique_ptr<Rule> MakeFieldPruning();
std::unique_ptr<Rule> MakeJsonPathPushdown();
std::unique_ptr<Rule> MakeProjectionMerge();
std::unique_ptr<Rule> MakeWindowSlicing();
std::unique_ptr<Rule> MakeUnusedWatermark();
std::unique_ptr<Rule> MakeSourceFilter();
std::unique_ptr<Rule> MakeColumnPruning();
std::unique_ptr<Rule> MakeKeyInference();
std::unique_ptr<Rule> MakeIndexLookup();

// Not a rule, for results depend on it: aggregates that want their rows by source position get it, from the scans up. Runs before the rules.
void AddSourcePositions(LogicalPlan* plan, ProgramContext* program);

// What constant_folding does to one expression.
ExprPtr FoldConstants(const ExprPtr& expr);

// In the order in which they run.
const std::vector<std::unique_ptr<Rule>>& AllRules();
std::vector<std::string> RuleNames();

struct RuleReport {
  std::string_view rule;
  int64_t nanos = 0;
  bool changed = false;
  bool disabled = false;
};

// Runs the rules that `disabled` does not name. XX000 when a rule breaks the plan. `clock` times them; null: none are taken.
Status Optimize(LogicalPlan* plan, ProgramContext* program, const std::set<std::string>& disabled, os::Clock* clock,
                std::vector<RuleReport>* reports);

}  // namespace kappa
