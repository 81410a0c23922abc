#include "engine/describe.h"

#include <cstring>

#include "exec/physical_plan.h"
#include "parser/ast/statement_names.h"
#include "parser/printer.h"
#include "planner/dataflow/secret_name.h"

namespace kappa {
namespace {

// Rows of texts as a result. NULL where a cell is nullopt.
Status Answer(const std::vector<std::string>& columns, const std::vector<std::vector<std::optional<std::string>>>& rows, Results* results) {
  RowSchema schema;
  std::vector<RowLayout::Column> layout;
  for (const std::string& column : columns) {
    schema.columns.push_back({column, Type(TypeId::kText), true});
    layout.push_back({Type(TypeId::kText), true});
  }
  schema.layout = RowLayout(layout);
  RETURN_IF_ERROR(results->OnSchema("", schema));
  for (const auto& row : rows) {
    std::string memory(schema.layout.size(), '\0');
    std::vector<Datum> values;
    values.reserve(row.size());
    for (size_t i = 0; i < row.size(); ++i) {
      values.push_back(row[i] ? Datum::Bytes(*row[i]) : Datum());
      schema.layout.Store(memory.data(), schema.layout.slots()[i], values.back());
    }
    const char* pointer = memory.data();
    RETURN_IF_ERROR(results->OnRows(ChangeBatch{&schema, std::span<const char* const>(&pointer, 1), {}, 0}));
  }
  return results->OnEnd(static_cast<int64_t>(rows.size()));
}

using Rows = std::vector<std::vector<std::optional<std::string>>>;

StatusOr<CatalogObjectPtr> FindObject(Catalog::Family family, const ast::QualifiedName& name, const Catalog& catalog,
                                      const std::vector<std::string>& search_path) {
  const std::string schema = name.parts.size() == 2 ? name.parts[0].name : "";
  CatalogObjectPtr object = name.parts.size() > 2 ? nullptr : catalog.Resolve(family, schema, name.last().name, search_path);
  if (object == nullptr) {
    static constexpr std::string_view kWhat[] = {"relation", "secret", "connection", "function"};
    const SqlState state = family == Catalog::Family::kRelation ? sqlstate::kUndefinedTable : sqlstate::kUndefinedObject;
    return SqlError(state, name.range) << kWhat[static_cast<int>(family)] << " \"" << ast::ToString(name) << "\" does not exist"
                                       << DidYouMean(name.last().name, catalog.Names(family));
  }
  return object;
}

Status DescribeObject(const CatalogObject& object, Results* results) {
  Rows rows;
  for (const CatalogColumn& column : *object.columns()) {
    std::string notes = column.not_null ? "not null" : "";
    const auto note = [&](const std::string& text) { notes += (notes.empty() ? "" : ", ") + text; };
    if (column.computed) note("computed");
    if (!column.metadata.empty()) note("metadata: " + column.metadata);
    if (const auto comment = object.column_comments.find(column.name); comment != object.column_comments.end()) note(comment->second);
    rows.push_back({column.name, column.type.ToString(), notes});
  }
  return Answer({"name", "type", "notes"}, rows, results);
}

// A LIKE pattern over names: % and _, a backslash before what stands for itself.
bool NameIsLike(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '%') {
    for (size_t skip = 0; skip <= name.size(); ++skip) {
      if (NameIsLike(name.substr(skip), pattern.substr(1))) return true;
    }
    return false;
  }
  const size_t width = pattern[0] == '\\' && pattern.size() > 1 ? 2 : 1;
  if (name.empty() || (pattern[0] != '_' && name[0] != pattern[width - 1])) return false;
  return NameIsLike(name.substr(1), pattern.substr(width));
}

// The lists: what SHOW calls them, and the kind of object ("": all relations).
struct ListKind {
  std::string_view what, kind;
};
constexpr ListKind kLists[] = {{"sources", "source"},
                               {"views", "view"},
                               {"materialized views", "materialized view"},
                               {"sinks", "sink"},
                               {"tables", ""},
                               {"relations", ""},
                               {"connections", "connection"},
                               {"secrets", "secret"}};

StatusOr<Rows> ListObjects(std::string_view kind, const ast::Show& show, const Catalog& catalog) {
  const std::string schema = show.object.empty() ? "" : show.object.last().name;
  if (!schema.empty() && !catalog.HasSchema(schema)) {
    return SqlError(sqlstate::kInvalidSchemaName, show.object.range)
           << "schema \"" << schema << "\" does not exist" << DidYouMean(schema, catalog.schemas());
  }
  Rows rows;
  for (const CatalogObjectPtr& object : catalog.Objects()) {
    if (kind.empty() ? !object->is_relation() : object->KindName() != kind) continue;
    if (!schema.empty() && object->schema != schema) continue;
    if (show.like && !NameIsLike(object->shown_name(), *show.like)) continue;
    rows.push_back({schema.empty() ? object->qualified_name() : object->shown_name(), std::string(object->KindName())});
  }
  return rows;
}

std::string SignatureOf(const FunctionObject& function) {
  std::string out = "(";
  for (size_t i = 0; i < function.parameters.size(); ++i) out += (i > 0 ? ", " : "") + function.parameters[i].ToString();
  return out + ")";
}

// The statement as it was written, but for the values of options that look like secrets.
std::string ShownDefinition(const CatalogObject& object) {
  std::string text = object.ddl;
  const std::vector<ast::Option>* options = nullptr;
  if (object.definition == nullptr) return text;
  if (const auto* source = ast::As<ast::CreateRelation>(*object.definition)) options = &source->options;
  if (const auto* sink = ast::As<ast::CreateSink>(*object.definition)) options = &sink->options;
  for (size_t i = 0; options != nullptr && i < options->size(); ++i) {
    const ast::Option& option = (*options)[i];
    if (!option.string || !IsSecretName(option.name) || option.value.empty()) continue;
    const std::string written = QuoteString(option.value);
    for (size_t at = text.find(written); at != std::string::npos; at = text.find(written, at + 5)) text.replace(at, written.size(), "'***'");
  }
  return text;
}

Status ShowCreate(const ast::Show& show, const Catalog& catalog, const std::vector<std::string>& search_path, Results* results) {
  const bool function = show.what == "create function";
  const Catalog::Family family = function                           ? Catalog::Family::kFunction
                                 : show.what == "create secret"     ? Catalog::Family::kSecret
                                 : show.what == "create connection" ? Catalog::Family::kConnection
                                                                    : Catalog::Family::kRelation;
  ASSIGN_OR_RETURN(const CatalogObjectPtr object, FindObject(family, show.object, catalog, search_path));
  const std::string wanted = show.what == "create" || show.what == "create table" ? "" : show.what.substr(7);
  if (!wanted.empty() && wanted != object->KindName()) {
    return SqlError(sqlstate::kWrongObjectType, show.object.range)
           << "\"" << object->shown_name() << "\" is not a " << wanted << Hint("it is a " + std::string(object->KindName()));
  }
  Rows rows;
  if (function) {
    for (const CatalogObjectPtr& each : catalog.Functions(object->schema, object->shown_name(), {}))
      rows.push_back({each->qualified_name(), each->ddl});
  } else {
    rows.push_back({object->qualified_name(), ShownDefinition(*object)});
  }
  return Answer({"name", "definition"}, rows, results);
}

}  // namespace

Status AnswerLines(std::string_view column, std::string_view text, Results* results) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    rows.push_back({std::string(text.substr(0, end))});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return Answer({std::string(column)}, rows, results);
}

Status Show(const ast::Show& show, const Catalog& catalog, const SessionSettings& settings, Results* results) {
  const std::vector<std::string> search_path = settings.planner().search_path;
  if (show.what == "all") {
    Rows rows;
    for (const SettingInfo& setting : Settings()) rows.push_back({setting.name, settings.Get(setting.name).value(), setting.documentation});
    return Answer({"name", "setting", "description"}, rows, results);
  }
  if (show.what.rfind("create", 0) == 0 && !show.object.empty()) return ShowCreate(show, catalog, search_path, results);
  if (show.what == "columns") {
    if (show.object.empty()) return SqlError(sqlstate::kSyntaxError, show.range) << "SHOW COLUMNS needs a relation" << Hint("SHOW COLUMNS FROM name");
    ASSIGN_OR_RETURN(const CatalogObjectPtr object, FindObject(Catalog::Family::kRelation, show.object, catalog, search_path));
    return DescribeObject(*object, results);
  }
  for (const ListKind& list : kLists) {
    if (show.what != list.what) continue;
    ASSIGN_OR_RETURN(const Rows rows, ListObjects(list.kind, show, catalog));
    return Answer({"name", "kind"}, rows, results);
  }
  if (show.what == "schemas") {
    Rows rows;
    for (const std::string& schema : catalog.schemas()) {
      if (!show.like || NameIsLike(schema, *show.like)) rows.push_back({schema});
    }
    return Answer({"name"}, rows, results);
  }
  if (show.what == "functions") {
    Rows rows;
    for (const CatalogObjectPtr& object : catalog.Objects()) {
      const auto* function = object->As<FunctionObject>();
      if (function == nullptr || (show.like && !NameIsLike(object->shown_name(), *show.like))) continue;
      rows.push_back({object->qualified_name(), SignatureOf(*function), function->result.ToString()});
    }
    return Answer({"name", "arguments", "returns"}, rows, results);
  }
  if (show.what == "comments") {
    Rows rows;
    for (const CatalogObjectPtr& object : catalog.Objects()) {
      if (!object->comment.empty()) rows.push_back({object->qualified_name(), std::nullopt, object->comment});
      for (const auto& [column, comment] : object->column_comments) rows.push_back({object->qualified_name(), column, comment});
    }
    return Answer({"object", "column", "comment"}, rows, results);
  }
  if (show.what == "indexes") {
    Rows rows;
    for (const CatalogObjectPtr& object : catalog.Objects()) {
      const auto* index = object->As<IndexObject>();
      const CatalogObjectPtr table = index == nullptr ? nullptr : catalog.Find(index->table);
      if (table == nullptr || (show.like && !NameIsLike(object->shown_name(), *show.like))) continue;
      std::string columns;
      for (int column : index->columns) columns += (columns.empty() ? "" : ", ") + (*table->columns())[static_cast<size_t>(column)].name;
      rows.push_back({object->qualified_name(), table->qualified_name(), columns});
    }
    return Answer({"name", "on", "columns"}, rows, results);
  }
  if (show.what == "users" || show.what == "replays" || show.what == "jobs" || show.what == "databases")
    return SqlError(sqlstate::kFeatureNotSupported, show.range) << "SHOW " << show.what << " is not supported yet";
  StatusOr<std::string> value = settings.Get(show.what);
  if (!value.ok()) {
    std::vector<std::string> names = {"schemas", "functions", "comments", "columns", "all"};
    for (const ListKind& list : kLists) names.emplace_back(list.what);
    for (const SettingInfo& setting : Settings()) names.push_back(setting.name);
    return SqlError(sqlstate::kUndefinedObject, show.range) << MessageOf(value.status()) << DidYouMean(show.what, names);
  }
  return Answer({show.what}, {{*value}}, results);
}

Status Describe(const ast::Describe& describe, const Catalog& catalog, const SessionSettings& settings, Results* results) {
  ASSIGN_OR_RETURN(const CatalogObjectPtr object, FindObject(Catalog::Family::kRelation, describe.name, catalog, settings.planner().search_path));
  return DescribeObject(*object, results);
}

Status DescribeColumns(const std::vector<Column>& columns, Results* results) {
  Rows rows;
  for (const Column& column : columns) rows.push_back({column.name, column.type.ToString(), column.nullable ? "" : "not null"});
  return Answer({"name", "type", "notes"}, rows, results);
}

std::string TagOf(const ast::Statement& statement) { return ast::StatementName(statement); }

}  // namespace kappa
