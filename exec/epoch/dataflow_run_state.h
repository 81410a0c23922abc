// The inner parts of a DataflowRun, shared by the files that implement it.
#pragma once

#include "exec/epoch/dataflow_run.h"

namespace kappa {

struct SliceChecksum {
  uint64_t records = 0;  // places and sizes
  uint32_t bytes = 0;
  uint32_t value() const { return bytes ^ static_cast<uint32_t>(records >> 32) ^ static_cast<uint32_t>(records); }
};

struct DataflowRun::Partition {
  ScanState* scan = nullptr;
  int32_t id = 0;
  int32_t worker = 0;
  std::unique_ptr<PartitionReader> reader;
  PartitionClock clock;
  Offset until = INT64_MAX;      // exclusive
  Offset stop = INT64_MAX;       // StopAt's
  Offset sink_stop = INT64_MAX;  // of a rebuild: where the next sink stands
  bool ended = false;
  bool idle = false;
  int64_t last_arrival_nanos = 0;
  std::optional<TimeLogEntry> resume;       // the next place where its watermark is given
  std::optional<TimeLogEntry> clock_entry;  // of a source whose rows ask the clock: what they were told when they were first read
  // What the open epoch has consumed.
  Offset slice_begin = 0;
  int64_t slice_records = 0;
  SliceChecksum slice_sum;
  // Of a journalled epoch that runs again: where the slice ends, and how much it held. -1: it runs freely.
  Offset redo_end = -1;
  int64_t redo_records = 0;
  bool redone = false;                    // a slice of it has been run again
  std::vector<TimeLogEntry> redo_clocks;  // what its rows were told in that epoch, where it was not the epoch's clock
  bool redo_history = false;              // and whether those after it had been read before
};

struct DataflowRun::ScanState {
  const PlanOperator* op = nullptr;
  const ScanOp* scan = nullptr;
  std::shared_ptr<Source> source;
  std::vector<std::unique_ptr<Partition>> partitions;
  int64_t idle_timeout_nanos = 30'000'000'000;
  RecordNeeds needs;
  std::string identity;          // of the log; "": not known
  bool processing_time = false;  // its rows' time is the epoch's clock: so is its watermark
};

struct DataflowRun::Code {
  std::unique_ptr<CompiledModule> module;
  std::map<OperatorId, ScanFunction> scan;
  std::map<OperatorId, FlushFunction> expand, flush, values;
  std::map<OperatorId, RowsFunction> rows;
  std::map<OperatorId, ApplyFunction> apply;
  std::map<OperatorId, MergeFunction> merge;
  std::map<OperatorId, CloseFunction> close;
  std::map<OperatorId, KeyedOperator::EmitFunction> emit;
  std::map<OperatorId, KeyedOperator::MatchFunction> match;
};

// Code and what it was made of: it holds addresses of the plan's parts.
struct CompiledPlan {
  std::shared_ptr<const PhysicalPlan> plan;
  std::shared_ptr<DataflowRun::Code> code;
  Tier tier = Tier::kQuick;
};

}  // namespace kappa
