// Which files a run takes, and where it may write.
#pragma once

#include <string>
#include <vector>

#include "common/status.h"
#include "tests/slt/runner/script.h"

namespace kappa::slt {

// The files, and the .slt files and pages (.md, but README.md) below the folders, sorted; of these every n-th from the i-th on, where `shard` is
// "i/n".
std::vector<std::string> FindScripts(const std::vector<std::string>& paths, const std::string& shard);

StatusOr<Script> ReadScript(const std::string& path);

// Removed with all it holds when destroyed.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace kappa::slt
