// Makes a TableFunction of an iterator:
//
//   struct Rows {
//     static constexpr bool kStrict = true;                               a NULL argument: no rows, Open is not called
//     bool Open(CallContext& c, const AnyValue* args, uint32_t count);    false: c says why
//     int32_t Next(CallContext& c, const TypeDescriptor* row, char* out); as TableFunction::next; `out` is zeroed
//   };
#pragma once

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

#include "functions/table/table_function.h"
#include "types/array_value.h"

namespace kappa::table_functions {

template <typename Rows>
struct Iteration {
  TableRows head;
  Rows rows;

  static int32_t Open(CallContext* c, void* state, const AnyValue* args, uint32_t count, const TypeDescriptor* row, int32_t outer) {
    auto* self = new (state) Iteration();
    self->head.row = row;
    self->head.outer = outer != 0;
    self->head.ended = Rows::kStrict && std::any_of(args, args + count, [](const AnyValue& arg) { return arg.null; });
    return self->head.ended || self->rows.Open(*c, args, count) ? 0 : -1;
  }

  static int32_t Next(CallContext* c, void* state, char* out) {
    auto* self = static_cast<Iteration*>(state);
    TableRows& head = self->head;
    std::memset(out, 0, head.row->layout.size());
    const int32_t step = head.ended ? 0 : self->rows.Next(*c, head.row, out);
    head.ended |= step <= 0;
    if (step > 0) ++head.number;
    if (step != 0 || !head.outer || head.number != 0) return step;
    head.outer = false;
    for (size_t i = 0; i < head.row->fields.size(); ++i) SetField(head.row, i, AnyValue{head.row->fields[i]}, out);
    return 1;
  }
};

template <typename Rows>
constexpr TableFunction Make(std::string_view name) {
  static_assert(std::is_trivially_destructible_v<Iteration<Rows>> && alignof(Iteration<Rows>) <= 16);
  return {name, sizeof(Iteration<Rows>), &Iteration<Rows>::Open, &Iteration<Rows>::Next};
}

// One column of a value that is not NULL.
template <typename T>
void Put(const TypeDescriptor* row, size_t column, const T& value, char* out) {
  SetField(row, column, AnyValue{row->fields[column], reinterpret_cast<const char*>(&value), false, nullptr, nullptr}, out);
}

}  // namespace kappa::table_functions
