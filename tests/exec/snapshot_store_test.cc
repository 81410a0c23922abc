#include "exec/state/snapshot_store.h"

#include <fmt/format.h>

#include <cstring>
#include <map>

#include "common/crc32c.h"
#include "common/hash.h"
#include "common/os/simulated_environment.h"
#include "common/state_arena.h"
#include "exec/runtime/stage.h"
#include "gtest/gtest.h"

namespace kappa {
namespace {

using Contents = std::map<std::tuple<uint32_t, uint64_t, std::string>, std::string>;

os::SeededRandom Seeded(uint64_t seed) { return os::SeededRandom(seed); }

StatusOr<Contents> LoadAll(SnapshotStore* store, Epoch epoch) {
  Contents contents;
  Status twice;
  RETURN_IF_ERROR(store->Load(epoch, [&](uint32_t table, uint64_t hash, std::string_view key, std::string_view value) {
    if (!contents.emplace(std::make_tuple(table, hash, std::string(key)), std::string(value)).second) twice = absl::InternalError("delivered twice");
    return OkStatus();
  }));
  RETURN_IF_ERROR(twice);
  return contents;
}

// Changes a model at random and saves the changes, in several runs.
class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {}
  std::vector<StateRun> Change(int changes) {
    std::vector<StateRun> runs(1 + random_.Next() % 3);
    for (int i = 0; i < changes; ++i) {
      const auto table = static_cast<uint32_t>(1 + random_.Next() % 3);
      const uint64_t n = random_.Next() % 200;
      const uint64_t hash = n % 7 == 0 ? n / 21 : (n + 1) * 0x9E3779B97F4A7C15u;  // some keys share a hash
      const std::string key = n % 5 == 0 ? "" : "key" + std::to_string(n);
      const auto entry = std::make_tuple(table, hash, key);
      StateRun& run = runs[std::min<size_t>(static_cast<size_t>(i) * runs.size() / static_cast<size_t>(changes), runs.size() - 1)];
      if (random_.Next() % 4 == 0) {
        run.Delete(table, hash, key);
        contents.erase(entry);
      } else {
        const std::string value(random_.Next() % 100, static_cast<char>('a' + random_.Next() % 26));
        run.Put(table, hash, key, value);
        contents[entry] = value;
      }
    }
    return runs;
  }
  Contents contents;

 private:
  os::SeededRandom random_;
};

Status WriteSnapshot(SnapshotStore* store, Epoch epoch, std::vector<StateRun> runs) {
  RETURN_IF_ERROR(store->Begin(epoch));
  for (StateRun& run : runs) store->Add(std::move(run));
  store->Finish("{\"epoch\":" + std::to_string(epoch) + "}");
  return store->Wait();
}

TEST(StateArenaTest, WhatWasDumpedIsThereUnderItsReferences) {
  StateArena arena;
  for (int round = 0; round < 3; ++round) {
    arena.Reset();
    std::vector<std::pair<StateArena::Ref, std::string>> blocks;
    auto random = Seeded(static_cast<uint64_t>(round));
    for (int i = 0; i < 100; ++i) {
      const size_t size = i == 50 ? 3 << 20 : i % 10 == 0 ? 100'000 + random.Next() % 100'000 : 1 + random.Next() % 2000;
      blocks.emplace_back(arena.Allocate(size), std::string(size, static_cast<char>('a' + i % 26)));
      std::memcpy(arena.At(blocks.back().first), blocks.back().second.data(), size);
    }
    std::string dump(arena.DumpBytes(), '\0');
    arena.Dump(dump.data());
    StateArena other;
    for (int again = 0; again < 2; ++again) {
      other.Reset();
      ASSERT_TRUE(other.Restore(dump));
      for (const auto& [ref, bytes] : blocks) EXPECT_EQ(std::string_view(other.At(ref), bytes.size()), bytes);
    }
    other.Reset();
    EXPECT_FALSE(other.Restore(std::string_view(dump).substr(0, dump.size() - 1)));
    other.Reset();
    EXPECT_FALSE(other.Restore(dump + "x"));
  }
  arena.Reset();
  EXPECT_EQ(arena.DumpBytes(), 4u) << "an arena that holds nothing is written as nothing";
}

TEST(SnapshotStoreTest, LaterEntriesCountAndOldSnapshotsGo) {
  os::SimulatedEnvironment environment(7);
  Writer writer(1);
  std::map<Epoch, Contents> history;
  SnapshotOptions options;
  options.keep = 3;
  options.merge_after_files = 4;
  options.build = "test build";
  options.collect_bytes = 2000;
  auto opened = SnapshotStore::Open(environment, "state", options);
  ASSERT_TRUE(opened.ok()) << opened.status();
  std::unique_ptr<SnapshotStore> store = *std::move(opened);
  size_t most_files = 0;
  for (Epoch epoch = 0; epoch < 60; ++epoch) {
    ASSERT_TRUE(WriteSnapshot(store.get(), epoch * 10, writer.Change(40)).ok());
    auto progress = store->Poll();
    ASSERT_TRUE(progress.ok());
    EXPECT_EQ(*progress, SnapshotStore::Progress::kDone);
    EXPECT_EQ(*store->Poll(), SnapshotStore::Progress::kNone) << "told once";
    EXPECT_EQ(store->backlog_bytes(), 0u);
    history[epoch * 10] = writer.contents;
    auto list = store->List();
    ASSERT_TRUE(list.ok());
    ASSERT_EQ(list->size(), std::min<size_t>(3, static_cast<size_t>(epoch) + 1));
    for (size_t i = 0; i < list->size(); ++i) {
      const SnapshotInfo& info = (*list)[i];
      EXPECT_EQ(info.epoch, (epoch - static_cast<Epoch>(i)) * 10);
      EXPECT_EQ(info.build, "test build");
      EXPECT_EQ(info.meta, "{\"epoch\":" + std::to_string(info.epoch) + "}");
      EXPECT_TRUE(store->Verify(info.epoch).ok());
      auto loaded = LoadAll(store.get(), info.epoch);
      ASSERT_TRUE(loaded.ok()) << loaded.status();
      EXPECT_EQ(*loaded, history[info.epoch]) << "epoch " << info.epoch << " at " << epoch * 10;
    }
    most_files = std::max(most_files, static_cast<size_t>((*list)[0].files));
    if (epoch % 9 == 8) {
      store.reset();
      opened = SnapshotStore::Open(environment, "state", options);
      ASSERT_TRUE(opened.ok());
      store = *std::move(opened);
      ASSERT_TRUE(LoadAll(store.get(), epoch * 10).ok());
    }
  }
  EXPECT_LE(most_files, 9u) << "files are merged";
  store.reset();
  EXPECT_LE(environment.files().List("state")->size(), 3u + 20u) << "files that no snapshot names go";
}

TEST(SnapshotStoreTest, PartsLoadTheShardsOfTheirWorkers) {
  os::SimulatedEnvironment environment(3);
  Writer writer(5);
  auto store = *SnapshotStore::Open(environment, "state");
  ASSERT_TRUE(WriteSnapshot(store.get(), 1, writer.Change(500)).ok());
  ASSERT_TRUE(WriteSnapshot(store.get(), 2, writer.Change(500)).ok());
  for (const int32_t parts : {1, 2, 3, 7, 300}) {
    Contents contents;
    std::vector<SnapshotStore::Loader> loaders;
    for (int32_t part = 0; part < parts; ++part) {
      loaders.push_back([&, part](uint32_t table, uint64_t hash, std::string_view key, std::string_view value) {
        EXPECT_EQ(OwnerOf(hash, parts), part);
        EXPECT_TRUE(contents.emplace(std::make_tuple(table, hash, std::string(key)), std::string(value)).second);
        return OkStatus();
      });
    }
    ASSERT_TRUE(store->LoadParts(2, loaders).ok());
    EXPECT_EQ(contents, writer.contents) << parts;
  }
}

// What is written again and again does not pile up: newer files that may supersede the oldest snapshot are merged with it, deletions go.
TEST(SnapshotStoreTest, WhatIsSupersededGoes) {
  os::SimulatedEnvironment environment(3);
  SnapshotOptions options;
  options.keep = 1;
  options.merge_after_files = 1000;
  options.merge_above_bytes = 20'000;
  auto store = *SnapshotStore::Open(environment, "state", options);
  Contents contents;
  uint64_t most = 0;
  for (Epoch epoch = 1; epoch <= 200; ++epoch) {
    std::vector<StateRun> runs(1);
    for (uint64_t n = 0; n < 50; ++n) {
      const std::string value(60, static_cast<char>('a' + epoch % 26));
      runs[0].Put(1, HashInt(n), "k", value);
      contents[{1, HashInt(n), "k"}] = value;
      runs[0].Put(2, HashInt(static_cast<uint64_t>(epoch) * 50 + n), "k", "short-lived");
      if (epoch > 1) runs[0].Delete(2, HashInt((static_cast<uint64_t>(epoch) - 1) * 50 + n), "k");
    }
    ASSERT_TRUE(WriteSnapshot(store.get(), epoch, std::move(runs)).ok());
    while (environment.RunOne()) {}
    if (epoch > 20) most = std::max(most, store->List()->front().bytes);
  }
  for (uint64_t n = 0; n < 50; ++n) contents[{2, HashInt(200 * 50 + n), "k"}] = "short-lived";
  EXPECT_EQ(*LoadAll(store.get(), 200), contents);
  EXPECT_LT(most, 100'000u) << "of 200 snapshots of about 8 KB";
}

TEST(SnapshotStoreTest, AReaderBesideAProgramChangesNothing) {
  os::SimulatedEnvironment environment(3);
  SnapshotOptions reading;
  reading.read_only = true;
  EXPECT_TRUE((*SnapshotStore::Open(environment, "state", reading))->List()->empty());
  EXPECT_FALSE(environment.files().Exists("state"));
  Writer writer(5);
  auto store = *SnapshotStore::Open(environment, "state");
  ASSERT_TRUE(WriteSnapshot(store.get(), 1, writer.Change(50)).ok());
  ASSERT_TRUE(environment.files().WriteAtomically("state/000099.sst", "being written").ok());
  auto reader = *SnapshotStore::Open(environment, "state", reading);
  EXPECT_TRUE(environment.files().Exists("state/000099.sst"));
  EXPECT_TRUE(reader->Verify(1).ok());
  EXPECT_EQ(*LoadAll(reader.get(), 1), writer.contents);
  EXPECT_FALSE(reader->Begin(2).ok());
  EXPECT_FALSE(reader->DropAfter(-1).ok());
}

TEST(SnapshotStoreTest, ASnapshotStandsOnTheOneThatWasLoaded) {
  os::SimulatedEnvironment environment(3);
  Writer writer(5);
  auto store = *SnapshotStore::Open(environment, "state");
  ASSERT_TRUE(WriteSnapshot(store.get(), 1, writer.Change(50)).ok());
  const Contents first = writer.contents;
  ASSERT_TRUE(WriteSnapshot(store.get(), 2, writer.Change(50)).ok());
  ASSERT_TRUE(WriteSnapshot(store.get(), 3, writer.Change(50)).ok());
  store = *SnapshotStore::Open(environment, "state");
  EXPECT_FALSE(store->Begin(4).ok()) << "neither loaded nor dropped";
  ASSERT_TRUE(store->DropAfter(1).ok());
  EXPECT_FALSE(store->Begin(4).ok());
  EXPECT_EQ(store->List()->size(), 1u);
  EXPECT_EQ(*LoadAll(store.get(), 1), first);
  EXPECT_EQ(SqlStateOf(store->Load(3, [](auto...) { return OkStatus(); })).view(), "58P01");
  writer.contents = first;
  ASSERT_TRUE(WriteSnapshot(store.get(), 5, writer.Change(50)).ok());
  EXPECT_EQ(*LoadAll(store.get(), 5), writer.contents);
  store = *SnapshotStore::Open(environment, "state");
  EXPECT_EQ(*LoadAll(store.get(), 5), writer.contents);
  ASSERT_TRUE(store->DropAfter(-1).ok());
  EXPECT_TRUE(environment.files().List("state")->empty());
  Writer fresh(9);
  ASSERT_TRUE(WriteSnapshot(store.get(), 6, fresh.Change(50)).ok());
  EXPECT_EQ(*LoadAll(store.get(), 6), fresh.contents);
}

TEST(SnapshotStoreTest, FlippedBytesAreFound) {
  os::SimulatedEnvironment environment(3);
  Writer writer(5);
  SnapshotOptions options;
  auto store = *SnapshotStore::Open(environment, "state", options);
  ASSERT_TRUE(WriteSnapshot(store.get(), 1, writer.Change(100)).ok());
  ASSERT_TRUE(WriteSnapshot(store.get(), 2, writer.Change(100)).ok());
  int flipped = 0, manifests = 0, loads = 0;
  const std::vector<std::string> names = *environment.files().List("state");
  for (const std::string& name : names) {
    const std::string path = "state/" + name;
    const std::string bytes = *environment.files().ReadAll(path);
    for (size_t at = 0; at < bytes.size(); at += 97) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      ASSERT_TRUE(environment.files().WriteAtomically(path, damaged).ok());
      ++flipped;
      auto reopened = SnapshotStore::Open(environment, "state", options);
      ASSERT_TRUE(reopened.ok()) << reopened.status();
      std::vector<std::string> named;
      ASSERT_TRUE((*reopened)->List(&named).ok());
      if (name.ends_with(".manifest")) {
        ++manifests;
        EXPECT_EQ(named, std::vector<std::string>{name}) << "byte " << at;
        continue;
      }
      bool found = false;
      for (const Epoch epoch : {1, 2}) {
        const Status verified = (*reopened)->Verify(epoch);
        if (verified.ok()) continue;
        found = true;
        EXPECT_EQ(SqlStateOf(verified).view(), "XX001");
        EXPECT_NE(MessageOf(verified).find(name), std::string::npos) << verified;
      }
      EXPECT_TRUE(found) << name << " byte " << at;
      auto loaded = LoadAll(reopened->get(), 2);  // what it does not need it may not notice
      if (loaded.ok()) {
        EXPECT_EQ(*loaded, writer.contents);
      } else {
        ++loads;
        EXPECT_EQ(SqlStateOf(loaded.status()).view(), "XX001") << loaded.status();
      }
    }
    ASSERT_TRUE(environment.files().WriteAtomically(path, bytes).ok());
  }
  EXPECT_GT(flipped, 50);
  EXPECT_GE(manifests, 5);
  EXPECT_GT(loads, 20);
  // A file that is missing or cut off.
  for (const std::string& name : names) {
    if (!name.ends_with(".sst")) continue;
    const std::string bytes = *environment.files().ReadAll("state/" + name);
    ASSERT_TRUE(environment.files().WriteAtomically("state/" + name, bytes.substr(0, bytes.size() / 2)).ok());
    auto reopened = SnapshotStore::Open(environment, "state", options);
    EXPECT_EQ(SqlStateOf((*reopened)->Verify(2)).view(), "XX001");
    EXPECT_EQ(SqlStateOf(LoadAll(reopened->get(), 2).status()).view(), "XX001") << LoadAll(reopened->get(), 2).status();
    ASSERT_TRUE(environment.files().Remove("state/" + name).ok());
    EXPECT_EQ(SqlStateOf((*reopened)->Verify(2)).view(), "XX001");
    EXPECT_EQ(SqlStateOf(LoadAll(reopened->get(), 2).status()).view(), "XX001");
    ASSERT_TRUE(environment.files().WriteAtomically("state/" + name, bytes).ok());
  }
}

TEST(SnapshotStoreTest, ADamagedManifestLeavesTheOlderSnapshotsAndTheFiles) {
  os::SimulatedEnvironment environment(3);
  Writer writer(5);
  auto store = *SnapshotStore::Open(environment, "state");
  ASSERT_TRUE(WriteSnapshot(store.get(), 1, writer.Change(50)).ok());
  const Contents first = writer.contents;
  ASSERT_TRUE(WriteSnapshot(store.get(), 2, writer.Change(50)).ok());
  const std::string whole = *environment.files().ReadAll("state/2.manifest");
  ASSERT_TRUE(environment.files().WriteAtomically("state/2.manifest", whole.substr(0, whole.size() - 3)).ok());
  store = *SnapshotStore::Open(environment, "state");
  EXPECT_EQ(store->List()->front().epoch, 1);
  ASSERT_TRUE(environment.files().WriteAtomically("state/2.manifest", whole).ok());
  store = *SnapshotStore::Open(environment, "state");
  EXPECT_EQ(*LoadAll(store.get(), 2), writer.contents) << "its files were kept";
  ASSERT_TRUE(environment.files().WriteAtomically("state/2.manifest", "").ok());
  store = *SnapshotStore::Open(environment, "state");
  EXPECT_EQ(*LoadAll(store.get(), 1), first);
  ASSERT_TRUE(store->DropAfter(1).ok());
  EXPECT_FALSE(environment.files().Exists("state/2.manifest"));
  writer.contents = first;
  ASSERT_TRUE(WriteSnapshot(store.get(), 3, writer.Change(50)).ok());
  EXPECT_EQ(*LoadAll(store.get(), 3), writer.contents);
}

TEST(SnapshotStoreTest, ANewerVersionIsRefusedAndLeftAlone) {
  os::SimulatedEnvironment environment(3);
  ASSERT_TRUE(environment.files().CreateDirectories("state").ok());
  const std::string body = "{\"version\":4}\n";
  ASSERT_TRUE(environment.files().WriteAtomically("state/5.manifest", body + "crc32c 00000000\n").ok());
  EXPECT_TRUE(SnapshotStore::Open(environment, "state").ok()) << "damaged";
  ASSERT_TRUE(environment.files().WriteAtomically("state/000001.sst", "of the newer version").ok());
  ASSERT_TRUE(environment.files().WriteAtomically("state/5.manifest", body + fmt::format("crc32c {:08x}\n", Crc32c(body.data(), body.size()))).ok());
  const auto opened = SnapshotStore::Open(environment, "state");
  EXPECT_EQ(SqlStateOf(opened.status()).view(), "0A000") << opened.status();
  EXPECT_TRUE(environment.files().Exists("state/000001.sst"));
}

// A snapshot that fails leaves the one before, and what it should have held comes with the next one.
TEST(SnapshotStoreTest, NothingIsLostWhenWritingFails) {
  constexpr os::WriteKind kKinds[] = {os::WriteKind::kCreate, os::WriteKind::kAppend, os::WriteKind::kSync,
                                      os::WriteKind::kRename, os::WriteKind::kRemove, os::WriteKind::kSyncDirectory};
  int64_t failures = 0, disk_full = 0, merges_failed = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    os::SimulatedEnvironment environment(seed);
    auto random = Seeded(seed);
    Writer writer(seed);
    SnapshotOptions options;
    options.merge_after_files = 3;
    if (seed % 2 == 0) options.collect_bytes = 600;  // several files a snapshot, and failures in its middle
    auto opened = SnapshotStore::Open(environment, "state", options);
    ASSERT_TRUE(opened.ok());
    std::unique_ptr<SnapshotStore> store = *std::move(opened);
    std::map<Epoch, Contents> good;
    for (Epoch epoch = 1; epoch < 20; ++epoch) {
      if (random.Next() % 3 == 0) {
        const os::WriteKind kind = kKinds[random.Next() % std::size(kKinds)];
        environment.files().Fail({kind, "state", static_cast<int64_t>(random.Next() % 3), static_cast<int64_t>(1 + random.Next() % 3),
                                  random.Next() % 2 == 0 ? sqlstate::kDiskFull : sqlstate::kIoError});
      }
      Status status = WriteSnapshot(store.get(), epoch, writer.Change(30));
      environment.files().Repair();
      if (!status.ok()) {
        ++failures;
        if (SqlStateOf(status) == sqlstate::kDiskFull) ++disk_full;
        EXPECT_TRUE(SqlStateOf(status) == sqlstate::kDiskFull || SqlStateOf(status) == sqlstate::kIoError) << status;
        EXPECT_EQ(*store->Poll(), SnapshotStore::Progress::kNone);
        if (random.Next() % 2 == 0) {  // again, with nothing new
          status = WriteSnapshot(store.get(), epoch, {});
          ASSERT_TRUE(status.ok()) << status;
        }
      }
      if (status.ok()) good[epoch] = writer.contents;
      if (good.empty()) continue;
      ASSERT_EQ(store->List()->front().epoch, good.rbegin()->first) << "seed " << seed << " epoch " << epoch;
      auto loaded = LoadAll(store.get(), good.rbegin()->first);
      ASSERT_TRUE(loaded.ok()) << loaded.status();
      ASSERT_EQ(*loaded, good.rbegin()->second) << "seed " << seed << " epoch " << epoch;
    }
    merges_failed += store->merge_failures().count;
    EXPECT_TRUE(store->merge_failures().error.empty() || store->merge_failures().count > 0);
    store.reset();
    store = *SnapshotStore::Open(environment, "state", options);
    const std::vector<SnapshotInfo> list = *store->List();
    for (const SnapshotInfo& info : list) {
      ASSERT_EQ(good.count(info.epoch), 1u) << "seed " << seed << ": a snapshot that failed came back: " << info.epoch;
      ASSERT_EQ(*LoadAll(store.get(), info.epoch), good[info.epoch]);
    }
  }
  EXPECT_GT(failures, 100);
  EXPECT_GT(disk_full, 20);
  EXPECT_GT(merges_failed, 5) << "and told";
}

// Whenever the power goes: what a new process finds is the last snapshot that was told to be done, or a later one, whole.
TEST(SnapshotStoreTest, PowerMayGoAtEveryWriteBoundary) {
  SnapshotOptions options;
  options.merge_after_files = 2;
  options.collect_bytes = 1000;
  int64_t boundaries = 0;
  for (int64_t boundary = 1;; ++boundary) {
    os::SimulatedEnvironment environment(11);
    environment.files().LosePowerAt(boundary);
    Writer writer(4);
    std::map<Epoch, Contents> history;
    Epoch done = -1;
    if (auto opened = SnapshotStore::Open(environment, "state", options); opened.ok()) {
      for (Epoch epoch = 1; epoch < 8; ++epoch) {
        auto runs = writer.Change(40);
        history[epoch] = writer.contents;
        if (WriteSnapshot(opened->get(), epoch, std::move(runs)).ok()) done = epoch;
      }
    }
    if (!environment.files().power_lost()) break;
    boundaries = boundary;
    for (const uint64_t seed : {1, 2, 3}) {
      os::SimulatedEnvironment after(seed, environment.files().Surviving(seed));
      auto reopened = SnapshotStore::Open(after, "state", options);
      ASSERT_TRUE(reopened.ok()) << reopened.status();
      std::vector<std::string> damaged;
      const auto list = *(*reopened)->List(&damaged);
      ASSERT_TRUE(damaged.empty()) << damaged[0];
      ASSERT_TRUE(done < 0 || (!list.empty() && list[0].epoch >= done)) << "boundary " << boundary;
      for (const SnapshotInfo& info : list) {
        ASSERT_TRUE((*reopened)->Verify(info.epoch).ok()) << (*reopened)->Verify(info.epoch);
        ASSERT_EQ(*LoadAll(reopened->get(), info.epoch), history[info.epoch]) << "boundary " << boundary;
      }
      if (!list.empty()) {
        Writer on(boundary);
        on.contents = history[list[0].epoch];
        ASSERT_TRUE(WriteSnapshot(reopened->get(), 100, on.Change(40)).ok());
        ASSERT_EQ(*LoadAll(reopened->get(), 100), on.contents);
      }
    }
  }
  EXPECT_GT(boundaries, 40);
  std::printf("power lost at each of %lld boundaries\n", static_cast<long long>(boundaries));
}

// An entry a window, which its key's end tells; a window closes each time.
TEST(SnapshotStoreTest, ClosedWindowsVanish) {
  os::SimulatedEnvironment environment(7);
  SnapshotOptions options;
  options.merge_after_files = 4;
  auto store = *SnapshotStore::Open(environment, "state", options);
  auto key = [](int64_t start) { return "k" + std::string(reinterpret_cast<const char*>(&start), sizeof(start)); };
  constexpr int64_t kSize = 10, kOpen = 5;
  for (Epoch epoch = 1; epoch <= 60; ++epoch) {
    StateRun run;
    run.Put(1, 1, key(epoch * kSize), "of a window");
    run.Put(2, 1, key(epoch * kSize), "of a table without windows");
    ASSERT_TRUE(store->Begin(epoch).ok());
    store->Add(std::move(run));
    const int64_t closed = (epoch - kOpen + 1) * kSize;
    store->Finish("{}", epoch % 10 == 0 ? std::vector<ClosedWindows>() : std::vector<ClosedWindows>{{1, 1, kSize, closed}});
    ASSERT_TRUE(store->Wait().ok());
    if (epoch % 7 == 0) {
      store.reset();
      store = *SnapshotStore::Open(environment, "state", options);
    }
    const auto contents = LoadAll(store.get(), epoch);
    ASSERT_TRUE(contents.ok()) << contents.status();
    Contents expected;
    const int64_t open = epoch % 10 == 0 ? kOpen + 1 : kOpen;  // told nothing new: what was closed stays closed
    for (int64_t at = 1; at <= epoch; ++at) {
      if (at > epoch - open) expected[{1, 1, key(at * kSize)}] = "of a window";
      expected[{2, 1, key(at * kSize)}] = "of a table without windows";
    }
    ASSERT_EQ(*contents, expected) << epoch;
  }
  EXPECT_LT(store->List()->front().entries, 60u + 25u) << "merges leave them out";
}

// Real threads, files in memory.
class Threaded final : public os::Environment {
 public:
  os::Clock& clock() override { return os::RealEnvironment().clock(); }
  os::FileSystem& files() override { return files_; }
  os::Random& random() override { return os::RealEnvironment().random(); }
  os::Threads& threads() override { return os::RealEnvironment().threads(); }

 private:
  os::MemoryFileSystem files_;
};

TEST(SnapshotStoreTest, TheBackgroundWorksBesideTheDriver) {
  Threaded environment;
  Writer writer(77);
  SnapshotOptions options;
  options.merge_after_files = 3;
  options.collect_bytes = 3000;
  auto random = Seeded(3);
  auto store = *SnapshotStore::Open(environment, "state", options);
  for (Epoch epoch = 1; epoch < 150; ++epoch) {
    auto runs = writer.Change(300);
    ASSERT_TRUE(store->Begin(epoch).ok());
    for (StateRun& run : runs) {
      store->Add(std::move(run));
      ASSERT_TRUE(store->Poll().ok());
    }
    store->Finish("{}");
    if (random.Next() % 2 == 0) {
      ASSERT_TRUE(store->Wait().ok());
      EXPECT_EQ(*store->Poll(), SnapshotStore::Progress::kDone);
    } else {
      for (;;) {
        auto progress = store->Poll();
        ASSERT_TRUE(progress.ok());
        if (*progress == SnapshotStore::Progress::kDone) break;
        ASSERT_EQ(*progress, SnapshotStore::Progress::kRunning);
        os::SleepNanos(20'000);
      }
    }
    ASSERT_EQ(*LoadAll(store.get(), epoch), writer.contents) << epoch;
    if (epoch % 40 == 0) {
      store.reset();
      store = *SnapshotStore::Open(environment, "state", options);
      ASSERT_EQ(*LoadAll(store.get(), epoch), writer.contents) << epoch;
    }
  }
}

}  // namespace
}  // namespace kappa
