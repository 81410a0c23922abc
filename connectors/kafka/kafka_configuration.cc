#include "connectors/kafka/kafka_configuration.h"

#include <array>

namespace kappa::kafka {
namespace {

// Those a dump of the defaults does not show because they have none.
constexpr std::array kUnset = {"sasl.username",
                               "sasl.password",
                               "sasl.mechanism",
                               "sasl.mechanisms",
                               "ssl.ca.location",
                               "ssl.ca.pem",
                               "ssl.certificate.location",
                               "ssl.certificate.pem",
                               "ssl.key.location",
                               "ssl.key.password",
                               "ssl.key.pem",
                               "ssl.keystore.location",
                               "ssl.keystore.password",
                               "ssl.cipher.suites",
                               "group.id",
                               "group.instance.id",
                               "transactional.id",
                               "client.rack",
                               "debug",
                               "sasl.oauthbearer.client.id",
                               "sasl.oauthbearer.client.secret",
                               "sasl.oauthbearer.config",
                               "sasl.oauthbearer.token.endpoint.url"};

std::vector<std::string> KnownProperties() {
  std::vector<std::string> names(kUnset.begin(), kUnset.end());
  const auto take = [&names](const char** entries, size_t count) {
    for (size_t i = 0; i + 1 < count; i += 2) names.emplace_back(entries[i]);
    rd_kafka_conf_dump_free(entries, count);
  };
  size_t count = 0;
  rd_kafka_conf_t* global = rd_kafka_conf_new();
  const char** entries = rd_kafka_conf_dump(global, &count);
  take(entries, count);
  rd_kafka_conf_destroy(global);
  rd_kafka_topic_conf_t* topic = rd_kafka_topic_conf_new();
  entries = rd_kafka_topic_conf_dump(topic, &count);
  take(entries, count);
  rd_kafka_topic_conf_destroy(topic);
  return names;
}

}  // namespace

bool IsSecretProperty(std::string_view name) {
  for (const std::string_view part : {"password", "secret", "key.pem", "token", "jaas", "oauthbearer.config", "credential"}) {
    if (name.find(part) != std::string_view::npos) return true;
  }
  return false;
}

Status Configuration::Set(const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  switch (rd_kafka_conf_set(configuration_, name.c_str(), value.c_str(), reason.data(), reason.size())) {
    case RD_KAFKA_CONF_OK:
      return OkStatus();
    case RD_KAFKA_CONF_UNKNOWN:
      return SqlError(sqlstate::kInvalidParameterValue)
             << "properties." << name << ": librdkafka has no such property" << DidYouMean(name, KnownProperties());
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  // librdkafka's reason quotes the value.
  if (IsSecretProperty(name))
    return SqlError(sqlstate::kInvalidParameterValue) << "properties." << name << ": librdkafka refuses the value (not shown)";
  return SqlError(sqlstate::kInvalidParameterValue) << "properties." << name << " = '" << value << "': " << reason.data();
}

Status Configuration::Fill(const KafkaSettings& settings, const std::vector<std::pair<const char*, const char*>>& defaults,
                           const std::vector<std::pair<const char*, const char*>>& fixed) {
  RETURN_IF_ERROR(Set("bootstrap.servers", settings.brokers));
  for (const auto& [name, value] : defaults) RETURN_IF_ERROR(Set(name, value));
  for (const auto& [name, value] : settings.properties) {
    for (const auto& ours : fixed) {
      if (name == ours.first) {
        return SqlError(sqlstate::kInvalidParameterValue)
               << "properties." << name << " cannot be changed: the connector needs '" << ours.second << "'";
      }
    }
    RETURN_IF_ERROR(Set(name, value));
  }
  for (const auto& [name, value] : fixed) RETURN_IF_ERROR(Set(name, value));
  return OkStatus();
}

}  // namespace kappa::kafka
