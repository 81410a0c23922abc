// SUBSCRIBE: what a view holds and how it changes, epoch by epoch, until it is cancelled.
#include "engine/session.h"
#include "parser/printer.h"

namespace kappa {
namespace {
constexpr int64_t kIdleNanos = 10'000'000;
}  // namespace

// A program of its own that reads the log as a sink's does; its rows go to the client, the epoch's changes at the epoch's end.
Status SessionImpl::Subscribe(const ast::Subscribe& subscribe, StatementScope* scope, Results* results) {
  if (scope->program)
    return SqlError(sqlstate::kFeatureNotSupported, subscribe.range)
           << "SUBSCRIBE in a file is not supported" << Hint("a SELECT of the view shows it at the end");
  if (transaction_ != nullptr) return SqlError(SqlState{"25001"}, subscribe.range) << "SUBSCRIBE cannot run inside a transaction block";
  std::string text = "CREATE SINK \"kappa subscription\" ";
  if (subscribe.query != nullptr) {
    text += "AS " + ToSql(*subscribe.query);
  } else {
    text += "FROM ";
    for (const ast::Identifier& part : subscribe.name.parts) text += (&part == subscribe.name.parts.data() ? "" : ".") + QuoteIdentifier(part.name);
  }
  text += " WITH (connector = 'print') FORMAT PLAIN ENCODE JSON";
  ASSIGN_OR_RETURN(const ast::StatementPtr sink, ParseStatement(text));
  Catalog scratch = *scope->catalog;
  ProgramPlanner planner(&scratch, state_->connectors.get(), PlannerSettingsFor(scope->options));
  Status planned = planner.Add(*sink, text);
  if (!planned.ok()) {
    const TextRange range = subscribe.query != nullptr ? subscribe.query->range : subscribe.name.range;
    return SqlError(SqlStateOf(planned), range) << MessageOf(planned) << Hint(HintOf(planned));
  }
  ASSIGN_OR_RETURN(std::optional<Dataflow> dataflow, planner.Finish());
  RETURN_IF_ERROR(state_->Lock());
  RETURN_IF_ERROR(state_->EnsureJit());
  ProgramOptions options;
  options.run = settings_.run();
  options.replay = true;  // rows go to the results
  options.parameters = scope->options.parameters;
  ASSIGN_OR_RETURN(auto program, RunningProgram::Start(std::make_shared<const Dataflow>(std::move(*dataflow)), state_->Host(scope->views),
                                                       std::move(options), results));
  os::Event arrived;
  program->set_wake([&arrived] { arrived.Set(); });
  shares_lock_ = true;
  reads_views_ = false;
  const Status status = [&]() -> Status {
    while (!program->done()) {
      state_->mutex.Yield();
      RETURN_IF_ERROR(Interrupted());
      ASSIGN_OR_RETURN(const DataflowRun::State step, program->Step());
      if (step != DataflowRun::State::kIdle) continue;
      RETURN_IF_ERROR(program->EndEpoch());
      if (!WhileWaiting([&] { arrived.WaitFor(kIdleNanos); })) arrived.WaitFor(kIdleNanos);
    }
    return program->Finish();
  }();
  shares_lock_ = false;
  RETURN_IF_ERROR(status);
  results->OnTag("SUBSCRIBE");
  return OkStatus();
}

}  // namespace kappa
