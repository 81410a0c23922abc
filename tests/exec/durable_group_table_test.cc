// The heart of snapshots: whatever is touched, dropped and reused while a snapshot is saved, what it loads is what the table held at the Freeze.
#include "exec/state/durable_group_table.h"

#include <cstring>
#include <map>

#include "common/hash.h"
#include "common/os/seeded_random.h"
#include "common/os/simulated_environment.h"
#include "functions/registry.h"
#include "gtest/gtest.h"
#include "types/values.h"

namespace kappa {
namespace {

constexpr uint32_t kTable = 42;

using Add = void (*)(StateContext*, void*, const void*, int64_t);
using Result = bool (*)(StateContext*, CallContext*, const void*, void*, bool*);

const AggregateEntry& Find(std::string_view name, TypeId argument) {
  for (const AggregateEntry* entry : FunctionRegistry::Get().FindAggregates(name)) {
    if (entry->arguments.size() == 1 && entry->arguments[0] == argument) return *entry;
  }
  ADD_FAILURE() << "no aggregate " << name;
  std::abort();
}

// A table of the given aggregates, each over one argument.
struct Shape {
  std::vector<const AggregateEntry*> aggregates;
  std::vector<uint32_t> offsets;
  GroupTableSpec spec;

  explicit Shape(std::vector<const AggregateEntry*> of) : aggregates(std::move(of)) {
    for (const AggregateEntry* entry : aggregates) {
      offsets.push_back(spec.state_bytes);
      if (entry->release != nullptr) {
        spec.owned.push_back({spec.state_bytes, reinterpret_cast<void (*)(StateContext*, void*)>(reinterpret_cast<uintptr_t>(entry->release)),
                              reinterpret_cast<void (*)(StateContext*, const void*, StateContext*, void*)>(reinterpret_cast<uintptr_t>(entry->copy)),
                              static_cast<uint32_t>(entry->state_size)});
      }
      spec.state_bytes += static_cast<uint32_t>(entry->state_size);
    }
  }
  // What the states say, as bytes.
  std::string Digest(StateContext* context, const char* states) const {
    CallContext call;
    std::string digest;
    for (size_t i = 0; i < aggregates.size(); ++i) {
      alignas(16) char out[64] = {};
      bool null = false;
      const bool ok =
          reinterpret_cast<Result>(reinterpret_cast<uintptr_t>(aggregates[i]->result_code))(context, &call, states + offsets[i], out, &null);
      if (aggregates[i]->result == TypeId::kText && ok && !null) {
        Text text;
        std::memcpy(&text, out, sizeof(text));
        digest.append(text.data, text.size);
      } else if (ok && !null) {
        digest.append(out, sizeof(out));
      }
      digest += ok ? null ? "|null|" : "|" : "|error|";
    }
    return digest;
  }
};

// Argument values of a type, some large.
class Values {
 public:
  explicit Values(os::SeededRandom* random) : random_(random) {}
  const void* Next(TypeId type) {
    const auto n = static_cast<int64_t>(random_->Next() % 2000) - 1000;
    std::memset(slot_, 0, sizeof(slot_));
    auto put = [&](const auto& value) -> const void* {
      std::memcpy(slot_, &value, sizeof(value));
      return slot_;
    };
    switch (type) {
      case TypeId::kBool:
        return put(n > 0);
      case TypeId::kInt2:
        return put(static_cast<int16_t>(n));
      case TypeId::kInt4:
      case TypeId::kDate:
        return put(static_cast<int32_t>(n));
      case TypeId::kFloat4:
        return put(static_cast<float>(n) * 0.37F);
      case TypeId::kFloat8:
        return put(static_cast<double>(n) * (n % 3 == 0 ? 1e200 : n % 3 == 1 ? 1e-200 : 0.1));
      case TypeId::kNumeric:
        return put(Numeric(static_cast<__int128>(n) * 12345678901, static_cast<int32_t>(random_->Next() % 6)));
      case TypeId::kInterval: {
        Interval interval;
        interval.micros = n;
        interval.days = static_cast<int32_t>(n % 31);
        return put(interval);
      }
      case TypeId::kText:
      case TypeId::kBytea: {
        const size_t size = random_->Next() % 100 == 0 ? 300'000 : random_->Next() % 60;
        text_.assign(size, static_cast<char>('a' + random_->Next() % 26));
        return put(Text(text_.data(), static_cast<uint32_t>(text_.size())));
      }
      default:
        return put(n);
    }
  }

 private:
  os::SeededRandom* const random_;
  alignas(16) char slot_[64];
  std::string text_;
};

struct Group {
  int64_t weight = 0;
  std::string states;
  auto operator<=>(const Group&) const = default;
};
using Model = std::map<std::string, Group>;  // by key

uint64_t HashOf(const std::string& key) { return key.empty() ? 0 : HashBytes(key.data(), key.size()); }

char* RowOf(GroupTable* table, const Shape& shape, const std::string& key) {
  return shape.spec.variable_key ? table->FindOrInsertVariable(HashOf(key), key.data(), key.size())
                                 : table->FindOrInsertFixed(HashOf(key), key.data(), key.size());
}

// Every group, by way of what a fresh snapshot would save.
Model ContentsOf(GroupTable* table, const Shape& shape) {
  Model contents;
  StateRun run;
  {
    DurableGroupTable all(kTable, table);
    all.Freeze();
    EXPECT_TRUE(all.Save(&run, SIZE_MAX / 2));
  }
  EXPECT_EQ(run.entries(), table->groups());
  for (const StateRun::Entry& entry : run.list()) {
    const std::string key(entry.Key());
    char* row = RowOf(table, shape, key);
    int64_t weight;
    std::memcpy(&weight, row + 16, 8);
    contents[key] = {weight, shape.Digest(&table->state_context, table->States(row))};
  }
  EXPECT_EQ(run.entries(), table->groups());
  return contents;
}

struct Flavour {
  const char* name;
  bool variable_key, windows, keeps_before, lists_touched, owned, global;
};

class Life {
 public:
  Life(const Flavour& flavour, uint64_t seed) : flavour_(flavour), random_(seed), values_(&random_), environment_(seed), shape_(ShapeOf(flavour)) {
    options_.merge_after_files = 3;
    store_ = *SnapshotStore::Open(environment_, "state", options_);
    table_ = std::make_unique<GroupTable>(shape_.spec);
    durable_ = std::make_unique<DurableGroupTable>(kTable, table_.get());
  }
  ~Life() { durable_.reset(); }

  static Shape ShapeOf(const Flavour& flavour) {
    std::vector<const AggregateEntry*> aggregates = {&Find("sum", TypeId::kInt8)};
    if (flavour.owned) aggregates = {&Find("min", TypeId::kText), &Find("sum", TypeId::kFloat8), &Find("avg", TypeId::kNumeric)};
    Shape shape(aggregates);
    shape.spec.variable_key = flavour.variable_key;
    shape.spec.key_bytes = flavour.global ? 0 : 16;
    shape.spec.keeps_before = flavour.keeps_before;
    shape.spec.lists_touched = flavour.lists_touched;
    if (flavour.windows) {
      shape.spec.window_end_offset = 0;
      shape.spec.window_end_add = 10;
    }
    return shape;
  }

  void Run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      const uint64_t choice = random_.Next() % 100;
      if (choice < 80) {
        TouchOne();
      } else if (choice < 90) {
        SaveSome();
      } else {
        EndEpoch();
        if (random_.Next() % 2 == 0) MaybeFreeze();
        if (random_.Next() % 40 == 0) Crash();
      }
    }
  }
  int snapshots() const { return snapshots_; }
  int crashes() const { return crashes_; }
  size_t deletions() const { return deletions_; }
  size_t closed() const { return closed_; }
  uint64_t entries() const { return store_->List()->front().entries; }

 private:
  std::string NewKey() {
    if (flavour_.global) return "";
    int64_t words[2] = {static_cast<int64_t>(random_.Next() % 30), static_cast<int64_t>(random_.Next() % 10)};
    if (flavour_.windows) words[0] = (watermark_ / 10 + static_cast<int64_t>(random_.Next() % 4)) * 10;  // the window's begin
    std::string key(reinterpret_cast<const char*>(words), 16);
    if (flavour_.variable_key) key.append(random_.Next() % 30, 'k');
    return key;
  }

  void TouchOne() {
    const std::string key = NewKey();
    char* row = RowOf(table_.get(), shape_, key);
    table_->Touch(row);
    auto found = model_.find(key);
    const bool retract = found != model_.end() && !flavour_.owned && !flavour_.windows && flavour_.lists_touched && random_.Next() % 2 == 0;
    const int64_t weight = retract ? -1 : 1;
    table_->AddWeight(row, weight);
    for (size_t i = 0; i < shape_.aggregates.size(); ++i) {
      const auto add = reinterpret_cast<Add>(reinterpret_cast<uintptr_t>(shape_.aggregates[i]->add));
      add(&table_->state_context, table_->States(row) + shape_.offsets[i], values_.Next(shape_.aggregates[i]->arguments[0]), weight);
    }
    Group& group = model_[key];
    group.weight += weight;
    group.states = shape_.Digest(&table_->state_context, table_->States(row));
  }

  void EndEpoch() {
    if (flavour_.lists_touched) table_->EndEpoch(flavour_.global);
    std::erase_if(model_, [&](const auto& group) { return group.second.weight == 0 && !flavour_.global; });
    if (!flavour_.windows) return;
    if (random_.Next() % 3 == 0) watermark_ += static_cast<int64_t>(random_.Next() % 25);
    table_->DropClosed(watermark_);
    closed_ += std::erase_if(model_, [&](const auto& group) {
      int64_t begin;
      std::memcpy(&begin, group.first.data(), 8);
      return begin + 10 <= watermark_;
    });
  }

  void MaybeFreeze() {
    if (saving_) return;
    durable_->Freeze();
    saving_ = true;
    frozen_ = model_;
    ++epoch_;
    ASSERT_TRUE(store_->Begin(epoch_).ok());
  }

  void SaveSome() {
    if (!saving_) return;
    StateRun run;
    const bool all = durable_->Save(&run, 1 + random_.Next() % (flavour_.owned ? 20'000 : 2000));
    for (const StateRun::Entry& entry : run.list()) deletions_ += entry.deleted ? 1 : 0;
    store_->Add(std::move(run));
    if (!all) return;
    std::vector<ClosedWindows> closed;
    if (const auto windows = durable_->closed()) closed.push_back(*windows);
    store_->Finish("{}", closed);
    const Status done = store_->Wait();
    ASSERT_TRUE(done.ok()) << done;
    saving_ = false;
    saved_ = frozen_;
    ++snapshots_;
    Check();
  }

  void LoadInto(SnapshotStore* store, DurableGroupTable* durable) {
    const bool announced = random_.Next() % 2 == 0;
    if (announced) durable->BeginLoad(random_.Next() % 2 == 0 ? 0 : store->List()->front().entries);
    const Status loaded = store->Load(epoch_, [&](uint32_t table, uint64_t hash, std::string_view key, std::string_view value) {
      EXPECT_EQ(table, kTable);
      return durable->Load(hash, key, value);
    });
    ASSERT_TRUE(loaded.ok()) << loaded;
    if (announced) { ASSERT_TRUE(durable->EndLoad().ok()); }
  }

  void Check() {
    GroupTable table(shape_.spec);
    {
      if (flavour_.global) table.Touch(RowOf(&table, shape_, ""));  // as every program begins
      DurableGroupTable durable(kTable, &table);
      LoadInto(store_.get(), &durable);
      ASSERT_TRUE(saved_.empty() || table.touched().empty());
    }
    ASSERT_EQ(table.groups(), saved_.size()) << flavour_.name << " snapshot " << snapshots_;
    if (flavour_.windows) { ASSERT_EQ(table.Closed(INT64_MAX).size(), saved_.size()); }
    ASSERT_EQ(ContentsOf(&table, shape_), saved_) << flavour_.name << " snapshot " << snapshots_;
  }

  // The process goes; the next one begins with the last snapshot.
  void Crash() {
    if (snapshots_ == 0) return;
    ++crashes_;
    durable_.reset();
    store_.reset();
    store_ = *SnapshotStore::Open(environment_, "state", options_);
    epoch_ = store_->List()->front().epoch;
    table_ = std::make_unique<GroupTable>(shape_.spec);
    durable_ = std::make_unique<DurableGroupTable>(kTable, table_.get());
    LoadInto(store_.get(), durable_.get());
    model_ = saved_;
    saving_ = false;
  }

  const Flavour& flavour_;
  os::SeededRandom random_;
  Values values_;
  os::SimulatedEnvironment environment_;
  const Shape shape_;
  SnapshotOptions options_;
  std::unique_ptr<SnapshotStore> store_;
  std::unique_ptr<GroupTable> table_;
  std::unique_ptr<DurableGroupTable> durable_;
  Model model_, frozen_, saved_;
  bool saving_ = false;
  Epoch epoch_ = 0;
  int64_t watermark_ = 0;
  int snapshots_ = 0, crashes_ = 0;
  size_t deletions_ = 0, closed_ = 0;
};

constexpr Flavour kFlavours[] = {
    {"fixed", false, false, true, true, false, false},           {"without before-images", false, false, false, true, false, false},
    {"untouched", false, false, false, false, false, false},     {"variable", true, false, true, true, false, false},
    {"windows", false, true, true, true, false, false},          {"closing windows", false, true, false, false, false, false},
    {"windows of texts", true, true, true, true, true, false},   {"owned", false, false, true, true, true, false},
    {"owned, untouched", true, true, false, false, true, false}, {"global", false, false, true, true, false, true},
    {"global, owned", false, false, true, true, true, true},
};

TEST(DurableGroupTableTest, ASnapshotHoldsTheTableAsItWasAtTheFreeze) {
  int snapshots = 0, crashes = 0;
  size_t deletions = 0;
  for (const Flavour& flavour : kFlavours) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      Life life(flavour, seed);
      life.Run(flavour.owned ? 3000 : 6000);
      ASSERT_FALSE(HasFailure()) << flavour.name << " seed " << seed;
      snapshots += life.snapshots();
      crashes += life.crashes();
      deletions += life.deletions();
      EXPECT_GT(life.snapshots(), 5) << flavour.name;
      if (!flavour.windows) continue;
      EXPECT_EQ(life.deletions(), 0u) << flavour.name << ": the end of a window deletes its groups";
      EXPECT_GT(life.closed(), 3 * life.entries()) << flavour.name << ": groups of closed windows vanish from the files";
    }
  }
  EXPECT_GT(crashes, 50);
  EXPECT_GT(deletions, 1000u);
  std::printf("%d snapshots, %d crashes, %zu deletions\n", snapshots, crashes, deletions);
}

// Each aggregate there is: its states say the same after a snapshot, and go on alike.
TEST(DurableGroupTableTest, EveryAggregateSurvives) {
  int tried = 0;
  for (const AggregateEntry& entry : FunctionRegistry::Get().aggregates()) {
    if (entry.arguments.size() > 1 || entry.raw || entry.add == nullptr) continue;
    Shape shape({&entry});
    shape.spec.key_bytes = 8;
    os::SeededRandom random(5);
    Values values(&random);
    GroupTable table(shape.spec), other(shape.spec);
    auto add = [&](GroupTable* to, const std::string& key, const void* value) {
      char* row = RowOf(to, shape, key);
      to->Touch(row);
      to->AddWeight(row, 1);
      if (entry.arguments.empty())
        reinterpret_cast<void (*)(StateContext*, void*, int64_t)>(reinterpret_cast<uintptr_t>(entry.add))(&to->state_context, to->States(row), 1);
      else
        reinterpret_cast<Add>(reinterpret_cast<uintptr_t>(entry.add))(&to->state_context, to->States(row), value, 1);
    };
    auto key = [](uint64_t n) { return std::string(reinterpret_cast<const char*>(&n), 8); };
    const TypeId type = entry.arguments.empty() ? TypeId::kInt8 : entry.arguments[0];
    {
      DurableGroupTable durable(kTable, &table), loaded(kTable, &other);
      for (uint64_t i = 0; i < 500; ++i) add(&table, key(i % 20), values.Next(type));
      table.EndEpoch(false);
      durable.Freeze();
      StateRun run;
      ASSERT_TRUE(durable.Save(&run, SIZE_MAX / 2));
      ASSERT_EQ(run.entries(), 20u);
      for (const StateRun::Entry& saved : run.list()) {
        ASSERT_TRUE(loaded.Load(saved.hash, saved.Key(), saved.Value()).ok());
        EXPECT_EQ(SqlStateOf(loaded.Load(saved.hash, saved.Key(), saved.Value())).view(), "XX001") << "twice";
        EXPECT_EQ(SqlStateOf(loaded.Load(saved.hash, saved.Key(), saved.Value().substr(1))).view(), "XX001");
      }
    }
    EXPECT_EQ(ContentsOf(&other, shape), ContentsOf(&table, shape)) << entry.Signature();
    for (uint64_t i = 0; i < 200; ++i) {
      const void* value = values.Next(type);
      add(&table, key(i % 30), value);
      add(&other, key(i % 30), value);
    }
    EXPECT_EQ(ContentsOf(&other, shape), ContentsOf(&table, shape)) << entry.Signature();
    ++tried;
  }
  EXPECT_GT(tried, 30);
}

// What has not changed is not written again.
TEST(DurableGroupTableTest, OnlyWhatChangedIsSaved) {
  Shape shape({&Find("sum", TypeId::kInt8)});
  shape.spec.key_bytes = 8;
  GroupTable table(shape.spec);
  DurableGroupTable durable(kTable, &table);
  auto touch = [&](uint64_t n) {
    char* row = RowOf(&table, shape, std::string(reinterpret_cast<const char*>(&n), 8));
    table.Touch(row);
    table.AddWeight(row, 1);
  };
  for (uint64_t n = 0; n < 1000; ++n) touch(n);
  table.EndEpoch(false);
  durable.Freeze();
  StateRun run;
  EXPECT_FALSE(durable.Save(&run, 1000));
  EXPECT_LT(run.bytes(), 1200u) << "about as much as was asked for";
  EXPECT_TRUE(durable.Save(&run, SIZE_MAX / 2));
  EXPECT_EQ(run.entries(), 1000u);
  for (uint64_t n = 0; n < 10; ++n) touch(n);
  table.EndEpoch(false);
  durable.Freeze();
  StateRun second;
  EXPECT_TRUE(durable.Save(&second, SIZE_MAX / 2));
  EXPECT_EQ(second.entries(), 10u);
  durable.Freeze();
  StateRun third;
  EXPECT_TRUE(durable.Save(&third, SIZE_MAX / 2));
  EXPECT_TRUE(third.empty());
}

}  // namespace
}  // namespace kappa
