// The power goes at every write boundary of an exactly-once writer's life: what was acknowledged is there, epochs are whole, and writing on from
// LastCommitted gives each row once.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "common/os/simulated_environment.h"
#include "connectors/log/log_sink.h"
#include "types/change_batch.h"

namespace kappa::log {
namespace {

constexpr Epoch kEpochs = 5;
constexpr int32_t kPartitions = 2;

class TextEncoder final : public RecordEncoder {
 public:
  Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) override {
    record->value = record->key = changes.rows[index];
    record->has_key = true;
    return OkStatus();
  }
};

std::vector<std::string> RowsOf(Epoch epoch) {
  std::vector<std::string> rows;
  if (epoch == 3) return rows;
  for (int i = 0; i < (epoch == 2 ? 1 : 4); ++i) rows.push_back(std::to_string(epoch) + "." + std::to_string(i));
  return rows;
}

std::vector<std::string> RowsUpTo(Epoch epoch) {
  std::vector<std::string> rows;
  for (Epoch e = 1; e <= epoch; ++e) {
    for (std::string& row : RowsOf(e)) rows.push_back(std::move(row));
  }
  return rows;
}

// What a program does from LastCommitted on. *acknowledged: the last epoch whose commit has returned.
Status RunWriter(os::Environment& environment, Epoch* found, Epoch* acknowledged) {
  const auto directory = LogDirectory::Open(environment, "/data");
  if (!directory->Describe("t").ok()) {
    TopicSpec spec;
    spec.partitions = kPartitions;
    spec.segment_bytes = 350;  // rolls in the middle of it
    RETURN_IF_ERROR(directory->CreateTopic("t", spec));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Sink> sink, OpenLogSink(directory, "t", "program/out", std::make_unique<TextEncoder>()));
  ASSIGN_OR_RETURN(const SinkMark mark, sink->LastCommitted());
  *found = mark.epoch;
  for (Epoch epoch = std::max<Epoch>(mark.epoch, 0) + 1; epoch <= kEpochs; ++epoch) {
    const std::vector<std::string> rows = RowsOf(epoch);
    std::vector<const char*> pointers;
    for (const std::string& row : rows) pointers.push_back(row.c_str());
    ChangeBatch changes;
    changes.rows = pointers;
    RETURN_IF_ERROR(sink->Write(epoch, changes));
    RETURN_IF_ERROR(sink->Commit({epoch, false, std::to_string(epoch)}));
    *acknowledged = epoch;
  }
  return OkStatus();
}

StatusOr<std::vector<std::string>> Read(os::Environment& environment) {
  const auto directory = LogDirectory::Open(environment, "/data");
  std::vector<std::string> rows;
  for (int32_t p = 0; p < kPartitions; ++p) {
    ASSIGN_OR_RETURN(const auto reader, directory->Reader("t", p, {}));
    while (true) {
      ASSIGN_OR_RETURN(const RecordBatch batch, reader->Poll({}));
      if (batch.empty()) break;
      for (const Record& record : batch.records) rows.emplace_back(record.value, record.value_size);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

// Opens the writer without letting it write on, and compares what readers see then.
void CheckRecovered(os::Environment& environment, Epoch acknowledged, const std::string& what) {
  const auto directory = LogDirectory::Open(environment, "/data");
  const auto sink = OpenLogSink(directory, "t", "program/out", std::make_unique<TextEncoder>());
  ASSERT_TRUE(sink.ok()) << what << ": " << sink.status();
  const SinkMark mark = (*sink)->LastCommitted().value();
  ASSERT_GE(mark.epoch, acknowledged) << what << ": an acknowledged epoch is lost";
  ASSERT_EQ(mark.record, mark.epoch < 0 ? "" : std::to_string(mark.epoch)) << what;
  const auto rows = Read(environment);
  ASSERT_TRUE(rows.ok()) << what << ": " << rows.status();
  ASSERT_EQ(*rows, RowsUpTo(mark.epoch)) << what;
}

TEST(LogPowerLoss, AtEveryBoundaryNothingIsLostTornOrDoubled) {
  int64_t boundaries = 0, states = 0;
  for (int64_t boundary = 1;; ++boundary) {
    os::SimulatedEnvironment environment(7);
    environment.files().LosePowerAt(boundary);
    Epoch found = -1, acknowledged = -1;
    const Status ran = RunWriter(environment, &found, &acknowledged);
    if (!environment.files().power_lost()) {
      ASSERT_TRUE(ran.ok()) << ran;
      break;
    }
    ++boundaries;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      const std::string what = "boundary " + std::to_string(boundary) + " (" + environment.files().failed_at() + "), disk " + std::to_string(seed);
      os::SimulatedEnvironment next(seed, environment.files().Surviving(seed));
      const bool made = LogDirectory::Open(next, "/data")->Describe("t").ok();
      if (made) ASSERT_NO_FATAL_FAILURE(CheckRecovered(next, acknowledged, what));
      Epoch from = -1, upto = -1;
      const Status finished = RunWriter(next, &from, &upto);
      ASSERT_TRUE(finished.ok()) << what << ": " << finished;
      const auto rows = Read(next);
      ASSERT_TRUE(rows.ok()) << what << ": " << rows.status();
      ASSERT_EQ(*rows, RowsUpTo(kEpochs)) << what;
      ++states;
    }
  }
  std::cout << "power lost at " << boundaries << " boundaries, " << states << " disks recovered from\n";
  EXPECT_GT(boundaries, 60);
}

// Twice: while recovering from the first loss too.
TEST(LogPowerLoss, WhileRecovering) {
  int64_t states = 0;
  for (int64_t boundary = 1;; boundary += 3) {
    os::SimulatedEnvironment environment(7);
    environment.files().LosePowerAt(boundary);
    Epoch found = -1, acknowledged = -1;
    (void)RunWriter(environment, &found, &acknowledged);
    if (!environment.files().power_lost()) break;
    for (int64_t second = 1;; second += 2) {
      os::SimulatedEnvironment next(3, environment.files().Surviving(static_cast<uint64_t>(boundary)));
      next.files().LosePowerAt(second);
      Epoch from = -1, more = -1;
      (void)RunWriter(next, &from, &more);
      const bool lost = next.files().power_lost();
      const std::string what = "boundaries " + std::to_string(boundary) + " and " + std::to_string(second);
      auto disk = lost ? next.files().Surviving(static_cast<uint64_t>(second)) : next.files().Release();
      os::SimulatedEnvironment last(4, std::move(disk));
      if (LogDirectory::Open(last, "/data")->Describe("t").ok()) {
        ASSERT_NO_FATAL_FAILURE(CheckRecovered(last, std::max(acknowledged, more), what));
      }
      const Status finished = RunWriter(last, &from, &more);
      ASSERT_TRUE(finished.ok()) << what << ": " << finished;
      ASSERT_EQ(Read(last).value(), RowsUpTo(kEpochs)) << what;
      ++states;
      if (!lost) break;
    }
  }
  std::cout << states << " disks recovered from\n";
  EXPECT_GT(states, 300);
}

// One operation fails, and the process lives on: a commit that answered OK holds, one that did not may be tried again, or found after a restart.
TEST(LogPowerLoss, OneFailureAtEveryBoundary) {
  int64_t failures = 0;
  for (const SqlState error : {sqlstate::kDiskFull, sqlstate::kIoError}) {
    for (int64_t boundary = 1;; ++boundary) {
      os::SimulatedEnvironment environment(7);
      environment.files().FailAt(boundary, error);
      Epoch found = -1, acknowledged = -1;
      const Status ran = RunWriter(environment, &found, &acknowledged);
      if (environment.files().failed() == 0) break;
      const std::string what = "boundary " + std::to_string(boundary) + " (" + environment.files().failed_at() + ")";
      if (!ran.ok())
        EXPECT_TRUE(SqlStateOf(ran) == error || SqlStateOf(ran) == sqlstate::kIoError) << what << ": " << ran;  // a sync knows 58030 only
      os::SimulatedEnvironment next(5, environment.files().Surviving(static_cast<uint64_t>(boundary)));
      if (LogDirectory::Open(next, "/data")->Describe("t").ok()) ASSERT_NO_FATAL_FAILURE(CheckRecovered(next, acknowledged, what));
      const Status finished = RunWriter(next, &found, &acknowledged);
      ASSERT_TRUE(finished.ok()) << what << ": " << finished;
      ASSERT_EQ(Read(next).value(), RowsUpTo(kEpochs)) << what;
      ++failures;
    }
  }
  std::cout << failures << " failures survived\n";
  EXPECT_GT(failures, 100);
}

}  // namespace
}  // namespace kappa::log
