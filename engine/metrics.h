// The status in Prometheus' text form, and the endpoint that hands it out: http://127.0.0.1:PORT/metrics, of this machine alone.
// A metric that is not known (no watermark yet, no snapshot yet) is absent, not zero.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/status.h"

namespace kappa {

std::string MetricsText(const EngineStatus& status);

// Threads are the library's own (prometheus-cpp).
class MetricsEndpoint {
 public:
  // `status` is called by the endpoint's thread. Port 0: any that is free. 55006: the port is taken, or not ours to use.
  static StatusOr<std::unique_ptr<MetricsEndpoint>> Start(os::Environment* environment, int port, std::function<EngineStatus()> status);
  virtual ~MetricsEndpoint() = default;
  virtual int port() const = 0;
};

}  // namespace kappa
