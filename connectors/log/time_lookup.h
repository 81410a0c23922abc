// Positions by time: what Kafka calls offsetsForTimes, by the .timeindex files.
#pragma once

#include <string>

#include "common/os/file_system.h"
#include "common/record.h"
#include "common/status.h"

namespace kappa::log {

// The offset of the first record of the partition with a timestamp at or after `timestamp_ms`; `end` when there is none before it. Transactions make
// no difference: a record that nobody reads may be the answer. XX001 as for readers.
StatusOr<Offset> FirstOffsetSince(os::FileSystem& files, const std::string& directory, const std::string& name, int64_t timestamp_ms, Offset end);

// The newest timestamp in a segment that takes no more batches; when the file was last written where its records have none.
StatusOr<int64_t> NewestTimestamp(os::FileSystem& files, const std::string& directory, Offset base);

}  // namespace kappa::log
