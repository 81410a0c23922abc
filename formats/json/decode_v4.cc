// x86-64-v4: 64 bytes a step, by masks.
#include "formats/json/convert.h"
#include "formats/json/general_decoder.h"
#include "formats/json/padding.h"
#include "formats/json/shape.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)

namespace kappa::json::v4 {

struct Isa {
  static KAPPA_INLINE bool MatchLiteral(const char* p, const Step& step) {
    const __m512i v = _mm512_loadu_si512(p);
    return _mm512_mask_cmpneq_epu8_mask(step.mask, v, _mm512_load_si512(step.literal)) == 0;
  }
  template <bool kStrict>
  static KAPPA_INLINE const char* FindQuote(const char* p, const char* end, bool* high) {
    const __m512i quote = _mm512_set1_epi8('"'), backslash = _mm512_set1_epi8('\\'), space = _mm512_set1_epi8(0x20);
    uint64_t any = 0;
    for (; p < end; p += 64) {
      const __m512i v = _mm512_loadu_si512(p);
      const uint64_t quotes = _mm512_cmpeq_epi8_mask(v, quote);
      uint64_t bads = _mm512_cmpeq_epi8_mask(v, backslash);
      if constexpr (kStrict) bads |= _mm512_cmplt_epu8_mask(v, space);
      const uint64_t before = quotes ^ (quotes - 1);  // up to the first quote; all when there is none
      if ((bads & before) != 0) return nullptr;
      if constexpr (kStrict) any |= _mm512_movepi8_mask(v) & before;
      if (quotes != 0) {
        *high = any != 0;
        return p + __builtin_ctzll(quotes);
      }
    }
    return nullptr;
  }
};

#include "formats/json/shape_kernel.inc"

}  // namespace kappa::json::v4

extern "C" kappa::DecodeResult DecodeJson_v4(const kappa::DecodePlan* plan, kappa::DecoderState* state, kappa::CallContext* call, const char* data,
                                             uint32_t size, char* row) {
  return kappa::json::v4::DecodeJson(plan, state, call, data, size, row);
}
#pragma clang attribute pop
#else
extern "C" kappa::DecodeResult DecodeJson_v4(const kappa::DecodePlan* plan, kappa::DecoderState* state, kappa::CallContext* call, const char* data,
                                             uint32_t size, char* row) {
  return kappa::DecodeJson_v2(plan, state, call, data, size, row);
}
#endif
