// The logical plan: what the binder makes of statements and the rules rewrite. A node holds the same operator that the dataflow will hold
// (planner/dataflow/dataflow.h); until it is lowered it has no id, and its inputs are pointers. Nodes are immutable and may be shared: a program is a
// DAG with one root per sink, view or result.
//
// Columns are named by ids that are unique in a program, so a rule moves an expression without renumbering. A node's `output` lists what it gives.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "planner/dataflow/dataflow.h"

namespace kappa {

struct LogicalNode;
using LogicalPtr = std::shared_ptr<const LogicalNode>;

struct LogicalNode {
  PlanOperator op;  // id and inputs are not set
  std::vector<LogicalPtr> inputs;
  // Part of the definition of a source (scan, computed columns, watermark), not of a query: equal ones may be shared by all queries of the program.
  bool of_source = false;

  template <typename T>
  const T* As() const {
    return op.As<T>();
  }
  const std::vector<Column>& output() const { return op.output; }
};

struct LogicalPlan {
  std::vector<LogicalPtr> roots;  // Sink, Materialize, Result
  std::vector<Type> parameters;
};

using OperatorVariant = decltype(PlanOperator::op);

// A node over `inputs`; append_only is inferred. `output` in the order in which users see it.
LogicalPtr MakeNode(OperatorVariant op, std::vector<LogicalPtr> inputs, std::vector<Column> output, const std::string& query,
                    const ErrorPolicy& on_error);
// The same node over other inputs, its append_only inferred anew.
LogicalPtr WithInputs(const LogicalNode& node, std::vector<LogicalPtr> inputs);
// Has the operator's output no retractions, given whether its inputs have none?
bool InfersAppendOnly(const PlanOperator& op, bool inputs_append_only);

// Calls `fn` once for every node, inputs first, on its rewritten form; what it answers takes the node's place. Shared nodes stay shared.
void RewriteBottomUp(LogicalPlan* plan, const std::function<LogicalPtr(const LogicalPtr&)>& fn);
// Every node once, inputs first.
std::vector<LogicalPtr> TopologicalOrder(const LogicalPlan& plan);
std::map<const LogicalNode*, int> ConsumerCounts(const LogicalPlan& plan);

// ---- expressions ----
void ForEachExpr(PlanOperator* op, const std::function<void(ExprPtr*)>& fn);
void ForEachExpr(const PlanOperator& op, const std::function<void(const Expr&)>& fn);  // roots only
// Rebuilds `expr` bottom up; `fn` answers the node itself when it has nothing to say.
ExprPtr RewriteExpr(const ExprPtr& expr, const std::function<ExprPtr(const ExprPtr&)>& fn);
ExprPtr ReplaceColumns(const ExprPtr& expr, const std::map<ColumnId, ExprPtr>& replacements);
bool SameExpr(const Expr& a, const Expr& b);
std::vector<ExprPtr> Conjuncts(const ExprPtr& predicate);  // of a flat AND; the predicate itself otherwise
ExprPtr MakeAnd(std::vector<ExprPtr> conjuncts);           // not empty
bool IsTrivial(const Expr& expr);                          // a constant, a parameter, a column, or fields of one: costs nothing to repeat

// ---- columns ----
// Every id that the operator itself reads (not those it only passes on), in order.
std::vector<ColumnId> ReadColumns(const PlanOperator& op);
// Gives other ids to columns, everywhere in the operator.
void RenameColumns(PlanOperator* op, const std::map<ColumnId, ColumnId>& names);
const Column* FindColumn(const std::vector<Column>& columns, ColumnId id);

// The watermark that `time` follows in the output of `node`: through filters, projections that pass it on, windows and late checks; through a union
// when every input has one.
const WatermarkOp* FindWatermark(const LogicalNode& node, ColumnId time);

// Columns that no two rows of the node's contents share: the keys of the aggregate beneath. Empty: none are known.
std::vector<ColumnId> UniqueColumns(const LogicalNode& node);

// Numbers the operators in topological order. The plan's invariants are those of Verify(Dataflow).
Dataflow Lower(const LogicalPlan& plan);

}  // namespace kappa
