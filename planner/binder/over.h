// Window functions: what OVER asks for, collected while a query's select list and ORDER BY are bound, and the operators that answer it.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "parser/ast/query.h"
#include "planner/binder/context.h"

namespace kappa {

// A call with OVER. Its expressions are over the query's input, after GROUP BY over the aggregate's output; the result is the column
// function.call.output.
struct WindowCall {
  OverOp::Function function;
  std::vector<ExprPtr> partition;
  std::vector<AggregateOrder> order;
};

struct WindowCollector {
  const std::vector<ast::NamedWindow>* named = nullptr;  // of the WINDOW clause
  std::vector<WindowCall> calls;                         // equal ones once
};

// Every expression of the call but the frame's offsets, which are constants.
Status ForEachWindowExpr(WindowCall* call, const std::function<Status(ExprPtr*)>& fn);

// 42P20 / 42704 for a WINDOW clause that is wrong, also where nobody uses it.
Status CheckNamedWindows(const std::vector<ast::NamedWindow>& windows);

// Puts an Over operator per partitioning and order over `input`, and beneath them a projection of what they read:
//
//   Over(partition a, order d) <- Over(partition a, order b + 1) <- Project(b + 1) <- input
LogicalPtr PlaceWindows(BindContext* context, LogicalPtr input, std::vector<WindowCall> calls);

}  // namespace kappa
