#include "tests/exec/keyed_tables.h"

#include <gtest/gtest.h>

#include "exec/runtime/worker_context.h"

namespace kappa {
namespace {

constexpr uint32_t kFirstTable = 42;

}  // namespace

void KeyedTables::Add(KeyedOperator* worker) { workers_.push_back({worker, worker->MakeDurable(kFirstTable)}); }

void KeyedTables::Freeze() {
  for (const Worker& worker : workers_) {
    for (DurableTable* table : worker.tables) table->Freeze();
  }
}

bool KeyedTables::Save(size_t bytes, Entries* entries) {
  bool done = true;
  for (const Worker& worker : workers_) {
    for (DurableTable* table : worker.tables) {
      StateRun run;
      done &= table->Save(&run, bytes);
      for (const StateRun::Entry& entry : run.list()) {
        const std::pair<uint32_t, std::string> key(entry.table, std::string(entry.Key()));
        if (entry.deleted) {
          EXPECT_EQ(entries->erase(key), 1u) << "what no snapshot has is deleted";
        } else {
          (*entries)[key] = {entry.hash, std::string(entry.Value())};
        }
      }
    }
  }
  return done;
}

void KeyedTables::Load(const Entries& entries) {
  for (const Worker& worker : workers_) {
    for (DurableTable* table : worker.tables) table->BeginLoad(entries.size());
  }
  for (const auto& [key, value] : entries) {
    const Worker& owner = workers_[static_cast<size_t>(OwnerOf(value.first, static_cast<int32_t>(workers_.size())))];
    const Status loaded = owner.tables[(key.first - kFirstTable) / KeyedOperator::kTableStride]->Load(value.first, key.second, value.second);
    ASSERT_TRUE(loaded.ok()) << loaded;
  }
  for (const Worker& worker : workers_) {
    for (DurableTable* table : worker.tables) ASSERT_TRUE(table->EndLoad().ok());
    const Status loaded = worker.keyed->AfterLoad();
    ASSERT_TRUE(loaded.ok()) << loaded;
  }
}

}  // namespace kappa
