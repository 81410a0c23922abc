// CREATE SINK ... INTO table: an epoch's changes become rows of the table, resolved against what it holds, in one batch with the epoch's number.
#pragma once

#include <memory>
#include <string>

#include "engine/engine_state.h"

namespace kappa {

// `writer`: whose epochs these are, over restarts ("": nothing is remembered). Used under the engine's lock.
StatusOr<std::unique_ptr<Sink>> MakeTableSink(EngineState* state, const SinkOp& sink, std::shared_ptr<const RowSchema> schema,
                                              const std::string& writer);

}  // namespace kappa
