// Connector 'nexmark': a source that makes the events of nexmark_events.h as it is read. Partition p of P holds the events p, p + P, p + 2P, ...
#pragma once

#include "common/connector.h"

namespace kappa {

// Options, each also with the prefix 'nexmark.': rows (unbounded when absent), event.rate, seed, partitions, table.type, rate. Replayable from any
// offset. With `rows` it is bounded. Without, it ends nowhere: its range ends at INT64_MAX, or, with `rate`, at what the clock has released so far.
ConnectorDescriptor NexmarkConnector();

}  // namespace kappa
