// What snapshots cost: a GroupTable of groups by a 16-byte key with 60 bytes of states, saved whole, saved again after changes, and loaded.
//
//   snapshot_bench DIR [groups, default 10000000] [changed in percent, default 10]
//
// Prints a line a measure. CPU of the driver is its thread's; of the background the process's less the driver's.
#include <time.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "common/hash.h"
#include "exec/runtime/stage.h"
#include "exec/state/durable_group_table.h"

namespace kappa {
namespace {

constexpr uint32_t kTable = 1;
constexpr size_t kSlice = 1 << 20;

int64_t Cpu(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}
int64_t Wall() { return os::RealEnvironment().clock().MonotonicNanos(); }

double PerEntry(int64_t nanos, uint64_t entries) { return static_cast<double>(nanos) / static_cast<double>(std::max<uint64_t>(entries, 1)); }

void Check(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", FormatError(status, "", "").c_str());
  std::exit(1);
}

void TouchGroup(GroupTable* table, uint64_t n) {
  uint64_t key[2] = {n, n * 7};
  const uint64_t hash = HashCombine(HashInt(key[0]), key[1]);
  char* row = table->FindOrInsertFixed(hash, reinterpret_cast<const char*>(key), 16);
  table->Touch(row);
  table->AddWeight(row, 1);
  char* states = table->States(row);
  for (int64_t i = 0; i < 5; ++i) {  // counts and sums, as states are: small numbers in wide places
    int64_t value;
    std::memcpy(&value, states + i * 12, 8);
    value += static_cast<int64_t>(n % 1000) * (i + 1);
    std::memcpy(states + i * 12, &value, 8);
  }
}

// Saves what is frozen, slice by slice; `between` runs between slices.
template <typename Between>
void SaveAll(const char* what, GroupTable* table, DurableGroupTable* durable, SnapshotStore* store, Epoch epoch, const Between& between) {
  table->EndEpoch(false);
  const int64_t begin_freeze = Wall();
  durable->Freeze();
  const int64_t freeze = Wall() - begin_freeze;
  Check(store->Begin(epoch));
  const int64_t begin = Wall(), process = Cpu(CLOCK_PROCESS_CPUTIME_ID), driver = Cpu(CLOCK_THREAD_CPUTIME_ID);
  int64_t saving = 0, longest = 0, longest_cpu = 0;
  uint64_t entries = 0, bytes = 0;
  for (bool all = false; !all;) {
    if (store->backlog_bytes() > 3 * SnapshotOptions().collect_bytes) {
      os::SleepNanos(1'000'000);
      continue;
    }
    between();
    StateRun run;
    const int64_t slice = Wall(), slice_cpu = Cpu(CLOCK_THREAD_CPUTIME_ID);
    all = durable->Save(&run, kSlice);
    entries += run.entries();
    bytes += run.bytes();
    store->Add(std::move(run));
    const int64_t took = Cpu(CLOCK_THREAD_CPUTIME_ID) - slice_cpu;
    saving += took;
    longest = std::max(longest, Wall() - slice);
    longest_cpu = std::max(longest_cpu, took);
  }
  store->Finish("{}");
  Check(store->Wait());
  const int64_t background = Cpu(CLOCK_PROCESS_CPUTIME_ID) - process - (Cpu(CLOCK_THREAD_CPUTIME_ID) - driver);
  const auto infos = store->List();
  std::printf(
      "%s: %" PRIu64
      " entries of %.0f bytes; freeze %.1f us; driver %.0f ns/entry, longest slice %.2f ms (cpu %.2f); background %.0f ns/entry; %.2f s in all; "
      "snapshot of %d files, %.0f MB\n",
      what, entries, static_cast<double>(bytes) / static_cast<double>(std::max<uint64_t>(entries, 1)), static_cast<double>(freeze) / 1e3,
      PerEntry(saving, entries), static_cast<double>(longest) / 1e6, static_cast<double>(longest_cpu) / 1e6, PerEntry(background, entries),
      static_cast<double>(Wall() - begin) / 1e9, (*infos)[0].files, static_cast<double>((*infos)[0].bytes) / 1e6);
}

void LoadAll(const std::string& directory, const GroupTableSpec& spec, int32_t workers) {
  auto store = SnapshotStore::Open(os::RealEnvironment(), directory);
  Check(store.status());
  std::vector<std::unique_ptr<GroupTable>> tables;
  std::vector<std::unique_ptr<DurableGroupTable>> durable;
  std::vector<SnapshotStore::Loader> loaders;
  for (int32_t i = 0; i < workers; ++i) {
    tables.push_back(std::make_unique<GroupTable>(spec));
    durable.push_back(std::make_unique<DurableGroupTable>(kTable, tables.back().get()));
    loaders.push_back(
        [to = durable.back().get()](uint32_t, uint64_t hash, std::string_view key, std::string_view value) { return to->Load(hash, key, value); });
  }
  const Epoch epoch = (*(*store)->List())[0].epoch;
  int64_t begin = Wall(), cpu = Cpu(CLOCK_PROCESS_CPUTIME_ID);
  std::vector<SnapshotStore::Loader> nothing(static_cast<size_t>(workers), [](auto...) { return OkStatus(); });
  Check((*store)->LoadParts(epoch, nothing));
  const int64_t reading = Cpu(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  begin = Wall();
  cpu = Cpu(CLOCK_PROCESS_CPUTIME_ID);
  for (const auto& table : durable) table->BeginLoad((*(*store)->List())[0].entries / static_cast<uint64_t>(workers));
  Check((*store)->LoadParts(epoch, loaders));
  for (const auto& table : durable) Check(table->EndLoad());
  const int64_t took = Wall() - begin;
  uint64_t groups = 0;
  for (const auto& table : tables) groups += table->groups();
  std::printf("load by %d: %" PRIu64 " groups in %.2f s; cpu %.0f ns each (%.0f reading)\n", workers, groups, static_cast<double>(took) / 1e9,
              PerEntry(Cpu(CLOCK_PROCESS_CPUTIME_ID) - cpu, groups), PerEntry(reading, groups));
}

void Run(const std::string& directory, uint64_t groups, uint64_t percent) {
  GroupTableSpec spec;
  spec.key_bytes = 16;
  spec.state_bytes = 64;
  GroupTable table(spec);
  auto store = SnapshotStore::Open(os::RealEnvironment(), directory);
  Check(store.status());
  Check((*store)->DropAfter(-1));
  {
    DurableGroupTable durable(kTable, &table);
    for (uint64_t n = 0; n < groups; ++n) TouchGroup(&table, HashInt(n) % groups);
    SaveAll("all", &table, &durable, store->get(), 1, [] {});
    uint64_t n = 0;
    for (Epoch epoch = 2; epoch < 5; ++epoch) {
      for (const uint64_t end = n + groups * percent / 100; n < end; ++n) TouchGroup(&table, HashInt(n * 31) % groups);
      SaveAll("changed", &table, &durable, store->get(), epoch, [] {});
    }
    for (const uint64_t end = n + groups * percent / 100; n < end; ++n) TouchGroup(&table, HashInt(n * 31) % groups);
    SaveAll("changing meanwhile", &table, &durable, store->get(), 5, [&] {
      for (const uint64_t end = n + 10'000; n < end; ++n) TouchGroup(&table, HashInt(n * 31) % groups);
    });
  }
  store->reset();
  for (const int32_t workers : {1, 2}) LoadAll(directory, spec, workers);
}

}  // namespace
}  // namespace kappa

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: snapshot_bench DIR [groups] [changed percent]\n");
    return 1;
  }
  kappa::Run(argv[1], argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000'000, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 10);
  return 0;
}
