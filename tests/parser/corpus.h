// One statement of every kind and every corner of the grammar: what round trips, fuzzing and the split are tested on.
#pragma once
#include <string_view>
#include <vector>

namespace kappa {
const std::vector<std::string_view>& Corpus();
}  // namespace kappa
