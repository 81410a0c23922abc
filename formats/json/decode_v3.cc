// x86-64-v3: 32 bytes a step.
#include "formats/json/convert.h"
#include "formats/json/general_decoder.h"
#include "formats/json/padding.h"
#include "formats/json/shape.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define KAPPA_TARGET __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)

namespace kappa::json::v3 {

struct Isa {
  static KAPPA_INLINE bool MatchLiteral(const char* p, const Step& step) {
    const auto load = [](const char* q) KAPPA_TARGET { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(q)); };
    uint64_t equal = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(load(p), load(step.literal))));
    if (step.length > 32)
      equal |= static_cast<uint64_t>(static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(load(p + 32), load(step.literal + 32))))) << 32;
    return (equal & step.mask) == step.mask;
  }
  template <bool kStrict>
  static KAPPA_INLINE const char* FindQuote(const char* p, const char* end, bool* high) {
    const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), control = _mm256_set1_epi8(0x1F);
    unsigned any = 0;
    for (; p < end; p += 32) {
      const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
      __m256i bad = _mm256_cmpeq_epi8(v, backslash);
      if constexpr (kStrict) bad = _mm256_or_si256(bad, _mm256_cmpeq_epi8(_mm256_min_epu8(v, control), v));
      const auto quotes = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, quote))),
                 bads = static_cast<unsigned>(_mm256_movemask_epi8(bad));
      const unsigned before = quotes ^ (quotes - 1);  // up to the first quote; all when there is none
      if ((bads & before) != 0) return nullptr;
      if constexpr (kStrict) any |= static_cast<unsigned>(_mm256_movemask_epi8(v)) & before;
      if (quotes != 0) {
        *high = any != 0;
        return p + __builtin_ctz(quotes);
      }
    }
    return nullptr;
  }
};

#include "formats/json/shape_kernel.inc"

}  // namespace kappa::json::v3

extern "C" kappa::DecodeResult DecodeJson_v3(const kappa::DecodePlan* plan, kappa::DecoderState* state, kappa::CallContext* call, const char* data,
                                             uint32_t size, char* row) {
  return kappa::json::v3::DecodeJson(plan, state, call, data, size, row);
}
#pragma clang attribute pop
#else
extern "C" kappa::DecodeResult DecodeJson_v3(const kappa::DecodePlan* plan, kappa::DecoderState* state, kappa::CallContext* call, const char* data,
                                             uint32_t size, char* row) {
  return kappa::DecodeJson_v2(plan, state, call, data, size, row);
}
#endif
