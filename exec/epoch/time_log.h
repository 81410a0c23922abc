// What comes from outside the log and yet decides results: the clock of NOW(), partitions that fall silent, resume or are discovered. Recorded by
// offset, so that recovery and every later replay see the same (design section 6).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/os/environment.h"
#include "common/status.h"

namespace kappa {

struct TimeLogEntry {
  enum class Kind : uint8_t { kClock, kIdle, kResume, kDiscover } kind = Kind::kClock;
  std::string source;  // what the entry is filed under: the identity of the log
  int32_t partition = -1;
  int64_t offset = 0;  // of the partition. kClock: what was read up to here, since the entry before; the others: before which they hold
  int64_t micros = 0;  // kClock: the clock of that epoch, since 1970 UTC.  The others: the watermark that holds from there on
};

// Shared by all programs and replays that read a source. Any thread.
class TimeLog {
 public:
  virtual ~TimeLog() = default;
  // Reads what is recorded of a source; later calls do nothing. Before anything else is asked of it. XX001, 0A000.
  virtual Status Load(const std::string& source) = 0;
  // The first entry for a place wins: another program has decided already.
  virtual void Append(const TimeLogEntry& entry) = 0;
  // All that was appended is durable.
  virtual Status Sync() = 0;
  // The first place at or after `from` where the partition resumes with a watermark of its own.
  virtual std::optional<TimeLogEntry> NextResume(const std::string& source, int32_t partition, int64_t from) const = 0;
  // The first clock whose place is after `offset`: PROCTIME() of the record there. nullopt: nobody has read it yet.
  virtual std::optional<TimeLogEntry> NextClock(const std::string& source, int32_t partition, int64_t offset) const = 0;
  // The log of the source now begins at `begin`: earlier entries say nothing any more.
  virtual void TrimBefore(const std::string& source, int32_t partition, int64_t begin) = 0;
};

// One framed file a source, DIR/SOURCE.timelog, magic "KTIM", a record an entry. With `read_only` what is appended lives in memory only: for runs
// that are not durable but must see what others recorded.
class FileTimeLog final : public TimeLog {
 public:
  FileTimeLog(os::Environment& environment, std::string directory);
  ~FileTimeLog() override;

  Status Load(const std::string& source) override;
  void Append(const TimeLogEntry& entry) override;
  Status Sync() override;
  std::optional<TimeLogEntry> NextResume(const std::string& source, int32_t partition, int64_t from) const override;
  std::optional<TimeLogEntry> NextClock(const std::string& source, int32_t partition, int64_t offset) const override;
  void TrimBefore(const std::string& source, int32_t partition, int64_t begin) override;

 private:
  struct SourceLog;
  Status Rewrite(const std::string& source, SourceLog* log);
  os::Environment& environment_;
  const std::string directory_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<SourceLog>> sources_;
};

}  // namespace kappa
