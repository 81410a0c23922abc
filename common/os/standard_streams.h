// The process's standard input, output and error output. Errors: 58030.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/status.h"

namespace kappa::os {

// Waits at most `nanos` for input. Nothing: none came in time. 0: the end.
StatusOr<std::optional<size_t>> ReadStandardInput(char* buffer, size_t size, int64_t nanos);

// Writes all of it. A reader that has gone away is 58030, not a signal.
Status WriteStandardOutput(std::string_view bytes);
Status WriteStandardError(std::string_view bytes);

}  // namespace kappa::os
