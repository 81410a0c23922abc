#include "connectors/registry.h"

#include "common/os/standard_streams.h"
#include "connectors/blackhole/blackhole_connector.h"
#include "connectors/file/file_connector.h"
#include "connectors/generator/datagen_connector.h"
#include "connectors/generator/nexmark_connector.h"
#include "connectors/log/log_connector.h"
#ifdef KAPPA_HAS_KAFKA
#include "connectors/kafka/kafka_connector.h"
#endif

namespace kappa {

void Connectors::Add(ConnectorDescriptor descriptor) {
  std::string name = descriptor.name;
  by_name_.insert_or_assign(std::move(name), std::move(descriptor));
}

const ConnectorDescriptor* Connectors::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

std::vector<std::string> Connectors::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, descriptor] : by_name_) names.push_back(name);
  return names;
}

StatusOr<const ConnectorDescriptor*> Connectors::Get(std::string_view name) const {
  if (const ConnectorDescriptor* found = Find(name)) return found;
  return SqlError(sqlstate::kUndefinedObject) << "connector '" << name << "' does not exist" << DidYouMean(name, Names());
}

std::unique_ptr<Connectors> MakeConnectors(const ConnectorHost& host) {
  const InputFunction input = host.input ? host.input : InputFunction(&os::ReadStandardInput);
  const OutputFunction output = host.output ? host.output : OutputFunction(&os::WriteStandardOutput);
  auto connectors = std::make_unique<Connectors>();
  connectors->Add(LogConnector(host.logs));
  connectors->Add(FileConnector());
  connectors->Add(StdinConnector(input));
  connectors->Add(StdoutConnector("stdout", output));
  connectors->Add(StdoutConnector("print", output));
  connectors->Add(NexmarkConnector());
  connectors->Add(DatagenConnector());
  connectors->Add(MemoryConnector(host.memory));
  connectors->Add(BlackholeConnector());
#ifdef KAPPA_HAS_KAFKA
  connectors->Add(KafkaConnector());
#endif
  return connectors;
}

}  // namespace kappa
