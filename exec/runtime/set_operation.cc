#include "exec/runtime/set_operation.h"

#include <algorithm>
#include <cstring>

namespace kappa {
namespace {
constexpr int64_t kBatch = 512;

// Of two rows that are equal as keys: which form comes first.
int CompareForms(const std::vector<Slot>& slots, const char* a, const char* b) {
  for (const Slot& slot : slots) {
    if (slot.type.is_struct()) {
      if (const int order = CompareForms(slot.fields, a, b); order != 0) return order;
    } else if (slot.type.id() == TypeId::kNumeric) {
      Numeric x, y;
      std::memcpy(&x, a + slot.offset, sizeof(x));
      std::memcpy(&y, b + slot.offset, sizeof(y));
      if (x.scale != y.scale) return x.scale < y.scale ? -1 : 1;
    } else if (slot.type.id() == TypeId::kInterval) {
      Interval x, y;
      std::memcpy(&x, a + slot.offset, sizeof(x));
      std::memcpy(&y, b + slot.offset, sizeof(y));
      if (x.months != y.months) return x.months < y.months ? -1 : 1;
      if (x.days != y.days) return x.days < y.days ? -1 : 1;
    }
  }
  return 0;
}

}  // namespace

SetOperation::SetOperation(WorkerContext* context, OperatorId id, const SetOperationOp& op, const KeyedPlan& plan)
    : KeyedOperator(context, id),
      except_(op.kind == SetOperationOp::Kind::kExcept),
      all_(op.all),
      forms_(!plan.inputs[0].columns.empty()),
      layout_(plan.inputs[0].layout),
      keys_(MakeKeyTableSpec(plan.inputs[0].key, sizeof(Counts))),
      stores_{RowStore(RowStoreSpec{.user_bytes = forms_ ? uint32_t{sizeof(Link)} : 0}, &keys_), RowStore(RowStoreSpec{}, &keys_)} {}

int64_t SetOperation::Times(const Counts& counts) const {
  int64_t rows[2] = {0, 0};
  for (int side = 0; side < 2; ++side) {
    for (RowStore::Id id = counts.side[side]; id != 0; id = side == 0 && forms_ ? stores_[0].UserAs<Link>(id)->next : 0)
      rows[side] += stores_[side].Weight(id);
    rows[side] = std::max<int64_t>(0, rows[side]);
    if (!all_) rows[side] = std::min<int64_t>(rows[side], 1);
  }
  return except_ ? std::max<int64_t>(0, rows[0] - rows[1]) : std::min(rows[0], rows[1]);
}

RowStore::Id SetOperation::Shown(const Counts& counts) const {
  if (!forms_) return counts.side[0];
  RowStore::Id first = 0;
  for (RowStore::Id id = counts.side[0]; id != 0; id = stores_[0].UserAs<Link>(id)->next) {
    if (stores_[0].Weight(id) <= 0) continue;
    int order = first == 0 ? -1 : 0;
    if (order == 0 && stores_[0].RowBytes(id) == stores_[0].RowBytes(first)) {
      order = CompareForms(layout_.slots(), stores_[0].Row(id), stores_[0].Row(first));
      if (order == 0) order = std::memcmp(stores_[0].Row(id), stores_[0].Row(first), stores_[0].RowBytes(id));  // arrays
    } else if (order == 0) {
      order = stores_[0].RowBytes(id) < stores_[0].RowBytes(first) ? -1 : 1;
    }
    if (order < 0) first = id;
  }
  return first;
}

// The entry that the row belongs to; 0: none. One without a row is of a snapshot of a time when forms were not kept: it is of any.
RowStore::Id SetOperation::Find(const Counts& counts, int side, const KeyedRow& row) {
  if (side == 1 || !forms_) return counts.side[side];
  RowStore::Id without = 0;
  for (RowStore::Id id = counts.side[0]; id != 0; id = *Next(id)) {
    if (stores_[0].RowEquals(id, row.row, row.row_bytes)) return id;
    if (stores_[0].RowBytes(id) == 0) without = id;
  }
  return row.weight < 0 ? without : 0;
}

void SetOperation::Change(Counts* counts, KeyTable::Id key, int side, const KeyedRow& row) {
  const RowStore::Id found = counts == nullptr ? 0 : Find(*counts, side, row);
  if (found != 0) return stores_[side].ChangeWeight(found, row.weight);
  const bool form = side == 0 && forms_;
  const RowStore::Id made = counts == nullptr ? 0 : stores_[side].Add(key, form ? row.row : nullptr, form ? size_t{row.row_bytes} : 0, row.weight);
  if (made == 0) return Fail(SqlError(sqlstate::kOutOfMemory) << "a set operation has more rows than one worker can hold");
  if (form) *Next(made) = counts->side[0];
  counts->side[side] = made;
}

void SetOperation::Apply(int input, const KeyedRow* rows, int64_t count) {
  KeyTable::Id keys[kBatch];
  for (int64_t begin = 0; begin < count; begin += kBatch) {
    const int64_t batch = std::min(count - begin, kBatch);
    keys_.FindOrInsertAll(rows + begin, batch, keys);
    for (int64_t i = 0; i < batch; ++i) {
      auto* counts = keys[i] == 0 ? nullptr : keys_.UserAs<Counts>(keys[i]);
      if (counts != nullptr && counts->touched == 0) {
        counts->touched = 1;
        touched_.push_back({keys[i], Times(*counts), Shown(*counts)});
      }
      Change(counts, keys[i], input, rows[begin + i]);
    }
  }
}

const char* SetOperation::RowOf(KeyTable::Id key, RowStore::Id shown) const {
  return forms_ && shown != 0 && stores_[0].RowBytes(shown) != 0 ? stores_[0].Row(shown) : keys_.KeyBytes(key);
}

void SetOperation::Flush(const KeyedEpoch&) {
  for (const Touched& touched : touched_) {
    const auto& counts = *keys_.UserAs<Counts>(touched.key);
    const int64_t now = Times(counts);
    const RowStore::Id shown = Shown(counts);
    if (!forms_ || shown == touched.before_shown || now == 0 || touched.before == 0) {
      if (now != touched.before) Emit(RowOf(touched.key, now > touched.before ? shown : touched.before_shown), nullptr, now - touched.before);
      continue;
    }
    Emit(RowOf(touched.key, touched.before_shown), nullptr, -touched.before);
    Emit(RowOf(touched.key, shown), nullptr, now);
  }
}

void SetOperation::EndEpoch(const KeyedEpoch&) {
  for (const Touched& touched : touched_) {
    auto* counts = keys_.UserAs<Counts>(touched.key);
    counts->touched = 0;
    for (int side = 0; side < 2; ++side) {
      const bool list = side == 0 && forms_;
      for (RowStore::Id* at = &counts->side[side]; *at != 0;) {
        const RowStore::Id id = *at, next = list ? *Next(id) : 0;
        if (stores_[side].Weight(id) != 0) {
          if (!list) break;
          at = Next(id);
          continue;
        }
        *at = next;
        stores_[side].Erase(id);
      }
    }
    if (counts->side[0] == 0 && counts->side[1] == 0) keys_.Erase(touched.key);
  }
  touched_.clear();
}

std::vector<DurableTable*> SetOperation::MakeDurable(uint32_t first_id) {
  std::vector<DurableTable*> tables;
  for (uint32_t side = 0; side < 2; ++side) {
    RowStore* store = &stores_[side];
    durable_[side] = std::make_unique<DurableRowStore>(first_id + side * kTableStride, store, [this, store, side](RowStore::Id id) {
      RowStore::Id& first = keys_.UserAs<Counts>(store->Key(id))->side[side];
      if (side == 0 && forms_) *Next(id) = first;
      first = id;
    });
    tables.push_back(durable_[side].get());
  }
  return tables;
}

}  // namespace kappa
