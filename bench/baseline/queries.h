// Nexmark q0, q2 and q17 as one would write them by hand: simdjson On-Demand, an open-addressing table, no engine. Each query takes records one by
// one and folds the changes it emits into a checksum:  sum over changes of weight * H(row), modulo 2^64, H folding the columns in SELECT order
// (README.md).
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "common/hash.h"

namespace kappa::baseline {

struct Totals {
  uint64_t records = 0;
  uint64_t bids = 0;
  uint64_t changes = 0;
  uint64_t bad = 0;  // could not be decoded
  uint64_t checksum = 0;
};

inline uint64_t FoldInt(uint64_t h, int64_t value) { return HashCombine(h, HashInt(static_cast<uint64_t>(value))); }
inline uint64_t FoldText(uint64_t h, std::string_view text) { return HashCombine(h, HashBytes(text.data(), text.size())); }

// Days since 1970-01-01 (Howard Hinnant, chrono-compatible low-level date algorithms).
inline int64_t DaysFromCivil(int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const int64_t era = year / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + static_cast<int64_t>(year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year) - 719468;
}

// "YYYY-MM-DD HH:MM:SS.mmm" to microseconds; the day of the last text is kept. False: another form.
class TimeParser {
 public:
  bool Parse(std::string_view text, int64_t* micros) {
    if (text.size() != 23 || text[10] != ' ' || text[13] != ':' || text[16] != ':' || text[19] != '.') return false;
    const char* p = text.data();
    if (std::memcmp(p, day_text_, 10) != 0) {
      if (p[4] != '-' || p[7] != '-') return false;
      day_micros_ = DaysFromCivil(Two(p) * 100 + Two(p + 2), static_cast<unsigned>(Two(p + 5)), static_cast<unsigned>(Two(p + 8))) * 86400000000;
      std::memcpy(day_text_, p, 10);
    }
    *micros = day_micros_ + ((Two(p + 11) * 60 + Two(p + 14)) * 60 + Two(p + 17)) * 1000000 + (Two(p + 20) * 10 + (p[22] - '0')) * 1000;
    return true;
  }

 private:
  static int64_t Two(const char* p) { return (p[0] - '0') * 10 + (p[1] - '0'); }
  char day_text_[10] = {};
  int64_t day_micros_ = 0;
};

// The record's bid, with the parser's document kept alive; false: another kind of event (or bad, which is counted).
class BidReader {
 public:
  bool Open(const char* record, size_t size, size_t capacity, Totals* totals, simdjson::ondemand::object* bid) {
    ++totals->records;
    int64_t type;
    if (parser_.iterate(record, size, capacity).get(document_) != simdjson::SUCCESS ||
        document_.find_field("event_type").get_int64().get(type) != simdjson::SUCCESS) {
      ++totals->bad;
      return false;
    }
    if (type != 2) return false;
    if (document_.find_field("bid").get_object().get(*bid) != simdjson::SUCCESS) {
      ++totals->bad;
      return false;
    }
    ++totals->bids;
    return true;
  }

 private:
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

// SELECT auction, bidder, price, channel, url, "dateTime", extra FROM bid
class Query0 {
 public:
  void Record(const char* record, size_t size, size_t capacity) {
    simdjson::ondemand::object bid;
    if (!reader_.Open(record, size, capacity, &totals, &bid)) return;
    int64_t auction, bidder, price, time;
    std::string_view channel, url, time_text, extra;
    const bool good = bid.find_field("auction").get_int64().get(auction) == simdjson::SUCCESS &&
                      bid.find_field("bidder").get_int64().get(bidder) == simdjson::SUCCESS &&
                      bid.find_field("price").get_int64().get(price) == simdjson::SUCCESS &&
                      bid.find_field("channel").get_string().get(channel) == simdjson::SUCCESS &&
                      bid.find_field("url").get_string().get(url) == simdjson::SUCCESS &&
                      bid.find_field("dateTime").get_string().get(time_text) == simdjson::SUCCESS &&
                      bid.find_field("extra").get_string().get(extra) == simdjson::SUCCESS && times_.Parse(time_text, &time);
    if (!good) {
      ++totals.bad;
      return;
    }
    uint64_t h = FoldInt(FoldInt(FoldInt(0, auction), bidder), price);
    h = FoldText(FoldInt(FoldText(FoldText(h, channel), url), time), extra);
    ++totals.changes;
    totals.checksum += h;
  }
  void EpochEnd() {}
  Totals totals;

 private:
  BidReader reader_;
  TimeParser times_;
};

// SELECT auction, price FROM bid WHERE auction % 123 = 0
class Query2 {
 public:
  void Record(const char* record, size_t size, size_t capacity) {
    simdjson::ondemand::object bid;
    if (!reader_.Open(record, size, capacity, &totals, &bid)) return;
    int64_t auction, price;
    if (bid.find_field("auction").get_int64().get(auction) != simdjson::SUCCESS) {
      ++totals.bad;
      return;
    }
    if (auction % 123 != 0) return;
    if (bid.find_field("price").get_int64().get(price) != simdjson::SUCCESS) {
      ++totals.bad;
      return;
    }
    ++totals.changes;
    totals.checksum += FoldInt(FoldInt(0, auction), price);
  }
  void EpochEnd() {}
  Totals totals;

 private:
  BidReader reader_;
};

// SELECT auction, to_char("dateTime", 'YYYY-MM-DD') AS day, count(*), count(*) FILTER (WHERE price < 10000),
//        count(*) FILTER (WHERE price >= 10000 AND price < 1000000), count(*) FILTER (WHERE price >= 1000000), min(price), max(price), avg(price),
//        sum(price)
// FROM bid GROUP BY auction, day         At the end of an epoch: -before +after for every group that changed.
class Query17 {
 public:
  Query17() : slots_(kFirstSlots, kEmpty) {}

  void Record(const char* record, size_t size, size_t capacity) {
    simdjson::ondemand::object bid;
    if (!reader_.Open(record, size, capacity, &totals, &bid)) return;
    int64_t auction, price;
    std::string_view time;
    const bool good = bid.find_field("auction").get_int64().get(auction) == simdjson::SUCCESS &&
                      bid.find_field("price").get_int64().get(price) == simdjson::SUCCESS &&
                      bid.find_field("dateTime").get_string().get(time) == simdjson::SUCCESS && time.size() == 23;
    if (!good) {
      ++totals.bad;
      return;
    }
    // Staged, so that the table's cache misses of many rows overlap: slots are fetched now, groups before the rows are applied.
    Staged& row = staged_[staged_count_++];
    row.hash = Hash(auction, time.data());
    row.auction = auction;
    row.price = price;
    std::memcpy(row.day, time.data(), 10);
    __builtin_prefetch(&slots_[row.hash & (slots_.size() - 1)]);
    if (staged_count_ == kStaged) ApplyStaged();
  }

  void EpochEnd() {
    ApplyStaged();
    for (const Touched& touched : touched_) {
      if (touched.before.count != 0) Emit(touched.before, -1);
      Emit(groups_[touched.group], +1);
    }
    touched_.clear();
    ++epoch_;
  }
  Totals totals;

 private:
  struct Group {
    int64_t auction;
    char day[10];      // YYYY-MM-DD
    uint32_t touched;  // the last epoch that changed it
    int64_t count, low, middle, high, min, max, sum;
  };
  struct Touched {
    uint32_t group;
    Group before;
  };
  struct SlotEntry {
    uint32_t hash;
    uint32_t group;  // kNone: free
  };
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr SlotEntry kEmpty{0, kNone};
  static constexpr size_t kFirstSlots = 1 << 16;

  struct Staged {
    uint64_t hash;
    int64_t auction, price;
    char day[10];
  };
  static constexpr size_t kStaged = 64;
  Staged staged_[kStaged];
  size_t staged_count_ = 0;

  void ApplyStaged() {
    for (size_t i = 0; i < staged_count_; ++i) {
      const SlotEntry& slot = slots_[staged_[i].hash & (slots_.size() - 1)];
      if (slot.group != kNone) {
        const char* group = reinterpret_cast<const char*>(&groups_[slot.group]);
        __builtin_prefetch(group);
        __builtin_prefetch(group + 64);
      }
    }
    for (size_t i = 0; i < staged_count_; ++i) Apply(staged_[i]);
    staged_count_ = 0;
  }

  void Apply(const Staged& row) {
    const int64_t price = row.price;
    Group& group = Find(row.auction, row.day);
    if (group.touched != epoch_) {
      group.touched = epoch_;
      touched_.push_back({static_cast<uint32_t>(&group - groups_.data()), group});
    }
    ++group.count;
    group.low += price < 10000;
    group.middle += price >= 10000 && price < 1000000;
    group.high += price >= 1000000;
    group.min = price < group.min ? price : group.min;
    group.max = price > group.max ? price : group.max;
    group.sum += price;
  }

  static uint64_t Hash(int64_t auction, const char* day) {
    uint64_t tail;  // "5-07-15" and the century's last digit: days differ in it
    std::memcpy(&tail, day + 2, 8);
    return HashMix(static_cast<uint64_t>(auction) ^ 0x9E3779B97F4A7C15u, tail ^ 0xD6E8FEB86659FD93u);
  }

  // Linear probing, at most half full.
  Group& Find(int64_t auction, const char* day) {
    const uint64_t hash = Hash(auction, day);
    const auto tag = static_cast<uint32_t>(hash >> 32);
    for (size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      const SlotEntry& slot = slots_[i];
      if (slot.group == kNone) return Insert(i, tag, auction, day, hash);
      Group& group = groups_[slot.group];
      if (slot.hash == tag && group.auction == auction && std::memcmp(group.day, day, 10) == 0) return group;
    }
  }

  Group& Insert(size_t place, uint32_t tag, int64_t auction, const char* day, uint64_t hash) {
    if (groups_.size() * 2 >= slots_.size()) {
      std::vector<SlotEntry> grown(slots_.size() * 2, kEmpty);
      const size_t mask = grown.size() - 1;
      for (uint32_t g = 0; g < groups_.size(); ++g) {
        const uint64_t other = Hash(groups_[g].auction, groups_[g].day);
        size_t i = other & mask;
        while (grown[i].group != kNone) i = (i + 1) & mask;
        grown[i] = {static_cast<uint32_t>(other >> 32), g};
      }
      slots_ = std::move(grown);
      place = hash & mask;
      while (slots_[place].group != kNone) place = (place + 1) & mask;
    }
    slots_[place] = {tag, static_cast<uint32_t>(groups_.size())};
    Group& group = groups_.emplace_back(Group{auction, {}, 0, 0, 0, 0, 0, INT64_MAX, INT64_MIN, 0});
    std::memcpy(group.day, day, 10);
    return group;
  }

  void Emit(const Group& group, int64_t weight) {
    uint64_t h = FoldText(FoldInt(0, group.auction), {group.day, 10});
    for (const int64_t value : {group.count, group.low, group.middle, group.high, group.min, group.max}) h = FoldInt(h, value);
    char text[64];
    h = FoldText(h, {text, AverageText(group.sum, group.count, text)});
    h = FoldText(h, {text, IntegerText(group.sum, text)});
    ++totals.changes;
    totals.checksum += static_cast<uint64_t>(weight) * h;
  }

 public:
  static size_t IntegerText(int64_t value, char* out);
  // sum / count as PostgreSQL shows avg(bigint): 16 significant digits or a few more (numeric's select_div_scale), rounded half up.
  static size_t AverageText(int64_t sum, int64_t count, char* out);

 private:
  BidReader reader_;
  std::vector<SlotEntry> slots_;
  std::vector<Group> groups_;
  std::vector<Touched> touched_;
  uint32_t epoch_ = 1;
};

inline size_t Query17::IntegerText(int64_t value, char* out) {
  char* p = out;
  auto rest = static_cast<uint64_t>(value);
  if (value < 0) {
    *p++ = '-';
    rest = 0 - rest;
  }
  char digits[20];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + rest % 10);
  while ((rest /= 10) != 0);
  while (count > 0) *p++ = digits[--count];
  return static_cast<size_t>(p - out);
}

inline size_t Query17::AverageText(int64_t sum, int64_t count, char* out) {
  const bool negative = sum < 0;
  const uint64_t dividend = negative ? 0 - static_cast<uint64_t>(sum) : static_cast<uint64_t>(sum), divisor = static_cast<uint64_t>(count);
  // Weight and first digit in PostgreSQL's base 10,000.
  const auto shape = [](uint64_t value) {
    int weight = 0;
    for (; value >= 10000; value /= 10000) ++weight;
    return std::pair<int, uint64_t>(weight, value);
  };
  const auto [weight1, first1] = shape(dividend);
  const auto [weight2, first2] = shape(divisor);
  int quotient_weight = weight1 - weight2;
  if (first1 <= first2) --quotient_weight;
  int scale = 16 - quotient_weight * 4;
  if (scale < 0) scale = 0;
  uint64_t whole = dividend / divisor;
  unsigned __int128 fraction = dividend % divisor;
  unsigned __int128 unit = 1;
  for (int i = 0; i < scale; ++i) unit *= 10;
  fraction = (fraction * unit * 2 + divisor) / (static_cast<unsigned __int128>(divisor) * 2);
  if (fraction >= unit) {
    fraction -= unit;
    ++whole;
  }
  size_t size = 0;
  if (negative && (whole != 0 || fraction != 0)) out[size++] = '-';
  size += IntegerText(static_cast<int64_t>(whole), out + size);
  if (scale == 0) return size;
  out[size] = '.';
  for (int i = scale; i > 0; --i) {
    out[size + static_cast<size_t>(i)] = static_cast<char>('0' + static_cast<int>(fraction % 10));
    fraction /= 10;
  }
  return size + 1 + static_cast<size_t>(scale);
}

}  // namespace kappa::baseline
