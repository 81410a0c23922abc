// Messages of a client, taken from bytes: PostgreSQL's protocol 3 (PostgreSQL 15 manual, chapter 55.7). Lengths are what a stranger claims: nothing
// is reserved for them, and everything is read within its message.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/status.h"

namespace kappa::server {

inline constexpr SqlState kProtocolViolation{"08P01"};

inline constexpr size_t kSmallestStartup = 8, kLargestStartup = 10'000;  // bytes of a startup packet, its length included
inline constexpr size_t kLargestMessage = size_t{64} << 20;              // of messages that carry texts and values
inline constexpr size_t kLargestSmallMessage = 10'000;                   // of all others

// One message where it lies in the connection's buffer.
struct FrontendMessage {
  char type = 0;
  std::string_view body;
  size_t bytes = 0;  // it takes in the buffer
};

// The next message of `buffer`; nullopt: its end has not come yet. 08P01: an unknown type, or a length that no message of its type has: the stream
// cannot be followed any further.
StatusOr<std::optional<FrontendMessage>> NextMessage(std::string_view buffer);

// What comes before messages have types.
struct StartupPacket {
  uint32_t code = 0;  // kProtocol3, kSslRequest...
  std::string_view body;
  size_t bytes = 0;
};
inline constexpr uint32_t kProtocol3 = 3 << 16, kCancelRequest = 80877102, kSslRequest = 80877103, kGssEncryptionRequest = 80877104;
StatusOr<std::optional<StartupPacket>> NextStartupPacket(std::string_view buffer);

// Reads the fields of a message. After a field that is not there all others are empty, and Finish tells.
class MessageReader {
 public:
  explicit MessageReader(std::string_view body) : rest_(body) {}
  uint8_t Byte();
  uint16_t Int16();
  uint32_t Int32();
  std::string_view Text();  // up to its NUL
  std::string_view Bytes(size_t size);
  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }
  Status Finish() const;  // 08P01 unless everything was there, and nothing more

 private:
  std::string_view Take(size_t size);
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace kappa::server
