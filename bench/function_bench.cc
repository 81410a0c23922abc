// CPU per event of functions that people put in WHERE and SELECT, beside the same written by hand in C++ over the same values.
//   function_bench [rows = 1000000] [rounds = 7]
// kappa's side calls a function's compiled form through its address, row by row; generated code inlines it instead. So the cost of such a call,
// measured with a function that does nothing, is taken off: what is left is the function.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/os/environment.h"
#include "functions/registry.h"
#include "types/datetime.h"
#include "types/datum.h"

namespace kappa::bench {
namespace {

double CpuSeconds() { return static_cast<double>(os::RealEnvironment().clock().CpuNanos()) * 1e-9; }

// Rows of slots: texts like the addresses of a web log, decimals with two digits.
struct Rows {
  std::vector<std::string> bytes;
  std::vector<Text> urls;
  std::vector<Numeric> prices;
  std::vector<Timestamp> times;  // a thousand a second
};

Rows MakeRows(size_t count) {
  static constexpr const char* kSites[] = {"https://www.nexmark.com/", "https://shop.example.org/", "http://localhost:8080/",
                                           "https://www.example.com/"};
  static constexpr const char* kWords[] = {"items", "channel", "user", "cart", "search", "api", "v2", "static"};
  Rows rows;
  uint64_t state = 42;
  auto next = [&](size_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>((state >> 33) % n);
  };
  rows.bytes.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    rows.bytes.push_back(
        fmt::format("{}{}/{}/item.htm?query=1&{}_id={}", kSites[next(4)], kWords[next(8)], kWords[next(8)], kWords[next(8)], next(1 << 20)));
    rows.urls.emplace_back(std::string_view(rows.bytes.back()));
    rows.prices.emplace_back(static_cast<__int128>(next(1000000)), 2);
    rows.times.push_back({1436918400000000 + static_cast<int64_t>(i) * 1000});
  }
  return rows;
}

// One argument that differs from row to row, up to two that are the same for all.
class Call {
 public:
  Call(const char* signature, const void* column, size_t width, std::vector<Datum> constants)
      : column_(static_cast<const char*>(column)), width_(width) {
    entry_ = FunctionRegistry::Get().BySignature(signature);
    if (entry_ == nullptr || entry_->raw) {
      fmt::print(stderr, "there is no function {}\n", signature);
      std::exit(1);
    }
    constants_ = std::move(constants);
    for (size_t i = 0; i < constants_.size(); ++i) constants_[i].Store(Type(entry_->arguments[i + 1]), slots_[i]);
  }
  uint64_t Run(size_t rows) {
    using Code1 = bool (*)(CallContext*, void*, bool*, const void*, bool);
    using Code2 = bool (*)(CallContext*, void*, bool*, const void*, bool, const void*, bool);
    using Code3 = bool (*)(CallContext*, void*, bool*, const void*, bool, const void*, bool, const void*, bool);
    alignas(8) char out[32] = {};
    bool null = false;
    uint64_t sum = 0;
    const auto code = reinterpret_cast<uintptr_t>(entry_->code);
    for (size_t i = 0; i < rows; ++i) {
      const char* value = column_ + i * width_;
      bool ok;
      if (constants_.empty())
        ok = reinterpret_cast<Code1>(code)(&context_, out, &null, value, false);
      else if (constants_.size() == 1)
        ok = reinterpret_cast<Code2>(code)(&context_, out, &null, value, false, slots_[0], false);
      else
        ok = reinterpret_cast<Code3>(code)(&context_, out, &null, value, false, slots_[0], false, slots_[1], false);
      if (!ok) std::abort();
      uint64_t word = 0;
      std::memcpy(&word, out, entry_->result == TypeId::kBool ? 1 : entry_->result == TypeId::kInt4 || entry_->result == TypeId::kText ? 4 : 8);
      sum += word;
      if (i % 4096 == 0) context_.scratch.Reset();
    }
    return sum;
  }

 private:
  const FunctionEntry* entry_;
  const char* column_;
  size_t width_;
  std::vector<Datum> constants_;
  alignas(8) char slots_[2][24] = {};
  CallContext context_;
};

struct Contest {
  std::string name;
  std::function<uint64_t()> kappa, by_hand, nothing;
  std::vector<double> kappa_seconds, hand_seconds, nothing_seconds;
};

double Median(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

template <typename Column, typename F>
std::function<uint64_t()> ByHand(const std::vector<Column>& column, F f) {
  return [&column, f]() mutable {
    uint64_t sum = 0;
    for (const Column& value : column) sum += f(value);
    return sum;
  };
}

std::vector<Contest> Contests(const Rows& rows) {
  const size_t count = rows.urls.size();
  std::vector<Contest> contests;
  auto text = [](const char* value) { return Datum::Bytes(value); };
  auto identity = std::make_shared<Call>("+(numeric)", rows.prices.data(), sizeof(Numeric), std::vector<Datum>{});
  auto add = [&](const char* name, std::shared_ptr<Call> call, std::function<uint64_t()> by_hand) {
    contests.push_back(
        {name, [call, count] { return call->Run(count); }, std::move(by_hand), [identity, count] { return identity->Run(count); }, {}, {}, {}});
  };
  auto of_text = [&](const char* signature, std::vector<Datum> constants) {
    return std::make_shared<Call>(signature, rows.urls.data(), sizeof(Text), std::move(constants));
  };
  add("url LIKE '%channel%'", of_text("like(text,text)", {text("%channel%")}),
      ByHand(rows.urls, [](const Text& a) { return a.view().find("channel") != std::string_view::npos; }));
  add("url LIKE 'https://%_id=1%'", of_text("like(text,text)", {text("https://%\\_id=1%")}),
      ByHand(rows.urls, [](const Text& a) { return a.view().starts_with("https://") && a.view().find("_id=1", 8) != std::string_view::npos; }));
  auto digits = std::make_shared<RE2>("channel_id=[0-9]+$");
  add("url ~ 'channel_id=[0-9]+$'", of_text("~(text,text)", {text("channel_id=[0-9]+$")}),
      ByHand(rows.urls, [digits](const Text& a) { return RE2::PartialMatch(re2::StringPiece(a.data, a.size), *digits); }));
  auto id = std::make_shared<RE2>("_id=([0-9]+)");
  add("substring(url FROM '_id=([0-9]+)')", of_text("substring(text,text)", {text("_id=([0-9]+)")}), ByHand(rows.urls, [id](const Text& a) {
        re2::StringPiece group;
        return RE2::PartialMatch(re2::StringPiece(a.data, a.size), *id, &group) ? group.size() : 0;
      }));
  add("regexp_replace(url, '_id=([0-9]+)', '')", of_text("regexp_replace(text,text,text)", {text("_id=([0-9]+)"), text("")}),
      ByHand(rows.urls, [id, made = std::string()](const Text& a) mutable {
        made.assign(a.data, a.size);
        RE2::Replace(&made, *id, "");
        return made.size();
      }));
  add("split_part(url, '/', 4)", of_text("split_part(text,text,integer)", {text("/"), Datum::Int(4)}),
      ByHand(rows.urls, [](const Text& a) -> uint64_t {
        const char* p = a.data;
        const char* const end = p + a.size;
        for (int field = 1; field < 4; ++field) {
          p = static_cast<const char*>(std::memchr(p, '/', static_cast<size_t>(end - p)));
          if (p == nullptr) return 0;
          ++p;
        }
        const void* stop = std::memchr(p, '/', static_cast<size_t>(end - p));
        return static_cast<uint64_t>((stop == nullptr ? end : static_cast<const char*>(stop)) - p);
      }));
  add("length(url)", of_text("length(text)", {}), ByHand(rows.urls, [](const Text& a) {
        return static_cast<uint64_t>(std::count_if(a.data, a.data + a.size, [](char ch) { return (ch & 0xC0) != 0x80; }));
      }));
  add("upper(url)", of_text("upper(text)", {}), ByHand(rows.urls, [made = std::string()](const Text& a) mutable {
        made.resize(a.size);
        for (uint32_t i = 0; i < a.size; ++i) made[i] = static_cast<char>(a.data[i] >= 'a' && a.data[i] <= 'z' ? a.data[i] - 32 : a.data[i]);
        return made.size();
      }));
  add("price * 0.908",
      std::make_shared<Call>("*(numeric,numeric)", rows.prices.data(), sizeof(Numeric), std::vector<Datum>{Datum::Of(Numeric(908, 3))}),
      ByHand(rows.prices, [](const Numeric& a) {
        const __int128 product = a.mantissa() * 908;
        if (product > static_cast<__int128>(1) << 126) std::abort();
        return static_cast<uint64_t>(product);
      }));
  add("price + 1.50",
      std::make_shared<Call>("+(numeric,numeric)", rows.prices.data(), sizeof(Numeric), std::vector<Datum>{Datum::Of(Numeric(150, 2))}),
      ByHand(rows.prices, [](const Numeric& a) {
        const __int128 sum = a.mantissa() + 150;
        if (sum > static_cast<__int128>(1) << 126) std::abort();
        return static_cast<uint64_t>(sum);
      }));
  auto of_time = [&](const char* signature, std::vector<Datum> constants) {
    return std::make_shared<Call>(signature, rows.times.data(), sizeof(Timestamp), std::move(constants));
  };
  add("to_char(ts, 'YYYY-MM-DD HH24:MI')", of_time("to_char(timestamp without time zone,text)", {text("YYYY-MM-DD HH24:MI")}),
      ByHand(rows.times, [made = std::string(16, ' ')](const Timestamp& a) mutable {
        const CivilTime civil = CivilFromMicros(a.micros);
        auto put = [&](size_t at, int two_digits) {
          made[at] = static_cast<char>('0' + two_digits / 10);
          made[at + 1] = static_cast<char>('0' + two_digits % 10);
        };
        put(0, static_cast<int>(civil.date.year / 100));
        put(2, static_cast<int>(civil.date.year % 100));
        put(5, civil.date.month);
        put(8, civil.date.day);
        put(11, civil.hour());
        put(14, civil.minute());
        made[4] = made[7] = '-';
        made[13] = ':';
        return made.size() + static_cast<size_t>(made[15]);
      }));
  return contests;
}

int Main(int argc, char** argv) {
  const size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  const Rows rows = MakeRows(count);
  std::vector<Contest> contests = Contests(rows);
  uint64_t checksum = 0;
  for (int round = 0; round < rounds; ++round) {
    for (Contest& contest : contests) {
      auto measure = [&](const std::function<uint64_t()>& run, std::vector<double>* seconds) {
        const double begin = CpuSeconds();
        checksum += run();
        seconds->push_back(CpuSeconds() - begin);
      };
      measure(contest.kappa, &contest.kappa_seconds);
      measure(contest.by_hand, &contest.hand_seconds);
      measure(contest.nothing, &contest.nothing_seconds);
    }
  }
  fmt::print("| expression | kappa, ns | of it the call, ns | by hand, ns | ratio without the call |\n|---|---:|---:|---:|---:|\n");
  for (const Contest& contest : contests) {
    const double rows_count = static_cast<double>(count);
    const double kappa = Median(contest.kappa_seconds) / rows_count * 1e9, hand = Median(contest.hand_seconds) / rows_count * 1e9;
    const double call = Median(contest.nothing_seconds) / rows_count * 1e9;
    fmt::print("| `{}` | {:.1f} | {:.1f} | {:.1f} | {:.2f} |\n", contest.name, kappa, call, hand, (kappa - call) / hand);
  }
  fmt::print("\nchecksum {:x}\n", checksum);
  return 0;
}

}  // namespace
}  // namespace kappa::bench

int main(int argc, char** argv) { return kappa::bench::Main(argc, argv); }
