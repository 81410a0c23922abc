#include "tests/functions/aggregate_cases.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/functions/aggregate_run.h"
#include "tests/functions/case_writer.h"
#include "tests/functions/value_pools.h"

namespace kappa {
namespace {

bool InPostgres(const AggregateShape& shape) {
  static const std::set<std::string_view> kOurs = {"any_value", "first_value", "last_value", "approx_count_distinct", "approx_percentile"};
  const bool extreme = shape.entry->name == "min" || shape.entry->name == "max";
  return kOurs.count(shape.entry->name) == 0 && !(extreme && shape.columns[0].id() == TypeId::kUuid);
}

// PostgreSQL adds floats in the order of rows and rounds on the way.
bool RoundsOnTheWay(const AggregateShape& shape) {
  static const std::set<std::string_view> kExact = {"min", "max", "mode", "percentile_cont", "percentile_disc", "string_agg", "array_agg"};
  return (shape.result.id() == TypeId::kFloat8 || shape.result.id() == TypeId::kFloat4) && kExact.count(shape.entry->name) == 0;
}

std::string CallText(const AggregateShape& shape) {
  std::string direct, arguments, order;
  for (const auto& [type, text] : shape.direct) direct += (direct.empty() ? "" : ", ") + Literal(type, text.c_str());
  for (size_t i = 0; i < shape.arguments; ++i) arguments += (i > 0 ? ", a" : "a") + std::to_string(i);
  for (const auto& key : shape.order) {
    order += (order.empty() ? "a" : ", a") + std::to_string(key.column) + (key.descending ? " DESC" : "") +
             (key.nulls_first ? " NULLS FIRST" : " NULLS LAST");
  }
  const std::string name(shape.entry->name);
  if (shape.entry->ordered_set) return name + "(" + direct + ") WITHIN GROUP (ORDER BY " + order + ")";
  if (shape.entry->arguments.empty()) return name + "(*)";
  return name + "(" + (shape.distinct ? "DISTINCT " : "") + arguments + (order.empty() ? "" : " ORDER BY " + order) + ")";
}

// Values whose aggregate stays within 38 digits and a double's range.
TextRow PoolRow(const AggregateShape& shape, int64_t position, Random* random) {
  TextRow row = RandomRow(shape, position, random);
  for (size_t i = 0; i < row.size(); ++i) {
    const TypeId type = shape.columns[i].id();
    const bool pooled = type != TypeId::kArray && type != TypeId::kUuid && type != TypeId::kBytea && !(i >= shape.arguments && type == TypeId::kInt8);
    if (!row[i] || !pooled) continue;
    const Pool& pool = AggregatePoolOf(shape.entry->name, type);
    row[i] = pool[random->Below(pool.size())];
  }
  return row;
}

void WriteGroup(const AggregateShape& shape, size_t rows, Random* random) {
  AggregateRun left(shape), right(shape);
  std::string values;
  for (size_t i = 0; i < rows; ++i) {
    const TextRow row = PoolRow(shape, static_cast<int64_t>(i), random);
    (random->Chance(50) ? left : right).Add(row, 1);
    values += i > 0 ? "), (" : "(";
    for (size_t c = 0; c < row.size(); ++c) values += (c > 0 ? ", " : "") + Literal(shape.columns[c], row[c] ? row[c]->c_str() : nullptr);
    if (row.empty()) values += "1";
    if (!shape.takes_retractions || !random->Chance(50)) continue;
    const TextRow noise = PoolRow(shape, 1000, random);  // what comes and goes again leaves no trace, wherever it does
    left.Add(noise, 1);
    right.Add(noise, -1);
  }
  left.Merge(right);
  std::string from;
  if (rows == 0) {
    for (size_t c = 0; c < shape.columns.size(); ++c) from += (c > 0 ? ", " : "") + Literal(shape.columns[c], nullptr) + " AS a" + std::to_string(c);
    from = "(SELECT " + (from.empty() ? "1" : from) + " WHERE false) AS t";
  } else {
    for (size_t c = 0; c < std::max<size_t>(shape.columns.size(), 1); ++c) from += (c > 0 ? ", a" : "a") + std::to_string(c);
    from = "(VALUES " + values + ")) AS t(" + from + ")";
  }
  const std::string result = left.Result(), query = "(SELECT " + CallText(shape) + " FROM " + from + ")";
  const bool number = !result.empty() && result != "NULL" && result != "NaN" && result[0] != '!' && result.find("Inf") == std::string::npos;
  if (!RoundsOnTheWay(shape) || !number) return WriteCase(query, result);
  WriteCase("(SELECT abs(v - " + result + ") <= 1e-6 * (abs(v) + 1e-3) FROM (SELECT " + query + "::float8 AS v) AS one)", "t");
}

}  // namespace

size_t WriteAggregateCases(Random* random) {
  std::set<const AggregateEntry*> entries;
  for (const AggregateShape& shape : AllAggregateShapes()) {
    if (!InPostgres(shape)) continue;
    entries.insert(shape.entry);
    for (size_t n = 0; n < 30; ++n) WriteGroup(shape, n % 13, random);
  }
  return entries.size();
}

}  // namespace kappa
