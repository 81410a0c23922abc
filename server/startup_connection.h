// A client that has not said who it is: one socket, one deadline, at most one startup packet of bytes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "server/frontend_message.h"

namespace kappa::server {

class StartupConnection;
// The oldest first; whoever is taken out is closed.
using Startups = std::list<std::shared_ptr<StartupConnection>>;

// On the front thread alone.
class StartupConnection : public std::enable_shared_from_this<StartupConnection> {
 public:
  using Tcp = boost::asio::ip::tcp;
  // What becomes of it. `descriptor`: the socket, the taker's from now on.
  struct Hooks {
    std::function<void(StartupConnection*, const StartupPacket&)> on_startup;
    std::function<void(const StartupPacket&)> on_cancel;
  };
  StartupConnection(Tcp::socket socket, const Hooks* hooks, Startups* startups)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), hooks_(hooks), startups_(startups) {}

  void Begin(Startups::iterator place, int64_t timeout_millis);
  // Takes it out of the list and closes it, with a last word when there is one.
  void Refuse(const Status& status);
  void Close();
  // Takes it out of the list; answers the socket, and what came after the startup packet.
  int Release(std::string* received);

 private:
  void WaitForInput();
  void OnReadable();
  bool HandlePackets();  // false: it is over
  void Forget();

  Tcp::socket socket_;
  boost::asio::steady_timer timer_;
  const Hooks* const hooks_;
  Startups* const startups_;
  Startups::iterator place_;
  bool listed_ = false;
  int encryption_requests_ = 0;
  std::string in_;
};

}  // namespace kappa::server
