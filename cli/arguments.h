// What each command was asked to do.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/offsets.h"
#include "cli/results.h"
#include "common/logging.h"

namespace kappa::cli {

// What every command that runs statements takes.
struct EngineArguments {
  std::string data;                                           // resolved: --data, $KAPPA_DATA, ./kappa-data
  bool data_was_given = false;                                // by --data
  int workers = 0;                                            // 0: the default
  std::vector<std::pair<std::string, std::string>> settings;  // --set, in order
  std::optional<int> metrics;                                 // port; 0: any that is free
  LogLevel log_level = LogLevel::kWarning;
  LogFormat log_format = LogFormat::kText;
};

struct RunArguments {
  EngineArguments engine;
  std::vector<std::string> files;       // "-": standard input
  std::vector<std::string> statements;  // -e
  OutputFormat format = OutputFormat::kTable;
  bool until_latest = false;
  bool stop_at_end = false;  // --until caught-up
  bool quiet = false;        // no progress, no summary
  std::string name;          // durable under it; "": nothing is kept. With a name and no texts: the program as it was saved
  bool rebuild = false;
  bool replay = false;
  LogPosition from, until;  // of a replay
  std::string into;
};

struct ExplainArguments {
  EngineArguments engine;
  std::vector<std::string> files, statements;
  std::string stage = "DATAFLOW";  // LOGICAL | DATAFLOW | PIPELINES | LLVM | ASM
};

struct CheckArguments {
  EngineArguments engine;
  std::vector<std::string> files, statements;
};

struct ShellArguments {
  EngineArguments engine;
  std::string connect;  // to a server, instead of opening an engine: host:port/database
  OutputFormat format = OutputFormat::kTable;
  bool continue_on_error = false;              // of scripts
  std::vector<std::string> files, statements;  // -f, -c: run in this order, instead of what is typed
};

struct ServeArguments {
  EngineArguments engine;
  std::string listen = "127.0.0.1:5432";
  int max_connections = 1000;
  bool quiet = false;  // nothing on standard error but the log
};

struct StatusArguments {
  std::string data;
  bool data_was_given = false;
  bool json = false;
  bool watch = false;  // again every second
};

struct SnapshotArguments {
  enum class Action { kList, kVerify };
  Action action = Action::kList;
  std::string data;
  bool data_was_given = false;
  std::string name;  // of a program; "": all
};

struct TopicArguments {
  enum class Action { kCreate, kDelete, kList, kDescribe, kCopy, kProduce, kConsume };
  Action action = Action::kList;
  std::string data;
  bool data_was_given = false;                    // by --data
  std::string bootstrap;                          // "": the embedded log
  std::map<std::string, std::string> properties;  // librdkafka's
  std::string topic;
  bool quiet = false;
  // create
  int32_t partitions = 1, replication = -1;
  std::string compression = "none";
  std::map<std::string, std::string> configuration;
  // produce, consume
  int32_t partition = -1;  // -1: by key; all
  // copy
  std::string target;            // the new topic's name; "": the same
  std::string target_data;       // resolved; "": the same as `data`
  std::string target_bootstrap;  // "": the embedded log
  // produce
  std::string key_separator;
  bool empty_is_tombstone = false;
  std::vector<std::pair<std::string, std::string>> headers;
  // consume
  LogPosition from;
  int64_t max = -1;  // -1: no limit
  bool until_latest = false;
  bool json = false;
};

}  // namespace kappa::cli
