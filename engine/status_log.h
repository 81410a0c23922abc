// The events of pipelines, seen as the differences of two looks at their status: nobody on the way of the rows writes a log.
//
//   program started / recovering / recovered / stopped / failed      snapshot written / snapshot failed
//   offsets lost                                                     commits stopped / go on (a full disk)
//   dead letters begin (the first in a table)     late rows begin (the first)     sink committed (debug)
#pragma once

#include "engine/status.h"

namespace kappa {

// Writes what has happened between the looks; `before` is null at the first. `told`: somebody else tells the user of a failure, the log need not cry.
void LogChanges(const PipelineStatus* before, const PipelineStatus& now, bool told);

}  // namespace kappa
