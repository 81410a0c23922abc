// Aggregates that see the rows of a group in order: min and max where rows may go again, first_value, mode, percentiles, string_agg, array_agg. Host
// code: called, not inlined.
#include "functions/aggregate/over_values.h"

#include <cmath>
#include <cstring>

#include "functions/aggregate/interval_parts.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

void GiveValue(const AnyValue& value, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  *out_null = value.null;
  if (value.null) return;
  CopyAny(value, static_cast<char*>(out));
  OwnAny(result, static_cast<char*>(out), &c.scratch);
}

namespace {

template <typename T>
T LoadAs(const AnyValue& value) {
  T out;
  std::memcpy(&out, value.slot, sizeof out);
  return out;
}

bool GiveAt(const OrderedValues& values, int64_t rank, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  AnyValueBuffer row;
  if (values.At(rank, row.at))
    GiveValue(row.at[0], c, result, out, out_null);
  else
    *out_null = true;
  return true;
}

bool FirstOf(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  if (!values.distinct()) return GiveAt(values, 0, c, result, out, out_null);
  *out_null = true;
  values.ForEach([&](const AnyValue* row, int64_t) {
    GiveValue(row[0], c, result, out, out_null);
    return false;
  });
  return true;
}

bool LastOf(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  if (!values.distinct()) return GiveAt(values, values.rows() - 1, c, result, out, out_null);
  *out_null = true;
  values.ForEach([&](const AnyValue* row, int64_t) {
    GiveValue(row[0], c, result, out, out_null);
    return true;
  });
  return true;
}

bool ModeOf(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  AnyValueBuffer row;
  *out_null = !values.Mode(row.at);
  if (!*out_null) GiveValue(row.at[0], c, result, out, out_null);
  return true;
}

// --- percentiles

bool CheckFraction(CallContext& c, double fraction) {
  if (fraction >= 0 && fraction <= 1) return true;
  char message[80];
  std::snprintf(message, sizeof message, "percentile value %g is not between 0 and 1", fraction);
  return c.Fail(sqlstate::kNumericValueOutOfRange, message);
}

// The value at least `fraction` of the rows are not after.
int64_t DiscreteRank(double fraction, int64_t rows) {
  const auto rank = static_cast<int64_t>(std::ceil(fraction * static_cast<double>(rows)));
  return rank > 0 ? rank - 1 : 0;
}

bool Interpolate(CallContext&, double low, double high, double share, double* out) {
  *out = low + share * (high - low);
  return true;
}
bool Interpolate(CallContext& c, const Interval& low, const Interval& high, double share, Interval* out) {
  return InterpolateInterval(c, low, high, share, out);
}

// Between the two rows around fraction * (rows - 1).
template <typename T>
bool Continuous(const OrderedValues& values, CallContext& c, double fraction, T* out) {
  const double place = fraction * static_cast<double>(values.rows() - 1);
  const double below = std::floor(place), above = std::ceil(place);
  AnyValueBuffer row;
  if (!values.At(static_cast<int64_t>(below), row.at)) return false;
  const T low = LoadAs<T>(row.at[0]);
  if (above == below) {
    *out = low;
    return true;
  }
  if (!values.At(static_cast<int64_t>(above), row.at)) return false;
  return Interpolate(c, low, LoadAs<T>(row.at[0]), place - below, out);
}

template <typename T>
bool PercentileCont(const OrderedValues& values, CallContext& c, const TypeDescriptor*, void* out, bool* out_null) {
  *out_null = values.direct(0).null || values.rows() == 0;
  if (values.direct(0).null) return true;
  const auto fraction = LoadAs<double>(values.direct(0));
  if (!CheckFraction(c, fraction)) return false;
  return *out_null || Continuous(values, c, fraction, static_cast<T*>(out));
}

bool PercentileDisc(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  *out_null = values.direct(0).null || values.rows() == 0;
  if (values.direct(0).null) return true;
  const auto fraction = LoadAs<double>(values.direct(0));
  if (!CheckFraction(c, fraction)) return false;
  return *out_null || GiveAt(values, DiscreteRank(fraction, values.rows()), c, result, out, out_null);
}

// Of an array of fractions an array of the same shape: fn(fraction, builder) adds one.
template <typename Fn>
bool ForEachFraction(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null, const Fn& fn) {
  *out_null = values.direct(0).null || values.rows() == 0;
  if (*out_null) return true;
  const ArrayView fractions(LoadAs<Array>(values.direct(0)), values.direct(0).type->element);
  ArrayBuilder builder(&c.scratch, result->element, fractions.count());
  for (size_t i = 0; i < fractions.count(); ++i) {
    if (fractions.IsNull(i)) {
      builder.AddNull();
      continue;
    }
    const auto fraction = fractions.Value<double>(i);
    if (!CheckFraction(c, fraction) || !fn(fraction, &builder)) return false;
  }
  Array array;
  if (!builder.Finish(fractions.count() == 0 ? ArrayShape() : fractions.shape(), &array)) return FailListSize(c);
  std::memcpy(out, &array, sizeof array);
  return true;
}

template <typename T>
bool PercentilesCont(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  return ForEachFraction(values, c, result, out, out_null, [&](double fraction, ArrayBuilder* builder) {
    T value{};
    if (!Continuous(values, c, fraction, &value)) return false;
    builder->AddSlot(reinterpret_cast<const char*>(&value));
    return true;
  });
}

bool PercentilesDisc(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  return ForEachFraction(values, c, result, out, out_null, [&](double fraction, ArrayBuilder* builder) {
    AnyValueBuffer row;
    if (!values.At(DiscreteRank(fraction, values.rows()), row.at)) return false;
    builder->Add(row.at[0]);
    return true;
  });
}

// --- lists

// The delimiter of each row but the first stands before it; a NULL one is nothing.
bool StringAgg(const OrderedValues& values, CallContext& c, const TypeDescriptor*, void* out, bool* out_null) {
  size_t size = 0;
  int64_t rows = 0;
  auto each = [&](const auto& piece) {
    bool first = true;
    values.ForEach([&](const AnyValue* row, int64_t times) {
      for (int64_t i = 0; i < times; ++i) {
        if (!first && !row[1].null) piece(LoadAs<Text>(row[1]));
        first = false;
        piece(LoadAs<Text>(row[0]));
        ++rows;
      }
      return true;
    });
  };
  each([&](const Text& text) { size += text.size; });
  *out_null = rows == 0;
  if (rows == 0) return true;
  if (size > kMaxArrayBytes) return FailListSize(c);
  char* bytes = c.Allocate(size + 1);
  char* next = bytes;
  each([&](const Text& text) {
    if (text.size != 0) std::memcpy(next, text.data, text.size);
    next += text.size;
  });
  *static_cast<Text*>(out) = Text(bytes, size);
  return true;
}

bool ArrayAgg(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  ArrayBuilder builder(&c.scratch, result->element);
  values.ForEach([&](const AnyValue* row, int64_t times) {
    for (int64_t i = 0; i < times; ++i) builder.Add(row[0]);
    return true;
  });
  *out_null = builder.count() == 0;
  Array array;
  if (!builder.Finish(&array)) return FailListSize(c);
  std::memcpy(out, &array, sizeof array);
  return true;
}

// Arrays of one shape become an array of one dimension more.
bool ArraysAgg(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null) {
  ArrayBuilder builder(&c.scratch, result->element);
  ArrayShape shape;
  int64_t rows = 0;
  bool ok = true;
  values.ForEach([&](const AnyValue* row, int64_t times) {
    if (row[0].null) return ok = c.Fail(sqlstate::kNullValueNotAllowed, "cannot accumulate null arrays");
    const ArrayView view(LoadAs<Array>(row[0]), result->element);
    if (rows == 0 && view.count() == 0) return ok = c.Fail(sqlstate::kArraySubscriptError, "cannot accumulate empty arrays");
    if (rows != 0 && (view.count() == 0 || !(shape == view.shape())))
      return ok = c.Fail(sqlstate::kArraySubscriptError, "cannot accumulate arrays of different dimensionality");
    shape = view.shape();
    if (shape.dimensions == kMaxArrayDimensions) {
      return ok = c.Fail(SqlState{"54000"}, "number of array dimensions (7) exceeds the maximum allowed (6)");
    }
    for (int64_t i = 0; i < times; ++i, ++rows) builder.AddFrom(view);
    return true;
  });
  if (!ok) return false;
  *out_null = rows == 0;
  if (rows == 0) return true;
  for (int i = shape.dimensions; i > 0; --i) {
    shape.lengths[i] = shape.lengths[i - 1];
    shape.lower[i] = shape.lower[i - 1];
  }
  ++shape.dimensions;
  shape.lengths[0] = static_cast<int32_t>(rows);
  shape.lower[0] = 1;
  Array array;
  if (!builder.Finish(shape, &array)) return FailListSize(c);
  std::memcpy(out, &array, sizeof array);
  return true;
}

}  // namespace

bool FailListSize(CallContext& c) { return c.Fail(SqlState{"54000"}, "the aggregated value exceeds the maximum size (1073741823 bytes)"); }

OverFunction FirstValueFunction() { return &FirstOf; }
OverFunction LastValueFunction() { return &LastOf; }

std::vector<AggregateEntry> OverValuesAggregates() {
  using enum TypeId;
  auto any = [](std::string_view name) { return Aggregate(name, {kAnyElement}, kAnyElement); };
  return {
      any("first_value").Over<&FirstOf>().Strict(0).OrderMatters().Doc("The first value in the order given, NULL too."),
      any("last_value").Over<&LastOf>().Strict(0).OrderMatters().Doc("The last value in the order given, NULL too."),
      any("any_value").Over<&FirstOf>().IgnoresDistinct().Doc("One of the values that are not NULL: the least."),
      Aggregate("min", {kAnyArray}, kAnyArray).Over<&FirstOf>().IgnoresDistinct().Doc("The least array."),
      Aggregate("max", {kAnyArray}, kAnyArray).Over<&LastOf>().IgnoresDistinct().Doc("The greatest array."),
      any("mode").Over<&ModeOf>().OrderedSet(0).Doc("mode() WITHIN GROUP (ORDER BY x): the most frequent value, of several the first."),
      Aggregate("percentile_cont", {kFloat8, kFloat8}, kFloat8)
          .Over<&PercentileCont<double>>()
          .OrderedSet(1)
          .Doc("percentile_cont(fraction) WITHIN GROUP (ORDER BY x): the value at that fraction of the rows, interpolated."),
      Aggregate("percentile_cont", {kFloat8, kInterval}, kInterval)
          .Over<&PercentileCont<Interval>>()
          .OrderedSet(1)
          .Doc("The interval at that fraction of the rows, interpolated."),
      Aggregate("percentile_disc", {kFloat8, kAnyElement}, kAnyElement)
          .Over<&PercentileDisc>()
          .OrderedSet(1)
          .Doc("percentile_disc(fraction) WITHIN GROUP (ORDER BY x): the first value whose place is at or past that fraction of the rows."),
      Aggregate("string_agg", {kText, kText}, kText)
          .Over<&StringAgg>()
          .Strict(1)
          .OrderMatters()
          .Doc("string_agg(value, delimiter): the texts one after the other, the delimiter between them."),
      Aggregate("string_agg", {kBytea, kBytea}, kBytea)
          .Over<&StringAgg>()
          .Strict(1)
          .OrderMatters()
          .Doc("string_agg(value, delimiter): the bytes one after the other, the delimiter between them."),
      Aggregate("array_agg", {kAnyElement}, kAnyArray).Over<&ArrayAgg>().Strict(0).OrderMatters().Doc("The values as an array, NULLs too."),
      Aggregate("array_agg", {kAnyArray}, kAnyArray)
          .Over<&ArraysAgg>()
          .Strict(0)
          .OrderMatters()
          .Doc("Arrays of one shape as an array of one dimension more."),
  };
}

std::vector<AggregateEntry> PercentileArrayAggregates() {
  using enum TypeId;
  return {
      Aggregate("percentile_cont", {kArray, kFloat8}, kArray)
          .Over<&PercentilesCont<double>>()
          .OrderedSet(1)
          .Doc("For each of the fractions the value there, interpolated."),
      Aggregate("percentile_cont", {kArray, kInterval}, kArray)
          .Over<&PercentilesCont<Interval>>()
          .OrderedSet(1)
          .Doc("For each of the fractions the interval there, interpolated."),
      Aggregate("percentile_disc", {kArray, kAnyElement}, kAnyArray)
          .Over<&PercentilesDisc>()
          .OrderedSet(1)
          .Doc("For each of the fractions the value there."),
  };
}

}  // namespace kappa
