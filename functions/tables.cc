#include "functions/tables.h"

namespace kappa {

std::vector<ScalarTable> ScalarTables() {
  return {&ComparisonFunctions, &IntegerFunctions, &FloatFunctions, &NumericFunctions, &TextFunctions, &CastFunctions, &DatetimeArithmeticFunctions};
}

std::vector<AggregateTable> AggregateTables() {
  return {&CountAggregates, &IntegerSumAggregates, &FloatSumAggregates, &NumericSumAggregates, &MinMaxAggregates};
}

}  // namespace kappa
