// What comes from outside the log and yet decides results: the clock of NOW(), partitions going idle and resuming. Recorded by offset, so that a
// replay sees the same (design section 6). Kept in memory for now; a durable one takes the same calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kappa {

struct TimeLogEntry {
  enum class Kind : uint8_t { kClock, kIdle, kResume } kind = Kind::kClock;
  std::string source;
  int32_t partition = -1;
  int64_t offset = 0;  // of the partition, before which this holds
  int64_t micros = 0;  // kClock: microseconds since 1970 UTC
};

class TimeLog {
 public:
  virtual ~TimeLog() = default;
  virtual void Append(TimeLogEntry entry) = 0;
};

class MemoryTimeLog final : public TimeLog {
 public:
  void Append(TimeLogEntry entry) override {
    if (entry.kind == TimeLogEntry::Kind::kClock && !entries_.empty() && entries_.back().kind == TimeLogEntry::Kind::kClock)
      entries_.back() = std::move(entry);
    else
      entries_.push_back(std::move(entry));
  }
  const std::vector<TimeLogEntry>& entries() const { return entries_; }

 private:
  std::vector<TimeLogEntry> entries_;
};

}  // namespace kappa
