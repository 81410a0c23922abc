// A keyed operator of one or two equal inputs by itself, on several "workers", without generated code: rows of fixed columns are packed here, what it
// gives is collected as text. Its state can be frozen, saved slice by slice, and loaded by another number of workers.
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

// Columns 1 p, 2 v, 3 w (bigint), 4 s (text). nullopt: NULL.
struct OrderedRow {
  std::optional<int64_t> p, v, w;
  std::optional<std::string> s;
  auto operator<=>(const OrderedRow&) const = default;
};
using OrderedDelta = std::pair<OrderedRow, int64_t>;
using RowWeights = std::map<OrderedRow, int64_t>;
using TextWeights = std::map<std::string, int64_t>;

constexpr ColumnId kP = 1, kV = 2, kW = 3, kS = 4;
Column OrderedColumn(ColumnId id, TypeId number = TypeId::kInt8);
// Of columns p, v, w, s and what follows.
std::string RowText(const OrderedRow& row);

class OrderedHarness {
 public:
  // `computed`: columns that the operator adds. `number`: the type of p, v and w.
  OrderedHarness(decltype(PlanOperator::op) op, std::vector<Column> computed, bool append_only, int workers, int inputs = 1,
                 TypeId number = TypeId::kInt8);
  void Apply(int input, const std::vector<OrderedDelta>& deltas);
  void Flush(const KeyedEpoch& epoch);  // and ends the epoch
  // What was given since the last call, consolidated; and how much, not consolidated.
  TextWeights TakeOutput() { return std::exchange(output_, {}); }
  int64_t TakeOutputRows() { return std::exchange(output_rows_, 0); }
  TextWeights TakeErrors();
  size_t bytes() const;
  WorkerContext& context(size_t worker) { return *workers_[worker]; }
  KeyedOperator& keyed(size_t worker) { return *workers_[worker]->keyed[0]; }

  using Entries = KeyedTables::Entries;
  void Freeze() { tables_.Freeze(); }
  bool Save(size_t bytes, Entries* entries) { return tables_.Save(bytes, entries); }
  void Load(const Entries& entries, int64_t clock = 0);

 private:
  struct Worker : WorkerContext {
    OrderedHarness* harness = nullptr;
  };
  static void Emitted(WorkerContext* context, const KeyedOutput* outputs, int64_t count);
  std::string TextOf(const KeyedOutput& output) const;
  void Pack(const std::vector<Column>& columns, const RowLayout& layout, const OrderedRow& row, std::string* out) const;

  PlanOperator op_, below_[2];
  KeyedPlan plan_;
  std::vector<std::unique_ptr<Worker>> workers_;
  KeyedTables tables_;
  TextWeights output_;
  int64_t output_rows_ = 0;
};

// Adds weights, drops those that are 0.
void AddTo(TextWeights* contents, const TextWeights& changes);

struct ChurnOptions {
  int epochs = 30, changes = 12;
  int partitions = 3, values = 6;  // how many different ones there are, beside NULL
  bool append_only = false;
};
// Changes of one epoch, and what there is then. Some rows come twice, some go and come within the epoch.
std::vector<OrderedDelta> RandomChanges(os::SeededRandom* random, const ChurnOptions& options, RowWeights* contents);
// Every row as often as it is there, in the order of v as asked, then of all columns ascending, NULLs last.
std::vector<OrderedRow> Sorted(const RowWeights& contents, const std::optional<int64_t>& partition, bool descending, bool nulls_first);

}  // namespace kappa
