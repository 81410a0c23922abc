// The loop every sink of bytes has.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <unordered_set>
#include <vector>

#include "common/sink.h"
#include "types/change_batch.h"

namespace kappa {

// Calls `take(record)` for each change, as often as its weight says; what the sign of the weight means is the encoder's business. Where a retraction
// becomes a tombstone, it is left out when the batch brings the key's next row: readers see one change of a key, never a moment without it.
template <typename Take>
Status ForEachEncoded(RecordEncoder& encoder, const ChangeBatch& changes, EncodedRecord* scratch, Take&& take) {
  const bool retracts = std::any_of(changes.weights.begin(), changes.weights.end(), [](int64_t weight) { return weight < 0; });
  std::unordered_set<std::string> written;
  std::vector<std::string> deleted;
  for (size_t i = 0; i < changes.rows.size(); ++i) {
    RETURN_IF_ERROR(encoder.Encode(changes, i, scratch));
    if (retracts && scratch->has_key) {
      if (!scratch->has_value) {
        deleted.push_back(scratch->key);
        continue;
      }
      written.insert(scratch->key);
    }
    for (int64_t times = std::abs(changes.weight(i)); times > 0; --times) RETURN_IF_ERROR(take(*scratch));
  }
  for (std::string& key : deleted) {
    if (written.count(key) != 0) continue;
    scratch->has_key = true;
    scratch->has_value = false;
    scratch->key = std::move(key);
    scratch->value.clear();
    RETURN_IF_ERROR(take(*scratch));
  }
  return OkStatus();
}

}  // namespace kappa
