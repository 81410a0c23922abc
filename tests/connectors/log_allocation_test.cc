// After warm-up, reading the log allocates nothing: this binary counts every call of operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "connectors/log/log_partition_reader.h"
#include "connectors/log/partition_log.h"
#include "tests/connectors/temporary_directory.h"

namespace {
std::atomic<int64_t> allocations{0};
}  // namespace

void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace kappa::log {
namespace {

TEST(LogAllocation, ReadingAllocatesNothingAfterWarmUp) {
  TemporaryDirectory directory;
  const auto log = PartitionLog::Open(os::RealEnvironment(), directory / "t-0", "t-0", {.sync = false}).value();
  RecordBatchBuilder builder;
  const std::string value(300, 'v');
  for (int batch = 0; batch < 200; ++batch) {
    for (int i = 0; i < 200; ++i) {
      OutgoingRecord record;
      record.value = value;
      record.timestamp_ms = i;
      builder.Add(record);
    }
    std::string bytes;
    ASSERT_TRUE(builder.Finish({}, &bytes).ok());
    ASSERT_TRUE(log->Append(std::move(bytes)).ok());
  }
  LogPartitionReader reader(os::RealEnvironment().files(), directory / "t-0", "t-0", 0, {});
  RecordBatch held;  // one batch is always in use while the next is read
  int64_t records = 0, at_warm_up = 0;
  while (true) {
    auto batch = reader.Poll({});
    ASSERT_TRUE(batch.ok());
    if (batch->empty()) break;
    records += static_cast<int64_t>(batch->records.size());
    held = std::move(batch).value();
    if (records < 10'000) at_warm_up = allocations;
    if (records > 30'000) EXPECT_EQ(allocations - at_warm_up, 0);
  }
  EXPECT_EQ(records, 40'000);
  EXPECT_GT(at_warm_up, 0) << "the count counts";
}

}  // namespace
}  // namespace kappa::log
