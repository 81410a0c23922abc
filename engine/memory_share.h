// How much memory this process may take: what statements and programs without a memory_budget of their own get a share of.
#pragma once

#include <cstdint>

#include "common/os/environment.h"

namespace kappa {

// Bytes: the machine's, or what its control groups leave it (cgroup v2 memory.max of the group and those above it, v1 memory.limit_in_bytes) when
// that is less. 0: not known.
uint64_t MemoryOfProcess(os::FileSystem& files);

// memory_budget = 'auto'.
inline constexpr size_t kShareOfMemory = SIZE_MAX;
inline constexpr uint64_t kStatementShare = 4;  // a one-shot statement gets a quarter
inline constexpr uint64_t kProgramShare = 2;    // a view or a file's program, which is there to hold state, half

}  // namespace kappa
