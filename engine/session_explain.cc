// EXPLAIN of a statement and of whole programs.
#include <fmt/format.h>

#include <algorithm>

#include "engine/describe.h"
#include "engine/session.h"
#include "exec/operators/explain_code.h"
#include "exec/operators/explain_pipelines.h"
#include "parser/ast/statement_names.h"
#include "parser/parser.h"
#include "planner/dataflow/explain.h"
#include "planner/planner.h"

namespace kappa {

StatusOr<std::string> SessionImpl::Explain(const std::vector<ProgramText>& texts, std::string_view what) {
  const std::lock_guard<EngineMutex> lock(state_->mutex);
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

namespace {

std::string_view StageName(ast::ExplainStage stage) {
  static constexpr std::string_view kNames[] = {"DATAFLOW", "LOGICAL", "DATAFLOW", "PIPELINES", "LLVM", "ASM"};
  return kNames[static_cast<int>(stage)];
}

// The rows of a statement that is run to be measured.
class Unshown final : public Results {
 public:
  explicit Unshown(Results* results) : results_(results) {}
  Status OnSchema(const std::string&, const RowSchema&) override { return OkStatus(); }
  Status OnRows(const ChangeBatch&) override { return OkStatus(); }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view text) override { results_->OnNotice(text); }

 private:
  Results* const results_;
};

// What was measured of an operator: its own time is that of those below it while they handed rows on, less that of those above it.
struct Measured {
  int64_t rows = 0, own_nanos = -1, state_bytes = 0;  // -1: it is called by nobody, or by several who are
};

std::map<OperatorId, Measured> Measure(const Dataflow& dataflow, const std::map<OperatorId, OperatorCounts>& counts) {
  std::map<OperatorId, Measured> out;
  for (const PlanOperator& op : dataflow.operators) {
    const auto own = counts.find(op.id);
    if (own == counts.end()) continue;
    Measured& measured = out[op.id];
    measured.state_bytes = own->second.state_bytes;
    measured.rows = own->second.rows;
    const bool ends = dataflow.ConsumersOf(op.id).empty();
    bool alone = !op.inputs.empty();
    int64_t below = 0;
    for (const OperatorId input : op.inputs) {
      alone &= dataflow.ConsumersOf(input).size() == 1 && counts.count(input) != 0;
      if (!alone) break;
      below += counts.at(input).nanos_above;
      if (ends) measured.rows += counts.at(input).rows;  // what leaves here
    }
    // A breaker gives its rows to those above at another time than it takes them.
    const bool breaks = op.As<AggregateOp>() != nullptr || op.As<SortOp>() != nullptr;
    if (alone) measured.own_nanos = std::max<int64_t>(0, below - (breaks ? 0 : own->second.nanos_above));
  }
  return out;
}

std::string NoteOf(const Measured& measured) {
  std::string note = fmt::format("  (rows={}", measured.rows);
  if (measured.own_nanos >= 0) note += fmt::format(" time={:.3f} ms", static_cast<double>(measured.own_nanos) / 1e6);
  if (measured.state_bytes > 0) note += fmt::format(" state={} kB", (measured.state_bytes + 1023) / 1024);
  return note + ")";
}

std::string JsonOf(const Measured& measured) {
  std::string text = fmt::format("\"rows\": {}, \"state_bytes\": {}", measured.rows, measured.state_bytes);
  if (measured.own_nanos >= 0) text += fmt::format(", \"time_ms\": {:.3f}", static_cast<double>(measured.own_nanos) / 1e6);
  return text;
}

}  // namespace

Status SessionImpl::RunExplain(const ast::Explain& explain, std::string_view text, StatementScope* scope, Results* results) {
  if (explain.analyze) return Analyze(explain, scope, results);
  Catalog scratch = *scope->catalog;
  ProgramPlanner planner(&scratch, state_->connectors.get(), PlannerSettingsFor(scope->options));
  const std::string_view what = StageName(explain.stage);
  ASSIGN_OR_RETURN(const ExplainedPlan plan, planner.Explain(*explain.statement, text));
  if (explain.json) {
    if (what != "LOGICAL" && what != "DATAFLOW") {
      return SqlError(sqlstate::kFeatureNotSupported, explain.range)
             << "EXPLAIN (" << what << ", FORMAT JSON) is not supported" << Hint("FORMAT JSON goes with LOGICAL and DATAFLOW");
    }
    return AnswerLines("QUERY PLAN", ExplainJson(plan.dataflow, [](OperatorId) { return std::string(); }), results);
  }
  ASSIGN_OR_RETURN(const std::string out, ExplainPlan(plan, what));
  return AnswerLines("QUERY PLAN", out, results);
}

// Runs the query with counters in its generated code; its rows are not shown.
Status SessionImpl::Analyze(const ast::Explain& explain, StatementScope* scope, Results* results) {
  if (explain.statement->kind != ast::StatementKind::kQuery) {
    return SqlError(sqlstate::kFeatureNotSupported, explain.statement->range)
           << "EXPLAIN ANALYZE of " << ast::StatementName(*explain.statement) << " is not supported"
           << Hint("it runs a SELECT; `kappa status` shows what runs for longer");
  }
  if (explain.stage != ast::ExplainStage::kDefault && explain.stage != ast::ExplainStage::kDataflow) {
    return SqlError(sqlstate::kFeatureNotSupported, explain.range)
           << "EXPLAIN ANALYZE shows the dataflow" << Hint("leave out " + std::string(StageName(explain.stage)));
  }
  Measurement measurement;
  measuring_ = &measurement;
  Unshown unshown(results);
  const int64_t begin = state_->environment->clock().MonotonicNanos(), cpu_begin = state_->environment->clock().CpuNanos();
  const Status status = Select(*explain.statement, scope, &unshown);
  measuring_ = nullptr;
  RETURN_IF_ERROR(status);
  const double seconds = static_cast<double>(state_->environment->clock().MonotonicNanos() - begin) / 1e6;
  const double cpu = static_cast<double>(state_->environment->clock().CpuNanos() - cpu_begin) / 1e6;
  if (measurement.dataflow == nullptr)
    return AnswerLines("QUERY PLAN", fmt::format("constants, evaluated without code\ntotal: {:.3f} ms\n", seconds), results);
  const std::map<OperatorId, Measured> measured = Measure(*measurement.dataflow, measurement.counts);
  const auto of = [&](OperatorId id) {
    const auto found = measured.find(id);
    return found == measured.end() ? Measured() : found->second;
  };
  if (explain.json) return AnswerLines("QUERY PLAN", ExplainJson(*measurement.dataflow, [&](OperatorId id) { return JsonOf(of(id)); }), results);
  std::string out = kappa::Explain(*measurement.dataflow, [&](OperatorId id) { return NoteOf(of(id)); });
  out += fmt::format("total: {:.3f} ms, CPU {:.3f} ms; {} records, {} bytes read\n", seconds, cpu, measurement.records, measurement.bytes);
  return AnswerLines("QUERY PLAN", out, results);
}

StatusOr<std::string> SessionImpl::ExplainPlan(const ExplainedPlan& plan, std::string_view what) {
  if (what == "LOGICAL") return plan.optimized;
  return ExplainDataflow(plan.dataflow, what);
}

StatusOr<std::string> SessionImpl::ExplainDataflow(const Dataflow& dataflow, std::string_view what) {
  const auto shared = std::make_shared<const Dataflow>(dataflow);
  if (what == "PIPELINES") return ExplainPipelines(shared, settings_.run().workers);
  if (what != "LLVM" && what != "ASM") return kappa::Explain(dataflow);
  RETURN_IF_ERROR(state_->EnsureJit());
  return ExplainCode(shared, settings_.run().workers, what == "LLVM" ? CodeForm::kLlvm : CodeForm::kAssembly, state_->jit.get());
}

}  // namespace kappa
