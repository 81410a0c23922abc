#include "cli/command_line.h"

#include <algorithm>
#include <memory>

#include "cli/command_definitions.h"
#include "cli/command_reference.h"
#include "cli/exit_code.h"
#include "common/status.h"

#ifndef KAPPA_VERSION
#define KAPPA_VERSION "unknown"
#endif

namespace kappa::cli {
namespace {

class Parser {
 public:
  explicit Parser(const std::string& default_data) {
    line_.default_data = default_data.empty() ? "./kappa-data" : default_data;
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
    AddRun(&line_);
    AddShell(&line_);
    AddServe(&line_);
    AddTopic(&line_);
    AddStatus(&line_);
    AddSnapshot(&line_);
    AddReplay(&line_);
    AddExplain(&line_);
    AddCheck(&line_);
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
      return line_.chosen();
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

  // What the command line says of itself: made from the same tables as its help.
  void AddReference() {
    auto shell = std::make_shared<std::string>();
    CLI::App* completion = line_.app.add_subcommand("completion", "Write a completion script for your command shell");
    completion->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->type_name("")
        ->check(CLI::IsMember(std::vector<std::string>{"bash", "zsh", "fish"}).description(""));
    completion->footer(
        "Examples:\n  kappa completion bash > ~/.local/share/bash-completion/completions/kappa\n  kappa completion zsh > ~/.zfunc/_kappa\n"
        "  kappa completion fish > ~/.config/fish/completions/kappa.fish");
    completion->callback([this, shell] { line_.chosen = [this, shell]() -> Command { return Answer{kDone, CompletionScript(line_.app, *shell)}; }; });
    CLI::App* manual = line_.app.add_subcommand("man", "Write the manual page");
    manual->footer("Example:\n  kappa man > kappa.1 && man ./kappa.1");
    manual->callback([this] { line_.chosen = [this]() -> Command { return Answer{kDone, ManualPage(line_.app, KAPPA_VERSION)}; }; });
  }

  CommandLine line_;
  CLI::App& app_ = line_.app;
};

}  // namespace

Command ParseCommandLine(const std::vector<std::string>& arguments, const std::string& default_data) { return Parser(default_data).Parse(arguments); }

}  // namespace kappa::cli
