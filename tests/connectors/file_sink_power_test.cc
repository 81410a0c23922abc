// The file sink on a disk whose power goes, or that refuses, at every write boundary of a short run: each time exactly what its mark says is there,
// and the next run completes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "common/os/simulated_environment.h"
#include "connectors/file/part_file_sink.h"
#include "types/change_batch.h"

namespace kappa::file {
namespace {

constexpr Epoch kEpochs = 12;
constexpr std::string_view kFolder = "/made/on/the/way";

class LineEncoder final : public RecordEncoder {
 public:
  Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) override {
    record->value = changes.rows[index];
    return OkStatus();
  }
};

// Every third epoch writes nothing, one writes more than is buffered.
std::vector<std::string> RowsOf(Epoch epoch) {
  std::vector<std::string> rows;
  for (Epoch i = 0; i < epoch % 3; ++i) rows.push_back("row " + std::to_string(epoch) + "." + std::to_string(i));
  if (epoch == 8) rows.push_back(std::string(1 << 20, 'x'));
  return rows;
}

std::vector<std::string> RowsUpTo(Epoch epoch) {
  std::vector<std::string> rows;
  for (Epoch e = 0; e <= epoch; ++e) {
    for (std::string& row : RowsOf(e)) rows.push_back(std::move(row));
  }
  return rows;
}

StatusOr<std::unique_ptr<PartFileSink>> Open(os::Environment& environment) {
  return PartFileSink::Open(environment, {std::string(kFolder), "p/s", 3'600'000'000, 1 << 19}, std::make_unique<LineEncoder>());
}

// Epochs after the mark; every fourth commit may not be held. A full disk is tried again, as the engine does.
Status Drive(os::Environment& environment) {
  ASSIGN_OR_RETURN(const std::unique_ptr<PartFileSink> sink, Open(environment));
  ASSIGN_OR_RETURN(const SinkMark mark, sink->LastCommitted());
  for (Epoch epoch = mark.epoch + 1; epoch <= kEpochs; ++epoch) {
    const std::vector<std::string> rows = RowsOf(epoch);
    std::vector<const char*> pointers;
    for (const std::string& row : rows) pointers.push_back(row.c_str());
    ChangeBatch changes;
    changes.rows = pointers;
    if (!rows.empty()) RETURN_IF_ERROR(sink->Write(epoch, changes));
    const std::string record = "ended at " + std::to_string(epoch);
    Status committed = sink->Commit({epoch, epoch % 4 != 0, record});
    for (int again = 0; again < 3 && SqlStateOf(committed) == sqlstate::kDiskFull; ++again) committed = sink->Commit({epoch, epoch % 4 != 0, record});
    RETURN_IF_ERROR(committed);
  }
  return OkStatus();
}

std::vector<std::string> Visible(os::FileSystem& files) {
  std::vector<std::string> rows;
  const std::vector<std::string> parts = files.Glob(std::string(kFolder) + "/part-*").value();
  for (const std::string& part : parts) {
    const std::string text = files.ReadAll(part).value();
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      if (end == std::string::npos) {
        ADD_FAILURE() << part << " ends in half a line";
        return rows;
      }
      rows.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return rows;
}

bool IsWholeEpochs(const std::vector<std::string>& rows) {
  for (Epoch epoch = -1; epoch <= kEpochs; ++epoch) {
    if (rows == RowsUpTo(epoch)) return true;
  }
  return false;
}

// A new process on `disk`: the mark and what is visible agree; it completes the run.
void RecoverOn(std::unique_ptr<os::MemoryFileSystem> disk, const std::string& what) {
  os::SimulatedEnvironment environment(7, std::move(disk));
  EXPECT_TRUE(IsWholeEpochs(Visible(environment.files()))) << what;
  {
    const auto sink = Open(environment);
    ASSERT_TRUE(sink.ok()) << what << ": " << sink.status();
    const SinkMark mark = (*sink)->LastCommitted().value();
    ASSERT_TRUE(Visible(environment.files()) == RowsUpTo(mark.epoch)) << what << ": not the rows up to epoch " << mark.epoch;
    if (mark.epoch >= 0) EXPECT_EQ(mark.record, "ended at " + std::to_string(mark.epoch)) << what;
  }
  const Status driven = Drive(environment);
  ASSERT_TRUE(driven.ok()) << what << ": " << driven;
  ASSERT_TRUE(Visible(environment.files()) == RowsUpTo(kEpochs)) << what;
  std::vector<std::string> names = environment.files().List(std::string(kFolder)).value();
  EXPECT_TRUE(std::none_of(names.begin(), names.end(), [](const std::string& name) { return name.find(".tmp") != std::string::npos; })) << what;
}

int64_t Boundaries() {
  os::SimulatedEnvironment environment(1);
  EXPECT_TRUE(Drive(environment).ok());
  EXPECT_TRUE(Visible(environment.files()) == RowsUpTo(kEpochs));
  return environment.files().boundaries();
}

TEST(PartFileSinkPower, LossAtEveryWriteBoundary) {
  const int64_t boundaries = Boundaries();
  for (int64_t boundary = 1; boundary <= boundaries; ++boundary) {
    os::SimulatedEnvironment environment(1);
    environment.files().LosePowerAt(boundary);
    const Status failed = Drive(environment);
    ASSERT_FALSE(failed.ok());
    for (uint64_t seed = 0; seed < 8; ++seed) {
      RecoverOn(environment.files().Surviving(seed), "power lost at boundary " + std::to_string(boundary) + " (" + environment.files().failed_at() +
                                                         "), disk of seed " + std::to_string(seed));
      if (HasFatalFailure()) return;
    }
    RecoverOn(environment.files().Release(), "killed at boundary " + std::to_string(boundary));
    if (HasFatalFailure()) return;
  }
  std::cout << boundaries << " write boundaries, 9 disks after each\n";
}

TEST(PartFileSinkPower, ARefusalAtEveryWriteBoundary) {
  const int64_t boundaries = Boundaries();
  int64_t went_on = 0;
  for (const SqlState error : {sqlstate::kDiskFull, sqlstate::kIoError}) {
    for (int64_t boundary = 1; boundary <= boundaries; ++boundary) {
      os::SimulatedEnvironment environment(1);
      environment.files().FailAt(boundary, error);
      if (Drive(environment).ok()) ++went_on;
      RecoverOn(environment.files().Release(),
                std::string(error.view()) + " at boundary " + std::to_string(boundary) + " (" + environment.files().failed_at() + ")");
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(went_on, 0) << "a full disk that has room again is gone on with";
}

}  // namespace
}  // namespace kappa::file
