#include "server/startup_connection.h"

#include <array>
#include <boost/asio/buffer.hpp>

#include "server/backend_message.h"

namespace kappa::server {
namespace {

namespace asio = boost::asio;
constexpr int kMostEncryptionRequests = 2;  // one for SSL, one for GSS

}  // namespace

void StartupConnection::Begin(Startups::iterator place, int64_t timeout_millis) {
  place_ = place;
  listed_ = true;
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(Tcp::no_delay(true), ignored);
  timer_.expires_after(std::chrono::milliseconds(timeout_millis));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (error) return;
    if (const auto self = weak.lock()) self->Close();
  });
  WaitForInput();
}

void StartupConnection::Forget() {
  if (std::exchange(listed_, false)) startups_->erase(place_);
  timer_.cancel();
}

void StartupConnection::Close() {
  const auto self = shared_from_this();  // the list may hold the last
  Forget();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void StartupConnection::Refuse(const Status& status) {
  std::string out;
  AppendError("FATAL", status, "", &out);
  boost::system::error_code ignored;
  socket_.write_some(asio::buffer(out), ignored);
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
  Close();
}

int StartupConnection::Release(std::string* received) {
  const auto self = shared_from_this();
  Forget();
  *received = std::move(in_);
  boost::system::error_code error;
  return socket_.release(error);
}

void StartupConnection::WaitForInput() {
  socket_.async_wait(Tcp::socket::wait_read, [weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self != nullptr) self->OnReadable();
  });
}

void StartupConnection::OnReadable() {
  std::array<char, kLargestStartup> chunk;
  boost::system::error_code error;
  const size_t got = socket_.read_some(asio::buffer(chunk), error);
  if (error == asio::error::would_block) return WaitForInput();
  if (error) return Close();
  in_.append(chunk.data(), got);
  if (HandlePackets()) WaitForInput();
}

bool StartupConnection::HandlePackets() {
  while (true) {
    const auto packet = NextStartupPacket(in_);
    if (!packet.ok()) {
      Refuse(packet.status());
      return false;
    }
    if (!packet->has_value()) return true;
    const StartupPacket& got = **packet;
    if (got.code == kCancelRequest) {
      hooks_->on_cancel(got);
      Close();
      return false;
    }
    if (got.code != kSslRequest && got.code != kGssEncryptionRequest) {
      const std::string kept = in_;  // the packet points into it
      StartupPacket moved = got;
      moved.body = std::string_view(kept).substr(8, got.body.size());
      in_.erase(0, got.bytes);
      hooks_->on_startup(this, moved);
      return false;
    }
    if (++encryption_requests_ > kMostEncryptionRequests || !got.body.empty()) {
      Refuse(SqlError(kProtocolViolation) << "invalid encryption request");
      return false;
    }
    in_.erase(0, got.bytes);
    boost::system::error_code error;
    socket_.write_some(asio::buffer("N", 1), error);
    if (error) {
      Close();
      return false;
    }
  }
}

}  // namespace kappa::server
