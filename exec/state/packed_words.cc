#include "exec/state/packed_words.h"

#include <bit>
#include <cstring>

namespace kappa {
namespace {

constexpr size_t kWord = 8;
constexpr size_t kLargest = size_t{1} << 32;

uint64_t WordAt(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, kWord);
  return word;
}

uint32_t BytesOf(uint64_t word) { return word == 0 ? 0 : static_cast<uint32_t>(71 - std::countl_zero(word)) / 8; }

// The word's bytes and some more, which the next one overwrites.
char* PutWord(uint64_t word, uint32_t bytes, char* out) {
  std::memcpy(out, &word, kWord);
  return out + bytes;
}

}  // namespace

char* PackWords(uint64_t first, const char* rest, size_t bytes, char* out) {
  static_assert(std::endian::native == std::endian::little);
  size_t size = bytes + kWord;
  const size_t words = size / kWord;
  for (; size >= 0x80; size >>= 7) *out++ = static_cast<char>(size | 0x80);
  *out++ = static_cast<char>(size);
  char* sizes = out;
  out += (words + 1) / 2;
  uint32_t low = BytesOf(first);
  out = PutWord(first, low, out);
  size_t i = 1;
  for (; i + 1 < words; i += 2, rest += 2 * kWord) {
    const uint64_t second = WordAt(rest), third = WordAt(rest + kWord);
    const uint32_t high = BytesOf(second);
    *sizes++ = static_cast<char>(low | high << 4);
    out = PutWord(second, high, out);
    low = BytesOf(third);
    out = PutWord(third, low, out);
  }
  uint32_t high = 0;
  if (i < words) {
    high = BytesOf(WordAt(rest));
    out = PutWord(WordAt(rest), high, out);
    rest += kWord;
  }
  *sizes = static_cast<char>(low | high << 4);
  const size_t left = bytes % kWord;
  if (left != 0) std::memcpy(out, rest, left);
  return out + left;
}

bool UnpackWords(std::string_view packed, std::string* out) {
  size_t size = 0, at = 0;
  for (int shift = 0;; shift += 7) {
    if (at == packed.size() || shift > 28) return false;
    const auto byte = static_cast<uint8_t>(packed[at++]);
    size |= static_cast<size_t>(byte & 0x7F) << shift;
    if (byte < 0x80) break;
  }
  const size_t words = size / kWord, sizes = at;
  if (size < kWord || size > kLargest || packed.size() - at < (words + 1) / 2) return false;
  at += (words + 1) / 2;
  out->resize(size);
  char* to = out->data();
  for (size_t i = 0; i < words; ++i, to += kWord) {
    const auto both = static_cast<uint8_t>(packed[sizes + i / 2]);
    const size_t bytes = i % 2 == 0 ? both & 0xF : both >> 4;
    if (bytes > kWord || packed.size() - at < bytes) return false;
    uint64_t word = 0;
    if (packed.size() - at >= kWord) {
      word = bytes == 0 ? 0 : WordAt(packed.data() + at) << (64 - 8 * bytes) >> (64 - 8 * bytes);
    } else {
      std::memcpy(&word, packed.data() + at, bytes);
    }
    std::memcpy(to, &word, kWord);
    at += bytes;
  }
  if (packed.size() - at != size % kWord) return false;
  if (size % kWord != 0) std::memcpy(to, packed.data() + at, size % kWord);
  return true;
}

}  // namespace kappa
