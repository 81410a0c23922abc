// CPU-seconds per million messages of consuming a Kafka topic through our source, and nothing else: payloads are pointed at and let go of.
//
//   kafka_consume_bench BOOTSTRAP [--fill MESSAGES] [--rounds N] [--batch RECORDS] [--touch]
//
// --fill makes a topic of its own (334-byte messages, one partition) and fills it; the topic stays, and is used again when it has enough. --touch
// reads a byte of every cache line. The broker is not counted: it is another process. Prints each round and the median.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "common/os/environment.h"
#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_connector.h"
#include "connectors/kafka/kafka_producer.h"

namespace {

using namespace kappa;  // NOLINT: a program of one file

constexpr size_t kMessageBytes = 334;
constexpr char kTopic[] = "kappa-consume-bench";

int Fail(const Status& status) {
  fmt::print(stderr, "{}", FormatError(status, "", ""));
  return 1;
}

Status Fill(const std::string& brokers, int64_t messages) {
  kafka::KafkaSettings settings;
  settings.brokers = brokers;
  settings.topic = kTopic;
  settings.partitions = 1;
  settings.delivery_timeout_ms = 120'000;
  ASSIGN_OR_RETURN(const auto producer, kafka::KafkaProducer::Open(settings, &os::RealEnvironment()));
  ASSIGN_OR_RETURN(const auto admin, kafka::KafkaAdmin::Connect(settings, &os::RealEnvironment()));
  ASSIGN_OR_RETURN(const OffsetRange range, admin->Range(kTopic, 0));
  std::string value(kMessageBytes, 'x');
  for (int64_t i = range.end - range.begin; i < messages; ++i) {
    value.replace(0, 12, std::to_string(1'000'000'000'000 + i).substr(0, 12));
    OutgoingRecord record;
    record.value = value;
    RETURN_IF_ERROR(producer->Append(record));
  }
  return producer->Flush();
}

struct Round {
  int64_t messages = 0;
  double cpu_seconds = 0;
  double wall_seconds = 0;
  int64_t checksum = 0;
};

StatusOr<Round> Consume(const std::string& brokers, size_t batch_records, bool touch) {
  os::Environment& environment = os::RealEnvironment();
  const Options options = {{"topic", kTopic}, {"properties.bootstrap.server", brokers}, {"scan.bounded.mode", "latest"}};
  ASSIGN_OR_RETURN(const auto source, KafkaConnector().make_source(options, ConnectorContext{&environment, ""}));
  os::Event arrived;
  source->OnArrival([&arrived] { arrived.Set(); });
  ASSIGN_OR_RETURN(const auto reader, source->Open(0, {}));
  ASSIGN_OR_RETURN(const OffsetRange range, reader->Range());
  Round round;
  const int64_t cpu = environment.clock().CpuNanos();
  const int64_t wall = environment.clock().MonotonicNanos();
  while (reader->position() < range.end) {
    ASSIGN_OR_RETURN(const RecordBatch batch, reader->Poll({.records = batch_records}));
    if (batch.empty()) arrived.WaitFor(100'000'000);
    round.messages += static_cast<int64_t>(batch.records.size());
    if (!touch) continue;
    for (const Record& record : batch.records) {
      for (uint32_t at = 0; at < record.value_size; at += 64) round.checksum += record.value[at];
    }
  }
  round.cpu_seconds = static_cast<double>(environment.clock().CpuNanos() - cpu) * 1e-9;
  round.wall_seconds = static_cast<double>(environment.clock().MonotonicNanos() - wall) * 1e-9;
  return round;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("CPU of consuming a Kafka topic through connector 'kafka'");
  std::string brokers;
  int64_t fill = 0;
  int rounds = 5;
  size_t batch_records = 4096;
  bool touch = false;
  app.add_option("bootstrap", brokers, "host:port")->required();
  app.add_option("--fill", fill, "make sure that the topic holds so many messages");
  app.add_option("--rounds", rounds, "how often to read it");
  app.add_option("--batch", batch_records, "records a poll");
  app.add_flag("--touch", touch, "read every cache line of the payloads");
  CLI11_PARSE(app, argc, argv);

  if (fill > 0) {
    if (const Status filled = Fill(brokers, fill); !filled.ok()) return Fail(filled);
  }
  std::vector<double> figures;
  for (int i = 0; i < rounds; ++i) {
    const auto round = Consume(brokers, batch_records, touch);
    if (!round.ok()) return Fail(round.status());
    const double millions = static_cast<double>(round->messages) * 1e-6;
    figures.push_back(round->cpu_seconds / millions);
    fmt::print("round {}: {:.2f} M messages, {:.3f} CPU-s/M, {:.2f} M messages/s, checksum {}\n", i + 1, millions, figures.back(),
               millions / round->wall_seconds, round->checksum);
  }
  std::sort(figures.begin(), figures.end());
  fmt::print("median {:.3f} CPU-seconds per million messages of {} bytes\n", figures[figures.size() / 2], kMessageBytes);
  return 0;
}
