// How a connector describes itself to the planner (which checks WITH options) and to the engine (which makes sources and sinks).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/sink.h"
#include "common/source.h"
#include "common/status.h"

namespace kappa {

namespace os {
class Environment;
}  // namespace os

using Options = std::map<std::string, std::string>;  // option names lower case, as written in WITH (...)

enum class OptionKind { kText, kInteger, kBoolean, kInterval, kSize };

struct ConnectorOption {
  std::string name;  // "properties.*" stands for every name with that prefix
  OptionKind kind = OptionKind::kText;
  bool required = false;
  std::string default_value;  // "" = none
  std::string documentation;
};

// What a connector may need from its host.
struct ConnectorContext {
  os::Environment* environment = nullptr;  // clock, files, threads, randomness
  std::string data_directory;              // of the embedded log; made when first needed
  // Of a sink of a durable program: PROGRAM/SINK, the same after a restart; the sink's store files its mark under it. "": nothing is recovered.
  std::string writer;
};

struct ConnectorDescriptor {
  std::string name;  // 'kafka'
  std::string documentation;
  std::vector<ConnectorOption> source_options;  // empty and !make_source: not a source
  std::vector<ConnectorOption> sink_options;
  // The sink wants no rows but their checksum, folded by generated code (blackhole).
  bool sink_folds_checksum = false;
  // Rows carry a fixed schema of their own and no FORMAT clause is needed (nexmark, datagen produce JSON by themselves).
  std::function<StatusOr<std::unique_ptr<Source>>(const Options&, const ConnectorContext&)> make_source;
  std::function<StatusOr<std::unique_ptr<Sink>>(const Options&, const ConnectorContext&, std::unique_ptr<RecordEncoder>)> make_sink;
};

// Read-only after start-up.
class ConnectorRegistry {
 public:
  virtual ~ConnectorRegistry() = default;
  virtual const ConnectorDescriptor* Find(std::string_view name) const = 0;
  virtual std::vector<std::string> Names() const = 0;
};

}  // namespace kappa
