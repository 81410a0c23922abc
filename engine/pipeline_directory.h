// Where a data directory keeps durable programs:   DATA/pipelines/NAME/{program.json,journal/...,snapshots/...}
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/os/file_system.h"
#include "common/status.h"

namespace kappa {

inline constexpr char kProgramFile[] = "/program.json";  // without it the rest is nothing
inline constexpr char kSnapshotFolder[] = "/snapshots";
inline constexpr char kJournalFolder[] = "/journal";

// A program's epochs are numbered on over rebuilds of its state, so that no sink takes one for another: each life begins at a multiple of this.
inline constexpr int64_t kEpochsOfALife = int64_t{1} << 40;

std::string PipelineDirectory(const std::string& data_directory, const std::string& name);
// Sorted; none where nothing durable ever ran.
StatusOr<std::vector<std::string>> PipelineNames(os::FileSystem& files, const std::string& data_directory);
// 42602: letters, digits, '-', '_' and '.', at most 100, not beginning with '.' or '-'.
Status CheckPipelineName(const std::string& name);
// 42704 with the nearest name, where there is no such program.
Status FindPipeline(os::FileSystem& files, const std::string& data_directory, const std::string& name);

// Any text as part of such a name: what is not allowed in one becomes _XX.
std::string EscapedPipelineName(const std::string& text);

}  // namespace kappa
