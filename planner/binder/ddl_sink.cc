// Where queries end: CREATE SINK, CREATE [MATERIALIZED] VIEW, INSERT.
#include <algorithm>

#include "planner/binder/ddl.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

// Shows an op column, or folds weights into its checksum: takes retractions in any format.
bool ShowsRetractions(std::string_view connector) { return connector == "print" || connector == "stdout" || connector == "blackhole"; }

std::vector<Column> RootOutput(const Relation& relation) {
  std::vector<Column> output;
  for (const ScopeColumn& column : relation.scope.columns) {
    output.push_back({column.column.id, column.name, column.column.type, column.column.nullable});
  }
  return output;
}

Status CheckDistinctNames(const Relation& relation, TextRange range) {
  const auto& columns = relation.scope.columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (columns[i].name == columns[j].name) {
        return SqlError(sqlstate::kDuplicateColumn, range)
               << "column \"" << columns[i].name << "\" specified more than once" << Hint("name it with AS");
      }
    }
  }
  if (columns.empty()) return SqlError(sqlstate::kInvalidTableDefinition, range) << "the query has no columns";
  return OkStatus();
}

}  // namespace

std::vector<int> UniqueKey(const Relation& relation) {
  std::vector<int> key;
  for (ColumnId id : UniqueColumns(*relation.plan)) {
    const auto& columns = relation.scope.columns;
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ScopeColumn& column) { return column.column.id == id; });
    if (found == columns.end()) return {};
    key.push_back(static_cast<int>(found - columns.begin()));
  }
  return key;
}

StatusOr<std::vector<CatalogColumn>> DdlBinder::ViewColumns(const std::vector<ast::Identifier>& names, const Relation& relation, TextRange range) {
  if (names.size() > relation.scope.columns.size()) {
    return SqlError(sqlstate::kSyntaxError, range) << "the view names " << names.size() << " columns, its query has "
                                                   << relation.scope.columns.size();
  }
  Relation renamed;
  for (size_t i = 0; i < relation.scope.columns.size(); ++i) {
    renamed.scope.columns.push_back(relation.scope.columns[i]);
    if (i < names.size()) renamed.scope.columns[i].name = names[i].name;
  }
  RETURN_IF_ERROR(CheckDistinctNames(renamed, range));
  std::vector<CatalogColumn> columns;
  for (const ScopeColumn& column : renamed.scope.columns) {
    CatalogColumn out;
    out.name = column.name;
    out.type = column.column.type;
    out.not_null = !column.column.nullable;
    columns.push_back(std::move(out));
  }
  return columns;
}

LogicalPtr DdlBinder::Materialize(const std::string& name, const Relation& relation, MaterializedViewObject* object) {
  object->key = UniqueKey(relation);
  object->append_only = relation.plan->op.append_only;
  std::vector<Column> output = RootOutput(relation);
  for (size_t i = 0; i < output.size(); ++i) output[i].name = object->columns[i].name;
  return context_->Node(MaterializeOp{name, object->key}, {relation.plan}, std::move(output));
}

StatusOr<SinkObject> DdlBinder::BindSink(const ast::CreateSink& create) {
  if (!create.into.empty()) return NotSupported("CREATE SINK ... INTO a table", create.into.range);
  SinkObject sink;
  ASSIGN_OR_RETURN(const std::vector<ast::Option> options, ExpandOptions(create.options));
  ASSIGN_OR_RETURN(const ConnectorDescriptor* connector, FindConnector(options, create.name.range, true));
  sink.connector = connector->name;
  RETURN_IF_ERROR(CheckOptions(options, connector->sink_options, {"primary_key"}, connector->name, create.name.range, &sink.options));
  for (const ast::Option& option : options) {
    if (option.name != "primary_key") continue;
    size_t at = 0;
    while (at <= option.value.size()) {
      const size_t end = std::min(option.value.find(',', at), option.value.size());
      std::string name = option.value.substr(at, end - at);
      name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
      name.erase(name.find_last_not_of(' ') + 1);
      if (name.empty()) return SqlError(sqlstate::kInvalidParameterValue, option.value_range) << "primary_key is a list of columns, such as 'a,b'";
      sink.key.push_back(name);
      at = end + 1;
    }
  }
  if (create.format) {
    const std::string& format = create.format->format.name;
    if (!format.empty() && format != "plain" && format != "upsert" && format != "debezium") {
      return SqlError(sqlstate::kInvalidParameterValue, create.format->format.range)
             << "unknown format \"" << format << "\"" << DidYouMean(format, {"plain", "upsert", "debezium"});
    }
    if (format == "upsert" || format == "debezium") sink.envelope = format;
    if (const ast::Identifier& key = create.format->key_encode; !key.name.empty()) {
      if (key.name == "json" || key.name == "csv")
        sink.key_encoding = key.name;
      else if (key.name == "bytes" || key.name == "text" || key.name == "raw")
        sink.key_encoding = "bytes";
      else
        return NotSupported("KEY ENCODE " + key.name, key.range);
    }
  }
  ASSIGN_OR_RETURN(sink.encoding, EncodingOf(create.format, true, &sink.format_options));
  if (sink.envelope == "debezium" && sink.encoding != "json")
    return NotSupported("a sink of FORMAT DEBEZIUM ENCODE " + sink.encoding, create.format->encode.range);
  sink.declared = !create.columns.empty();
  for (const ast::Column& declared : create.columns) {
    if (!declared.type || declared.computed || declared.metadata)
      return SqlError(sqlstate::kInvalidTableDefinition, declared.range) << "a column of a sink is a name and a type";
    CatalogColumn column;
    column.name = declared.name.name;
    ASSIGN_OR_RETURN(column.type, ResolveTypeName(*declared.type));
    column.not_null = declared.not_null;
    for (const CatalogColumn& other : sink.columns) {
      if (other.name == column.name)
        return SqlError(sqlstate::kDuplicateColumn, declared.name.range) << "column \"" << column.name << "\" specified more than once";
    }
    sink.columns.push_back(std::move(column));
    if (declared.primary_key) sink.key.push_back(declared.name.name);
  }
  return sink;
}

StatusOr<LogicalPtr> DdlBinder::WriteSink(const std::string& name, const SinkObject& sink, const Relation& relation, TextRange range) {
  RETURN_IF_ERROR(CheckDistinctNames(relation, range));
  SinkOp op;
  op.name = name;
  op.connector = sink.connector;
  op.options = sink.options;
  op.encoding = sink.encoding == "bytes" ? Encoding::kBytes : sink.encoding == "csv" ? Encoding::kCsv : Encoding::kJson;
  op.envelope = sink.envelope == "upsert" ? Envelope::kUpsert : sink.envelope == "debezium" ? Envelope::kDebezium : Envelope::kPlain;
  op.format_options = sink.format_options;
  op.key_encoding = sink.key_encoding == "bytes" ? Encoding::kBytes : sink.key_encoding == "csv" ? Encoding::kCsv : Encoding::kJson;
  if (const ConnectorDescriptor* connector = connectors_->Find(sink.connector)) op.folds_checksum = connector->sink_folds_checksum;
  const auto& columns = relation.scope.columns;
  for (const std::string& key : sink.key) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ScopeColumn& column) { return column.name == key; });
    if (found == columns.end()) {
      std::vector<std::string> names;
      for (const ScopeColumn& column : columns) names.push_back(column.name);
      return SqlError(sqlstate::kUndefinedColumn, range) << "column \"" << key << "\" of primary_key does not exist" << DidYouMean(key, names);
    }
    op.key.push_back(static_cast<int>(found - columns.begin()));
  }
  if (op.key.empty()) op.key = op.envelope != Envelope::kPlain || ShowsRetractions(sink.connector) ? UniqueKey(relation) : std::vector<int>();
  if (op.envelope == Envelope::kUpsert && op.key.empty()) {
    return SqlError(sqlstate::kInvalidTableDefinition, range) << "FORMAT UPSERT needs a key" << Hint("add primary_key = '...' to WITH (...)");
  }
  if (!relation.plan->op.append_only && op.envelope == Envelope::kPlain && !ShowsRetractions(sink.connector)) {
    return SqlError(sqlstate::kFeatureNotSupported, range)
           << "sink \"" << name << "\" is FORMAT PLAIN, which cannot say that a row was updated or taken back"
           << Hint("use FORMAT UPSERT (a NULL value deletes) or FORMAT DEBEZIUM, or EMIT ON WINDOW CLOSE");
  }
  if (op.key_encoding == Encoding::kBytes && op.key.size() > 1) {
    return SqlError(sqlstate::kInvalidTableDefinition, range)
           << "KEY ENCODE BYTES writes one column, and the key has " << op.key.size() << Hint("write KEY ENCODE JSON");
  }
  if (op.encoding == Encoding::kBytes && (columns.size() != 1 || !columns[0].column.type.is_text_like())) {
    return SqlError(sqlstate::kInvalidTableDefinition, range) << "ENCODE BYTES writes one column, of type bytea or text";
  }
  return context_->Node(std::move(op), {relation.plan}, RootOutput(relation));
}

StatusOr<LogicalPtr> DdlBinder::BindInsert(const ast::Insert& insert) {
  if (insert.on_conflict) return NotSupported("INSERT ... ON CONFLICT", insert.on_conflict->range);
  if (!insert.returning.empty()) return NotSupported("INSERT ... RETURNING", insert.returning.front().range);
  const CatalogObjectPtr object = context_->Resolve(insert.table);
  if (object == nullptr) {
    return SqlError(sqlstate::kUndefinedTable, insert.table.range)
           << "relation \"" << ast::ToString(insert.table) << "\" does not exist" << context_->Nearby(insert.table, context_->catalog->Names());
  }
  const std::string& name = object->name;
  context_->depends_on.insert(name);
  SinkObject sink;
  if (const auto* declared = object->As<SinkObject>()) {
    if (!declared->declared)
      return SqlError(sqlstate::kWrongObjectType, insert.table.range)
             << "sink \"" << name << "\" is fed by its own query" << Hint("declare a sink's columns to fill it by INSERT");
    sink = *declared;
  } else if (const auto* source = object->As<SourceObject>(); source != nullptr && source->connector == "log" && !source->dead_letters) {
    sink.connector = "log";
    sink.encoding = source->encoding;
    for (const CatalogColumn& column : source->columns)
      if (!column.computed && column.metadata.empty()) sink.columns.push_back(column);
    const ConnectorDescriptor* log = connectors_->Find("log");
    if (log == nullptr) return SqlError(sqlstate::kUndefinedObject, insert.table.range) << "there is no connector \"log\"";
    for (const ConnectorOption& option : log->sink_options) {
      if (const auto found = source->options.find(option.name); found != source->options.end()) sink.options.insert(*found);
    }
  } else {
    return SqlError(sqlstate::kFeatureNotSupported, insert.table.range)
           << "INSERT INTO " << object->KindName() << " \"" << name << "\" is not supported"
           << Hint("rows go into tables, into sources of the log connector, and into sinks with declared columns");
  }
  if (insert.query == nullptr) return NotSupported("INSERT ... DEFAULT VALUES", insert.range);
  std::vector<const CatalogColumn*> targets;
  std::vector<std::string> names;
  for (const CatalogColumn& column : sink.columns) names.push_back(column.name);
  for (const ast::Identifier& wanted : insert.columns) {
    const auto found =
        std::find_if(sink.columns.begin(), sink.columns.end(), [&](const CatalogColumn& column) { return column.name == wanted.name; });
    if (found == sink.columns.end()) {
      return SqlError(sqlstate::kUndefinedColumn, wanted.range)
             << "column \"" << wanted.name << "\" of relation \"" << name << "\" does not exist" << DidYouMean(wanted.name, names);
    }
    if (std::find(targets.begin(), targets.end(), &*found) != targets.end())
      return SqlError(sqlstate::kDuplicateColumn, wanted.range) << "column \"" << wanted.name << "\" specified more than once";
    targets.push_back(&*found);
  }
  QueryBinder queries(context_);
  ASSIGN_OR_RETURN(Projection projection, queries.BindProjection(*insert.query, true));
  if (insert.columns.empty()) {
    for (const CatalogColumn& column : sink.columns)
      if (targets.size() < projection.width()) targets.push_back(&column);
  }
  if (targets.size() != projection.width()) {
    return SqlError(sqlstate::kSyntaxError, insert.query->range)
           << "INSERT has "
           << (projection.width() > targets.size() ? "more expressions than target columns" : "more target columns than expressions");
  }
  std::vector<Type> types;
  for (const CatalogColumn* target : targets) types.push_back(target->type);
  ASSIGN_OR_RETURN(Relation relation, queries.Project(std::move(projection), &types));
  for (size_t i = 0; i < targets.size(); ++i) relation.scope.columns[i].name = targets[i]->name;
  const auto* values = relation.plan->As<ValuesOp>();
  for (const CatalogColumn& column : sink.columns) {
    const auto target = std::find(targets.begin(), targets.end(), &column);
    if (!column.not_null) continue;
    bool null = target == targets.end();
    for (size_t r = 0; values != nullptr && !null && r < values->rows.size(); ++r) {
      const Expr& value = *values->rows[r][target - targets.begin()];
      null = value.kind == ExprKind::kConstant && value.constant.is_null();
    }
    if (null)
      return SqlError(sqlstate::kNotNullViolation, insert.range)
             << "null value in column \"" << column.name << "\" of relation \"" << name << "\" violates not-null constraint";
  }
  return WriteSink(name, sink, relation, insert.table.range);
}

}  // namespace kappa
