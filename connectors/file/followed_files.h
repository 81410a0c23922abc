// The files a followed pattern matches, and which partition each is. A file keeps its partition under whatever name (log rotation renames), numbers
// are given in the order in which files are found and never again, and DIRECTORY/*.json remembers them, so that positions mean the same after a
// restart.
//
//   DIRECTORY/CRC-OF-PATTERN.json {"version":1,"pattern":"/var/log/app.log*","files":[{"partition":0,"identity":"9f..","path":"/var/log/app.log"}]}
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/os/file_system.h"

namespace kappa::file {

// Any thread.
class FollowedFiles {
 public:
  // `directory`: made when first needed; "": nothing is remembered. XX001: what was remembered is damaged. 0A000: a newer version's.
  static StatusOr<std::unique_ptr<FollowedFiles>> Open(os::FileSystem& files, std::string pattern, std::string directory);

  // Looks for files again; the partitions that are there now, ascending.
  StatusOr<std::vector<int32_t>> Refresh();
  // Where the partition's file is, as of the last Refresh. 58P01: it is gone.
  StatusOr<std::string> PathOf(int32_t partition) const;

 private:
  struct Known {
    uint64_t identity = 0;
    std::string path;
    bool present = false;
  };
  FollowedFiles(os::FileSystem& files, std::string pattern, std::string directory);
  Status Load();
  Status Save();
  std::vector<int32_t> Present() const;
  int32_t PartitionOf(uint64_t identity, const std::string& path);

  os::FileSystem& files_;
  const std::string pattern_;
  const std::string directory_, file_;  // "": not kept
  mutable std::mutex mutex_;
  std::map<int32_t, Known> known_;
};

// The files of a pattern, without folders, sorted; a name that happens to hold '[' or '*' is itself. 58P01: there is none.
StatusOr<std::vector<std::string>> MatchingFiles(os::FileSystem& files, const std::string& pattern);

}  // namespace kappa::file
