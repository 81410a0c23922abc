#include "server/utf8.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace kappa::server {
namespace {

// Bytes of the sequence that begins with this byte, going by it alone; 1 for those that begin none.
size_t ClaimedLength(uint8_t lead) { return lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC0 && lead < 0xE0 ? 2 : 1; }

bool IsSequence(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t lead = at(0);
  if (lead < 0x80) return lead != 0;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < ClaimedLength(lead)) return false;
  for (size_t i = 1; i < ClaimedLength(lead); ++i) {
    if ((at(i) & 0xC0) != 0x80) return false;
  }
  // Overlong forms, surrogates, past U+10FFFF.
  if (lead == 0xE0) return at(1) >= 0xA0;
  if (lead == 0xED) return at(1) < 0xA0;
  if (lead == 0xF0) return at(1) >= 0x90;
  if (lead == 0xF4) return at(1) < 0x90;
  return true;
}

}  // namespace

Status CheckUtf8(std::string_view text) {
  while (!text.empty()) {
    const uint8_t lead = static_cast<uint8_t>(text[0]);
    const size_t length = std::min(ClaimedLength(lead), text.size());
    if (!IsSequence(text.substr(0, length))) {
      std::string shown;
      for (const char c : text.substr(0, length)) {
        constexpr char kDigits[] = "0123456789abcdef";
        shown += shown.empty() ? "0x" : " 0x";
        shown += kDigits[static_cast<uint8_t>(c) >> 4];
        shown += kDigits[static_cast<uint8_t>(c) & 15];
      }
      return SqlError(sqlstate::kCharacterNotInRepertoire) << "invalid byte sequence for encoding \"UTF8\": " << shown;
    }
    text.remove_prefix(length);
  }
  return OkStatus();
}

}  // namespace kappa::server
