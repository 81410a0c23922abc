// How long reading the embedded log takes: positioned read, CRC and iteration, in nanoseconds a record of 334 bytes; and committing to it, exactly
// once. Not a test: prints figures.
//   log_read_bench DIR [records]     DIR is made when missing and left in place
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/crc32c.h"
#include "connectors/log/log_directory.h"
#include "connectors/log/log_partition_reader.h"
#include "connectors/log/transactional_producer.h"

namespace kappa::log {
namespace {

// Transactions of 500 records, as epochs of 10 ms make them at 50,000 records/s.
Status ProduceEpochs(const std::shared_ptr<LogDirectory>& directory, const std::string& topic, int32_t partitions, int64_t records,
                     const char* what) {
  os::Clock& clock = directory->environment().clock();
  RETURN_IF_ERROR(directory->CreateTopic(topic, {.partitions = partitions}));
  ASSIGN_OR_RETURN(std::unique_ptr<TransactionalProducer> producer, TransactionalProducer::Open(directory, topic, "bench"));
  const std::string value(334, 'x');
  std::vector<int64_t> commits;
  for (int64_t i = 0; i < records; ++i) {
    OutgoingRecord record;
    record.value = value;
    record.partition = static_cast<int32_t>(i % partitions);
    RETURN_IF_ERROR(producer->Add(record));
    if (i % 500 != 499) continue;
    const int64_t start = clock.MonotonicNanos();
    RETURN_IF_ERROR(producer->Commit({i / 500}));
    commits.push_back(clock.MonotonicNanos() - start);
  }
  std::sort(commits.begin(), commits.end());
  std::printf("commit of 500 records, %d partitions, %s: median %.0f us, p99 %.0f us\n", partitions, what,
              static_cast<double>(commits[commits.size() / 2]) / 1000, static_cast<double>(commits[commits.size() * 99 / 100]) / 1000);
  return OkStatus();
}

Status Produce(const std::shared_ptr<LogDirectory>& directory, const std::string& topic, int64_t records) {
  RETURN_IF_ERROR(directory->CreateTopic(topic, TopicSpec()));
  ASSIGN_OR_RETURN(std::unique_ptr<TopicProducer> producer, TopicProducer::Open(directory, topic));
  std::string value(334, 'x');
  for (int64_t i = 0; i < records; ++i) {
    value.replace(0, 20, std::to_string(10'000'000'000'000'000 + i).append("    ").substr(0, 20));
    OutgoingRecord record;
    record.value = value;
    record.timestamp_ms = 1'700'000'000'000 + i / 10;
    RETURN_IF_ERROR(producer->Add(record));
    if (producer->buffered_bytes() > (8 << 20)) RETURN_IF_ERROR(producer->Flush());
  }
  return producer->Flush();
}

StatusOr<double> ReadOnce(const std::string& data, const std::string& topic, int64_t expected, size_t read_bytes) {
  os::Environment& environment = os::RealEnvironment();
  LogPartitionReader reader(environment.files(), data + "/log/" + topic + "-0", topic + "-0", 0, {}, read_bytes);
  const int64_t start = environment.clock().CpuNanos();
  int64_t records = 0;
  uint64_t touched = 0;
  while (true) {
    ASSIGN_OR_RETURN(const RecordBatch batch, reader.Poll({}));
    if (batch.empty()) break;
    for (const Record& record : batch.records) touched += static_cast<uint8_t>(record.value[5]) + record.value_size;
    records += static_cast<int64_t>(batch.records.size());
  }
  const double nanos = static_cast<double>(environment.clock().CpuNanos() - start);
  if (records != expected || touched == 0) return SqlError(sqlstate::kInternalError) << "read " << records << " of " << expected << " records";
  return nanos / static_cast<double>(records);
}

Status Run(const std::string& data, int64_t records) {
  os::Environment& environment = os::RealEnvironment();
  const auto directory = LogDirectory::Open(environment, data, false);
  const std::string topic = "bench-" + std::to_string(records);
  const int64_t start = environment.clock().CpuNanos();
  if (!directory->Describe(topic).ok()) {
    RETURN_IF_ERROR(Produce(directory, topic, records));
    std::printf("produce: %.1f ns a record\n", static_cast<double>(environment.clock().CpuNanos() - start) / static_cast<double>(records));
  }
  std::string block(256 << 10, 'c');
  const int64_t crc_start = environment.clock().CpuNanos();
  uint32_t crc = 0;
  for (int i = 0; i < 2000; ++i) crc = Crc32c(block.data(), block.size(), crc);
  const double crc_nanos = static_cast<double>(environment.clock().CpuNanos() - crc_start);
  std::printf("crc32c: %.1f GB/s (%08x)\n", 2000.0 * static_cast<double>(block.size()) / crc_nanos, crc);
  for (const size_t read_kb : {128, 256, 512, 1024, 4096}) {
    std::vector<double> nanos;
    for (int run = 0; run < 5; ++run) { ASSIGN_OR_RETURN(nanos.emplace_back(), ReadOnce(data, topic, records, read_kb << 10)); }
    std::sort(nanos.begin(), nanos.end());
    std::printf("read %4zu KB: median %.1f ns a record (%.1f .. %.1f)\n", read_kb, nanos[2], nanos.front(), nanos.back());
  }
  const std::string epochs = "epochs-" + std::to_string(records);
  if (!directory->Describe(epochs).ok()) {
    RETURN_IF_ERROR(ProduceEpochs(directory, epochs, 1, records, "not synced"));
    const auto synced = LogDirectory::Open(environment, data);
    for (const int32_t partitions : {1, 4}) {
      const std::string name = "synced-" + std::to_string(partitions);
      RETURN_IF_ERROR(ProduceEpochs(synced, name, partitions, 100'000, "synced"));
      RETURN_IF_ERROR(synced->DeleteTopic(name));
    }
  }
  std::vector<double> nanos;
  for (int run = 0; run < 5; ++run) {
    ASSIGN_OR_RETURN(nanos.emplace_back(), ReadOnce(data, epochs, records, LogPartitionReader::kDefaultReadBytes));
  }
  std::sort(nanos.begin(), nanos.end());
  std::printf("read, transactions of 500: median %.1f ns a record (%.1f .. %.1f)\n", nanos[2], nanos.front(), nanos.back());
  const int64_t ranges_start = environment.clock().CpuNanos();
  RETURN_IF_ERROR(directory->Range(epochs, 0).status());
  std::printf("range of %lld batches and markers: %.1f ms\n", static_cast<long long>(records / 250),
              static_cast<double>(environment.clock().CpuNanos() - ranges_start) / 1e6);
  return OkStatus();
}

}  // namespace
}  // namespace kappa::log

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: log_read_bench DIR [records]\n");
    return 1;
  }
  const kappa::Status status = kappa::log::Run(argv[1], argc > 2 ? std::atoll(argv[2]) : 1'000'000);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", kappa::MessageOf(status).c_str());
  return 1;
}
