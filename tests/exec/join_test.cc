// Joins against a naive one: after every epoch of random changes the contents are those of a join of what the inputs hold then; through snapshots
// taken while the epochs go on, and crashes that go back to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/exec/join_harness.h"

namespace kappa {
namespace {

using Kind = JoinOp::Kind;
constexpr Kind kKinds[] = {Kind::kInner, Kind::kLeft, Kind::kFull, Kind::kSemi, Kind::kAnti, Kind::kSingle};

bool SumIsNotMultipleOf3(const TestRow& left, const TestRow& right) { return (left.value + right.value) % 3 != 0; }
bool IsLess(const TestRow& left, const TestRow& right) { return left.value < right.value; }

enum class Keys : uint8_t { kEqual, kNullSafe, kNone };

struct Case {
  Kind kind = Kind::kInner;
  Keys keys = Keys::kEqual;
  JoinHarness::Condition condition = nullptr;
  bool append_only[2] = {false, false};
  bool text = false;
  bool values = true;
  int workers = 1;
  int64_t key_range = 6, value_range = 5;
  int deltas = 40;  // of an epoch and side, at most
};

// What a join of two multisets holds.
struct Naive {
  Contents contents;
  int64_t errors = 0;
};

Naive NaiveJoin(const Case& c, const Multiset& left, const Multiset& right) {
  Naive out;
  const auto shown = [&](int side, const TestRow& row) -> std::optional<TestRow> {
    if (c.values) return row;
    return side == 0 ? TestRow{row.key} : TestRow{};
  };
  const auto add = [&](const std::optional<TestRow>& l, const std::optional<TestRow>& r, int64_t weight) {
    const std::string text = JoinHarness::Text(l ? shown(0, *l) : l, r ? shown(1, *r) : r);
    if ((out.contents[text] += weight) == 0) out.contents.erase(text);
  };
  const auto matches = [&](const TestRow& l, const TestRow& r) {
    return (c.keys == Keys::kNone || l.key == r.key) && (c.condition == nullptr || c.condition(l, r));
  };
  for (const auto& [l, weight] : left) {
    int64_t partners = 0;
    for (const auto& [r, right_weight] : right) partners += matches(l, r) ? right_weight : 0;
    if (c.kind == Kind::kSemi || c.kind == Kind::kAnti) {
      if ((partners > 0) == (c.kind == Kind::kSemi)) add(l, std::nullopt, weight);
      continue;
    }
    if (c.kind == Kind::kSingle && partners > 1) {
      out.errors += weight;
      continue;
    }
    for (const auto& [r, right_weight] : right) {
      if (matches(l, r)) add(l, r, weight * right_weight);
    }
    if (partners == 0 && c.kind != Kind::kInner) add(l, std::nullopt, weight);
  }
  if (c.kind != Kind::kFull) return out;
  for (const auto& [r, weight] : right) {
    if (std::none_of(left.begin(), left.end(), [&](const auto& l) { return matches(l.first, r); })) add(std::nullopt, r, weight);
  }
  return out;
}

class RandomJoin {
 public:
  RandomJoin(const Case& c, uint64_t seed) : case_(c), random_(seed) { Open(); }

  void Run(int epochs) {
    for (int epoch = 0; epoch < epochs && !testing::Test::HasFailure(); ++epoch) {
      SCOPED_TRACE("epoch " + std::to_string(epoch));
      OneEpoch();
      if (random_.Below(4) == 0 && !saving_) BeginSnapshot();
      if (random_.Below(8) == 0) Crash();
    }
    EXPECT_GT(snapshots_, epochs / 40);
  }
  void OneEpoch() {
    const int batches = static_cast<int>(random_.Below(4)) + 1;
    Multiset model[2] = {model_[0], model_[1]};
    for (int side = 0; side < 2; ++side) Changes(side, &model[side]);
    for (int batch = 0; batch < batches; ++batch) {
      for (const int side : random_.Below(2) == 0 ? std::vector<int>{0, 1} : std::vector<int>{1, 0}) {
        const size_t from = deltas_[side].size() * static_cast<size_t>(batch) / static_cast<size_t>(batches);
        const size_t to = deltas_[side].size() * static_cast<size_t>(batch + 1) / static_cast<size_t>(batches);
        join_->Apply(side, {deltas_[side].begin() + static_cast<ptrdiff_t>(from), deltas_[side].begin() + static_cast<ptrdiff_t>(to)});
        if (saving_) SaveSome();
      }
    }
    join_->Flush({});
    join_->EndEpoch({});
    for (int side = 0; side < 2; ++side) model_[side] = model[side];
    for (const auto& [text, weight] : join_->TakeOutput()) {
      if ((contents_[text] += weight) == 0) contents_.erase(text);
    }
    errors_ += join_->TakeErrors();
    Check();
  }
  // As statements read views: all of one input, then of the other.
  void OneAfterTheOther(int first) {
    for (const int side : {first, 1 - first}) {
      Changes(side, &model_[side]);
      const auto middle = deltas_[side].begin() + static_cast<ptrdiff_t>(deltas_[side].size() / 2);
      join_->Apply(side, {deltas_[side].begin(), middle});
      join_->Apply(side, {middle, deltas_[side].end()});
      join_->EndInput(side);
    }
    join_->Flush({});
    join_->EndEpoch({});
    contents_ = join_->TakeOutput();
    errors_ = join_->TakeErrors();
    Check();
  }
  const Contents& contents() const { return contents_; }

 private:
  void Open() {
    JoinSetup setup;
    setup.join.kind = case_.kind;
    if (case_.keys != Keys::kNone) setup.join.keys = {{JoinHarness::kKey[0], JoinHarness::kKey[1], case_.keys == Keys::kNullSafe}};
    setup.text_key = case_.text;
    setup.output_values = case_.values;
    std::copy(case_.append_only, case_.append_only + 2, setup.append_only);
    join_ = std::make_unique<JoinHarness>(setup, case_.condition, case_.workers);
  }

  TestRow NewRow() {
    TestRow row;
    row.key = static_cast<int64_t>(random_.Below(static_cast<uint64_t>(case_.key_range)));
    if (*row.key == 0 && case_.keys == Keys::kNullSafe) row.key.reset();
    row.value = static_cast<int64_t>(random_.Below(static_cast<uint64_t>(case_.value_range)));
    return row;
  }

  // Ends where the multiset has no negative weights, by ways on which it may.
  void Changes(int side, Multiset* model) {
    auto& deltas = deltas_[side];
    deltas.clear();
    const uint64_t count = random_.Below(static_cast<uint64_t>(case_.deltas) + 1);
    for (uint64_t i = 0; i < count; ++i) {
      if (case_.append_only[side] || model->empty() || random_.Below(2) == 0) {
        const int64_t weight = case_.append_only[side] ? 1 : static_cast<int64_t>(random_.Below(3)) + 1;
        deltas.emplace_back(NewRow(), weight);
        (*model)[deltas.back().first] += weight;
      } else {
        auto row = model->begin();
        std::advance(row, static_cast<ptrdiff_t>(random_.Below(model->size())));
        const int64_t weight = static_cast<int64_t>(random_.Below(static_cast<uint64_t>(row->second))) + 1;
        deltas.emplace_back(row->first, -weight);
        if ((row->second -= weight) == 0) model->erase(row);
      }
    }
    for (size_t i = deltas.size(); i > 1; --i) std::swap(deltas[i - 1], deltas[random_.Below(i)]);
  }

  void Check() {
    const Naive naive = NaiveJoin(case_, model_[0], model_[1]);
    EXPECT_EQ(contents_, naive.contents);
    EXPECT_EQ(errors_, naive.errors);
  }

  struct Moment {
    Multiset model[2];
    Contents contents;
    int64_t errors = 0;
    JoinHarness::Entries entries;
  };
  void BeginSnapshot() {
    join_->Freeze();
    saving_ = Moment{{model_[0], model_[1]}, contents_, errors_, last_.entries};
    SaveSome();
  }
  void SaveSome() {
    if (!join_->Save(random_.Below(300), &saving_->entries)) return;
    last_ = *std::exchange(saving_, std::nullopt);
    ++snapshots_;
  }
  void Crash() {
    static constexpr int kWorkers[] = {1, 3, 2, 7};
    case_.workers = kWorkers[random_.Below(4)];
    Open();
    join_->Load(last_.entries);
    saving_.reset();
    model_[0] = last_.model[0];
    model_[1] = last_.model[1];
    contents_ = last_.contents;
    errors_ = last_.errors;
  }

  Case case_;
  os::SeededRandom random_;
  std::unique_ptr<JoinHarness> join_;
  Multiset model_[2];
  std::vector<std::pair<TestRow, int64_t>> deltas_[2];
  Contents contents_;
  int64_t errors_ = 0;
  Moment last_;
  std::optional<Moment> saving_;
  int snapshots_ = 0;
};

std::string NameOf(const Case& c) {
  static constexpr const char* kNames[] = {"inner", "left", "full", "semi", "anti", "single"};
  static constexpr const char* kKeyNames[] = {"equal", "null safe", "no key"};
  return std::string(kNames[static_cast<int>(c.kind)]) + ", " + kKeyNames[static_cast<int>(c.keys)] + (c.condition == nullptr ? "" : ", condition") +
         (c.append_only[0] ? ", left appends" : "") + (c.append_only[1] ? ", right appends" : "") + (c.text ? ", text" : "") +
         (c.values ? "" : ", keys only") + ", " + std::to_string(c.workers) + " workers";
}

class JoinTest : public testing::TestWithParam<Kind> {
 protected:
  void RunAll(const std::vector<Case>& cases, int epochs) {
    uint64_t seed = 1;
    for (Case c : cases) {
      c.kind = GetParam();
      for (const int workers : {1, 3}) {
        c.workers = workers;
        SCOPED_TRACE(NameOf(c) + ", seed " + std::to_string(seed));
        RandomJoin(c, seed++).Run(epochs);
        if (HasFailure()) return;
      }
    }
  }
};

TEST_P(JoinTest, IsTheJoinOfWhatTheInputsHold) {
  std::vector<Case> cases;
  for (const Keys keys : {Keys::kEqual, Keys::kNullSafe, Keys::kNone}) {
    for (const JoinHarness::Condition condition : {JoinHarness::Condition{nullptr}, &SumIsNotMultipleOf3, &IsLess}) {
      for (const bool text : {false, true}) {
        Case c;
        c.keys = keys;
        c.condition = condition;
        c.text = text;
        if (keys == Keys::kNone) c.deltas = 12;
        cases.push_back(c);
      }
    }
  }
  RunAll(cases, 60);
}

TEST_P(JoinTest, WithInputsThatOnlyGrow) {
  std::vector<Case> cases;
  for (int appends = 1; appends < 4; ++appends) {
    for (const Keys keys : {Keys::kEqual, Keys::kNone}) {
      for (const JoinHarness::Condition condition : {JoinHarness::Condition{nullptr}, &SumIsNotMultipleOf3}) {
        Case c;
        c.keys = keys;
        c.condition = condition;
        c.append_only[0] = (appends & 1) != 0;
        c.append_only[1] = (appends & 2) != 0;
        c.deltas = keys == Keys::kNone ? 4 : 8;
        c.key_range = 20;
        cases.push_back(c);
      }
    }
  }
  RunAll(cases, 60);
}

TEST_P(JoinTest, WithInputsThatEnd) {
  uint64_t seed = 1;
  for (int variant = 0; variant < 2 * 3 * 2 * 2 * 2; ++variant) {
    Case c;
    c.kind = GetParam();
    c.keys = static_cast<Keys>(variant / 2 % 3);
    c.condition = variant / 6 % 2 == 0 ? nullptr : &SumIsNotMultipleOf3;
    c.append_only[0] = c.append_only[1] = variant / 12 % 2 == 0;
    c.text = variant / 24 % 2 == 0;
    c.key_range = 12;
    for (int repeat = 0; repeat < 30 && !HasFailure(); ++repeat) {
      c.workers = repeat % 3 + 1;
      SCOPED_TRACE(NameOf(c) + ", seed " + std::to_string(seed));
      RandomJoin(c, seed++).OneAfterTheOther(variant % 2);
    }
  }
}

// Keys of hundreds of rows: entries are found by the index of rows.
TEST_P(JoinTest, OfKeysWithManyRows) {
  std::vector<Case> cases;
  for (const JoinHarness::Condition condition : {JoinHarness::Condition{nullptr}, &IsLess}) {
    Case c;
    c.condition = condition;
    c.key_range = 2;
    c.value_range = 60;
    cases.push_back(c);
  }
  RunAll(cases, 40);
}

TEST_P(JoinTest, OfKeysAlone) {
  std::vector<Case> cases;
  for (int appends = 0; appends < 4; ++appends) {
    Case c;
    c.values = false;
    c.append_only[0] = (appends & 1) != 0;
    c.append_only[1] = (appends & 2) != 0;
    c.text = appends == 2;
    c.deltas = 8;
    cases.push_back(c);
  }
  RunAll(cases, 50);
}

// --- what a join shows within an epoch, and its limits

JoinSetup PlainJoin(Kind kind) {
  JoinSetup setup;
  setup.join.kind = kind;
  setup.join.keys = {{JoinHarness::kKey[0], JoinHarness::kKey[1], false}};
  return setup;
}

TEST(JoinChurnTest, AMatchThatComesAndGoesWithinAnEpochShowsNothing) {
  for (const JoinHarness::Condition condition : {JoinHarness::Condition{nullptr}, &IsLess}) {
    for (const Kind kind : {Kind::kSemi, Kind::kAnti}) {
      JoinHarness join(PlainJoin(kind), condition, 1);
      join.Apply(0, {{TestRow{1, 1}, 1}});
      join.Flush({});
      join.EndEpoch({});
      EXPECT_EQ(join.TakeOutputRows(), kind == Kind::kAnti ? 1 : 0);
      join.Apply(1, {{TestRow{1, 5}, 1}});
      join.Apply(1, {{TestRow{1, 5}, -1}});
      join.Apply(0, {{TestRow{1, 2}, 1}});
      join.Apply(0, {{TestRow{1, 2}, -1}});
      join.Flush({});
      join.EndEpoch({});
      EXPECT_EQ(join.TakeOutputRows(), 0);
      join.Apply(0, {{TestRow{2, 1}, 1}});  // matched later in its epoch
      join.Apply(1, {{TestRow{2, 5}, 1}});
      join.Flush({});
      join.EndEpoch({});
      EXPECT_EQ(join.TakeOutputRows(), kind == Kind::kSemi ? 1 : 0);
    }
    JoinHarness join(PlainJoin(Kind::kLeft), condition, 1);
    join.Apply(0, {{TestRow{2, 1}, 1}});
    join.Apply(1, {{TestRow{2, 5}, 1}});
    join.Flush({});
    EXPECT_EQ(join.TakeOutputRows(), 1) << "the pair, and the left row never alone";
  }
}

TEST(JoinLimitsTest, AJoinThatExplodesEndsAtItsMemoryBudget) {
  JoinSetup setup = PlainJoin(Kind::kInner);
  setup.join.keys.clear();
  JoinHarness join(setup, nullptr, 1);
  join.context(0).memory_budget = 1 << 20;
  std::vector<std::pair<TestRow, int64_t>> rows;
  for (int i = 0; i < 40'000; ++i) rows.emplace_back(TestRow{1, i}, 1);
  join.Apply(0, rows);
  EXPECT_TRUE(join.failure().ok());
  join.Apply(1, rows);
  EXPECT_EQ(SqlStateOf(join.failure()), sqlstate::kOutOfMemory) << join.failure();
  EXPECT_LT(join.TakeOutputRows(), 1'000'000);
}

TEST(JoinLimitsTest, CancellationIsSeenWithinABatch) {
  for (const Kind kind : {Kind::kInner, Kind::kAnti}) {
    JoinSetup setup = PlainJoin(kind);
    setup.join.keys.clear();
    JoinHarness join(setup, [](const TestRow&, const TestRow&) { return false; }, 1);
    const std::atomic<bool> cancelled = true;
    join.context(0).cancelled = &cancelled;
    std::vector<std::pair<TestRow, int64_t>> rows;
    for (int i = 0; i < 20'000; ++i) rows.emplace_back(TestRow{1, i}, 1);
    join.Apply(0, rows);
    join.Apply(1, rows);  // 400 million pairs
    EXPECT_EQ(SqlStateOf(join.failure()), sqlstate::kQueryCanceled);
  }
}

// What a row costs beside its own bytes (the issue allows half as much again, and 24).
TEST(JoinLimitsTest, StateIsCompact) {
  constexpr int64_t kKeys = 100'000, kPerKey = 4;
  for (const bool append_only : {true, false}) {
    JoinSetup setup = PlainJoin(Kind::kInner);
    setup.append_only[0] = setup.append_only[1] = append_only;
    JoinHarness join(setup, nullptr, 1);
    std::vector<std::pair<TestRow, int64_t>> left, right;
    for (int64_t key = 0; key < kKeys; ++key) {
      left.emplace_back(TestRow{key, key, key}, 1);
      for (int64_t i = 0; i < kPerKey; ++i) right.emplace_back(TestRow{key, i, key}, 1);
    }
    join.Apply(0, left);
    join.Apply(1, right);
    join.Freeze();  // nothing is listed as changed twice
    const double per_row = static_cast<double>(join.bytes()) / static_cast<double>(kKeys * (kPerKey + 1));
    RecordProperty(append_only ? "append_only" : "retracting", std::to_string(per_row));
    EXPECT_LT(per_row, 1.5 * 32 + 24) << (append_only ? "append-only" : "retracting");  // 24 of the columns, 8 of which of them are NULL
  }
}

TEST(JoinLimitsTest, RowsThatMeetAnInputThatHasEndedAreNotKept) {
  JoinSetup setup;
  setup.join.kind = Kind::kInner;
  setup.join.keys = {{JoinHarness::kKey[0], JoinHarness::kKey[1], false}};
  JoinHarness join(setup, nullptr, 1);
  std::vector<std::pair<TestRow, int64_t>> small, large;
  for (int64_t k = 0; k < 10; ++k) small.push_back({TestRow{k, 1}, 1});
  for (int64_t k = 0; k < 100'000; ++k) large.push_back({TestRow{k, k}, 1});
  join.Apply(1, small);
  join.EndInput(1);
  const size_t before = join.bytes();
  join.Apply(0, large);
  EXPECT_EQ(join.bytes(), before);
  EXPECT_EQ(join.TakeOutputRows(), 10);
}

INSTANTIATE_TEST_SUITE_P(Kinds, JoinTest, testing::ValuesIn(kKinds));

}  // namespace
}  // namespace kappa
