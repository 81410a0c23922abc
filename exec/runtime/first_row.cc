#include "exec/runtime/first_row.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "exec/runtime/worker_context.h"

namespace kappa {
namespace {
constexpr int64_t kBatch = 512;
}

FirstRow::FirstRow(WorkerContext* context, OperatorId id, const TopNOp& op, const KeyedPlan& plan)
    : KeyedOperator(context, id),
      keys_(MakeKeyTableSpec(plan.inputs[0].key, op.expiry ? uint32_t{sizeof(Partition)} : uint32_t{offsetof(Partition, expiry)})),
      store_(RowStoreSpec{.weighted = false}, &keys_),
      layout_(plan.inputs[0].layout),
      order_(plan.inputs[0].columns, layout_, op.order, op.peer_keys()),
      expiry_(op.expiry, plan.inputs[0], &keys_, offsetof(Partition, expiry)) {
  if (plan.parts.size() < 2) return;
  const RowLayout& layout = plan.parts[1].layout;
  const int64_t one = 1;
  rank_.assign(layout.size(), '\0');
  std::memcpy(rank_.data() + layout.slots()[0].offset, &one, sizeof one);
}

void FirstRow::Apply(int, const KeyedRow* rows, int64_t count) {
  KeyTable::Id keys[kBatch];
  for (int64_t begin = 0; begin < count; begin += kBatch) {
    const int64_t batch = std::min(count - begin, kBatch);
    keys_.FindOrInsertAll(rows + begin, batch, keys);
    for (int64_t i = 0; i < batch; ++i) {
      const KeyTable::Id key = keys[i];
      const KeyedRow& row = rows[begin + i];
      auto* partition = key == 0 ? nullptr : keys_.UserAs<Partition>(key);
      const RowStore::Id old = key == 0 ? 0 : partition->first;
      if (old != 0 && order_.Compare(row.row, row.row_bytes, store_.Row(old), store_.RowBytes(old)) >= 0) continue;
      const RowStore::Id added = key == 0 ? 0 : store_.Add(key, row.row, row.row_bytes);
      if (added == 0) { return Fail(SqlError(sqlstate::kOutOfMemory) << "a deduplication has more rows than one worker can hold"); }
      if (old == 0) expiry_.Add(key);
      if (partition->touched == 0) {
        touched_.push_back({key, old});
        partition->touched = static_cast<uint32_t>(touched_.size());
      } else if (old != 0) {
        store_.Erase(old);  // came and went in this epoch
      }
      partition->first = added;
    }
  }
}

void FirstRow::Flush(const KeyedEpoch&) {
  const char* rank = rank_.empty() ? nullptr : rank_.data();
  for (const Touched& touched : touched_) {
    if (touched.before != 0) Emit(store_.Row(touched.before), rank, -1);
    Emit(store_.Row(keys_.UserAs<Partition>(touched.key)->first), rank, 1);
  }
}

void FirstRow::EndEpoch(const KeyedEpoch& epoch) {
  for (const Touched& touched : touched_) {
    if (touched.before != 0) store_.Erase(touched.before);
    keys_.UserAs<Partition>(touched.key)->touched = 0;
  }
  touched_.clear();
  if (epoch.ended) return;
  expiry_.TakeExpired(epoch.watermark, [&](KeyTable::Id key) {
    store_.Erase(keys_.UserAs<Partition>(key)->first);
    keys_.Erase(key);
  });
}

std::vector<DurableTable*> FirstRow::MakeDurable(uint32_t first_id) {
  durable_ = std::make_unique<DurableRowStore>(first_id, &store_, [this](RowStore::Id id) {
    keys_.UserAs<Partition>(store_.Key(id))->first = id;
    expiry_.Add(store_.Key(id));
  });
  return {durable_.get()};
}

}  // namespace kappa
