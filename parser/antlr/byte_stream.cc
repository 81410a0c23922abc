#include "parser/antlr/byte_stream.h"

#include <algorithm>

namespace kappa::grammar {

std::string ByteStream::getText(const antlr4::misc::Interval& interval) {
  const auto begin = static_cast<size_t>(interval.a);
  const size_t end = std::min(static_cast<size_t>(interval.b) + 1, text_.size());  // b is inclusive
  return begin < end ? std::string(text_.substr(begin, end - begin)) : std::string();
}

}  // namespace kappa::grammar
