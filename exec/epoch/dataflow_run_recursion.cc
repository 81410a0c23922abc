// DataflowRun: WITH RECURSIVE at the end of an epoch (exec/runtime/recursion.h). When its term has flushed once, what came back goes round until
// nothing does:
//
//   Recursion.Flush ──► Project ──► Join ... ──► staged for the Recursion ══exchange══► applied
//        ▲                                                                               │
//        └────────────────────────────────────────────────────────────────────────────────┘
#include <algorithm>

#include "exec/epoch/dataflow_run_state.h"
#include "exec/runtime/recursion.h"

namespace kappa {

Status DataflowRun::RunRecursion(const RecursionPlan& plan) {
  const PlanOperator& op = dataflow_->Get(plan.recursion);
  const auto& set = *op.As<SetOperationOp>();
  const auto index = static_cast<size_t>(plan_->keyed.at(op.id).index);
  const auto of = [&](int32_t worker) { return static_cast<Recursion*>(contexts_[static_cast<size_t>(worker)]->keyed[index].get()); };
  const auto any = [&](bool (Recursion::*test)() const) {
    for (int32_t worker = 0; worker < static_cast<int32_t>(contexts_.size()); ++worker)
      if ((of(worker)->*test)()) return true;
    return false;
  };
  // What the term's operators remember of a round is forgotten behind it, as at an epoch's end.
  const auto end_round = [&] {
    for (OperatorId id : plan.term) {
      const PlanOperator& part = dataflow_->Get(id);
      const auto part_index = static_cast<size_t>(plan_->keyed.at(id).index);
      pool_->RunAll([&](int32_t worker) { contexts_[static_cast<size_t>(worker)]->keyed[part_index]->EndEpoch(KeyedEpochOf(part)); });
    }
  };
  const auto run_term = [&]() -> Status {
    for (OperatorId id : plan.term) RETURN_IF_ERROR(FlushOperator(dataflow_->Get(id)));
    end_round();
    return CheckBudget();
  };
  if (any(&Recursion::pending)) end_round();
  for (int64_t round = 0; any(&Recursion::pending); ++round) {
    if (round >= set.limit) {
      return SqlError(sqlstate::kStatementTooComplex) << "recursive query \"" << set.name << "\" did not end within " << set.limit << " rounds"
                                                      << Hint("UNION instead of UNION ALL drops rows that are there already; or SET recursion_limit");
    }
    if (any(&Recursion::retracts)) {
      pool_->RunAll([&](int32_t worker) {
        of(worker)->TakeBack();
        of(worker)->FlushOutput();
      });
      Exchange();
      RETURN_IF_ERROR(run_term());
      pool_->RunAll([&](int32_t worker) { of(worker)->BeginAgain(); });
    }
    RETURN_IF_ERROR(FlushOperator(op));
    RETURN_IF_ERROR(run_term());
  }
  return OkStatus();
}

}  // namespace kappa
