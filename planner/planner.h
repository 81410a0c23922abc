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
#include "parser/ast/definition_statements.h"
#include "planner/binder/context.h"
#include "planner/dataflow/dataflow.h"
#include "planner/dml.h"
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

  // CREATE of every kind, ALTER, COMMENT, INSERT, EXECUTE STATEMENT SET, DROP. `text` is what the statement's ranges point into.
  Status Add(const ast::Statement& statement, std::string_view text);
  // The dataflow of all streaming statements added; nullopt when there are none.
  StatusOr<std::optional<Dataflow>> Finish();

  // A one-shot SELECT. Sources end where their log does now, or where FOR LOG says; materialized views are read at the epoch the reader pinned.
  // `parameters`: declared types of $1, $2..., kUnknown or missing where they are to be inferred (the result's dataflow.parameters).
  StatusOr<SelectPlan> PlanSelect(const ast::Statement& statement, const std::vector<Type>& parameters = {});

  // INSERT, UPDATE, DELETE or TRUNCATE of a table: 42809 for what is none, 0A000 for tables that take no DML.
  StatusOr<DmlPlan> PlanDml(const ast::Statement& statement, const std::vector<Type>& parameters = {});
  // What it has planned holds for one execution: LIMIT and OFFSET with parameters are those of PlannerSettings::parameter_values.
  bool needs_parameter_values() const { return program_.needs_parameter_values; }
  // The table that a statement changes; nullptr: it is about no table.
  CatalogObjectPtr ChangedTable(const ast::Statement& statement) const;

  // A SELECT, INSERT, CREATE MATERIALIZED VIEW or CREATE SINK (not EXPLAIN itself), without doing anything.
  StatusOr<ExplainedPlan> Explain(const ast::Statement& statement, std::string_view text) const;

  // Keys of what has been dropped, or replaced by another of its key, so far, dependents first: the engine stops their parts of programs.
  const std::vector<std::string>& dropped() const { return dropped_; }

  // Executes the DDL of a serialised catalog again. Programs are not planned anew by it: they run from their persisted dataflows.
  static Status Restore(std::string_view serialized, Catalog* catalog, const ConnectorRegistry* connectors);
  // One object of it; answers the dataflow it would run, were it new.
  static StatusOr<std::optional<Dataflow>> RestoreObject(const Catalog::SavedObject& saved, Catalog* catalog, const ConnectorRegistry* connectors,
                                                         PlannerSettings settings = {});

 private:
  BindContext MakeContext(const std::string& query, bool streaming);
  Status ApplyEmit(const ast::EmitClause& emit, BindContext* context);
  Status CheckEmit(const BindContext& context) const;
  // Where a new object goes: its schema, label and key; and what is there already.
  struct Place {
    std::string schema, label, key;
    CatalogObjectPtr present;
  };
  StatusOr<Place> PlaceOf(Catalog::Family family, const ast::QualifiedName& name) const;
  // True: there is nothing to do (IF NOT EXISTS). 42P07 when it is there and may not be replaced.
  StatusOr<bool> Exists(const Place& place, bool if_not_exists, bool or_replace, TextRange range) const;
  // The object as it will be in the catalog, but for its `object`.
  StatusOr<CatalogObject> NewEntry(const Place& place, std::string ddl, const BindContext& context) const;
  Status Register(const Place& place, const ast::Statement& statement, std::string_view text, BindContext* context,
                  decltype(CatalogObject::object) object);
  void Freeze(const CatalogObject& object);  // binds from here on as when it was made
  Status AddStatement(const ast::Statement& statement, std::string_view text);
  Status AddSource(const ast::CreateRelation& create, std::string_view text);
  // tables.cc
  Status AddTable(const ast::CreateRelation& create, std::string_view text);
  Status AddTableSink(const ast::CreateSink& create, const Place& place, std::string_view text);  // table_sink.cc
  StatusOr<LogicalPlan> BindDml(const ast::Statement& statement, const std::vector<Type>& parameters, DmlPlan* dml);
  Status AddIndex(const ast::CreateIndex& create, std::string_view text);
  Status AddView(const ast::CreateView& create, std::string_view text);
  Status AddSink(const ast::CreateSink& create, std::string_view text);
  // objects.cc
  Status AddSchema(const ast::CreateSchema& create);
  Status AddSecret(const ast::CreateSecret& create);
  Status AddConnection(const ast::CreateConnection& create, std::string_view text);
  Status AddFunction(const ast::CreateFunction& create, std::string_view text);
  Status Comment(const ast::Comment& comment);
  StatusOr<CatalogObjectPtr> Existing(ast::ObjectKind kind, const ast::QualifiedName& name) const;
  Status DropOne(const ast::Drop& drop, const ast::QualifiedName& name);
  void Forget(const std::vector<std::string>& keys);
  // CREATE OR REPLACE of what runs: the old one goes. 42809 when it is of another kind, 2BP01 when something reads it.
  Status ReplaceRunning(const CatalogObject& object, std::string_view kind, TextRange range);
  // alter.cc
  Status Alter(const ast::Alter& alter);
  Status RenameObject(const CatalogObject& object, const std::string& schema, const std::string& label, TextRange range);
  Status AlterDefinition(const CatalogObject& object, const ast::Alter& alter);
  Status ApplyStep(const CatalogObject& object, const ast::AlterStep& step, ast::Statement* definition, bool* cascade);
  // Puts another definition in the place of an object's; what depends on it must stay as it is (2BP01), or is dropped with `cascade`.
  Status Redefine(const CatalogObject& object, const ast::Statement& definition, bool cascade, std::string_view change, TextRange range);
  StatusOr<std::string> Signature(const Catalog& catalog, const CatalogObject& object, CatalogObjectPtr* bound = nullptr) const;
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
  const Catalog::SavedObject* restoring_ = nullptr;  // the object that is being made again
};

}  // namespace kappa
