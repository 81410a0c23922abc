#include "bench/functions/rows.h"

#include <fmt/format.h>

#include "types/datum.h"

namespace kappa::bench {

const char kSourceStatement[] =
    "CREATE SOURCE t (url TEXT, digits TEXT, doc JSONB, price NUMERIC, ts TIMESTAMP, tz TIMESTAMPTZ, n BIGINT) "
    "WITH (connector = 'memory', topic = 't') FORMAT PLAIN ENCODE JSON;";

RowLayout LayoutOfRow() {
  using enum TypeId;
  std::vector<RowLayout::Column> columns;
  for (const TypeId type : {kText, kText, kJsonb, kNumeric, kTimestamp, kTimestampTz, kInt8}) columns.push_back({Type(type), true});
  return RowLayout(columns);
}

Rows MakeRows(size_t count) {
  static constexpr const char* kSites[] = {"https://www.nexmark.com/", "https://shop.example.org/", "http://localhost:8080/",
                                           "https://www.example.com/"};
  static constexpr const char* kWords[] = {"items", "channel", "user", "cart", "search", "api", "v2", "static"};
  Rows made;
  uint64_t state = 42;
  auto next = [&](uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
  };
  auto keep = [&](std::string bytes) -> std::string_view { return made.bytes.emplace_back(std::move(bytes)); };
  for (size_t i = 0; i < count; ++i) {
    Row row;
    for (int column = 0; column < kColumns; ++column) row.nulls = static_cast<uint8_t>(row.nulls | (next(32) == 0 ? 1 << column : 0));
    row.url = Text(
        keep(fmt::format("{}{}/{}/Item.htm?query=1&{}_id={}", kSites[next(4)], kWords[next(8)], kWords[next(8)], kWords[next(8)], next(1 << 20))));
    uint64_t limit = 1;
    for (uint64_t digits = 1 + next(10); digits > 0; --digits) limit *= 10;
    row.digits = Text(keep(fmt::format("{}", next(limit))));
    const std::string document = fmt::format(R"({{"id":{},"channel":"{}","price":{},"city":"{} {}","extra":"{:016x}"}})", next(1000000),
                                             kWords[next(8)], next(100000), kWords[next(8)], kWords[next(8)], next(1u << 31));
    const Datum doc = Datum::Parse(Type(TypeId::kJsonb), document).value();
    row.doc = Jsonb(keep(doc.as_bytes()));
    made.records.push_back(document + std::string(64, ' '));
    made.records.back().resize(document.size());
    row.price = Numeric(static_cast<__int128>(next(1000000)), 2);
    row.ts.micros = static_cast<int64_t>(next(40ull * 366 * 86400) * 1000000 + next(1000000));
    row.tz.micros = static_cast<int64_t>(next(40ull * 366 * 86400) * 1000000 + next(1000000));
    row.n = static_cast<int64_t>(next(1ull << 31));
    for (int column = 0; column < kColumns; ++column) {  // a NULL's slot is zero
      if ((row.nulls >> column & 1) == 0) continue;
      switch (column) {
        case kUrl:
          row.url = Text();
          break;
        case kDigits:
          row.digits = Text();
          break;
        case kDoc:
          row.doc = Jsonb();
          break;
        case kPrice:
          row.price = Numeric();
          break;
        case kTs:
          row.ts = Timestamp();
          break;
        case kTz:
          row.tz = TimestampTz();
          break;
        default:
          row.n = 0;
      }
    }
    made.rows.push_back(row);
  }
  return made;
}

}  // namespace kappa::bench
