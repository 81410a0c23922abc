#include "planner/binder/source_format.h"

#include <algorithm>

#include "functions/registry.h"
#include "planner/binder/ddl.h"

namespace kappa {
namespace {

Status Bad(const ast::Option& option, std::string_view wanted) {
  return SqlError(sqlstate::kInvalidParameterValue, option.value_range)
         << "option \"" << option.name << "\" of ENCODE CSV must be " << wanted << ", not \"" << option.value << "\"";
}

StatusOr<bool> Boolean(const ast::Option& option) {
  StatusOr<Datum> value = Datum::Parse(TypeId::kBool, option.value);
  if (!value.ok()) return Bad(option, "true or false");
  return value->as_bool();
}

bool IsCharacter(const std::string& value) {
  return value == "\\t" || value == "tab" ||
         (value.size() == 1 && value[0] != '\n' && value[0] != '\r' && value[0] != '\0' && static_cast<unsigned char>(value[0]) < 0x80);
}

char CharacterOf(const Options& options, const std::string& name, char otherwise) {
  const auto found = options.find(name);
  if (found == options.end()) return otherwise;
  return found->second.empty() ? '\0' : found->second == "\\t" || found->second == "tab" ? '\t' : found->second[0];
}

Status Take(const ast::Option& option, bool sink, Options* options) {
  static const std::vector<std::string> kNames = {"header", "delimiter", "quote", "escape", "null", "ragged"};
  if (option.name == "header" || option.name == "without_header") {
    ASSIGN_OR_RETURN(const bool value, Boolean(option));
    (*options)["header"] = value == (option.name == "header") ? "true" : "false";
  } else if (option.name == "delimiter" || option.name == "escape") {
    if (!IsCharacter(option.value)) return Bad(option, "a single one-byte character");
    (*options)[option.name] = option.value;
  } else if (option.name == "quote") {
    if (!option.value.empty() && !IsCharacter(option.value)) return Bad(option, "a single one-byte character, or empty for none");
    (*options)[option.name] = option.value;
  } else if (option.name == "null") {
    if (option.value.find_first_of("\r\n") != std::string::npos) return Bad(option, "a text without line breaks");
    (*options)[option.name] = option.value;
  } else if (option.name == "ragged" && !sink) {
    if (option.value != "error" && option.value != "fill") return Bad(option, "'error' or 'fill'");
    (*options)[option.name] = option.value;
  } else {
    return SqlError(sqlstate::kUndefinedObject, option.name_range)
           << "ENCODE CSV " << (sink ? "of a sink " : "") << "has no option \"" << option.name << "\"" << DidYouMean(option.name, kNames);
  }
  return OkStatus();
}

}  // namespace

Status TakeCsvOptions(const std::vector<ast::Option>& written, bool sink, Options* options) {
  for (const ast::Option& option : written) {
    for (const ast::Option& other : written) {
      if (&other == &option) break;
      if (other.name == option.name) return SqlError(sqlstate::kSyntaxError, option.name_range) << "option \"" << option.name << "\" is given twice";
    }
    RETURN_IF_ERROR(Take(option, sink, options));
  }
  if (written.empty()) return OkStatus();
  const char delimiter = CharacterOf(*options, "delimiter", ','), quote = CharacterOf(*options, "quote", '"');
  if (delimiter == quote)
    return SqlError(sqlstate::kInvalidParameterValue, written[0].name_range) << "delimiter and quote of ENCODE CSV must be different";
  if (const auto null = options->find("null"); null != options->end() && null->second.find(delimiter) != std::string::npos)
    return SqlError(sqlstate::kInvalidParameterValue, written[0].name_range) << "null of ENCODE CSV must not hold the delimiter";
  return OkStatus();
}

Status DdlBinder::SourceFormat(const ast::CreateRelation& create, const ConnectorDescriptor& connector, SourceObject* source) {
  std::vector<ast::Identifier> key;
  for (const ast::Column& column : create.columns)
    if (column.primary_key) key.push_back(column.name);
  const bool in_columns = !key.empty();
  for (const ast::Identifier& name : create.primary_key) key.push_back(name);
  if (in_columns && !create.primary_key.empty())
    return SqlError(sqlstate::kInvalidTableDefinition, create.primary_key_range) << "a source has one PRIMARY KEY";
  if (!key.empty() && source->envelope == "plain") {
    return SqlError(sqlstate::kFeatureNotSupported, key[0].range)
           << "PRIMARY KEY on a source of FORMAT PLAIN is not supported" << Hint("FORMAT UPSERT and FORMAT DEBEZIUM have keys");
  }
  for (const ast::Identifier& name : key) {
    std::vector<std::string> names;
    for (const CatalogColumn& column : source->columns) names.push_back(column.name);
    const auto found = std::find(names.begin(), names.end(), name.name);
    if (found == names.end()) {
      return SqlError(sqlstate::kUndefinedColumn, name.range)
             << "column \"" << name.name << "\" named in key does not exist" << DidYouMean(name.name, names);
    }
    CatalogColumn& column = source->columns[static_cast<size_t>(found - names.begin())];
    if (column.computed || (!column.metadata.empty() && source->envelope == "debezium"))
      return SqlError(sqlstate::kInvalidTableDefinition, name.range) << "column \"" << name.name << "\" of the key must come from the record";
    if (source->envelope == "debezium") column.not_null = true;
    source->key.push_back(static_cast<int>(found - names.begin()));
  }
  if (source->envelope == "debezium" && source->encoding != "json")
    return NotSupported("a source of FORMAT DEBEZIUM ENCODE " + source->encoding, create.format->encode.range);
  const auto takes = [&](std::string_view option) {
    return std::any_of(connector.source_options.begin(), connector.source_options.end(), [&](const auto& known) { return known.name == option; });
  };
  if (takes("record.fields")) {  // it makes its records by the columns
    std::string& fields = source->options["record.fields"];
    for (const CatalogColumn& column : source->columns) {
      if (column.computed || !column.metadata.empty()) continue;
      if (column.type.is_struct() || column.type.id() == TypeId::kArray)
        return NotSupported("a column of type " + column.type.ToString() + " made by connector " + connector.name, create.range);
      fields += column.name + "\t" + std::to_string(static_cast<int>(column.type.id())) + "\t" + std::to_string(column.type.modifier()) + "\n";
    }
  }
  if (source->encoding != "csv") return OkStatus();
  // Records of text files end where the format says so: the connector has to know it.
  const Options& csv = source->format_options;
  const auto fields = std::count_if(source->columns.begin(), source->columns.end(), [](const auto& c) { return !c.computed && c.metadata.empty(); });
  const bool header = csv.count("header") != 0 && csv.at("header") == "true";
  const bool splits =
      std::any_of(connector.source_options.begin(), connector.source_options.end(), [](const auto& o) { return o.name == "record.csv"; });
  if (header && !splits) {
    return SqlError(sqlstate::kFeatureNotSupported, create.format->encode.range)
           << "a header line is for files: records of connector \"" << connector.name << "\" have none" << Hint("columns are taken by position");
  }
  if (splits) {
    const char quote = CharacterOf(csv, "quote", '"');
    source->options["record.csv"] = std::string(1, CharacterOf(csv, "delimiter", ','));
    if (quote != '\0') source->options["record.csv"] += {quote, CharacterOf(csv, "escape", quote)};
    source->options["record.header"] = header ? "true" : "false";
    source->options["record.blank"] = fields == 1 ? "true" : "false";
  }
  source->format_options["fields"] = std::to_string(fields);
  return OkStatus();
}

UpsertColumns AddUpsertColumns(BindContext* context, const SourceObject& source, std::vector<Column>* columns, ScanOp* scan,
                               std::vector<Column>* physical, Scope* scope) {
  UpsertColumns upsert;
  const auto is_key = [&](size_t i) {
    return scan->envelope == Envelope::kDebezium && std::find(source.key.begin(), source.key.end(), static_cast<int>(i)) != source.key.end();
  };
  size_t at = 0;
  for (size_t i = 0; i < columns->size(); ++i) {
    if (source.columns[i].computed) continue;
    Column& shown = (*columns)[i];
    if (is_key(i)) {
      upsert.keys.push_back(shown);
    } else {
      const Column scanned = context->NewColumn(shown.name, shown.type, shown.nullable);
      scan->columns[at].column = (*physical)[at] = scanned;
      shown.nullable = true;
      scope->columns[at].column = shown;
      upsert.values.push_back(scanned);
      upsert.shown.push_back(shown);
    }
    ++at;
  }
  const auto add = [&](const char* name, TypeId type, Metadata metadata) {
    ScanOp::ScanColumn column;
    column.column = context->NewColumn(name, type, false);
    column.metadata = metadata;
    physical->push_back(column.column);
    scan->columns.push_back(column);
    return column.column;
  };
  if (scan->envelope == Envelope::kUpsert) upsert.keys.push_back(add("key", TypeId::kBytea, Metadata::kKey));
  upsert.partition = add("partition", TypeId::kInt4, Metadata::kPartition);
  upsert.offset = add("offset", TypeId::kInt8, Metadata::kOffset);
  upsert.deleted = add("deleted", TypeId::kBool, Metadata::kDeleted);
  return upsert;
}

StatusOr<LogicalPtr> LastOfKey(BindContext* context, LogicalPtr scan, const UpsertColumns& upsert) {
  const std::vector<const AggregateEntry*> found = FunctionRegistry::Get().FindAggregates("kappa_last_change");
  if (found.empty()) return SqlError(sqlstate::kInternalError) << "there is no aggregate kappa_last_change";
  std::vector<StructField> fields;
  for (const Column& value : upsert.values) fields.push_back({value.name, value.type});
  AggregateCall call;
  call.name = "kappa_last_change";
  call.type = Type::Struct(fields);
  call.function = found[0];
  for (const Column& column : {upsert.partition, upsert.offset, upsert.deleted}) call.args.push_back(MakeColumn(column));
  std::vector<ExprPtr> values;
  for (const Column& value : upsert.values) values.push_back(MakeColumn(value));
  call.args.push_back(MakeExpr(ExprKind::kStruct, call.type, false, std::move(values)));
  const Column last = context->NewColumn("last", call.type, true);
  call.output = last.id;
  AggregateOp aggregate;
  aggregate.keys = upsert.keys;
  aggregate.aggregates.push_back(std::move(call));
  std::vector<Column> output = upsert.keys;
  output.push_back(last);
  LogicalPtr plan = context->Node(std::move(aggregate), {std::move(scan)}, output);
  const ExprPtr exists = MakeExpr(ExprKind::kNot, TypeId::kBool, false, {MakeExpr(ExprKind::kIsNull, TypeId::kBool, false, {MakeColumn(last)})});
  plan = context->Node(FilterOp{exists}, {std::move(plan)}, output);
  ProjectOp project;
  output = upsert.keys;
  for (size_t i = 0; i < upsert.shown.size(); ++i) {
    auto field = std::make_shared<Expr>();
    field->kind = ExprKind::kField;
    field->type = upsert.shown[i].type;
    field->field = static_cast<int>(i);
    field->args = {MakeColumn(last)};
    project.columns.emplace_back(upsert.shown[i], std::move(field));
    output.push_back(upsert.shown[i]);
  }
  return context->Node(std::move(project), {std::move(plan)}, std::move(output));
}

}  // namespace kappa
