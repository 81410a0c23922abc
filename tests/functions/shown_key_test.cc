// kappa_shown_key against a multiset: values come and go in any order, states are merged, copied and released.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "functions/registry.h"
#include "types/datum.h"

namespace kappa {
namespace {

template <typename Signature>
Signature* Code(const void* address) {
  return reinterpret_cast<Signature*>(const_cast<void*>(address));
}

struct Held {
  explicit Held(const AggregateEntry& entry) : entry(entry), state(entry.state_size / 8) {}
  void Add(const Datum& value, int64_t weight) {
    alignas(8) char slot[24] = {};
    value.Store(entry.arguments[0], slot);
    Code<void(StateContext*, void*, const void*, int64_t)>(entry.add)(&context, state.data(), slot, weight);
  }
  void Merge(Held& other) {
    Code<void(StateContext*, void*, StateContext*, const void*)>(entry.merge)(&context, state.data(), &other.context, other.state.data());
  }
  void CopyTo(Held* other) {
    Code<void(StateContext*, const void*, StateContext*, void*)>(entry.copy)(&context, state.data(), &other->context, other->state.data());
  }
  void Release() { Code<void(StateContext*, void*)>(entry.release)(&context, state.data()); }
  std::string Result() {
    CallContext call;
    alignas(8) char out[24] = {};
    bool null = false;
    EXPECT_TRUE(Code<bool(StateContext*, CallContext*, const void*, void*, bool*)>(entry.result_code)(&context, &call, state.data(), out, &null));
    return null ? "NULL" : Datum::Load(entry.result, out).ToText(entry.result);
  }
  const AggregateEntry& entry;
  StateContext context;
  std::vector<uint64_t> state;
};

// `forms` of one value, the one to be shown first; each is there as often as the map says.
void CheckForms(TypeId type, const std::vector<const char*>& forms) {
  const AggregateEntry* entry = FunctionRegistry::Get().AggregateBySignature("kappa_shown_key(" + Type(type).ToString() + ")");
  ASSERT_NE(entry, nullptr);
  EXPECT_TRUE(entry->invertible);
  std::mt19937_64 random(17);
  for (int round = 0; round < 300; ++round) {
    Held left(*entry), right(*entry);
    std::map<size_t, int64_t> present;
    auto expected = [&]() -> std::string {
      for (const auto& [form, count] : present)
        if (count > 0) return forms[form];
      return "NULL";
    };
    for (int step = 0; step < 40; ++step) {
      const size_t form = random() % forms.size();
      const int64_t weight = present[form] > 0 && random() % 2 == 0 ? -1 : 1;
      present[form] += weight;
      // A partial state may hold what the other one takes away: only together they are a set.
      (random() % 2 == 0 ? left : right).Add(*Datum::Parse(type, forms[form]), weight);
    }
    Held copy(*entry);
    left.CopyTo(&copy);
    EXPECT_EQ(copy.Result(), left.Result());
    left.Merge(right);
    EXPECT_EQ(left.Result(), expected());
    copy.Merge(right);
    EXPECT_EQ(copy.Result(), expected());
    for (auto& [form, count] : present) {
      for (; count > 0; --count) left.Add(*Datum::Parse(type, forms[form]), -1);
    }
    EXPECT_EQ(left.Result(), "NULL");
    left.Release();
    left.Add(*Datum::Parse(type, forms.back()), 1);
    EXPECT_EQ(left.Result(), forms.back());
  }
}

TEST(ShownKey, IsTheFormOfFewestDigits) { CheckForms(TypeId::kNumeric, {"1.5", "1.50", "1.500", "1.5000", "1.50000"}); }
TEST(ShownKey, IsTheFormOfFewestMonths) { CheckForms(TypeId::kInterval, {"720:00:00", "30 days", "1 mon"}); }

}  // namespace
}  // namespace kappa
