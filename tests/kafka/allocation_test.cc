// After warm-up a batch allocates nothing outside librdkafka (which uses malloc in its own threads).
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/kafka/broker.h"

namespace {
thread_local int64_t allocations = 0;
}
void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace kappa::kafka {
namespace {

TEST(KafkaAllocation, NonePerBatchAfterWarmUp) {
  constexpr int kRecords = 40'000;
  const std::string topic = MakeTopic("allocation");
  std::string lines;
  for (int i = 0; i < kRecords; ++i) lines += "key" + std::to_string(i) + ":value" + std::to_string(i) + "\n";
  Shell("kcat -P -b " + BrokerAddress() + " -t " + topic + " -K: -H a=b", lines);
  auto source = OpenSource(With(topic));
  ASSERT_TRUE(source.ok()) << source.status();
  auto reader = (*source)->Open(0, {.key = true, .timestamp = true, .headers = true});
  ASSERT_TRUE(reader.ok()) << reader.status();
  RecordBatch held;  // two batches are alive at a time
  int64_t batches = 0, records = 0, before = -1;
  while ((*reader)->position() < kRecords) {
    if (records >= kRecords / 2 && before < 0) before = allocations;
    auto batch = (*reader)->Poll({.records = 100});
    ASSERT_TRUE(batch.ok()) << batch.status();
    if (batch->empty()) continue;
    records += static_cast<int64_t>(batch->records.size());
    batches += before >= 0 ? 1 : 0;
    held = std::move(*batch);
  }
  EXPECT_EQ(records, kRecords);
  EXPECT_GE(batches, kRecords / 2 / 100);
  EXPECT_EQ(allocations - before, 0) << "in " << batches << " batches";
}

}  // namespace
}  // namespace kappa::kafka
