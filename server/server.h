// kappa serve: clients of PostgreSQL's wire protocol over one engine.
//
//   ASSIGN_OR_RETURN(auto server, Server::Start(engine.get(), options));      listening from here on
//   ...
//   server->Stop();       no more clients; statements that run are cancelled, clients are told (57P01)
//
//               accepted             authenticated
//   listener ──► StartupConnection ──► SessionConnection ──► ProtocolSession ──► Session (engine)
//   one thread: accepting, startup,    a pool of threads: whichever is free reads a client's messages, executes them and
//   cancel requests, timeouts          answers; a client that says nothing costs a socket and an entry, no thread
//
// Errors of Start: 22023 for an address that is none, 0A000 for one that others than this machine can reach (whoever connects is trusted), 08001 when
// it cannot be listened on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/os/environment.h"
#include "engine/engine.h"

namespace kappa::server {

struct ServerOptions {
  os::Environment* environment = nullptr;  // never nullptr
  std::string listen = "127.0.0.1:5432";   // port 0: any that is free
  std::string version;                     // what clients are told as server_version: "15.0 (kappa 0.1.0)"
  int threads = 16;                        // statements that may run at once
  int max_sessions = 1000;                 // clients; past it 53300
  int max_startups = 1000;                 // connections that have not said who they are; past it the oldest is closed
  int64_t startup_timeout_millis = 10'000;
  // Set for every session, as SET does.
  std::vector<std::pair<std::string, std::string>> settings;
};

class Server {
 public:
  // `engine` must outlive it, with its background started.
  static StatusOr<std::unique_ptr<Server>> Start(Engine* engine, ServerOptions options);
  virtual ~Server() = default;                     // stops
  virtual const std::string& address() const = 0;  // "127.0.0.1:5432"
  virtual void Stop() = 0;                         // waits for the clients' last statements; any thread but the server's own
};

}  // namespace kappa::server
