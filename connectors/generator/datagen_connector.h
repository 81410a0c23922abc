// Connector 'datagen': rows made up as they are read, by the declared columns and options (datagen_fields.h). The same seed gives the same rows; any
// offset can be read again. Bounded where `rows` says how many there are.
#pragma once

#include "common/connector.h"

namespace kappa {

ConnectorDescriptor DatagenConnector();

}  // namespace kappa
