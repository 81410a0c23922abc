// The tables the registry is made of, one per topic. A new file of functions is named here and in tables.cc.
#pragma once

#include <vector>

#include "functions/aggregate.h"
#include "functions/function.h"

namespace kappa {

std::vector<FunctionEntry> ComparisonFunctions();
std::vector<FunctionEntry> AnyFunctions();
std::vector<FunctionEntry> ArrayFunctions();
std::vector<FunctionEntry> RandomFunctions();
std::vector<FunctionEntry> ArraySearchFunctions();
std::vector<FunctionEntry> ArrayTextFunctions();
std::vector<FunctionEntry> IntegerFunctions();
std::vector<FunctionEntry> FloatFunctions();
std::vector<FunctionEntry> NumericFunctions();
std::vector<FunctionEntry> TextFunctions();
std::vector<FunctionEntry> TextBuildFunctions();
std::vector<FunctionEntry> TextFormatFunctions();
std::vector<FunctionEntry> EncodeFunctions();
std::vector<FunctionEntry> ByteaFunctions();
std::vector<FunctionEntry> RegexFunctions();
std::vector<FunctionEntry> RegexArrayFunctions();
std::vector<FunctionEntry> FloatMathFunctions();
std::vector<FunctionEntry> NumericMathFunctions();
std::vector<FunctionEntry> CastFunctions();
std::vector<FunctionEntry> LikeFunctions();
std::vector<FunctionEntry> DatetimeFunctions();
std::vector<FunctionEntry> ToCharFunctions();
std::vector<FunctionEntry> DatetimeArithmeticFunctions();
std::vector<FunctionEntry> DatetimeCastFunctions();
std::vector<FunctionEntry> DatetimeCompareFunctions();
std::vector<FunctionEntry> DatetimeMakeFunctions();
std::vector<FunctionEntry> DatetimeRangeFunctions();
std::vector<FunctionEntry> GapFillFunctions();
std::vector<FunctionEntry> FormattingFunctions();
std::vector<FunctionEntry> JsonAccessFunctions();
std::vector<FunctionEntry> JsonBuildFunctions();
std::vector<FunctionEntry> JsonCastFunctions();
std::vector<FunctionEntry> JsonCompareFunctions();
std::vector<FunctionEntry> JsonModifyFunctions();
std::vector<FunctionEntry> JsonPathFunctions();
std::vector<FunctionEntry> JsonPredicateFunctions();
std::vector<FunctionEntry> JsonRecordFunctions();
std::vector<AggregateEntry> JsonAggregates();
std::vector<AggregateEntry> CountAggregates();
std::vector<AggregateEntry> IntegerSumAggregates();
std::vector<AggregateEntry> FloatSumAggregates();
std::vector<AggregateEntry> NumericSumAggregates();
std::vector<AggregateEntry> MinMaxAggregates();
std::vector<AggregateEntry> ShownKeyAggregates();
std::vector<AggregateEntry> BitwiseAggregates();
std::vector<AggregateEntry> VarianceAggregates();
std::vector<AggregateEntry> NumericVarianceAggregates();
std::vector<AggregateEntry> IntervalSumAggregates();
std::vector<AggregateEntry> OverValuesAggregates();
std::vector<AggregateEntry> PercentileArrayAggregates();
std::vector<AggregateEntry> ApproximateAggregates();
std::vector<AggregateEntry> LastChangeAggregates();

using ScalarTable = std::vector<FunctionEntry> (*)();
using AggregateTable = std::vector<AggregateEntry> (*)();
std::vector<ScalarTable> ScalarTables();
std::vector<AggregateTable> AggregateTables();

}  // namespace kappa
