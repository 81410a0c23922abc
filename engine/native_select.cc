#include "engine/native_select.h"

#include "common/os/environment.h"
#include "exec/physical_plan.h"

namespace kappa {

bool IsNativeSelect(const Dataflow& dataflow) {
  return dataflow.operators.size() == 2 && dataflow.operators[0].As<ValuesOp>() != nullptr && dataflow.operators[1].As<ResultOp>() != nullptr;
}

Status RunNativeSelect(const Dataflow& dataflow, const std::vector<Datum>& parameters, Results* results) {
  const PlanOperator& values = dataflow.operators[0];
  const PlanOperator& result = dataflow.operators[1];
  const auto schema = SchemaOf(result);
  CallContext context;
  context.epoch_micros = os::RealEnvironment().clock().WallMicros();
  std::vector<std::vector<Datum>> rows;
  for (const std::vector<ExprPtr>& expressions : values.As<ValuesOp>()->rows) {
    std::vector<Datum> row;
    for (const Column& column : result.output) {
      for (size_t i = 0; i < values.output.size(); ++i) {
        if (values.output[i].id != column.id) continue;
        ASSIGN_OR_RETURN(Datum value, Evaluate(*expressions[i], &context, parameters));
        row.push_back(std::move(value));
      }
    }
    rows.push_back(std::move(row));
  }
  RETURN_IF_ERROR(results->OnSchema("", *schema));
  for (const std::vector<Datum>& row : rows) {
    std::string memory(schema->layout.size(), '\0');
    for (size_t i = 0; i < row.size(); ++i) schema->layout.Store(memory.data(), schema->layout.slots()[i], row[i]);
    const char* pointer = memory.data();
    RETURN_IF_ERROR(results->OnRows(ChangeBatch{schema.get(), std::span<const char* const>(&pointer, 1), {}, 0}));
  }
  return results->OnEnd(static_cast<int64_t>(rows.size()));
}

}  // namespace kappa
