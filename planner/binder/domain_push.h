// The domain of an outer query's columns, pushed into a plan that reads them until none of it does.
#pragma once

#include <map>
#include <set>

#include "planner/binder/context.h"
#include "planner/logical/join.h"

namespace kappa {

class DomainPush {
 public:
  // `domain`: the distinct values of the columns `free`, under their own ids.
  DomainPush(BindContext* context, LogicalPtr domain, std::set<ColumnId> free)
      : context_(context), domain_(std::move(domain)), free_(std::move(free)) {}

  struct Result {
    LogicalPtr plan;                     // for each row of the domain the rows of the plan
    std::map<ColumnId, Column> columns;  // the columns of `plan` that hold the domain's
  };
  StatusOr<Result> Push(const LogicalPtr& node);

 private:
  Result Reference();
  bool Reads(const LogicalPtr& node) const { return kappa::Reads(node, free_); }
  StatusOr<Result> PushNode(const LogicalPtr& node);
  StatusOr<Result> PushUnary(const LogicalPtr& node);
  StatusOr<Result> PushAggregate(const LogicalPtr& node);
  StatusOr<Result> PushJoin(const LogicalPtr& node);
  StatusOr<Result> PushSort(const LogicalPtr& node);
  StatusOr<Result> PushValues(const LogicalPtr& node);
  template <typename Op>
  StatusOr<Result> PushAll(const LogicalPtr& node, Op op);
  LogicalPtr Join(JoinOp join, const LogicalPtr& left, const LogicalPtr& right, const std::vector<ExprPtr>& on) const {
    return MakeJoin(std::move(join), left, right, on, context_->program, context_->query, context_->on_error);
  }

  BindContext* context_;
  LogicalPtr domain_;
  std::set<ColumnId> free_;
  std::map<const LogicalNode*, Result> done_;
};

ExprPtr Substitute(const ExprPtr& expr, const std::map<ColumnId, Column>& columns);
// The aggregates of a group without rows, over a join that gave none: those that are never NULL are 0. `made` are their columns, by their outputs in
// `calls`.
std::vector<std::pair<Column, ExprPtr>> OfNoRows(const std::vector<AggregateCall>& calls, const std::map<ColumnId, Column>& made);

}  // namespace kappa
