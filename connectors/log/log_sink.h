// A topic of the embedded log as a sink.
#pragma once

#include <memory>
#include <string>

#include "common/sink.h"
#include "connectors/log/transactional_producer.h"

namespace kappa::log {

// Keys choose partitions as in Kafka. Without a writer's name: an epoch is buffered and appended at Commit, one durable append a partition, at least
// once. With one: each commit is a transaction, exactly once (transactional_producer.h).
StatusOr<std::unique_ptr<Sink>> OpenLogSink(const std::shared_ptr<LogDirectory>& directory, const std::string& topic, const std::string& writer,
                                            std::unique_ptr<RecordEncoder> encoder);

}  // namespace kappa::log
