#include "functions/table/series.h"

#include "types/datetime.h"

namespace kappa::table_functions {

bool NumericSeries::Open(CallContext& c, const AnyValue* args, uint32_t count) {
  const Numeric zero = NumericFromInt(0);
  next_ = LoadAs<Numeric>(args[0]);
  last_ = LoadAs<Numeric>(args[1]);
  step_ = count > 2 ? LoadAs<Numeric>(args[2]) : NumericFromInt(1);
  const int order = NumericCompare(step_, zero);
  down_ = order < 0;
  return order != 0 || FailSeries(c, "step size cannot equal zero");
}

int32_t NumericSeries::Next(CallContext&, const TypeDescriptor* row, char* out) {
  if (ended_) return 0;
  const int order = NumericCompare(next_, last_);
  if (down_ ? order < 0 : order > 0) return 0;
  Put(row, 0, next_, out);
  Numeric sum;
  ended_ = NumericAdd(next_, step_, &sum) != NumericStatus::kOk;
  next_ = sum;
  return 1;
}

template <bool kZoned>
bool TimeSeries<kZoned>::Open(CallContext& c, const AnyValue* args, uint32_t) {
  next_ = LoadAs<Timestamp>(args[0]).micros;
  last_ = LoadAs<Timestamp>(args[1]).micros;
  step_ = LoadAs<Interval>(args[2]);
  if (kZoned) zone_ = LoadAs<Text>(args[3]);
  // Without them a series would never end.
  if (!IsFiniteMicros(next_)) return FailSeries(c, "start value cannot be infinity");
  if (!IsFiniteMicros(last_)) return FailSeries(c, "stop value cannot be infinity");
  const __int128 order = IntervalOrder(step_);
  down_ = order < 0;
  return order != 0 || FailSeries(c, "step size cannot equal zero");
}

template <bool kZoned>
bool TimeSeries<kZoned>::Add(CallContext& c) {
  if constexpr (!kZoned) return AddInterval(next_, step_, &next_) || FailTimestamp(c);
  for (const Interval& part : {Interval{0, 0, step_.months}, Interval{0, step_.days, 0}}) {
    int64_t local, offset;
    if (part.months == 0 && part.days == 0) continue;
    if (!LocalOf(c, zone_, next_, &local, &offset)) return false;
    if (!AddInterval(local, part, &local)) return FailTimestamp(c);
    if (!UtcOf(c, zone_, local, &next_)) return false;
  }
  return (!__builtin_add_overflow(next_, step_.micros, &next_) && IsValidMicros(next_)) || FailTimestamp(c);
}

template <bool kZoned>
int32_t TimeSeries<kZoned>::Next(CallContext& c, const TypeDescriptor* row, char* out) {
  if (!first_ && !Add(c)) return -1;
  first_ = false;
  if (down_ ? next_ < last_ : next_ > last_) return 0;
  Put(row, 0, next_, out);
  return 1;
}

template struct TimeSeries<false>;
template struct TimeSeries<true>;

}  // namespace kappa::table_functions
