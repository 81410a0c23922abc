#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>

#include "cli/command_reference.h"
#include "cli/exit_code.h"
#include "common/status.h"
#include "engine/pipeline_directory.h"

#ifndef KAPPA_VERSION
#define KAPPA_VERSION "unknown"
#endif

namespace kappa::cli {
namespace {

// Reads `earliest`, `latest` or offsets.
std::string CheckPosition(const std::string& text) {
  const auto position = ParseLogPosition(text);
  return position.ok() ? "" : MessageOf(position.status()) + (HintOf(position.status()).empty() ? "" : "; " + HintOf(position.status()));
}

std::string CheckAssignment(const std::string& text) {
  const size_t equals = text.find('=');
  return equals == std::string::npos || equals == 0 ? "\"" + text + "\" is not NAME=VALUE" : "";
}

CLI::Validator AtLeast(int64_t least) {
  const auto check = [least](std::string& text) -> std::string {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number >= least) return "";
    return "\"" + text + "\" is not a whole number from " + std::to_string(least) + " on";
  };
  return CLI::Validator(check, "");
}

std::string CheckName(const std::string& name) {
  const Status status = CheckPipelineName(name);
  return status.ok() ? "" : MessageOf(status) + ": " + HintOf(status);
}

std::pair<std::string, std::string> Split(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  return {assignment.substr(0, equals), assignment.substr(equals + 1)};
}

class Parser {
 public:
  explicit Parser(std::string default_data) : default_data_(default_data.empty() ? "./kappa-data" : std::move(default_data)) {
    app_.name("kappa");
    app_.set_version_flag("--version", "kappa " KAPPA_VERSION, "Say which version this is");
    app_.require_subcommand(1);
    app_.set_help_flag("-h,--help", "Say this");
    app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app_.get_formatter()->label("Excludes", "not with");
    app_.get_formatter()->label("Needs", "with");
    app_.get_formatter()->label("Positionals", "Arguments");
    app_.get_formatter()->label("REQUIRED", "");
    app_.footer(
        "`kappa COMMAND --help` explains a command with examples.\n"
        "Exit codes: 0 done, 1 usage or an input that cannot be opened, 2 connection lost, 3 a statement failed, 130 interrupted.");
    AddRun();
    AddShell();
    AddServe();
    AddTopic();
    AddStatus();
    AddSnapshot();
    AddReplay();
    AddExplain();
    AddCheck();
    AddReference();
    for (CLI::App* app : {&app_, app_.get_subcommand("topic"), app_.get_subcommand("snapshot")}) {
      for (CLI::App* command : app->get_subcommands([](const CLI::App*) { return true; })) command->group("Commands");
    }
  }

  Command Parse(std::vector<std::string> arguments) {
    if (arguments.empty()) return Answer{kUsage, app_.help()};
    if (arguments.size() == 1 && HasCommands(arguments[0])) return Answer{kUsage, app_.get_subcommand(arguments[0])->help("kappa")};
    if (std::string mistake = CommandMistake(arguments); !mistake.empty()) return Answer{kUsage, std::move(mistake)};
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(reversed);
      return chosen_();
    } catch (const CLI::CallForHelp&) { return Answer{kDone, app_.help()}; } catch (const CLI::CallForVersion&) {
      return Answer{kDone, "kappa " KAPPA_VERSION "\n"};
    } catch (const CLI::ParseError& error) { return Answer{kUsage, Explained(error)}; }
  }

 private:
  // The command whose help is asked for.
  CLI::App* Deepest() {
    CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return app;
  }

  // "" or what to say about a word that is no command, where one is due.
  std::string CommandMistake(const std::vector<std::string>& arguments) {
    const bool inner = arguments.size() > 1 && HasCommands(arguments[0]);
    const std::vector<std::string> commands = CommandNames(inner ? *app_.get_subcommand(arguments[0]) : app_);
    const std::string& word = arguments[inner ? 1 : 0];
    if (word.starts_with("-") || std::find(commands.begin(), commands.end(), word) != commands.end()) return "";
    const std::string path = inner ? "kappa " + arguments[0] : "kappa";
    std::string text = path + ": there is no command \"" + word + "\"\n";
    if (word.ends_with(".sql")) return text + "  hint: to run a file: kappa run " + word + "\n";
    return text + HintLine(word, commands) + "  " + path + " --help lists the commands\n";
  }

  // Whether the command is a family of commands.
  static bool HasCommands(const std::string& command) { return command == "topic" || command == "snapshot"; }

  static std::vector<std::string> CommandNames(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(command->get_name());
    return names;
  }

  static std::string HintLine(const std::string& word, const std::vector<std::string>& candidates) {
    const Hint hint = DidYouMean(word, candidates);
    return hint.text.empty() ? "" : "  hint: " + hint.text + "\n";
  }

  std::string Explained(const CLI::ParseError& error) {
    const CLI::App* const app = Deepest();
    std::string path = app->get_name();
    for (const CLI::App* parent = app->get_parent(); parent != nullptr; parent = parent->get_parent()) path = parent->get_name() + " " + path;
    std::string text = path + ": " + error.what() + "\n";
    // What was not expected is at the message's end.
    const std::string message = error.what();
    const size_t colon = message.rfind(": ");
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) && colon != std::string::npos) {
      std::string word = message.substr(colon + 2);
      word = word.substr(0, std::min({word.find(' '), word.find('='), word.size()}));
      std::vector<std::string> candidates = CommandNames(*app);
      if (word.starts_with("-")) {
        candidates.clear();
        for (const CLI::Option* option : app->get_options()) candidates.push_back("--" + option->get_single_name());
      }
      text += HintLine(word, candidates);
    }
    return text + "  " + path + " --help says more\n";
  }

  // --- options that several commands take ---

  void AddData(CLI::App* app, std::string* data, const std::string& what) {
    *data = default_data_;
    app->add_option("--data", *data, "Data directory: " + what + " (else $KAPPA_DATA, else ./kappa-data)")->type_name("DIR");
  }

  void AddEngine(CLI::App* app, EngineArguments* engine) {
    AddData(app, &engine->data, "embedded log, state, catalog");
    app->add_option("--workers", engine->workers, "Worker threads")->type_name("N")->check(CLI::Range(1, 256).description(""));
    app->add_option_function<std::vector<std::string>>(
           "--set",
           [engine](const std::vector<std::string>& settings) {
             for (const std::string& setting : settings) engine->settings.push_back(Split(setting));
           },
           "A setting, as SET does")
        ->type_name("NAME=VALUE")
        ->take_all()
        ->allow_extra_args(false)
        ->check(CLI::Validator(CheckAssignment, ""));
    AddLog(app, engine);
  }

  static void AddLog(CLI::App* app, EngineArguments* engine) {
    app->add_option_function<std::string>(
           "--log-level", [engine](const std::string& level) { engine->log_level = *LogLevelOf(level); },
           "What is logged on standard error: debug, info, warning (so unless said), error or off")
        ->type_name("LEVEL")
        ->check(CLI::IsMember(std::vector<std::string>{"debug", "info", "warning", "error", "off"}).description(""));
    app->add_option_function<std::string>(
           "--log-format", [engine](const std::string& format) { engine->log_format = format == "json" ? LogFormat::kJson : LogFormat::kText; },
           "How: text (so unless said), or json, an object a line")
        ->type_name("text|json")
        ->check(CLI::IsMember(std::vector<std::string>{"text", "json"}).description(""));
  }

  static void AddMetrics(CLI::App* app, EngineArguments* engine) {
    app->add_option("--metrics", engine->metrics, "Prometheus metrics at http://127.0.0.1:PORT/metrics while it runs; 0: any port that is free")
        ->type_name("PORT")
        ->check(CLI::Range(0, 65535).description(""));
  }

  static void AddTexts(CLI::App* app, std::vector<std::string>* files, std::vector<std::string>* statements) {
    app->add_option("FILE", *files, "Files of statements; - is standard input")->type_name("");
    app->add_option("-e,--execute", *statements, "Statements; may be repeated, after those of the files")
        ->type_name("SQL")
        ->take_all()
        ->allow_extra_args(false);
  }

  static void AddFormat(CLI::App* app, OutputFormat* format) {
    app->add_option("--format", *format, "How results are written (table)")
        ->type_name("table|box|markdown|unaligned|csv|json")
        ->transform(CLI::Transformer(OutputFormats(), CLI::ignore_case).description(""))
        ->check(CLI::IsMember(std::vector<int>{0, 1, 2, 3, 4, 5}).description(""));
  }

  static void AddPosition(CLI::App* app, const std::string& name, LogPosition* position, const std::string& text) {
    app->add_option_function<std::string>(
           name, [position](const std::string& value) { *position = ParseLogPosition(value).value_or(LogPosition()); }, text)
        ->type_name("POSITION")
        ->check(CLI::Validator(CheckPosition, ""));
  }

  // Of programs: an end for good, at which windows close, or only a stop.
  static void AddUntil(CLI::App* app, RunArguments* run) {
    app->add_option_function<std::string>(
           "--until",
           [run](const std::string& value) {
             run->until_latest = true;
             run->stop_at_end = value == "caught-up";
           },
           "End at the present end of the logs instead of waiting for more. latest: that is the end, all windows close; caught-up: stop there, "
           "windows that are open stay open (with --name the next run goes on)")
        ->type_name("latest|caught-up")
        ->check(CLI::IsMember(std::vector<std::string>{"latest", "caught-up"}).description(""));
  }

  static void AddUntilLatest(CLI::App* app, bool* until_latest, const std::string& text) {
    app->add_option_function<std::string>(
           "--until", [until_latest](const std::string&) { *until_latest = true; }, text)
        ->type_name("latest")
        ->check(CLI::IsMember(std::vector<std::string>{"latest"}).description(""));
  }

  template <typename Arguments>
  void Chosen(CLI::App* app, const std::shared_ptr<Arguments>& arguments) {
    app->callback([this, app, arguments] {
      chosen_ = [app, arguments]() -> Command {
        if constexpr (requires { arguments->engine; }) arguments->engine.data_was_given = app->count("--data") > 0;
        if constexpr (requires { arguments->statements; } && !std::is_same_v<Arguments, ShellArguments>) {
          const bool saved = [&] {
            if constexpr (requires { arguments->name; }) return !arguments->name.empty();
            return false;
          }();
          if (arguments->files.empty() && arguments->statements.empty() && !saved) {
            return Answer{
                kUsage, "kappa " + app->get_name() + ": name a file, or give statements with -e\n  kappa " + app->get_name() + " --help says more\n"};
          }
        }
        return *arguments;
      };
    });
  }

  // --- the commands ---

  void AddRun() {
    auto run = std::make_shared<RunArguments>();
    CLI::App* app = app_.add_subcommand("run", "Run the statements of files as one program");
    AddTexts(app, &run->files, &run->statements);
    AddUntil(app, run.get());
    AddEngine(app, &run->engine);
    AddFormat(app, &run->format);
    app->add_flag("-q,--quiet", run->quiet, "No progress line and no summary");
    CLI::Option* name = app->add_option("--name", run->name,
                                        "Keep the program's state under this name: run again, it goes on where it stood; without FILE, as it was")
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
    Chosen(app, run);
  }

  void AddReplay() {
    auto replay = std::make_shared<RunArguments>();
    replay->replay = true;
    replay->until.kind = LogPosition::Kind::kLatest;
    CLI::App* app = app_.add_subcommand("replay", "Run a program over a past range of the same logs; its own sinks are not written");
    AddTexts(app, &replay->files, &replay->statements);
    AddPosition(app, "--from", &replay->from, "Where to begin: earliest (so unless said), partition:offset,..., or a time");
    AddPosition(app, "--until", &replay->until, "Where to end (exclusive): latest (so unless said), partition:offset,..., or a time");
    app->add_option("--into", replay->into, "A folder for what each sink would get, one .jsonl file a sink; else it is shown")->type_name("DIR");
    AddEngine(app, &replay->engine);
    AddFormat(app, &replay->format);
    app->add_flag("-q,--quiet", replay->quiet, "No progress line and no summary");
    app->footer(
        "Examples:\n"
        "  kappa replay pipeline.sql --from earliest --until latest\n"
        "  kappa replay pipeline.sql --from 0:120,1:98 --until 0:500,1:480 --into yesterday\n"
        "  kappa replay pipeline.sql --from '2026-01-01 00:00:00' --until '2026-01-02 00:00:00'\n"
        "Partitions that are not named are read from their beginning, and to their present end.");
    app->callback([this, app, replay] {
      chosen_ = [app, replay]() -> Command {
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

  void AddExplain() {
    auto explain = std::make_shared<ExplainArguments>();
    CLI::App* app = app_.add_subcommand("explain", "Show what a program becomes, without running it");
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
    AddEngine(app, &explain->engine);
    app->footer("Example:\n  kappa explain samples/quickstart.sql --dataflow");
    Chosen(app, explain);
  }

  void AddCheck() {
    auto check = std::make_shared<CheckArguments>();
    CLI::App* app = app_.add_subcommand("check", "Parse and plan a program, and run nothing");
    AddTexts(app, &check->files, &check->statements);
    AddEngine(app, &check->engine);
    app->footer("Example:\n  kappa check sources.sql queries.sql");
    Chosen(app, check);
  }

  void AddShell() {
    auto shell = std::make_shared<ShellArguments>();
    CLI::App* app = app_.add_subcommand("shell", "Type statements and see their results; or run a script on standard input");
    AddEngine(app, &shell->engine);
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
    Chosen(app, shell);
  }

  void AddServe() {
    auto serve = std::make_shared<ServeArguments>();
    CLI::App* app = app_.add_subcommand("serve", "Serve PostgreSQL clients: psql, drivers, kappa shell --connect");
    AddEngine(app, &serve->engine);
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
    Chosen(app, serve);
  }

  void AddStatus() {
    auto status = std::make_shared<StatusArguments>();
    CLI::App* app = app_.add_subcommand("status", "Show what the engine of a data directory is doing");
    AddData(app, &status->data, "the engine's");
    app->add_option_function<std::string>(
           "--format", [status](const std::string& format) { status->json = format == "json"; }, "table (so unless said), or json")
        ->type_name("table|json")
        ->check(CLI::IsMember(std::vector<std::string>{"table", "json"}).description(""));
    app->add_flag("--watch", status->watch, "Again every second, until Ctrl-C");
    app->footer(
        "Examples:\n"
        "  kappa status\n"
        "  kappa status --data /var/lib/kappa --watch\n"
        "  kappa status --format json\n"
        "Where no engine runs, it shows what the directory keeps: programs with a name, their snapshots.");
    app->callback([this, app, status] {
      status->data_was_given = app->count("--data") > 0;
      chosen_ = [status]() -> Command { return *status; };
    });
  }

  void AddSnapshot() {
    CLI::App* snapshot = app_.add_subcommand("snapshot", "List and check the snapshots of programs with a name");
    snapshot->require_subcommand(1);
    AddSnapshotAction(snapshot, "list", "List snapshots, newest first", SnapshotArguments::Action::kList,
                      "Examples:\n  kappa snapshot list\n  kappa snapshot list --name totals --data /var/lib/kappa");
    AddSnapshotAction(snapshot, "verify", "Read every byte of every snapshot and journal and check it", SnapshotArguments::Action::kVerify,
                      "Example:\n  kappa snapshot verify --name totals\nIt ends with 1 and names the files where something is damaged.");
  }

  void AddSnapshotAction(CLI::App* snapshot, const std::string& name, const std::string& text, SnapshotArguments::Action action,
                         const std::string& examples) {
    auto arguments = std::make_shared<SnapshotArguments>();
    arguments->action = action;
    CLI::App* app = snapshot->add_subcommand(name, text);
    AddData(app, &arguments->data, "the engine's");
    app->add_option("--name", arguments->name, "Of this program; else of all")->type_name("NAME")->check(CLI::Validator(CheckName, ""));
    app->footer(examples);
    app->callback([this, app, arguments] {
      arguments->data_was_given = app->count("--data") > 0;
      chosen_ = [arguments]() -> Command { return *arguments; };
    });
  }

  // What the command line says of itself: made from the same tables as its help.
  void AddReference() {
    auto shell = std::make_shared<std::string>();
    CLI::App* completion = app_.add_subcommand("completion", "Write a completion script for your command shell");
    completion->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->type_name("")
        ->check(CLI::IsMember(std::vector<std::string>{"bash", "zsh", "fish"}).description(""));
    completion->footer(
        "Examples:\n  kappa completion bash > ~/.local/share/bash-completion/completions/kappa\n  kappa completion zsh > ~/.zfunc/_kappa\n"
        "  kappa completion fish > ~/.config/fish/completions/kappa.fish");
    completion->callback([this, shell] { chosen_ = [this, shell]() -> Command { return Answer{kDone, CompletionScript(app_, *shell)}; }; });
    CLI::App* manual = app_.add_subcommand("man", "Write the manual page");
    manual->footer("Example:\n  kappa man > kappa.1 && man ./kappa.1");
    manual->callback([this] { chosen_ = [this]() -> Command { return Answer{kDone, ManualPage(app_, KAPPA_VERSION)}; }; });
  }

  void AddTopic();
  CLI::App* AddTopicAction(CLI::App* topic, const std::string& name, const std::string& text, TopicArguments::Action action,
                           const std::function<void(CLI::App*, TopicArguments*)>& options);

  CLI::App app_{"Streaming SQL over a log, compiled to native code."};
  const std::string default_data_;
  std::function<Command()> chosen_;
};

CLI::App* Parser::AddTopicAction(CLI::App* topic, const std::string& name, const std::string& text, TopicArguments::Action action,
                                 const std::function<void(CLI::App*, TopicArguments*)>& options) {
  auto arguments = std::make_shared<TopicArguments>();
  arguments->action = action;
  CLI::App* app = topic->add_subcommand(name, text);
  if (action != TopicArguments::Action::kList) app->add_option("TOPIC", arguments->topic, "The topic's name")->required()->type_name("");
  options(app, arguments.get());
  AddData(app, &arguments->data, "topics of the embedded log");
  app->add_option("--bootstrap", arguments->bootstrap, "Topics of a Kafka cluster instead of the embedded log")->type_name("HOST:PORT");
  TopicArguments* const raw = arguments.get();
  app->add_option_function<std::vector<std::string>>(
         "--property",
         [raw](const std::vector<std::string>& properties) {
           for (const std::string& property : properties) raw->properties.insert(Split(property));
         },
         "Kafka client property, as sasl.mechanism=PLAIN")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false)
      ->check(CLI::Validator(CheckAssignment, ""));
  app->add_flag("-q,--quiet", arguments->quiet, "No messages about what was done");
  app->callback([this, app, arguments] {
    chosen_ = [app, arguments]() -> Command {
      if (!arguments->bootstrap.empty() && app->count("--data") > 0) {
        return Answer{kUsage, "kappa topic " + app->get_name() + ": --data is the embedded log, --bootstrap is Kafka: give one of them\n"};
      }
      arguments->data_was_given = app->count("--data") > 0;
      return *arguments;
    };
  });
  return app;
}

void Parser::AddTopic() {
  using Action = TopicArguments::Action;
  CLI::App* topic = app_.add_subcommand("topic", "Create, list, copy, write and read topics, of the embedded log or of Kafka");
  topic->require_subcommand(1);
  topic->footer("Topics of the embedded log in --data (else $KAPPA_DATA, else ./kappa-data), or of Kafka with --bootstrap.");
  AddTopicAction(topic, "create", "Make a topic", Action::kCreate, [](CLI::App* app, TopicArguments* arguments) {
    app->add_option("--partitions", arguments->partitions, "How many partitions (1)")->type_name("N")->check(AtLeast(1));
    app->add_option("--replication", arguments->replication, "Kafka: copies of each partition")->type_name("N")->check(AtLeast(1));
    app->add_option("--compression", arguments->compression, "Embedded log: none (so unless said), gzip, snappy, lz4 or zstd")
        ->type_name("NAME")
        ->check(CLI::IsMember(std::vector<std::string>{"none", "gzip", "snappy", "lz4", "zstd"}).description(""));
    app->add_option_function<std::vector<std::string>>(
           "--config",
           [arguments](const std::vector<std::string>& settings) {
             for (const std::string& setting : settings) arguments->configuration.insert(Split(setting));
           },
           "Topic setting, as retention.ms=86400000; embedded log: retention.ms, retention.bytes, segment.bytes")
        ->type_name("NAME=VALUE")
        ->take_all()
        ->allow_extra_args(false)
        ->check(CLI::Validator(CheckAssignment, ""));
    app->footer("Examples:\n  kappa topic create bids --partitions 4\n  kappa topic create bids --bootstrap localhost:9092 --config retention.ms=-1");
  });
  AddTopicAction(topic, "delete", "Delete a topic with its records", Action::kDelete,
                 [](CLI::App* app, TopicArguments*) { app->footer("Example:\n  kappa topic delete bids"); });
  AddTopicAction(topic, "list", "List topics with their offsets", Action::kList,
                 [](CLI::App* app, TopicArguments*) { app->footer("Examples:\n  kappa topic list\n  kappa topic list --bootstrap localhost:9092"); });
  AddTopicAction(topic, "describe", "Show a topic's settings and the offsets of its partitions", Action::kDescribe,
                 [](CLI::App* app, TopicArguments*) {
                   app->footer("Examples:\n  kappa topic describe bids\n  kappa topic describe bids --bootstrap localhost:9092");
                 });
  AddTopicAction(
      topic, "copy", "Copy a topic's records, as they are now, to a new topic", Action::kCopy, [](CLI::App* app, TopicArguments* arguments) {
        app->add_option("--as", arguments->target, "The new topic's name (the same)")->type_name("NAME");
        app->add_option("--to-data", arguments->target_data, "Into the embedded log of this data directory (that of --data)")->type_name("DIR");
        app->add_option("--to-bootstrap", arguments->target_bootstrap, "Into a Kafka cluster")->type_name("HOST:PORT")->excludes("--to-data");
        app->footer(
            "Examples:\n  kappa topic copy bids --as bids_of_today\n  kappa topic copy bids --bootstrap localhost:9092 --to-data ./kappa-data\n"
            "Partitions, keys, times and headers stay; offsets begin at 0.");
      });
  AddTopicAction(topic, "produce", "Append the lines of standard input", Action::kProduce, [](CLI::App* app, TopicArguments* arguments) {
    app->add_option("--key-separator", arguments->key_separator, "What precedes it on a line is the record's key")->type_name("TEXT");
    app->add_option("--partition", arguments->partition, "All records to this partition")->type_name("N")->check(AtLeast(0));
    app->add_flag("--empty-is-tombstone", arguments->empty_is_tombstone, "An empty value becomes a record without a value");
    app->add_option_function<std::vector<std::string>>(
           "--header",
           [arguments](const std::vector<std::string>& headers) {
             for (const std::string& header : headers) arguments->headers.push_back(Split(header));
           },
           "A header of every record")
        ->type_name("NAME=VALUE")
        ->take_all()
        ->allow_extra_args(false)
        ->check(CLI::Validator(CheckAssignment, ""));
    app->footer("Examples:\n  kappa topic produce bids < bids.json\n  echo 'alice:{\"price\": 3}' | kappa topic produce bids --key-separator :");
  });
  AddTopicAction(topic, "consume", "Print records, and wait for more", Action::kConsume, [](CLI::App* app, TopicArguments* arguments) {
    AddPosition(app, "--from", &arguments->from, "Where to begin: earliest (so unless said), latest, partition:offset,..., or a time");
    app->add_option("--partition", arguments->partition, "This partition only")->type_name("N")->check(AtLeast(0));
    app->add_option("--max", arguments->max, "End after so many records")->type_name("N")->check(AtLeast(1));
    AddUntilLatest(app, &arguments->until_latest, "End at the topic's present end");
    app->add_option_function<std::string>(
           "--format", [arguments](const std::string& format) { arguments->json = format == "json"; },
           "value (so unless said): the value and a newline; json: an object a line with key, offset, partition, timestamp, headers")
        ->type_name("value|json")
        ->check(CLI::IsMember(std::vector<std::string>{"value", "json"}).description(""));
    app->footer("Examples:\n  kappa topic consume bids --max 10\n  kappa topic consume bids --from 0:120,1:98 --until latest --format json");
  });
}

}  // namespace

Command ParseCommandLine(const std::vector<std::string>& arguments, const std::string& default_data) { return Parser(default_data).Parse(arguments); }

}  // namespace kappa::cli
