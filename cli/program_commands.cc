#include "cli/program_commands.h"

#include <atomic>
#include <mutex>

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "cli/human_text.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/results.h"
#include "engine/pipeline_directory.h"

namespace kappa::cli {
namespace {

constexpr char kStopping[] = "\nstopping; Ctrl-C again stops at once\n";

int UsageError(const Status& status) {
  (void)StandardOutput(2).Write(PrintableLines(FormatError(status, "", "")));
  return SqlStateOf(status).view().substr(0, 2) == "08" ? kConnectionLost : kUsage;
}

// "" or " --data DIR": what a command needs to find the same data again.
std::string LookOptions(const EngineArguments& arguments) { return arguments.data_was_given ? " --data " + arguments.data : ""; }

// A program on its way, with everything that writes to the two outputs.
class ProgramRun {
 public:
  ProgramRun(const RunArguments& arguments, os::Environment* environment)
      : arguments_(arguments),
        clock_(environment->clock()),
        told_as_events_(arguments.engine.log_format == LogFormat::kJson),
        line_(&errors_, &clock_, !arguments.quiet && !told_as_events_),
        results_(MakeResults(arguments.format, &style_, &shown_, &clock_)),
        interrupt_(environment, 2, errors_.terminal() ? kStopping : nullptr),
        shown_{this} {
    style_.colour = output_.terminal();
    results_->on_tag = [this](std::string_view tag) {
      if (tag.starts_with("INSERT") && !quiet()) Note(std::string(tag) + "\n");  // that something was made is no news in a file
    };
    results_->on_notice = [this](std::string_view text) {
      if (told_as_events_) return LogWarning("notice", {{"text", text}});
      Note("note: " + std::string(text) + "\n");
    };
    ConfigureLog(arguments.engine.log_level, arguments.engine.log_format);
    SetLogWriter([this](std::string_view line) { Note(std::string(line)); });
  }

  // The log's lines stay clear of the progress line until the run is gone.
  ~ProgramRun() { SetLogWriter(nullptr); }

  // What stdout and print sinks write; any thread.
  void WriteLines(std::string_view lines) {
    const Status status = Show(lines);
    if (status.ok()) return;
    {
      const std::lock_guard lock(mutex_);
      if (lost_output_.ok()) lost_output_ = status;
    }
    if (Session* session = session_.load(); session != nullptr) session->Cancel();  // nobody gets it any more
  }

  // What went wrong.
  void Fail(const Status& status, const std::vector<ProgramText>& texts) {
    if (told_as_events_)
      LogError("statement failed", {{"sqlstate", SqlStateOf(status).view()}, {"error", MessageOf(status)}, {"hint", HintOf(status)}});
    else
      Note(PrintableLines(ErrorText(status, texts)));
  }
  bool quiet() const { return arguments_.quiet || told_as_events_; }

  // A line for people; any thread.
  void Note(const std::string& text) {
    const std::lock_guard lock(mutex_);
    line_.Clear();
    (void)errors_.Write(text);
  }

  int Run(Session* session, const std::vector<ProgramText>& texts) {
    ProgramRunOptions options;
    options.until_latest = arguments_.until_latest || arguments_.replay;
    options.stop_at_end = arguments_.stop_at_end;
    options.replay = arguments_.replay;
    options.from_offsets = arguments_.from.offsets;
    options.until_offsets = arguments_.until.offsets;
    options.from_timestamp_ms = arguments_.from.time_ms;
    options.until_timestamp_ms = arguments_.until.time_ms;
    options.into = arguments_.into;
    options.name = arguments_.name;
    options.rebuild = arguments_.rebuild;
    options.on_progress = [this](const Progress& progress) {
      (void)results_->ShowWaiting();
      const std::lock_guard lock(mutex_);
      last_ = progress;
      line_.Draw(progress);
    };
    const int64_t begin = clock_.MonotonicNanos();
    session_ = session;
    interrupt_.Watch(session);
    StatusOr<ProgramSummary> summary =
        interrupt_.interrupted() ? SqlError(sqlstate::kQueryCanceled) << "interrupted" : session->RunProgram(texts, options, results_.get());
    interrupt_.Watch(nullptr);
    session_ = nullptr;
    {
      const std::lock_guard lock(mutex_);
      running_ = false;
      line_.Clear();
    }
    return Finish(summary, texts, static_cast<double>(clock_.MonotonicNanos() - begin) / 1e9);
  }

 private:
  // Standard output, with the progress line out of the way.
  struct Shown final : TextOutput {
    explicit Shown(ProgramRun* run) : run(run) {}
    Status Write(std::string_view text) override { return run->Show(text); }
    ProgramRun* run;
  };

  Status Show(std::string_view text) {
    const std::lock_guard lock(mutex_);
    const bool shared = output_.terminal();  // with the progress line
    if (shared) line_.Clear();
    const Status status = output_.Write(text);
    if (shared && running_) line_.Restore();
    return status;
  }

  int Finish(const StatusOr<ProgramSummary>& summary, const std::vector<ProgramText>& texts, double seconds) {
    if (output_.closed()) return kDone;  // whoever read it (head) has seen enough
    const std::string look = LookOptions(arguments_.engine);
    if (!lost_output_.ok()) {  // a full disk: what sinks wrote is not all there
      Fail(lost_output_, {});
      return kStatementFailed;
    }
    if (summary.ok()) {
      ProgramSummary told = *summary;
      if (arguments_.replay) told.lines.clear();  // of sinks that were not written
      if (!quiet()) Note(SummaryText(told, interrupt_.interrupted(), look));
      return interrupt_.interrupted() ? kInterrupted : kDone;
    }
    const ExitCode code = ExitCodeOf(summary.status(), interrupt_.interrupted());
    if (code != kInterrupted) Fail(summary.status(), texts);
    if (!quiet() && (code == kInterrupted || last_.records > 0)) Note(InterruptedText(last_, seconds, look));
    return code;
  }

  const RunArguments& arguments_;
  os::Clock& clock_;
  StandardOutput output_{1}, errors_{2};
  const bool told_as_events_;  // standard error is for machines: events alone, an object a line
  TableStyle style_;
  std::mutex mutex_;  // of both outputs, line_, last_, lost_output_ and running_
  ProgressLine line_;
  Progress last_;
  Status lost_output_;
  const std::unique_ptr<ShownResults> results_;
  InterruptScope interrupt_;
  Shown shown_;
  bool running_ = true;
  std::atomic<Session*> session_{nullptr};
};

}  // namespace

StatusOr<std::unique_ptr<Engine>> OpenEngine(const EngineArguments& arguments, os::Environment* environment,
                                             std::function<void(std::string_view)> output) {
  EngineOptions options;
  options.data_directory = arguments.data;
  options.environment = environment;
  options.output = std::move(output);
  options.metrics_port = arguments.metrics;
  ConfigureLog(arguments.log_level, arguments.log_format);
  return Engine::Open(std::move(options));
}

Status ApplySettings(const EngineArguments& arguments, Session* session) {
  if (arguments.workers > 0) RETURN_IF_ERROR(session->Set("workers", std::to_string(arguments.workers)));
  for (const auto& [name, value] : arguments.settings) RETURN_IF_ERROR(session->Set(name, value));
  return OkStatus();
}

StatusOr<std::vector<ProgramText>> ReadPrograms(const std::vector<std::string>& files, const std::vector<std::string>& statements,
                                                os::Environment* environment) {
  std::vector<ProgramText> texts;
  for (const std::string& file : files) {
    ProgramText text{file == "-" ? "<stdin>" : file, ""};
    if (file == "-") {
      StandardInput input;
      std::string line;
      while (input.ReadLine(&line) == StandardInput::Outcome::kLine) text.text += line + "\n";
    } else {
      ASSIGN_OR_RETURN(text.text, environment->files().ReadAll(file));
    }
    texts.push_back(std::move(text));
  }
  for (const std::string& statement : statements) texts.push_back({"-e", statement});
  return texts;
}

std::string MetricsNote(const Engine& engine) { return "metrics at http://127.0.0.1:" + std::to_string(engine.metrics_port()) + "/metrics\n"; }

int RunRunCommand(const RunArguments& arguments, os::Environment* environment) {
  auto texts = ReadPrograms(arguments.files, arguments.statements, environment);
  ProgramRun run(arguments, environment);
  const auto refuse = [&](const Status& status) {
    run.Fail(status, {});
    return SqlStateOf(status).view().substr(0, 2) == "08" ? kConnectionLost : kUsage;
  };
  if (!texts.ok()) return refuse(texts.status());
  if (texts->empty()) {  // the program as it was saved
    if (Status status = FindPipeline(environment->files(), arguments.engine.data, arguments.name); !status.ok()) return refuse(status);
  }
  auto engine = OpenEngine(arguments.engine, environment, [&run](std::string_view lines) { run.WriteLines(lines); });
  if (!engine.ok()) return refuse(engine.status());
  if (arguments.engine.metrics && !run.quiet()) run.Note(MetricsNote(**engine));
  const std::unique_ptr<Session> session = (*engine)->NewSession();
  if (Status status = ApplySettings(arguments.engine, session.get()); !status.ok()) return refuse(status);
  return run.Run(session.get(), *texts);
}

namespace {

// Opens what explain and check need, and hands it to `body`, which answers the status and writes what it has to say.
template <typename Arguments, typename Body>
int WithProgram(const Arguments& arguments, os::Environment* environment, const Body& body) {
  auto texts = ReadPrograms(arguments.files, arguments.statements, environment);
  if (!texts.ok()) return UsageError(texts.status());
  InterruptScope interrupt(environment, 1, nullptr);
  auto engine = OpenEngine(arguments.engine, environment, nullptr);
  if (!engine.ok()) return UsageError(engine.status());
  const std::unique_ptr<Session> session = (*engine)->NewSession();
  if (Status status = ApplySettings(arguments.engine, session.get()); !status.ok()) return UsageError(status);
  const Status status = body(session.get(), *texts);
  if (!status.ok()) (void)StandardOutput(2).Write(PrintableLines(ErrorText(status, *texts)));
  return ExitCodeOf(status);
}

}  // namespace

int RunExplainCommand(const ExplainArguments& arguments, os::Environment* environment) {
  return WithProgram(arguments, environment, [&](Session* session, const std::vector<ProgramText>& texts) -> Status {
    ASSIGN_OR_RETURN(std::string text, session->Explain(texts, arguments.stage));
    if (!text.ends_with('\n')) text += '\n';
    StandardOutput output(1);
    const Status written = output.Write(text);
    return output.closed() ? OkStatus() : written;  // its reader (head) has seen enough
  });
}

int RunCheckCommand(const CheckArguments& arguments, os::Environment* environment) {
  return WithProgram(arguments, environment, [&](Session* session, const std::vector<ProgramText>& texts) -> Status {
    RETURN_IF_ERROR(session->Check(texts));
    std::string names;
    for (const ProgramText& text : texts) names += (names.empty() ? "" : ", ") + text.name;
    return StandardOutput(1).Write(names + ": ok\n");
  });
}

}  // namespace kappa::cli
