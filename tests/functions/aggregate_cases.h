// Cases of aggregates: several multisets each, after retractions and merges.
#pragma once

#include "tests/functions/random_values.h"

namespace kappa {

// Answers how many signatures were called.
size_t WriteAggregateCases(Random* random);

}  // namespace kappa
