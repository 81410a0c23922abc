// generate_series(start, stop [, step]): over integers, numeric, timestamps. PostgreSQL's: a step of zero is 22023; what would pass the type's end
// ends the series.
#pragma once

#include "functions/array_support.h"
#include "functions/scalar/zone.h"
#include "functions/table/iteration.h"
#include "types/numeric.h"

namespace kappa::table_functions {

KAPPA_COLD inline bool FailSeries(CallContext& c, const char* message) { return c.Fail(sqlstate::kInvalidParameterValue, message); }

template <typename T>
struct IntegerSeries {
  static constexpr bool kStrict = true;
  bool Open(CallContext& c, const AnyValue* args, uint32_t count) {
    next_ = LoadAs<T>(args[0]);
    last_ = LoadAs<T>(args[1]);
    if (count > 2) step_ = LoadAs<T>(args[2]);
    return step_ != 0 || FailSeries(c, "step size cannot equal zero");
  }
  int32_t Next(CallContext&, const TypeDescriptor* row, char* out) {
    if (ended_ || (step_ > 0 ? next_ > last_ : next_ < last_)) return 0;
    Put(row, 0, next_, out);
    ended_ = __builtin_add_overflow(next_, step_, &next_);
    return 1;
  }

 private:
  T next_ = 0, last_ = 0, step_ = 1;
  bool ended_ = false;
};

struct NumericSeries {
  static constexpr bool kStrict = true;
  bool Open(CallContext& c, const AnyValue* args, uint32_t count);
  int32_t Next(CallContext& c, const TypeDescriptor* row, char* out);

 private:
  Numeric next_, last_, step_;
  bool down_ = false, ended_ = false;
};

// Of timestamps; with `kZoned` steps of days and months are those of the zone that is the last argument.
template <bool kZoned>
struct TimeSeries {
  static constexpr bool kStrict = true;
  bool Open(CallContext& c, const AnyValue* args, uint32_t count);
  int32_t Next(CallContext& c, const TypeDescriptor* row, char* out);

 private:
  bool Add(CallContext& c);
  int64_t next_ = 0, last_ = 0;
  Interval step_;
  Text zone_;
  bool down_ = false, first_ = true;
};

}  // namespace kappa::table_functions
