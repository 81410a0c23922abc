// What a partition may forget: whole segments from its beginning, as Kafka's retention.ms and retention.bytes.
#pragma once

#include <cstdint>
#include <string>

#include "common/os/file_system.h"
#include "common/record.h"
#include "common/status.h"

namespace kappa::log {

struct Retention {
  int64_t ms = -1;     // a segment goes when its newest record is older; -1: never
  int64_t bytes = -1;  // the oldest go while those after them hold at least so many bytes; -1: all stay
};

// Removes segments from the beginning of the partition, oldest first: the log begins where the first that stays begins, which is all that is kept of
// it. None that reaches past offset `keep` goes. A reader that has a removed segment open reads it to its end, then gets 58K01.
Status RemoveExpired(os::FileSystem& files, const std::string& directory, const Retention& retention, Offset keep, int64_t now_ms);

}  // namespace kappa::log
