#include "engine/describe.h"

#include <cstring>

#include "exec/physical_plan.h"

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

const std::vector<CatalogColumn>* ColumnsOf(const CatalogObject& object) {
  if (const auto* source = object.As<SourceObject>()) return &source->columns;
  if (const auto* view = object.As<ViewObject>()) return &view->columns;
  if (const auto* view = object.As<MaterializedViewObject>()) return &view->columns;
  return &object.As<SinkObject>()->columns;
}

StatusOr<CatalogObjectPtr> FindObject(const ast::QualifiedName& name, const Catalog& catalog) {
  const std::string& last = name.parts.back().name;
  CatalogObjectPtr object = catalog.Find(last);
  if (object == nullptr)
    return SqlError(sqlstate::kUndefinedTable, name.range) << "relation \"" << last << "\" does not exist" << DidYouMean(last, catalog.Names());
  return object;
}

Status DescribeObject(const CatalogObject& object, Results* results) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  for (const CatalogColumn& column : *ColumnsOf(object)) {
    std::string notes = column.not_null ? "not null" : "";
    if (column.computed) notes += notes.empty() ? "computed" : ", computed";
    if (!column.metadata.empty()) notes += (notes.empty() ? "metadata: " : ", metadata: ") + column.metadata;
    rows.push_back({column.name, column.type.ToString(), notes});
  }
  return Answer({"name", "type", "notes"}, rows, results);
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
  if (show.what == "all") {
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (const SettingInfo& setting : Settings()) rows.push_back({setting.name, settings.Get(setting.name).value(), setting.documentation});
    return Answer({"name", "setting", "description"}, rows, results);
  }
  if (!show.object.parts.empty()) {
    ASSIGN_OR_RETURN(const CatalogObjectPtr object, FindObject(show.object, catalog));
    if (show.what.rfind("create", 0) == 0) return Answer({"name", "definition"}, {{object->name, object->ddl}}, results);
    return DescribeObject(*object, results);
  }
  struct Kind {
    const char* what;
    const char* kind;
  };
  for (const Kind& kind : {Kind{"sources", "source"}, Kind{"views", "view"}, Kind{"materialized views", "materialized view"}, Kind{"sinks", "sink"},
                           Kind{"tables", ""}}) {
    if (show.what != kind.what) continue;
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (const CatalogObjectPtr& object : catalog.Objects()) {
      if (*kind.kind == '\0' || object->KindName() == kind.kind) rows.push_back({object->name, std::string(object->KindName())});
    }
    return Answer({"name", "kind"}, rows, results);
  }
  ASSIGN_OR_RETURN(const std::string value, settings.Get(show.what));
  return Answer({show.what}, {{value}}, results);
}

Status Describe(const ast::Describe& describe, const Catalog& catalog, Results* results) {
  if (describe.file || describe.query)
    return SqlError(sqlstate::kFeatureNotSupported, describe.range) << "DESCRIBE of files and queries is not supported yet";
  ASSIGN_OR_RETURN(const CatalogObjectPtr object, FindObject(describe.name, catalog));
  return DescribeObject(*object, results);
}

std::string TagOf(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::kCreateRelation:
      return static_cast<const ast::CreateRelation&>(statement).relation == ast::RelationKind::kSource ? "CREATE SOURCE" : "CREATE TABLE";
    case ast::StatementKind::kCreateView:
      return static_cast<const ast::CreateView&>(statement).materialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW";
    case ast::StatementKind::kCreateSink:
      return "CREATE SINK";
    case ast::StatementKind::kDrop:
      return "DROP";
    case ast::StatementKind::kInsert:
      return "INSERT";
    default:
      return "OK";
  }
}

}  // namespace kappa
