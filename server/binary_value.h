// Parameters in PostgreSQL's binary format (its typreceive functions; src of the formats: the manual's 55.8 and libpq's binary documentation).
// Drivers send numbers so unless told otherwise.
#pragma once

#include <string_view>

#include "types/datum.h"

namespace kappa::server {

// 22P03 where the bytes are none of the type; 0A000 for structs.
StatusOr<Datum> ReadBinary(const Type& type, std::string_view bytes);

}  // namespace kappa::server
