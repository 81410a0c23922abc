// The inner parts of a DataflowRun, shared by the files that implement it.
#pragma once

#include "exec/epoch/dataflow_run.h"

namespace kappa {

struct DataflowRun::Partition {
  ScanState* scan = nullptr;
  int32_t id = 0;
  int32_t worker = 0;
  std::unique_ptr<PartitionReader> reader;
  PartitionClock clock;
  Offset until = INT64_MAX;  // exclusive
  Offset stop = INT64_MAX;   // StopAt's
  bool ended = false;
  bool idle = false;
  int64_t last_arrival_nanos = 0;
};

struct DataflowRun::ScanState {
  const PlanOperator* op = nullptr;
  const ScanOp* scan = nullptr;
  std::shared_ptr<Source> source;
  std::vector<std::unique_ptr<Partition>> partitions;
  int64_t idle_timeout_nanos = 30'000'000'000;
};

struct DataflowRun::Code {
  std::unique_ptr<CompiledModule> module;
  std::map<OperatorId, ScanFunction> scan;
  std::map<OperatorId, FlushFunction> expand, flush, values;
  std::map<OperatorId, RowsFunction> rows;
  std::map<OperatorId, ApplyFunction> apply;
  std::map<OperatorId, CloseFunction> close;
};

}  // namespace kappa
