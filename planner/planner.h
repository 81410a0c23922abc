// The planner as the engine uses it: statements in, one dataflow per program out.
//
//   ProgramPlanner planner(&catalog, &connectors, settings);
//   for (statement : Parse(text)) planner.Add(*statement, text);       // CREATE ..., INSERT ..., DROP ...
//   planner.Finish()                                                    // the ONE dataflow of all that streams; nothing when nothing does
//
// Errors carry SQLSTATE, the range in `text`, and a hint. A statement that fails leaves the catalog as it was; when a later one of the program fails,
// the engine throws the program away: plan on a copy of the catalog (it is cheap: objects are shared). One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "common/connector.h"
#include "parser/ast/statement.h"
#include "planner/binder/context.h"
#include "planner/dataflow/dataflow.h"
#include "planner/rules/rule.h"
#include "planner/settings.h"

namespace kappa {

// A bounded dataflow that ends in a Result operator; its rows have `columns`, in order.
struct SelectPlan {
  Dataflow dataflow;
  std::vector<Column> columns;  // ids are those of the Result's output
};

// The stages of a statement's plan, for EXPLAIN.
struct ExplainedPlan {
  std::string bound;      // the logical plan before the optimizer
  std::string optimized;  // after it: what EXPLAIN (LOGICAL) prints
  std::string rules;      // a line per pass: time, and whether it changed the plan
  Dataflow dataflow;
};

class ProgramPlanner {
 public:
  // All must outlive the planner. `clock`: for the timings of rules; null: none are taken.
  ProgramPlanner(Catalog* catalog, const ConnectorRegistry* connectors, PlannerSettings settings, os::Clock* clock = nullptr);

  // CREATE SOURCE / VIEW / MATERIALIZED VIEW / SINK, INSERT, EXECUTE STATEMENT SET, DROP. `text` is what the statement's ranges point into.
  Status Add(const ast::Statement& statement, std::string_view text);
  // The dataflow of all streaming statements added; nullopt when there are none.
  StatusOr<std::optional<Dataflow>> Finish();

  // A one-shot SELECT. Sources end where their log does now, or where FOR LOG says; materialized views are read at the epoch the reader pinned.
  // `parameters`: declared types of $1, $2..., kUnknown or missing where they are to be inferred (the result's dataflow.parameters).
  StatusOr<SelectPlan> PlanSelect(const ast::Statement& statement, const std::vector<Type>& parameters = {});

  // A SELECT, INSERT, CREATE MATERIALIZED VIEW or CREATE SINK (not EXPLAIN itself), without doing anything.
  StatusOr<ExplainedPlan> Explain(const ast::Statement& statement, std::string_view text) const;

  // What DROP has dropped so far, dependents first: the engine stops their parts of programs.
  const std::vector<std::string>& dropped() const { return dropped_; }

  // Executes the DDL of a serialised catalog again. Programs are not planned anew by it: they run from their persisted dataflows.
  static Status Restore(std::string_view serialized, Catalog* catalog, const ConnectorRegistry* connectors);

 private:
  BindContext MakeContext(const std::string& query, bool streaming);
  Status ApplyEmit(const ast::EmitClause& emit, BindContext* context);
  Status CheckEmit(const BindContext& context) const;
  StatusOr<bool> Exists(const std::string& name, bool if_not_exists, TextRange range) const;
  Status Register(const std::string& name, const ast::Statement& statement, std::string_view text, BindContext* context,
                  decltype(CatalogObject::object) object);
  Status AddStatement(const ast::Statement& statement, std::string_view text);
  Status AddSource(const ast::CreateRelation& create, std::string_view text);
  Status AddView(const ast::CreateView& create, std::string_view text);
  Status AddSink(const ast::CreateSink& create, std::string_view text);
  Status AddInsert(const ast::Insert& insert);
  Status Drop(const ast::Drop& drop);
  StatusOr<LogicalPlan> BindSelect(const ast::Statement& statement, const std::vector<Type>& parameters);
  void UniteSinks(LogicalPlan* plan);

  Catalog* catalog_;
  const ConnectorRegistry* connectors_;
  PlannerSettings settings_;
  os::Clock* clock_;
  ProgramContext program_;
  LogicalPlan plan_;
  std::vector<std::string> dropped_;
};

}  // namespace kappa
