// RocksDB's door to files is ours: every byte it reads or writes goes through os::FileSystem, so that a fault-injecting one sees it.
#pragma once

#include <memory>

#include "common/os/file_system.h"
#include "rocksdb/env.h"
#include "rocksdb/status.h"

namespace kappa {

// An Env whose files are those of `files` (which outlives it); clock and threads are RocksDB's own and are not used by what we use of it. A file
// opened for writing replaces one of its name. Locks are 0A000: who holds a directory is the engine's business.
std::unique_ptr<rocksdb::Env> MakeRocksDbEnv(os::FileSystem* files);

// 53100 disk full, 58P01 no such file, XX001 damaged, else 58030; with `what` (a path) in front of what RocksDB says.
Status FromRocksDb(const rocksdb::Status& status, std::string_view what);

}  // namespace kappa
