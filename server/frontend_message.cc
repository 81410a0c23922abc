#include "server/frontend_message.h"

namespace kappa::server {
namespace {

constexpr std::string_view kLargeTypes = "QPBdF";      // Query, Parse, Bind, CopyData, FunctionCall
constexpr std::string_view kSmallTypes = "DEHSCXcfp";  // Describe, Execute, Flush, Sync, Close, Terminate, CopyDone, CopyFail, passwords

uint32_t BigEndian32(std::string_view bytes) {
  return static_cast<uint32_t>(static_cast<uint8_t>(bytes[0])) << 24 | static_cast<uint32_t>(static_cast<uint8_t>(bytes[1])) << 16 |
         static_cast<uint32_t>(static_cast<uint8_t>(bytes[2])) << 8 | static_cast<uint32_t>(static_cast<uint8_t>(bytes[3]));
}

}  // namespace

StatusOr<std::optional<FrontendMessage>> NextMessage(std::string_view buffer) {
  if (buffer.empty()) return std::nullopt;
  const char type = buffer[0];
  const bool large = kLargeTypes.find(type) != std::string_view::npos;
  if (!large && kSmallTypes.find(type) == std::string_view::npos) {
    return SqlError(kProtocolViolation) << "invalid frontend message type " << static_cast<int>(static_cast<uint8_t>(type));
  }
  if (buffer.size() < 5) return std::nullopt;
  const size_t length = BigEndian32(buffer.substr(1, 4));  // of itself and the body
  const size_t limit = large ? kLargestMessage : kLargestSmallMessage;
  if (length < 4 || length > limit) {
    return SqlError(kProtocolViolation) << "invalid message length " << length << " of message type \"" << type << "\""
                                        << Hint("a message of this type has 4 to " + std::to_string(limit) + " bytes");
  }
  if (buffer.size() < length + 1) return std::nullopt;
  return FrontendMessage{type, buffer.substr(5, length - 4), length + 1};
}

StatusOr<std::optional<StartupPacket>> NextStartupPacket(std::string_view buffer) {
  if (buffer.size() < 4) return std::nullopt;
  const size_t length = BigEndian32(buffer);
  if (length < kSmallestStartup || length > kLargestStartup) return SqlError(kProtocolViolation) << "invalid length of startup packet";
  if (buffer.size() < length) return std::nullopt;
  return StartupPacket{BigEndian32(buffer.substr(4)), buffer.substr(8, length - 8), length};
}

std::string_view MessageReader::Take(size_t size) {
  if (failed_ || rest_.size() < size) {
    failed_ = true;
    rest_ = {};
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

uint8_t MessageReader::Byte() {
  const std::string_view bytes = Take(1);
  return bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
}

uint16_t MessageReader::Int16() {
  const std::string_view bytes = Take(2);
  return bytes.empty() ? 0 : static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) << 8 | static_cast<uint8_t>(bytes[1]));
}

uint32_t MessageReader::Int32() {
  const std::string_view bytes = Take(4);
  return bytes.empty() ? 0 : BigEndian32(bytes);
}

std::string_view MessageReader::Text() {
  const size_t end = rest_.find('\0');
  if (end == std::string_view::npos) {
    (void)Take(rest_.size() + 1);
    return {};
  }
  const std::string_view text = Take(end);
  (void)Take(1);
  return text;
}

std::string_view MessageReader::Bytes(size_t size) { return Take(size); }

Status MessageReader::Finish() const {
  if (failed_) return SqlError(kProtocolViolation) << "insufficient data left in message";
  if (!rest_.empty()) return SqlError(kProtocolViolation) << "invalid message format";
  return OkStatus();
}

}  // namespace kappa::server
