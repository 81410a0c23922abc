// A client after startup: its socket, what it has sent and what waits for it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "engine/engine.h"
#include "server/clients.h"
#include "server/commit_queue.h"
#include "server/outlet.h"
#include "server/protocol_session.h"

namespace kappa::server {

// Its handlers run on a strand of `pool`, one at a time, on whatever thread is free; statements run inside them. Timers live on `front`.
class SessionConnection final : public Client, public Outlet, public StatementWatch, public std::enable_shared_from_this<SessionConnection> {
 public:
  using Tcp = boost::asio::ip::tcp;
  // `commits` outlives it. `descriptor`: a connected socket, owned from here on. `received`: bytes after the startup packet.
  SessionConnection(boost::asio::io_context* pool, boost::asio::io_context* front, CommitQueue* commits, int descriptor,
                    std::unique_ptr<Session> session, Clients* clients, BackendKey key, std::string received);
  ~SessionConnection() override;

  // `greeting`: sent first.
  void Begin(std::string greeting);

  void CancelStatement() override;
  void Terminate() override;

  std::string* buffer() override { return &out_; }
  Status Send() override;

  void Begin(int64_t timeout_millis) override;
  Status End(const Status& status) override;

 private:
  void WaitForInput();
  void OnReadable();
  // Executes what has come; false: the connection ends.
  bool HandleMessages();
  // What has come is executed; its answers wait for the disk where they must.
  void Answer();
  // Sends what is left, then goes on reading, or closes.
  void Finish(bool close);
  Status WriteSome();
  Status AwaitClient();
  void Fatal(const Status& status);
  void Close();
  // Asks the statement to stop until it has: it may not have begun yet. On `front`.
  void KeepCancelling(uint64_t statement);
  void StartTimer(uint64_t statement, int64_t timeout_millis);

  boost::asio::io_context* const front_;
  CommitQueue* const commits_;
  Tcp::socket socket_;  // on a strand of its own
  Clients* const clients_;
  const BackendKey key_;
  std::unique_ptr<Session> session_;
  ProtocolSession protocol_;
  std::string in_, out_;
  size_t sent_ = 0;  // of out_
  bool terminating_ = false;
  bool committing_ = false;  // it is in the queue: nothing may be sent

  std::mutex mutex_;        // of what follows: cancelling comes from other threads
  uint64_t statement_ = 0;  // counts them
  bool running_ = false, timed_out_ = false, cancelling_ = false, stop_ = false;
  boost::asio::steady_timer timer_;  // of front_, touched on it alone
};

}  // namespace kappa::server
