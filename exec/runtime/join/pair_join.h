// Every pair of rows that match, and the rows without a match. Which rows have one is kept, and how it was when the epoch began: what depends on it
// is put out at the epoch's end, so that a match which comes and goes within the epoch shows nothing.
//
//   Apply   each row meets the rows of the other side that are there: pairs are put out at once (inner, left, full, single)
//   Flush   rows whose having a match, or whose weight, has changed: alone (left, full, single), or themselves (semi, anti)
//
// Whether a row matches is kept per row where there is a condition beside the key (or rows expire), else per key: the weight of all rows of the other
// side. Of kSingle a row with more than one match is an error instead, and its pairs are taken back until that ends.
//
// Rows that meet a side which has ended are not kept where nothing asks for them again: a join of two views reads the small one, then looks the rows
// of the large one up in it.
#pragma once

#include <array>
#include <vector>

#include "exec/runtime/join/join_base.h"

namespace kappa {

class PairJoin final : public JoinBase {
 public:
  PairJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan);
  void Apply(int input, const KeyedRow* rows, int64_t count) override;
  void EndInput(int input) override { ended_[static_cast<size_t>(input)] = !sides_[0].spec().expires; }
  void Flush(const KeyedEpoch& epoch) override;
  void EndEpoch(const KeyedEpoch& epoch) override;
  size_t bytes() const override;
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override;

 private:
  using Kind = JoinOp::Kind;
  // How rows match.
  enum class Mode : uint8_t {
    kPairs,   // nobody asks which rows have a match: inner
    kPerKey,  // the weight of the other side's rows of the key
    kPerRow   // the weight of the other side's rows that match this one
  };
  // Of a key, in mode kPerKey.
  struct KeyMatches {
    int64_t weight[2];  // of all rows of a side
    uint32_t touched;   // 1 + its place in touched_keys_; 0: not in this epoch
    uint32_t unused;
  };
  struct TouchedKey {
    Key key;
    int64_t weight[2];  // as the epoch began
  };
  struct TouchedRow {
    Id id;
    int64_t weight, matches;  // as the epoch began
  };

  JoinSideSpec SideSpec(const PlanOperator& op, const KeyedPlan& plan, int side) const;
  static KeyTableSpec KeySpec(const PlanOperator& op, const KeyedPlan& plan);
  static Mode ModeOf(const JoinOp& join);
  template <int side>
  void ApplyStrange(const KeyedRow& row);
  template <int side>
  void ApplyPairs(const KeyedRow& row, Key key);
  template <int side>
  void ApplyPerKey(const KeyedRow& row, Key key);
  template <int side>
  void ApplyPerRow(const KeyedRow& row, Key key);
  template <int side>
  void ApplyAll(const KeyedRow* rows, int64_t count, const Key* ids);
  // The entry that has its weight now; 0: it has gone. `found`: where an equal row is; 0: it is not looked for (not weighted), or there is none.
  Id Change(int side, const KeyedRow& row, Key key, Id found);
  Id FindRow(int side, const KeyedRow& row, Key key) const {
    const JoinSide& own = sides_[static_cast<size_t>(side)];
    return own.spec().weighted ? own.Find(key, row.row, KeepsRow(side) ? row.row_bytes : 0) : 0;
  }
  bool KeepsRow(int side) const { return side == 0 || pairs_ || mode_ == Mode::kPerRow; }
  bool CountsMatches(int side) const { return sides_[static_cast<size_t>(side)].spec().saved_bytes != 0; }
  void AddMatches(int side, Id id, int64_t weight);

  KeyMatches& MatchesOf(Key key) const { return *keys_.UserAs<KeyMatches>(key, matches_offset_); }
  int64_t KeyMatchesBefore(Key key, int side) const;  // of a row of this side, mode kPerKey, as the epoch began
  int64_t RowMatchesBefore(int side, Id id);          // mode kPerRow
  void TouchKey(Key key);
  void TouchRow(int side, Id id);
  // What a row puts out alone, per weight, that has this many matches.
  int64_t Alone(int64_t matches) const { return (matches > 0) == (kind_ == Kind::kSemi) ? 1 : 0; }
  bool IsMany(int64_t matches) const { return kind_ == Kind::kSingle && matches > 1; }
  void FlushRow(int side, Id id, int64_t before_weight, int64_t before_matches, int64_t matches);
  void EmitPairsOf(Id left, int64_t weight);
  void FlushKeys(int side);
  void FlushRows(int side);
  void FlushExpired(int side, int64_t watermark);
  void ForgetTouched(int side);
  bool IsEmpty(Key key) const;
  void OnLoad(int side, Id id);

  const Kind kind_;
  const Mode mode_;
  const bool pairs_;
  const bool on_close_;       // rows without match are put out when they expire
  const bool one_is_enough_;  // semi, anti, nothing is taken back at the right: one match decides a key for ever, and rows need not be kept
  std::array<bool, 2> ended_ = {};
  std::array<bool, 2> tracks_;  // changes of whether the side's rows match are put out at the epoch's end
  uint32_t matches_offset_;
  std::array<JoinSide, 2> sides_;
  std::vector<TouchedKey> touched_keys_;
  std::array<std::vector<TouchedRow>, 2> touched_rows_;
  std::array<std::unique_ptr<DurableRowStore>, 2> durable_;
};

}  // namespace kappa
