// Connector 'log': topics of the embedded log as sources and sinks.
#pragma once

#include <memory>

#include "common/connector.h"
#include "connectors/log/log_directory.h"

namespace kappa {

// Source: topic; scan.startup.mode = 'earliest' | 'latest' | '0:120,1:98' (or 'offsets' with scan.startup.offsets) | 'timestamp' with
//         scan.startup.timestamp; scan.bounded.mode = 'latest'; partitions, retention.ms, retention.bytes (of a missing topic, which is made);
//         directory (topics elsewhere, only read). A reader starts where the mode says until it is sought elsewhere.
// Sink:   topic; partitions, compression, retention.ms, retention.bytes (of a topic that is made). log_sink.h says how it commits; exactly once when
//         ConnectorContext::writer is set.
ConnectorDescriptor LogConnector(const std::shared_ptr<log::LogDirectories>& directories);

}  // namespace kappa
