// Connector 'blackhole': counts what it gets and keeps nothing.
#pragma once

#include "common/connector.h"

namespace kappa {

// The checksum over every column is folded by generated code (sink_folds_checksum), which prints it itself; rows and, where there is an encoder,
// encoded bytes that do reach Write are counted and shown by Summary().
ConnectorDescriptor BlackholeConnector();

}  // namespace kappa
