#include "functions/table/table_function.h"

#include "functions/table/array.h"
#include "functions/table/json.h"
#include "functions/table/series.h"

namespace kappa {

const TableFunction* FindTableFunction(std::string_view name) {
  using namespace table_functions;  // NOLINT: the table names each of them
  static constexpr TableFunction kFunctions[] = {
      Make<Unnest>("unnest"),
      Make<Subscripts>("generate_subscripts"),
      Make<IntegerSeries<int32_t>>("generate_series(integer)"),
      Make<IntegerSeries<int64_t>>("generate_series(bigint)"),
      Make<NumericSeries>("generate_series(numeric)"),
      Make<TimeSeries<false>>("generate_series(timestamp)"),
      Make<TimeSeries<true>>("generate_series(timestamptz)"),
      Make<Json<JsonRowsKind::kEach>>("json_each"),
      Make<Json<JsonRowsKind::kEachText>>("json_each_text"),
      Make<Json<JsonRowsKind::kElements>>("json_array_elements"),
      Make<Json<JsonRowsKind::kElementsText>>("json_array_elements_text"),
      Make<Json<JsonRowsKind::kKeys>>("json_object_keys"),
      Make<Json<JsonRowsKind::kPathQuery>>("jsonb_path_query"),
  };
  for (const TableFunction& function : kFunctions)
    if (function.name == name) return &function;
  return nullptr;
}

}  // namespace kappa
