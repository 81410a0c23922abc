#include "cli/command_options.h"

#include <charconv>

#include "common/status.h"
#include "engine/pipeline_directory.h"

namespace kappa::cli {
namespace {

// Reads `earliest`, `latest` or offsets.
std::string CheckPosition(const std::string& text) {
  const auto position = ParseLogPosition(text);
  return position.ok() ? "" : MessageOf(position.status()) + (HintOf(position.status()).empty() ? "" : "; " + HintOf(position.status()));
}

void AddLog(CLI::App* app, EngineArguments* engine) {
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

}  // namespace

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

std::pair<std::string, std::string> SplitAssignment(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  return {assignment.substr(0, equals), assignment.substr(equals + 1)};
}

void AddData(CLI::App* app, const std::string& default_data, std::string* data, const std::string& what) {
  *data = default_data;
  app->add_option("--data", *data, "Data directory: " + what + " (else $KAPPA_DATA, else ./kappa-data)")->type_name("DIR");
}

void AddEngine(CLI::App* app, const std::string& default_data, EngineArguments* engine) {
  AddData(app, default_data, &engine->data, "embedded log, state, catalog");
  app->add_option("--workers", engine->workers, "Worker threads")->type_name("N")->check(CLI::Range(1, 256).description(""));
  app->add_option_function<std::vector<std::string>>(
         "--set",
         [engine](const std::vector<std::string>& settings) {
           for (const std::string& setting : settings) engine->settings.push_back(SplitAssignment(setting));
         },
         "A setting, as SET does")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false)
      ->check(CLI::Validator(CheckAssignment, ""));
  AddLog(app, engine);
}

void AddMetrics(CLI::App* app, EngineArguments* engine) {
  app->add_option("--metrics", engine->metrics, "Prometheus metrics at http://127.0.0.1:PORT/metrics while it runs; 0: any port that is free")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535).description(""));
}

void AddTexts(CLI::App* app, std::vector<std::string>* files, std::vector<std::string>* statements) {
  app->add_option("FILE", *files, "Files of statements; - is standard input")->type_name("");
  app->add_option("-e,--execute", *statements, "Statements; may be repeated, after those of the files")
      ->type_name("SQL")
      ->take_all()
      ->allow_extra_args(false);
}

void AddFormat(CLI::App* app, OutputFormat* format) {
  app->add_option("--format", *format, "How results are written (table)")
      ->type_name("table|box|markdown|unaligned|csv|json")
      ->transform(CLI::Transformer(OutputFormats(), CLI::ignore_case).description(""))
      ->check(CLI::IsMember(std::vector<int>{0, 1, 2, 3, 4, 5}).description(""));
}

void AddPosition(CLI::App* app, const std::string& name, LogPosition* position, const std::string& text) {
  app->add_option_function<std::string>(
         name, [position](const std::string& value) { *position = ParseLogPosition(value).value_or(LogPosition()); }, text)
      ->type_name("POSITION")
      ->check(CLI::Validator(CheckPosition, ""));
}

void AddUntil(CLI::App* app, RunArguments* run) {
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

void AddUntilLatest(CLI::App* app, bool* until_latest, const std::string& text) {
  app->add_option_function<std::string>(
         "--until", [until_latest](const std::string&) { *until_latest = true; }, text)
      ->type_name("latest")
      ->check(CLI::IsMember(std::vector<std::string>{"latest"}).description(""));
}

}  // namespace kappa::cli
