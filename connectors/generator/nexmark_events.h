// The events of the Nexmark benchmark (Tucker et al., "NEXMark - A Benchmark for Queries over Data Streams", 2002, in the shape of the generator that
// Apache Beam made of it): an online auction. Of 50 events in a row 1 is a new person, 3 are new auctions, 46 are bids; half of the bids go to one
// hot auction of the last hundred, three in four come from a hot bidder, three in four auctions from a hot seller.
//
// Each event is a pure function of (seed, event number): any offset can be read by itself, and any machine writes the same bytes. Own code; the
// random numbers and strings are not those of other generators.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kappa::nexmark {

enum class EventKind : int8_t { kPerson = 0, kAuction = 1, kBid = 2 };
enum class Layout {
  kMixed,
  kPerson,
  kAuction,
  kBid
};  // kMixed: {"event_type":2,"person":null,"auction":null,"bid":{...}}; else the inner object alone

struct EventSettings {
  uint64_t seed = 1;
  int64_t events_per_second = 50'000;  // of event time; at least 1
  Layout layout = Layout::kMixed;
};

inline constexpr int64_t kBaseTimeMs = 1'436'918'400'000;  // 2015-07-15 00:00:00 UTC
inline constexpr int kPersonShare = 1, kAuctionShare = 3, kBidShare = 46, kShares = 50;
inline constexpr size_t kMaxEventBytes = 2048;

EventKind KindOf(int64_t event);
// The number of the n-th event that is in the layout.
int64_t EventNumber(Layout layout, int64_t n);
int64_t EventTimeMs(const EventSettings& settings, int64_t event);

// Writes the JSON of the event at `out` (kMaxEventBytes free) and returns its end.
char* WriteEvent(const EventSettings& settings, int64_t event, char* out);

}  // namespace kappa::nexmark
