// Random JSON documents, and documents broken at random: the corpus that JSON readers are compared over. The same seed gives the same documents.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace kappa {

class JsonCorpus {
 public:
  explicit JsonCorpus(uint64_t seed) : state_(seed) {}

  // Valid by RFC 8259; names repeat, numbers are of any size within a double's range, strings have escapes and other planes.
  std::string Document() {
    std::string out;
    AppendValue(0, &out);
    return out;
  }
  // 1 to 3 edits, all ASCII.
  std::string Mutated(std::string text) {
    static constexpr std::string_view kInteresting = "{}[]:,\"\\ntfu0123456789.-+eE /\t\x01\x1f\x7f";
    const size_t edits = 1 + Below(3);
    for (size_t i = 0; i < edits && !text.empty(); ++i) {
      const size_t at = Below(text.size());
      if (static_cast<signed char>(text[at]) < 0) continue;  // UTF-8 stays what it is: texts are valid before they come to these readers
      switch (Below(6)) {
        case 0:
        case 1:
          text[at] = kInteresting[Below(kInteresting.size())];
          break;
        case 2:
          text.insert(at, 1, kInteresting[Below(kInteresting.size())]);
          break;
        case 3:
          text.erase(at, 1);
          break;
        case 4: {
          size_t end = at;
          while (end < text.size() && end < at + 8 && static_cast<signed char>(text[end]) >= 0) ++end;
          text.insert(at, text.substr(at, end - at));
          break;
        }
        default:
          text.resize(at);
          break;
      }
    }
    return text;
  }

  uint64_t Next() {  // SplitMix64
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  size_t Below(size_t limit) { return Next() % limit; }

 private:
  void AppendSpace(std::string* out) {
    for (size_t i = Below(12) == 0 ? 1 + Below(3) : 0; i > 0; --i) out->push_back(" \n\r\t"[Below(4)]);
  }
  void AppendString(std::string* out) {
    static constexpr std::string_view kPieces[] = {"a",
                                                   "b",
                                                   "key",
                                                   "x y",
                                                   "\\n",
                                                   "\\\"",
                                                   "\\\\",
                                                   "\\/",
                                                   "\\u0041",
                                                   "\\u00e9",
                                                   "\\ud83d\\ude00",
                                                   "\\t\\b\\f\\r",
                                                   "\xC3\xA9",
                                                   "\xE2\x82\xAC",
                                                   "\xF0\x9F\x98\x80",
                                                   "longer than sixteen bytes",
                                                   "\x7f",
                                                   "{",
                                                   "]"};
    out->push_back('"');
    for (size_t i = Below(4); i > 0; --i) out->append(kPieces[Below(std::size(kPieces))]);
    out->push_back('"');
  }
  void AppendNumber(std::string* out) {
    if (Below(3) == 0) out->push_back('-');
    if (Below(4) == 0) {
      out->push_back('0');
    } else {
      out->push_back(static_cast<char>('1' + Below(9)));
      for (size_t i = Below(Below(8) == 0 ? 25 : 4); i > 0; --i) out->push_back(static_cast<char>('0' + Below(10)));
    }
    if (Below(3) == 0) {
      out->push_back('.');
      for (size_t i = 1 + Below(6); i > 0; --i) out->push_back(static_cast<char>('0' + Below(Below(2) == 0 ? 1 : 10)));
    }
    if (Below(6) == 0) {
      out->push_back("eE"[Below(2)]);
      if (Below(2) == 0) out->push_back("+-"[Below(2)]);
      out->append(std::to_string(Below(40)));
    }
  }
  void AppendValue(int depth, std::string* out) {
    AppendSpace(out);
    const size_t kind = Below(depth < 5 ? 10 : 6);
    if (kind < 2) {
      AppendNumber(out);
    } else if (kind < 4) {
      AppendString(out);
    } else if (kind < 6) {
      static constexpr std::string_view kWords[] = {"null", "true", "false"};
      out->append(kWords[Below(3)]);
    } else {
      const bool object = kind < 8;
      out->push_back(object ? '{' : '[');
      AppendSpace(out);
      for (size_t i = 0, count = Below(Below(10) == 0 ? 40 : 5); i < count; ++i) {
        if (i > 0) out->push_back(',');
        if (object) {
          AppendSpace(out);
          AppendString(out);
          AppendSpace(out);
          out->push_back(':');
        }
        AppendValue(depth + 1, out);
      }
      out->push_back(object ? '}' : ']');
    }
    AppendSpace(out);
  }

  uint64_t state_;
};

}  // namespace kappa
