// Connector 'kafka': what the planner and the engine know of it. The connector's README tells the rest.
#pragma once

#include "common/connector.h"

namespace kappa {

// Source and sink on librdkafka. Errors of make_source / make_sink: 22023 options, 0A000 several topics, 08001 no broker within connect.timeout,
// 42P01 no such topic. The sink is at least once.
ConnectorDescriptor KafkaConnector();

}  // namespace kappa
