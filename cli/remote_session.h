// kappa shell --connect: a session on a server (kappa serve), as if it were here. Over libpq; whatever speaks PostgreSQL's protocol will do.
#pragma once

#include <memory>
#include <string>

#include "engine/engine.h"

namespace kappa::cli {

// `address`: host:port, host:port/database, or libpq's own forms (postgresql://..., host=... port=...). 08001 when there is nobody. The engine's
// sessions are connections of their own; what only an engine at hand can do (programs of files) answers 0A000.
StatusOr<std::unique_ptr<Engine>> ConnectRemote(const std::string& address);

}  // namespace kappa::cli
