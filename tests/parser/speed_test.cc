// How long a query of a hundred lines takes to parse: printed, never judged (a timing is a benchmark's business).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/os/environment.h"
#include "parser/parser.h"
#include "parser/printer.h"

namespace kappa {
namespace {

// 101 lines in the manner of Nexmark's queries: WITH, joins, CASE, windows, aggregates.
std::string LongQuery() {
  std::string text = "WITH\n";
  for (int i = 0; i < 7; ++i) {
    const std::string n = std::to_string(i);
    text += (i > 0 ? ", " : "") + std::string("step") + n + " AS (\n  SELECT b.auction AS auction" + n +
            ",\n    window_start, window_end,\n    count(*) AS total,\n    count(*) FILTER (WHERE b.price < 10000) AS low,\n"
            "    count(*) FILTER (WHERE b.price >= 10000 AND b.price < 1000000) AS middle,\n"
            "    sum(CASE WHEN b.channel = 'apple' THEN b.price * 0.908 ELSE 0 END) AS apple,\n    avg(b.price) AS average, max(b.price) AS most,\n"
            "    lower(split_part(b.url, '/', 4)) AS dir" +
            n +
            "\n  FROM TUMBLE(bids, ts, INTERVAL '10 seconds') AS b\n"
            "  JOIN auctions a ON b.auction = a.id AND b.ts BETWEEN a.\"dateTime\" AND a.expires\n"
            "  WHERE b.price > " +
            n + "00 AND a.category IN (10, 11, 12) AND b.channel IS NOT NULL\n  GROUP BY 1, window_start, window_end, 9\n)\n";
  }
  text +=
      "SELECT s0.auction0, s0.total + s1.total AS total, coalesce(s2.most, 0)::numeric(10, 2)\nFROM step0 s0\nLEFT JOIN step1 s1 ON s0.auction0 = "
      "s1.auction1\n"
      "LEFT JOIN step2 s2 ON s0.auction0 = s2.auction2\nWHERE s0.total > 5\nORDER BY total DESC\nLIMIT 10";
  return text;
}

TEST(Speed, HundredLineQuery) {
  const std::string text = LongQuery();
  os::Clock& clock = os::RealEnvironment().clock();
  std::vector<int64_t> nanos;
  for (int round = 0; round < 30; ++round) {
    const int64_t begin = clock.CpuNanos();
    ASSERT_TRUE(ParseStatement(text).ok()) << FormatError(ParseStatement(text).status(), "query", text);
    nanos.push_back(clock.CpuNanos() - begin);
  }
  const int64_t first = nanos.front();
  std::sort(nanos.begin(), nanos.end());
  std::printf("%zu lines, %zu bytes: first %.2f ms, median of %zu %.2f ms (CPU)\n",
              static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1, text.size(), static_cast<double>(first) / 1e6, nanos.size(),
              static_cast<double>(nanos[nanos.size() / 2]) / 1e6);
  RecordProperty("median_micros", static_cast<int>(nanos[nanos.size() / 2] / 1000));
}

}  // namespace
}  // namespace kappa
