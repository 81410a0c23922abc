// Connectors 'stdout' and 'print': encoded values, a line each.
#pragma once

#include <functional>
#include <string_view>

#include "common/connector.h"

namespace kappa {

// Takes bytes to where the user sees them. Called by one thread at a time.
using OutputFunction = std::function<Status(std::string_view)>;

// `name`: 'stdout' or 'print'. Lines are collected and written at Commit. At least once.
ConnectorDescriptor StdoutConnector(const std::string& name, OutputFunction output);

}  // namespace kappa
