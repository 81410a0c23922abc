// The per-row path allocates nothing: a program over twice the rows, with the same keys, makes no more allocations but for those of its rounds.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "connectors/memory/memory_topics.h"
#include "engine/engine.h"
#include "engine/row_results.h"

namespace {
std::atomic<int64_t> allocations{0};
}  // namespace

void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace kappa {
namespace {

class AllocationTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.memory = std::make_shared<MemoryTopics>();
    options.data_directory = testing::TempDir() + "/allocation_test";
    for (int size : {100'000, 300'000}) {
      auto topic = options.memory->Create("t" + std::to_string(size));
      for (int i = 0; i < size; ++i) {
        topic->Add(0, "{\"k\":" + std::to_string(i % 500) + ",\"v\":" + std::to_string(i) + ",\"name\":\"n" + std::to_string(i % 100) +
                          "\",\"ts\":\"2024-01-01 00:00:00.000\"}");
      }
    }
    engine_ = Engine::Open(options).value();
    session_ = engine_->NewSession();
    ASSERT_TRUE(session_->Set("jit_tier", "o2").ok());
  }
  int64_t Count(int size) {
    const std::string text = "CREATE SOURCE t (k BIGINT, v BIGINT, name TEXT, ts TIMESTAMP) WITH (connector = 'memory', topic = 't" +
                             std::to_string(size) + "') FORMAT PLAIN ENCODE JSON; CREATE SINK s AS " + GetParam() +
                             " WITH (connector = 'blackhole');";
    SilentResults results;
    const int64_t before = allocations.load();
    const auto summary = session_->RunProgram({{"test", text}}, {}, &results);
    EXPECT_TRUE(summary.ok()) << summary.status();
    EXPECT_EQ(summary->progress.records, size);
    return allocations.load() - before;
  }
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_P(AllocationTest, RowsCostNoAllocations) {
  Count(100'000);  // warms the process
  const int64_t small = Count(100'000), large = Count(300'000);
  EXPECT_LT(static_cast<double>(large - small) / 200'000, 0.001) << small << " and " << large << " allocations";
}

INSTANTIATE_TEST_SUITE_P(
    Queries, AllocationTest,
    testing::Values(
        "SELECT k, v FROM t WHERE v % 123 = 0", "SELECT k, v, upper(name) AS n, ts FROM t",
        "SELECT k, to_char(ts, 'YYYY-MM-DD') AS day, count(*) AS n, count(*) FILTER (WHERE v < 1000) AS small, min(v), max(v), avg(v), sum(v) FROM t "
        "GROUP BY k, to_char(ts, 'YYYY-MM-DD')",
        "SELECT name, count(*) AS n FROM t GROUP BY name", "SELECT count(*) AS n, sum(v) AS s FROM t"));

}  // namespace
}  // namespace kappa
