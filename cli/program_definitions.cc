// run, replay, explain, check, shell, serve.
#include <memory>

#include "cli/command_definitions.h"
#include "cli/command_options.h"
#include "cli/exit_code.h"

namespace kappa::cli {
namespace {

template <typename Arguments>
void Chosen(CommandLine* line, CLI::App* app, const std::shared_ptr<Arguments>& arguments) {
  app->callback([line, app, arguments] {
    line->chosen = [app, arguments]() -> Command {
      if constexpr (requires { arguments->engine; }) arguments->engine.data_was_given = app->count("--data") > 0;
      if constexpr (requires { arguments->statements; } && !std::is_same_v<Arguments, ShellArguments>) {
        const bool saved = [&] {
          if constexpr (requires { arguments->name; }) return !arguments->name.empty();
          return false;
        }();
        if (arguments->files.empty() && arguments->statements.empty() && !saved) {
          return Answer{kUsage,
                        "kappa " + app->get_name() + ": name a file, or give statements with -e\n  kappa " + app->get_name() + " --help says more\n"};
        }
      }
      return *arguments;
    };
  });
}

}  // namespace

void AddRun(CommandLine* line) {
  auto run = std::make_shared<RunArguments>();
  CLI::App* app = line->app.add_subcommand("run", "Run the statements of files as one program");
  AddTexts(app, &run->files, &run->statements);
  AddUntil(app, run.get());
  AddEngine(app, line->default_data, &run->engine);
  AddFormat(app, &run->format);
  app->add_flag("-q,--quiet", run->quiet, "No progress line and no summary");
  CLI::Option* name =
      app->add_option("--name", run->name, "Keep the program's state under this name: run again, it goes on where it stood; without FILE, as it was")
          ->type_name("NAME")
          ->check(CLI::Validator(CheckName, ""));
  app->add_flag("--rebuild", run->rebuild, "Forget the state kept under --name and make it again from the log")->needs(name);
  AddMetrics(app, &run->engine);
  app->footer(
      "Examples:\n"
      "  kappa run samples/quickstart.sql\n"
      "  kappa run pipeline.sql --until latest --workers 2\n"
      "  kappa run -e \"SELECT * FROM kappa_dead_letters\" --format json\n"
      "  kappa run pipeline.sql --name totals --metrics 9464\n"
      "  kappa run --name totals\n"
      "Ctrl-C ends a program after the epoch it is in; Ctrl-C again ends it at once.");
  Chosen(line, app, run);
}

void AddReplay(CommandLine* line) {
  auto replay = std::make_shared<RunArguments>();
  replay->replay = true;
  replay->until.kind = LogPosition::Kind::kLatest;
  CLI::App* app = line->app.add_subcommand("replay", "Run a program over a past range of the same logs; its own sinks are not written");
  AddTexts(app, &replay->files, &replay->statements);
  AddPosition(app, "--from", &replay->from, "Where to begin: earliest (so unless said), partition:offset,..., or a time");
  AddPosition(app, "--until", &replay->until, "Where to end (exclusive): latest (so unless said), partition:offset,..., or a time");
  app->add_option("--into", replay->into, "A folder for what each sink would get, one .jsonl file a sink; else it is shown")->type_name("DIR");
  AddEngine(app, line->default_data, &replay->engine);
  AddFormat(app, &replay->format);
  app->add_flag("-q,--quiet", replay->quiet, "No progress line and no summary");
  app->footer(
      "Examples:\n"
      "  kappa replay pipeline.sql --from earliest --until latest\n"
      "  kappa replay pipeline.sql --from 0:120,1:98 --until 0:500,1:480 --into yesterday\n"
      "  kappa replay pipeline.sql --from '2026-01-01 00:00:00' --until '2026-01-02 00:00:00'\n"
      "Partitions that are not named are read from their beginning, and to their present end.");
  app->callback([line, app, replay] {
    line->chosen = [app, replay]() -> Command {
      replay->engine.data_was_given = app->count("--data") > 0;
      const char* wrong = nullptr;
      if (replay->files.empty() && replay->statements.empty())
        wrong = "name the file of the program";
      else if (replay->from.kind == LogPosition::Kind::kLatest)
        wrong = "--from latest would replay nothing";
      else if (app->count("--until") > 0 && replay->until.kind == LogPosition::Kind::kEarliest)
        wrong = "--until earliest would replay nothing";
      if (wrong != nullptr) return Answer{kUsage, std::string("kappa replay: ") + wrong + "\n  kappa replay --help says more\n"};
      return *replay;
    };
  });
}

void AddExplain(CommandLine* line) {
  auto explain = std::make_shared<ExplainArguments>();
  CLI::App* app = line->app.add_subcommand("explain", "Show what a program becomes, without running it");
  AddTexts(app, &explain->files, &explain->statements);
  const auto stage = [app, explain](const char* flag, const char* name, const char* text) {
    return app->add_flag_callback(flag, [explain, name] { explain->stage = name; }, text);
  };
  const std::vector<CLI::Option*> stages = {stage("--logical", "LOGICAL", "The logical plan after all rewrites"),
                                            stage("--dataflow", "DATAFLOW", "The dataflow that runs (so unless said)"),
                                            stage("--pipelines", "PIPELINES", "The loops that the dataflow is compiled into"),
                                            stage("--llvm", "LLVM", "The generated code, as optimized LLVM IR"),
                                            stage("--asm", "ASM", "The generated code, as this machine's assembly")};
  for (CLI::Option* one : stages) {
    for (CLI::Option* other : stages) {
      if (one < other) one->excludes(other);
    }
  }
  AddEngine(app, line->default_data, &explain->engine);
  app->footer("Example:\n  kappa explain samples/quickstart.sql --dataflow");
  Chosen(line, app, explain);
}

void AddCheck(CommandLine* line) {
  auto check = std::make_shared<CheckArguments>();
  CLI::App* app = line->app.add_subcommand("check", "Parse and plan a program, and run nothing");
  AddTexts(app, &check->files, &check->statements);
  AddEngine(app, line->default_data, &check->engine);
  app->footer("Example:\n  kappa check sources.sql queries.sql");
  Chosen(line, app, check);
}

void AddShell(CommandLine* line) {
  auto shell = std::make_shared<ShellArguments>();
  CLI::App* app = line->app.add_subcommand("shell", "Type statements and see their results; or run a script on standard input");
  AddEngine(app, line->default_data, &shell->engine);
  AddMetrics(app, &shell->engine);
  AddFormat(app, &shell->format);
  app->add_option("-f,--file", shell->files, "Run the statements of a file and leave; may be repeated")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  app->add_option("-c,--command", shell->statements,
                  "Run statements, or one of the shell's own commands, and leave; may be repeated, after the files")
      ->type_name("SQL")
      ->take_all()
      ->allow_extra_args(false);
  app->add_option("--connect", shell->connect, "Talk to a server (kappa serve) instead of opening the data directory")
      ->type_name("HOST:PORT[/DATABASE]")
      ->excludes(app->get_option("--data"))
      ->excludes(app->get_option("--metrics"));
  app->add_flag("--continue-on-error", shell->continue_on_error, "A script goes on after a statement that failed");
  app->footer(
      "Examples:\n  kappa shell\n  kappa shell < script.sql\n  kappa shell -c 'SHOW TABLES' --format csv\nInside, \\? lists the shell's own "
      "commands.");
  Chosen(line, app, shell);
}

void AddServe(CommandLine* line) {
  auto serve = std::make_shared<ServeArguments>();
  CLI::App* app = line->app.add_subcommand("serve", "Serve PostgreSQL clients: psql, drivers, kappa shell --connect");
  AddEngine(app, line->default_data, &serve->engine);
  AddMetrics(app, &serve->engine);
  app->add_option("--listen", serve->listen, "Where to listen, on this machine alone (127.0.0.1:5432; port 0: any that is free)")
      ->type_name("ADDRESS:PORT");
  app->add_option("--max-connections", serve->max_connections, "Clients at a time (1000)")
      ->type_name("N")
      ->check(CLI::Range(1, 100000).description(""));
  app->add_flag("-q,--quiet", serve->quiet, "Nothing on standard error but the log");
  app->footer(
      "Examples:\n  kappa serve\n  kappa serve --listen 127.0.0.1:0 --data /var/lib/kappa\n  psql -h 127.0.0.1\nThe address stands on the first "
      "line "
      "of standard output. SIGTERM and Ctrl-C stop it; started again, everything is there.");
  Chosen(line, app, serve);
}

}  // namespace kappa::cli
