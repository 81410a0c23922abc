// Every connector there is, by name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/connector.h"
#include "connectors/console/stdin_source.h"
#include "connectors/console/stdout_sink.h"
#include "connectors/log/log_directory.h"
#include "connectors/memory/memory_topics.h"
#include "connectors/options.h"  // ValidateOptions

namespace kappa {

// What connectors share with the rest of the process.
struct ConnectorHost {
  std::shared_ptr<log::LogDirectories> logs = std::make_shared<log::LogDirectories>();  // `kappa topic` and dead letters go through the same ones
  std::shared_ptr<MemoryTopics> memory = std::make_shared<MemoryTopics>();
  InputFunction input;    // of 'stdin'; empty: the process's
  OutputFunction output;  // of 'stdout' and 'print'; empty: the process's
};

// Filled at start-up, then read by any thread.
class Connectors final : public ConnectorRegistry {
 public:
  void Add(ConnectorDescriptor descriptor);  // replaces one of that name
  const ConnectorDescriptor* Find(std::string_view name) const override;
  std::vector<std::string> Names() const override;
  // Find, with 42704 and the nearest name when there is none.
  StatusOr<const ConnectorDescriptor*> Get(std::string_view name) const;

 private:
  std::map<std::string, ConnectorDescriptor, std::less<>> by_name_;
};

// log, file, stdin, stdout, print, nexmark, memory, blackhole, and kafka where it was built.
std::unique_ptr<Connectors> MakeConnectors(const ConnectorHost& host);

}  // namespace kappa
