// The state of an aggregate over a frame that slides, and what the nodes of an index know of all rows beneath.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exec/runtime/over_frame.h"

namespace kappa {

// Calls an aggregate's functions. Of one worker.
class AggregateCode {
 public:
  AggregateCode(const OverPlan* plan, const OrderedRows* rows);
  // A row, `weight` times; negative: takes it away.
  void Add(const OverCall& call, StateContext* context, void* state, RowStore::Id id, int64_t weight);
  void Merge(const OverCall& call, StateContext* context, void* state, StateContext* from, const void* other) const;
  void Release(const OverCall& call, StateContext* context, void* state) const;
  bool Result(const OverCall& call, StateContext* context, CallContext* c, const void* state, void* out, bool* out_null) const;
  int64_t TakeAdded() { return std::exchange(added_, 0); }  // rows since the last call

 private:
  int64_t added_ = 0;
  const OrderedRows* rows_;
  std::string room_;
};

// Of each node the states of all rows that are beneath it now, in memory of its own; made when they are asked for.
class NodeSummaries {
 public:
  NodeSummaries(const OverPlan* plan, AggregateCode* code) : plan_(plan), code_(code) {}
  // Of a node that does not differ between the versions: the states, one behind another.
  const char* Of(OrderedIndex::Node* node);
  static void Drop(void* summaries, void* states);  // OrderedIndex::Pool::drop_summary
  StateContext* context() { return &context_; }
  size_t bytes() const { return count_ * plan_->summary_bytes + context_.arena.bytes_reserved(); }

 private:
  void Clear(char* states);
  const OverPlan* plan_;
  AggregateCode* code_;
  StateContext context_;
  size_t count_ = 0;
};

class FrameAggregate {
 public:
  FrameAggregate(const OverCall* call, AggregateCode* code, NodeSummaries* summaries);
  FrameAggregate(FrameAggregate&&) = default;
  ~FrameAggregate();
  void Reset(const OrderedIndex* index, OrderedIndex::Version version);
  // The aggregate of rows [begin, end) without [out_begin, out_end), but with row `kept` of those (-1: none). Into a slot; false: failed, c says why.
  bool Result(int64_t begin, int64_t end, int64_t out_begin, int64_t out_end, int64_t kept, CallContext* c, void* out, bool* out_null);

 private:
  void MoveTo(int64_t begin, int64_t end);
  void AddRows(int64_t begin, int64_t end, int64_t sign, RowCursor* cursor);
  void AddWide(int64_t begin, int64_t end);
  void Clear();

  const OverCall* call_;
  AggregateCode* code_;
  NodeSummaries* summaries_;
  const OrderedIndex* index_ = nullptr;
  OrderedIndex::Version version_ = OrderedIndex::kNow;
  std::unique_ptr<StateContext> context_;
  std::unique_ptr<char[]> state_;
  int64_t begin_ = 0, end_ = 0;  // rows that are in it
  RowCursor head_, tail_, excluded_;
};

}  // namespace kappa
