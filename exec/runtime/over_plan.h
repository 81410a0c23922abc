// What an OVER computes, made ready once: where its arguments lie, what bounds its frames, how its aggregates are called.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exec/keyed_plan.h"
#include "functions/general_aggregate.h"
#include "types/packed_row.h"

namespace kappa {

inline constexpr SqlState kInvalidFrameSize{"22013"}, kInvalidNtile{"22014"}, kInvalidNthValue{"22016"};

// A column of the row, or a constant.
class OverArgument {
 public:
  static StatusOr<OverArgument> Make(const Expr& expr, const KeyedPlan::Input& input, const RowLayout* layout, const std::vector<Datum>& parameters);
  bool is_constant() const { return constant_ != nullptr; }
  const Datum& constant() const { return constant_->datum; }
  size_t room() const { return is_constant() ? 0 : column_.room(); }
  AnyValue Read(const char* row, char* room) const { return is_constant() ? constant_->value : column_.Read(row, room); }

 private:
  struct Constant {
    Datum datum;
    std::unique_ptr<char[]> slot;
    AnyValue value;
  };
  PackedColumn column_;
  std::shared_ptr<const Constant> constant_;
};
// Of a value of an integer type.
int64_t IntegerOf(const AnyValue& value);

// One end of a frame. kRow, kGroup: `distance` from the current row or group, negative before it.  kRange: what the order column may be at most
// `offset` away from, as `shift` says.
struct FrameEdge {
  enum class Kind : uint8_t { kUnbounded, kRow, kGroup, kRange };
  Kind kind = Kind::kUnbounded;
  bool preceding = false;
  int64_t distance = 0;
  OverArgument offset;
  const FunctionEntry* shift = nullptr;
  const TypeDescriptor* shifted = nullptr;  // what it answers
};

struct OverCall {
  OverOp::Kind kind = OverOp::Kind::kRowNumber;
  Type result;
  const TypeDescriptor* result_type = nullptr;
  size_t slot = 0;  // of the values' part
  std::vector<OverArgument> arguments;
  bool ignore_nulls = false;  // of its first argument
  int present = -1;           // into OverPlan::present: its first argument; -1: it is never NULL, or nobody asks
  bool varies = false;        // kLag, kLead: the offset is a column
  FrameEdge begin, end;
  OverOp::Exclude exclude = OverOp::Exclude::kNoOthers;
  // kAggregate
  const AggregateEntry* aggregate = nullptr;
  std::shared_ptr<const GeneralAggregate> general;  // nullptr: its functions are called as they are
  std::vector<OverArgument> columns;                // of `general`: the arguments, then what orders them
  std::vector<OverArgument> filter;                 // one or none: a boolean
  size_t strict = 0;
  size_t state_bytes = 0;
  bool retracts = false;
  size_t summary = SIZE_MAX;  // offset of its state in the summary of a node; SIZE_MAX: it has none

  bool HasFrame() const { return kind >= OverOp::Kind::kFirstValue; }
  // Every row of a partition has the same value.
  bool IsWhole() const {
    return HasFrame() && begin.kind == FrameEdge::Kind::kUnbounded && end.kind == FrameEdge::Kind::kUnbounded &&
           exclude == OverOp::Exclude::kNoOthers && (kind != OverOp::Kind::kNthValue || arguments[1].is_constant());
  }
};

struct OverPlan {
  std::vector<OverCall> calls;
  RowLayout values;                   // of the functions
  bool needs_groups = false;          // who are peers matters
  std::vector<PackedColumn> present;  // columns of which it matters where they are not NULL
  size_t summary_bytes = 0;           // of a node; 0: nodes have none
  // RANGE with offsets: the one column that rows are ordered by.
  PackedColumn range_column;
  bool descending = false, nulls_first = false;
  size_t room = 0;  // for arguments that must be copied, of any one call
};

// `layout`: of the input's rows; it outlives the plan. Errors: PostgreSQL's of frames (22004, 22013), 0A000 for what exec does not do.
StatusOr<OverPlan> MakeOverPlan(const OverOp& op, const KeyedPlan& keyed, const RowLayout* layout, const std::vector<Datum>& parameters);

}  // namespace kappa
