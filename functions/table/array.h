// The elements and the subscripts of arrays.
#pragma once

#include "functions/table/iteration.h"

namespace kappa::table_functions {

// unnest(a [, b ...]): side by side; a shorter array is followed by NULLs. An element that is a struct gives a column for each of its fields.
struct Unnest {
  static constexpr bool kStrict = false;  // a NULL array has no elements, others may
  bool Open(CallContext& c, const AnyValue* args, uint32_t count);
  int32_t Next(CallContext& c, const TypeDescriptor* row, char* out);

 private:
  struct Source {
    ArrayView array;
    size_t count;
    char* room;
  };
  Source* sources_ = nullptr;
  uint32_t source_count_ = 0;
  size_t at_ = 0, rows_ = 0;
};

// generate_subscripts(a, dimension [, reverse])
struct Subscripts {
  static constexpr bool kStrict = true;
  bool Open(CallContext& c, const AnyValue* args, uint32_t count);
  int32_t Next(CallContext& c, const TypeDescriptor* row, char* out);

 private:
  int64_t next_ = 1, last_ = 0;
  bool reverse_ = false;
};

}  // namespace kappa::table_functions
