// INSERT, UPDATE and DELETE of a table, planned: a dataflow that answers rows, and what is to be done with each by native calls.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "planner/dataflow/dataflow.h"

namespace kappa {

struct DmlPlan {
  enum class Kind { kInsert, kUpdate, kDelete } kind = Kind::kInsert;
  std::string tag;  // INSERT, UPDATE, DELETE, TRUNCATE TABLE
  CatalogObjectPtr table;
  // Ends in a Result. kInsert: the new row; kDelete: the row as it is; kUpdate: the row as it is, then as it is to be. Each of all the table's
  // columns, generated ones as yet NULL. Then the columns of `extra`.
  Dataflow rows;
  std::vector<Column> row;                            // as expressions below name the row: kDelete as it was, else as it will be
  std::vector<Column> extra;                          // of FROM and USING, for RETURNING
  std::vector<std::pair<size_t, ExprPtr>> generated;  // columns computed from the others, over `row`

  // ON CONFLICT of the statement.
  struct OnConflict {
    std::vector<int> key;                         // empty: any
    bool update = false;                          // else nothing is done
    std::vector<std::pair<size_t, ExprPtr>> set;  // over existing and excluded
    ExprPtr where;                                // nullptr: always
    std::vector<Column> existing, excluded;
  };
  std::optional<OnConflict> on_conflict;
  std::vector<ExprPtr> returning;  // over row and extra
  std::vector<Column> returned;    // names and types
  bool returns = false;
  bool joined = false;    // with FROM or USING: a row may be met more than once, and is changed once
  TextRange table_range;  // in the statement, for errors about rows
};

}  // namespace kappa
