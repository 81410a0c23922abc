// The rows of pg_catalog's relations.
#include <map>

#include "engine/engine.h"
#include "engine/system_catalog/definitions.h"
#include "engine/system_catalog/system_catalog.h"
#include "engine/system_catalog/type_oid.h"
#include "functions/registry.h"

namespace kappa {
namespace {

Datum Array(const Type& element, const std::vector<int64_t>& values) {
  auto array = Datum::Parse(Type::Array(element), ArrayText(values));
  return array.ok() ? *std::move(array) : Datum();
}

std::vector<int64_t> AttributeNumbers(const std::vector<int>& positions) {
  std::vector<int64_t> numbers;
  for (const int position : positions) numbers.push_back(position + 1);
  return numbers;
}

void Namespaces(const SystemCatalog& catalog, SystemRelation* relation) {
  const auto add = [&](const std::string& name) {
    SystemRow(relation).Set("oid", SystemCatalog::SchemaOid(name)).Set("nspname", name).Set("nspowner", kOwnerOid).Null("nspacl");
  };
  add("pg_catalog");
  add("information_schema");
  for (const std::string& schema : catalog.catalog().schemas()) add(schema);
}

void IndexClass(SystemRelation* relation, int64_t oid, const std::string& name, int64_t schema, size_t columns) {
  SystemRow(relation)
      .Set("oid", oid)
      .Set("relname", name)
      .Set("relnamespace", schema)
      .Set("relowner", kOwnerOid)
      .Set("relam", kBtreeOid)
      .Set("relfilenode", oid)
      .Set("reltuples", Datum::Float(-1))
      .Set("relpersistence", "p")
      .Set("relkind", "i")
      .Set("relnatts", columns)
      .Set("relispopulated", true)
      .Set("relreplident", "n");
}

void Classes(const SystemCatalog& catalog, SystemRelation* relation) {
  std::map<std::string, bool> indexed;
  for (const NumberedObject& object : catalog.objects()) {
    if (object.of != nullptr) indexed[object.of->object->name] = true;
  }
  for (const NumberedObject& object : catalog.objects()) {
    if (object.kind == 'i') {
      IndexClass(relation, object.oid, object.object->shown_name(), object.schema_oid, object.object->As<IndexObject>()->columns.size());
      continue;
    }
    SystemRow(relation)
        .Set("oid", object.oid)
        .Set("relname", object.object->shown_name())
        .Set("relnamespace", object.schema_oid)
        .Set("relowner", kOwnerOid)
        .Set("relam", object.kind == 'v' ? int64_t{0} : kHeapOid)
        .Set("relfilenode", object.kind == 'v' ? int64_t{0} : object.oid)
        .Set("reltuples", Datum::Float(-1))
        .Set("relhasindex", !object.key.empty() || indexed.count(object.object->name) != 0)
        .Set("relpersistence", "p")
        .Set("relkind", std::string(1, object.kind))
        .Set("relnatts", object.columns->size())
        .Set("relhasrules", object.kind == 'v')
        .Set("relispopulated", true)
        .Set("relreplident", "d");
    if (object.key_oid != 0) IndexClass(relation, object.key_oid, object.key_name, object.schema_oid, object.key.size());
  }
}

void Attribute(SystemRelation* relation, int64_t owner, size_t number, const CatalogColumn& column, bool not_null, bool has_default, bool generated) {
  const WireType type = WireTypeOf(column.type);
  SystemRow(relation)
      .Set("attrelid", owner)
      .Set("attname", column.name)
      .Set("atttypid", static_cast<int64_t>(type.oid))
      .Set("attstattarget", -1)
      .Set("attlen", static_cast<int>(type.size))
      .Set("attnum", number)
      .Set("attndims", column.type.id() == TypeId::kArray ? 1 : 0)
      .Set("attcacheoff", -1)
      .Set("atttypmod", static_cast<int64_t>(type.modifier))
      .Set("attbyval", type.size > 0 && type.size <= 8)
      .Set("attalign", type.size == 8 ? "d" : "i")
      .Set("attstorage", type.size > 0 ? "p" : "x")
      .Set("attcompression", "")
      .Set("attnotnull", not_null)
      .Set("atthasdef", has_default)
      .Set("attidentity", "")
      .Set("attgenerated", generated ? "s" : "")
      .Set("attislocal", true);
}

void Attributes(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.kind == 'i') {
      const std::vector<int>& columns = object.object->As<IndexObject>()->columns;
      for (size_t i = 0; i < columns.size() && object.of != nullptr; ++i)
        Attribute(relation, object.oid, i + 1, (*object.of->columns)[static_cast<size_t>(columns[i])], false, false, false);
      continue;
    }
    for (size_t i = 0; i < object.columns->size(); ++i) {
      const CatalogColumn& column = (*object.columns)[i];
      Attribute(relation, object.oid, i + 1, column, column.not_null && object.kind == 'r', !ColumnDefault(object, i).empty(),
                IsGenerated(object, i));
    }
    for (size_t i = 0; i < object.key.size(); ++i)
      Attribute(relation, object.key_oid, i + 1, (*object.columns)[static_cast<size_t>(object.key[i])], false, false, false);
  }
}

void Defaults(const SystemCatalog& catalog, SystemRelation* relation) {
  int64_t number = 0;
  for (const NumberedObject& object : catalog.objects()) {
    for (size_t i = 0; object.columns != nullptr && i < object.columns->size(); ++i) {
      if (const std::string text = ColumnDefault(object, i); !text.empty())
        SystemRow(relation).Set("oid", ++number).Set("adrelid", object.oid).Set("adnum", i + 1).Set("adbin", text);
    }
  }
}

void Types(const SystemCatalog&, SystemRelation* relation) {
  const auto add = [&](uint32_t oid, const std::string& name, int size, char kind, char category, uint32_t element, uint32_t array) {
    SystemRow(relation)
        .Set("oid", static_cast<int64_t>(oid))
        .Set("typname", name)
        .Set("typnamespace", kPgCatalogOid)
        .Set("typowner", kOwnerOid)
        .Set("typlen", size)
        .Set("typbyval", size > 0 && size <= 8)
        .Set("typtype", std::string(1, kind))
        .Set("typcategory", std::string(1, category))
        .Set("typisdefined", true)
        .Set("typdelim", ",")
        .Set("typelem", static_cast<int64_t>(element))
        .Set("typarray", static_cast<int64_t>(array))
        .Set("typalign", size == 8 ? "d" : "i")
        .Set("typstorage", size > 0 ? "p" : "x")
        .Set("typtypmod", -1);
  };
  for (const NumberedType& type : NumberedTypes()) {
    add(type.oid, type.name, type.size, 'b', type.category, 0, type.array_oid);
    add(type.array_oid, "_" + std::string(type.name), -1, 'b', 'A', type.oid, 0);
  }
  add(kVarcharOid, "varchar", -1, 'b', 'S', 0, 1015);
  add(1015, "_varchar", -1, 'b', 'A', kVarcharOid, 0);
  add(kRecordOid, "record", -1, 'p', 'P', 0, 2287);
}

void IndexRow(SystemRelation* relation, int64_t oid, int64_t table, const std::vector<int>& columns, bool unique, bool primary) {
  SystemRow(relation)
      .Set("indexrelid", oid)
      .Set("indrelid", table)
      .Set("indnatts", columns.size())
      .Set("indnkeyatts", columns.size())
      .Set("indisunique", unique)
      .Set("indisprimary", primary)
      .Set("indimmediate", true)
      .Set("indisvalid", true)
      .Set("indisready", true)
      .Set("indislive", true)
      .Set("indkey", Array(TypeId::kInt2, AttributeNumbers(columns)));
}

void Indexes(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.key_oid != 0) IndexRow(relation, object.key_oid, object.oid, object.key, true, true);
    if (object.kind == 'i' && object.of != nullptr) {
      const auto* index = object.object->As<IndexObject>();
      IndexRow(relation, object.oid, object.of->oid, index->columns, index->unique, false);
    }
  }
}

void Constraints(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.key_oid == 0) continue;
    SystemRow(relation)
        .Set("oid", object.key_oid)
        .Set("conname", object.key_name)
        .Set("connamespace", object.schema_oid)
        .Set("contype", "p")
        .Set("convalidated", true)
        .Set("conrelid", object.oid)
        .Set("conindid", object.key_oid)
        .Set("conislocal", true)
        .Set("connoinherit", true)
        .Set("conkey", Array(TypeId::kInt2, AttributeNumbers(object.key)));
  }
}

void AccessMethods(const SystemCatalog&, SystemRelation* relation) {
  SystemRow(relation).Set("oid", kHeapOid).Set("amname", "heap").Set("amtype", "t");
  SystemRow(relation).Set("oid", kBtreeOid).Set("amname", "btree").Set("amtype", "i");
}

void Databases(const SystemCatalog& catalog, SystemRelation* relation) {
  SystemRow(relation)
      .Set("oid", kDatabaseOid)
      .Set("datname", catalog.identity().database)
      .Set("datdba", kOwnerOid)
      .Set("encoding", kUtf8Encoding)
      .Set("datlocprovider", "c")
      .Set("datallowconn", true)
      .Set("datconnlimit", -1)
      .Set("dattablespace", kDefaultTablespaceOid)
      .Set("datcollate", "C")
      .Set("datctype", "C");
}

void Roles(const SystemCatalog& catalog, SystemRelation* relation) {
  SystemRow(relation)
      .Set("oid", kOwnerOid)
      .Set("rolname", catalog.identity().user)
      .Set("rolsuper", true)
      .Set("rolinherit", true)
      .Set("rolcreaterole", true)
      .Set("rolcreatedb", true)
      .Set("rolcanlogin", true)
      .Set("rolreplication", false)
      .Set("rolconnlimit", -1)
      .Set("rolbypassrls", true);
}

void Users(const SystemCatalog& catalog, SystemRelation* relation) {
  SystemRow(relation)
      .Set("usename", catalog.identity().user)
      .Set("usesysid", kOwnerOid)
      .Set("usecreatedb", true)
      .Set("usesuper", true)
      .Set("usebypassrls", true)
      .Set("passwd", "********");
}

// Functions that users make; those of the language are listed in docs/functions.md.
void Functions(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const CatalogObjectPtr& object : catalog.catalog().Objects()) {
    const auto* function = object->As<FunctionObject>();
    if (function == nullptr) continue;
    std::vector<int64_t> types;
    for (const Type& type : function->parameters) types.push_back(WireTypeOf(type).oid);
    SystemRow(relation)
        .Set("oid", kFirstOid + object->generation)
        .Set("proname", object->shown_name())
        .Set("pronamespace", SystemCatalog::SchemaOid(object->schema))
        .Set("proowner", kOwnerOid)
        .Set("prolang", 14)
        .Set("prokind", "f")
        .Set("provolatile", "i")
        .Set("proparallel", "s")
        .Set("pronargs", function->parameters.size())
        .Set("pronargdefaults", function->parameters.size() - function->required)
        .Set("prorettype", static_cast<int64_t>(WireTypeOf(function->result).oid))
        .Set("proargtypes", Array(TypeId::kInt8, types))
        .Set("prosrc", object->ddl);
  }
}

void SettingRows(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const SettingInfo& setting : Settings()) {
    SystemRow(relation)
        .Set("name", setting.name)
        .Set("setting", catalog.Setting(setting.name).value_or(setting.default_value))
        .Set("category", "kappa")
        .Set("short_desc", setting.documentation)
        .Set("context", "user")
        .Set("vartype", "string")
        .Set("source", "session")
        .Set("boot_val", setting.default_value)
        .Set("reset_val", setting.default_value);
  }
}

void Tables(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.kind != 'r') continue;
    SystemRow(relation)
        .Set("schemaname", object.object->schema)
        .Set("tablename", object.object->shown_name())
        .Set("tableowner", catalog.identity().user)
        .Set("hasindexes", !object.key.empty());
  }
}

template <char kKind>
void Views(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.kind != kKind) continue;
    SystemRow(relation)
        .Set("schemaname", object.object->schema)
        .Set(kKind == 'v' ? "viewname" : "matviewname", object.object->shown_name())
        .Set(kKind == 'v' ? "viewowner" : "matviewowner", catalog.identity().user)
        .Set("ispopulated", true)
        .Set("definition", ViewDefinition(object));
  }
}

void IndexViews(const SystemCatalog& catalog, SystemRelation* relation) {
  for (const NumberedObject& object : catalog.objects()) {
    if (object.kind == 'i' && object.of != nullptr) {
      SystemRow(relation)
          .Set("schemaname", object.object->schema)
          .Set("tablename", object.of->object->shown_name())
          .Set("indexname", object.object->shown_name())
          .Set("indexdef", IndexDefinition(object, 0));
    } else if (object.key_oid != 0) {
      SystemRow(relation)
          .Set("schemaname", object.object->schema)
          .Set("tablename", object.object->shown_name())
          .Set("indexname", object.key_name)
          .Set("indexdef", KeyDefinition(object));
    }
  }
}

void Descriptions(const SystemCatalog& catalog, SystemRelation* relation) {
  constexpr int64_t kClassOid = 1259;
  for (const NumberedObject& object : catalog.objects()) {
    if (!object.object->comment.empty())
      SystemRow(relation).Set("objoid", object.oid).Set("classoid", kClassOid).Set("description", object.object->comment);
    for (size_t i = 0; object.columns != nullptr && i < object.columns->size(); ++i) {
      const auto comment = object.object->column_comments.find((*object.columns)[i].name);
      if (comment != object.object->column_comments.end())
        SystemRow(relation).Set("objoid", object.oid).Set("classoid", kClassOid).Set("objsubid", i + 1).Set("description", comment->second);
    }
  }
}

void Collations(const SystemCatalog&, SystemRelation* relation) {
  SystemRow(relation)
      .Set("oid", 100)
      .Set("collname", "default")
      .Set("collnamespace", kPgCatalogOid)
      .Set("collowner", kOwnerOid)
      .Set("collprovider", "d")
      .Set("collencoding", -1);
  SystemRow(relation)
      .Set("oid", 950)
      .Set("collname", "C")
      .Set("collnamespace", kPgCatalogOid)
      .Set("collowner", kOwnerOid)
      .Set("collprovider", "c")
      .Set("collencoding", -1);
}

void Tablespaces(const SystemCatalog&, SystemRelation* relation) {
  SystemRow(relation).Set("oid", kDefaultTablespaceOid).Set("spcname", "pg_default").Set("spcowner", kOwnerOid);
}

void Languages(const SystemCatalog&, SystemRelation* relation) {
  SystemRow(relation).Set("oid", 14).Set("lanname", "sql").Set("lanowner", kOwnerOid).Set("lanpltrusted", true);
}

}  // namespace

SystemFill FillOfPgCatalog(std::string_view name) {
  static const std::map<std::string_view, SystemFill> fills = {
      {"pg_namespace", Namespaces},
      {"pg_class", Classes},
      {"pg_attribute", Attributes},
      {"pg_attrdef", Defaults},
      {"pg_type", Types},
      {"pg_index", Indexes},
      {"pg_constraint", Constraints},
      {"pg_am", AccessMethods},
      {"pg_database", Databases},
      {"pg_roles", Roles},
      {"pg_authid", Roles},
      {"pg_user", Users},
      {"pg_shadow", Users},
      {"pg_proc", Functions},
      {"pg_settings", SettingRows},
      {"pg_tables", Tables},
      {"pg_views", Views<'v'>},
      {"pg_matviews", Views<'m'>},
      {"pg_indexes", IndexViews},
      {"pg_description", Descriptions},
      {"pg_collation", Collations},
      {"pg_tablespace", Tablespaces},
      {"pg_language", Languages},
  };
  const auto found = fills.find(name);
  return found == fills.end() ? nullptr : found->second;
}

}  // namespace kappa
