// ASOF: each left row with the closest of the right rows of its key. Both sides are kept in the order of their times, in two versions, as the epoch
// began and now (exec/state/ordered_index.h), so that what a left row met before is found as what it meets now is; nothing else is kept.
//
//   Apply   rows take their places
//   Flush   of the keys that changed: left rows that changed, and those between a right row that came or went and the next one that stayed
//           right    ....o.......+.....o....      + came, o was and is there
//           left     ..x...x..x....x.x...x..      the two behind + and before o are looked at again
//
// With a condition beside the key the closest one that meets it counts: then every left row from the change on is looked at again.
#include <algorithm>

#include "exec/runtime/join/join_base.h"
#include "exec/runtime/ordered_rows.h"
#include "types/array_value.h"

namespace kappa {
namespace {

using Position = OrderedIndex::Position;
using Version = OrderedIndex::Version;

class ClosestJoin final : public JoinBase {
 public:
  ClosestJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan)
      : JoinBase(context, op.id, {}),
        outer_(op.As<JoinOp>()->kind == JoinOp::Kind::kLeft),
        forward_(op.As<JoinOp>()->closest->forward),
        or_equal_(op.As<JoinOp>()->closest->or_equal),
        layouts_{plan.inputs[0].layout, plan.inputs[1].layout},
        left_(plan.inputs[0], {{op.As<JoinOp>()->closest->left}}, 1, false, std::nullopt),
        right_(plan.inputs[1], {{op.As<JoinOp>()->closest->right}}, 1, false, std::nullopt),
        left_value_(&layouts_[0], static_cast<size_t>(plan.inputs[0].Find(op.As<JoinOp>()->closest->left))),
        right_value_(&layouts_[1], static_cast<size_t>(plan.inputs[1].Find(op.As<JoinOp>()->closest->right))),
        left_room_(left_value_.room() + 1, '\0'),
        right_room_(right_value_.room() + 1, '\0') {}

  void Apply(int input, const KeyedRow* rows, int64_t count) override {
    OrderedRows& own = input == 0 ? left_ : right_;
    Key ids[OrderedRows::kBatch];
    for (int64_t at = 0; at < count && !stopped(); at += OrderedRows::kBatch) {
      const int64_t part = std::min(count - at, OrderedRows::kBatch);
      own.FindPartitions(rows + at, part, ids);
      for (int64_t i = 0; i < part && !stopped(); ++i) {
        if (!own.Add(ids[i], rows[at + i])) FailFull();
      }
    }
  }

  void Flush(const KeyedEpoch& epoch) override {
    for (const Key key : left_.touched()) FlushKey(key, Partner(left_, key, right_));
    for (const Key key : right_.touched()) {
      const Key left = Partner(right_, key, left_);
      if (left != 0 && !left_.partition(left)->listed) FlushKey(left, key);
    }
  }

  void EndEpoch(const KeyedEpoch& epoch) override {
    left_.Settle();
    right_.Settle();
  }

  size_t bytes() const override { return left_.bytes() + right_.bytes(); }
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override {
    std::vector<DurableTable*> tables = left_.MakeDurable(first_id);
    for (DurableTable* table : right_.MakeDurable(first_id + kTableStride)) tables.push_back(table);
    return tables;
  }
  Status AfterLoad() override {
    RETURN_IF_ERROR(left_.AfterLoad());
    return right_.AfterLoad();
  }

 private:
  struct Range {
    int64_t from, to;  // slots of left rows
  };

  static Key Partner(const OrderedRows& of, Key key, const OrderedRows& in) {
    return in.keys().Find(of.keys().Hash(key), of.keys().KeyBytes(key), of.keys().KeySize(key));
  }

  // Of the values by which rows are close.
  int Compare(const char* left, const char* right) {
    return CompareAny(left_value_.Read(left, left_room_.data()), right_value_.Read(right, right_room_.data()));
  }

  void FlushKey(Key left_key, Key right_key) {
    const OrderedIndex& left = left_.partition(left_key)->index;
    const OrderedIndex* right = right_key == 0 ? nullptr : &right_.partition(right_key)->index;
    ranges_.clear();
    if (right != nullptr) FindRanges(left, *right);
    for (const Range& range : ranges_) {
      const auto whole = [](OrderedIndex::Node*) { return false; };
      left.Visit(range.from, range.to, whole, [&](Position at) { FlushRow(at, right); });
    }
    changes_.clear();
    left.CollectChanges(&changes_);
    size_t next = 0;
    for (const OrderedIndex::Change& change : changes_) {
      while (next < ranges_.size() && ranges_[next].to <= change.slot) ++next;
      if (next == ranges_.size() || change.slot < ranges_[next].from) FlushRow(change.at, right);
    }
  }

  // Which left rows may meet another one now, in order, apart from each other.
  void FindRanges(const OrderedIndex& left, const OrderedIndex& right) {
    changes_.clear();
    right.CollectChanges(&changes_);
    for (const OrderedIndex::Change& change : changes_) {
      const Position at = change.at;
      if ((at.rows(OrderedIndex::kBefore) > 0) == (at.rows(OrderedIndex::kNow) > 0)) continue;
      if (right_value_.IsNull(right_.Row(at.id()))) continue;
      Range range;
      if (forward_) {
        const Position stayed = has_condition() ? Position{} : Stayed(at);
        range.from = stayed ? SlotBehind(left, stayed, !or_equal_) : 0;
        range.to = SlotBehind(left, at, !or_equal_);
      } else {
        const Position stayed = has_condition() ? Position{} : Stayed(at);
        range.from = SlotBehind(left, at, or_equal_);
        range.to = stayed ? SlotBehind(left, stayed, or_equal_) : left.entries();
      }
      if (!ranges_.empty()) range.from = std::max(range.from, ranges_.back().to);
      if (range.from < range.to) ranges_.push_back(range);
    }
  }

  // The next right row, in the direction from which left rows come, that was there and is there.
  Position Stayed(Position at) const {
    for (;;) {
      at = forward_ ? OrderedIndex::PreviousWithRows(at, OrderedIndex::kNow) : OrderedIndex::NextWithRows(at, OrderedIndex::kNow);
      if (!at || right_value_.IsNull(right_.Row(at.id()))) return {};
      if (at.rows(OrderedIndex::kBefore) > 0) return at;
    }
  }

  // How many left rows have a value before the right row's (`before`), or at most it.
  int64_t SlotBehind(const OrderedIndex& left, Position right, bool before) {
    const char* row = right_.Row(right.id());
    const uint64_t prefix = right_.order().Prefix(row);
    return left.EntriesBefore(left.FirstNot([&](uint64_t other, Id id) {
      if (other != prefix) return other < prefix;
      if (left_value_.IsNull(left_.Row(id))) return false;
      const int order = Compare(left_.Row(id), row);
      return before ? order < 0 : order <= 0;
    }));
  }

  // The closest right row of a version; none: there is none. `weight`: of what a condition's errors are.
  Position Closest(const char* left_row, const OrderedIndex& right, Version version, int64_t weight) {
    if (left_value_.IsNull(left_row)) return {};
    const uint64_t prefix = left_.order().Prefix(left_row);
    Position at = right.FirstNot([&](uint64_t other, Id id) {
      if (other != prefix) return other < prefix;
      if (right_value_.IsNull(right_.Row(id))) return false;
      const int order = Compare(left_row, right_.Row(id));
      return forward_ == or_equal_ ? order > 0 : order >= 0;
    });
    if (!forward_) {
      at = at ? OrderedIndex::Previous(at) : right.Last();
      if (at && at.rows(version) == 0) at = OrderedIndex::PreviousWithRows(at, version);
    } else if (at && at.rows(version) == 0) {
      at = OrderedIndex::NextWithRows(at, version);
    }
    while (at) {
      const char* row = right_.Row(at.id());
      if (right_value_.IsNull(row)) return {};
      if (PairMatches(left_row, row, weight) || stopped()) return at;
      at = forward_ ? OrderedIndex::NextWithRows(at, version) : OrderedIndex::PreviousWithRows(at, version);
    }
    return {};
  }

  void FlushRow(Position left, const OrderedIndex* right) {
    const int64_t before_weight = left.rows(OrderedIndex::kBefore), weight = left.rows(OrderedIndex::kNow);
    if (stopped() || (before_weight == 0 && weight == 0)) return;
    const char* row = left_.Row(left.id());
    Position before, now;
    if (right != nullptr && before_weight != 0) before = Closest(row, *right, OrderedIndex::kBefore, -before_weight);
    if (right != nullptr && weight != 0) now = Closest(row, *right, OrderedIndex::kNow, weight);
    if (before == now) return Put(row, now, weight - before_weight);
    Put(row, before, -before_weight);
    Put(row, now, weight);
  }

  void Put(const char* left_row, Position right, int64_t weight) {
    if (weight == 0 || (!right && !outer_)) return;
    Emit(left_row, right ? right_.Row(right.id()) : nullptr, weight);
  }

  const bool outer_, forward_, or_equal_;
  const RowLayout layouts_[2];
  OrderedRows left_, right_;
  const PackedColumn left_value_, right_value_;
  std::string left_room_, right_room_;
  std::vector<OrderedIndex::Change> changes_;
  std::vector<Range> ranges_;
};

}  // namespace

std::unique_ptr<KeyedOperator> MakeClosestJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan) {
  return std::make_unique<ClosestJoin>(context, op, plan);
}

}  // namespace kappa
