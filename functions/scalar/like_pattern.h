// Patterns of LIKE that stay the same from row to row, taken apart once: what lies between their %, which is searched for from left to right.
// Host code; one cache per worker.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "functions/call_context.h"
#include "types/values.h"

namespace kappa {

// A pattern of literal bytes and % (without _, and whose last character is not a lone backslash).
class LikePattern {
 public:
  // False: another kind of pattern.
  bool Parse(const Text& pattern);
  bool Matches(const Text& text) const;

 private:
  struct Part {
    uint32_t begin, size;  // in literal_
  };
  const char* At(const Part& part) const { return literal_.data() + part.begin; }
  std::string literal_;      // of all parts, without escapes
  std::vector<Part> parts_;  // not empty; the first and the last may be
  uint32_t least_ = 0;       // bytes of all parts
};

// Knows patterns by where they lie: constants of a query have a place each. A place whose contents change is not worth parsing.
class LikeCache {
 public:
  enum class Answer : uint8_t { kNo, kYes, kUnknown };
  Answer Match(const Text& text, const Text& pattern);

 private:
  static constexpr size_t kPlaces = 16, kLongest = 256;
  struct Place {
    const char* data = nullptr;
    std::string pattern;
    enum class State : uint8_t { kSeen, kParsed, kOther } state = State::kSeen;
    LikePattern parsed;
  };
  static Answer Of(bool matches) { return matches ? Answer::kYes : Answer::kNo; }
  std::array<Place, kPlaces> places_;
};

// With the worker's cache. kUnknown: match by the pattern as it stands.
LikeCache::Answer MatchKnownPattern(CallContext& c, const Text& text, const Text& pattern);

}  // namespace kappa
