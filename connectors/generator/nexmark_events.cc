#include "connectors/generator/nexmark_events.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "common/hash.h"
#include "common/runtime.h"

namespace kappa::nexmark {
namespace {

constexpr int64_t kFirstPersonId = 1000, kFirstAuctionId = 1000, kFirstCategoryId = 10;
constexpr int64_t kCategories = 5;
constexpr int64_t kActivePeople = 1000, kAuctionsInFlight = 100, kIdLead = 10;  // some ids are not there yet: joins must cope
constexpr int64_t kHotEvery = 100;                                              // one auction, seller, bidder of so many is hot
constexpr int64_t kChannels = 10'000;
// Aimed-at sizes of the payload as a whole, of which `extra` is what is missing.
constexpr int64_t kPersonBytes = 200, kAuctionBytes = 500, kBidBytes = 100;

constexpr std::string_view kFirstNames[] = {"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::string_view kLastNames[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"};
constexpr std::string_view kCities[] = {"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
                                        "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
constexpr std::string_view kStates[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::string_view kHotChannels[] = {"Google", "Facebook", "Baidu", "Apple"};

// SplitMix64 (Steele, Lea, Flood, 2014): one multiplication-free state step, any start is good.
class Generator {
 public:
  Generator(uint64_t seed, uint64_t stream) : state_(HashCombine(HashInt(seed), stream)) {}
  KAPPA_INLINE uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  KAPPA_INLINE int64_t Below(int64_t bound) {
    return static_cast<int64_t>((static_cast<unsigned __int128>(Next()) * static_cast<uint64_t>(bound)) >> 64);
  }

 private:
  uint64_t state_;
};

// 100 * 10^(6 u) for u in [0, 1), by a table and linear steps: additions and multiplications only, so that every machine gets the same price.
class PriceTable {
 public:
  constexpr PriceTable() {
    constexpr double kStep = 1.0135831333340657;  // 10^(6/1024)
    double value = 100.0;
    for (double& entry : entries_) {
      entry = value;
      value *= kStep;
    }
  }
  int64_t operator()(uint64_t random) const {
    const uint64_t index = random >> 54;
    const double part = static_cast<double>((random >> 22) & 0xFFFFFFFF) * 0x1p-32;
    return static_cast<int64_t>(entries_[index] + (entries_[index + 1] - entries_[index]) * part +
                                0.5);  // NOLINT(bugprone-incorrect-roundings): none is negative
  }

 private:
  double entries_[1025] = {};
};
constexpr PriceTable kPrices;

struct DigitPairs {
  char text[200] = {};
  constexpr DigitPairs() {
    for (size_t i = 0; i < 100; ++i) {
      text[2 * i] = static_cast<char>('0' + i / 10);
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr DigitPairs kDigitPairs;

KAPPA_INLINE char* Put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

KAPPA_INLINE char* PutTwo(char* out, int64_t value) {
  std::memcpy(out, kDigitPairs.text + 2 * value, 2);
  return out + 2;
}

KAPPA_INLINE char* PutNumber(char* out, int64_t value) {
  char digits[20];
  char* p = digits + sizeof(digits);
  auto rest = static_cast<uint64_t>(value);
  while (rest >= 100) {
    p -= 2;
    std::memcpy(p, kDigitPairs.text + 2 * (rest % 100), 2);
    rest /= 100;
  }
  if (rest >= 10) {
    p -= 2;
    std::memcpy(p, kDigitPairs.text + 2 * rest, 2);
  } else {
    *--p = static_cast<char>('0' + rest);
  }
  const auto size = static_cast<size_t>(digits + sizeof(digits) - p);
  std::memcpy(out, p, size);
  return out + size;
}

// 'YYYY-MM-DD HH:MM:SS.mmm'; days to a date after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
char* PutTime(char* out, int64_t millis) {
  int64_t days = millis / 86'400'000, rest = millis % 86'400'000;
  days += 719'468;
  const int64_t era = days / 146'097, day_of_era = days % 146'097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int64_t year = (year_of_era + era * 400 + (month <= 2 ? 1 : 0)) % 10'000;
  out = PutTwo(PutTwo(out, year / 100), year % 100);
  *out++ = '-';
  out = PutTwo(out, month);
  *out++ = '-';
  out = PutTwo(out, day);
  *out++ = ' ';
  out = PutTwo(out, rest / 3'600'000);
  *out++ = ':';
  out = PutTwo(out, rest / 60'000 % 60);
  *out++ = ':';
  out = PutTwo(out, rest / 1000 % 60);
  *out++ = '.';
  *out++ = static_cast<char>('0' + rest % 1000 / 100);
  return PutTwo(out, rest % 100);
}

// Random letters, 12 of one random number; writes up to 11 bytes past the end.
KAPPA_INLINE char* PutLetters(Generator& random, char* out, int64_t count) {
  static constexpr char kLetters[33] = "abcdefghijklmnopqrstuvwxyzaeilnr";
  for (int64_t done = 0; done < count; done += 12) {
    uint64_t bits = random.Next();
    for (int i = 0; i < 12; ++i, bits >>= 5) out[done + i] = kLetters[bits & 31];
  }
  return out + count;
}

char* PutWords(Generator& random, char* out, int64_t most) {
  const int64_t size = 3 + random.Below(most - 3);
  char* const end = PutLetters(random, out, size);
  for (char* p = out + 4 + random.Below(9); p < end - 1; p += 4 + random.Below(9)) *p = ' ';
  return end;
}

// `used` bytes of the record are something else; its whole size shall be `wanted`, give or take a fifth.
char* PutExtra(Generator& random, char* out, int64_t used, int64_t wanted) {
  if (used > wanted) return out;
  const int64_t left = wanted - used, fifth = left / 5;
  return PutLetters(random, out, left - fifth + (fifth == 0 ? 0 : random.Below(2 * fifth)));
}

// The last person and auction that have been born when `event` comes, counted from 0.
int64_t LastPerson(int64_t event) { return event / kShares; }
int64_t LastAuction(int64_t event) {
  const int64_t round = event / kShares, within = event % kShares;
  if (within < kPersonShare) return round * kAuctionShare - 1;
  return round * kAuctionShare + std::min<int64_t>(within - kPersonShare, kAuctionShare - 1);
}

int64_t SomePerson(Generator& random, int64_t event) {
  const int64_t people = LastPerson(event) + 1, active = std::min(people, kActivePeople);
  return people - active + random.Below(active + kIdLead);
}

int64_t SomeAuction(Generator& random, int64_t event) {
  const int64_t last = std::max<int64_t>(LastAuction(event), 0), first = std::max<int64_t>(last - kAuctionsInFlight, 0);
  return first + random.Below(last - first + 1 + kIdLead);
}

char* PutPerson(Generator& random, const EventSettings& settings, int64_t event, char* out) {
  out = PutNumber(Put(out, "{\"id\":"), LastPerson(event) + kFirstPersonId);
  const std::string_view first = kFirstNames[random.Below(std::size(kFirstNames))], last = kLastNames[random.Below(std::size(kLastNames))];
  out = Put(Put(out, ",\"name\":\""), first);
  *out++ = ' ';
  out = Put(out, last);
  out = PutLetters(random, Put(out, "\",\"emailAddress\":\""), 3 + random.Below(4));
  *out++ = '@';
  out = Put(PutLetters(random, out, 3 + random.Below(2)), ".com");
  out = Put(out, "\",\"creditCard\":\"");
  for (int group = 0; group < 4; ++group) {
    if (group > 0) *out++ = ' ';
    const int64_t digits = random.Below(10'000);
    out = PutTwo(PutTwo(out, digits / 100), digits % 100);
  }
  out = Put(Put(out, "\",\"city\":\""), kCities[random.Below(std::size(kCities))]);
  out = Put(Put(out, "\",\"state\":\""), kStates[random.Below(std::size(kStates))]);
  out = PutTime(Put(out, "\",\"dateTime\":\""), EventTimeMs(settings, event));
  out = PutExtra(random, Put(out, "\",\"extra\":\""), 70, kPersonBytes);
  return Put(out, "\"}");
}

char* PutAuction(Generator& random, const EventSettings& settings, int64_t event, char* out) {
  const int64_t now = EventTimeMs(settings, event);
  // Auctions last until about as many others have begun as are in flight.
  const int64_t horizon = EventTimeMs(settings, event + kAuctionsInFlight * kShares / kAuctionShare) - now;
  const int64_t expires = now + 1 + random.Below(std::max<int64_t>(2 * horizon, 1));
  const int64_t initial = kPrices(random.Next()), reserve = initial + kPrices(random.Next());
  const int64_t seller = random.Below(4) > 0 ? LastPerson(event) / kHotEvery * kHotEvery : SomePerson(random, event);
  out = PutNumber(Put(out, "{\"id\":"), LastAuction(event) + kFirstAuctionId);
  out = PutWords(random, Put(out, ",\"itemName\":\""), 20);
  out = PutWords(random, Put(out, "\",\"description\":\""), 100);
  out = PutNumber(Put(out, "\",\"initialBid\":"), initial);
  out = PutNumber(Put(out, ",\"reserve\":"), reserve);
  out = PutTime(Put(out, ",\"dateTime\":\""), now);
  out = PutTime(Put(out, "\",\"expires\":\""), expires);
  out = PutNumber(Put(out, "\",\"seller\":"), seller + kFirstPersonId);
  out = PutNumber(Put(out, ",\"category\":"), kFirstCategoryId + random.Below(kCategories));
  out = PutExtra(random, Put(out, ",\"extra\":\""), 130, kAuctionBytes);
  return Put(out, "\"}");
}

char* PutBid(Generator& random, const EventSettings& settings, int64_t event, char* out) {
  const int64_t auction = random.Below(2) > 0 ? std::max<int64_t>(LastAuction(event), 0) / kHotEvery * kHotEvery : SomeAuction(random, event);
  const int64_t bidder = random.Below(4) > 0 ? LastPerson(event) / kHotEvery * kHotEvery + 1 : SomePerson(random, event);
  out = PutNumber(Put(out, "{\"auction\":"), auction + kFirstAuctionId);
  out = PutNumber(Put(out, ",\"bidder\":"), bidder + kFirstPersonId);
  out = PutNumber(Put(out, ",\"price\":"), kPrices(random.Next()));
  out = Put(out, ",\"channel\":\"");
  int64_t channel = random.Below(2) > 0 ? -1 - random.Below(std::size(kHotChannels)) : random.Below(kChannels);
  out = channel < 0 ? Put(out, kHotChannels[-1 - channel]) : PutNumber(Put(out, "channel-"), channel);
  // A channel always has the same address, which in nine of ten cases names it.
  Generator of_channel(settings.seed, static_cast<uint64_t>(channel) ^ 0xC4A77E15u);
  out = Put(out, "\",\"url\":\"https://www.nexmark.com/");
  for (int part = 0; part < 3; ++part) {
    out = PutLetters(of_channel, out, 3 + of_channel.Below(3));
    *out++ = '/';
  }
  out = Put(out, "item.htm?query=1");
  if (of_channel.Below(10) > 0) out = PutNumber(Put(out, "&channel_id="), of_channel.Below(int64_t{1} << 31));
  out = PutTime(Put(out, "\",\"dateTime\":\""), EventTimeMs(settings, event));
  out = PutExtra(random, Put(out, "\",\"extra\":\""), 32, kBidBytes);
  return Put(out, "\"}");
}

}  // namespace

EventKind KindOf(int64_t event) {
  const int64_t within = event % kShares;
  return within < kPersonShare ? EventKind::kPerson : within < kPersonShare + kAuctionShare ? EventKind::kAuction : EventKind::kBid;
}

int64_t EventNumber(Layout layout, int64_t n) {
  switch (layout) {
    case Layout::kMixed:
      return n;
    case Layout::kPerson:
      return n / kPersonShare * kShares;
    case Layout::kAuction:
      return n / kAuctionShare * kShares + kPersonShare + n % kAuctionShare;
    case Layout::kBid:
      return n / kBidShare * kShares + kPersonShare + kAuctionShare + n % kBidShare;
  }
  return n;
}

int64_t EventTimeMs(const EventSettings& settings, int64_t event) {
  const int64_t rate = settings.events_per_second;
  return kBaseTimeMs + event / rate * 1000 + event % rate * 1000 / rate;
}

char* WriteEvent(const EventSettings& settings, int64_t event, char* out) {
  Generator random(settings.seed, static_cast<uint64_t>(event));
  const bool mixed = settings.layout == Layout::kMixed;
  switch (KindOf(event)) {
    case EventKind::kPerson:
      if (mixed) out = Put(out, "{\"event_type\":0,\"person\":");
      out = PutPerson(random, settings, event, out);
      return mixed ? Put(out, ",\"auction\":null,\"bid\":null}") : out;
    case EventKind::kAuction:
      if (mixed) out = Put(out, "{\"event_type\":1,\"person\":null,\"auction\":");
      out = PutAuction(random, settings, event, out);
      return mixed ? Put(out, ",\"bid\":null}") : out;
    case EventKind::kBid:
      if (mixed) out = Put(out, "{\"event_type\":2,\"person\":null,\"auction\":null,\"bid\":");
      out = PutBid(random, settings, event, out);
      return mixed ? Put(out, "}") : out;
  }
  return out;
}

}  // namespace kappa::nexmark
