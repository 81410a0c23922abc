#include "bench/baseline/nexmark_records.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace kappa::bench {
namespace {

// SplitMix64 (Sebastiano Vigna).
class Sequence {
 public:
  explicit Sequence(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  std::string Letters(size_t size) {
    std::string text(size, ' ');
    for (char& c : text) c = static_cast<char>('a' + Below(26));
    return text;
  }

 private:
  uint64_t state_;
};

// 50,000 events a second from 2015-07-15 00:00:00 on.
std::string TimeText(uint64_t event) {
  const uint64_t millis = event / 50;
  const uint64_t seconds = millis / 1000;
  return fmt::format("2015-07-{:02} {:02}:{:02}:{:02}.{:03}", 15 + seconds / 86400 % 16, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60,
                     millis % 1000);
}

void AppendPerson(Sequence& r, uint64_t id, const std::string& time, std::string* out) {
  *out += fmt::format(
      R"({{"event_type":0,"person":{{"id":{},"name":"{} {}","emailAddress":"{}@{}.com","creditCard":"{:04} {:04} {:04} {:04}","city":"Phoenix","state":"AZ",)"
      R"("dateTime":"{}","extra":"{}"}},"auction":null,"bid":null}})",
      id, r.Letters(6), r.Letters(8), r.Letters(7), r.Letters(5), r.Below(10000), r.Below(10000), r.Below(10000), r.Below(10000), time,
      r.Letters(90 + r.Below(30)));
}

void AppendAuction(Sequence& r, uint64_t id, uint64_t seller, const std::string& time, std::string* out) {
  const uint64_t bid = r.Below(1000000) + 100;
  *out += fmt::format(
      R"({{"event_type":1,"person":null,"auction":{{"id":{},"itemName":"{}","description":"{}","initialBid":{},"reserve":{},"dateTime":"{}",)"
      R"("expires":"{}","seller":{},"category":{},"extra":"{}"}},"bid":null}})",
      id, r.Letters(10 + r.Below(10)), r.Letters(60 + r.Below(40)), bid, bid + r.Below(1000), time, time, seller, 10 + r.Below(5),
      r.Letters(100 + r.Below(60)));
}

void AppendBid(Sequence& r, uint64_t auction, uint64_t bidder, const std::string& time, std::string* out) {
  static constexpr const char* kChannels[] = {"Google", "Facebook", "Baidu", "Apple"};
  const bool hot = r.Below(2) == 0;
  const std::string channel = hot ? kChannels[r.Below(4)] : fmt::format("channel-{}", r.Below(10000));
  const std::string url =
      fmt::format("https://www.nexmark.com/{}/{}/{}/item.htm?query=1&channel_id={}", r.Letters(5), r.Letters(5), r.Letters(5), r.Below(1073741824));
  static constexpr uint64_t kPrices[] = {1000, 10000, 100000, 1000000, 10000000, 100000000};
  const uint64_t price = 100 + r.Below(kPrices[r.Below(6)]);
  *out += fmt::format(
      R"({{"event_type":2,"person":null,"auction":null,"bid":{{"auction":{},"bidder":{},"price":{},"channel":"{}","url":"{}","dateTime":"{}","extra":"{}"}}}})",
      auction, bidder, price, channel, url, time, r.Letters(50 + r.Below(50)));
}

}  // namespace

RecordFile SplitRecords(std::string bytes) {
  RecordFile file;
  file.bytes = std::move(bytes);
  const size_t size = file.bytes.size();
  file.bytes.append(kPadding, '\0');
  const char* p = file.bytes.data();
  const char* const end = p + size;
  while (p < end) {
    const void* newline = std::memchr(p, '\n', static_cast<size_t>(end - p));
    const char* stop = newline == nullptr ? end : static_cast<const char*>(newline);
    if (stop > p) file.records.emplace_back(p, static_cast<size_t>(stop - p));
    p = stop + 1;
  }
  return file;
}

RecordFile MakeNexmarkRecords(uint64_t count, uint64_t seed) {
  Sequence r(seed);
  std::string bytes;
  bytes.reserve(count * 345);
  for (uint64_t event = 0; event < count; ++event) {
    const uint64_t round = event / 50, place = event % 50;
    const std::string time = TimeText(event);
    const uint64_t auctions = round * 3 + 1, people = round + 1;
    if (place == 0) {
      AppendPerson(r, 1000 + round, time, &bytes);
    } else if (place <= 3) {
      AppendAuction(r, 1000 + round * 3 + place - 1, 1000 + r.Below(people), time, &bytes);
    } else {
      // Half of the bids go to the newest hundred auctions.
      const uint64_t recent = auctions > 100 && r.Below(2) == 0 ? auctions - 1 - r.Below(100) : r.Below(auctions);
      AppendBid(r, 1000 + recent, 1000 + r.Below(people), time, &bytes);
    }
    bytes.push_back('\n');
  }
  return SplitRecords(std::move(bytes));
}

}  // namespace kappa::bench
