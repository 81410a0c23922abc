// The status of an engine as people read it.
#pragma once

#include <string>

#include "engine/status.h"

namespace kappa::cli {

// A row for each pipeline, what else there is to know of it below, its sinks last. Ends with a newline.
//
//   kappa 0.1.0 on ./kappa-data, up 3 min 20 s
//
//   pipeline  state    epoch  records  rows/s    bytes/s  lag  watermark            state   snapshot
//   totals    running  1,203  12.3M    45.0K  12.1 MB/s    0  2026-03-01 10:00:00  512 kB  epoch 1,200, 4 s ago
//     sink out: log, exactly once, epoch 1,203, 4,500 changes
//     dead letters: 3 in kappa_dead_letters
std::string StatusText(const EngineStatus& status);

// 1,203; and "1,203 of rebuild 1" after its state was made anew.
std::string EpochText(int64_t epoch);

// 2026-03-01 10:00:00; UTC.
std::string TimeText(int64_t micros);

// Cells in columns, two spaces between; numbers (kRight) to the right. The first row is the head.
enum class Align : unsigned char { kLeft, kRight };
std::string Columns(const std::vector<Align>& aligns, const std::vector<std::vector<std::string>>& rows);

}  // namespace kappa::cli
