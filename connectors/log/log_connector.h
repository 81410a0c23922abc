// Connector 'log': topics of the embedded log as sources and sinks.
#pragma once

#include <memory>

#include "common/connector.h"
#include "connectors/log/log_directory.h"

namespace kappa {

// Source: topic; scan.startup.mode = 'earliest' | 'latest' | '0:120,1:98' (or 'offsets' with scan.startup.offsets); scan.bounded.mode = 'latest';
//         partitions (makes a missing topic). A reader starts where the mode says until it is sought elsewhere.
// Sink:   topic; partitions, compression (of a topic that is made). Keys choose partitions as in Kafka. An epoch is buffered and appended at Commit,
// one
//         durable append a partition. At least once: the epoch is not kept in the log yet.
ConnectorDescriptor LogConnector(std::shared_ptr<log::LogDirectories> directories);

}  // namespace kappa
