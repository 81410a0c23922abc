#include "functions/tables.h"

namespace kappa {

std::vector<ScalarTable> ScalarTables() {
  return {
      &ComparisonFunctions,   &AnyFunctions,           &ArrayFunctions,         &ArraySearchFunctions,
      &ArrayTextFunctions,    &IntegerFunctions,       &FloatFunctions,         &NumericFunctions,
      &TextFunctions,         &CastFunctions,          &LikeFunctions,          &DatetimeArithmeticFunctions,
      &DatetimeFunctions,     &ToCharFunctions,        &DatetimeCastFunctions,  &DatetimeCompareFunctions,
      &DatetimeMakeFunctions, &DatetimeRangeFunctions, &GapFillFunctions,       &FormattingFunctions,
      &TextBuildFunctions,    &TextFormatFunctions,    &EncodeFunctions,        &ByteaFunctions,
      &RegexFunctions,        &RegexArrayFunctions,    &FloatMathFunctions,     &NumericMathFunctions,
      &JsonAccessFunctions,   &JsonBuildFunctions,     &JsonCastFunctions,      &JsonCompareFunctions,
      &JsonModifyFunctions,   &JsonPathFunctions,      &JsonPredicateFunctions, &JsonRecordFunctions,
      &RandomFunctions,
  };
}

std::vector<AggregateTable> AggregateTables() {
  return {
      &CountAggregates,           &IntegerSumAggregates,  &FloatSumAggregates,   &NumericSumAggregates,
      &MinMaxAggregates,          &ShownKeyAggregates,    &BitwiseAggregates,    &VarianceAggregates,
      &NumericVarianceAggregates, &IntervalSumAggregates, &OverValuesAggregates, &PercentileArrayAggregates,
      &ApproximateAggregates,     &JsonAggregates,        &LastChangeAggregates,
  };
}

}  // namespace kappa
