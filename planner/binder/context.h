// What binding a statement needs and collects. One per statement; one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "common/connector.h"
#include "parser/ast/node.h"
#include "planner/logical/logical.h"
#include "planner/settings.h"

namespace kappa {

// Column ids and the results of materialized views, of one program.
struct ProgramContext {
  ColumnId next_column = 1;
  std::map<std::string, LogicalPtr> materialized;                // what each materialized view of this program keeps
  bool needs_parameter_values = false;                           // LIMIT $1: the plan is of one execution
  std::map<std::string, std::vector<std::vector<int>>> indexes;  // of views that are scanned: positions of columns by which rows are found
  Column NewColumn(std::string name, Type type, bool nullable) { return {next_column++, std::move(name), std::move(type), nullable}; }
};

struct AggregateCollector;
struct Scope;
// The columns of the queries around the one that is being bound, innermost first.
struct OuterScope {
  const Scope* scope = nullptr;
  const OuterScope* previous = nullptr;
  AggregateCollector* aggregates = nullptr;  // of that query, where an aggregate over its columns may be called; nullptr: nowhere
};

struct BindContext {
  const Catalog* catalog = nullptr;
  const PlannerSettings* settings = nullptr;
  ProgramContext* program = nullptr;
  std::string query;             // the object whose statement this is; "" for a SELECT
  bool streaming = false;        // a view or sink: no ORDER BY, no NOW()
  ErrorPolicy on_error;          // of its expressions
  ErrorPolicy late;              // LATE INTO
  std::vector<Type> parameters;  // kUnknown until inferred
  bool emit_on_close = false;    // EMIT ON WINDOW CLOSE, written at emit_range
  TextRange emit_range;
  int closing_aggregates = 0;                                    // aggregates that wait for their window
  std::set<std::string> depends_on;                              // objects read
  std::string frozen_time_zone;                                  // of the view that is being bound: the zone it was created under; "": none
  const std::vector<std::string>* frozen_search_path = nullptr;  // likewise; null: the session's
  int64_t generation = INT64_MAX;                                // likewise: columns added after it are not its own
  int inlined = 0;                                               // SQL functions within one another
  std::map<ColumnId, Column> watermark_columns;                  // that CURRENT_WATERMARK asks for, by the time they are the watermark of
  const OuterScope* outer = nullptr;                             // of the query that is being bound: names that it does not know itself
  const OuterScope* lateral = nullptr;                           // in FROM: the same, and before them what stands to the left of the item
  const OuterScope* beside = nullptr;                            // in FROM: what stands to the left and must not be named, for hints
  bool keep_order = false;                                       // of a query in ARRAY(): its ORDER BY decides the array
  std::set<std::string> views_read;                              // materialized views of this program that the statement has named
  int relations = 0;                                             // bound so far: views and CTEs are inlined, which may explode

  const std::vector<std::string>& search_path() const { return frozen_search_path != nullptr ? *frozen_search_path : settings->search_path; }
  // A relation as a statement names it; nullptr: none.
  CatalogObjectPtr Resolve(const ast::QualifiedName& name) const;
  // What may have been meant where there is none: the same name in another schema, or the nearest of `names`.
  Hint Nearby(const ast::QualifiedName& name, const std::vector<std::string>& names) const;
  const std::string& time_zone() const { return frozen_time_zone.empty() ? settings->time_zone : frozen_time_zone; }
  Column NewColumn(std::string name, Type type, bool nullable) { return program->NewColumn(std::move(name), std::move(type), nullable); }
  LogicalPtr Node(OperatorVariant op, std::vector<LogicalPtr> inputs, std::vector<Column> output) const {
    return MakeNode(std::move(op), std::move(inputs), std::move(output), query, on_error);
  }
};

// While it lives, names and texts are bound as those of `object`'s definition: with the schemas, zone and columns of when it was made.
class FrozenContext {
 public:
  FrozenContext(BindContext* context, const CatalogObject& object)
      : context_(context),
        path_(context->frozen_search_path),
        zone_(context->frozen_time_zone),
        generation_(context->generation),
        outer_(std::exchange(context->outer, nullptr)),
        lateral_(std::exchange(context->lateral, nullptr)),
        beside_(std::exchange(context->beside, nullptr)) {
    context->frozen_search_path = &object.search_path;
    context->frozen_time_zone = object.time_zone.empty() ? "UTC" : object.time_zone;
    context->generation = object.generation;
  }
  ~FrozenContext() {
    context_->frozen_search_path = path_;
    context_->frozen_time_zone = zone_;
    context_->generation = generation_;
    context_->outer = outer_;
    context_->lateral = lateral_;
    context_->beside = beside_;
  }
  FrozenContext(const FrozenContext&) = delete;
  FrozenContext& operator=(const FrozenContext&) = delete;

 private:
  BindContext* const context_;
  const std::vector<std::string>* const path_;
  const std::string zone_;
  const int64_t generation_;
  const OuterScope* const outer_;
  const OuterScope* const lateral_;
  const OuterScope* const beside_;
};

// A column of something in FROM, as expressions may name it.
struct ScopeColumn {
  std::string table;  // alias of the table it comes from; "": none
  std::string name;
  Column column;
  ExprPtr computed = nullptr;  // of a column that is not there until it is named (window_time), left out by *: what it is; its type is column.type
  bool merged = false;         // USING shows it once: * leaves it out, and only its table\'s name finds it
};
struct Scope {
  std::vector<ScopeColumn> columns;
};
// A bound table or query: `plan` gives at least the columns of `scope`, whose order and names are what users see.
struct Relation {
  LogicalPtr plan;
  Scope scope;
};

inline Status NotSupported(std::string_view feature, TextRange range = {}) {
  return SqlError(sqlstate::kFeatureNotSupported, range) << std::string(feature) << " is not supported yet";
}

}  // namespace kappa
