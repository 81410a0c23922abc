#include "types/uuid.h"

namespace kappa {

ParseStatus ParseUuid(std::string_view text, Uuid* out) {
  const bool braces = !text.empty() && text.front() == '{';
  if (braces) text.remove_prefix(1);
  uint64_t half[2] = {0, 0};
  size_t at = 0;
  for (int digit = 0; digit < 32; ++digit) {
    if (at == text.size()) return ParseStatus::kSyntax;
    const char c = AsciiLower(text[at++]);
    if (!IsDigit(c) && (c < 'a' || c > 'f')) return ParseStatus::kSyntax;
    half[digit / 16] = (half[digit / 16] << 4) | static_cast<uint64_t>(IsDigit(c) ? c - '0' : c - 'a' + 10);
    if (digit % 4 == 3 && digit < 31 && at < text.size() && text[at] == '-') ++at;
  }
  if (braces && (at == text.size() || text[at++] != '}')) return ParseStatus::kSyntax;
  if (at != text.size()) return ParseStatus::kSyntax;
  *out = Uuid{half[0], half[1]};
  return ParseStatus::kOk;
}

char* FormatUuid(const Uuid& uuid, char* out) {
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) *out++ = '-';
    const uint64_t half = i < 16 ? uuid.high : uuid.low;
    *out++ = "0123456789abcdef"[(half >> (60 - 4 * (i % 16))) & 15];
  }
  return out;
}

}  // namespace kappa
