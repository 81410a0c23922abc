// A sink with counters beside it, for the status: what was written and what was committed. A call per batch, nothing per row.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "common/sink.h"
#include "types/change_batch.h"

namespace kappa {

// The counters may be read by any thread.
class ObservedSink final : public Sink {
 public:
  explicit ObservedSink(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
  Status Write(Epoch epoch, const ChangeBatch& changes) override {
    changes_.fetch_add(static_cast<int64_t>(changes.rows.size()), std::memory_order_relaxed);
    return sink_->Write(epoch, changes);
  }
  Status Commit(const EpochCommit& commit) override {
    const Status status = sink_->Commit(commit);
    if (status.ok() && !commit.may_hold) Committed(commit.upto);
    if (status.ok() && commit.may_hold) (void)LastCommitted();  // it may have kept some of it back
    return status;
  }
  StatusOr<SinkMark> LastCommitted() override {
    auto mark = sink_->LastCommitted();
    if (mark.ok()) Committed(mark->epoch);
    return mark;
  }
  Guarantee guarantee() const override { return sink_->guarantee(); }
  std::string Summary() const override { return sink_->Summary(); }

  int64_t changes() const { return changes_.load(std::memory_order_relaxed); }
  Epoch committed() const { return committed_.load(std::memory_order_relaxed); }  // -1: none that is known

 private:
  void Committed(Epoch epoch) { committed_.store(std::max(committed_.load(std::memory_order_relaxed), epoch), std::memory_order_relaxed); }
  const std::unique_ptr<Sink> sink_;
  std::atomic<int64_t> changes_{0};
  std::atomic<Epoch> committed_{-1};
};

}  // namespace kappa
