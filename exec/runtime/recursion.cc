#include "exec/runtime/recursion.h"

#include <algorithm>

namespace kappa {
namespace {
constexpr int64_t kBatch = 512;
}

Recursion::Recursion(WorkerContext* context, OperatorId id, const SetOperationOp& op, const KeyedPlan& plan)
    : KeyedOperator(context, id), all_(op.all), keys_(MakeKeyTableSpec(plan.inputs[0].key, sizeof(Counts))), store_(RowStoreSpec{}, &keys_) {}

int64_t Recursion::Wanted(const Counts& counts) const {
  const int64_t weight = counts.entry == 0 ? 0 : std::max<int64_t>(0, store_.Weight(counts.entry));
  return all_ ? weight : std::min<int64_t>(weight, 1);
}

void Recursion::List(KeyTable::Id key, Counts* counts) {
  if ((counts->listed & kInRound) == 0) round_.push_back(key);
  if ((counts->listed & kInChanged) == 0) changed_.push_back(key);
  counts->listed = kInRound | kInChanged;
}

void Recursion::Apply(int, const KeyedRow* rows, int64_t count) {
  KeyTable::Id keys[kBatch];
  for (int64_t begin = 0; begin < count; begin += kBatch) {
    const int64_t batch = std::min(count - begin, kBatch);
    keys_.FindOrInsertAll(rows + begin, batch, keys);
    for (int64_t i = 0; i < batch; ++i) {
      const int64_t weight = rows[begin + i].weight;
      auto* counts = keys[i] == 0 ? nullptr : keys_.UserAs<Counts>(keys[i]);
      if (counts != nullptr) List(keys[i], counts);
      retracts_ |= weight < 0 && !taking_back_;
      if (counts != nullptr && counts->entry != 0) {
        store_.ChangeWeight(counts->entry, weight);
      } else if (counts == nullptr || (counts->entry = store_.Add(keys[i], nullptr, 0, weight)) == 0) {
        ReportError(sqlstate::kOutOfMemory, "a recursive query has more rows than one worker can hold", weight);
      }
    }
  }
}

void Recursion::Flush(const KeyedEpoch&) {
  if (retracts_) return;
  const std::vector<KeyTable::Id> round = std::exchange(round_, {});  // what comes back at once belongs to the next
  for (KeyTable::Id key : round) {
    auto* counts = keys_.UserAs<Counts>(key);
    counts->listed &= ~kInRound;
    const int64_t now = Wanted(*counts), before = std::exchange(counts->shown, now);
    if (now != before) Emit(keys_.KeyBytes(key), nullptr, now - before);
  }
}

void Recursion::TakeBack() {
  taking_back_ = true;
  std::vector<KeyTable::Id> shown;
  keys_.ForEach([&](KeyTable::Id key) {
    if (keys_.UserAs<Counts>(key)->shown != 0) shown.push_back(key);
  });
  for (KeyTable::Id key : shown) {
    auto* counts = keys_.UserAs<Counts>(key);
    List(key, counts);
    Emit(keys_.KeyBytes(key), nullptr, -std::exchange(counts->shown, 0));
  }
}

void Recursion::BeginAgain() { taking_back_ = retracts_ = false; }

void Recursion::EndEpoch(const KeyedEpoch&) {
  for (KeyTable::Id key : changed_) {
    auto* counts = keys_.UserAs<Counts>(key);
    counts->listed = 0;
    if (counts->entry == 0 || store_.Weight(counts->entry) != 0) continue;
    store_.Erase(counts->entry);
    keys_.Erase(key);
  }
  changed_.clear();
  round_.clear();
}

std::vector<DurableTable*> Recursion::MakeDurable(uint32_t first_id) {
  durable_ = std::make_unique<DurableRowStore>(first_id, &store_, [this](RowStore::Id id) {
    auto* counts = keys_.UserAs<Counts>(store_.Key(id));
    counts->entry = id;
    counts->shown = Wanted(*counts);  // at an epoch's end
  });
  return {durable_.get()};
}

}  // namespace kappa
