// What functions keep from row to row, one of each per worker. Host code: generated code sees only the pointer in CallContext.
#pragma once

#include <memory>

#include "functions/call_context.h"

namespace kappa {

class PatternCache;    // functions/regular_expression.h
class DigestState;     // functions/digest.cc
class RandomSequence;  // functions/random_bits.cc
class JsonPathCache;   // functions/jsonpath/path.h
class LikeCache;       // functions/scalar/like_pattern.h

class FunctionCaches {
 public:
  static FunctionCaches& Of(CallContext& c) {
    if (c.caches == nullptr) c.caches = std::make_shared<FunctionCaches>();
    return *c.caches;
  }
  std::shared_ptr<PatternCache> patterns;
  std::shared_ptr<DigestState> digests;
  std::shared_ptr<JsonPathCache> paths;
  std::shared_ptr<RandomSequence> random;
  std::shared_ptr<LikeCache> likes;
};

}  // namespace kappa
