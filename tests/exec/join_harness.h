// One keyed operator by itself, on several "workers", without generated code: rows are packed here, what it gives is collected. Its state can be
// frozen, saved slice by slice while it goes on, and loaded into other objects, by another number of workers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/os/seeded_random.h"
#include "exec/keyed_plan.h"
#include "exec/runtime/worker_context.h"
#include "tests/exec/keyed_tables.h"

namespace kappa {

// One input's row: key, value, time; all bigints (the key a text where the test says so). nullopt: NULL.
struct TestRow {
  std::optional<int64_t> key;
  int64_t value = 0, time = 0;
  auto operator<=>(const TestRow&) const = default;
};
using Multiset = std::map<TestRow, int64_t>;      // -> weight
using Contents = std::map<std::string, int64_t>;  // text of an output row -> weight

struct JoinSetup {
  JoinOp join;
  bool text_key = false;
  bool append_only[2] = {false, false};
  bool output_values = true;  // false: keys only
};

class JoinHarness {
 public:
  // Column ids: left key 1, value 2, time 3; right 11, 12, 13.
  static constexpr ColumnId kKey[2] = {1, 11}, kValue[2] = {2, 12}, kTime[2] = {3, 13};
  using Condition = bool (*)(const TestRow& left, const TestRow& right);

  JoinHarness(JoinSetup setup, Condition condition, int workers);
  void Apply(int input, const std::vector<std::pair<TestRow, int64_t>>& deltas);
  void EndInput(int input);
  void Flush(const KeyedEpoch& epoch);
  void EndEpoch(const KeyedEpoch& epoch);

  // What was given since the last call, consolidated or not.
  Contents TakeOutput();
  int64_t TakeOutputRows() { return std::exchange(output_rows_, 0); }  // of |weight|
  int64_t TakeErrors();                                                // their weight
  static std::string Text(const std::optional<TestRow>& left, const std::optional<TestRow>& right);
  size_t bytes() const;
  Status failure() const;
  WorkerContext& context(size_t worker) { return *workers_[worker]; }

  // Snapshots. Save: true when all is saved.
  using Entries = KeyedTables::Entries;
  void Freeze() { tables_.Freeze(); }
  bool Save(size_t bytes, Entries* entries) { return tables_.Save(bytes, entries); }
  void Load(const Entries& entries) { tables_.Load(entries); }

 private:
  struct Worker : WorkerContext {
    JoinHarness* harness = nullptr;
  };
  static void Emitted(WorkerContext* context, const KeyedOutput* outputs, int64_t count);
  static uint8_t Matched(WorkerContext* context, const char* left, const char* right);
  KeyedRow Pack(int input, const TestRow& row, int64_t weight, std::vector<std::unique_ptr<std::string>>* memory) const;
  TestRow Unpack(int input, const char* row) const;

  JoinSetup setup_;
  Condition condition_;
  PlanOperator op_, left_, right_;
  KeyedPlan plan_;
  std::vector<std::unique_ptr<Worker>> workers_;
  KeyedTables tables_;
  Contents output_;
  int64_t output_rows_ = 0;
};

}  // namespace kappa
