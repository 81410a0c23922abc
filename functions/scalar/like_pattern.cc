#include "functions/scalar/like_pattern.h"

#include "functions/function_caches.h"
#include "functions/scalar/text_search.h"

namespace kappa {

bool LikePattern::Parse(const Text& pattern) {
  literal_.clear();
  parts_.assign(1, {0, 0});
  for (uint32_t i = 0; i < pattern.size; ++i) {
    char c = pattern.data[i];
    if (c == '_') return false;
    if (c == '%') {
      if (parts_.size() == 1 || parts_.back().size != 0) parts_.push_back({static_cast<uint32_t>(literal_.size()), 0});
      continue;
    }
    if (c == '\\') {
      if (++i == pattern.size) return false;
      c = pattern.data[i];
    }
    literal_.push_back(c);
    ++parts_.back().size;
  }
  least_ = static_cast<uint32_t>(literal_.size());
  return true;
}

bool LikePattern::Matches(const Text& text) const {
  const Part first = parts_.front(), last = parts_.back();
  if (text.size < least_ || !SameBytes(text.data, At(first), first.size)) return false;
  if (parts_.size() == 1) return text.size == first.size;
  const size_t end = text.size - last.size;
  if (!SameBytes(text.data + end, At(last), last.size)) return false;
  size_t from = first.size;
  for (size_t i = 1; i + 1 < parts_.size(); ++i) {  // each as far left as it can be
    const size_t at = FindBytes(text.data, end, At(parts_[i]), parts_[i].size, from);
    if (at == kNotFound) return false;
    from = at + parts_[i].size;
  }
  return true;
}

LikeCache::Answer LikeCache::Match(const Text& text, const Text& pattern) {
  if (pattern.size > kLongest) return Answer::kUnknown;
  Place& place = places_[(reinterpret_cast<uintptr_t>(pattern.data) >> 3) % kPlaces];
  if (place.data != pattern.data || place.pattern.size() != pattern.size || !SameBytes(place.pattern.data(), pattern.data, pattern.size)) {
    place.data = pattern.data;
    place.pattern.assign(pattern.data, pattern.size);
    place.state = Place::State::kSeen;
    return Answer::kUnknown;
  }
  if (place.state == Place::State::kSeen) place.state = place.parsed.Parse(pattern) ? Place::State::kParsed : Place::State::kOther;
  return place.state == Place::State::kParsed ? Of(place.parsed.Matches(text)) : Answer::kUnknown;
}

LikeCache::Answer MatchKnownPattern(CallContext& c, const Text& text, const Text& pattern) {
  FunctionCaches& caches = FunctionCaches::Of(c);
  if (KAPPA_UNLIKELY(caches.likes == nullptr)) caches.likes = std::make_shared<LikeCache>();
  return caches.likes->Match(text, pattern);
}

}  // namespace kappa
