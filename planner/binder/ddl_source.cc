// CREATE SOURCE.
#include <algorithm>

#include "planner/binder/ddl.h"
#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

StatusOr<int64_t> IntervalMicros(BindContext* context, const ast::Expression& expression, std::string_view what) {
  const Scope empty;
  ExpressionBinder binder(context, &empty, nullptr, what);
  ASSIGN_OR_RETURN(ExprPtr bound, binder.Bind(expression));
  ASSIGN_OR_RETURN(bound, Coerce(context, std::move(bound), TypeId::kInterval, Coercion::kImplicit));
  CallContext calls;
  StatusOr<Datum> value = Evaluate(*bound, &calls, {});
  if (!value.ok()) return WithRange(value.status(), expression.range);
  if (value->is_null() || value->as_interval().months != 0) {
    return SqlError(sqlstate::kInvalidParameterValue, expression.range) << what << " must be an interval of days and less";
  }
  const int64_t micros = value->as_interval().days * int64_t{86'400'000'000} + value->as_interval().micros;
  if (micros < 0) return SqlError(sqlstate::kInvalidParameterValue, expression.range) << what << " must not be negative";
  return micros;
}

struct MetadataKind {
  std::string_view name;
  std::vector<TypeId> types;  // the first where none is written
};

const std::vector<MetadataKind>& MetadataKinds() {
  static const std::vector<MetadataKind> kinds = {
      {"partition", {TypeId::kInt4, TypeId::kInt8}}, {"offset", {TypeId::kInt8}}, {"timestamp", {TypeId::kTimestampTz, TypeId::kTimestamp}},
      {"key", {TypeId::kBytea, TypeId::kText}},      {"topic", {TypeId::kText}},  {"headers", {TypeId::kJson, TypeId::kText}},
      {"header", {TypeId::kBytea, TypeId::kText}}};
  return kinds;
}

StatusOr<Type> MetadataType(const std::string& name, const std::optional<Type>& declared, TextRange range) {
  std::vector<std::string> names;
  for (const MetadataKind& kind : MetadataKinds()) {
    names.emplace_back(kind.name);
    if (kind.name != name) continue;
    if (!declared) return Type(kind.types[0]);
    for (TypeId type : kind.types)
      if (declared->id() == type) return *declared;
    return SqlError(sqlstate::kDatatypeMismatch, range)
           << "metadata '" << name << "' is of type " << Type(kind.types[0]).ToString() << ", not " << declared->ToString();
  }
  return SqlError(sqlstate::kUndefinedColumn, range) << "there is no metadata '" << name << "'" << DidYouMean(name, names);
}

}  // namespace

StatusOr<std::string> DdlBinder::ObjectName(const ast::QualifiedName& name) {
  if (name.parts.size() > 2 || (name.parts.size() == 2 && name.parts[0].name != "public"))
    return NotSupported("a schema other than public", name.range);
  return name.last().name;
}

StatusOr<std::vector<CatalogColumn>> DdlBinder::SourceColumns(const ast::CreateRelation& create, const std::string& connector,
                                                              const std::string& encoding) {
  std::vector<CatalogColumn> columns;
  for (const ast::Column& declared : create.columns) {
    CatalogColumn column;
    column.name = declared.name.name;
    column.quoted = declared.name.quoted;
    column.not_null = declared.not_null;
    column.computed = declared.computed != nullptr;
    if (declared.default_value != nullptr) return NotSupported("DEFAULT on a source's column", declared.range);
    std::optional<Type> type;
    if (declared.type) { ASSIGN_OR_RETURN(type, ResolveTypeName(*declared.type)); }
    if (declared.metadata) {
      column.metadata = declared.metadata->empty() ? column.name : *declared.metadata;
      if (column.metadata.starts_with("headers.")) {
        column.header = column.metadata.substr(8);
        column.metadata = "header";
      }
      ASSIGN_OR_RETURN(type, MetadataType(column.metadata, type, declared.metadata_range.known() ? declared.metadata_range : declared.range));
    }
    if (type) column.type = *type;
    columns.push_back(std::move(column));
  }
  for (const ast::IncludeColumn& include : create.includes) {
    const std::string& what = include.source.name;
    if (what == "payload" || (include.field && what != "header")) return NotSupported("INCLUDE " + what, include.range);
    CatalogColumn column;
    column.name = !include.alias.name.empty() ? include.alias.name : "_rw_" + connector + "_" + what + (include.field ? "_" + *include.field : "");
    column.metadata = what == "header" && !include.field ? "headers" : what == "file" ? "topic" : what;
    if (include.field) column.header = *include.field;
    std::optional<Type> type;
    if (include.type) { ASSIGN_OR_RETURN(type, ResolveTypeName(*include.type)); }
    ASSIGN_OR_RETURN(column.type, MetadataType(column.metadata, type, include.range));
    columns.push_back(std::move(column));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (columns[i].name == columns[j].name) {
        return SqlError(sqlstate::kDuplicateColumn, i < create.columns.size() ? create.columns[i].name.range : create.range)
               << "column \"" << columns[i].name << "\" specified more than once";
      }
    }
  }
  if (encoding == "bytes") {
    const auto values = std::count_if(columns.begin(), columns.end(), [](const CatalogColumn& c) { return !c.computed && c.metadata.empty(); });
    for (const CatalogColumn& c : columns) {
      if (c.computed || !c.metadata.empty()) continue;
      if (values != 1 || !c.type.is_text_like()) {
        return SqlError(sqlstate::kInvalidTableDefinition, create.range)
               << "ENCODE BYTES gives one column, of type bytea or text" << Hint("declare one such column; computed columns may take it apart");
      }
    }
  }
  return columns;
}

Status DdlBinder::BindComputed(const ast::CreateRelation& create, std::vector<CatalogColumn>* columns) {
  Scope scope;
  for (size_t i = 0; i < columns->size(); ++i) {
    const CatalogColumn& column = (*columns)[i];
    if (!column.computed)
      scope.columns.push_back({create.name.last().name, column.name, {static_cast<ColumnId>(i), column.name, column.type, !column.not_null}});
  }
  ExpressionBinder binder(context_, &scope, nullptr, "a computed column");
  for (size_t i = 0; i < create.columns.size(); ++i) {
    CatalogColumn& column = (*columns)[i];
    if (!column.computed) continue;
    const ast::Expression& computed = *create.columns[i].computed;
    ASSIGN_OR_RETURN(ExprPtr expr, IsProcTime(computed) ? CallFunction(context_, "proctime", {}, computed.range) : binder.BindTyped(computed));
    if (column.type.id() == TypeId::kUnknown)
      column.type = expr->type;
    else
      RETURN_IF_ERROR(Coerce(context_, expr, column.type, Coercion::kAssignment).status());
  }
  return OkStatus();
}

// Any other expression: of the row alone, of the column's type, the same at every replay.
Status DdlBinder::CheckWatermark(const ast::Watermark& watermark, const std::vector<CatalogColumn>& columns, const Type& type) {
  Scope scope;
  for (size_t i = 0; i < columns.size(); ++i)
    scope.columns.push_back({"", columns[i].name, {static_cast<ColumnId>(i), columns[i].name, columns[i].type, !columns[i].not_null}, nullptr});
  ExpressionBinder binder(context_, &scope, nullptr, "a watermark");
  ASSIGN_OR_RETURN(const ExprPtr expr, binder.BindTyped(*watermark.expression));
  bool changes = false;
  RewriteExpr(expr, [&](const ExprPtr& node) {
    changes |= node->function != nullptr && node->function->volatility == Volatility::kVolatile;
    changes |= node->function != nullptr && (node->function->name == "now" || node->function->name == "proctime");
    return node;
  });
  if (changes) {
    return SqlError(sqlstate::kInvalidTableDefinition, watermark.expression->range)
           << "a watermark must follow from its row alone: the clock and random values are not allowed";
  }
  StatusOr<ExprPtr> coerced = Coerce(context_, expr, type, Coercion::kAssignment);
  if (expr->type.is_temporal() && coerced.ok()) return OkStatus();
  return SqlError(sqlstate::kDatatypeMismatch, watermark.expression->range)
         << "a watermark over a column of type " << type.ToString() << " cannot be of type " << TypeText(expr->type)
         << Hint("write the column, or the column less an interval");
}

// WATERMARK FOR ts AS ts, or ts - INTERVAL '...': a delay is what partitions' clocks are made of.
StatusOr<CatalogWatermark> DdlBinder::BindWatermark(const ast::Watermark& watermark, const std::vector<CatalogColumn>& columns) {
  CatalogWatermark out;
  std::vector<std::string> names;
  for (size_t i = 0; i < columns.size(); ++i) {
    names.push_back(columns[i].name);
    if (columns[i].name == watermark.column.name) out.column = static_cast<int>(i);
  }
  if (out.column < 0) {
    return SqlError(sqlstate::kUndefinedColumn, watermark.column.range)
           << "column \"" << watermark.column.name << "\" does not exist" << DidYouMean(watermark.column.name, names);
  }
  const Type& type = columns[out.column].type;
  if (type.id() != TypeId::kTimestamp && type.id() != TypeId::kTimestampTz) {
    return SqlError(sqlstate::kDatatypeMismatch, watermark.column.range)
           << "a watermark needs a timestamp: column \"" << watermark.column.name << "\" is of type " << type.ToString();
  }
  auto is_column = [&](const ast::Expression& e) {
    const auto* name = ast::As<ast::ColumnName>(e);
    return name != nullptr && name->name.last().name == watermark.column.name;
  };
  const auto* minus = ast::As<ast::Binary>(*watermark.expression);
  if (minus != nullptr && minus->op == "-" && is_column(*minus->left)) {
    StatusOr<int64_t> delay = IntervalMicros(context_, *minus->right, "the delay of a watermark");
    if (!delay.ok() && SqlStateOf(delay.status()) == sqlstate::kUndefinedColumn) {  // of the row
      RETURN_IF_ERROR(CheckWatermark(watermark, columns, type));
      out.expression = true;
    } else {
      ASSIGN_OR_RETURN(out.delay_micros, std::move(delay));
    }
  } else if (!is_column(*watermark.expression)) {
    RETURN_IF_ERROR(CheckWatermark(watermark, columns, type));
    out.expression = true;
  }
  if (watermark.max_ahead != nullptr) { ASSIGN_OR_RETURN(out.max_ahead_micros, IntervalMicros(context_, *watermark.max_ahead, "MAX AHEAD")); }
  return out;
}

StatusOr<SourceObject> DdlBinder::BindSource(const ast::CreateRelation& create) {
  if (create.on_conflict) return NotSupported("ON CONFLICT on a source", create.range);
  return BindStream(create);
}

// A source, or a table with a connector.
StatusOr<SourceObject> DdlBinder::BindStream(const ast::CreateRelation& create) {
  if (create.temporary) return NotSupported("TEMPORARY", create.range);
  if (create.star) return NotSupported("columns from the schema of the format (*)", create.range);
  if (create.query != nullptr) return NotSupported("CREATE SOURCE AS", create.range);
  if (create.columns.empty()) return SqlError(sqlstate::kInvalidTableDefinition, create.range) << "a source needs at least one column";
  SourceObject source;
  ASSIGN_OR_RETURN(const std::vector<ast::Option> options, ExpandOptions(create.options));
  ASSIGN_OR_RETURN(const ConnectorDescriptor* connector, FindConnector(options, create.name.range, false));
  source.connector = connector->name;
  RETURN_IF_ERROR(TakeSourceOptions(options, *connector, &source));
  if (create.format) {
    const std::string& format = create.format->format.name;
    if (format == "maxwell" || format == "canal") return NotSupported("a source of FORMAT " + format, create.format->format.range);
    if (format == "upsert" || format == "debezium") {
      source.envelope = format;
    } else if (!format.empty() && format != "plain" && format != "native") {
      return SqlError(sqlstate::kInvalidParameterValue, create.format->format.range)
             << "unknown format \"" << format << "\"" << DidYouMean(format, {"plain", "upsert", "debezium"});
    }
  } else if (connector->name != "nexmark" && connector->name != "datagen") {
    return SqlError(sqlstate::kSyntaxError, create.name.range)
           << "source \"" << create.name.last().name << "\" does not say how its records are written"
           << Hint("add FORMAT PLAIN ENCODE JSON (or CSV, BYTES) after WITH (...)");
  }
  ASSIGN_OR_RETURN(source.encoding, EncodingOf(create.format, false, &source.format_options));
  ASSIGN_OR_RETURN(source.columns, SourceColumns(create, source.connector, source.encoding));
  RETURN_IF_ERROR(SourceFormat(create, *connector, &source));
  RETURN_IF_ERROR(BindComputed(create, &source.columns));
  if (create.watermarks.size() > 1) return SqlError(sqlstate::kInvalidTableDefinition, create.watermarks[1].range) << "a source has one watermark";
  if (!create.watermarks.empty()) {
    if (source.envelope != "plain") {
      return SqlError(sqlstate::kFeatureNotSupported, create.watermarks[0].column.range)
             << "a watermark is for sources whose rows only come: FORMAT " << (source.envelope == "upsert" ? "UPSERT" : "DEBEZIUM")
             << " takes rows back";
    }
    ASSIGN_OR_RETURN(CatalogWatermark watermark, BindWatermark(create.watermarks[0], source.columns));
    if (!watermark.max_ahead_micros && (source.connector == "kafka" || source.connector == "log")) watermark.max_ahead_micros = 86'400'000'000;
    source.watermark = watermark;
  }
  if (create.on_offset_lost) source.offset_lost = static_cast<SourceObject::OffsetLost>(create.on_offset_lost->action);
  if (create.on_error) {
    source.on_error.action = static_cast<CatalogErrorPolicy::Action>(create.on_error->action);
    if (!create.on_error->dead_letter_table.empty()) { ASSIGN_OR_RETURN(source.on_error.table, ObjectName(create.on_error->dead_letter_table)); }
  }
  return source;
}

}  // namespace kappa
