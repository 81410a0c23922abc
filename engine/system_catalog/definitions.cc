#include "engine/system_catalog/definitions.h"

#include "engine/system_catalog/type_oid.h"
#include "parser/ast/definition_statements.h"
#include "parser/printer.h"

namespace kappa {
namespace {

std::string ColumnList(const std::vector<CatalogColumn>& columns, const std::vector<int>& positions) {
  std::string list;
  for (const int position : positions) list += (list.empty() ? "" : ", ") + QuoteIdentifier(columns[static_cast<size_t>(position)].name);
  return list;
}

std::string Qualified(const CatalogObject& object) { return QuoteIdentifier(object.schema) + "." + QuoteIdentifier(object.shown_name()); }

const ast::Column* Declared(const NumberedObject& object, size_t column) {
  const auto* create = object.object->definition == nullptr ? nullptr : ast::As<ast::CreateRelation>(*object.object->definition);
  if (create == nullptr || column >= object.columns->size()) return nullptr;
  for (const ast::Column& declared : create->columns) {
    if (declared.name.name == (*object.columns)[column].name) return &declared;
  }
  return nullptr;
}

}  // namespace

std::string ViewDefinition(const NumberedObject& object) {
  const auto* create = object.object->definition == nullptr ? nullptr : ast::As<ast::CreateView>(*object.object->definition);
  return create == nullptr ? "" : " " + ToSql(*create->query) + ";";
}

std::string IndexDefinition(const NumberedObject& index, int column) {
  const auto* on = index.object->As<IndexObject>();
  if (on == nullptr || index.of == nullptr) return "";
  if (column > 0) {
    if (static_cast<size_t>(column) > on->columns.size()) return "";
    return QuoteIdentifier((*index.of->columns)[static_cast<size_t>(on->columns[static_cast<size_t>(column) - 1])].name);
  }
  return std::string(on->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") + QuoteIdentifier(index.object->shown_name()) + " ON " +
         Qualified(*index.of->object) + " USING btree (" + ColumnList(*index.of->columns, on->columns) + ")";
}

std::string KeyDefinition(const NumberedObject& table) {
  return "CREATE UNIQUE INDEX " + QuoteIdentifier(table.key_name) + " ON " + Qualified(*table.object) + " USING btree (" +
         ColumnList(*table.columns, table.key) + ")";
}

std::string KeyConstraint(const NumberedObject& table) { return "PRIMARY KEY (" + ColumnList(*table.columns, table.key) + ")"; }

std::string ColumnDefault(const NumberedObject& object, size_t column) {
  const ast::Column* declared = Declared(object, column);
  if (declared == nullptr) return "";
  if (declared->default_value != nullptr) return ToSql(*declared->default_value);
  return declared->computed != nullptr ? ToSql(*declared->computed) : "";
}

bool IsGenerated(const NumberedObject& object, size_t column) {
  const ast::Column* declared = Declared(object, column);
  return declared != nullptr && declared->default_value == nullptr && declared->computed != nullptr;
}

int64_t TypeModifierOf(const Type& type) { return WireTypeOf(type).modifier; }

std::string TypeName(const Type& type) {
  if (type.id() == TypeId::kUnknown) return "text";
  return type.ToString();
}

std::string ArrayText(const std::vector<int64_t>& values) {
  std::string text = "{";
  for (const int64_t value : values) text += (text.size() == 1 ? "" : ",") + std::to_string(value);
  return text + "}";
}

}  // namespace kappa
