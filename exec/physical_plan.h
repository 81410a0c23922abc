// What exec adds to a dataflow before it emits code: where each operator's state lies and how its rows are laid out. Computed from the dataflow
// alone, so that both tiers, every worker and a recovered program agree on it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "exec/keyed_plan.h"
#include "exec/runtime/group_table.h"
#include "exec/runtime/session_index.h"
#include "formats/decoder.h"
#include "functions/distinct_family.h"
#include "planner/dataflow/dataflow.h"
#include "types/change_batch.h"

namespace kappa {

struct ScanPlan {
  int decoder = 0;                           // index into WorkerContext::decoders
  std::shared_ptr<const DecodePlan> decode;  // of the columns that come from the value; null when none does
  std::vector<int> decoded;                  // per decoded slot: position in ScanOp::columns
};

struct AggregatePlan {
  int state = 0;  // index into WorkerContext::tables and ::stages
  RowLayout key;  // of a fixed key, or of a variable key's fixed part
  bool variable_key = false;
  RowLayout arguments;                                           // of all aggregates, each one's side by side
  std::vector<int> argument_slot;                                // per aggregate: its first one's; -1: none
  std::vector<std::vector<ExprPtr>> argument_exprs;              // per aggregate: what is staged for it
  std::vector<std::shared_ptr<const GeneralAggregate>> general;  // per aggregate; null: generated code calls its functions itself
  // DISTINCT aggregates of one argument that share a set of values.
  struct Family {
    std::shared_ptr<const DistinctFamily> set;
    uint32_t state_offset = 0;  // of the set
    std::vector<size_t> calls;  // bit i of a value: calls[i] has seen it
  };
  std::vector<Family> families;
  std::vector<int> family;             // per aggregate; -1: none
  std::vector<bool> conditional;       // per aggregate: a row may not be added (FILTER, NULL argument)
  std::vector<uint32_t> state_offset;  // per aggregate, in the states
  GroupTableSpec table;
  // The staged row.
  uint32_t key_offset = 8, arguments_offset = 0, adds_offset = 0, weight_offset = 0, stage_bytes = 0;
  bool updating = false;      // emits retractions: keeps before-images
  bool touches = false;       // lists touched groups (every group is touched, for snapshots)
  bool panes = false;         // a sliding window: rows are added to slices first, which are merged into their windows at the epoch's end
  int64_t slice = 0;          // microseconds: gcd(slide, size)
  GroupTableSpec pane_table;  // lives within an epoch
  // Sessions: panes of one microsecond, which the worker's SessionIndex merges.
  std::optional<SessionIndex::Spec> session;
  bool rows = false;               // every row is put out, as often as it came
  bool copies_texts = false;       // its rows come from a keyed operator, whose state may change before they are applied: texts are staged as copies
  std::vector<bool> of_partition;  // per key: by these a session's rows find their worker
  bool local = false;              // of several workers: rows are aggregated before they cross between them (runtime/local_groups.h)
};

struct OutputPlan {
  int output = 0;  // index into WorkerContext::outputs
  int fold = -1;   // index into ::sink_checksums; -1: rows are wanted
  bool copies_texts = false;
  std::shared_ptr<const RowSchema> schema;
};

// WITH RECURSIVE: what goes round.
struct RecursionPlan {
  OperatorId recursion = 0, last = 0;  // between them, both included, stands its term
  std::vector<OperatorId> term;        // the operators with state that read it, and that it reads
};

struct PhysicalPlan {
  std::shared_ptr<const Dataflow> dataflow;
  std::map<OperatorId, ScanPlan> scans;
  std::map<OperatorId, AggregatePlan> aggregates;
  std::map<OperatorId, KeyedPlan> keyed;
  int keyed_stages = 0;
  std::vector<RecursionPlan> recursions;
  std::map<OperatorId, OutputPlan> outputs;                     // sinks, views, results, and those that collect (IsCollected)
  std::map<OperatorId, std::shared_ptr<const RowLayout>> rows;  // of operators fed with rows from outside: view scans, those that collect, unions
  int folds = 0;
  int32_t workers = 1;
  bool counted = false;  // EXPLAIN ANALYZE: generated code counts the rows that each operator hands on, and the time above it
};

// Has the type, or a field of it, bytes behind the fixed part of a row?
bool IsVariable(const Type& type);

// Sorts and gap fills: their rows are collected until the input has ended, then brought back by rows_ID.
bool IsCollected(const PlanOperator& op);

// Names, types and layout of what an operator writes when it is a sink, a view or a result.
std::shared_ptr<const RowSchema> SchemaOf(const PlanOperator& op);

// 0A000 for what exec cannot run.
StatusOr<PhysicalPlan> MakePhysicalPlan(std::shared_ptr<const Dataflow> dataflow, int32_t workers, bool local_aggregation = true);

}  // namespace kappa
