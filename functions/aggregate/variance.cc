// Variances, standard deviations, covariances and the regr_ family over floats: exact sums of values and of their products, rounded when a result is
// asked for. A NaN or an infinity among the values makes NaN, as in PostgreSQL.
#include <cmath>

#include "functions/aggregate.h"
#include "functions/aggregate/moments.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace variance_aggregates {

enum class Measure : uint8_t { kVarPop, kVarSamp, kStddevPop, kStddevSamp };

struct OneColumn {
  ExactSum x, xx;
  int64_t count;
  int64_t special;  // NaN and infinities
};

template <typename T, Measure kMeasure>
struct Variance {
  using State = OneColumn;
  static constexpr bool kInvertible = true;
  static void Add(StateContext& context, State* s, T value, int64_t weight) {
    const auto x = static_cast<double>(value);
    s->count += weight;
    if (!std::isfinite(x)) {
      s->special += weight;
      return;
    }
    ExactSumAdd(context.arena, &s->x, x, weight);
    ExactSumAddProduct(context.arena, &s->xx, x, x, weight);
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    ExactSumMerge(context.arena, &s->x, from.arena, other.x);
    ExactSumMerge(context.arena, &s->xx, from.arena, other.xx);
    s->count += other.count;
    s->special += other.special;
  }
  static void Release(StateContext& context, State* s) {
    ExactSumRelease(context.arena, &s->x);
    ExactSumRelease(context.arena, &s->xx);
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    ExactSumCopy(from.arena, s.x, to.arena, &out->x);
    ExactSumCopy(from.arena, s.xx, to.arena, &out->xx);
  }
  static bool Result(StateContext& context, CallContext& c, const State& s, Nullable<double>* out) {
    constexpr bool kSample = kMeasure == Measure::kVarSamp || kMeasure == Measure::kStddevSamp;
    if (s.count <= (kSample ? 1 : 0)) return true;
    if (s.special != 0) {
      *out = __builtin_nan("");
      return true;
    }
    const auto count = static_cast<uint64_t>(s.count);
    double value = CenteredRatio(context.arena, s.xx, s.x, s.x, s.count, count, kSample ? count - 1 : count);
    if (std::isinf(value)) return FailFloatOverflow(c);
    if (kMeasure == Measure::kStddevPop || kMeasure == Measure::kStddevSamp) value = std::sqrt(value);
    *out = value;
    return true;
  }
};

struct SpecialValues {
  int64_t nan, infinity, minus_infinity;
  bool any() const { return (nan | infinity | minus_infinity) != 0; }
};

struct TwoColumns {
  ExactSum x, y, xx, yy, xy;
  int64_t count;
  SpecialValues special_x, special_y;
};

enum class Regression : uint8_t { kCount, kSxx, kSyy, kSxy, kAvgX, kAvgY, kCovarPop, kCovarSamp, kCorr, kR2, kSlope, kIntercept };

bool AddSpecial(SpecialValues* special, double value, int64_t weight) {
  if (std::isfinite(value)) return false;
  (value != value ? special->nan : value > 0 ? special->infinity : special->minus_infinity) += weight;
  return true;
}

// What PostgreSQL's transition state holds: sums, and sums of squares around the mean.
struct Centered {
  double n, sx, sy, sxx, syy, sxy;
};

double SumOf(const StateArena& arena, const ExactSum& sum, const SpecialValues& special) {
  if (special.nan != 0 || (special.infinity != 0 && special.minus_infinity != 0)) return __builtin_nan("");
  if (special.infinity != 0) return __builtin_inf();
  if (special.minus_infinity != 0) return -__builtin_inf();
  return ExactSumRound(arena, sum, 1);
}

Centered CenterOf(const StateArena& arena, const TwoColumns& s) {
  const auto count = static_cast<uint64_t>(s.count);
  const bool x = !s.special_x.any(), y = !s.special_y.any();
  auto centered = [&](bool finite, const ExactSum& ab, const ExactSum& a, const ExactSum& b) {
    return finite ? CenteredRatio(arena, ab, a, b, s.count, count, 1) : __builtin_nan("");
  };
  return {static_cast<double>(s.count), SumOf(arena, s.x, s.special_x), SumOf(arena, s.y, s.special_y),
          centered(x, s.xx, s.x, s.x),  centered(y, s.yy, s.y, s.y),    centered(x && y, s.xy, s.x, s.y)};
}

Nullable<double> Final(Regression what, const Centered& m) {
  switch (what) {
    case Regression::kSxx:
      return m.sxx;
    case Regression::kSyy:
      return m.syy;
    case Regression::kSxy:
      return m.sxy;
    case Regression::kAvgX:
      return m.sx / m.n;
    case Regression::kAvgY:
      return m.sy / m.n;
    case Regression::kCovarPop:
      return m.sxy / m.n;
    case Regression::kCovarSamp:
      return m.n < 2 ? Nullable<double>() : Nullable<double>(m.sxy / (m.n - 1));
    case Regression::kCorr:
      return m.sxx == 0 || m.syy == 0 ? Nullable<double>() : Nullable<double>(m.sxy / std::sqrt(m.sxx * m.syy));
    case Regression::kR2:
      if (m.sxx == 0) return {};
      return m.syy == 0 ? 1.0 : (m.sxy * m.sxy) / (m.sxx * m.syy);
    case Regression::kSlope:
      return m.sxx == 0 ? Nullable<double>() : Nullable<double>(m.sxy / m.sxx);
    case Regression::kIntercept:
      return m.sxx == 0 ? Nullable<double>() : Nullable<double>((m.sy - m.sx * m.sxy / m.sxx) / m.n);
    case Regression::kCount:
      break;
  }
  return m.n;
}

struct Pairs {
  using State = TwoColumns;
  static constexpr bool kInvertible = true;
  static void Add(StateContext& context, State* s, double y, double x, int64_t weight) {
    s->count += weight;
    const bool special_x = AddSpecial(&s->special_x, x, weight), special_y = AddSpecial(&s->special_y, y, weight);
    if (!special_x) {
      ExactSumAdd(context.arena, &s->x, x, weight);
      ExactSumAddProduct(context.arena, &s->xx, x, x, weight);
    }
    if (!special_y) {
      ExactSumAdd(context.arena, &s->y, y, weight);
      ExactSumAddProduct(context.arena, &s->yy, y, y, weight);
    }
    if (!special_x && !special_y) ExactSumAddProduct(context.arena, &s->xy, x, y, weight);
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    for (auto sum : {&State::x, &State::y, &State::xx, &State::yy, &State::xy}) ExactSumMerge(context.arena, &(s->*sum), from.arena, other.*sum);
    s->count += other.count;
    for (auto special : {&State::special_x, &State::special_y}) {
      (s->*special).nan += (other.*special).nan;
      (s->*special).infinity += (other.*special).infinity;
      (s->*special).minus_infinity += (other.*special).minus_infinity;
    }
  }
  static void Release(StateContext& context, State* s) {
    for (auto sum : {&State::x, &State::y, &State::xx, &State::yy, &State::xy}) ExactSumRelease(context.arena, &(s->*sum));
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    for (auto sum : {&State::x, &State::y, &State::xx, &State::yy, &State::xy}) ExactSumCopy(from.arena, s.*sum, to.arena, &(out->*sum));
  }
};

template <Regression kWhat>
struct Regress : Pairs {
  static bool Result(StateContext& context, CallContext& c, const State& s, Nullable<double>* out) {
    if (s.count < 1) return true;
    *out = Final(kWhat, CenterOf(context.arena, s));
    return out->null || !std::isinf(out->value) || s.special_x.any() || s.special_y.any() || FailFloatOverflow(c);
  }
};
struct RegressCount : Pairs {
  static int64_t Result(StateContext&, CallContext&, const State& s) { return s.count; }
};

template <Measure kMeasure>
KAPPA_HOST_ONLY void AddVariance(std::string_view name, std::string_view doc, std::string_view example, std::vector<AggregateEntry>* table) {
  table->push_back(Aggregate(name, {TypeId::kFloat4}, TypeId::kFloat8).Native<Variance<float, kMeasure>>().Doc(doc).Example("f(x)", example));
  table->push_back(Aggregate(name, {TypeId::kFloat8}, TypeId::kFloat8).Native<Variance<double, kMeasure>>().Doc(doc).Example("f(x)", example));
}

template <Regression kWhat>
KAPPA_HOST_ONLY void AddRegression(std::string_view name, std::string_view doc, std::vector<AggregateEntry>* table) {
  table->push_back(Aggregate(name, {TypeId::kFloat8, TypeId::kFloat8}, TypeId::kFloat8).Native<Regress<kWhat>>().Doc(doc));
}

}  // namespace variance_aggregates

using namespace variance_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> VarianceAggregates() {
  std::vector<AggregateEntry> table;
  for (std::string_view name : {"var_samp", "variance"})
    AddVariance<Measure::kVarSamp>(name, "The sample variance; NULL of fewer than two values.", "1", &table);
  for (std::string_view name : {"stddev_samp", "stddev"})
    AddVariance<Measure::kStddevSamp>(name, "The sample standard deviation; NULL of fewer than two values.", "1", &table);
  AddVariance<Measure::kVarPop>("var_pop", "The population variance.", "0.6666666666666666", &table);
  AddVariance<Measure::kStddevPop>("stddev_pop", "The population standard deviation.", "0.816496580927726", &table);
  table.push_back(Aggregate("regr_count", {TypeId::kFloat8, TypeId::kFloat8}, TypeId::kInt8)
                      .Native<RegressCount>()
                      .Doc("regr_count(y, x): the number of rows where neither is NULL."));
  AddRegression<Regression::kSxx>("regr_sxx", "regr_sxx(y, x): the sum of squares of x around its mean.", &table);
  AddRegression<Regression::kSyy>("regr_syy", "regr_syy(y, x): the sum of squares of y around its mean.", &table);
  AddRegression<Regression::kSxy>("regr_sxy", "regr_sxy(y, x): the sum of products around the means.", &table);
  AddRegression<Regression::kAvgX>("regr_avgx", "regr_avgx(y, x): the mean of x.", &table);
  AddRegression<Regression::kAvgY>("regr_avgy", "regr_avgy(y, x): the mean of y.", &table);
  AddRegression<Regression::kCovarPop>("covar_pop", "covar_pop(y, x): the population covariance.", &table);
  AddRegression<Regression::kCovarSamp>("covar_samp", "covar_samp(y, x): the sample covariance; NULL of fewer than two rows.", &table);
  AddRegression<Regression::kCorr>("corr", "corr(y, x): the correlation coefficient; NULL where a column is constant.", &table);
  AddRegression<Regression::kR2>("regr_r2", "regr_r2(y, x): the square of the correlation coefficient.", &table);
  AddRegression<Regression::kSlope>("regr_slope", "regr_slope(y, x): the slope of the least-squares line.", &table);
  AddRegression<Regression::kIntercept>("regr_intercept", "regr_intercept(y, x): where that line meets x = 0.", &table);
  return table;
}

}  // namespace kappa
