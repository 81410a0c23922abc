#include "exec/runtime/join/pair_join.h"

#include "planner/dataflow/dataflow.h"

namespace kappa {
namespace {

const JoinOp& Of(const PlanOperator& op) { return *op.As<JoinOp>(); }

// Which rows of the side have a match matters.
bool Asks(JoinOp::Kind kind, int side) { return side == 0 ? kind != JoinOp::Kind::kInner : kind == JoinOp::Kind::kFull; }

bool PutsOutPairs(JoinOp::Kind kind) { return kind != JoinOp::Kind::kSemi && kind != JoinOp::Kind::kAnti; }

// Rows without columns are all equal: their number is kept.
bool IsWeighted(const KeyedPlan::Input& input) { return !input.append_only || input.columns.empty(); }

bool OnClose(const JoinOp& join) {
  return join.emit_on_close && join.left_expiry &&
         (join.kind == JoinOp::Kind::kLeft || join.kind == JoinOp::Kind::kFull || join.kind == JoinOp::Kind::kAnti);
}

}  // namespace

PairJoin::Mode PairJoin::ModeOf(const JoinOp& join) {
  if (join.kind == Kind::kInner) return Mode::kPairs;
  return join.condition != nullptr || join.left_expiry ? Mode::kPerRow : Mode::kPerKey;
}

KeyTableSpec PairJoin::KeySpec(const PlanOperator& op, const KeyedPlan& plan) {
  const bool matches = ModeOf(Of(op)) == Mode::kPerKey, counts = IsWeighted(plan.inputs[0]) || IsWeighted(plan.inputs[1]);
  return MakeKeyTableSpec(plan.inputs[0].key, static_cast<uint32_t>(8 + (matches ? sizeof(KeyMatches) : 0) + (counts ? 8 : 0)));
}

JoinSideSpec PairJoin::SideSpec(const PlanOperator& op, const KeyedPlan& plan, int side) const {
  const JoinOp& join = Of(op);
  const KeyedPlan::Input& input = plan.inputs[static_cast<size_t>(side)];
  JoinSideSpec spec;
  spec.weighted = IsWeighted(input) && !(side == 1 && one_is_enough_);
  spec.expires = join.left_expiry.has_value();
  spec.unlinks = spec.weighted || spec.expires || (side == 0 && one_is_enough_);
  spec.touched = tracks_[static_cast<size_t>(side)];
  spec.saved_bytes = mode_ == Mode::kPerRow && Asks(kind_, side) ? 8 : 0;
  spec.head_offset = static_cast<uint32_t>(side) * 4;
  spec.count_offset = matches_offset_ + (mode_ == Mode::kPerKey ? static_cast<uint32_t>(sizeof(KeyMatches)) : 0) + static_cast<uint32_t>(side) * 4;
  if (spec.expires) {
    const Expiry& expiry = side == 0 ? *join.left_expiry : *join.right_expiry;
    spec.time = SlotOf(input, expiry.time);
    spec.add = expiry.add;
    spec.layout = input.layout;
  }
  return spec;
}

PairJoin::PairJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan)
    : JoinBase(context, op.id, KeySpec(op, plan)),
      kind_(Of(op).kind),
      mode_(ModeOf(Of(op))),
      pairs_(PutsOutPairs(kind_)),
      on_close_(OnClose(Of(op))),
      one_is_enough_(!pairs_ && mode_ == Mode::kPerKey && plan.inputs[1].append_only),
      tracks_{Asks(kind_, 0) && !on_close_, Asks(kind_, 1) && !on_close_},
      matches_offset_(8),
      sides_{JoinSide(SideSpec(op, plan, 0), &keys_), JoinSide(SideSpec(op, plan, 1), &keys_)} {}

size_t PairJoin::bytes() const { return keys_.bytes() + sides_[0].bytes() + sides_[1].bytes(); }

// --- state

void PairJoin::TouchKey(Key key) {
  KeyMatches& matches = MatchesOf(key);
  if (matches.touched != 0) return;
  touched_keys_.push_back({key, {matches.weight[0], matches.weight[1]}});
  matches.touched = static_cast<uint32_t>(touched_keys_.size());
}

void PairJoin::TouchRow(int side, Id id) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  uint32_t& touched = own.Touched(id);
  if (touched != 0) return;
  auto& rows = touched_rows_[static_cast<size_t>(side)];
  rows.push_back({id, own.store().Weight(id), CountsMatches(side) ? own.Saved(id) : 0});
  touched = static_cast<uint32_t>(rows.size());
}

void PairJoin::AddMatches(int side, Id id, int64_t weight) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  if (tracks_[static_cast<size_t>(side)]) TouchRow(side, id);
  own.store().Touch(id);
  own.Saved(id) += weight;
}

int64_t PairJoin::KeyMatchesBefore(Key key, int side) const {
  const KeyMatches& matches = MatchesOf(key);
  return (matches.touched != 0 ? touched_keys_[matches.touched - 1].weight : matches.weight)[1 - side];
}

int64_t PairJoin::RowMatchesBefore(int side, Id id) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  const uint32_t touched = tracks_[static_cast<size_t>(side)] ? own.Touched(id) : 0;
  return touched != 0 ? touched_rows_[static_cast<size_t>(side)][touched - 1].matches : own.Saved(id);
}

PairJoin::Id PairJoin::Change(int side, const KeyedRow& row, Key key, Id found) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  const bool tracks = tracks_[static_cast<size_t>(side)];
  const size_t row_bytes = KeepsRow(side) ? row.row_bytes : 0;
  if (found == 0) {
    Id id = 0;
    for (int64_t copy = own.spec().weighted ? row.weight : 1; copy <= row.weight; ++copy) {
      id = own.Add(key, row.row, row_bytes, row.weight);
      if (id == 0) {
        FailFull();
        return 0;
      }
      if (!tracks) continue;
      auto& rows = touched_rows_[static_cast<size_t>(side)];
      rows.push_back({id, 0, 0});
      own.Touched(id) = static_cast<uint32_t>(rows.size());
    }
    return id;
  }
  if (tracks) TouchRow(side, found);
  own.store().ChangeWeight(found, row.weight);
  if (tracks || own.spec().expires || own.store().Weight(found) != 0) return found;
  own.Erase(found);
  NoteEmpty(key);
  return 0;
}

bool PairJoin::IsEmpty(Key key) const {
  return sides_[0].Head(key) == 0 && sides_[1].Head(key) == 0 && (mode_ != Mode::kPerKey || MatchesOf(key).touched == 0);
}

// --- the epoch's rows

// A row whose key the other side does not have, and never will.
template <int side>
void PairJoin::ApplyStrange(const KeyedRow& row) {
  if (Asks(kind_, side) && Alone(0) != 0) EmitAlone(side, row.row, row.weight);
}

template <int side>
void PairJoin::ApplyPairs(const KeyedRow& row, Key key) {
  const JoinSide& other = sides_[1 - side];
  for (Id id = other.Head(key); id != 0; id = other.Next(id)) {
    const int64_t weight = row.weight * other.store().Weight(id);
    const char* partner = other.store().Row(id);
    if (weight != 0 && PairMatches(side == 0 ? row.row : partner, side == 0 ? partner : row.row, weight)) EmitPair(side, row.row, partner, weight);
    if (stopped()) return;
  }
  if (!ended_[1 - side]) Change(side, row, key, FindRow(side, row, key));
}

template <int side>
void PairJoin::ApplyPerKey(const KeyedRow& row, Key key) {
  KeyMatches& matches = MatchesOf(key);
  if (one_is_enough_ && matches.weight[1] > 0) {
    if (side == 0 && kind_ == Kind::kSemi) Emit(row.row, nullptr, row.weight);
    return;
  }
  if (pairs_ && !IsMany(KeyMatchesBefore(key, 0))) {
    const JoinSide& other = sides_[1 - side];
    for (Id id = other.Head(key); id != 0; id = other.Next(id)) {
      const int64_t weight = row.weight * other.store().Weight(id);
      if (weight != 0) EmitPair(side, row.row, other.store().Row(id), weight);
      if (stopped()) return;
    }
  }
  Change(side, row, key, FindRow(side, row, key));
  if (!Asks(kind_, 1 - side)) return;
  TouchKey(key);
  matches.weight[side] += row.weight;
}

template <int side>
void PairJoin::ApplyPerRow(const KeyedRow& row, Key key) {
  JoinSide &own = sides_[side], &other = sides_[1 - side];
  const Id found = FindRow(side, row, key);
  const bool hidden = side == 0 && found != 0 && IsMany(RowMatchesBefore(0, found));
  int64_t matches = 0;
  for (Id id = other.Head(key); id != 0; id = other.Next(id)) {
    const int64_t partner_weight = other.store().Weight(id), weight = row.weight * partner_weight;
    const char* partner = other.store().Row(id);
    if (!PairMatches(side == 0 ? row.row : partner, side == 0 ? partner : row.row, weight)) continue;
    if (pairs_ && weight != 0 && !hidden && !(side == 1 && IsMany(RowMatchesBefore(0, id)))) EmitPair(side, row.row, partner, weight);
    matches += partner_weight;
    if (CountsMatches(1 - side)) AddMatches(1 - side, id, row.weight);
    if (stopped()) return;
  }
  const Id id = Change(side, row, key, found);
  if (id == 0 || found != 0 || !CountsMatches(side)) return;
  Id entry = id;  // what was added lies at the list's head
  for (int64_t copy = own.spec().weighted ? row.weight : 1; copy <= row.weight; ++copy, entry = own.Next(entry)) own.Saved(entry) = matches;
}

template <int side>
void PairJoin::ApplyAll(const KeyedRow* rows, int64_t count, const Key* ids) {
  const JoinSide &own = sides_[side], &other = sides_[1 - side];
  for (int64_t i = 0; i < count; ++i) {
    if (ids[i] == 0) {
      if (ended_[1 - side]) continue;
      return FailFull();
    }
    if (const Id head = other.Head(ids[i]); head != 0) other.store().Prefetch(head);
    if (own.spec().unlinks) {
      if (const Id head = own.Head(ids[i]); head != 0) own.store().Prefetch(head);
    }
  }
  for (int64_t i = 0; i < count && !stopped(); ++i) {
    if (rows[i].weight == 0) continue;
    if (ids[i] == 0) {
      ApplyStrange<side>(rows[i]);
    } else if (mode_ == Mode::kPairs) {
      ApplyPairs<side>(rows[i], ids[i]);
    } else if (mode_ == Mode::kPerKey) {
      ApplyPerKey<side>(rows[i], ids[i]);
    } else {
      ApplyPerRow<side>(rows[i], ids[i]);
    }
  }
}

void PairJoin::Apply(int input, const KeyedRow* rows, int64_t count) {
  Key ids[kStageRows];
  for (int64_t at = 0; at < count && !stopped(); at += kStageRows) {
    const int64_t part = count - at < kStageRows ? count - at : kStageRows;
    if (ended_[static_cast<size_t>(1 - input)]) {
      keys_.FindAll(rows + at, part, ids);
    } else {
      keys_.FindOrInsertAll(rows + at, part, ids);
    }
    input == 0 ? ApplyAll<0>(rows + at, part, ids) : ApplyAll<1>(rows + at, part, ids);
    EraseEmptyKeys([this](Key key) { return IsEmpty(key); });
  }
}

// --- the epoch's end

void PairJoin::EmitPairsOf(Id left, int64_t weight) {
  const JoinSide& right = sides_[1];
  const char* row = sides_[0].store().Row(left);
  for (Id id = right.Head(sides_[0].store().Key(left)); id != 0 && !stopped(); id = right.Next(id)) {
    const int64_t pairs = weight * right.store().Weight(id);
    if (pairs != 0 && PairMatches(row, right.store().Row(id), 0)) Emit(row, right.store().Row(id), pairs);
  }
}

void PairJoin::FlushRow(int side, Id id, int64_t before_weight, int64_t before_matches, int64_t matches) {
  const RowStore& store = sides_[static_cast<size_t>(side)].store();
  const int64_t weight = store.Weight(id), alone = weight * Alone(matches) - before_weight * Alone(before_matches);
  if (alone != 0) EmitAlone(side, store.Row(id), alone);
  if (kind_ != Kind::kSingle) return;
  const bool many = IsMany(matches), before_many = IsMany(before_matches);
  const int64_t errors = (many ? weight : 0) - (before_many ? before_weight : 0);
  if (errors != 0) ReportError(sqlstate::kCardinalityViolation, "more than one row returned by a subquery used as an expression", errors);
  if (many != before_many) EmitPairsOf(id, many ? -weight : weight);
}

// Rows that have not changed themselves, of keys whose matches have.
void PairJoin::FlushKeys(int side) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  for (const TouchedKey& touched : touched_keys_) {
    const int64_t before = touched.weight[1 - side], now = MatchesOf(touched.key).weight[1 - side];
    if (Alone(before) == Alone(now) && IsMany(before) == IsMany(now)) continue;
    for (Id id = own.Head(touched.key); id != 0 && !stopped(); id = own.Next(id)) {
      if (own.Touched(id) == 0) FlushRow(side, id, own.store().Weight(id), before, now);
    }
  }
}

void PairJoin::FlushRows(int side) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  for (const TouchedRow& touched : touched_rows_[static_cast<size_t>(side)]) {
    if (stopped()) return;
    if (mode_ == Mode::kPerRow) {
      FlushRow(side, touched.id, touched.weight, touched.matches, own.Saved(touched.id));
    } else {
      const Key key = own.store().Key(touched.id);
      FlushRow(side, touched.id, touched.weight, KeyMatchesBefore(key, side), MatchesOf(key).weight[1 - side]);
    }
  }
}

void PairJoin::FlushExpired(int side, int64_t watermark) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  own.ForEachExpired(watermark, [&](Id id) {
    if (own.Saved(id) <= 0 && own.store().Weight(id) != 0) EmitAlone(side, own.store().Row(id), own.store().Weight(id));
  });
}

void PairJoin::ForgetTouched(int side) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  auto& rows = touched_rows_[static_cast<size_t>(side)];
  for (const TouchedRow& touched : rows) {
    own.Touched(touched.id) = 0;
    if (own.spec().expires || !own.spec().weighted || own.store().Weight(touched.id) != 0) continue;
    NoteEmpty(own.store().Key(touched.id));
    own.Erase(touched.id);
  }
  rows.clear();
}

void PairJoin::Flush(const KeyedEpoch& epoch) {
  for (int side = 0; side < 2; ++side) {
    if (on_close_ && Asks(kind_, side)) FlushExpired(side, epoch.watermark);
    if (!tracks_[static_cast<size_t>(side)]) continue;
    if (mode_ == Mode::kPerKey) FlushKeys(side);
    FlushRows(side);
  }
  if (!tracks_[0]) return;
  FlushOutput();
  for (int side = 0; side < 2; ++side) ForgetTouched(side);
  for (const TouchedKey& touched : touched_keys_) {
    KeyMatches& matches = MatchesOf(touched.key);
    matches.touched = 0;
    NoteEmpty(touched.key);
    if (!one_is_enough_ || matches.weight[1] <= 0) continue;
    while (sides_[0].Head(touched.key) != 0) sides_[0].Erase(sides_[0].Head(touched.key));
  }
  touched_keys_.clear();
  EraseEmptyKeys([this](Key key) { return IsEmpty(key); });
}

void PairJoin::EndEpoch(const KeyedEpoch& epoch) {
  for (JoinSide& side : sides_) {
    if (side.spec().expires) side.DropExpired(epoch.watermark, [&](Id id) { NoteEmpty(side.store().Key(id)); });
  }
  EraseEmptyKeys([this](Key key) { return IsEmpty(key); });
}

// --- snapshots

void PairJoin::OnLoad(int side, Id id) {
  JoinSide& own = sides_[static_cast<size_t>(side)];
  own.Link(id);
  if (mode_ == Mode::kPerKey) MatchesOf(own.store().Key(id)).weight[side] += own.store().Weight(id);
}

std::vector<DurableTable*> PairJoin::MakeDurable(uint32_t first_id) {
  std::vector<DurableTable*> tables;
  for (int side = 0; side < 2; ++side) {
    auto& durable = durable_[static_cast<size_t>(side)];
    durable = std::make_unique<DurableRowStore>(first_id + static_cast<uint32_t>(side) * kTableStride, &sides_[static_cast<size_t>(side)].store(),
                                                [this, side](Id id) { OnLoad(side, id); });
    tables.push_back(durable.get());
  }
  return tables;
}

std::unique_ptr<KeyedOperator> MakePairJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan) {
  return std::make_unique<PairJoin>(context, op, plan);
}

}  // namespace kappa
