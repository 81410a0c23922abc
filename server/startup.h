// What a client says of itself before its session begins.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "server/clients.h"
#include "server/frontend_message.h"

namespace kappa::server {

struct StartupRequest {
  std::string user, database;
  std::vector<std::pair<std::string, std::string>> settings;  // in order: application_name, what -c in options says...
  std::vector<std::string> unknown_protocol_options;          // _pq_.something: answered by NegotiateProtocolVersion
  bool newer_minor = false;                                   // of protocol 3: the same answer
};

// The body of a StartupMessage. 0A000: another protocol, replication; 28000: no user; 08P01: malformed.
StatusOr<StartupRequest> ParseStartup(const StartupPacket& packet);

// The session's settings, and what is answered: AuthenticationOk, parameters, the key for cancelling, ReadyForQuery. Errors: of settings.
StatusOr<std::string> Welcome(const StartupRequest& request, const BackendKey& key, std::string_view version, Session* session);

// Parameters whose changes a client is told, and what they are now.
using ReportedParameters = std::map<std::string, std::string>;
ReportedParameters ReportedOf(const Session& session);

}  // namespace kappa::server
