#include "server/session_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>

#include "server/crew.h"

namespace kappa::server {
namespace {

namespace asio = boost::asio;
constexpr size_t kReadBytes = size_t{64} << 10;
constexpr int kPatienceMillis = 30'000;  // with a client that takes nothing while its statement waits
constexpr std::chrono::milliseconds kCancelAgain{20};
constexpr SqlState kAdminShutdown{"57P01"};

Status Gone(const boost::system::error_code& error) { return SqlError(sqlstate::kConnectionFailure) << "the client is gone: " << error.message(); }

}  // namespace

SessionConnection::SessionConnection(asio::io_context* pool, asio::io_context* front, CommitQueue* commits, int descriptor,
                                     std::unique_ptr<Session> session, Clients* clients, BackendKey key, std::string received)
    : front_(front),
      commits_(commits),
      socket_(asio::make_strand(*pool)),
      clients_(clients),
      key_(key),
      session_(std::move(session)),
      protocol_(session_.get(), this, this),
      in_(std::move(received)),
      timer_(*front) {
  boost::system::error_code ignored;
  socket_.assign(Tcp::v4(), descriptor, ignored);
  socket_.non_blocking(true, ignored);
  session_->DeferSyncs();
}

SessionConnection::~SessionConnection() { clients_->Remove(key_); }

void SessionConnection::Begin(std::string greeting) {
  out_ = std::move(greeting);
  clients_->Add(key_, weak_from_this());
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Answer(); });
}

void SessionConnection::Answer() {
  const bool close = !HandleMessages();
  if (!session_->unfinished_writes()) return Finish(close);
  committing_ = true;
  commits_->Add([self = shared_from_this(), close] {
    Status durable = self->session_->FinishWrites();
    asio::post(self->socket_.get_executor(), [self, close, durable = std::move(durable)] {
      self->committing_ = false;
      if (!durable.ok()) {  // what was answered is not true
        self->out_.resize(self->sent_);
        self->Fatal(durable);
      }
      self->Finish(close || !durable.ok());
    });
  });
}

void SessionConnection::WaitForInput() {
  socket_.async_wait(Tcp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->OnReadable();
  });
}

void SessionConnection::OnReadable() {
  std::array<char, kReadBytes> chunk;
  boost::system::error_code error;
  const size_t got = socket_.read_some(asio::buffer(chunk), error);
  if (error == asio::error::would_block) return WaitForInput();
  if (error) return Close();  // the client went without a word
  in_.append(chunk.data(), got);
  Answer();
}

bool SessionConnection::HandleMessages() {
  Crew::BeginHandler();
  size_t begin = 0;
  bool go_on = true;
  while (go_on) {
    const auto message = NextMessage(std::string_view(in_).substr(begin));
    if (!message.ok()) {
      Fatal(message.status());
      go_on = false;
      break;
    }
    if (!message->has_value()) break;
    begin += (*message)->bytes;
    bool sync_follows = false;
    if ((*message)->type == 'E') {
      const auto next = NextMessage(std::string_view(in_).substr(begin));
      sync_follows = next.ok() && next->has_value() && (*next)->type == 'S';
    }
    go_on = protocol_.Handle(**message, sync_follows);
  }
  in_.erase(0, begin);
  if (in_.empty() && in_.capacity() > kReadBytes) in_.shrink_to_fit();
  return go_on;
}

void SessionConnection::Fatal(const Status& status) { AppendError("FATAL", status, "", &out_); }

Status SessionConnection::WriteSome() {
  while (sent_ < out_.size()) {
    boost::system::error_code error;
    sent_ += socket_.write_some(asio::buffer(out_.data() + sent_, out_.size() - sent_), error);
    if (error == asio::error::would_block) break;
    if (error) return Gone(error);
  }
  if (sent_ == out_.size()) {
    out_.clear();
    if (out_.capacity() > 4 * kReadBytes) out_.shrink_to_fit();
    sent_ = 0;
  }
  return OkStatus();
}

Status SessionConnection::Send() {
  RETURN_IF_ERROR(session_->FinishWrites());
  RETURN_IF_ERROR(WriteSome());
  if (out_.size() - sent_ <= kWaitingBytes) return OkStatus();
  Status status = OkStatus();
  if (session_->WhileWaiting([&] { status = AwaitClient(); }) || out_.size() - sent_ <= kMostBytes) return status;
  return AwaitClient();
}

Status SessionConnection::AwaitClient() {
  for (int waited = 0; out_.size() - sent_ > kWaitingBytes;) {
    constexpr int kLookMillis = 100;
    pollfd waiting{socket_.native_handle(), POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, kLookMillis);
    waited = ready > 0 ? 0 : waited + kLookMillis;
    {
      const std::lock_guard lock(mutex_);
      if (cancelling_ || stop_) return SqlError(sqlstate::kQueryCanceled) << "canceling statement due to user request";
    }
    if (waited > kPatienceMillis) return SqlError(sqlstate::kConnectionFailure) << "the client takes nothing of what it asked for";
    RETURN_IF_ERROR(WriteSome());
  }
  return OkStatus();
}

void SessionConnection::Finish(bool close) {
  if (!WriteSome().ok()) return Close();
  if (!out_.empty()) {
    socket_.async_wait(Tcp::socket::wait_write, [self = shared_from_this(), close](const boost::system::error_code& error) {
      if (!error) self->Finish(close);
    });
    return;
  }
  if (close || terminating_) return Close();
  WaitForInput();
}

void SessionConnection::Close() {
  boost::system::error_code ignored;
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
}

void SessionConnection::Begin(int64_t timeout_millis) {
  uint64_t statement = 0;
  {
    const std::lock_guard lock(mutex_);
    statement = ++statement_;
    running_ = true;
    timed_out_ = cancelling_ = false;
    if (stop_) cancelling_ = true;
  }
  if (timeout_millis > 0) {
    asio::post(*front_, [self = shared_from_this(), statement, timeout_millis] { self->StartTimer(statement, timeout_millis); });
  }
}

void SessionConnection::StartTimer(uint64_t statement, int64_t timeout_millis) {
  timer_.expires_after(std::chrono::milliseconds(timeout_millis));
  timer_.async_wait([self = shared_from_this(), statement](const boost::system::error_code& error) {
    if (error) return;
    {
      const std::lock_guard lock(self->mutex_);
      if (!self->running_ || self->statement_ != statement) return;
      self->timed_out_ = self->cancelling_ = true;
    }
    self->KeepCancelling(statement);
  });
}

void SessionConnection::KeepCancelling(uint64_t statement) {
  {
    const std::lock_guard lock(mutex_);
    if (!running_ || statement_ != statement) return;
    session_->Cancel();
  }
  timer_.expires_after(kCancelAgain);
  timer_.async_wait([self = shared_from_this(), statement](const boost::system::error_code& error) {
    if (!error) self->KeepCancelling(statement);
  });
}

void SessionConnection::CancelStatement() {
  uint64_t statement = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!running_) return;
    cancelling_ = true;
    statement = statement_;
  }
  asio::post(*front_, [self = shared_from_this(), statement] { self->KeepCancelling(statement); });
}

Status SessionConnection::End(const Status& status) {
  const std::lock_guard lock(mutex_);
  running_ = false;
  if (SqlStateOf(status) != sqlstate::kQueryCanceled || status.ok()) return status;
  if (timed_out_) return SqlError(sqlstate::kQueryCanceled) << "canceling statement due to statement timeout";
  return SqlError(sqlstate::kQueryCanceled) << "canceling statement due to user request";
}

void SessionConnection::Terminate() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  CancelStatement();
  asio::post(socket_.get_executor(), [self = shared_from_this()] {  // after the statement that runs
    if (!self->socket_.is_open()) return;
    self->terminating_ = true;
    if (self->committing_) return;  // it is told what became of its statement, and ends then
    self->Fatal(SqlError(kAdminShutdown) << "terminating connection due to administrator command");
    (void)self->WriteSome();  // a client that does not read does not want to know
    self->Close();
  });
}

}  // namespace kappa::server
