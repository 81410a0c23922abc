// The tables the registry is made of, one per topic. A new file of functions is named here and in tables.cc.
#pragma once

#include <vector>

#include "functions/aggregate.h"
#include "functions/function.h"

namespace kappa {

std::vector<FunctionEntry> ComparisonFunctions();
std::vector<FunctionEntry> AnyFunctions();
std::vector<FunctionEntry> IntegerFunctions();
std::vector<FunctionEntry> FloatFunctions();
std::vector<FunctionEntry> NumericFunctions();
std::vector<FunctionEntry> TextFunctions();
std::vector<FunctionEntry> CastFunctions();
std::vector<FunctionEntry> LikeFunctions();
std::vector<FunctionEntry> DatetimeFunctions();
std::vector<FunctionEntry> ToCharFunctions();
std::vector<FunctionEntry> DatetimeArithmeticFunctions();
std::vector<AggregateEntry> CountAggregates();
std::vector<AggregateEntry> IntegerSumAggregates();
std::vector<AggregateEntry> FloatSumAggregates();
std::vector<AggregateEntry> NumericSumAggregates();
std::vector<AggregateEntry> MinMaxAggregates();
std::vector<AggregateEntry> ShownKeyAggregates();

using ScalarTable = std::vector<FunctionEntry> (*)();
using AggregateTable = std::vector<AggregateEntry> (*)();
std::vector<ScalarTable> ScalarTables();
std::vector<AggregateTable> AggregateTables();

}  // namespace kappa
