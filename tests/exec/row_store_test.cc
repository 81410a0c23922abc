// What keyed operators keep their rows in: blocks by number, keys, rows with weights; whatever happens while a snapshot is saved, it holds what the
// store held at the Freeze.
#include "exec/state/row_store.h"

#include <gtest/gtest.h>

#include <map>

#include "common/hash.h"
#include "common/os/seeded_random.h"

namespace kappa {
namespace {

TEST(BlockArenaTest, BlocksStayApartAndMemoryIsUsedAgain) {
  os::SeededRandom random(1);
  BlockArena arena;
  struct Block {
    size_t bytes;
    char fill;
  };
  std::map<BlockArena::Id, Block> blocks;
  size_t most = 0;
  for (int step = 0; step < 60'000; ++step) {
    if (blocks.size() < 300 || random.Below(2) == 0) {
      const uint64_t kind = random.Below(1000);
      const size_t bytes = kind == 0 ? random.Below(300'000) : kind < 50 ? random.Below(5'000) : random.Below(200);
      const BlockArena::Id id = arena.Allocate(bytes);
      ASSERT_NE(id, 0u);
      const Block block{bytes, static_cast<char>(random.Next())};
      ASSERT_TRUE(blocks.emplace(id, block).second) << "a number is given once";
      ASSERT_EQ(reinterpret_cast<uintptr_t>(arena.At(id)) % 8, 0u);
      std::memset(arena.At(id), block.fill, bytes);
    } else {
      auto at = blocks.lower_bound(static_cast<BlockArena::Id>(random.Below(uint64_t{arena.chunks()} << BlockArena::kChunkShift)));
      if (at == blocks.end()) at = blocks.begin();
      for (size_t i = 0; i < at->second.bytes; ++i) ASSERT_EQ(arena.At(at->first)[i], at->second.fill);
      arena.Free(at->first, at->second.bytes);
      blocks.erase(at);
    }
    if (blocks.size() > 600) {  // ends: everything goes, and comes back
      for (const auto& [id, block] : blocks) arena.Free(id, block.bytes);
      blocks.clear();
      most = std::max(most, arena.bytes());
    }
  }
  EXPECT_LT(arena.bytes(), size_t{40} << 20);
  EXPECT_LT(arena.chunks(), 400u) << "places of large blocks are used again";
}

std::string KeyOf(uint64_t number, bool variable) {
  std::string key(16, '\0');
  std::memcpy(key.data(), &number, 8);
  if (variable) key.append(number % 40, 'x');
  return key;
}

TEST(KeyTableTest, FindsWhatWasInsertedUntilItIsErased) {
  for (const bool variable : {false, true}) {
    os::SeededRandom random(variable ? 3 : 2);
    KeyTable table({12, 16, variable});
    std::map<uint64_t, KeyTable::Id> model;
    for (int step = 0; step < 200'000; ++step) {
      const uint64_t number = random.Below(step % 50'000 < 25'000 ? 20'000 : 300);
      const std::string key = KeyOf(number, variable);
      // Many share a slot: probing and erasing pass over others.
      const uint64_t hash = PackedKeyHash(key.data(), key.size(), variable);
      const auto found = model.find(number);
      ASSERT_EQ(table.Find(hash, key.data(), key.size()), found == model.end() ? 0 : found->second);
      if (found == model.end()) {
        const KeyTable::Id id = table.FindOrInsert(hash, key.data(), key.size());
        ASSERT_EQ(*table.UserAs<uint64_t>(id), 0u);
        *table.UserAs<uint64_t>(id) = number + 1;
        model[number] = id;
      } else {
        ASSERT_EQ(*table.UserAs<uint64_t>(found->second), number + 1);
        ASSERT_EQ(table.Key(found->second), key);
        ASSERT_EQ(table.Hash(found->second), hash);
        if (random.Below(3) != 0) {
          table.Erase(found->second);
          model.erase(found);
        }
      }
    }
    EXPECT_EQ(table.size(), model.size());
    size_t visited = 0;
    table.ForEach([&](KeyTable::Id id) { visited += model.at(*table.UserAs<uint64_t>(id) - 1) == id ? 1 : 0; });
    EXPECT_EQ(visited, model.size());
  }
}

struct StoredRow {
  std::string row;
  int64_t weight = 1;
  uint64_t saved = 0;
  auto operator<=>(const StoredRow&) const = default;
};
using Stored = std::map<std::pair<uint64_t, uint64_t>, StoredRow>;  // key, number of the row

// A store whose rows carry their number, so that a model can name them.
class StoreLife {
 public:
  StoreLife(bool weighted, bool variable, uint64_t seed) : weighted_(weighted), variable_(variable), random_(seed) { Open(); }

  void Run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
      const uint64_t choice = random_.Below(100);
      if (choice < 90) {
        Change();
      } else if (choice < 97) {
        if (saving_) Save(random_.Below(2'000));
      } else if (!saving_) {
        durable_->Freeze();
        saving_ = true;
        frozen_ = model_;
      } else if (choice == 99 && random_.Below(4) == 0) {
        Crash();
      }
    }
    EXPECT_GT(snapshots_, 5);
  }

 private:
  void Open() {
    durable_.reset();
    store_.reset();
    keys_ = std::make_unique<KeyTable>(KeyTableSpec{4, 16, variable_});
    store_ = std::make_unique<RowStore>(RowStoreSpec{16, 8, weighted_, false}, keys_.get());
    ids_.clear();
    durable_ = std::make_unique<DurableRowStore>(9, store_.get(), [this](RowStore::Id id) {
      uint64_t key, number;
      std::memcpy(&key, keys_->KeyBytes(store_->Key(id)), 8);
      std::memcpy(&number, store_->Row(id), 8);
      ids_[{key, number}] = id;
    });
  }

  void Change() {
    const uint64_t key = random_.Below(50);
    auto at = model_.lower_bound({key, random_.Below(next_number_ + 1)});
    if (at == model_.end() || random_.Below(3) == 0) {
      StoredRow row{std::string(8 + random_.Below(100), static_cast<char>(random_.Next())),
                    weighted_ ? 1 + static_cast<int64_t>(random_.Below(9)) : 1};
      const uint64_t number = next_number_++;
      std::memcpy(row.row.data(), &number, 8);
      const std::string bytes = KeyOf(key, variable_);
      const KeyTable::Id owner = keys_->FindOrInsert(PackedKeyHash(bytes.data(), bytes.size(), variable_), bytes.data(), bytes.size());
      ids_[{key, number}] = store_->Add(owner, row.row.data(), row.row.size(), row.weight);
      model_[{key, number}] = row;
      return;
    }
    const RowStore::Id id = ids_.at(at->first);
    ASSERT_TRUE(store_->RowEquals(id, at->second.row.data(), at->second.row.size()));
    ASSERT_EQ(store_->Weight(id), at->second.weight);
    ASSERT_EQ(*store_->UserAs<uint64_t>(id), at->second.saved);
    switch (random_.Below(3)) {
      case 0:
        store_->Erase(id);
        ids_.erase(at->first);
        model_.erase(at);
        break;
      case 1:
        if (weighted_) {
          store_->ChangeWeight(id, 3);
          at->second.weight += 3;
        }
        break;
      default:
        store_->Touch(id);
        *store_->UserAs<uint64_t>(id) = ++at->second.saved;
    }
  }

  void Save(size_t bytes) {
    StateRun run;
    const bool done = durable_->Save(&run, bytes);
    for (const StateRun::Entry& entry : run.list()) {
      const std::pair<uint64_t, std::string> key(entry.hash, entry.Key());
      if (entry.deleted)
        ASSERT_EQ(entries_.erase(key), 1u);
      else
        entries_[key] = entry.Value();
    }
    if (!done) return;
    saving_ = false;
    whole_ = entries_;
    whole_model_ = frozen_;
    ASSERT_EQ(whole_.size(), whole_model_.size());
    ++snapshots_;
  }

  void Crash() {
    Open();
    durable_->BeginLoad(whole_.size());
    for (const auto& [key, value] : whole_) ASSERT_TRUE(durable_->Load(key.first, key.second, value).ok());
    ASSERT_TRUE(durable_->EndLoad().ok());
    saving_ = false;
    entries_ = whole_;
    model_ = whole_model_;
    ASSERT_EQ(store_->size(), model_.size());
    for (const auto& [name, row] : model_) {
      const RowStore::Id id = ids_.at(name);
      ASSERT_EQ((StoredRow{std::string(store_->Row(id), store_->RowBytes(id)), store_->Weight(id), *store_->UserAs<uint64_t>(id)}), row);
    }
  }

  const bool weighted_, variable_;
  os::SeededRandom random_;
  std::unique_ptr<KeyTable> keys_;
  std::unique_ptr<RowStore> store_;
  std::unique_ptr<DurableRowStore> durable_;
  std::map<std::pair<uint64_t, uint64_t>, RowStore::Id> ids_;
  Stored model_, frozen_, whole_model_;
  std::map<std::pair<uint64_t, std::string>, std::string> entries_, whole_;
  uint64_t next_number_ = 0;
  bool saving_ = false;
  int snapshots_ = 0;
};

TEST(RowStoreTest, ASnapshotHoldsWhatTheStoreHeldAtTheFreeze) {
  for (const bool weighted : {true, false}) {
    for (const bool variable : {true, false}) {
      for (uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE(std::string(weighted ? "weighted" : "append-only") + (variable ? ", variable keys" : "") + ", seed " + std::to_string(seed));
        StoreLife(weighted, variable, seed).Run(20'000);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(RowStoreTest, RefusesWhatIsNoEntry) {
  KeyTable keys({0, 8, false});
  RowStore store({0, 8, true, false}, &keys);
  DurableRowStore durable(9, &store, nullptr);
  const std::string value(16, 'v');
  for (const auto& [key, bytes] : std::map<std::string, std::string>{{"short", value}, {std::string(8, 'k') + "row", "short"}, {"", ""}}) {
    EXPECT_EQ(SqlStateOf(durable.Load(1, key, bytes)), sqlstate::kDataCorrupted);
  }
}

}  // namespace
}  // namespace kappa
