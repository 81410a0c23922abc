// Where a row's frame begins and ends in its partition, in one version of it.
#pragma once

#include <cstdint>

#include "exec/runtime/ordered_rows.h"
#include "exec/runtime/over_plan.h"

namespace kappa {

// Goes to rows by their index; near ones cost nothing.
class RowCursor {
 public:
  void Reset(const OrderedIndex* index, OrderedIndex::Version version) {
    index_ = index;
    version_ = version;
    at_ = {};
  }
  // 0 <= row < rows of the version.
  OrderedIndex::Position Seek(int64_t row);
  int64_t first() const { return first_; }  // row of the entry's first one
  int64_t rows() const { return index_->rows(version_); }

 private:
  static constexpr int kSteps = 8;  // further away it is looked up
  const OrderedIndex* index_ = nullptr;
  OrderedIndex::Version version_ = OrderedIndex::kNow;
  OrderedIndex::Position at_;
  int64_t first_ = 0;
};

// How many of the rows before a row have a value in a column (OverPlan::present), as rows are asked for in turn.
class PresentCounter {
 public:
  // Of a partition, one of whose `present` counts the rows of `column`; nullptr: all rows count.
  void Reset(const OrderedRows* rows, const OrderedIndex* index, const PackedColumn* column, const OrderedIndex* present,
             OrderedIndex::Version version);
  // 0 <= row <= rows of the version.
  int64_t Before(int64_t row);
  // Is `row`, which Before was asked about last, one of them?
  bool IsPresent() const { return present_row_; }

 private:
  const OrderedRows* rows_ = nullptr;
  const OrderedIndex* index_ = nullptr;
  const PackedColumn* column_ = nullptr;
  const OrderedIndex* present_ = nullptr;
  OrderedIndex::Version version_ = OrderedIndex::kNow;
  RowCursor cursor_;
  // The entry that was asked about last: its rows, how many stand before them, whether they have a value. -1: none.
  int64_t first_ = -1, end_ = -1, before_ = 0;
  bool present_entry_ = false, present_row_ = false;
};

// The row whose values are computed.
struct CurrentRow {
  const OrderedIndex* index = nullptr;
  OrderedIndex::Version version = OrderedIndex::kNow;
  int64_t rows = 0, groups = 0;  // of the partition
  OrderedIndex::Position at;
  int64_t row = 0;
  // Of its group of peers, where that matters.
  int64_t group = 0, group_begin = 0;
  mutable int64_t group_end_ = -1;
  int64_t group_end() const;  // exclusive

  void Start(const OrderedIndex* of, OrderedIndex::Version which, OrderedIndex::Position begin, bool needs_groups);
  void EnterEntry(bool first, bool needs_groups);  // `at` has become another one, with rows
};

// How far RANGE reaches from a row, and on which side of that another one lies. Of one worker.
class RangeBound {
 public:
  RangeBound() = default;
  RangeBound(const OverPlan* plan, CallContext* call) : plan_(plan), call_(call), room_(plan->room + 8, '\0') {}
  void Set(const FrameEdge& edge, const char* row);
  // < 0: the row lies before the bound in the order; 0: on it; > 0: behind it.
  int Compare(const char* row);

 private:
  const OverPlan* plan_ = nullptr;
  CallContext* call_ = nullptr;
  std::string room_;
  bool null_ = false;
  int beyond_ = 0;  // the bound is before (-1) or behind (+1) every value
  alignas(8) char slot_[24] = {};
  AnyValue value_;
};

// One end of the frames of a function, as the current row moves on.
class EdgeCursor {
 public:
  EdgeCursor(const FrameEdge* edge, bool is_begin, const OverPlan* plan, const OrderedRows* rows, CallContext* call)
      : edge_(edge), is_begin_(is_begin), rows_(rows) {
    if (edge->kind == FrameEdge::Kind::kRange) bound_ = RangeBound(plan, call);
  }
  void Reset() {
    group_ = -1;
    at_known_ = false;
  }
  // The first row of the frame; or the one behind its last.
  int64_t RowOf(const CurrentRow& current);

 private:
  int64_t Group(const CurrentRow& current) const;
  int64_t Range(const CurrentRow& current);

  const FrameEdge* edge_;
  bool is_begin_;
  const OrderedRows* rows_;
  RangeBound bound_;
  int64_t group_ = -1, row_ = 0;  // the answer for that group
  bool at_known_ = false;         // kRange: of the group before
  OrderedIndex::Position at_;
  int64_t at_row_ = 0;
};

}  // namespace kappa
