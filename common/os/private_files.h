// What a file system may offer beside os::FileSystem: files that nobody but their owner can read.
#pragma once

#include <string>

#include "common/status.h"

namespace kappa::os {

inline constexpr const char* kTemporarySuffix = ".tmp";  // of what FileSystem::WriteAtomically writes before it is renamed

class PrivateFiles {
 public:
  virtual ~PrivateFiles() = default;
  // The file, made when missing, may be read and written by its owner alone; whoever opens or renames it later leaves that as it is.
  virtual Status MakePrivate(const std::string& path) = 0;
};

}  // namespace kappa::os
