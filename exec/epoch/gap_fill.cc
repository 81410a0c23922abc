#include "exec/epoch/gap_fill.h"

#include <algorithm>
#include <cstring>

#include "functions/gap_fill.h"

namespace kappa {
namespace {

class GapFiller {
 public:
  GapFiller(const GapFillOp& op, const std::vector<Column>& columns, const RowLayout& layout, Arena* arena)
      : op_(op), layout_(layout), arena_(arena), how_(columns.size(), GapFillOp::Fill::kNull), last_(columns.size(), nullptr) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].id == op.time) time_ = i;
      for (const auto& [id, how] : op.fills)
        if (columns[i].id == id) how_[i] = how;
    }
    for (ColumnId id : op.partition) {
      for (size_t i = 0; i < columns.size(); ++i)
        if (columns[i].id == id) partition_.push_back(i);
    }
  }

  StatusOr<std::vector<const char*>> Run(const std::vector<const char*>& rows) {
    struct Keyed {
      std::string partition, order;
      const char* row;
    };
    std::vector<Keyed> keyed;
    keyed.reserve(rows.size());
    for (const char* row : rows) {
      Keyed entry{{}, {}, row};
      for (size_t column : partition_) layout_.AppendSortKey(row, layout_.slots()[column], &entry.partition);
      layout_.AppendSortKey(row, TimeSlot(), &entry.order);
      // Of rows at one time the last one is filled from: which it is, the filled columns say, whatever others are read.
      for (size_t i = 0; i < how_.size(); ++i) {
        if (how_[i] != GapFillOp::Fill::kNull) layout_.AppendSortKey(row, layout_.slots()[i], &entry.order);
      }
      for (const Slot& slot : layout_.slots()) layout_.AppendSortKey(row, slot, &entry.order);
      keyed.push_back(std::move(entry));
    }
    std::sort(keyed.begin(), keyed.end(),
              [](const Keyed& a, const Keyed& b) { return a.partition != b.partition ? a.partition < b.partition : a.order < b.order; });
    for (size_t i = 0; i < keyed.size(); ++i) {
      if (i == 0 || keyed[i].partition != keyed[i - 1].partition) {
        std::fill(last_.begin(), last_.end(), nullptr);
      } else {
        RETURN_IF_ERROR(Between(keyed[i - 1].row, keyed[i].row));
      }
      Add(keyed[i].row);
    }
    return std::move(out_);
  }

 private:
  const Slot& TimeSlot() const { return layout_.slots()[time_]; }

  int64_t TimeOf(const char* row) const {
    int64_t time;
    std::memcpy(&time, row + TimeSlot().offset, 8);
    return time;
  }
  bool Bounds(const char* row) const {
    const int64_t time = TimeOf(row);
    return !layout_.IsNull(row, TimeSlot()) && time != INT64_MAX && time != INT64_MIN;
  }

  void Add(const char* row) {
    out_.push_back(row);
    for (size_t i = 0; i < how_.size(); ++i) {
      if (how_[i] == GapFillOp::Fill::kLast && !layout_.IsNull(row, layout_.slots()[i])) last_[i] = row;
    }
  }

  Status Between(const char* before, const char* after) {
    if (!Bounds(before) || !Bounds(after)) return OkStatus();
    const __int128 begin = TimeOf(before), end = TimeOf(after);
    for (__int128 time = begin + op_.step; time < end; time += op_.step) {
      if (++added_ > kMaxGapRows) {
        return SqlError(sqlstate::kStatementTooLong)
               << "gap_fill would add more than " << kMaxGapRows << " rows" << Hint("fill by a longer step, or a shorter range of time");
      }
      char* row = arena_->Allocate(layout_.size());
      std::memset(row, 0, layout_.size());
      for (size_t i = 0; i < how_.size(); ++i) {
        const Slot& slot = layout_.slots()[i];
        if (i == time_) {
          const auto micros = static_cast<int64_t>(time);
          layout_.SetNull(row, slot, false);
          std::memcpy(row + slot.offset, &micros, 8);
        } else if (std::find(partition_.begin(), partition_.end(), i) != partition_.end()) {
          Copy(before, row, slot);
        } else if (how_[i] == GapFillOp::Fill::kLast && last_[i] != nullptr) {
          Copy(last_[i], row, slot);
        } else if (how_[i] == GapFillOp::Fill::kInterpolate && !layout_.IsNull(before, slot) && !layout_.IsNull(after, slot)) {
          RETURN_IF_ERROR(Interpolate(before, after, row, slot, static_cast<int64_t>(time - begin), static_cast<int64_t>(end - begin)));
        } else {
          SetNull(row, slot);
        }
      }
      out_.push_back(row);
    }
    return OkStatus();
  }

  void SetNull(char* row, const Slot& slot) {
    layout_.SetNull(row, slot, true);
    for (const Slot& field : slot.fields) SetNull(row, field);
  }

  void Copy(const char* from, char* to, const Slot& slot) {
    layout_.SetNull(to, slot, layout_.IsNull(from, slot));
    for (const Slot& field : slot.fields) Copy(from, to, field);
    if (!slot.type.is_struct()) std::memcpy(to + slot.offset, from + slot.offset, SlotSize(slot.type.id()));
  }

  Status Interpolate(const char* before, const char* after, char* row, const Slot& slot, int64_t part, int64_t whole) {
    const Datum a = layout_.Load(before, slot), b = layout_.Load(after, slot);
    Datum value;
    switch (slot.type.id()) {
      case TypeId::kFloat4:
        value = Datum::Float(InterpolateFloat(static_cast<float>(a.as_float()), static_cast<float>(b.as_float()), part, whole));
        break;
      case TypeId::kFloat8:
        value = Datum::Float(InterpolateFloat(a.as_float(), b.as_float(), part, whole));
        break;
      case TypeId::kNumeric: {
        Numeric result;
        if (InterpolateNumeric(a.as_numeric(), b.as_numeric(), part, whole, &result) != NumericStatus::kOk)
          return SqlError(sqlstate::kNumericValueOutOfRange) << "value overflows numeric format";
        value = Datum::Of(result);
        break;
      }
      default:
        value = Datum::Int(InterpolateInteger(a.as_int(), b.as_int(), part, whole));
    }
    layout_.Store(row, slot, value);
    return OkStatus();
  }

  const GapFillOp& op_;
  const RowLayout& layout_;
  Arena* const arena_;
  size_t time_ = 0;
  std::vector<size_t> partition_;
  std::vector<GapFillOp::Fill> how_;  // per column
  std::vector<const char*> last_;     // per column: the last row of the partition where it was not NULL
  int64_t added_ = 0;
  std::vector<const char*> out_;
};

}  // namespace

StatusOr<std::vector<const char*>> FillGaps(const GapFillOp& op, const std::vector<Column>& columns, const RowLayout& layout,
                                            const std::vector<const char*>& rows, Arena* arena) {
  return GapFiller(op, columns, layout, arena).Run(rows);
}

}  // namespace kappa
