// What generated code works on: one WorkerContext per worker and dataflow. Generated code never knows its layout: it calls the KAPPA_RUNTIME
// functions below, which are imported as bitcode and inlined. Used by its worker only; the driver touches it between phases.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/record.h"
#include "exec/runtime/group_table.h"
#include "exec/runtime/keyed_operator.h"
#include "exec/runtime/local_groups.h"
#include "exec/runtime/output_buffer.h"
#include "exec/runtime/partition_clock.h"
#include "exec/runtime/session_index.h"
#include "exec/runtime/stage.h"
#include "formats/decoder.h"
#include "functions/call_context.h"

namespace kappa {

// A row that failed, was late, or could not be decoded: data of its own (design section 5, "errors are data").
struct RowError {
  enum class Kind : uint8_t { kDecode, kLate, kExpression } kind = Kind::kExpression;
  int32_t operator_id = 0;
  int64_t weight = 1;
  int32_t partition = -1;  // -1: not known (derived rows)
  Offset offset = -1;
  SqlState state = sqlstate::kOk;
  std::string message;
  std::string payload;  // the record's value where there is one
};

// Of an operator, for EXPLAIN ANALYZE.
struct RowCounter {
  int64_t rows = 0;
  uint64_t ticks = 0;  // of the processor's own counter, while the operators above had the row
};

struct ScanContext {  // of the scan that runs now
  const Record* record = nullptr;
  int32_t partition = 0;
  PartitionClock* clock = nullptr;
  std::string_view topic;  // of the batch; empty: the source's name
};

struct WorkerContext {
  CallContext call;
  ScanContext scan;
  int32_t worker = 0;
  int32_t workers = 1;
  std::vector<std::unique_ptr<GroupTable>> tables;      // by the plan's state index
  std::vector<std::unique_ptr<GroupTable>> panes;       // likewise; null where rows go to their groups directly
  std::vector<std::unique_ptr<LocalGroups>> locals;     // likewise; null where rows are not aggregated before they cross between workers
  std::vector<std::unique_ptr<SessionIndex>> sessions;  // likewise; null where windows are fixed
  std::vector<std::unique_ptr<Stage>> stages;
  std::vector<std::unique_ptr<KeyedOperator>> keyed;  // by KeyedPlan::index
  std::vector<KeyedStage> keyed_stages;               // by KeyedPlan::Input::stage
  std::vector<std::unique_ptr<OutputBuffer>> outputs;
  std::vector<std::unique_ptr<DecoderState>> decoders;
  std::vector<std::string> parameters;  // rows of one slot each: null byte at 0, value at 8
  std::vector<RowError> errors;
  std::vector<uint64_t> sink_checksums, sink_changes;  // of sinks that fold
  std::vector<RowCounter> counters;                    // by operator id; empty unless the plan is counted
  // Limits that hold within a phase too; what passed one: the driver looks after each phase.
  const std::atomic<bool>* cancelled = nullptr;
  size_t memory_budget = 0;  // bytes; 0: none
  Status failure;
  // Of the round: what the driver needs to drain it.
  std::vector<int32_t> mark_partitions;  // of each batch polled
  std::vector<size_t> mark_rows;         // per batch: rows of each output when the batch was done
  std::vector<RecordBatch> batches;
  int64_t round_records = 0, round_bytes = 0;
};

// Bytes of what it keeps: state, and rows on their way out.
size_t BytesOf(const WorkerContext& context);
Status PastBudget(size_t budget, size_t bytes);  // 53200

}  // namespace kappa
