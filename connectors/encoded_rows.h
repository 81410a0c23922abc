// The loop every sink of bytes has.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/sink.h"
#include "types/change_batch.h"

namespace kappa {

// A retraction and an insertion of one key are one record (RecordEncoder::pairs_updates). Keys that are not unique are paired in order.
template <typename Take>
Status ForEachPaired(RecordEncoder& encoder, const ChangeBatch& changes, EncodedRecord* scratch, Take&& take) {
  std::unordered_map<std::string, std::vector<size_t>> befores;  // by key, last first
  std::string key;
  for (size_t i = changes.rows.size(); i-- > 0;) {
    if (changes.weight(i) >= 0) continue;
    RETURN_IF_ERROR(encoder.EncodeKey(changes, i, &key));
    for (int64_t times = -changes.weight(i); times > 0; --times) befores[key].push_back(i);
  }
  std::vector<std::pair<int64_t, size_t>> updates;  // of each insertion: what it replaces, -1 for nothing
  for (size_t i = 0; i < changes.rows.size(); ++i) {
    if (changes.weight(i) <= 0) continue;
    RETURN_IF_ERROR(encoder.EncodeKey(changes, i, &key));
    const auto found = befores.find(key);
    for (int64_t times = changes.weight(i); times > 0; --times) {
      if (found == befores.end() || found->second.empty()) {
        updates.emplace_back(-1, i);
      } else {
        updates.emplace_back(static_cast<int64_t>(found->second.back()), i);
        found->second.pop_back();
      }
    }
  }
  // What is only taken back comes first: its key may be free for another row.
  std::unordered_map<size_t, int64_t> left;
  for (const auto& [unused, rows] : befores)
    for (size_t row : rows) ++left[row];
  for (size_t i = 0; i < changes.rows.size(); ++i) {
    const auto found = left.find(i);
    if (found == left.end()) continue;
    RETURN_IF_ERROR(encoder.Encode(changes, i, scratch));
    for (int64_t times = found->second; times > 0; --times) RETURN_IF_ERROR(take(*scratch));
  }
  for (const auto& [before, after] : updates) {
    RETURN_IF_ERROR(before < 0 ? encoder.Encode(changes, after, scratch)
                               : encoder.EncodeUpdate(changes, static_cast<size_t>(before), after, scratch));
    RETURN_IF_ERROR(take(*scratch));
  }
  return OkStatus();
}

// Calls `take(record)` for each change, as often as its weight says; what the sign of the weight means is the encoder's business. Where a retraction
// becomes a tombstone, it is left out when the batch brings the key's next row: readers see one change of a key, never a moment without it.
template <typename Take>
Status ForEachEncoded(RecordEncoder& encoder, const ChangeBatch& changes, EncodedRecord* scratch, Take&& take) {
  if (encoder.pairs_updates()) return ForEachPaired(encoder, changes, scratch, take);
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
