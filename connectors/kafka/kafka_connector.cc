#include "connectors/kafka/kafka_connector.h"

#include "connectors/kafka/kafka_settings.h"
#include "connectors/kafka/kafka_sink.h"
#include "connectors/kafka/kafka_source.h"
#include "connectors/kafka/kafka_topics_source.h"

namespace kappa {
namespace {

std::vector<ConnectorOption> CommonOptions() {
  return {
      {"topic", OptionKind::kText, true, "", "the topic; of a source also a list 'a,b', or a pattern '^orders-.*'"},
      {"properties.*", OptionKind::kText, false, "", "any property of librdkafka; properties.bootstrap.server = 'host:port,...' is needed"},
      {"connect.timeout", OptionKind::kInterval, false, "10 s", "how long to wait for a broker, and for an answer about topics and offsets"},
  };
}

std::vector<ConnectorOption> SourceOptions() {
  std::vector<ConnectorOption> options = CommonOptions();
  options.insert(
      options.end(),
      {{"scan.startup.mode", OptionKind::kText, false, "earliest", "'earliest', 'latest', 'timestamp', 'offsets', or offsets as '0:120,1:98'"},
       {"scan.startup.offsets", OptionKind::kText, false, "", "partition:offset,... for mode 'offsets'; other partitions start at the earliest"},
       {"scan.startup.timestamp", OptionKind::kText, false, "", "for mode 'timestamp': '2024-05-06 07:08:09', or milliseconds since 1970"},
       {"scan.startup.timestamp.millis", OptionKind::kInteger, false, "", "the same, in milliseconds since 1970"},
       {"scan.bounded.mode", OptionKind::kText, false, "unbounded", "'latest': end at the log's end as it is when reading starts"},
       {"disconnect.timeout", OptionKind::kInterval, false, "60 s", "how long all brokers may be away before a running source gives up"}});
  return options;
}

std::vector<ConnectorOption> SinkOptions() {
  std::vector<ConnectorOption> options = CommonOptions();
  options.insert(options.end(), {{"partitions", OptionKind::kInteger, false, "", "create a missing topic with so many partitions"},
                                 {"replication.factor", OptionKind::kInteger, false, "", "of a topic that is created; the broker's default"},
                                 {"delivery.timeout", OptionKind::kInterval, false, "30 s",
                                  "how long a commit may wait for the broker to acknowledge its records"}});
  return options;
}

}  // namespace

ConnectorDescriptor KafkaConnector() {
  ConnectorDescriptor descriptor;
  descriptor.name = "kafka";
  descriptor.documentation = "A topic of Apache Kafka or of a server that speaks its protocol. Reads committed records; writes at least once.";
  descriptor.source_options = SourceOptions();
  descriptor.sink_options = SinkOptions();
  descriptor.make_source = [](const Options& options, const ConnectorContext& context) -> StatusOr<std::unique_ptr<Source>> {
    ASSIGN_OR_RETURN(const kafka::KafkaSettings settings, kafka::ParseKafkaSettings(options));
    if (settings.topic_pattern || settings.topics.size() > 1) {
      const std::string numbers = context.data_directory.empty() ? "" : context.data_directory + "/topics";
      return kafka::KafkaTopicsSource::Open(settings, numbers, context.environment);
    }
    return kafka::KafkaSource::Open(settings, context.environment);
  };
  descriptor.make_sink = [](const Options& options, const ConnectorContext& context,
                            std::unique_ptr<RecordEncoder> encoder) -> StatusOr<std::unique_ptr<Sink>> {
    ASSIGN_OR_RETURN(const kafka::KafkaSettings settings, kafka::ParseKafkaSettings(options));
    if (settings.topic_pattern || settings.topics.size() > 1)
      return SqlError(sqlstate::kInvalidParameterValue) << "a sink writes to one topic, not to '" << settings.topic << "'";
    return kafka::KafkaSink::Open(settings, context.environment, std::move(encoder));
  };
  return descriptor;
}

}  // namespace kappa
