// Subqueries in expressions. While an expression is bound, a column stands for each; then the plan beneath the expression gets that column by a join.
#pragma once

#include <vector>

#include "parser/ast/query.h"
#include "planner/binder/context.h"

namespace kappa {

struct PendingSubquery {
  enum class Kind : uint8_t { kScalar, kExists, kAny };
  Kind kind = Kind::kScalar;
  const ast::Expression* written = nullptr;
  LogicalPtr plan;   // may read columns of the queries around it
  ExprPtr compared;  // kAny: a comparison of the operand with the plan's columns; is there a row for which it is true, or NULL?
  // What stands for it. kScalar: a column of the plan.  kExists: a boolean that is never NULL.  kAny: a boolean.
  Column value;
  bool placed = false;
};

// Those of one SELECT. What was written twice in one place (an item that GROUP BY names) is bound once.
struct SubqueryCollector {
  std::vector<PendingSubquery> pending;
  PendingSubquery* Find(ColumnId value);
};

class SubqueryPlacer {
 public:
  SubqueryPlacer(BindContext* context, SubqueryCollector* subqueries) : context_(context), subqueries_(subqueries) {}

  // The rows of `plan` for which the predicate is true: EXISTS, IN and their like among its conjuncts become semi and anti joins.
  StatusOr<LogicalPtr> Filter(LogicalPtr plan, const ExprPtr& predicate);
  // `plan` with a column for each subquery that the expression names and that it does not give yet.
  Status Place(const Expr& expr, LogicalPtr* plan);
  bool Names(const Expr& expr) const;  // any that is not placed yet

 private:
  Status PlaceOne(PendingSubquery* subquery, LogicalPtr* plan);
  Status PlaceAny(const PendingSubquery& subquery, LogicalPtr* plan);
  StatusOr<LogicalPtr> NotAny(LogicalPtr plan, const PendingSubquery& subquery);
  StatusOr<bool> FilterBySubquery(const ExprPtr& conjunct, LogicalPtr* plan);

  BindContext* context_;
  SubqueryCollector* subqueries_;
};

}  // namespace kappa
