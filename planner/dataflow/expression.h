// Bound expressions: typed, immutable, shared by the logical plan and the dataflow. Columns are named by ids that are unique in a program, so that a
// row is a set of (column id, value) and rewriting a plan never renumbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/status.h"
#include "functions/aggregate.h"
#include "functions/function.h"
#include "types/datum.h"

namespace kappa {

using ColumnId = int32_t;
inline constexpr ColumnId kNoColumn = -1;

struct Column {
  ColumnId id = kNoColumn;
  std::string name;
  Type type;
  bool nullable = true;
};

enum class ExprKind : uint8_t {
  kConstant,   // constant
  kColumn,     // column
  kParameter,  // parameter (0-based): its value comes when the program is opened
  kCall,       // function(args): scalar functions, operators, casts alike
  kAnd,
  kOr,  // args: 2..n booleans, SQL three-valued, left to right
  kNot,
  kIsNull,    // args[0] IS NULL (of a struct: the struct itself, PostgreSQL's row rule is made by the binder)
  kCase,      // args: when1, then1, when2, then2, ..., else (always present); only what is chosen is evaluated
  kCoalesce,  // args in order; only until the first that is not NULL
  kIn,        // args[0] = ANY (args[1..], constants of the same type); `function` is the = operator
  kField,     // field `field` of the struct args[0]
  kStruct,    // struct made of args
  kAnyOf,     // args[0] op ANY (args[1], an array): `function` is op, which is called with args[0], an element, and args[2..]
  kAllOf,     // args[0] op ALL (args[1])
};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Expr {
  ExprKind kind;
  Type type;
  bool nullable = true;
  Datum constant;
  ColumnId column = kNoColumn;
  int parameter = -1;
  int field = -1;
  const FunctionEntry* function = nullptr;
  std::vector<ExprPtr> args;
  TextRange range;  // in the statement, for errors
};

ExprPtr MakeConstant(Datum value, Type type);
ExprPtr MakeColumn(const Column& column);
ExprPtr MakeCall(const FunctionEntry* function, std::vector<ExprPtr> args, Type result);  // nullable by the function's rules
ExprPtr MakeExpr(ExprKind kind, Type type, bool nullable, std::vector<ExprPtr> args);

bool IsFallible(const Expr& expr);                                      // may answer an error for some row
void CollectColumns(const Expr& expr, std::vector<ColumnId>* columns);  // each once
std::string ToString(const Expr& expr);                                 // for plans: #3 + 1::bigint
// Evaluates an expression without columns, by native calls: constants, INSERT ... VALUES (no LLVM).
StatusOr<Datum> Evaluate(const Expr& expr, CallContext* context, const std::vector<Datum>& parameters);

// One aggregate of an Aggregate operator. `args`: the direct ones (AggregateEntry::direct, constants), then those of each row.
struct AggregateOrder {
  ExprPtr expr;
  bool descending = false, nulls_first = false;
};
struct AggregateCall {
  ColumnId output = kNoColumn;
  std::string name;
  Type type;
  bool nullable = true;
  const AggregateEntry* function = nullptr;
  std::vector<ExprPtr> args;  // evaluated on the input row
  ExprPtr filter;             // nullptr: every row
  bool distinct = false;
  std::vector<AggregateOrder> order;  // of the rows it sees: ORDER BY, WITHIN GROUP
  // The order of rows matters where `order` leaves it open: by their source positions, once the planner has added them to it.
  bool by_position = false;
};
// In the general form (functions/general_aggregate.h), not by generated code alone.
bool NeedsGeneralForm(const AggregateCall& call, bool input_append_only);

}  // namespace kappa
