#include "server/server.h"

#include <sys/resource.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>

#include "common/logging.h"
#include "server/clients.h"
#include "server/commit_queue.h"
#include "server/crew.h"
#include "server/session_connection.h"
#include "server/startup.h"
#include "server/startup_connection.h"

namespace kappa::server {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

constexpr SqlState kTooManyConnections{"53300"};
constexpr SqlState kCannotConnectNow{"57P03"};
constexpr std::chrono::milliseconds kAcceptAgain{50};  // when there are no descriptors left
constexpr int64_t kStopNanos = 10'000'000'000, kStopLookNanos = 5'000'000;

// "127.0.0.1:5432", "[::1]:5432", "localhost:5432", ":5432", "127.0.0.1".
StatusOr<Tcp::endpoint> ParseAddress(const std::string& text) {
  std::string host = text, port = "5432";
  if (const size_t colon = text.rfind(':'); colon != std::string::npos && text.find(':') == colon) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  } else if (text.starts_with("[")) {
    const size_t end = text.find(']');
    host = text.substr(1, end == std::string::npos ? end : end - 1);
    if (end != std::string::npos && end + 1 < text.size()) port = text.substr(text[end + 1] == ':' ? end + 2 : end + 1);
  }
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  unsigned number = 0;
  const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), number);
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (error || wrong != std::errc() || end != port.data() + port.size() || number > 65535) {
    return SqlError(sqlstate::kInvalidParameterValue)
           << "\"" << text << "\" is not an address to listen on" << Hint("an address and a port, such as 127.0.0.1:5432 (port 0: any that is free)");
  }
  if (!address.is_loopback()) {
    return SqlError(sqlstate::kFeatureNotSupported)
           << "kappa serve listens on this machine only: " << host << " can be reached from others, and there are no passwords and no encryption yet"
           << Hint("use 127.0.0.1 or [::1], and a tunnel (ssh -L) from elsewhere");
  }
  return Tcp::endpoint(address, static_cast<uint16_t>(number));
}

// A client costs a descriptor: as many as this process may have.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

class ServerImpl final : public Server {
 public:
  ServerImpl(Engine* engine, ServerOptions options)
      : engine_(engine),
        options_(std::move(options)),
        clients_(&options_.environment->random(), options_.max_sessions),
        acceptor_(front_),
        again_(front_) {
    hooks_.on_startup = [this](StartupConnection* connection, const StartupPacket& packet) { Admit(connection, packet); };
    hooks_.on_cancel = [this](const StartupPacket& packet) {
      MessageReader reader(packet.body);
      const uint32_t process = reader.Int32(), secret = reader.Int32();
      if (reader.Finish().ok()) clients_.Cancel({process, secret});
    };
  }
  ~ServerImpl() override { Stop(); }

  Status Listen() {
    ASSIGN_OR_RETURN(Tcp::endpoint endpoint, ParseAddress(options_.listen));
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return SqlError(sqlstate::kCannotConnect) << "cannot listen on " << options_.listen << ": " << error.message()
                                                << Hint("another server has it, perhaps: --listen 127.0.0.1:0 takes any port that is free");
    }
    endpoint = acceptor_.local_endpoint(error);
    address_ = (endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]" : endpoint.address().to_string()) + ":" +
               std::to_string(endpoint.port());
    return OkStatus();
  }

  void Run() {
    RaiseDescriptorLimit();
    Accept();
    os::Threads& threads = options_.environment->threads();
    front_thread_ = threads.Start("clients", [this] { front_.run(); });
    crew_.Start();
    commits_.Start();
  }

  const std::string& address() const override { return address_; }

  void Stop() override {
    if (front_thread_ == nullptr) return;
    asio::post(front_, [this] {
      stopping_ = true;
      boost::system::error_code ignored;
      acceptor_.close(ignored);
      again_.cancel();
      while (!startups_.empty()) startups_.front()->Refuse(SqlError(kCannotConnectNow) << "the database system is shutting down");
    });
    clients_.TerminateAll();
    for (int64_t waited = 0; clients_.count() > 0 && waited < kStopNanos; waited += kStopLookNanos) os::SleepNanos(kStopLookNanos);
    front_work_.reset();
    pool_work_.reset();
    front_.stop();
    pool_.stop();
    front_thread_->Join();
    crew_.Stop();
    commits_.Stop();
    front_thread_ = nullptr;
  }

 private:
  void Accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (stopping_ || error == asio::error::operation_aborted) return;
      if (error) {  // out of descriptors: those who do not say who they are make room
        if (!startups_.empty()) startups_.front()->Close();
        again_.expires_after(kAcceptAgain);
        again_.async_wait([this](const boost::system::error_code& cancelled) {
          if (!cancelled) Accept();
        });
        return;
      }
      if (startups_.size() >= static_cast<size_t>(options_.max_startups)) startups_.front()->Close();
      auto connection = std::make_shared<StartupConnection>(std::move(socket), &hooks_, &startups_);
      startups_.push_back(connection);
      connection->Begin(std::prev(startups_.end()), options_.startup_timeout_millis);
      Accept();
    });
  }

  void Admit(StartupConnection* connection, const StartupPacket& packet) {
    const auto request = ParseStartup(packet);
    if (!request.ok()) return connection->Refuse(request.status());
    BackendKey key;
    if (!clients_.Reserve(&key)) return connection->Refuse(SqlError(kTooManyConnections) << "sorry, too many clients already");
    std::unique_ptr<Session> session = engine_->NewSession();
    session->Identify({request->user, request->database, static_cast<int64_t>(key.process)});
    Status status = OkStatus();
    for (const auto& [name, value] : options_.settings) {
      if (status.ok()) status = session->Set(name, value);
    }
    auto welcome = status.ok() ? Welcome(*request, key, options_.version, session.get()) : StatusOr<std::string>(status);
    if (!welcome.ok()) {
      clients_.Remove(key);
      return connection->Refuse(welcome.status());
    }
    std::string received;
    const int descriptor = connection->Release(&received);
    std::make_shared<SessionConnection>(&pool_, &front_, &commits_, descriptor, std::move(session), &clients_, key, std::move(received))
        ->Begin(*std::move(welcome));
  }

  Engine* const engine_;
  const ServerOptions options_;
  Clients clients_;  // outlives the contexts, whose handlers hold connections
  asio::io_context pool_, front_{1};
  asio::executor_work_guard<asio::io_context::executor_type> pool_work_ = asio::make_work_guard(pool_), front_work_ = asio::make_work_guard(front_);
  CommitQueue commits_{options_.environment};
  Crew crew_{&pool_, options_.environment, options_.threads, &commits_};
  Tcp::acceptor acceptor_;
  asio::steady_timer again_;
  StartupConnection::Hooks hooks_;
  Startups startups_;      // of the front thread
  bool stopping_ = false;  // likewise
  std::string address_;
  std::unique_ptr<os::Thread> front_thread_;
};

}  // namespace

StatusOr<std::unique_ptr<Server>> Server::Start(Engine* engine, ServerOptions options) {
  auto server = std::make_unique<ServerImpl>(engine, std::move(options));
  RETURN_IF_ERROR(server->Listen());
  server->Run();
  LogInfo("serving", {{"address", server->address()}});
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace kappa::server
