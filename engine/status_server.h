// Answers `kappa status`: a thread at DATA/kappa.sock.
//
//   client: "status\n"      server: one JSON object (StatusJson), "\n", and the end
//
// Anything else is answered by {"error": "..."}. One client at a time, each with a short patience: whoever stalls is left.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "common/os/environment.h"
#include "common/os/socket.h"
#include "engine/status.h"

namespace kappa {

inline constexpr char kStatusSocket[] = "/kappa.sock";  // in the data directory

class StatusServer {
 public:
  // `status` is called by the server's thread. The caller holds the data directory's lock. Errors: common/os/socket.h.
  static StatusOr<std::unique_ptr<StatusServer>> Start(os::Environment* environment, const std::string& path, std::function<EngineStatus()> status);
  ~StatusServer();

 private:
  StatusServer() = default;
  void Serve();
  void Answer(os::LocalStream* client) const;
  std::function<EngineStatus()> status_;
  std::unique_ptr<os::LocalListener> listener_;
  std::atomic<bool> stop_{false};
  std::unique_ptr<os::Thread> thread_;
};

}  // namespace kappa
