#include "connectors/log/retention.h"

#include "connectors/log/segment.h"
#include "connectors/log/time_lookup.h"

namespace kappa::log {
namespace {

// The log file first: without it the segment is gone, whatever else stays behind.
Status RemoveSegment(os::FileSystem& files, const std::string& directory, Offset base) {
  RETURN_IF_ERROR(files.Remove(SegmentPath(directory, base, ".log")));
  for (const char* suffix : {".index", ".timeindex"}) {
    const std::string path = SegmentPath(directory, base, suffix);
    if (files.Exists(path)) RETURN_IF_ERROR(files.Remove(path));
  }
  return OkStatus();
}

}  // namespace

Status RemoveExpired(os::FileSystem& files, const std::string& directory, const Retention& retention, Offset keep, int64_t now_ms) {
  if (retention.ms < 0 && retention.bytes < 0) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Offset> bases, ListSegments(files, directory));
  std::vector<int64_t> sizes;
  int64_t total = 0;
  for (const Offset base : bases) {
    ASSIGN_OR_RETURN(const os::FileStat stat, files.Stat(SegmentPath(directory, base, ".log")));
    total += sizes.emplace_back(static_cast<int64_t>(stat.size));
  }
  bool removed = false;
  for (size_t i = 0; i + 1 < bases.size() && bases[i + 1] <= keep; ++i) {
    bool expired = retention.bytes >= 0 && total - sizes[i] >= retention.bytes;
    if (!expired && retention.ms >= 0) {
      ASSIGN_OR_RETURN(const int64_t newest, NewestTimestamp(files, directory, bases[i]));
      expired = newest < now_ms - retention.ms;
    }
    if (!expired) break;
    RETURN_IF_ERROR(RemoveSegment(files, directory, bases[i]));
    total -= sizes[i];
    removed = true;
  }
  return removed ? files.SyncDirectory(directory) : OkStatus();
}

}  // namespace kappa::log
