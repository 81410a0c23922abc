#include "exec/runtime/over_aggregate.h"

#include <algorithm>
#include <cstring>

namespace kappa {
namespace {

constexpr int64_t kWide = 128;  // rows: more are merged from what nodes know

template <typename Signature>
Signature* Code(const void* address) {
  return reinterpret_cast<Signature*>(reinterpret_cast<uintptr_t>(address));
}

}  // namespace

// --- functions

AggregateCode::AggregateCode(const OverPlan* plan, const OrderedRows* rows) : rows_(rows), room_(plan->room + 8, '\0') {}

void AggregateCode::Add(const OverCall& call, StateContext* context, void* state, RowStore::Id id, int64_t weight) {
  ++added_;
  const char* row = rows_->Row(id);
  char* room = room_.data();
  if (!call.filter.empty()) {
    const AnyValue passes = call.filter[0].Read(row, room);
    if (passes.null || *passes.slot == 0) return;
  }
  AnyValueBuffer values;
  for (size_t i = 0; i < call.columns.size(); ++i) {
    values.at[i] = call.columns[i].Read(row, room);
    if (values.at[i].null && i < call.strict) return;
    room += (call.columns[i].room() + 7) & ~size_t{7};
  }
  if (call.general != nullptr) return call.general->Add(*context, state, values.at, weight);
  // Where rows only come, a weight is one.
  for (int64_t left = call.retracts ? 1 : weight; left > 0; --left) {
    const int64_t times = call.retracts ? weight : 1;
    const void* add = call.aggregate->add;
    switch (call.columns.size()) {
      case 0:
        Code<void(StateContext*, void*, int64_t)>(add)(context, state, times);
        break;
      case 1:
        Code<void(StateContext*, void*, const void*, int64_t)>(add)(context, state, values.at[0].slot, times);
        break;
      case 2:
        Code<void(StateContext*, void*, const void*, const void*, int64_t)>(add)(context, state, values.at[0].slot, values.at[1].slot, times);
        break;
      default:
        Code<void(StateContext*, void*, const void*, const void*, const void*, int64_t)>(add)(context, state, values.at[0].slot, values.at[1].slot,
                                                                                              values.at[2].slot, times);
    }
  }
}

void AggregateCode::Merge(const OverCall& call, StateContext* context, void* state, StateContext* from, const void* other) const {
  Code<void(StateContext*, void*, StateContext*, const void*)>(call.aggregate->merge)(context, state, from, other);
}

void AggregateCode::Release(const OverCall& call, StateContext* context, void* state) const {
  if (call.general != nullptr) return call.general->Release(*context, state);
  if (call.aggregate->release != nullptr) Code<void(StateContext*, void*)>(call.aggregate->release)(context, state);
  std::memset(state, 0, call.state_bytes);
}

bool AggregateCode::Result(const OverCall& call, StateContext* context, CallContext* c, const void* state, void* out, bool* out_null) const {
  if (call.general != nullptr) return call.general->Result(*context, *c, state, out, out_null);
  return Code<bool(StateContext*, CallContext*, const void*, void*, bool*)>(call.aggregate->result_code)(context, c, state, out, out_null);
}

// --- what nodes know

void NodeSummaries::Clear(char* states) {
  for (const OverCall& call : plan_->calls) {
    if (call.summary != SIZE_MAX) code_->Release(call, &context_, states + call.summary);
  }
}

void NodeSummaries::Drop(void* summaries, void* states) {
  auto* self = static_cast<NodeSummaries*>(summaries);
  self->Clear(static_cast<char*>(states));
  delete[] static_cast<char*>(states);
  --self->count_;
}

const char* NodeSummaries::Of(OrderedIndex::Node* node) {
  auto* states = static_cast<char*>(node->summary);
  if (states != nullptr && !node->stale) return states;
  if (states != nullptr) {
    Clear(states);
  } else {
    node->summary = states = new char[plan_->summary_bytes]();
    ++count_;
  }
  node->stale = false;
  if (node->leaf) {
    auto* leaf = static_cast<OrderedIndex::Leaf*>(node);
    for (uint32_t i = 0; i < leaf->count; ++i) {
      const int64_t weight = leaf->now()[i];
      for (const OverCall& call : plan_->calls) {
        if (call.summary != SIZE_MAX && weight > 0) code_->Add(call, &context_, states + call.summary, leaf->ids()[i], weight);
      }
    }
    return states;
  }
  auto* inner = static_cast<OrderedIndex::Inner*>(node);
  for (uint32_t i = 0; i < inner->count; ++i) {
    const char* below = Of(inner->child[i]);
    for (const OverCall& call : plan_->calls) {
      if (call.summary != SIZE_MAX) code_->Merge(call, &context_, states + call.summary, &context_, below + call.summary);
    }
  }
  return states;
}

// --- frames

FrameAggregate::FrameAggregate(const OverCall* call, AggregateCode* code, NodeSummaries* summaries)
    : call_(call), code_(code), summaries_(summaries), context_(std::make_unique<StateContext>()), state_(new char[call->state_bytes + 8]()) {}

FrameAggregate::~FrameAggregate() {
  if (state_ != nullptr) Clear();
}

void FrameAggregate::Clear() {
  if (call_->aggregate == nullptr) return;  // of another function
  code_->Release(*call_, context_.get(), state_.get());
  begin_ = end_ = 0;
}

void FrameAggregate::Reset(const OrderedIndex* index, OrderedIndex::Version version) {
  Clear();
  index_ = index;
  version_ = version;
  for (RowCursor* cursor : {&head_, &tail_, &excluded_}) cursor->Reset(index, version);
}

void FrameAggregate::AddRows(int64_t begin, int64_t end, int64_t sign, RowCursor* cursor) {
  while (begin < end) {
    const OrderedIndex::Position at = cursor->Seek(begin);
    const int64_t last = std::min(end, cursor->first() + at.rows(version_));
    code_->Add(*call_, context_.get(), state_.get(), at.id(), sign * (last - begin));
    begin = last;
  }
}

// From whole nodes where they lie in the frame.
void FrameAggregate::AddWide(int64_t begin, int64_t end) {
  int64_t begin_offset = 0, end_offset = 0;
  OrderedIndex::Position first = index_->AtRow(begin, version_, &begin_offset);
  const OrderedIndex::Position last = end < index_->rows(version_) ? index_->AtRow(end, version_, &end_offset) : OrderedIndex::Position{};
  if (first == last) return AddRows(begin, end, 1, &tail_);
  if (begin_offset > 0) {
    code_->Add(*call_, context_.get(), state_.get(), first.id(), first.rows(version_) - begin_offset);
    first = OrderedIndex::Next(first);
  }
  if (end_offset > 0) code_->Add(*call_, context_.get(), state_.get(), last.id(), end_offset);
  index_->Visit(
      index_->EntriesBefore(first), index_->EntriesBefore(last),
      [&](OrderedIndex::Node* node) {
        if (node->touched) return false;
        code_->Merge(*call_, context_.get(), state_.get(), summaries_->context(), summaries_->Of(node) + call_->summary);
        return true;
      },
      [&](OrderedIndex::Position at) {
        if (const int64_t rows = at.rows(version_); rows > 0) code_->Add(*call_, context_.get(), state_.get(), at.id(), rows);
      });
}

void FrameAggregate::MoveTo(int64_t begin, int64_t end) {
  const bool slides = begin >= begin_ && end >= end_ && begin < end_ && (begin == begin_ || call_->retracts) && begin - begin_ <= end - begin;
  if (!slides && (begin != begin_ || end != end_)) {
    Clear();
    if (end - begin >= kWide && call_->summary != SIZE_MAX)
      AddWide(begin, end);
    else
      AddRows(begin, end, 1, &tail_);
  } else {
    AddRows(end_, end, 1, &tail_);
    AddRows(begin_, begin, -1, &head_);
  }
  begin_ = begin;
  end_ = end;
}

bool FrameAggregate::Result(int64_t begin, int64_t end, int64_t out_begin, int64_t out_end, int64_t kept, CallContext* c, void* out, bool* out_null) {
  MoveTo(begin, end);
  out_begin = std::max(out_begin, begin);
  out_end = std::min(out_end, end);
  const bool excludes = out_begin < out_end, keeps = excludes && kept >= out_begin && kept < out_end;
  if (excludes) AddRows(out_begin, out_end, -1, &excluded_);
  if (keeps) AddRows(kept, kept + 1, 1, &excluded_);
  const bool ok = code_->Result(*call_, context_.get(), c, state_.get(), out, out_null);
  if (keeps) AddRows(kept, kept + 1, -1, &excluded_);
  if (excludes) AddRows(out_begin, out_end, 1, &excluded_);
  return ok;
}

}  // namespace kappa
