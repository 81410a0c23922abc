#include "exec/runtime/join/join_base.h"

#include <algorithm>

#include "exec/runtime/worker_context.h"

namespace kappa {

bool JoinBase::ConditionHolds(const char* left, const char* right, int64_t weight) {
  const size_t errors = context()->errors.size();
  const bool matches = Matches(left, right);
  for (size_t i = errors; i < context()->errors.size(); ++i) context()->errors[i].weight = weight;
  if (weight == 0) context()->errors.resize(errors);
  return matches;
}

void JoinBase::FailFull() {
  Fail(SqlError(sqlstate::kOutOfMemory) << "the state of join " << id() << " has more rows, or a larger one, than one worker can hold");
}

void JoinBase::SortEmpty() {
  std::sort(empty_.begin(), empty_.end());
  empty_.erase(std::unique(empty_.begin(), empty_.end()), empty_.end());
}

Slot SlotOf(const KeyedPlan::Input& input, ColumnId column) { return input.layout.slots()[static_cast<size_t>(input.Find(column))]; }

}  // namespace kappa
