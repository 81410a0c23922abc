// Texts of clients are UTF-8, checked where they enter.
#pragma once

#include <string_view>

#include "common/status.h"

namespace kappa::server {

// 22021 naming the first sequence that is none (RFC 3629), and NULs, as PostgreSQL words it.
Status CheckUtf8(std::string_view text);

}  // namespace kappa::server
