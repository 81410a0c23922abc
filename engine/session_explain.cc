// EXPLAIN of a statement and of whole programs.
#include "engine/describe.h"
#include "engine/session.h"
#include "exec/operators/explain_code.h"
#include "parser/parser.h"
#include "planner/planner.h"

namespace kappa {

StatusOr<std::string> SessionImpl::Explain(const std::vector<ProgramText>& texts, std::string_view what) {
  const std::lock_guard<std::recursive_mutex> lock(state_->mutex);
  Catalog catalog = state_->catalog;
  ProgramPlanner planner(&catalog, state_->connectors.get(), PlannerSettingsFor({}));
  std::string out;
  for (size_t i = 0; i < texts.size(); ++i) {
    auto statements = Parse(texts[i].text);
    if (!statements.ok()) return TextOf(statements.status(), i);
    for (const ast::StatementPtr& statement : *statements) {
      Status status;
      if (const auto* set = ast::As<ast::Set>(*statement)) {
        status = ApplySet(*set);
      } else if (statement->kind == ast::StatementKind::kQuery || (what == "LOGICAL" && IsStreaming(*statement))) {
        auto plan = planner.Explain(*statement, texts[i].text);
        status = plan.status();
        if (plan.ok()) {
          auto text = ExplainPlan(*plan, what);
          status = text.status();
          if (text.ok()) out += *text;
        }
      }
      if (status.ok() && ChangesProgram(*statement)) status = planner.Add(*statement, texts[i].text);
      if (!status.ok()) return TextOf(WithRange(status, statement->range), i);
    }
  }
  ASSIGN_OR_RETURN(std::optional<Dataflow> program, planner.Finish());
  if (program && what != "LOGICAL") {
    ASSIGN_OR_RETURN(const std::string text, ExplainDataflow(*program, what));
    out += text;
  }
  return out;
}

Status SessionImpl::RunExplain(const ast::Explain& explain, std::string_view text, StatementScope* scope, Results* results) {
  if (explain.analyze) return SqlError(sqlstate::kFeatureNotSupported, explain.range) << "EXPLAIN ANALYZE is not supported yet";
  if (explain.json || explain.stage == ast::ExplainStage::kPipelines || explain.stage == ast::ExplainStage::kAsm) {
    return SqlError(sqlstate::kFeatureNotSupported, explain.range)
           << "this form of EXPLAIN is not supported yet" << Hint("EXPLAIN (LOGICAL), (DATAFLOW) and (LLVM) are");
  }
  Catalog scratch = *scope->catalog;
  ProgramPlanner planner(&scratch, state_->connectors.get(), PlannerSettingsFor(scope->options));
  const std::string_view what = explain.stage == ast::ExplainStage::kLogical ? "LOGICAL"
                                : explain.stage == ast::ExplainStage::kLlvm  ? "LLVM"
                                                                             : "DATAFLOW";
  ASSIGN_OR_RETURN(const ExplainedPlan plan, planner.Explain(*explain.statement, text));
  ASSIGN_OR_RETURN(const std::string out, ExplainPlan(plan, what));
  return AnswerLines("QUERY PLAN", out, results);
}

StatusOr<std::string> SessionImpl::ExplainPlan(const ExplainedPlan& plan, std::string_view what) {
  if (what == "LOGICAL") return plan.optimized;
  return ExplainDataflow(plan.dataflow, what);
}

StatusOr<std::string> SessionImpl::ExplainDataflow(const Dataflow& dataflow, std::string_view what) {
  if (what != "LLVM") return kappa::Explain(dataflow);
  RETURN_IF_ERROR(state_->EnsureJit());
  return ExplainCode(std::make_shared<const Dataflow>(dataflow), settings_.run().workers, state_->jit.get());
}

}  // namespace kappa
