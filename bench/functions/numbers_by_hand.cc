#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "bench/functions/by_hand.h"

namespace kappa::bench {
namespace {

using by_hand::Each;
using by_hand::Word;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::year_month_day;
using Moment = std::chrono::sys_time<microseconds>;

// ---- numeric: a mantissa of 128 bits with a scale, at most 38 digits

struct Decimal {
  __int128 mantissa;
  int32_t scale;
  uint64_t word() const { return static_cast<uint64_t>(mantissa) + static_cast<uint64_t>(scale); }
};
constexpr __int128 kTenTo19 = static_cast<__int128>(10000000000000000000u);
constexpr __int128 kTenTo38 = kTenTo19 * kTenTo19;

Decimal Finite(const Numeric& n) {
  if (n.kind != Numeric::kFinite) std::abort();
  return {n.mantissa(), n.scale};
}
Decimal Checked(__int128 mantissa, int32_t scale) {
  if (mantissa >= kTenTo38 || mantissa <= -kTenTo38 || scale > 38) std::abort();
  return {mantissa, scale};
}
Decimal Add(const Decimal& a, const Decimal& b) {
  __int128 sum;
  if (a.scale != b.scale || __builtin_add_overflow(a.mantissa, b.mantissa, &sum)) std::abort();
  return Checked(sum, a.scale);
}
Decimal Multiply(const Decimal& a, const Decimal& b) {
  const auto x = static_cast<int64_t>(a.mantissa), y = static_cast<int64_t>(b.mantissa);
  if (x != a.mantissa || y != b.mantissa || a.scale + b.scale > 38) std::abort();
  return {static_cast<__int128>(x) * y, a.scale + b.scale};  // below 2^126
}

// ---- times: microseconds since 1970, two of them infinite

bool IsFinite(int64_t micros) { return micros != INT64_MAX && micros != INT64_MIN; }
Moment At(int64_t micros) { return Moment(microseconds(micros)); }
uint64_t Micros(Moment moment) { return static_cast<uint64_t>(moment.time_since_epoch().count()); }

template <typename Unit>
uint64_t Truncate(int64_t micros) {
  return IsFinite(micros) ? Micros(floor<Unit>(At(micros))) : static_cast<uint64_t>(micros);
}
uint64_t TruncateMonth(int64_t micros) {
  if (!IsFinite(micros)) return static_cast<uint64_t>(micros);
  const year_month_day date{floor<days>(At(micros))};
  return Micros(std::chrono::sys_days(date.year() / date.month() / 1));
}
uint64_t Hour(int64_t micros) {
  if (!IsFinite(micros)) return kNullWord;
  return static_cast<uint64_t>(floor<hours>(At(micros) - floor<days>(At(micros))).count());
}
uint64_t DayOfWeek(int64_t micros) {
  if (!IsFinite(micros)) return kNullWord;
  return std::chrono::weekday(floor<days>(At(micros))).c_encoding();
}
uint64_t Year(int64_t micros) {
  if (!IsFinite(micros)) std::abort();
  const int year{year_month_day(floor<days>(At(micros))).year()};
  return static_cast<uint64_t>(year > 0 ? year : year - 1);
}
uint64_t Epoch(int64_t micros) {
  if (!IsFinite(micros)) std::abort();
  return static_cast<uint64_t>(micros) + 6;  // the mantissa and the scale
}

// YYYY-MM-DD HH24:MI
uint64_t Stamp(int64_t micros, char* out) {
  if (!IsFinite(micros)) return kNullWord;
  const auto day = floor<days>(At(micros));
  const year_month_day date{day};
  const auto minute_of_day = static_cast<int>(floor<minutes>(At(micros) - day).count());
  const int year{date.year()};
  if (year < 1 || year > 9999) std::abort();
  const auto put = [out](int at, unsigned two_digits) {
    out[at] = static_cast<char>('0' + two_digits / 10);
    out[at + 1] = static_cast<char>('0' + two_digits % 10);
  };
  put(0, static_cast<unsigned>(year) / 100);
  put(2, static_cast<unsigned>(year) % 100);
  put(5, unsigned{date.month()});
  put(8, unsigned{date.day()});
  put(11, static_cast<unsigned>(minute_of_day / 60));
  put(14, static_cast<unsigned>(minute_of_day % 60));
  out[4] = out[7] = '-';
  out[10] = ' ';
  out[13] = ':';
  return Word(out, 16);
}

void AddTimes(std::vector<HandWritten>* all) {
  auto ts = [&](const char* expression, auto of) {
    all->push_back({expression, kTs, Each<kTs>([of](const Row& row) { return of(row.ts.micros); })});
  };
  auto tz = [&](const char* expression, auto of) {
    all->push_back({expression, kTz, Each<kTz>([of](const Row& row) { return of(row.tz.micros); })});
  };
  const auto hour = [](int64_t micros) { return Truncate<hours>(micros); };
  const auto day = [](int64_t micros) { return Truncate<days>(micros); };
  const auto month = [](int64_t micros) { return TruncateMonth(micros); };
  ts("date_trunc('hour', ts)", hour);
  ts("date_trunc('day', ts)", day);
  ts("date_trunc('month', ts)", month);
  tz("date_trunc('hour', tz)", hour);
  tz("date_trunc('day', tz)", day);
  tz("date_trunc('month', tz)", month);
  ts("extract(hour FROM ts)", [](int64_t micros) { return Hour(micros); });
  ts("extract(dow FROM ts)", [](int64_t micros) { return DayOfWeek(micros); });
  ts("extract(epoch FROM ts)", [](int64_t micros) { return Epoch(micros); });
  ts("extract(year FROM ts)", [](int64_t micros) { return Year(micros); });
  tz("extract(hour FROM tz)", [](int64_t micros) { return Hour(micros); });
  ts("to_char(ts, 'YYYY-MM-DD HH24:MI')", [made = std::make_shared<std::string>(16, ' ')](int64_t micros) { return Stamp(micros, made->data()); });
}

}  // namespace

std::vector<HandWritten> NumbersAndTimesByHand() {
  std::vector<HandWritten> all;
  AddTimes(&all);
  auto add = [&](const char* expression, ColumnIndex column, Pass pass) { all.push_back({expression, column, std::move(pass)}); };
  add("price + 1.50", kPrice, Each<kPrice>([](const Row& row) { return Add(Finite(row.price), {150, 2}).word(); }));
  add("price * 0.908", kPrice, Each<kPrice>([](const Row& row) { return Multiply(Finite(row.price), {908, 3}).word(); }));
  add("price > 5000.00", kPrice, Each<kPrice>([](const Row& row) {
        const Decimal price = Finite(row.price);
        if (price.scale != 2) std::abort();
        return price.mantissa > 500000;
      }));
  add("sum(price)", kPrice, [](const Row* rows, size_t count) {
    Decimal sum{0, 2};
#pragma clang loop vectorize(disable) interleave(disable) unroll(disable)
    for (size_t i = 0; i < count; ++i) {
      if ((rows[i].nulls >> kPrice & 1) == 0) sum = Add(sum, Finite(rows[i].price));
    }
    return static_cast<uint64_t>(sum.mantissa);
  });
  add("n * 3 + 1", kN, Each<kN>([](const Row& row) {
        int64_t out;
        if (__builtin_mul_overflow(row.n, 3, &out) || __builtin_add_overflow(out, 1, &out)) std::abort();
        return out;
      }));
  add("n % 1000", kN, Each<kN>([](const Row& row) { return row.n % 1000; }));
  add("n::text", kN, Each<kN>([made = std::make_shared<std::string>(24, ' ')](const Row& row) {
        const auto end = std::to_chars(made->data(), made->data() + 24, row.n).ptr;
        return Word(made->data(), static_cast<size_t>(end - made->data()));
      }));
  add("digits::bigint", kDigits, Each<kDigits>([](const Row& row) {
        int64_t value = 0;  // blanks around it, signs and other bases: not here
        const char* const end = row.digits.data + row.digits.size;
        if (const auto read = std::from_chars(row.digits.data, end, value); read.ec != std::errc() || read.ptr != end) std::abort();
        return value;
      }));
  return all;
}

Pass ColumnByHand(ColumnIndex column) {
  switch (column) {
    case kUrl:
      return Each<kUrl>([](const Row& row) { return Word(row.url.prefix, row.url.size); });
    case kDigits:
      return Each<kDigits>([](const Row& row) { return Word(row.digits.prefix, row.digits.size); });
    case kDoc:
      return Each<kDoc>([](const Row& row) { return Word(row.doc.prefix, row.doc.size); });
    case kPrice:
      return Each<kPrice>([](const Row& row) { return row.price.low + static_cast<uint64_t>(row.price.scale); });
    case kTs:
      return Each<kTs>([](const Row& row) { return row.ts.micros; });
    case kTz:
      return Each<kTz>([](const Row& row) { return row.tz.micros; });
    default:
      return Each<kN>([](const Row& row) { return row.n; });
  }
}

}  // namespace kappa::bench
