// librdkafka's configuration object, filled from the user's properties and our settings.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <utility>
#include <vector>

#include "common/status.h"
#include "connectors/kafka/kafka_settings.h"

namespace kappa::kafka {

class Configuration {
 public:
  Configuration() : configuration_(rd_kafka_conf_new()) {}
  ~Configuration() {
    if (configuration_ != nullptr) rd_kafka_conf_destroy(configuration_);
  }
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  // `defaults` first, the user's properties over them, `fixed` last: naming one of those is an error. 22023: unknown property (did you mean), refused
  // value. The value of a property that may be a secret is never shown.
  Status Fill(const KafkaSettings& settings, const std::vector<std::pair<const char*, const char*>>& defaults,
              const std::vector<std::pair<const char*, const char*>>& fixed);

  rd_kafka_conf_t* get() const { return configuration_; }
  void Release() { configuration_ = nullptr; }

 private:
  Status Set(const std::string& name, const std::string& value);

  rd_kafka_conf_t* configuration_;
};

// Passwords, keys, tokens, and whatever else may carry one.
bool IsSecretProperty(std::string_view name);

}  // namespace kappa::kafka
