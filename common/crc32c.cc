#include "common/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__) && defined(__CRC32__)
#include <immintrin.h>
#define KAPPA_CRC_INSTRUCTION 1
#define KAPPA_CRC_FOLDING 1
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define KAPPA_CRC_INSTRUCTION 1
#endif

namespace kappa {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // bits reversed

using Table = std::array<uint32_t, 256>;

constexpr std::array<Table, 8> MakeSlices() {
  std::array<Table, 8> slices{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    slices[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (size_t k = 1; k < 8; ++k) slices[k][byte] = (slices[k - 1][byte] >> 8) ^ slices[0][slices[k - 1][byte] & 0xFF];
  }
  return slices;
}
constexpr std::array<Table, 8> kSlices = MakeSlices();

inline uint64_t Load8(const unsigned char* p) {
  uint64_t value;
  std::memcpy(&value, p, 8);
  return value;
}

uint32_t FoldPortable(uint32_t crc, const unsigned char* p, size_t size) {
  for (; size >= 8; size -= 8, p += 8) {
    const uint64_t word = Load8(p) ^ crc;
    crc = 0;
    for (size_t k = 0; k < 8; ++k) crc ^= kSlices[7 - k][(word >> (8 * k)) & 0xFF];
  }
  for (; size > 0; --size, ++p) crc = (crc >> 8) ^ kSlices[0][(crc ^ *p) & 0xFF];
  return crc;
}

#ifdef KAPPA_CRC_INSTRUCTION

#ifdef __x86_64__
inline uint32_t Step8(uint32_t crc, uint64_t word) { return static_cast<uint32_t>(_mm_crc32_u64(crc, word)); }
inline uint32_t Step1(uint32_t crc, unsigned char byte) { return _mm_crc32_u8(crc, byte); }
#else
inline uint32_t Step8(uint32_t crc, uint64_t word) { return __crc32cd(crc, word); }
inline uint32_t Step1(uint32_t crc, unsigned char byte) { return __crc32cb(crc, byte); }
#endif

// a * b modulo the polynomial, bits reversed (the highest bit is x^0).
constexpr uint32_t Multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = 0x80000000; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = (b >> 1) ^ ((b & 1) != 0 ? kPolynomial : 0);
  }
  return product;
}

// x^bits.
constexpr uint32_t PowerOfX(size_t bits) {
  uint32_t power = 0x80000000, square = 0x40000000;  // x^0, x^1
  for (; bits != 0; bits >>= 1) {
    if ((bits & 1) != 0) power = Multiply(power, square);
    square = Multiply(square, square);
  }
  return power;
}

// What a CRC register becomes after `bytes` zero bytes, as four lookups: crc * x^(8 * bytes).
struct ShiftTable {
  std::array<Table, 4> by_byte{};
  constexpr explicit ShiftTable(size_t bytes) {
    const uint32_t power = PowerOfX(8 * bytes);
    // Linear: the entries of single bits, the rest by sums of them.
    for (size_t k = 0; k < 4; ++k) {
      for (uint32_t bit = 0; bit < 8; ++bit) by_byte[k][1u << bit] = Multiply(power, (1u << bit) << (8 * k));
      for (uint32_t byte = 1; byte < 256; ++byte) by_byte[k][byte] = by_byte[k][byte & (byte - 1)] ^ by_byte[k][byte & (~byte + 1)];
    }
  }
  uint32_t operator()(uint32_t crc) const {
    return by_byte[0][crc & 0xFF] ^ by_byte[1][(crc >> 8) & 0xFF] ^ by_byte[2][(crc >> 16) & 0xFF] ^ by_byte[3][crc >> 24];
  }
};

template <size_t kStream>
inline uint32_t FoldThreeStreams(uint32_t crc, const unsigned char*& p, size_t& size) {
  static constexpr ShiftTable kShift(kStream);
  while (size >= 3 * kStream) {
    uint32_t second = 0, third = 0;
    for (size_t i = 0; i < kStream; i += 8) {
      crc = Step8(crc, Load8(p + i));
      second = Step8(second, Load8(p + kStream + i));
      third = Step8(third, Load8(p + 2 * kStream + i));
    }
    crc = kShift(kShift(crc) ^ second) ^ third;
    p += 3 * kStream;
    size -= 3 * kStream;
  }
  return crc;
}

#ifdef KAPPA_CRC_FOLDING
#define KAPPA_FOLDING_TARGET __attribute__((target("avx512f,avx512vl,avx512dq,pclmul,vpclmulqdq,sse4.2,crc32")))

// 16 bytes stand for a polynomial of degree 127, the lowest bit of the first byte for x^127. Moved ahead by `kBits`, its halves are multiplied by
// x^(kBits + 64) and x^kBits, each modulo P and so short enough for a carry-less product of 64 bits. A product of reflected operands is one bit low
// and a factor of 32 bits lies 32 bits high: hence the +- 32 and the << 1.
template <size_t kBits>
KAPPA_FOLDING_TARGET inline __m512i Factors() {
  constexpr auto kFirst = static_cast<int64_t>(uint64_t{PowerOfX(kBits + 32)} << 1),
                 kSecond = static_cast<int64_t>(uint64_t{PowerOfX(kBits - 32)} << 1);
  return _mm512_set_epi64(kSecond, kFirst, kSecond, kFirst, kSecond, kFirst, kSecond, kFirst);
}
KAPPA_FOLDING_TARGET inline __m512i Ahead(__m512i value, __m512i factors, __m512i next) {
  return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(value, factors, 0x00), _mm512_clmulepi64_epi128(value, factors, 0x11), next, 0x96);
}
KAPPA_FOLDING_TARGET inline __m128i Ahead(__m128i value, __m128i factors, __m128i next) {
  return _mm_ternarylogic_epi64(_mm_clmulepi64_si128(value, factors, 0x00), _mm_clmulepi64_si128(value, factors, 0x11), next, 0x96);
}

constexpr size_t kFoldingBytes = 512;  // what is shorter is not worth it

// 256 bytes a step, in four registers. What is left in the end, 16 bytes, has the CRC of all that was folded into it.
KAPPA_FOLDING_TARGET uint32_t FoldWide(uint32_t crc, const unsigned char*& p, size_t& size) {
  const auto load = [](const unsigned char* at) KAPPA_FOLDING_TARGET { return _mm512_loadu_si512(at); };
  __m512i a = _mm512_xor_si512(load(p), _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(crc)))), b = load(p + 64), c = load(p + 128),
          d = load(p + 192);
  p += 256;
  size -= 256;
  const __m512i step = Factors<2048>();
  for (; size >= 256; size -= 256, p += 256) {
    a = Ahead(a, step, load(p));
    b = Ahead(b, step, load(p + 64));
    c = Ahead(c, step, load(p + 128));
    d = Ahead(d, step, load(p + 192));
  }
  const __m512i next = Factors<512>();
  d = Ahead(Ahead(Ahead(a, next, b), next, c), next, d);
  const __m128i lane = _mm512_castsi512_si128(Factors<128>());
  __m128i last = Ahead(_mm512_castsi512_si128(d), lane, _mm512_extracti64x2_epi64(d, 1));
  last = Ahead(last, lane, _mm512_extracti64x2_epi64(d, 2));
  last = Ahead(last, lane, _mm512_extracti64x2_epi64(d, 3));
  return Step8(Step8(0, static_cast<uint64_t>(_mm_cvtsi128_si64(last))), static_cast<uint64_t>(_mm_extract_epi64(last, 1)));
}

const bool kFoldsWide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("vpclmulqdq");
#endif

uint32_t Fold(uint32_t crc, const unsigned char* p, size_t size) {
#ifdef KAPPA_CRC_FOLDING
  if (kFoldsWide && size >= kFoldingBytes) crc = FoldWide(crc, p, size);
#endif
  crc = FoldThreeStreams<8192>(crc, p, size);
  crc = FoldThreeStreams<256>(crc, p, size);
  for (; size >= 8; size -= 8, p += 8) crc = Step8(crc, Load8(p));
  for (; size > 0; --size, ++p) crc = Step1(crc, *p);
  return crc;
}

#else
uint32_t Fold(uint32_t crc, const unsigned char* p, size_t size) { return FoldPortable(crc, p, size); }
#endif

}  // namespace

uint32_t Crc32c(const void* data, size_t size, uint32_t earlier) { return ~Fold(~earlier, static_cast<const unsigned char*>(data), size); }

uint32_t Crc32cPortable(const void* data, size_t size, uint32_t earlier) {
  return ~FoldPortable(~earlier, static_cast<const unsigned char*>(data), size);
}

}  // namespace kappa
