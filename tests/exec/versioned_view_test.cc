#include "exec/state/versioned_view.h"

#include <map>

#include "common/os/simulated_environment.h"
#include "exec/state/durable_tables.h"
#include "gtest/gtest.h"

namespace kappa {
namespace {

RowSchema Schema() {
  RowSchema schema;
  schema.columns = {{"k", Type(TypeId::kInt8), false}, {"name", Type(TypeId::kText), true}, {"note", Type(TypeId::kText), false}};
  std::vector<RowLayout::Column> columns;
  for (const auto& column : schema.columns) columns.push_back({column.type, column.nullable});
  schema.layout = RowLayout(columns);
  schema.append_only = false;
  return schema;
}

struct Row {
  int64_t k = 0;
  std::string name;  // "": NULL
  std::string note;
  auto operator<=>(const Row&) const = default;
};
using Contents = std::map<Row, int64_t>;

// A row in its layout; points to `row`'s texts.
std::string Encode(const RowSchema& schema, const Row& row) {
  std::string bytes(schema.layout.size(), '\0');
  const auto& slots = schema.layout.slots();
  std::memcpy(bytes.data() + slots[0].offset, &row.k, 8);
  auto put = [&](const Slot& slot, const std::string& text) {
    const Text handle(text.data(), static_cast<uint32_t>(text.size()));
    std::memcpy(bytes.data() + slot.offset, &handle, sizeof(handle));
  };
  if (row.name.empty())
    schema.layout.SetNull(bytes.data(), slots[1], true);
  else
    put(slots[1], row.name);
  put(slots[2], row.note);
  return bytes;
}

Contents ContentsOf(const ViewReader& reader) {
  Contents contents;
  const RowLayout& layout = reader.schema().layout;
  reader.ForEach([&](const char* bytes, int64_t weight) {
    Row row;
    std::memcpy(&row.k, bytes + layout.slots()[0].offset, 8);
    auto get = [&](const Slot& slot) {
      Text text;
      std::memcpy(&text, bytes + slot.offset, sizeof(text));
      return std::string(text.data, text.size);
    };
    if (!layout.IsNull(bytes, layout.slots()[1])) row.name = get(layout.slots()[1]);
    row.note = get(layout.slots()[2]);
    contents[row] += weight;
  });
  return contents;
}

class Life {
 public:
  explicit Life(uint64_t seed) : random_(seed), environment_(seed), schema_(Schema()) { Open(); }

  void Run(int epochs) {
    for (int i = 0; i < epochs && !testing::Test::HasFailure(); ++i) {
      WriteEpoch();
      if (saving_) Save();
      if (!saving_ && random_.Next() % 3 == 0) Freeze();
      if (random_.Next() % 6 == 0) pins_.emplace_back(view_->Pin(), contents_);
      if (random_.Next() % 8 == 0 && !pins_.empty()) pins_.erase(pins_.begin());
      for (const auto& [reader, contents] : pins_) ASSERT_EQ(ContentsOf(*reader), contents) << "a pin sees its epoch";
      if (random_.Next() % 60 == 0 && snapshots > 0) {
        pins_.clear();
        durable_.reset();
        Open();
      }
    }
  }
  int snapshots = 0, restarts = -1;
  size_t deletions = 0;

 private:
  void Open() {
    ++restarts;
    store_.reset();
    store_ = *SnapshotStore::Open(environment_, "state");
    view_ = std::make_shared<VersionedView>("v", schema_);
    durable_ = MakeDurable(7, view_.get());
    saving_ = false;
    contents_.clear();
    const std::vector<SnapshotInfo> list = *store_->List();
    if (list.empty()) return;
    epoch_ = list[0].epoch;
    ASSERT_TRUE(LoadInto(durable_.get(), view_.get()).ok());
    contents_ = saved_;
    Check();
  }
  Status LoadInto(DurableTable* durable, VersionedView* view) {
    RETURN_IF_ERROR(store_->Load(epoch_saved(), [&](uint32_t table, uint64_t hash, std::string_view key, std::string_view value) {
      EXPECT_EQ(table, 7u);
      return durable->Load(hash, key, value);
    }));
    return view->Commit({epoch_saved()});
  }
  Epoch epoch_saved() const { return store_->List()->front().epoch; }

  void WriteEpoch() {
    ++epoch_;
    std::map<Row, int64_t> changes;
    for (uint64_t i = random_.Next() % 12; i > 0; --i) {
      Row row{static_cast<int64_t>(random_.Next() % 6), random_.Next() % 3 == 0 ? "" : std::string(random_.Next() % 3 * 20 + 1, 'n'),
              random_.Next() % 4 == 0 ? "" : "note"};
      const int64_t held = contents_.count(row) != 0 ? contents_[row] : 0;
      changes[row] = random_.Next() % 2 == 0 ? -held : static_cast<int64_t>(random_.Next() % 3) - std::min<int64_t>(held, 1);
    }
    std::erase_if(changes, [](const auto& change) { return change.second == 0; });
    std::vector<std::string> rows;
    std::vector<const char*> pointers;
    std::vector<int64_t> weights;
    for (const auto& [row, weight] : changes) {
      rows.push_back(Encode(schema_, row));
      weights.push_back(weight);
      contents_[row] += weight;
      if (contents_[row] == 0) contents_.erase(row);
    }
    for (const std::string& row : rows) pointers.push_back(row.data());
    const Status written = view_->Write(epoch_, ChangeBatch{&schema_, pointers, weights, 0});
    ASSERT_TRUE(written.ok()) << written;
    if (saving_ && random_.Next() % 2 == 0) Save();  // in an epoch's middle
    ASSERT_TRUE(view_->Commit({epoch_}).ok());
    Check();
  }
  void Check() {
    ASSERT_EQ(ContentsOf(*view_->Pin()), contents_);
    int64_t rows = 0;
    for (const auto& [row, weight] : contents_) rows += weight;
    ASSERT_EQ(view_->rows(), rows);
  }
  void Freeze() {
    durable_->Freeze();
    frozen_ = contents_;
    saving_ = true;
    ASSERT_TRUE(store_->Begin(epoch_).ok());
  }
  void Save() {
    StateRun run;
    const bool all = durable_->Save(&run, 1 + random_.Next() % 300);
    for (const StateRun::Entry& entry : run.list()) deletions += entry.deleted ? 1 : 0;
    store_->Add(std::move(run));
    if (!all) return;
    store_->Finish("{}");
    ASSERT_TRUE(store_->Wait().ok());
    saving_ = false;
    saved_ = frozen_;
    ++snapshots;
    auto other = std::make_shared<VersionedView>("other", schema_);
    auto durable = MakeDurable(7, other.get());
    ASSERT_TRUE(LoadInto(durable.get(), other.get()).ok());
    ASSERT_EQ(ContentsOf(*other->Pin()), saved_) << "snapshot " << snapshots;
  }

  os::SeededRandom random_;
  os::SimulatedEnvironment environment_;
  const RowSchema schema_;
  std::unique_ptr<SnapshotStore> store_;
  std::shared_ptr<VersionedView> view_;
  std::unique_ptr<DurableTable> durable_;
  std::vector<std::pair<std::shared_ptr<const ViewReader>, Contents>> pins_;
  Contents contents_, frozen_, saved_;
  bool saving_ = false;
  Epoch epoch_ = 0;
};

TEST(DurableViewTest, ASnapshotHoldsTheContentsOfItsEpoch) {
  int snapshots = 0, restarts = 0;
  size_t deletions = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Life life(seed);
    life.Run(400);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    snapshots += life.snapshots;
    restarts += life.restarts;
    deletions += life.deletions;
  }
  EXPECT_GT(snapshots, 500);
  EXPECT_GT(restarts, 50);
  EXPECT_GT(deletions, 1000u);
}

TEST(DurableViewTest, WhatASnapshotPinnedIsReclaimed) {
  auto view = std::make_shared<VersionedView>("v", Schema());
  auto durable = MakeDurable(7, view.get());
  for (Epoch epoch = 1; epoch <= 20'000; ++epoch) {
    const Row then{1, std::string(400, static_cast<char>('a' + (epoch - 1) % 26)), ""},
        now{1, std::string(400, static_cast<char>('a' + epoch % 26)), ""};
    const std::string old_row = Encode(view->schema(), then), new_row = Encode(view->schema(), now);
    std::vector<const char*> rows;
    std::vector<int64_t> weights;
    if (epoch > 1) rows.push_back(old_row.data()), weights.push_back(-1);
    rows.push_back(new_row.data()), weights.push_back(1);
    const RowSchema& schema = view->schema();
    ASSERT_TRUE(view->Write(epoch, ChangeBatch{&schema, rows, weights, 0}).ok());
    ASSERT_TRUE(view->Commit({epoch}).ok());
    if (epoch % 10 == 0) durable->Freeze();
    StateRun run;
    if (epoch % 10 == 3) { ASSERT_TRUE(durable->Save(&run, 1 << 20)); }
  }
  EXPECT_LT(view->bytes(), 1u << 20);
}

TEST(DurableViewTest, ARowThatIsNotOneIsRefused) {
  auto view = std::make_shared<VersionedView>("v", Schema());
  auto durable = MakeDurable(7, view.get());
  const Row shown{1, "", ""};
  const std::string row = Encode(view->schema(), shown);
  const int64_t weight = 1;
  std::string value(reinterpret_cast<const char*>(&weight), 8);
  EXPECT_EQ(SqlStateOf(durable->Load(1, "k", value)).view(), "XX001");
  EXPECT_EQ(SqlStateOf(durable->Load(1, "k", value + row + "more")).view(), "XX001");
  EXPECT_TRUE(durable->Load(1, "k", value + row).ok());
  EXPECT_EQ(SqlStateOf(durable->Load(1, "k", std::string(8, '\0') + row)).view(), "XX001");
}

}  // namespace
}  // namespace kappa
