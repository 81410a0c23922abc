// approx_count_distinct and approx_percentile: what they answer depends on the set of rows alone. Host code: called, not inlined.
//
//   approx_count_distinct   HyperLogLog (P. Flajolet et al., 2007) with 2^14 registers and O. Ertl's estimator ("New cardinality estimation
//   algorithms for
//                           HyperLogLog sketches", 2017): a relative error of 0.8 %. Up to 2048 values their hashes are kept: exact, but for two that
//                           hash alike. Only over rows that stay; over others the planner counts exactly.
//   approx_percentile       DDSketch (C. Masson et al., VLDB 2019): buckets of relative width; the answer is within the relative error of the value
//                           that percentile_disc gives.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "common/hash.h"
#include "functions/aggregate.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"
#include "types/array_value.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace approximate_aggregates {

constexpr int kRegisterBits = 14;
constexpr size_t kRegisters = size_t{1} << kRegisterBits;  // a byte each
constexpr uint32_t kMaxHashes = kRegisters / sizeof(uint64_t);

struct Distinct {
  StateArena::Ref block;
  uint32_t hashes;    // in ascending order, while `dense` is 0
  uint32_t capacity;  // of hashes
  uint64_t dense;     // 1: the block holds registers
};

struct ApproximateCount {
  using State = Distinct;
  static constexpr bool kInvertible = false;

  static uint8_t* Registers(const StateArena& arena, const State& s) { return reinterpret_cast<uint8_t*>(arena.At(s.block)); }
  static uint64_t* Hashes(const StateArena& arena, const State& s) { return reinterpret_cast<uint64_t*>(arena.At(s.block)); }

  static void Register(uint8_t* registers, uint64_t hash) {
    const size_t index = hash >> (64 - kRegisterBits);
    const int rank = std::countl_zero((hash << kRegisterBits) | (uint64_t{1} << (kRegisterBits - 1))) + 1;
    registers[index] = std::max(registers[index], static_cast<uint8_t>(rank));
  }
  static size_t BytesOf(const State& s) { return s.dense != 0 ? kRegisters : s.capacity * sizeof(uint64_t); }

  static void MakeDense(StateArena& arena, State* s) {
    State dense = {arena.Allocate(kRegisters), 0, 0, 1};
    std::memset(arena.At(dense.block), 0, kRegisters);
    for (uint32_t i = 0; i < s->hashes; ++i) Register(Registers(arena, dense), Hashes(arena, *s)[i]);
    if (s->block != 0) arena.Free(s->block, BytesOf(*s));
    *s = dense;
  }
  static void AddHash(StateArena& arena, State* s, uint64_t hash) {
    if (s->dense == 0) {
      uint64_t* hashes = s->block == 0 ? nullptr : Hashes(arena, *s);
      uint64_t* place = std::lower_bound(hashes, hashes + s->hashes, hash);
      if (place != hashes + s->hashes && *place == hash) return;
      if (s->hashes < kMaxHashes) {
        const auto at = static_cast<size_t>(place - hashes);
        if (s->hashes == s->capacity) hashes = Grow(arena, s);
        std::memmove(hashes + at + 1, hashes + at, (s->hashes - at) * sizeof(uint64_t));
        hashes[at] = hash;
        ++s->hashes;
        return;
      }
      MakeDense(arena, s);
    }
    Register(Registers(arena, *s), hash);
  }
  static uint64_t* Grow(StateArena& arena, State* s) {
    const uint32_t capacity = s->capacity == 0 ? 4 : s->capacity * 2;
    const StateArena::Ref block = arena.Allocate(capacity * sizeof(uint64_t));
    if (s->block != 0) {
      std::memcpy(arena.At(block), arena.At(s->block), s->hashes * sizeof(uint64_t));
      arena.Free(s->block, BytesOf(*s));
    }
    s->block = block;
    s->capacity = capacity;
    return Hashes(arena, *s);
  }
  static void Add(StateContext& context, State* s, const AnyValue* args, uint32_t, int64_t) { AddHash(context.arena, s, HashInt(HashAny(args[0]))); }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    if (other.dense == 0) {
      for (uint32_t i = 0; i < other.hashes; ++i) AddHash(context.arena, s, Hashes(from.arena, other)[i]);
      return;
    }
    if (s->dense == 0) MakeDense(context.arena, s);
    uint8_t* mine = Registers(context.arena, *s);
    const uint8_t* theirs = Registers(from.arena, other);
    for (size_t i = 0; i < kRegisters; ++i) mine[i] = std::max(mine[i], theirs[i]);
  }
  static double Sigma(double x) {
    if (x == 1) return __builtin_inf();
    double y = 1, z = x, last;
    do {
      x *= x;
      last = z;
      z += x * y;
      y += y;
    } while (z != last);
    return z;
  }
  static double Tau(double x) {
    if (x == 0 || x == 1) return 0;
    double y = 1, z = 1 - x, last;
    do {
      x = std::sqrt(x);
      last = z;
      y *= 0.5;
      z -= (1 - x) * (1 - x) * y;
    } while (z != last);
    return z / 3;
  }
  static bool Result(StateContext& context, CallContext&, const State& s, const TypeDescriptor*, void* out, bool*) {
    int64_t count = s.hashes;
    if (s.dense != 0) {
      constexpr int kRanks = 64 - kRegisterBits;
      constexpr double kSize = kRegisters;
      int64_t histogram[kRanks + 2] = {};
      for (size_t i = 0; i < kRegisters; ++i) ++histogram[Registers(context.arena, s)[i]];
      double z = kSize * Tau(1 - static_cast<double>(histogram[kRanks + 1]) / kSize);
      for (int rank = kRanks; rank >= 1; --rank) z = 0.5 * (z + static_cast<double>(histogram[rank]));
      z += kSize * Sigma(static_cast<double>(histogram[0]) / kSize);
      count = static_cast<int64_t>(std::llround(kSize * kSize / (2 * std::log(2.0)) / z));
    }
    std::memcpy(out, &count, sizeof count);
    return true;
  }
  static void Release(StateContext& context, State* s) {
    if (s->block != 0) context.arena.Free(s->block, BytesOf(*s));
    *s = State{};
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    if (s.block == 0) return;
    out->block = to.arena.Allocate(BytesOf(s));
    std::memcpy(to.arena.At(out->block), from.arena.At(s.block), s.dense != 0 ? kRegisters : s.hashes * sizeof(uint64_t));
  }
};

struct Bucket {
  int64_t index;
  int64_t count;
};
struct Sketch {
  StateArena::Ref block;  // of Buckets, in ascending order
  uint32_t buckets;
  uint32_t capacity;
  int64_t count;
  double fraction, error;  // of the call
};

struct ApproximatePercentile {
  using State = Sketch;
  static constexpr bool kInvertible = true;
  static constexpr int64_t kFar = int64_t{1} << 40;

  static Bucket* Buckets(const StateArena& arena, const State& s) { return s.block == 0 ? nullptr : reinterpret_cast<Bucket*>(arena.At(s.block)); }
  static double Growth(double error) { return (1 + error) / (1 - error); }
  static int64_t IndexOf(double value, double error) {
    if (value != value) return 3 * kFar;
    if (value == 0) return 0;
    if (std::isinf(value)) return value > 0 ? 2 * kFar + kFar / 2 : -2 * kFar - kFar / 2;
    const auto index = static_cast<int64_t>(std::ceil(std::log(std::fabs(value)) / std::log(Growth(error))));
    return value > 0 ? kFar + index : -kFar - index;
  }
  static double ValueOf(int64_t index, double error) {
    if (index == 3 * kFar) return __builtin_nan("");
    if (index == 0) return 0;
    if (index > 2 * kFar || index < -2 * kFar) return index > 0 ? __builtin_inf() : -__builtin_inf();
    const int64_t power = index > 0 ? index - kFar : -kFar - index;
    const double growth = Growth(error), value = 2 * std::exp(static_cast<double>(power) * std::log(growth)) / (growth + 1);
    return index > 0 ? value : -value;
  }
  static void AddBucket(StateArena& arena, State* s, int64_t index, int64_t count) {
    s->count += count;
    Bucket* buckets = Buckets(arena, *s);
    Bucket* place = std::lower_bound(buckets, buckets + s->buckets, index, [](const Bucket& b, int64_t at) { return b.index < at; });
    auto at = static_cast<size_t>(place - buckets);
    if (at < s->buckets && place->index == index) {
      place->count += count;
      if (place->count != 0) return;
      std::memmove(place, place + 1, (s->buckets - at - 1) * sizeof(Bucket));
      --s->buckets;
      return;
    }
    if (s->buckets == s->capacity) {
      const uint32_t capacity = s->capacity == 0 ? 4 : s->capacity * 2;
      const StateArena::Ref block = arena.Allocate(capacity * sizeof(Bucket));
      if (s->block != 0) {
        std::memcpy(arena.At(block), buckets, s->buckets * sizeof(Bucket));
        arena.Free(s->block, s->capacity * sizeof(Bucket));
      }
      s->block = block;
      s->capacity = capacity;
      buckets = Buckets(arena, *s);
    }
    std::memmove(buckets + at + 1, buckets + at, (s->buckets - at) * sizeof(Bucket));
    buckets[at] = {index, count};
    ++s->buckets;
  }
  // args: the value, then the fraction and, when it is given, the relative error.
  static void Add(StateContext& context, State* s, const AnyValue* args, uint32_t count, int64_t weight) {
    double value, error = 0.01;
    std::memcpy(&value, args[0].slot, sizeof value);
    if (s->error == 0) {
      s->fraction = __builtin_nan("");
      if (!args[1].null) std::memcpy(&s->fraction, args[1].slot, sizeof value);
      if (count > 2 && !args[2].null) std::memcpy(&error, args[2].slot, sizeof error);
      s->error = error > 0 && error < 1 ? error : -1;
    }
    if (s->error > 0) AddBucket(context.arena, s, IndexOf(value, s->error), weight);
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    if (s->error == 0) {
      s->fraction = other.fraction;
      s->error = other.error;
    }
    for (uint32_t i = 0; i < other.buckets; ++i) {
      const Bucket bucket = Buckets(from.arena, other)[i];
      AddBucket(context.arena, s, bucket.index, bucket.count);
    }
  }
  static bool Result(StateContext& context, CallContext& c, const State& s, const TypeDescriptor*, void* out, bool* out_null) {
    *out_null = true;
    if (s.error < 0) return c.Fail(sqlstate::kNumericValueOutOfRange, "the relative error is not between 0 and 1");
    if (s.count <= 0 || s.fraction != s.fraction) return true;
    if (!(s.fraction >= 0 && s.fraction <= 1)) return c.Fail(sqlstate::kNumericValueOutOfRange, "the percentile is not between 0 and 1");
    const auto rank = static_cast<int64_t>(std::ceil(s.fraction * static_cast<double>(s.count)));
    int64_t seen = 0;
    const Bucket* buckets = Buckets(context.arena, s);
    for (uint32_t i = 0; i < s.buckets; ++i) {
      seen += buckets[i].count;
      if (seen < rank && i + 1 < s.buckets) continue;
      if (seen <= 0) continue;
      const double value = ValueOf(buckets[i].index, s.error);
      std::memcpy(out, &value, sizeof value);
      *out_null = false;
      return true;
    }
    return true;
  }
  static void Release(StateContext& context, State* s) {
    if (s->block != 0) context.arena.Free(s->block, s->capacity * sizeof(Bucket));
    *s = State{};
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    if (s.block == 0) return;
    out->block = to.arena.Allocate(s.capacity * sizeof(Bucket));
    std::memcpy(to.arena.At(out->block), from.arena.At(s.block), s.buckets * sizeof(Bucket));
  }
};

}  // namespace approximate_aggregates

using namespace approximate_aggregates;  // NOLINT: of this file only

std::vector<AggregateEntry> ApproximateAggregates() {
  using enum TypeId;
  return {
      Aggregate("approx_count_distinct", {kAny}, kInt8)
          .Raw<ApproximateCount>()
          .IgnoresDistinct()
          .Doc("About how many different values there are: within 2 % in most cases, exact up to 2048; over rows that may be retracted exact."),
      Aggregate("approx_percentile", {kFloat8, kFloat8}, kFloat8)
          .Raw<ApproximatePercentile>()
          .OrderedSet(1)
          .Doc("approx_percentile(fraction) WITHIN GROUP (ORDER BY x): the value at that fraction of the rows, within 1 %."),
      Aggregate("approx_percentile", {kFloat8, kFloat8, kFloat8}, kFloat8)
          .Raw<ApproximatePercentile>()
          .OrderedSet(2)
          .Doc("approx_percentile(fraction, error) WITHIN GROUP (ORDER BY x): the value at that fraction of the rows, within the relative error."),
  };
}

}  // namespace kappa
