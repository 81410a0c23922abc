// Lines that notice damage: TEXT, a space, the CRC-32C of TEXT in eight hexadecimal digits, a line feed.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/crc32c.h"

namespace kappa::log {

inline std::string CheckedLine(std::string_view text) {
  return fmt::format("{} {:08x}\n", fmt::string_view(text.data(), text.size()), Crc32c(text.data(), text.size()));
}

// The text of a line (with or without its line feed); nothing when the checksum is missing or wrong.
inline std::optional<std::string_view> CheckLine(std::string_view line) {
  constexpr size_t kSuffix = 1 + 8;
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (line.size() < kSuffix) return std::nullopt;
  const std::string_view text = line.substr(0, line.size() - kSuffix);
  const std::string expected = CheckedLine(text);
  if (std::string_view(expected).substr(0, line.size()) != line) return std::nullopt;
  return text;
}

}  // namespace kappa::log
