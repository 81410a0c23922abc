// LIKE and ILIKE by patterns that are constants of the query and hold no _: what lies between their %, which is compared or searched for.
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "functions/constant_form.h"
#include "functions/scalar/text_search.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace like_forms {

template <bool kFold>
KAPPA_INLINE bool Same(const char* text, const Text& part) {  // a folded part is in lower case
  if constexpr (!kFold) return SameBytes(text, part.data, part.size);
  for (uint32_t i = 0; i < part.size; ++i) {
    if (AsciiLower(text[i]) != part.data[i]) return false;
  }
  return true;
}

// Where the part begins in [begin, end), at or after `from`; kNotFound. A part is not empty.
template <bool kFold>
KAPPA_INLINE size_t Find(const char* begin, size_t end, const Text& part, size_t from) {
  if (from + part.size > end) return kNotFound;
  const char* p = begin + from;
  const char* const last = begin + (end - part.size);
#if defined(__SSE2__)
  // Places where the first and the last byte may stand, sixteen at a time (W. Mula, "SIMD-friendly algorithms for substring searching", 2016). With
  // the bit of the case set, bytes that are equal when folded are equal; some others are too.
  const char bit = kFold ? 32 : 0;
  const __m128i case_bit = _mm_set1_epi8(bit);
  const __m128i first_byte = _mm_set1_epi8(static_cast<char>(part.data[0] | bit));
  const __m128i last_byte = _mm_set1_epi8(static_cast<char>(part.data[part.size - 1] | bit));
  const auto load = [&](const char* at) { return _mm_or_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), case_bit); };
  while (last - p >= 15) {
    const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(load(p), first_byte), _mm_cmpeq_epi8(load(p + part.size - 1), last_byte));
    for (auto found = static_cast<unsigned>(_mm_movemask_epi8(both)); found != 0; found &= found - 1) {
      const char* const at = p + __builtin_ctz(found);
      if (Same<kFold>(at, part)) return static_cast<size_t>(at - begin);
    }
    if (last - p == 15) return kNotFound;
    p = last - p >= 31 ? p + 16 : last - 15;  // the last sixteen places, some of them for the second time
  }
#endif
  for (; p <= last; ++p) {
    if (Same<kFold>(p, part)) return static_cast<size_t>(p - begin);
  }
  return kNotFound;
}

// The same as a call: beside a part at the begin or the end, which turns most texts away, the search is not worth inlining.
template <bool kFold>
[[gnu::noinline]] size_t FindApart(const char* begin, size_t end, Text part, size_t from) {
  return Find<kFold>(begin, end, part, from);
}

template <bool kFold, bool kNegated>
KAPPA_INLINE bool Equals(CallContext&, Text text, Text part) {
  return (text.size == part.size && Same<kFold>(text.data, part)) != kNegated;
}
// first%
template <bool kFold, bool kNegated>
KAPPA_INLINE bool Begins(CallContext&, Text text, Text first) {
  return (text.size >= first.size && Same<kFold>(text.data, first)) != kNegated;
}
// %last
template <bool kFold, bool kNegated>
KAPPA_INLINE bool Ends(CallContext&, Text text, Text last) {
  return (text.size >= last.size && Same<kFold>(text.data + (text.size - last.size), last)) != kNegated;
}
// %part%
template <bool kFold, bool kNegated>
KAPPA_INLINE bool Contains(CallContext&, Text text, Text part) {
  return (Find<kFold>(text.data, text.size, part, 0) != kNotFound) != kNegated;
}
// first%last
template <bool kFold, bool kNegated>
KAPPA_INLINE bool BeginsAndEnds(CallContext&, Text text, Text first, Text last) {
  return (text.size >= first.size + last.size && Same<kFold>(text.data, first) && Same<kFold>(text.data + (text.size - last.size), last)) != kNegated;
}
// first%part%last; the first and the last may be empty.
template <bool kFold, bool kNegated>
KAPPA_INLINE bool Between(CallContext&, Text text, Text first, Text part, Text last) {
  const bool fits = text.size >= first.size + last.size && Same<kFold>(text.data, first) && Same<kFold>(text.data + (text.size - last.size), last);
  return (fits && FindApart<kFold>(text.data, text.size - last.size, part, first.size) != kNotFound) != kNegated;
}
// first%part%second%last
template <bool kFold, bool kNegated>
KAPPA_INLINE bool BetweenTwo(CallContext&, Text text, Text first, Text part, Text second, Text last) {
  if (text.size < first.size + last.size || !Same<kFold>(text.data, first) || !Same<kFold>(text.data + (text.size - last.size), last))
    return kNegated;
  const size_t at = FindApart<kFold>(text.data, text.size - last.size, part, first.size);
  if (at == kNotFound) return kNegated;
  return (FindApart<kFold>(text.data, text.size - last.size, second, at + part.size) != kNotFound) != kNegated;
}

// The parts of a pattern; empty: it has a _, or ends in a lone backslash.
KAPPA_HOST_ONLY std::vector<std::string> PartsOf(std::string_view pattern, bool fold) {
  std::vector<std::string> parts(1);
  bool open = false;  // the last part is after a %
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '_') return {};
    if (c == '%') {
      if (!open || !parts.back().empty()) parts.emplace_back();
      open = true;
      continue;
    }
    if (c == '\\') {
      if (++i == pattern.size()) return {};
      c = pattern[i];
    }
    parts.back().push_back(fold ? AsciiLower(c) : c);
  }
  return parts;
}

KAPPA_HOST_ONLY FunctionBuilder Row(size_t parts) { return Operator("like", std::vector<TypeId>(parts + 1, TypeId::kText), TypeId::kBool); }

template <bool kFold, bool kNegated>
KAPPA_HOST_ONLY std::optional<ConstantForm> FormOf(std::string_view pattern) {
  const std::vector<std::string> parts = PartsOf(pattern, kFold);
  if (parts.empty() || parts.size() > 4) return std::nullopt;
  const auto form = [&](auto builder, const std::vector<std::string>& texts) {
    ConstantForm made{builder, {{0, ""}}};
    for (const std::string& text : texts) made.arguments.push_back({-1, text});
    return made;
  };
  if (parts.size() == 1) return form(Row(1).Native<&Equals<kFold, kNegated>>(), parts);
  if (parts.size() == 4) return form(Row(4).Native<&BetweenTwo<kFold, kNegated>>(), parts);
  const bool first = !parts.front().empty(), last = !parts.back().empty();
  if (parts.size() == 2) {
    if (first && last) return form(Row(2).Native<&BeginsAndEnds<kFold, kNegated>>(), parts);
    if (last) return form(Row(1).Native<&Ends<kFold, kNegated>>(), {parts[1]});
    return form(Row(1).Native<&Begins<kFold, kNegated>>(), {parts[0]});
  }
  if (first || last) return form(Row(3).Native<&Between<kFold, kNegated>>(), parts);
  return form(Row(1).Native<&Contains<kFold, kNegated>>(), {parts[1]});
}

}  // namespace like_forms

KAPPA_HOST_ONLY std::optional<ConstantForm> LikeConstantForm(const FunctionEntry& function, const std::vector<const Datum*>& constants) {
  using namespace like_forms;  // NOLINT: of this function only
  constexpr TypeId kText = TypeId::kText;
  if (function.kind != FunctionKind::kOperator || function.arguments != std::vector<TypeId>{kText, kText} || constants[1] == nullptr)
    return std::nullopt;
  const std::string_view name = function.name, pattern = constants[1]->as_bytes();
  if (name == "like" || name == "~~") return FormOf<false, false>(pattern);
  if (name == "not like" || name == "!~~") return FormOf<false, true>(pattern);
  if (name == "ilike" || name == "~~*") return FormOf<true, false>(pattern);
  if (name == "not ilike" || name == "!~~*") return FormOf<true, true>(pattern);
  return std::nullopt;
}

}  // namespace kappa
