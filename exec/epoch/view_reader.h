// How scans of views read: all rows, or those that a lookup wants; of each the columns that are wanted, as generated code takes them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/arena.h"
#include "exec/epoch/dataflow_run.h"

namespace kappa {

// The rows that `scan` reads of `view`, each with its weight. The values that a lookup wants are computed now: their errors are the answer.
Status VisitView(const ViewScanOp& scan, const ViewReader& view, const std::vector<Datum>& parameters, CallContext* context,
                 const std::function<void(const char* row, int64_t weight)>& visit);

// Some of a view's rows, laid out as `layout` says for the columns of the view at `columns`. Texts are copied where the view does not keep them.
class ViewRows {
 public:
  ViewRows(const ViewReader& view, const std::vector<int>& columns, const RowLayout& layout, size_t capacity);
  // The row of the view, `copies` times.
  void Add(const char* stored, int64_t weight, int64_t copies);
  bool full() const { return held_ == capacity_; }  // of different rows
  bool empty() const { return rows_.empty(); }
  void Clear();
  const std::vector<const char*>& rows() const { return rows_; }
  const std::vector<int64_t>& weights() const { return weights_; }  // of each

 private:
  struct Move {
    uint32_t from = 0, to = 0, bytes = 0;  // bytes 0: of a struct, which lies in its fields
    int32_t from_null = -1, to_null = -1;  // bits; -1: never NULL
    bool text = false;
  };
  void Plan(const Slot& from, const Slot& to);
  const RowLayout &stored_, &layout_;
  const bool copies_texts_;
  const size_t capacity_;
  std::vector<Move> moves_;
  std::string memory_;
  Arena texts_;
  size_t held_ = 0;
  std::vector<const char*> rows_;
  std::vector<int64_t> weights_;
};

}  // namespace kappa
