#include "exec/runtime/set_operation.h"

#include <algorithm>

namespace kappa {
namespace {
constexpr int64_t kBatch = 512;
}

SetOperation::SetOperation(WorkerContext* context, OperatorId id, const SetOperationOp& op, const KeyedPlan& plan)
    : KeyedOperator(context, id),
      except_(op.kind == SetOperationOp::Kind::kExcept),
      all_(op.all),
      keys_(MakeKeyTableSpec(plan.inputs[0].key, sizeof(Counts))),
      stores_{RowStore(RowStoreSpec{}, &keys_), RowStore(RowStoreSpec{}, &keys_)} {}

int64_t SetOperation::Times(const Counts& counts) const {
  int64_t rows[2];
  for (int side = 0; side < 2; ++side) {
    rows[side] = counts.side[side] == 0 ? 0 : std::max<int64_t>(0, stores_[side].Weight(counts.side[side]));
    if (!all_) rows[side] = std::min<int64_t>(rows[side], 1);
  }
  return except_ ? std::max<int64_t>(0, rows[0] - rows[1]) : std::min(rows[0], rows[1]);
}

void SetOperation::Apply(int input, const KeyedRow* rows, int64_t count) {
  RowStore& store = stores_[input];
  KeyTable::Id keys[kBatch];
  for (int64_t begin = 0; begin < count; begin += kBatch) {
    const int64_t batch = std::min(count - begin, kBatch);
    keys_.FindOrInsertAll(rows + begin, batch, keys);
    for (int64_t i = 0; i < batch; ++i) {
      const int64_t weight = rows[begin + i].weight;
      auto* counts = keys[i] == 0 ? nullptr : keys_.UserAs<Counts>(keys[i]);
      if (counts != nullptr && counts->touched == 0) {
        counts->touched = 1;
        touched_.push_back({keys[i], Times(*counts)});
      }
      if (counts != nullptr && counts->side[input] != 0) {
        store.ChangeWeight(counts->side[input], weight);
      } else if (counts == nullptr || (counts->side[input] = store.Add(keys[i], nullptr, 0, weight)) == 0) {
        return Fail(SqlError(sqlstate::kOutOfMemory) << "a set operation has more rows than one worker can hold");
      }
    }
  }
}

void SetOperation::Flush(const KeyedEpoch&) {
  for (const Touched& touched : touched_) {
    const int64_t now = Times(*keys_.UserAs<Counts>(touched.key));
    if (now != touched.before) Emit(keys_.KeyBytes(touched.key), nullptr, now - touched.before);
  }
}

void SetOperation::EndEpoch(const KeyedEpoch&) {
  for (const Touched& touched : touched_) {
    auto* counts = keys_.UserAs<Counts>(touched.key);
    counts->touched = 0;
    for (int side = 0; side < 2; ++side) {
      if (counts->side[side] == 0 || stores_[side].Weight(counts->side[side]) != 0) continue;
      stores_[side].Erase(counts->side[side]);
      counts->side[side] = 0;
    }
    if (counts->side[0] == 0 && counts->side[1] == 0) keys_.Erase(touched.key);
  }
  touched_.clear();
}

std::vector<DurableTable*> SetOperation::MakeDurable(uint32_t first_id) {
  std::vector<DurableTable*> tables;
  for (uint32_t side = 0; side < 2; ++side) {
    RowStore* store = &stores_[side];
    durable_[side] = std::make_unique<DurableRowStore>(
        first_id + side * kTableStride, store, [this, store, side](RowStore::Id id) { keys_.UserAs<Counts>(store->Key(id))->side[side] = id; });
    tables.push_back(durable_[side].get());
  }
  return tables;
}

}  // namespace kappa
