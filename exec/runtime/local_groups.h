// Local pre-aggregation: what a worker's rows of one aggregate come to, before anything crosses between workers. Rows are applied to these groups in
// the worker that has them; at the epoch's end, or when there are many groups, each owner of a shard merges the groups of its shards from all workers
// into its own, and they are forgotten (Larson, "Data Reduction by Partial Preaggregation", ICDE 2002).
//
//   rows ──► stage ──► local groups ══merge══► groups of the shard's owner
//             └────────────rows, when this worker rests════► (as without)
//
// Where groups are nearly as many as rows it costs more than it saves: the worker rests then, and tries again later. Results do not depend on that:
// states merge to what their rows would have come to. Nothing is kept here between epochs, so that snapshots know nothing of it.
//
// Used by its worker; between phases by the driver, while phases merge by every worker, reading only.
#pragma once

#include <memory>

#include "exec/runtime/group_table.h"

namespace kappa {

class LocalGroups {
 public:
  static constexpr size_t kMaxGroups = 8192;    // more are merged before the epoch ends: they stay in the processor's own cache
  static constexpr int64_t kRowsPerGroup = 4;   // fewer do not pay
  static constexpr int64_t kEnoughRows = 2048;  // to judge by
  static constexpr int kRestRounds = 1024;      // until it is tried again

  explicit LocalGroups(GroupTableSpec spec);

  KAPPA_INLINE bool active() const { return active_; }
  // The groups, to which so many rows will be added now.
  KAPPA_INLINE GroupTable* ToAdd(int64_t rows) {
    rows_ += rows;
    return table_.get();
  }
  GroupTable* groups() { return table_.get(); }
  bool empty() const { return table_->groups() == 0; }
  // Should they be merged before the epoch ends?
  bool MergeNow() const { return table_->groups() >= kMaxGroups || Wasteful(); }
  // They have been merged.
  void Forget();
  // A round has passed.
  void EndRound() {
    if (!active_ && --rest_ == 0) active_ = true;
  }
  size_t bytes() const { return table_->bytes(); }

 private:
  bool Wasteful() const { return rows_ >= kEnoughRows && static_cast<int64_t>(table_->groups()) * kRowsPerGroup > rows_; }

  const GroupTableSpec spec_;
  std::unique_ptr<GroupTable> table_;
  int64_t rows_ = 0;
  bool active_ = true;
  int rest_ = 0;
};

}  // namespace kappa
