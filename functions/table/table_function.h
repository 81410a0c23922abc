// Functions that answer rows: unnest, generate_series, json_each and their kin, as generated code drives them (planner/dataflow TableFunctionOp).
//
//   alignas(16) char state[function->state_size];
//   if (function->open(&c, state, args, count, row, outer) < 0) ...          c says why
//   while ((step = function->next(&c, state, out)) > 0) ...                  one row in `out`; 0: no more, -1: failed
//
// The state begins with TableRows and needs no destruction; what it allocates comes from c.scratch. `args` and what they point to outlive it. `out`
// is a row of row->layout, whose texts point into the arguments or into c.scratch: they live until the batch of rows is done. A function holds no
// other state, so that any thread may run it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "functions/call_context.h"
#include "types/any_value.h"

namespace kappa {

struct TableRows {
  int64_t number = 0;                   // of the row that was answered last, from 1; 0: the row of NULLs of an outer call
  const TypeDescriptor* row = nullptr;  // a struct: what is answered
  bool outer = false;                   // answers one row of NULLs where there would be none
  bool ended = false;
};
static_assert(offsetof(TableRows, number) == 0);  // generated code reads it

struct TableFunction {
  std::string_view name;  // in persisted plans: "unnest", "generate_series(integer)"
  size_t state_size = 0;
  int32_t (*open)(CallContext* c, void* state, const AnyValue* args, uint32_t count, const TypeDescriptor* row, int32_t outer) = nullptr;
  int32_t (*next)(CallContext* c, void* state, char* out) = nullptr;
};

// nullptr: this build has none of that name. Any thread.
const TableFunction* FindTableFunction(std::string_view name);

}  // namespace kappa
