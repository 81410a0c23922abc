// Dependent joins: the right side is evaluated for each row of the left and may read its columns. They become joins of two plans that know nothing of
// one another (T. Neumann, A. Kemper: Unnesting Arbitrary Queries, BTW 2015):
//
//   left JOIN right(left.c)    ->    left JOIN (D x right, pushed down to where c is read) ON left.c IS NOT DISTINCT FROM D.c,   D = DISTINCT left.c
//
// First what is simpler is tried: conditions and projections at the top of the right go above the join, and under a global aggregate a condition
// right.x = left.c makes x a key of the aggregate. D is then not needed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "planner/binder/context.h"
#include "planner/logical/join.h"

namespace kappa {

class Decorrelator {
 public:
  explicit Decorrelator(BindContext* context) : context_(context) {}

  // `left` joined to `right` where all of `on` hold, which read columns of both. Gives the columns that such a join gives (JoinOutput), by their ids.
  // Columns of queries further out may be read by either and stay as they are. 0A000 names an operator that cannot be evaluated so.
  StatusOr<LogicalPtr> Join(JoinOp::Kind kind, const LogicalPtr& left, LogicalPtr right, std::vector<ExprPtr> on);
  // Every row of `left` once, with `flag`, a boolean that is never NULL: is there a row of `right` for which all of `on` are true?
  StatusOr<LogicalPtr> Mark(const LogicalPtr& left, LogicalPtr right, std::vector<ExprPtr> on, const Column& flag);

 private:
  // The right side without what stands at its top.
  struct Peeled {
    LogicalPtr core;
    std::vector<LogicalPtr> projects;  // top first; to be computed above the join
    std::vector<ExprPtr> on;
  };
  // A plan that was tied to the left by equalities, without them: expressions of the left, and which of its columns they equal.
  struct Untied {
    LogicalPtr plan;
    std::vector<std::pair<ExprPtr, Column>> ties;
  };

  std::set<ColumnId> Correlation(const LogicalPtr& left, const LogicalPtr& right) const;
  Peeled Peel(JoinOp::Kind kind, const std::set<ColumnId>& free, LogicalPtr right, std::vector<ExprPtr> on) const;
  LogicalPtr Above(const LogicalPtr& joined, const LogicalPtr& left, const Peeled& peeled, const ExprPtr& present) const;
  StatusOr<LogicalPtr> JoinAggregate(JoinOp::Kind kind, const LogicalPtr& left, const std::set<ColumnId>& free, const Peeled& peeled);
  StatusOr<LogicalPtr> JoinCore(JoinOp::Kind kind, const LogicalPtr& left, const Peeled& peeled, std::vector<JoinOp::Key> keys);
  LogicalPtr OverGroups(JoinOp::Kind kind, const LogicalPtr& joined, const LogicalPtr& left, const Peeled& peeled,
                        std::vector<std::pair<Column, ExprPtr>> values);
  std::vector<JoinOp::Key> KeysOf(const LogicalPtr& left, const std::map<ColumnId, Column>& columns) const;
  LogicalPtr AnyRow(const LogicalPtr& plan, std::vector<ExprPtr> conditions);
  LogicalPtr Domain(const LogicalPtr& left, const std::set<ColumnId>& columns) const;
  ColumnId AsColumn(const ExprPtr& expr, LogicalPtr* plan) const;  // computed on top of the plan where it is none

  // nullopt: it takes the domain.
  std::optional<Untied> Untie(const LogicalPtr& plan, const std::set<ColumnId>& free) const;
  std::optional<Untied> UntieFilter(const LogicalPtr& plan, const std::set<ColumnId>& free) const;

  LogicalPtr MakeJoinNode(JoinOp join, const LogicalPtr& left, const LogicalPtr& right, const std::vector<ExprPtr>& on) const {
    return MakeJoin(std::move(join), left, right, on, context_->program, context_->query, context_->on_error);
  }

  BindContext* context_;
};

// Aggregates of rows that may be retracted: 0A000 for those that cannot take a value back.
Status CheckRetractable(const std::vector<AggregateCall>& calls, const LogicalNode& input);

}  // namespace kappa
