#include "functions/tables.h"

namespace kappa {

std::vector<ScalarTable> ScalarTables() {
  return {&ComparisonFunctions, &IntegerFunctions, &FloatFunctions, &NumericFunctions, &TextFunctions};
}

std::vector<AggregateTable> AggregateTables() { return {}; }

}  // namespace kappa
