// Joins of logical plans: how a condition becomes keys, what becomes nullable, what a plan reads that it does not give.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "planner/logical/logical.h"

namespace kappa {

struct ProgramContext;

enum class Sides : uint8_t { kNeither = 0, kLeft = 1, kRight = 2, kBoth = 3 };
// Of which side the expression reads columns; those of neither count for nothing.
Sides SidesOf(const Expr& expr, const LogicalNode& left, const LogicalNode& right);

// Does it read columns, and all of them of this node?
bool GivenBy(const Expr& expr, const LogicalNode& node);

// a = b, or a IS NOT DISTINCT FROM b, over types that can be compared as GROUP BY compares; both of one type here, cast where they were of two.
struct Equality {
  ExprPtr left, right;
  bool null_safe = false;
};
std::optional<Equality> EqualityOf(const Expr& conjunct);
ExprPtr ToCondition(const Equality& equality);
// Is it `=`, `<>`, `<`... or IN: does it treat equal values alike, however they print?
bool IsComparison(const Expr& expr);
bool IsTrue(const Expr& expr);   // the constant
bool IsFalse(const Expr& expr);  // the constant, or a NULL

// The expression over columns that may be NULL where `columns` says so; what it made never NULL may be now, never the other way.
ExprPtr WithNullability(const ExprPtr& expr, const std::vector<Column>& columns);
std::vector<Column> AsNullable(std::vector<Column> columns);

// The conjuncts of a predicate; what all branches of an OR share stands beside it: (a AND b) OR (a AND c) is a AND (b OR c).
std::vector<ExprPtr> FactoredConjuncts(const ExprPtr& predicate);

// `left` joined to `right` where all of `conjuncts` hold (none: everywhere). Equalities between the sides become keys, computed beneath where they
// are no columns; all else is the condition. `join` brings the kind, and whatever else is set; its keys and condition stay. Gives the columns of both
// sides, of semi and anti joins those of the left; those of a side that may be absent as nullable. A kSingle over a key of the right is a kLeft.
LogicalPtr MakeJoin(JoinOp join, const LogicalPtr& left, const LogicalPtr& right, const std::vector<ExprPtr>& conjuncts, ProgramContext* program,
                    const std::string& query, const ErrorPolicy& on_error);
// What a join of this kind gives of the two sides.
std::vector<Column> JoinOutput(JoinOp::Kind kind, const std::vector<Column>& left, const std::vector<Column>& right);

// Columns that the plan reads without giving them: those of an outer query.
std::set<ColumnId> FreeColumns(const LogicalPtr& plan);
// Does the plan read any of them?
bool Reads(const LogicalPtr& plan, const std::set<ColumnId>& columns);

// At most one row, whatever the input.
bool IsAtMostOneRow(const LogicalNode& node);
// Exactly one.
bool IsOneRow(const LogicalNode& node);
bool IsUnitRow(const LogicalNode& node);  // one row without columns: SELECT without FROM

// The plan with a new id for each of its columns; `renamed` gets them by their old ids.
LogicalPtr WithFreshColumns(const LogicalPtr& plan, ProgramContext* program, std::map<ColumnId, Column>* renamed);

}  // namespace kappa
