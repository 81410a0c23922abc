// CREATE SINK ... INTO table.
#include <algorithm>

#include "planner/binder/ddl.h"
#include "planner/binder/expressions.h"
#include "planner/binder/types.h"
#include "planner/planner.h"

namespace kappa {
namespace {

// Does an object come, by whatever way, from `name`?
bool ComesFrom(const Catalog& catalog, const std::set<std::string>& objects, const std::string& name) {
  return std::any_of(objects.begin(), objects.end(), [&](const std::string& object) {
    if (object == name) return true;
    const CatalogObjectPtr found = catalog.Find(object);
    return found != nullptr && ComesFrom(catalog, {found->depends_on.begin(), found->depends_on.end()}, name);
  });
}

}  // namespace

Status ProgramPlanner::AddTableSink(const ast::CreateSink& create, const Place& place, std::string_view text) {
  BindContext context = MakeContext(place.key, true);
  RETURN_IF_ERROR(ApplyEmit(create.emit, &context));
  const CatalogObjectPtr object = context.Resolve(create.into);
  if (object == nullptr) {
    return SqlError(sqlstate::kUndefinedTable, create.into.range)
           << "relation \"" << ast::ToString(create.into) << "\" does not exist" << context.Nearby(create.into, catalog_->Names());
  }
  const auto* table = object->As<TableObject>();
  if (table == nullptr || !table->takes_dml) {
    return SqlError(sqlstate::kWrongObjectType, create.into.range) << "\"" << object->shown_name() << "\" is not a table that takes rows";
  }
  if (!create.options.empty() || create.format)
    return SqlError(sqlstate::kInvalidTableDefinition, create.into.range) << "a sink into a table has no connector";
  QueryBinder queries(&context);
  Relation relation;
  if (create.query != nullptr) {
    ASSIGN_OR_RETURN(relation, queries.Bind(*create.query, true));
  } else if (!create.from.empty()) {
    ASSIGN_OR_RETURN(relation, queries.BindTable(create.from, std::nullopt));
  } else {
    return SqlError(sqlstate::kInvalidTableDefinition, create.name.range)
           << "sink \"" << place.label << "\" has no query" << Hint("write FROM view, or AS SELECT ...");
  }
  RETURN_IF_ERROR(CheckEmit(context));
  if (ComesFrom(*catalog_, context.depends_on, object->name)) {
    return SqlError(sqlstate::kInvalidTableDefinition, create.into.range)
           << "the sink would write to table \"" << object->shown_name() << "\" what it reads from it";
  }
  if (!relation.plan->op.append_only && table->source.key.empty()) {
    return SqlError(sqlstate::kFeatureNotSupported, create.into.range)
           << "rows that are updated or taken back go to a table with a PRIMARY KEY only" << Hint("table \"" + object->shown_name() + "\" has none");
  }
  // By position; generated columns are passed over, what is left is filled by defaults.
  const std::vector<CatalogColumn>& columns = table->source.columns;
  std::vector<Column> output;
  ProjectOp given, generated;
  std::vector<Column> passed;
  size_t next = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    output.push_back(context.NewColumn(columns[i].name, columns[i].type, true));
    if (table->generated[i]) continue;
    ExprPtr expr;
    if (next < relation.scope.columns.size()) {
      const ScopeColumn& from = relation.scope.columns[next++];
      StatusOr<ExprPtr> coerced = Coerce(&context, MakeColumn(from.column), columns[i].type, Coercion::kAssignment);
      if (!coerced.ok()) {
        return SqlError(sqlstate::kDatatypeMismatch, create.name.range)
               << "column \"" << columns[i].name << "\" is of type " << columns[i].type.ToString() << " but column \"" << from.name
               << "\" of the query is of type " << from.column.type.ToString();
      }
      expr = *std::move(coerced);
    } else {
      ASSIGN_OR_RETURN(expr, BindDefault(&context, *object, i));
      if (expr == nullptr) expr = MakeConstant(Datum(), columns[i].type);
    }
    given.columns.emplace_back(output.back(), std::move(expr));
    passed.push_back(output.back());
  }
  if (next < relation.scope.columns.size())
    return SqlError(sqlstate::kSyntaxError, create.name.range)
           << "the query has " << relation.scope.columns.size() << " columns, table \"" << object->shown_name() << "\" takes " << next;
  LogicalPtr plan = context.Node(std::move(given), {relation.plan}, passed);
  Scope row;
  for (size_t i = 0; i < columns.size(); ++i) row.columns.push_back({"", columns[i].name, output[i]});
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!table->generated[i]) continue;
    ASSIGN_OR_RETURN(ExprPtr expr, BindGenerated(&context, *object, i, row));
    generated.columns.emplace_back(output[i], std::move(expr));
  }
  if (!generated.columns.empty()) plan = context.Node(std::move(generated), {plan}, output);
  SinkOp op;
  op.name = place.key;
  op.connector = kTableConnector;
  op.options = {{"table", object->name}};
  op.key = table->source.key;
  const LogicalPtr root = context.Node(std::move(op), {plan}, output);
  SinkObject sink;
  sink.connector = kTableConnector;
  sink.columns = columns;
  context.depends_on.insert(object->name);
  RETURN_IF_ERROR(catalog_->EnsureDeadLetters(context.late.table));
  RETURN_IF_ERROR(Register(place, create, text, &context, std::move(sink)));
  plan_.roots.push_back(root);
  return OkStatus();
}

}  // namespace kappa
