// Integers as Kafka's files hold them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

namespace kappa::log {

template <typename Int>
Int SwapToBigEndian(Int value) {
  using Unsigned = std::make_unsigned_t<Int>;
  auto bits = static_cast<Unsigned>(value);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(Int) == 2) bits = __builtin_bswap16(bits);
    if constexpr (sizeof(Int) == 4) bits = __builtin_bswap32(bits);
    if constexpr (sizeof(Int) == 8) bits = __builtin_bswap64(bits);
  }
  return static_cast<Int>(bits);
}

template <typename Int>
Int LoadBigEndian(const char* from) {
  Int value;
  std::memcpy(&value, from, sizeof(Int));
  return SwapToBigEndian(value);
}

template <typename Int>
void StoreBigEndian(char* to, Int value) {
  value = SwapToBigEndian(value);
  std::memcpy(to, &value, sizeof(Int));
}

template <typename Int>
void AppendBigEndian(std::string* out, Int value) {
  char bytes[sizeof(Int)];
  StoreBigEndian(bytes, value);
  out->append(bytes, sizeof(Int));
}

}  // namespace kappa::log
