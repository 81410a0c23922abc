// Connector 'stdin': lines of the standard input. Cannot be read twice; whoever needs that copies it to the embedded log first.
#pragma once

#include <functional>
#include <optional>

#include "common/connector.h"

namespace kappa {

// Reads up to `size` bytes, waiting `nanos` at most: nothing = none yet, 0 = the end. Runs on the connector's own thread.
using InputFunction = std::function<StatusOr<std::optional<size_t>>(char* buffer, size_t size, int64_t nanos)>;

// One partition; the offset is the line's number. bounded(): it ends with the input. Until the end has been seen, the range ends at INT64_MAX: nobody
// can know how much is to come. Option: max.line.bytes.
ConnectorDescriptor StdinConnector(InputFunction input);

}  // namespace kappa
