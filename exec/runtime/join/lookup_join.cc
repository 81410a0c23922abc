// AS OF PROCTIME(): rows of the left look the right up as it is at the epoch's end. The right is kept; of the left only the epoch's rows are.
#include <algorithm>
#include <cstring>

#include "common/arena.h"
#include "exec/runtime/join/join_base.h"

namespace kappa {
namespace {

class LookupJoin final : public JoinBase {
 public:
  LookupJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan)
      : JoinBase(context, op.id, MakeKeyTableSpec(plan.inputs[0].key, 8)),
        outer_(op.As<JoinOp>()->kind == JoinOp::Kind::kLeft),
        right_(RightSpec(plan), &keys_) {}

  void Apply(int input, const KeyedRow* rows, int64_t count) override {
    if (input == 0) {
      for (int64_t i = 0; i < count; ++i) Keep(rows[i]);
      return;
    }
    Key ids[kStageRows];
    for (int64_t at = 0; at < count && !stopped(); at += kStageRows) {
      const int64_t part = count - at < kStageRows ? count - at : kStageRows;
      keys_.FindOrInsertAll(rows + at, part, ids);
      for (int64_t i = 0; i < part && !stopped(); ++i) Change(rows[at + i], ids[i]);
      EraseEmptyKeys([this](Key key) { return right_.Head(key) == 0; });
    }
  }

  void Flush(const KeyedEpoch& epoch) override {
    Key ids[kStageRows];
    for (size_t at = 0; at < left_.size() && !stopped(); at += kStageRows) {
      const int64_t part = static_cast<int64_t>(std::min<size_t>(left_.size() - at, kStageRows));
      keys_.FindAll(left_.data() + at, part, ids);
      for (int64_t i = 0; i < part; ++i) {
        if (ids[i] != 0 && right_.Head(ids[i]) != 0) right_.store().Prefetch(right_.Head(ids[i]));
      }
      for (int64_t i = 0; i < part && !stopped(); ++i) LookUp(left_[at + static_cast<size_t>(i)], ids[i]);
    }
  }

  void EndEpoch(const KeyedEpoch& epoch) override {
    left_.clear();
    left_bytes_.Reset();
  }

  size_t bytes() const override { return keys_.bytes() + right_.bytes() + left_bytes_.bytes_reserved() + left_.capacity() * sizeof(KeyedRow); }

  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override {
    durable_ = std::make_unique<DurableRowStore>(first_id, &right_.store(), [this](Id id) { right_.Link(id); });
    return {durable_.get()};
  }

 private:
  static JoinSideSpec RightSpec(const KeyedPlan& plan) {
    JoinSideSpec spec;
    spec.weighted = spec.unlinks = !plan.inputs[1].append_only || plan.inputs[1].columns.empty();
    spec.count_offset = 4;
    return spec;
  }

  const char* Copy(const char* bytes, size_t size) {
    char* copy = left_bytes_.Allocate(size);
    if (size != 0) std::memcpy(copy, bytes, size);
    return copy;
  }
  void Keep(KeyedRow row) {
    row.key = Copy(row.key, row.key_bytes);
    row.row = Copy(row.row, row.row_bytes);
    left_.push_back(row);
  }

  void Change(const KeyedRow& row, Key key) {
    const Id found = right_.spec().weighted ? right_.Find(key, row.row, row.row_bytes) : 0;
    if (key == 0 || (found == 0 && right_.Add(key, row.row, row.row_bytes, row.weight) == 0)) return FailFull();
    if (found == 0) return;
    right_.store().ChangeWeight(found, row.weight);
    if (right_.store().Weight(found) != 0) return;
    right_.Erase(found);
    NoteEmpty(key);
  }

  void LookUp(const KeyedRow& row, Key key) {
    bool matched = false;
    for (Id id = key == 0 ? 0 : right_.Head(key); id != 0 && !stopped(); id = right_.Next(id)) {
      const int64_t weight = row.weight * right_.store().Weight(id);
      if (weight == 0 || !PairMatches(row.row, right_.store().Row(id), weight)) continue;
      matched = true;
      Emit(row.row, right_.store().Row(id), weight);
    }
    if (outer_ && !matched) Emit(row.row, nullptr, row.weight);
  }

  const bool outer_;
  JoinSide right_;
  std::vector<KeyedRow> left_;  // of the epoch
  Arena left_bytes_{256 << 10};
  std::unique_ptr<DurableRowStore> durable_;
};

}  // namespace

std::unique_ptr<KeyedOperator> MakeLookupJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan) {
  return std::make_unique<LookupJoin>(context, op, plan);
}

}  // namespace kappa
