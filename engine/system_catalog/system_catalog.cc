#include "engine/system_catalog/system_catalog.h"

#include <algorithm>
#include <set>

#include "common/hash.h"
#include "engine/system_catalog/columns.h"

namespace kappa {
namespace {

Type TypeOfLetter(char letter) {
  switch (letter) {
    case 'o':
    case 'l':
      return TypeId::kInt8;
    case 'b':
      return TypeId::kBool;
    case 'h':
      return TypeId::kInt2;
    case 'i':
      return TypeId::kInt4;
    case 'f':
      return TypeId::kFloat4;
    case 'd':
      return TypeId::kFloat8;
    case 'z':
      return TypeId::kTimestampTz;
    case 'v':
      return TypeId::kInterval;
    case 'O':
      return Type::Array(TypeId::kInt8);
    case 'H':
      return Type::Array(TypeId::kInt2);
    case 'F':
      return Type::Array(TypeId::kFloat4);
    case 'T':
      return Type::Array(TypeId::kText);
    default:
      return TypeId::kText;
  }
}

Datum NothingOf(const Type& type) {
  if (type.is_integer()) return Datum::Int(0);
  if (type.id() == TypeId::kBool) return Datum::Bool(false);
  if (type.id() == TypeId::kFloat4 || type.id() == TypeId::kFloat8) return Datum::Float(0);
  return {};
}

uint64_t HashOf(const std::string& text) { return HashBytes(text.data(), text.size()); }

const SystemColumns* FindColumns(std::string_view schema, std::string_view name) {
  if (schema.empty()) schema = "pg_catalog";
  for (const SystemColumns& relation : SystemRelationColumns()) {
    if (relation.schema == schema && relation.name == name) return &relation;
  }
  return nullptr;
}

SystemFill FillOf(const SystemColumns& relation) {
  return relation.schema == "pg_catalog" ? FillOfPgCatalog(relation.name) : FillOfInformationSchema(relation.name);
}

}  // namespace

SystemRow::SystemRow(SystemRelation* relation) : relation_(relation) {
  std::vector<Datum> row;
  for (const SystemRelation::Column& column : relation->columns) row.push_back(NothingOf(column.type));
  relation->rows.push_back(std::move(row));
  row_ = &relation->rows.back();
}

SystemRow& SystemRow::Set(std::string_view column, Datum value) {
  for (size_t i = 0; i < relation_->columns.size(); ++i) {
    if (relation_->columns[i].name == column) (*row_)[i] = std::move(value);
  }
  return *this;
}

SystemCatalog::SystemCatalog(const Catalog* catalog, const SessionIdentity* identity, std::vector<std::string> search_path, SettingLookup setting)
    : catalog_(catalog), identity_(identity), search_path_(std::move(search_path)), setting_(std::move(setting)) {}

int64_t SystemCatalog::SchemaOid(std::string_view schema) {
  if (schema == "pg_catalog") return kPgCatalogOid;
  if (schema == "information_schema") return kInformationSchemaOid;
  if (schema == kPublicSchema) return kPublicOid;
  return kFirstOid + static_cast<int64_t>(HashOf("schema " + std::string(schema)) % (INT32_MAX - kFirstOid));
}

const std::vector<NumberedObject>& SystemCatalog::objects() const {
  if (std::exchange(numbered_, true)) return objects_;
  std::set<int64_t> taken;
  const auto number = [&](const std::string& name) {
    int64_t oid = kFirstOid + static_cast<int64_t>(HashOf(name) % (INT32_MAX - kFirstOid));
    while (!taken.insert(oid).second) ++oid;
    return oid;
  };
  const std::vector<CatalogObjectPtr> all = catalog_->Objects();
  objects_.reserve(all.size());
  for (const CatalogObjectPtr& object : all) {
    NumberedObject entry;
    if (const auto* table = object->As<TableObject>()) {
      entry.key = table->source.key;
    } else if (const auto* source = object->As<SourceObject>()) {
      entry.key = source->key;
    } else if (object->As<ViewObject>() != nullptr) {
      entry.kind = 'v';
    } else if (object->As<MaterializedViewObject>() != nullptr) {
      entry.kind = 'm';
    } else if (object->As<IndexObject>() != nullptr) {
      entry.kind = 'i';
    } else {
      continue;  // a sink cannot be read; SHOW SINKS lists them
    }
    entry.object = object;
    entry.oid = number("object " + object->name);
    entry.schema_oid = SchemaOid(object->schema);
    entry.columns = object->columns();
    if (!entry.key.empty()) {
      entry.key_name = object->shown_name() + "_pkey";
      entry.key_oid = number("key of " + object->name);
    }
    objects_.push_back(std::move(entry));
  }
  for (NumberedObject& entry : objects_) {
    const auto* index = entry.object->As<IndexObject>();
    if (index == nullptr) continue;
    const auto table =
        std::find_if(objects_.begin(), objects_.end(), [&](const NumberedObject& other) { return other.object->name == index->table; });
    if (table != objects_.end()) entry.of = &*table;
  }
  return objects_;
}

bool SystemCatalog::Visible(const NumberedObject& object) const {
  return std::find(search_path_.begin(), search_path_.end(), object.object->schema) != search_path_.end();
}

std::optional<SystemRelation> SystemCatalog::Relation(std::string_view schema, std::string_view name) const {
  const SystemColumns* known = FindColumns(schema, name);
  if (known == nullptr) return std::nullopt;
  SystemRelation relation;
  std::string_view rest = known->columns;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    relation.columns.push_back({std::string(word.substr(0, word.size() - 2)), TypeOfLetter(word.back())});
  }
  if (const SystemFill fill = FillOf(*known)) fill(*this, &relation);
  return relation;
}

bool SystemCatalog::AlwaysEmpty(std::string_view schema, std::string_view name) const {
  const SystemColumns* known = FindColumns(schema, name);
  return known != nullptr && FillOf(*known) == nullptr;
}

}  // namespace kappa
