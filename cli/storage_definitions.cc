// topic, status, snapshot.
#include <functional>
#include <memory>

#include "cli/command_definitions.h"
#include "cli/command_options.h"
#include "cli/exit_code.h"

namespace kappa::cli {
namespace {

void AddTopicAction(CommandLine* line, CLI::App* topic, const std::string& name, const std::string& text, TopicArguments::Action action,
                    const std::function<void(CLI::App*, TopicArguments*)>& options) {
  auto arguments = std::make_shared<TopicArguments>();
  arguments->action = action;
  CLI::App* app = topic->add_subcommand(name, text);
  if (action != TopicArguments::Action::kList) app->add_option("TOPIC", arguments->topic, "The topic's name")->required()->type_name("");
  options(app, arguments.get());
  AddData(app, line->default_data, &arguments->data, "topics of the embedded log");
  app->add_option("--bootstrap", arguments->bootstrap, "Topics of a Kafka cluster instead of the embedded log")->type_name("HOST:PORT");
  TopicArguments* const raw = arguments.get();
  app->add_option_function<std::vector<std::string>>(
         "--property",
         [raw](const std::vector<std::string>& properties) {
           for (const std::string& property : properties) raw->properties.insert(SplitAssignment(property));
         },
         "Kafka client property, as sasl.mechanism=PLAIN")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false)
      ->check(CLI::Validator(CheckAssignment, ""));
  app->add_flag("-q,--quiet", arguments->quiet, "No messages about what was done");
  app->callback([line, app, arguments] {
    line->chosen = [app, arguments]() -> Command {
      if (!arguments->bootstrap.empty() && app->count("--data") > 0) {
        return Answer{kUsage, "kappa topic " + app->get_name() + ": --data is the embedded log, --bootstrap is Kafka: give one of them\n"};
      }
      arguments->data_was_given = app->count("--data") > 0;
      return *arguments;
    };
  });
}

void AddSnapshotAction(CommandLine* line, CLI::App* snapshot, const std::string& name, const std::string& text, SnapshotArguments::Action action,
                       const std::string& examples) {
  auto arguments = std::make_shared<SnapshotArguments>();
  arguments->action = action;
  CLI::App* app = snapshot->add_subcommand(name, text);
  AddData(app, line->default_data, &arguments->data, "the engine's");
  app->add_option("--name", arguments->name, "Of this program; else of all")->type_name("NAME")->check(CLI::Validator(CheckName, ""));
  app->footer(examples);
  app->callback([line, app, arguments] {
    arguments->data_was_given = app->count("--data") > 0;
    line->chosen = [arguments]() -> Command { return *arguments; };
  });
}

}  // namespace

void AddTopic(CommandLine* line) {
  using Action = TopicArguments::Action;
  CLI::App* topic = line->app.add_subcommand("topic", "Create, list, copy, write and read topics, of the embedded log or of Kafka");
  topic->require_subcommand(1);
  topic->footer("Topics of the embedded log in --data (else $KAPPA_DATA, else ./kappa-data), or of Kafka with --bootstrap.");
  AddTopicAction(line, topic, "create", "Make a topic", Action::kCreate, [](CLI::App* app, TopicArguments* arguments) {
    app->add_option("--partitions", arguments->partitions, "How many partitions (1)")->type_name("N")->check(AtLeast(1));
    app->add_option("--replication", arguments->replication, "Kafka: copies of each partition")->type_name("N")->check(AtLeast(1));
    app->add_option("--compression", arguments->compression, "Embedded log: none (so unless said), gzip, snappy, lz4 or zstd")
        ->type_name("NAME")
        ->check(CLI::IsMember(std::vector<std::string>{"none", "gzip", "snappy", "lz4", "zstd"}).description(""));
    app->add_option_function<std::vector<std::string>>(
           "--config",
           [arguments](const std::vector<std::string>& settings) {
             for (const std::string& setting : settings) arguments->configuration.insert(SplitAssignment(setting));
           },
           "Topic setting, as retention.ms=86400000; embedded log: retention.ms, retention.bytes, segment.bytes")
        ->type_name("NAME=VALUE")
        ->take_all()
        ->allow_extra_args(false)
        ->check(CLI::Validator(CheckAssignment, ""));
    app->footer("Examples:\n  kappa topic create bids --partitions 4\n  kappa topic create bids --bootstrap localhost:9092 --config retention.ms=-1");
  });
  AddTopicAction(line, topic, "delete", "Delete a topic with its records", Action::kDelete,
                 [](CLI::App* app, TopicArguments*) { app->footer("Example:\n  kappa topic delete bids"); });
  AddTopicAction(line, topic, "list", "List topics with their offsets", Action::kList,
                 [](CLI::App* app, TopicArguments*) { app->footer("Examples:\n  kappa topic list\n  kappa topic list --bootstrap localhost:9092"); });
  AddTopicAction(line, topic, "describe", "Show a topic's settings and the offsets of its partitions", Action::kDescribe,
                 [](CLI::App* app, TopicArguments*) {
                   app->footer("Examples:\n  kappa topic describe bids\n  kappa topic describe bids --bootstrap localhost:9092");
                 });
  AddTopicAction(
      line, topic, "copy", "Copy a topic's records, as they are now, to a new topic", Action::kCopy, [](CLI::App* app, TopicArguments* arguments) {
        app->add_option("--as", arguments->target, "The new topic's name (the same)")->type_name("NAME");
        app->add_option("--to-data", arguments->target_data, "Into the embedded log of this data directory (that of --data)")->type_name("DIR");
        app->add_option("--to-bootstrap", arguments->target_bootstrap, "Into a Kafka cluster")->type_name("HOST:PORT")->excludes("--to-data");
        app->footer(
            "Examples:\n  kappa topic copy bids --as bids_of_today\n  kappa topic copy bids --bootstrap localhost:9092 --to-data ./kappa-data\n"
            "Partitions, keys, times and headers stay; offsets begin at 0.");
      });
  AddTopicAction(line, topic, "produce", "Append the lines of standard input", Action::kProduce, [](CLI::App* app, TopicArguments* arguments) {
    app->add_option("--key-separator", arguments->key_separator, "What precedes it on a line is the record's key")->type_name("TEXT");
    app->add_option("--partition", arguments->partition, "All records to this partition")->type_name("N")->check(AtLeast(0));
    app->add_flag("--empty-is-tombstone", arguments->empty_is_tombstone, "An empty value becomes a record without a value");
    app->add_option_function<std::vector<std::string>>(
           "--header",
           [arguments](const std::vector<std::string>& headers) {
             for (const std::string& header : headers) arguments->headers.push_back(SplitAssignment(header));
           },
           "A header of every record")
        ->type_name("NAME=VALUE")
        ->take_all()
        ->allow_extra_args(false)
        ->check(CLI::Validator(CheckAssignment, ""));
    app->footer("Examples:\n  kappa topic produce bids < bids.json\n  echo 'alice:{\"price\": 3}' | kappa topic produce bids --key-separator :");
  });
  AddTopicAction(line, topic, "consume", "Print records, and wait for more", Action::kConsume, [](CLI::App* app, TopicArguments* arguments) {
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

void AddStatus(CommandLine* line) {
  auto status = std::make_shared<StatusArguments>();
  CLI::App* app = line->app.add_subcommand("status", "Show what the engine of a data directory is doing");
  AddData(app, line->default_data, &status->data, "the engine's");
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
  app->callback([line, app, status] {
    status->data_was_given = app->count("--data") > 0;
    line->chosen = [status]() -> Command { return *status; };
  });
}

void AddSnapshot(CommandLine* line) {
  CLI::App* snapshot = line->app.add_subcommand("snapshot", "List and check the snapshots of programs with a name");
  snapshot->require_subcommand(1);
  AddSnapshotAction(line, snapshot, "list", "List snapshots, newest first", SnapshotArguments::Action::kList,
                    "Examples:\n  kappa snapshot list\n  kappa snapshot list --name totals --data /var/lib/kappa");
  AddSnapshotAction(line, snapshot, "verify", "Read every byte of every snapshot and journal and check it", SnapshotArguments::Action::kVerify,
                    "Example:\n  kappa snapshot verify --name totals\nIt ends with 1 and names the files where something is damaged.");
}

}  // namespace kappa::cli
