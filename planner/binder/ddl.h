// Binds CREATE, INSERT and DROP: definitions to catalog objects, queries to plans that end in a sink or a view.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/ast/definition_statements.h"
#include "planner/binder/context.h"
#include "planner/binder/query.h"

namespace kappa {

class DdlBinder {
 public:
  DdlBinder(BindContext* context, const ConnectorRegistry* connectors) : context_(context), connectors_(connectors) {}

  // The name an object is made under: 0A000 for schemas other than public.
  static StatusOr<std::string> ObjectName(const ast::QualifiedName& name);

  StatusOr<SourceObject> BindSource(const ast::CreateRelation& create);
  // CREATE TABLE. `key`: of the catalog, which names its topic. Its columns are those of its query where it has one (planner/binder/ddl_table.cc).
  StatusOr<TableObject> BindTable(const ast::CreateRelation& create, const std::string& key);
  StatusOr<SinkObject> BindSink(const ast::CreateSink& create);
  // Its `type` and options must be a connector's.
  Status CheckConnection(const ast::CreateConnection& create);
  StatusOr<FunctionObject> BindFunction(const ast::CreateFunction& create);

  // The columns a view shows: the query's, renamed by the list after the view's name. 42701 when two are alike.
  StatusOr<std::vector<CatalogColumn>> ViewColumns(const std::vector<ast::Identifier>& names, const Relation& relation, TextRange range);
  // The root that keeps `relation` as the view; `object` gets its key.
  LogicalPtr Materialize(const std::string& name, const Relation& relation, MaterializedViewObject* object);
  // The root that writes `relation` to the sink. 0A000 when it retracts and the sink's format cannot say so.
  StatusOr<LogicalPtr> WriteSink(const std::string& name, const SinkObject& sink, const Relation& relation, TextRange range);
  // INSERT INTO a declared sink, or a source of the log connector.
  StatusOr<LogicalPtr> BindInsert(const ast::Insert& insert);

 private:
  Status TableKey(const ast::CreateRelation& create, TableObject* table);
  StatusOr<SourceObject> BindStream(const ast::CreateRelation& create);
  StatusOr<std::vector<CatalogColumn>> SourceColumns(const ast::CreateRelation& create, const std::string& connector, const std::string& encoding);
  // PRIMARY KEY, and what the connector has to know of CSV (planner/binder/source_format.cc).
  Status SourceFormat(const ast::CreateRelation& create, const ConnectorDescriptor& connector, SourceObject* source);
  Status BindComputed(const ast::CreateRelation& create, std::vector<CatalogColumn>* columns);
  StatusOr<CatalogWatermark> BindWatermark(const ast::Watermark& watermark, const std::vector<CatalogColumn>& columns);
  Status CheckWatermark(const ast::Watermark& watermark, const std::vector<CatalogColumn>& columns, const Type& type);
  // Takes the options the planner understands out of `options` (they are removed unless the connector lists them too).
  Status TakeSourceOptions(const std::vector<ast::Option>& written, const ConnectorDescriptor& connector, SourceObject* source);
  StatusOr<const ConnectorDescriptor*> FindConnector(const std::vector<ast::Option>& options, TextRange range, bool sink);
  Status CheckOptions(const std::vector<ast::Option>& written, const std::vector<ConnectorOption>& known, const std::vector<std::string>& own,
                      const std::string& connector, TextRange range, Options* options);
  // The options as they count: those of `connection = c` beneath those written beside it, secrets as references to them.
  StatusOr<std::vector<ast::Option>> ExpandOptions(const std::vector<ast::Option>& written);
  StatusOr<std::string> EncodingOf(const std::optional<ast::FormatClause>& format, bool sink, Options* format_options);

  BindContext* context_;
  const ConnectorRegistry* connectors_;
};

// What a sink into a table has for a connector; its option "table" is the table's key.
inline constexpr char kTableConnector[] = "table";
// The topic that holds the changelog of a table.
std::string TableTopic(const std::string& prefix, const std::string& key);
// How a table's changelog is read: the columns as its records hold them, some as text.
SourceObject StoredForm(const TableObject& table);
// As which type the changelog holds a value: text where JSON's own form would not give it back as it was.
Type StoredType(const Type& type);
// DEFAULT and GENERATED expressions of a table's columns, coerced to their types; nullptr: none. `row`: the table's columns, for the generated ones.
StatusOr<ExprPtr> BindDefault(BindContext* context, const CatalogObject& table, size_t column);
StatusOr<ExprPtr> BindGenerated(BindContext* context, const CatalogObject& table, size_t column, const Scope& row);

// Columns (positions in the scope) that no two rows share, when the plan can tell; empty otherwise.
std::vector<int> UniqueKey(const Relation& relation);

}  // namespace kappa
