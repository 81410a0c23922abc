// Writes topics for Kafka's own tools to judge:  write_sample_log DATA_DIRECTORY
//   sample  600 records with keys, headers and tombstones, uncompressed, lz4 and zstd      many  10,000 records in several segments with indexes
//   epochs  1,000 records in 100 transactions of an exactly-once writer, and one that it gave up
#include <cstdio>

#include "connectors/log/transactional_producer.h"

namespace kappa::log {
namespace {

Status WriteManySegments(const std::shared_ptr<LogDirectory>& directory) {
  RETURN_IF_ERROR(directory->CreateTopic("many", {.partitions = 1, .segment_bytes = 300'000}));
  ASSIGN_OR_RETURN(std::unique_ptr<TopicProducer> producer, TopicProducer::Open(directory, "many"));
  for (int i = 0; i < 10'000; ++i) {
    const std::string value = "value " + std::to_string(i) + std::string(100, 'x');
    OutgoingRecord record;
    record.value = value;
    record.timestamp_ms = 1'700'000'000'000 + i;
    RETURN_IF_ERROR(producer->Add(record));
    if (i % 50 == 0) RETURN_IF_ERROR(producer->Flush());
  }
  return producer->Flush();
}

Status WriteEpochs(const std::shared_ptr<LogDirectory>& directory) {
  RETURN_IF_ERROR(directory->CreateTopic("epochs", {.partitions = 1, .segment_bytes = 30'000}));
  ASSIGN_OR_RETURN(std::unique_ptr<TransactionalProducer> producer, TransactionalProducer::Open(directory, "epochs", "sample/writer"));
  OutgoingRecord record;
  record.value = "value";
  for (Epoch epoch = 1; epoch <= 100; ++epoch) {
    for (int i = 0; i < 10; ++i) {
      record.timestamp_ms = 1'700'000'000'000 + 10 * epoch + i;
      RETURN_IF_ERROR(producer->Add(record));
    }
    RETURN_IF_ERROR(producer->Commit({epoch}));
  }
  const std::string large(TransactionalProducer::kMostBufferedBytes, 'x');
  record.value = large;
  return producer->Add(record);  // appended already; ended with an abort marker
}

}  // namespace
}  // namespace kappa::log

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  const auto directory = kappa::log::LogDirectory::Open(kappa::os::RealEnvironment(), argv[1]);
  kappa::Status status = kappa::log::WriteSampleTopic(directory, "sample", 200);
  if (status.ok()) status = kappa::log::WriteManySegments(directory);
  if (status.ok()) status = kappa::log::WriteEpochs(directory);
  if (!status.ok()) std::fprintf(stderr, "%s\n", kappa::MessageOf(status).c_str());
  return status.ok() ? 0 : 1;
}
