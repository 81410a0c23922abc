// The members, elements, keys and path results of JSON values: rows of functions/json_rows.h.
#pragma once

#include "functions/json_rows.h"
#include "functions/table/iteration.h"

namespace kappa::table_functions {

template <JsonRowsKind kKind>
struct Json {
  static constexpr bool kStrict = true;
  bool Open(CallContext& c, const AnyValue* args, uint32_t count) { return rows_.Open(c, kKind, args, count); }
  int32_t Next(CallContext& c, const TypeDescriptor* row, char* out) {
    JsonRow one;
    if (!rows_.Next(c, &one)) return rows_.failed() ? -1 : 0;
    size_t column = 0;
    if (kKind == JsonRowsKind::kEach || kKind == JsonRowsKind::kEachText || kKind == JsonRowsKind::kKeys) Put(row, column++, one.key, out);
    if (kKind == JsonRowsKind::kKeys) return 1;
    SetField(row, column, AnyValue{row->fields[column], reinterpret_cast<const char*>(&one.value), one.null, nullptr, nullptr}, out);
    return 1;
  }

 private:
  JsonRows rows_;
};

}  // namespace kappa::table_functions
