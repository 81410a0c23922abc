// CREATE TABLE, CREATE INDEX, and the statements that change rows.
#include <algorithm>

#include "parser/ast/data_statements.h"
#include "parser/ast/statement_names.h"
#include "planner/binder/ddl.h"
#include "planner/binder/dml.h"
#include "planner/planner.h"

namespace kappa {

// A table is its changelog, and a materialized view of it under the same key.
Status ProgramPlanner::AddTable(const ast::CreateRelation& create, std::string_view text) {
  ASSIGN_OR_RETURN(const Place place, PlaceOf(Catalog::Family::kRelation, create.name));
  ASSIGN_OR_RETURN(const bool exists, Exists(place, create.if_not_exists, create.or_replace, create.name.range));
  if (exists) return OkStatus();
  if (place.present != nullptr) return NotSupported("CREATE OR REPLACE TABLE over what is there", create.name.range);
  if (create.query != nullptr) return NotSupported("CREATE TABLE AS in a program", create.query->range);
  BindContext context = MakeContext(place.key, true);
  DdlBinder ddl(&context, connectors_);
  ASSIGN_OR_RETURN(CatalogObject entry,
                   NewEntry(place, std::string(text.substr(create.range.begin, create.range.end - create.range.begin)), context));
  ASSIGN_OR_RETURN(TableObject table, ddl.BindTable(create, place.key));
  if (table.source.on_error.action == CatalogErrorPolicy::Action::kDeadLetter)
    RETURN_IF_ERROR(catalog_->EnsureDeadLetters(table.source.on_error.table));
  entry.object = std::move(table);
  ASSIGN_OR_RETURN(const Relation relation, QueryBinder(&context).BindChangelog(entry));
  MaterializedViewObject kept;
  kept.columns = entry.As<TableObject>()->source.columns;
  const LogicalPtr root = ddl.Materialize(place.key, relation, &kept);
  RETURN_IF_ERROR(catalog_->Add(std::move(entry)));
  plan_.roots.push_back(root);
  return OkStatus();
}

Status ProgramPlanner::AddIndex(const ast::CreateIndex& create, std::string_view text) {
  if (create.where != nullptr) return NotSupported("a partial index", create.where->range);
  if (create.unique) return NotSupported("CREATE UNIQUE INDEX", create.range);
  BindContext context = MakeContext("", true);
  const CatalogObjectPtr table = context.Resolve(create.table);
  if (table == nullptr) {
    return SqlError(sqlstate::kUndefinedTable, create.table.range)
           << "relation \"" << ast::ToString(create.table) << "\" does not exist" << context.Nearby(create.table, catalog_->Names());
  }
  if (table->As<TableObject>() == nullptr && table->As<MaterializedViewObject>() == nullptr) {
    return SqlError(sqlstate::kWrongObjectType, create.table.range) << "cannot create index on " << table->KindName() << " \"" << table->shown_name()
                                                                    << "\"" << Hint("tables and materialized views can have indexes");
  }
  std::vector<std::string> names;
  for (const CatalogColumn& column : *table->columns()) names.push_back(column.name);
  const auto position = [&](const ast::Identifier& name) -> StatusOr<int> {
    const auto found = std::find(names.begin(), names.end(), name.name);
    if (found == names.end())
      return SqlError(sqlstate::kUndefinedColumn, name.range) << "column \"" << name.name << "\" does not exist" << DidYouMean(name.name, names);
    return static_cast<int>(found - names.begin());
  };
  IndexObject index;
  index.table = table->name;
  std::string label = table->shown_name();
  for (const ast::OrderItem& item : create.columns) {
    const auto* name = ast::As<ast::ColumnName>(*item.expression);
    if (name == nullptr || name->name.parts.size() != 1) return NotSupported("an index on an expression", item.range);
    ASSIGN_OR_RETURN(const int column, position(name->name.parts[0]));
    if ((*table->columns())[static_cast<size_t>(column)].type.id() == TypeId::kJson)
      return SqlError(SqlState{"42704"}, item.range) << "data type json has no default operator class for access method \"btree\"";
    index.columns.push_back(column);
    label += "_" + name->name.last().name;
  }
  for (const ast::Identifier& included : create.include) RETURN_IF_ERROR(position(included).status());  // an index leads to whole rows
  ast::QualifiedName name;
  name.range = create.name.name.empty() ? create.table.range : create.name.range;
  name.parts.push_back({table->schema, true, name.range});
  name.parts.push_back(create.name.name.empty() ? ast::Identifier{label + "_idx", true, name.range} : create.name);
  ASSIGN_OR_RETURN(Place place, PlaceOf(Catalog::Family::kIndex, name));
  if (place.present != nullptr && create.if_not_exists) return OkStatus();
  for (int number = 1; place.present != nullptr && create.name.name.empty(); ++number) {
    name.parts.back().name = label + "_idx" + std::to_string(number);
    ASSIGN_OR_RETURN(place, PlaceOf(Catalog::Family::kIndex, name));
  }
  if (place.present != nullptr) return SqlError(sqlstate::kDuplicateTable, name.range) << "relation \"" << place.label << "\" already exists";
  context.depends_on.insert(table->name);
  return Register(place, create, text, &context, std::move(index));
}

CatalogObjectPtr ProgramPlanner::ChangedTable(const ast::Statement& statement) const {
  const ast::QualifiedName* name = nullptr;
  if (const auto* insert = ast::As<ast::Insert>(statement)) name = &insert->table;
  if (const auto* update = ast::As<ast::Update>(statement)) name = &update->table;
  if (const auto* remove = ast::As<ast::Delete>(statement)) name = &remove->table;
  if (name == nullptr || name->parts.size() > 2) return nullptr;
  const std::string schema = name->parts.size() == 2 ? name->parts[0].name : "";
  const CatalogObjectPtr object = catalog_->Resolve(Catalog::Family::kRelation, schema, name->last().name, settings_.search_path);
  return object == nullptr || object->As<TableObject>() == nullptr ? nullptr : object;
}

StatusOr<LogicalPlan> ProgramPlanner::BindDml(const ast::Statement& statement, const std::vector<Type>& parameters, DmlPlan* dml) {
  BindContext context = MakeContext("", false);
  context.parameters = parameters;
  DmlBinder binder(&context);
  LogicalPlan plan;
  LogicalPtr root;
  if (const auto* insert = ast::As<ast::Insert>(statement)) {
    ASSIGN_OR_RETURN(root, binder.BindInsert(*insert, dml));
  } else if (const auto* update = ast::As<ast::Update>(statement)) {
    ASSIGN_OR_RETURN(root, binder.BindUpdate(*update, dml));
  } else if (const auto* remove = ast::As<ast::Delete>(statement)) {
    ASSIGN_OR_RETURN(root, binder.BindDelete(*remove, dml));
  } else {
    return NotSupported(ast::StatementName(statement), statement.range);
  }
  for (size_t i = 0; i < context.parameters.size(); ++i) {
    if (context.parameters[i].id() == TypeId::kUnknown)
      return SqlError(sqlstate::kIndeterminateDatatype, statement.range) << "could not determine data type of parameter $" << i + 1;
  }
  plan.roots = {root};
  plan.parameters = context.parameters;
  return plan;
}

StatusOr<DmlPlan> ProgramPlanner::PlanDml(const ast::Statement& statement, const std::vector<Type>& parameters) {
  DmlPlan dml;
  ASSIGN_OR_RETURN(LogicalPlan plan, BindDml(statement, parameters, &dml));
  RETURN_IF_ERROR(Optimize(&plan, &program_, settings_.disabled_rules, nullptr, nullptr));
  dml.rows = Lower(plan);
  RETURN_IF_ERROR(Verify(dml.rows));
  return dml;
}

}  // namespace kappa
