#include "tests/kafka/broker.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_connector.h"

namespace kappa::kafka {

std::string BrokerAddress() {
  static const std::string address = [] {
    const std::string path = os::EnvironmentVariable("KAPPA_TEST_KAFKA_FILE");
    std::string line;
    if (!path.empty()) std::getline(std::ifstream(path) >> std::ws, line);
    if (line.empty()) {
      std::cerr << "no broker: run this through ctest, or set KAPPA_TEST_KAFKA_FILE to the file that scripts/kafka-broker.sh start DIR writes\n";
      std::exit(1);
    }
    return line;
  }();
  return address;
}

std::string MakeTopic(const std::string& name, int partitions) {
  // The broker may have served an earlier run.
  const std::string topic = name + "-" + std::to_string(getpid());
  KafkaSettings settings;
  settings.brokers = BrokerAddress();
  auto admin = KafkaAdmin::Connect(settings, &os::RealEnvironment());
  EXPECT_TRUE(admin.ok()) << admin.status();
  const Status created = (*admin)->CreateTopic(topic, partitions, -1, {});
  EXPECT_TRUE(created.ok()) << created;
  return topic;
}

Options With(const std::string& topic, const Options& more) {
  Options options = {{"connector", "kafka"}, {"topic", topic}, {"properties.bootstrap.server", BrokerAddress()}};
  for (const auto& [name, value] : more) options[name] = value;
  return options;
}

std::string Shell(const std::string& command, const std::string& input) {
  char path[] = "/tmp/kappa-kafka-test.XXXXXX";
  const int file = mkstemp(path);
  EXPECT_EQ(write(file, input.data(), input.size()), static_cast<ssize_t>(input.size()));
  close(file);
  FILE* pipe = popen(("timeout 60 " + command + " < " + path).c_str(), "r");
  std::string output;
  char buffer[4096];
  for (size_t n = 0; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) output.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  unlink(path);
  return output;
}

Seen Copy(int32_t partition, const Record& record) {
  Seen seen;
  seen.partition = partition;
  seen.offset = record.offset;
  seen.has_key = record.key != nullptr;
  seen.has_value = record.value != nullptr;
  if (seen.has_key) seen.key.assign(record.key, record.key_size);
  if (seen.has_value) seen.value.assign(record.value, record.value_size);
  seen.timestamp_ms = record.timestamp_ms;
  if (record.headers != nullptr) {
    for (const RecordHeader& header : *record.headers) seen.headers.emplace_back(header.name, header.null_value ? "NULL" : std::string(header.value));
  }
  return seen;
}

std::vector<std::string> Values(const std::vector<Seen>& records) {
  std::vector<std::string> values;
  values.reserve(records.size());
  for (const Seen& record : records) values.push_back(record.value);
  return values;
}

StatusOr<std::unique_ptr<Source>> OpenSource(const Options& options) {
  return KafkaConnector().make_source(options, ConnectorContext{&os::RealEnvironment(), "", ""});
}

std::vector<Seen> ReadUntil(PartitionReader& reader, Offset end, BatchLimit limit) {
  std::vector<Seen> records;
  if (end < 0) {
    const auto range = reader.Range();
    EXPECT_TRUE(range.ok()) << range.status();
    if (!range.ok()) return records;
    end = range->end;
  }
  os::Clock& clock = os::RealEnvironment().clock();
  const int64_t deadline = clock.MonotonicNanos() + 20'000'000'000;
  while (reader.position() < end) {
    auto batch = reader.Poll(limit);
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok()) break;
    EXPECT_EQ(batch->next, reader.position());
    EXPECT_LE(batch->records.size(), limit.records);
    for (const Record& record : batch->records) records.push_back(Copy(batch->partition, record));
    if (batch->empty()) os::SleepNanos(1'000'000);
    EXPECT_LT(clock.MonotonicNanos(), deadline) << "stuck at " << reader.position() << " of " << end;
    if (clock.MonotonicNanos() >= deadline) break;
  }
  return records;
}

std::vector<Seen> ReadAll(const Options& options) {
  std::vector<Seen> all;
  auto source = OpenSource(options);
  EXPECT_TRUE(source.ok()) << source.status();
  if (!source.ok()) return all;
  const auto partitions = (*source)->Partitions();
  EXPECT_TRUE(partitions.ok()) << partitions.status();
  for (const int32_t partition : *partitions) {
    auto reader = (*source)->Open(partition, {.key = true, .timestamp = true, .headers = true});
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (!reader.ok()) return all;
    for (Seen& record : ReadUntil(**reader)) all.push_back(std::move(record));
  }
  return all;
}

}  // namespace kappa::kafka
