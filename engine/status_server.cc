#include "engine/status_server.h"

#include "common/logging.h"

namespace kappa {
namespace {

constexpr int64_t kLookNanos = 1'000'000'000;      // between two looks whether to stop, should a wake be lost
constexpr int64_t kPatienceNanos = 2'000'000'000;  // with a client
constexpr size_t kLongestRequest = 64;

}  // namespace

StatusOr<std::unique_ptr<StatusServer>> StatusServer::Start(os::Environment* environment, const std::string& path,
                                                            std::function<EngineStatus()> status) {
  auto server = std::unique_ptr<StatusServer>(new StatusServer());
  server->status_ = std::move(status);
  ASSIGN_OR_RETURN(server->listener_, os::ListenLocal(path));
  server->thread_ = environment->threads().Start("status", [raw = server.get()] { raw->Serve(); });
  return server;
}

StatusServer::~StatusServer() {
  stop_.store(true);
  if (listener_) listener_->Wake();
  if (thread_) thread_->Join();
}

void StatusServer::Serve() {
  bool told = false;
  while (!stop_.load()) {
    auto client = listener_->Accept(kLookNanos);
    if (!client.ok()) {
      if (!std::exchange(told, true)) LogWarning("status socket failed", {{"error", MessageOf(client.status())}});
      os::SleepNanos(kLookNanos / 10);  // no descriptors left, perhaps: others will be free again
    } else if (*client != nullptr) {
      Answer(client->get());
    }
  }
}

void StatusServer::Answer(os::LocalStream* client) const {
  std::string request;
  char buffer[kLongestRequest];
  while (request.find('\n') == std::string::npos && request.size() < kLongestRequest) {
    const auto got = client->Read(buffer, sizeof(buffer), kPatienceNanos);
    if (!got.ok() || *got == 0) return;
    request.append(buffer, *got);
  }
  const std::string answer = request == "status\n" ? StatusJson(status_()) : "{\"error\":\"the request is: status\"}";
  (void)client->Write(answer + "\n", kPatienceNanos);  // whoever has gone away does not want it
}

}  // namespace kappa
