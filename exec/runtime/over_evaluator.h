// The values of window functions for rows of one version of a partition, in order.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "exec/runtime/over_aggregate.h"

namespace kappa {

// What the functions answer for one row: packed as OverPlan::values says, or the error of the first one that fails.
struct OverValues {
  std::string packed;
  SqlState state = sqlstate::kOk;
  std::string message;
  bool failed() const { return !(state == sqlstate::kOk); }
  bool operator==(const OverValues& other) const {
    return failed() == other.failed() && (failed() ? state == other.state && message == other.message : packed == other.packed);
  }
};

// What ntile answers for one version of a partition: rows from `first` on are spread over `buckets`; those before it, where the argument is NULL,
// have none. PostgreSQL's: the argument is that of the first row where it is not NULL, the size of buckets that of all rows.
struct NtileSpec {
  int64_t first = 0;    // rows: all are NULL
  int64_t buckets = 0;  // 0, or less: an error
  int64_t rows = 0;     // of the partition
  int64_t BucketOf(int64_t row) const;
  int64_t FirstRowOf(int64_t bucket) const;  // from 0; past the partition's rows where there are more buckets
};
NtileSpec MakeNtile(const OverCall& call, const OrderedRows& rows, const OrderedRows::Partition& partition, OrderedIndex::Version version);

class OverEvaluator {
 public:
  OverEvaluator(const OverPlan* plan, const OrderedRows* rows, AggregateCode* code, NodeSummaries* summaries);
  // Begins at an entry.
  void Start(const OrderedRows::Partition& partition, OrderedIndex::Version version, OrderedIndex::Position begin);
  // The rows of the next entry: at [0, answer) of `values`.
  size_t Next(OrderedIndex::Position at, std::vector<OverValues>* values);
  // What function `index` answers for every row alike: its frame is the whole partition. False: the version has no rows.
  bool WholeValue(size_t function, const OrderedRows::Partition& partition, OrderedIndex::Version version, OverValues* value);
  void set_clock(int64_t micros) { call_.epoch_micros = micros; }

 private:
  struct Function {
    const OverCall* call = nullptr;
    EdgeCursor begin, end;
    FrameAggregate aggregate;
    RowCursor cursor;                       // over the rows that count: those with a value, of IGNORE NULLS
    std::array<PresentCounter, 3> present;  // at the current row or the frame's begin, at its end, at what it leaves out
    std::optional<NtileSpec> ntile = {};    // of the version
  };
  struct Span {  // of rows
    int64_t begin = 0, end = 0;
  };
  bool Evaluate(Function* function, OverValues* values);
  bool Ranking(const OverCall& call, int64_t* answer) const;
  bool Ntile(Function* function, int64_t* answer, bool* null);
  bool Offset(Function* function, AnyValue* answer);
  bool FrameValue(Function* function, AnyValue* answer);
  bool AggregateValue(Function* function, AnyValue* answer);
  Span Excluded(OverOp::Exclude exclude, int64_t* kept) const;
  AnyValue ArgumentOf(Function* function, size_t argument, RowStore::Id id, char* room) const;

  const OverPlan* plan_;
  const OrderedRows* rows_;
  CallContext call_;  // its scratch is given back row by row
  const OrderedRows::Partition* partition_ = nullptr;
  CurrentRow current_;
  bool first_ = true;
  std::vector<Function> functions_;
  std::vector<char> room_, result_;
};

}  // namespace kappa
