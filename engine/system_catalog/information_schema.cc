// The rows of information_schema's views.
#include <map>

#include "engine/system_catalog/definitions.h"
#include "engine/system_catalog/system_catalog.h"
#include "engine/system_catalog/type_oid.h"

namespace kappa {
namespace {

void CatalogName(const SystemCatalog& catalog, SystemRelation* relation) { SystemRow(relation).Set("catalog_name", catalog.identity().database); }

void Schemata(const SystemCatalog& catalog, SystemRelation* relation) {
  const auto add = [&](const std::string& name) {
    SystemRow(relation).Set("catalog_name", catalog.identity().database).Set("schema_name", name).Set("schema_owner", catalog.identity().user);
  };
  add("pg_catalog");
  add("information_schema");
  for (const std::string& schema : catalog.catalog().schemas()) add(schema);
}

void Tables(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.kind == 'i') continue;
    const auto* table = object.object->As<TableObject>();
    SystemRow(relation)
        .Set("table_catalog", catalog.identity().database)
        .Set("table_schema", object.object->schema)
        .Set("table_name", object.object->shown_name())
        // PostgreSQL leaves materialized views out of this view; people look for them here.
        .Set("table_type", object.kind == 'v'   ? "VIEW"
                           : object.kind == 'm' ? "MATERIALIZED VIEW"
                           : table != nullptr   ? "BASE TABLE"
                                                : "SOURCE")
        .Set("is_insertable_into", table != nullptr && table->takes_dml ? "YES" : "NO")
        .Set("is_typed", "NO");
  }
}

void ViewRows(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.kind != 'v') continue;
    SystemRow(relation)
        .Set("table_catalog", catalog.identity().database)
        .Set("table_schema", object.object->schema)
        .Set("table_name", object.object->shown_name())
        .Set("view_definition", ViewDefinition(object))
        .Set("check_option", "NONE")
        .Set("is_updatable", "NO")
        .Set("is_insertable_into", "NO");
  }
}

// What information_schema calls a type: without its modifiers.
std::string DataType(const Type& type) {
  if (type.id() == TypeId::kArray) return "ARRAY";
  if (type.is_struct()) return "record";
  if (type.id() == TypeId::kText && type.modifier() >= 0) return "character varying";
  for (const NumberedType& row : NumberedTypes()) {
    if (row.id == type.id()) return row.shown;
  }
  return "text";
}

std::string ShortName(const Type& type) {
  if (type.id() == TypeId::kArray) return "_" + ShortName(type.element());
  if (type.id() == TypeId::kText && type.modifier() >= 0) return "varchar";
  for (const NumberedType& row : NumberedTypes()) {
    if (row.id == type.id()) return row.name;
  }
  return "record";
}

void Precision(const Type& type, SystemRow* row) {
  for (const char* name : {"character_maximum_length", "character_octet_length", "numeric_precision", "numeric_precision_radix", "numeric_scale",
                           "datetime_precision", "interval_precision", "maximum_cardinality"})
    row->Null(name);
  const int bits = type.id() == TypeId::kInt2     ? 16
                   : type.id() == TypeId::kInt4   ? 32
                   : type.id() == TypeId::kInt8   ? 64
                   : type.id() == TypeId::kFloat4 ? 24
                   : type.id() == TypeId::kFloat8 ? 53
                                                  : 0;
  if (bits > 0) row->Set("numeric_precision", bits).Set("numeric_precision_radix", 2);
  if (type.is_integer()) row->Set("numeric_scale", 0);
  if (type.id() == TypeId::kNumeric) {
    row->Set("numeric_precision_radix", 10);
    if (type.modifier() >= 0) row->Set("numeric_precision", type.modifier() >> 16).Set("numeric_scale", type.modifier() & 0xFFFF);
  }
  if (type.id() == TypeId::kText && type.modifier() >= 0) row->Set("character_maximum_length", static_cast<int>(type.modifier()));
  if (type.id() == TypeId::kText) row->Set("character_octet_length", type.modifier() >= 0 ? 4 * type.modifier() : 1 << 30);
  if (type.id() == TypeId::kDate) row->Set("datetime_precision", 0);
  if (type.id() == TypeId::kTime || type.id() == TypeId::kTimestamp || type.id() == TypeId::kTimestampTz || type.id() == TypeId::kInterval)
    row->Set("datetime_precision", type.modifier() >= 0 && type.id() != TypeId::kInterval ? static_cast<int>(type.modifier()) : 6);
}

void Columns(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    for (size_t i = 0; object.columns != nullptr && i < object.columns->size(); ++i) {
      const CatalogColumn& column = (*object.columns)[i];
      const bool generated = IsGenerated(object, i);
      const std::string text = ColumnDefault(object, i);
      SystemRow row(relation);
      row.Set("table_catalog", catalog.identity().database)
          .Set("table_schema", object.object->schema)
          .Set("table_name", object.object->shown_name())
          .Set("column_name", column.name)
          .Set("ordinal_position", i + 1)
          .Set("is_nullable", column.not_null && object.kind == 'r' ? "NO" : "YES")
          .Set("data_type", DataType(column.type))
          .Set("udt_catalog", catalog.identity().database)
          .Set("udt_schema", "pg_catalog")
          .Set("udt_name", ShortName(column.type))
          .Set("dtd_identifier", std::to_string(i + 1))
          .Set("is_self_referencing", "NO")
          .Set("is_identity", "NO")
          .Set("identity_cycle", "NO")
          .Set("is_generated", generated ? "ALWAYS" : "NEVER")
          .Set("is_updatable", object.object->As<TableObject>() != nullptr ? "YES" : "NO");
      Precision(column.type, &row);
      if (!text.empty()) row.Set(generated ? "generation_expression" : "column_default", text);
    }
  }
}

void TableConstraints(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.key_oid == 0) continue;
    SystemRow(relation)
        .Set("constraint_catalog", catalog.identity().database)
        .Set("constraint_schema", object.object->schema)
        .Set("constraint_name", object.key_name)
        .Set("table_catalog", catalog.identity().database)
        .Set("table_schema", object.object->schema)
        .Set("table_name", object.object->shown_name())
        .Set("constraint_type", "PRIMARY KEY")
        .Set("is_deferrable", "NO")
        .Set("initially_deferred", "NO")
        .Set("enforced", "YES");
  }
}

void KeyColumns(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    for (size_t i = 0; i < object.key.size(); ++i) {
      SystemRow(relation)
          .Set("constraint_catalog", catalog.identity().database)
          .Set("constraint_schema", object.object->schema)
          .Set("constraint_name", object.key_name)
          .Set("table_catalog", catalog.identity().database)
          .Set("table_schema", object.object->schema)
          .Set("table_name", object.object->shown_name())
          .Set("column_name", (*object.columns)[static_cast<size_t>(object.key[i])].name)
          .Set("ordinal_position", i + 1)
          .Null("position_in_unique_constraint");
    }
  }
}

void EnabledRoles(const SystemCatalog& catalog, SystemRelation* relation) { SystemRow(relation).Set("role_name", catalog.identity().user); }

}  // namespace

SystemFill FillOfInformationSchema(std::string_view name) {
  static const std::map<std::string_view, SystemFill> fills = {
      {"information_schema_catalog_name", CatalogName},
      {"schemata", Schemata},
      {"tables", Tables},
      {"views", ViewRows},
      {"columns", Columns},
      {"table_constraints", TableConstraints},
      {"key_column_usage", KeyColumns},
      {"enabled_roles", EnabledRoles},
  };
  const auto found = fills.find(name);
  return found == fills.end() ? nullptr : found->second;
}

}  // namespace kappa
