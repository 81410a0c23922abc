// Directories that are still there after a power failure.
#pragma once

#include <string>

#include "common/os/file_system.h"

namespace kappa::log {

// Makes `path` and what is missing above it, and waits until the disk has the new names. Costs nothing when it exists.
inline Status MakeDurableDirectory(os::FileSystem& files, const std::string& path) {
  if (files.Exists(path)) return OkStatus();
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  RETURN_IF_ERROR(MakeDurableDirectory(files, parent));
  RETURN_IF_ERROR(files.CreateDirectories(path));
  return files.SyncDirectory(parent);
}

}  // namespace kappa::log
