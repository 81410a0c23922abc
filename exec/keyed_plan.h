// How the rows of a keyed operator (exec/runtime/keyed_operator.h) lie in memory. Part of the physical plan.
#pragma once

#include <vector>

#include "planner/dataflow/dataflow.h"
#include "types/row_layout.h"

namespace kappa {

struct KeyedPlan {
  int index = 0;  // into WorkerContext::keyed
  struct Input {
    int stage = 0;                  // into WorkerContext::keyed_stages
    std::vector<Column> keys;       // columns of this input; of a set operation: of the output
    std::vector<bool> null_safe;    // per key: false: a row where it is NULL matches nothing
    bool passes_unmatched = false;  // and then goes on without a match, else it is dropped
    RowLayout key;                  // the same for all inputs
    std::vector<Column> columns;    // of the packed row: what the operator reads, or those above it
    RowLayout layout;
    bool append_only = true;
    bool hash_row = false;  // the whole row finds the worker, not its key
    // Position in `columns`; -1: not there.
    int Find(ColumnId id) const {
      for (size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].id == id) return static_cast<int>(i);
      }
      return -1;
    }
  };
  std::vector<Input> inputs;
  // Of a KeyedOutput.
  struct Part {
    std::vector<Column> columns;
    RowLayout layout;
    bool may_be_absent = false;
  };
  std::vector<Part> parts;
  bool append_only = true;  // the output
};

RowLayout LayoutOf(const std::vector<Column>& columns);

// Join, TopN, Over, SetOperation, TemporalFilter.
//   Join            key: JoinOp::keys; parts: the left row, the right row (semi, anti: the left alone)
//   TopN, Over      key: the partition; parts: the row, then the rank (one bigint), or the functions' values in their order
//   SetOperation    key: the whole row in canonical form; no row beside it, or the row as it came, laid out as the key; parts: one of the two
//   TemporalFilter  no key; parts: the row
bool IsKeyed(const PlanOperator& op);

// `inputs`: those of `op`. Stages and index are not set.
KeyedPlan MakeKeyedPlan(const PlanOperator& op, const std::vector<const PlanOperator*>& inputs);

}  // namespace kappa
