#include "exec/runtime/over_frame.h"

#include <algorithm>
#include <cstring>

#include "types/array_value.h"
#include "types/compare.h"

namespace kappa {
namespace {

using Position = OrderedIndex::Position;

template <typename T>
T LoadAs(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

bool IsInteger(TypeId type) { return type == TypeId::kInt2 || type == TypeId::kInt4 || type == TypeId::kInt8; }

double FloatOf(const AnyValue& value) {
  switch (value.type->type.id()) {
    case TypeId::kFloat4:
      return static_cast<double>(LoadAs<float>(value.slot));
    case TypeId::kFloat8:
      return LoadAs<double>(value.slot);
    default:
      return static_cast<double>(IntegerOf(value));
  }
}

// Microseconds since 1970 of a date or timestamp.
int64_t MicrosOf(const AnyValue& value) {
  if (value.type->type.id() != TypeId::kDate) return LoadAs<int64_t>(value.slot);
  const auto days = LoadAs<int32_t>(value.slot);
  return days == INT32_MAX ? INT64_MAX : days == INT32_MIN ? INT64_MIN : int64_t{days} * kMicrosPerDay;
}

Numeric NumericOf(const AnyValue& value) {
  return value.type->type.id() == TypeId::kNumeric ? LoadAs<Numeric>(value.slot) : NumericFromInt(IntegerOf(value));
}

// What is added to a value may have another type than it: date + interval is a timestamp, integer + bigint a bigint.
int CompareAcross(const AnyValue& a, const AnyValue& b) {
  const TypeId x = a.type->type.id(), y = b.type->type.id();
  if (x == y) return CompareAny(a, b);
  if (IsInteger(x) && IsInteger(y)) return CompareValues(IntegerOf(a), IntegerOf(b));
  if (x == TypeId::kNumeric || y == TypeId::kNumeric) return CompareValues(NumericOf(a), NumericOf(b));
  if (x == TypeId::kDate || y == TypeId::kDate) return CompareValues(MicrosOf(a), MicrosOf(b));
  return CompareValues(FloatOf(a), FloatOf(b));
}

}  // namespace

Position RowCursor::Seek(int64_t row) {
  for (int step = 0; at_ && step < kSteps; ++step) {
    const int64_t rows = at_.rows(version_);
    if (row < first_) {
      at_ = OrderedIndex::Previous(at_);
      if (at_) first_ -= at_.rows(version_);
    } else if (row >= first_ + rows) {
      first_ += rows;
      at_ = OrderedIndex::Next(at_);
    } else {
      return at_;
    }
  }
  if (at_ && row >= first_ && row < first_ + at_.rows(version_)) return at_;
  int64_t offset = 0;
  at_ = index_->AtRow(row, version_, &offset);
  first_ = row - offset;
  return at_;
}

void PresentCounter::Reset(const OrderedRows* rows, const OrderedIndex* index, const PackedColumn* column, const OrderedIndex* present,
                           OrderedIndex::Version version) {
  rows_ = rows;
  index_ = index;
  column_ = column;
  present_ = present;
  version_ = version;
  cursor_.Reset(index, version);
  first_ = end_ = -1;
}

int64_t PresentCounter::Before(int64_t row) {
  const bool behind = row >= index_->rows(version_);
  if (behind || present_ == nullptr) {
    present_row_ = !behind;
    return present_ == nullptr ? row : present_->rows(version_);
  }
  if (first_ < 0 || row < first_ || row >= end_) {
    const Position at = cursor_.Seek(row);
    if (first_ >= 0 && cursor_.first() == end_) {  // the entry behind it
      before_ += present_entry_ ? end_ - first_ : 0;
    } else {
      before_ = present_->RowsBefore(rows_->Locate(*present_, at.id()), version_);
    }
    first_ = cursor_.first();
    end_ = first_ + at.rows(version_);
    present_entry_ = !column_->IsNull(rows_->Row(at.id()));
  }
  present_row_ = present_entry_;
  return before_ + (present_entry_ ? row - first_ : 0);
}

void CurrentRow::Start(const OrderedIndex* of, OrderedIndex::Version which, Position begin, bool needs_groups) {
  index = of;
  version = which;
  rows = of->rows(which);
  groups = needs_groups ? of->heads(which) : 0;
  at = begin;
  row = of->RowsBefore(begin, which);
  group_end_ = -1;
}

void CurrentRow::EnterEntry(bool first, bool needs_groups) {
  if (!needs_groups) return;
  if (at.head(version)) {
    group = first ? index->HeadsBefore(at, version) : group + 1;
    group_begin = row;
    group_end_ = -1;
  } else if (first) {
    group = index->HeadsBefore(at, version) - 1;
    group_begin = index->RowsBefore(index->HeadOf(at, version), version);
  }
}

int64_t CurrentRow::group_end() const {
  if (group_end_ >= 0) return group_end_;
  const Position head = index->NextHead(at, version);
  return group_end_ = head ? index->RowsBefore(head, version) : rows;
}

// --- RANGE

void RangeBound::Set(const FrameEdge& edge, const char* row) {
  const AnyValue value = plan_->range_column.Read(row, room_.data());
  null_ = value.null;
  beyond_ = 0;
  if (null_) return;
  const AnyValue offset = edge.offset.Read(row, nullptr);
  const void* const arguments[] = {value.slot, offset.slot};
  const bool nulls[] = {false, false};
  bool is_null = false;
  // What cannot be represented is beyond every value.
  if (!edge.shift->invoke(call_, slot_, &is_null, arguments, nulls) || is_null) beyond_ = edge.preceding ? -1 : 1;
  value_ = {edge.shifted, slot_, false, nullptr, nullptr};
}

int RangeBound::Compare(const char* row) {
  const AnyValue value = plan_->range_column.Read(row, room_.data());
  if (value.null || null_) {
    if (value.null && null_) return 0;
    return value.null == plan_->nulls_first ? -1 : 1;
  }
  if (beyond_ != 0) return -beyond_;
  const int order = CompareAcross(value, value_);
  return plan_->descending ? -order : order;
}

// --- edges

int64_t EdgeCursor::RowOf(const CurrentRow& current) {
  switch (edge_->kind) {
    case FrameEdge::Kind::kUnbounded:
      return is_begin_ ? 0 : current.rows;
    case FrameEdge::Kind::kRow:
      return std::clamp<int64_t>(current.row + edge_->distance + (is_begin_ ? 0 : 1), 0, current.rows);
    case FrameEdge::Kind::kGroup:
      if (edge_->distance == 0) return is_begin_ ? current.group_begin : current.group_end();
      break;
    case FrameEdge::Kind::kRange:
      break;
  }
  if (current.group == group_) return row_;
  row_ = edge_->kind == FrameEdge::Kind::kGroup ? Group(current) : Range(current);
  group_ = current.group;
  return row_;
}

int64_t EdgeCursor::Group(const CurrentRow& current) const {
  const int64_t group = current.group + edge_->distance + (is_begin_ ? 0 : 1);
  if (group <= 0) return 0;
  if (group >= current.groups) return current.rows;
  return current.index->RowsBefore(current.index->AtHead(group, current.version), current.version);
}

int64_t EdgeCursor::Range(const CurrentRow& current) {
  constexpr int kSteps = 8;
  bound_.Set(*edge_, rows_->Row(current.at.id()));
  auto outside = [&](Position at) {  // before the edge
    const int order = bound_.Compare(rows_->Row(at.id()));
    return is_begin_ ? order < 0 : order <= 0;
  };
  // Usually a few rows on from where it was.
  for (int step = 0; at_known_ && step < kSteps; ++step) {
    if (!at_ || !outside(at_)) return at_row_;
    at_row_ += at_.rows(current.version);
    at_ = OrderedIndex::Next(at_);
  }
  at_ = current.index->FirstNot([&](uint64_t, RowStore::Id id) {
    const int order = bound_.Compare(rows_->Row(id));
    return is_begin_ ? order < 0 : order <= 0;
  });
  at_row_ = current.index->RowsBefore(at_, current.version);
  at_known_ = true;
  return at_row_;
}

}  // namespace kappa
