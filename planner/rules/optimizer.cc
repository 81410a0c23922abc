#include "planner/rules/rule.h"

namespace kappa {

const std::vector<std::unique_ptr<Rule>>& AllRules() {
  static const auto* rules = [] {  // never freed: read at exit by nobody, and order of destruction is nobody's worry
    auto* list = new std::vector<std::unique_ptr<Rule>>();
    list->push_back(MakeConstantFolding());
    list->push_back(MakeOuterJoin());
    list->push_back(MakePredicatePushdown());
    list->push_back(MakeSemiJoinReduction());
    list->push_back(MakeJoinOrder());
    list->push_back(MakeTopN());
    list->push_back(MakeDayGroupKey());
    list->push_back(MakeSharedScan());
    list->push_back(MakeSharedSubplan());
    list->push_back(MakeUnusedWatermark());
    list->push_back(MakeSourceFilter());
    list->push_back(MakeFieldPruning());
    list->push_back(MakeJsonPathPushdown());
    list->push_back(MakeProjectionMerge());
    list->push_back(MakeWindowSlicing());
    list->push_back(MakeColumnPruning());
    list->push_back(MakeKeyInference());
    list->push_back(MakeIndexLookup());
    return list;
  }();
  return *rules;
}

std::vector<std::string> RuleNames() {
  std::vector<std::string> names;
  for (const auto& rule : AllRules()) names.emplace_back(rule->name());
  return names;
}

Status Optimize(LogicalPlan* plan, ProgramContext* program, const std::set<std::string>& disabled, os::Clock* clock,
                std::vector<RuleReport>* reports) {
  AddSourcePositions(plan, program);
  for (const auto& rule : AllRules()) {
    RuleReport report{rule->name()};
    report.disabled = disabled.count(std::string(rule->name())) > 0;
    if (!report.disabled) {
      const std::vector<LogicalPtr> before = plan->roots;
      const int64_t begin = clock ? clock->MonotonicNanos() : 0;
      rule->Apply(plan, program);
      report.nanos = clock ? clock->MonotonicNanos() - begin : 0;
      report.changed = plan->roots != before;
      if (const Status status = report.changed ? Verify(Lower(*plan)) : OkStatus(); !status.ok()) {
        return SqlError(sqlstate::kInternalError) << "rule " << rule->name() << " broke the plan: " << MessageOf(status)
                                                  << Hint("SET optimizer_disable = '" + std::string(rule->name()) + "' works around it");
      }
    }
    if (reports != nullptr) reports->push_back(report);
  }
  return OkStatus();
}

}  // namespace kappa
