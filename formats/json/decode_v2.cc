// The baseline: SSE4.2, or 8 bytes a step in plain C++ elsewhere.
#include "formats/json/convert.h"
#include "formats/json/general_decoder.h"
#include "formats/json/padding.h"
#include "formats/json/shape.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace kappa::json {

KAPPA_COLD const char* Padded(DecoderState::Internals* in, const char* data, uint32_t size) {
  if (in->padded.size() < size + kSlack) in->padded.resize((size + kSlack) * 2);
  std::memcpy(in->padded.data(), data, size);
  std::memset(in->padded.data() + size, 0, kSlack);
  return in->padded.data();
}

namespace v2 {

#if defined(__SSE2__)
struct Isa {
  static KAPPA_INLINE bool MatchLiteral(const char* p, const Step& step) {
    uint64_t equal = 0;
    for (unsigned i = 0; i < step.length; i += 16) {
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i)),
                    b = _mm_load_si128(reinterpret_cast<const __m128i*>(step.literal + i));
      equal |= static_cast<uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)))) << i;
    }
    return (equal & step.mask) == step.mask;
  }
  template <bool kStrict>
  static KAPPA_INLINE const char* FindQuote(const char* p, const char* end, bool* high) {
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    unsigned any = 0;
    for (; p < end; p += 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      __m128i bad = _mm_cmpeq_epi8(v, backslash);
      if constexpr (kStrict) bad = _mm_or_si128(bad, _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
      const auto quotes = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, quote))), bads = static_cast<unsigned>(_mm_movemask_epi8(bad));
      const unsigned before = quotes == 0 ? 0xFFFF : (quotes & -quotes) - 1;
      if ((bads & before) != 0) return nullptr;
      if constexpr (kStrict) any |= static_cast<unsigned>(_mm_movemask_epi8(v)) & before;
      if (quotes != 0) {
        *high = any != 0;
        return p + __builtin_ctz(quotes);
      }
    }
    return nullptr;
  }
};
#else
struct Isa {
  static KAPPA_INLINE bool MatchLiteral(const char* p, const Step& step) { return std::memcmp(p, step.literal, step.length) == 0; }
  template <bool kStrict>
  static KAPPA_INLINE const char* FindQuote(const char* p, const char* end, bool* high) {
    unsigned char any = 0;
    for (; p < end; ++p) {
      const auto c = static_cast<unsigned char>(*p);
      if (c == '"') {
        *high = any >= 0x80;
        return p;
      }
      if (c == '\\' || (kStrict && c < 0x20)) return nullptr;
      any |= c;
    }
    return nullptr;
  }
};
#endif

#include "formats/json/shape_kernel.inc"

}  // namespace v2
}  // namespace kappa::json

extern "C" kappa::DecodeResult DecodeJson_v2(const kappa::DecodePlan* plan, kappa::DecoderState* state, kappa::CallContext* call, const char* data,
                                             uint32_t size, char* row) {
  return kappa::json::v2::DecodeJson(plan, state, call, data, size, row);
}
