// What is known of a SELECT while it is bound: its clauses one after the other add to it (select.cc, grouping.cc).
#pragma once

#include <string>
#include <vector>

#include "planner/binder/over.h"
#include "planner/binder/query.h"
#include "planner/binder/subquery.h"

namespace kappa {

struct QueryBinder::SelectState {
  Relation from;
  LogicalPtr plan;
  LogicalPtr input;  // of the aggregate
  struct Item {
    const ast::Expression* expression = nullptr;  // nullptr: from a star, `bound` already
    ExprPtr bound;
    std::string name;
    std::string alias;  // "" when none was written
  };
  std::vector<Item> items;
  struct Key {
    ExprPtr expr;
    Column column;
  };
  std::vector<Key> keys;
  GroupingSets sets;  // of keys; one: plain GROUP BY
  bool grouped = false;
  AggregateCollector aggregates;
  SubqueryCollector subqueries;
  WindowCollector windows;
  ExprPtr having;
  const ast::Call* spread = nullptr;  // the item that answers rows: its column is in `plan`
  struct Order {
    ExprPtr expr;
    int item = -1;  // position of an item; -1: an expression of its own
    bool descending = false, nulls_first = false;
    TextRange range;
  };
  std::vector<Order> order;
  std::vector<Order> distinct_on;  // directions mean nothing
};

}  // namespace kappa
