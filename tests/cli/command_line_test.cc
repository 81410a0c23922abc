// What the command line accepts, and what it says about mistakes.
#include "cli/command_line.h"

#include <gtest/gtest.h>

namespace kappa::cli {
namespace {

template <typename Arguments>
Arguments Parsed(const std::vector<std::string>& words, const std::string& data = "") {
  Command command = ParseCommandLine(words, data);
  if (const Answer* answer = std::get_if<Answer>(&command)) ADD_FAILURE() << answer->text;
  return std::holds_alternative<Arguments>(command) ? std::get<Arguments>(command) : Arguments();
}

Answer Refused(const std::vector<std::string>& words) {
  Command command = ParseCommandLine(words, "");
  EXPECT_TRUE(std::holds_alternative<Answer>(command));
  return std::holds_alternative<Answer>(command) ? std::get<Answer>(command) : Answer{-1, ""};
}

TEST(CommandLineTest, Run) {
  const auto run = Parsed<RunArguments>({"run", "a.sql", "b.sql", "-e",    "SELECT 1", "-e",     "SELECT a, b", "--until",  "latest", "--workers",
                                         "3",   "--set", "x=1",   "--set", "y=a=b",    "--data", "d",           "--format", "json",   "-q"});
  EXPECT_EQ(run.files, (std::vector<std::string>{"a.sql", "b.sql"}));
  EXPECT_EQ(run.statements, (std::vector<std::string>{"SELECT 1", "SELECT a, b"}));
  EXPECT_TRUE(run.until_latest);
  EXPECT_EQ(run.engine.workers, 3);
  EXPECT_EQ(run.engine.settings, (std::vector<std::pair<std::string, std::string>>{{"x", "1"}, {"y", "a=b"}}));
  EXPECT_EQ(run.engine.data, "d");
  EXPECT_TRUE(run.engine.data_was_given);
  EXPECT_EQ(run.format, OutputFormat::kJson);
  EXPECT_TRUE(run.quiet);
}

TEST(CommandLineTest, OptionsBeforeFiles) {
  const auto run = Parsed<RunArguments>({"run", "-e", "SELECT 1", "a.sql", "--set", "x=1", "b.sql"});
  EXPECT_EQ(run.files, (std::vector<std::string>{"a.sql", "b.sql"}));
  EXPECT_EQ(run.statements, (std::vector<std::string>{"SELECT 1"}));
}

TEST(CommandLineTest, DataDirectory) {
  EXPECT_EQ(Parsed<RunArguments>({"run", "a.sql"}).engine.data, "./kappa-data");
  EXPECT_EQ(Parsed<RunArguments>({"run", "a.sql"}, "/env").engine.data, "/env");
  EXPECT_EQ(Parsed<TopicArguments>({"topic", "list"}, "/env").data, "/env");
  EXPECT_EQ(Parsed<TopicArguments>({"topic", "list", "--data", "x"}, "/env").data, "x");
}

TEST(CommandLineTest, Replay) {
  const auto replay = Parsed<RunArguments>({"replay", "a.sql", "--from", "0:5", "--until", "0:9,1:2", "--into", "out"});
  EXPECT_TRUE(replay.replay);
  EXPECT_EQ(replay.from.offsets.at(0), 5);
  EXPECT_EQ(replay.until.offsets.at(1), 2);
  EXPECT_EQ(replay.into, "out");
  EXPECT_EQ(Parsed<RunArguments>({"replay", "a.sql"}).until.kind, LogPosition::Kind::kLatest);
  EXPECT_NE(Refused({"replay", "a.sql", "--from", "latest"}).text.find("replay nothing"), std::string::npos);
  EXPECT_NE(Refused({"replay", "a.sql", "--until", "earliest"}).text.find("replay nothing"), std::string::npos);
  EXPECT_NE(Refused({"replay", "a.sql", "--from", "12"}).text.find("0:120,1:98"), std::string::npos);
}

TEST(CommandLineTest, ProgramsWithANameMetricsAndLogs) {
  const auto run = Parsed<RunArguments>(
      {"run", "a.sql", "--name", "totals-2.1", "--rebuild", "--metrics", "9464", "--log-level", "debug", "--log-format", "json"});
  EXPECT_EQ(run.name, "totals-2.1");
  EXPECT_TRUE(run.rebuild);
  EXPECT_EQ(run.engine.metrics, 9464);
  EXPECT_EQ(run.engine.log_level, LogLevel::kDebug);
  EXPECT_EQ(run.engine.log_format, LogFormat::kJson);
  const auto saved = Parsed<RunArguments>({"run", "--name", "totals"});
  EXPECT_TRUE(saved.files.empty());
  EXPECT_FALSE(saved.rebuild);
  EXPECT_EQ(saved.engine.metrics, std::nullopt);
  EXPECT_EQ(saved.engine.log_level, LogLevel::kWarning);
  EXPECT_EQ(Parsed<ShellArguments>({"shell", "--metrics", "0"}).engine.metrics, 0);
}

TEST(CommandLineTest, StatusAndSnapshots) {
  const auto status = Parsed<StatusArguments>({"status", "--watch", "--format", "json"}, "/env");
  EXPECT_TRUE(status.watch && status.json && !status.data_was_given);
  EXPECT_EQ(status.data, "/env");
  EXPECT_FALSE(Parsed<StatusArguments>({"status", "--format", "table"}).json);
  const auto list = Parsed<SnapshotArguments>({"snapshot", "list", "--data", "d"});
  EXPECT_EQ(list.action, SnapshotArguments::Action::kList);
  EXPECT_EQ(list.data, "d");
  EXPECT_EQ(list.name, "");
  const auto verify = Parsed<SnapshotArguments>({"snapshot", "verify", "--name", "totals"});
  EXPECT_EQ(verify.action, SnapshotArguments::Action::kVerify);
  EXPECT_EQ(verify.name, "totals");
}

TEST(CommandLineTest, Topics) {
  const auto create =
      Parsed<TopicArguments>({"topic", "create", "t", "--partitions", "4", "--bootstrap", "h:1", "--config", "a=b", "--property", "c=d"});
  EXPECT_EQ(create.action, TopicArguments::Action::kCreate);
  EXPECT_EQ(create.topic, "t");
  EXPECT_EQ(create.partitions, 4);
  EXPECT_EQ(create.bootstrap, "h:1");
  EXPECT_EQ(create.configuration.at("a"), "b");
  EXPECT_EQ(create.properties.at("c"), "d");
  const auto consume = Parsed<TopicArguments>(
      {"topic", "consume", "t", "--from", "latest", "--max", "3", "--until", "latest", "--format", "json", "--partition", "0"});
  EXPECT_EQ(consume.from.kind, LogPosition::Kind::kLatest);
  EXPECT_EQ(consume.max, 3);
  EXPECT_TRUE(consume.until_latest && consume.json);
  EXPECT_EQ(consume.partition, 0);
  const auto produce = Parsed<TopicArguments>({"topic", "produce", "t", "--key-separator", ":", "--header", "a=b"});
  EXPECT_EQ(produce.key_separator, ":");
  EXPECT_EQ(produce.headers[0].second, "b");
}

TEST(CommandLineTest, MistakesAreExplained) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"rum", "a.sql"}, "did you mean \"run\"?"},
      {{"a.sql"}, "kappa run a.sql"},
      {{"run", "a.sql", "--formt", "csv"}, "did you mean \"--format\"?"},
      {{"run", "a.sql", "--format", "xml"}, "xml"},
      {{"run", "a.sql", "--until", "tomorrow"}, "tomorrow"},
      {{"run", "a.sql", "--workers", "0"}, "workers"},
      {{"run", "a.sql", "--set", "x"}, "NAME=VALUE"},
      {{"run"}, "name a file"},
      {{"topic", "crate", "t"}, "did you mean \"create\"?"},
      {{"topic"}, "consume"},
      {{"topic", "create", "t", "--partitions", "0"}, "\"0\" is not a whole number from 1 on"},
      {{"topic", "consume", "t", "--max", "x"}, "\"x\" is not"},
      {{"topic", "create"}, "TOPIC is required"},
      {{"topic", "list", "--data", "d", "--bootstrap", "h:1"}, "give one of them"},
      {{"explain", "a.sql", "--llvm", "--logical"}, "--llvm"},
      {{"run", "a.sql", "--name", "../x"}, "cannot be the name of a program"},
      {{"run", "a.sql", "--name", ""}, "cannot be the name of a program"},
      {{"run", "a.sql", "--rebuild"}, "--name"},
      {{"run", "a.sql", "--metrics", "70000"}, "70000"},
      {{"run", "a.sql", "--log-level", "loud"}, "loud"},
      {{"run", "a.sql", "--log-format", "xml"}, "xml"},
      {{"stats"}, "did you mean \"status\"?"},
      {{"status", "--format", "csv"}, "csv"},
      {{"snapshot", "lst"}, "did you mean \"list\"?"},
      {{"snapshot"}, "verify"},
      {{"snapshot", "verify", "--name", "a b"}, "cannot be the name of a program"},
  };
  for (const auto& [words, expected] : cases) {
    const Answer answer = Refused(words);
    EXPECT_EQ(answer.exit_code, 1);
    EXPECT_NE(answer.text.find(expected), std::string::npos) << words[0] << " " << words.back() << ":\n" << answer.text;
  }
}

TEST(CommandLineTest, HelpHasAnExampleForEveryCommand) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"run"},
                                                                                     {"replay"},
                                                                                     {"explain"},
                                                                                     {"check"},
                                                                                     {"shell"},
                                                                                     {"status"},
                                                                                     {"snapshot", "list"},
                                                                                     {"snapshot", "verify"},
                                                                                     {"topic", "create"},
                                                                                     {"topic", "delete"},
                                                                                     {"topic", "list"},
                                                                                     {"topic", "produce"},
                                                                                     {"topic", "consume"}}) {
    std::vector<std::string> asked = words;
    asked.push_back("--help");
    const Answer answer = Refused(asked);
    EXPECT_EQ(answer.exit_code, 0);
    EXPECT_NE(answer.text.find("Example"), std::string::npos) << answer.text;
    EXPECT_NE(answer.text.find("kappa " + words[0]), std::string::npos) << answer.text;
  }
  EXPECT_EQ(Refused({"--help"}).exit_code, 0);
  EXPECT_EQ(Refused({}).exit_code, 1);
  EXPECT_TRUE(Refused({"--version"}).text.starts_with("kappa "));
}

TEST(CommandLineTest, Explain) {
  EXPECT_EQ(Parsed<ExplainArguments>({"explain", "a.sql"}).stage, "DATAFLOW");
  EXPECT_EQ(Parsed<ExplainArguments>({"explain", "a.sql", "--llvm"}).stage, "LLVM");
  EXPECT_EQ(Parsed<ExplainArguments>({"explain", "--logical", "-e", "SELECT 1"}).stage, "LOGICAL");
}

}  // namespace
}  // namespace kappa::cli
