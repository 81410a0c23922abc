#include "exec/epoch/consolidate.h"

#include <algorithm>
#include <string>

namespace kappa {

ConsolidatedChanges Consolidate(const RowSchema& schema, const std::vector<const char*>& rows, const std::vector<int64_t>& weights) {
  std::string bytes;
  std::vector<std::pair<size_t, size_t>> keys(rows.size());  // offset and size in `bytes`
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t begin = bytes.size();
    for (const Slot& slot : schema.layout.slots()) schema.layout.AppendSortKey(rows[i], slot, &bytes);
    keys[i] = {begin, bytes.size() - begin};
  }
  auto key = [&](size_t i) { return std::string_view(bytes).substr(keys[i].first, keys[i].second); };
  std::vector<size_t> order(rows.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const int compared = key(a).compare(key(b));
    return compared != 0 ? compared < 0 : a < b;
  });
  ConsolidatedChanges out;
  for (size_t i = 0; i < order.size();) {
    int64_t weight = 0;
    size_t next = i;
    for (; next < order.size() && key(order[next]) == key(order[i]); ++next) weight += weights.empty() ? 1 : weights[order[next]];
    if (weight != 0) {
      out.rows.push_back(rows[order[i]]);
      out.weights.push_back(weight);
    }
    i = next;
  }
  return out;
}

}  // namespace kappa
