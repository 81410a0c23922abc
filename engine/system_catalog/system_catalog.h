// pg_catalog and information_schema over the engine's catalog: what psql, drivers and tools ask.
//
//   columns.*       which relations, which columns (PostgreSQL 15's)
//   relations.cc    their rows
//   information_schema.cc   likewise
//   functions.cc    pg_get_viewdef, pg_table_is_visible, current_user...: SQL functions made from the catalog when they are asked for
//   type_oid.*      numbers of types
//
// Numbers of objects (oid) are hashes of their keys: they stay the same for as long as the object lives, also across restarts.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "engine/engine.h"
#include "planner/system_objects.h"

namespace kappa {

// An object with its number, and those of its parts.
struct NumberedObject {
  int64_t oid = 0;
  int64_t schema_oid = 0;
  CatalogObjectPtr object;
  char kind = 'r';  // pg_class.relkind: r tables and sources, v, m; i indexes
  const std::vector<CatalogColumn>* columns = nullptr;
  std::vector<int> key;                // of a primary key
  int64_t key_oid = 0;                 // of its index
  std::string key_name;                // NAME_pkey
  const NumberedObject* of = nullptr;  // of an index: its table
};

class SystemCatalog final : public SystemObjects {
 public:
  using SettingLookup = std::function<std::optional<std::string>(std::string_view)>;
  // All must outlive it.
  SystemCatalog(const Catalog* catalog, const SessionIdentity* identity, std::vector<std::string> search_path, SettingLookup setting);

  std::optional<SystemRelation> Relation(std::string_view schema, std::string_view name) const override;
  bool AlwaysEmpty(std::string_view schema, std::string_view name) const override;
  std::vector<CatalogObjectPtr> Functions(std::string_view name) const override;
  std::vector<CatalogObjectPtr> NameCast(std::string_view type, bool from_text) const override;

  // For those who fill relations and functions.
  const Catalog& catalog() const { return *catalog_; }
  const SessionIdentity& identity() const { return *identity_; }
  const std::vector<std::string>& search_path() const { return search_path_; }
  std::optional<std::string> Setting(std::string_view name) const { return setting_(name); }
  const std::vector<NumberedObject>& objects() const;  // relations and indexes
  static int64_t SchemaOid(std::string_view schema);
  bool Visible(const NumberedObject& object) const;

 private:
  const Catalog* const catalog_;
  const SessionIdentity* const identity_;
  const std::vector<std::string> search_path_;
  const SettingLookup setting_;
  mutable std::vector<NumberedObject> objects_;  // made when first asked for
  mutable bool numbered_ = false;
};

// A row that is filled by the names of its columns; what is not named has the column's nothing: 0, false, '' or, for times and arrays, NULL.
class SystemRow {
 public:
  explicit SystemRow(SystemRelation* relation);
  SystemRow& Set(std::string_view column, Datum value);
  SystemRow& Set(std::string_view column, std::string_view text) { return Set(column, Datum::Bytes(std::string(text))); }
  SystemRow& Set(std::string_view column, const std::string& text) { return Set(column, Datum::Bytes(text)); }
  SystemRow& Set(std::string_view column, const char* text) { return Set(column, Datum::Bytes(text)); }
  SystemRow& Set(std::string_view column, bool value) { return Set(column, Datum::Bool(value)); }
  SystemRow& Set(std::string_view column, int64_t value) { return Set(column, Datum::Int(value)); }
  SystemRow& Set(std::string_view column, int value) { return Set(column, Datum::Int(value)); }
  SystemRow& Set(std::string_view column, size_t value) { return Set(column, Datum::Int(static_cast<int64_t>(value))); }
  SystemRow& Null(std::string_view column) { return Set(column, Datum()); }

 private:
  SystemRelation* const relation_;
  std::vector<Datum>* row_;
};

// Whoever fills a relation; nullptr: it is always empty.
using SystemFill = void (*)(const SystemCatalog& catalog, SystemRelation* relation);
SystemFill FillOfPgCatalog(std::string_view name);
SystemFill FillOfInformationSchema(std::string_view name);

// Numbers that are PostgreSQL's own.
inline constexpr int64_t kPgCatalogOid = 11, kPublicOid = 2200, kInformationSchemaOid = 13000, kOwnerOid = 10, kDatabaseOid = 5, kHeapOid = 2,
                         kBtreeOid = 403, kDefaultTablespaceOid = 1663, kUtf8Encoding = 6, kFirstOid = 16384;

}  // namespace kappa
