#include "functions/tables.h"

namespace kappa {

std::vector<ScalarTable> ScalarTables() {
  return {
      &ComparisonFunctions, &AnyFunctions,     &IntegerFunctions,
      &FloatFunctions,      &NumericFunctions, &TextFunctions,
      &CastFunctions,       &LikeFunctions,    &DatetimeArithmeticFunctions,
      &DatetimeFunctions,   &ToCharFunctions,
  };
}

std::vector<AggregateTable> AggregateTables() {
  return {
      &CountAggregates, &IntegerSumAggregates, &FloatSumAggregates, &NumericSumAggregates, &MinMaxAggregates, &ShownKeyAggregates,
  };
}

}  // namespace kappa
