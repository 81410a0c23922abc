#include "catalog/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/dead_letters.h"

namespace kappa {

std::string_view CatalogObject::KindName() const {
  static constexpr std::string_view kNames[] = {"source", "view", "materialized view", "sink", "table", "secret", "connection", "function", "index"};
  return kNames[object.index()];
}

std::string CatalogObject::qualified_name() const { return schema == kPublicSchema ? shown_name() : schema + "." + shown_name(); }

const std::vector<CatalogColumn>* CatalogObject::columns() const {
  if (const auto* source = As<SourceObject>()) return &source->columns;
  if (const auto* view = As<ViewObject>()) return &view->columns;
  if (const auto* view = As<MaterializedViewObject>()) return &view->columns;
  if (const auto* sink = As<SinkObject>()) return &sink->columns;
  if (const auto* table = As<TableObject>()) return &table->source.columns;
  return nullptr;
}

namespace {

Catalog::Family FamilyOf(const CatalogObject& object) {
  if (object.As<SecretObject>() != nullptr) return Catalog::Family::kSecret;
  if (object.As<ConnectionObject>() != nullptr) return Catalog::Family::kConnection;
  if (object.As<FunctionObject>() != nullptr) return Catalog::Family::kFunction;
  if (object.As<IndexObject>() != nullptr) return Catalog::Family::kIndex;
  return Catalog::Family::kRelation;
}

}  // namespace

Catalog::Catalog() { (void)EnsureDeadLetters(kDeadLettersTable); }  // cannot fail: nothing is there yet

CatalogObjectPtr Catalog::Find(std::string_view name) const {
  const auto found = std::find_if(objects_.begin(), objects_.end(), [&](const CatalogObjectPtr& object) { return object->name == name; });
  return found == objects_.end() ? nullptr : *found;
}

Status Catalog::Add(CatalogObject object) {
  if (Find(object.name) != nullptr) return SqlError(sqlstate::kDuplicateTable) << "relation \"" << object.name << "\" already exists";
  DropUnrestored(object.schema, object.shown_name());
  objects_.push_back(std::make_shared<const CatalogObject>(std::move(object)));
  return OkStatus();
}

CatalogObjectPtr Catalog::Resolve(Family family, std::string_view schema, std::string_view label, const std::vector<std::string>& search_path) const {
  const auto in = [&](std::string_view wanted) -> CatalogObjectPtr {
    for (const CatalogObjectPtr& object : objects_) {
      if (object->shown_name() == label && object->schema == wanted && FamilyOf(*object) == family) return object;
    }
    return nullptr;
  };
  if (!schema.empty()) return in(schema);
  for (const std::string& candidate : search_path) {
    if (CatalogObjectPtr found = in(candidate)) return found;
  }
  return nullptr;
}

std::vector<CatalogObjectPtr> Catalog::Functions(std::string_view schema, std::string_view label, const std::vector<std::string>& search_path) const {
  std::vector<CatalogObjectPtr> found;
  const auto add = [&](std::string_view wanted) {
    for (const CatalogObjectPtr& object : objects_) {
      if (object->shown_name() == label && object->schema == wanted && object->As<FunctionObject>() != nullptr) found.push_back(object);
    }
  };
  if (!schema.empty()) {
    add(schema);
  } else {
    for (const std::string& candidate : search_path) add(candidate);
  }
  return found;
}

std::string Catalog::NewKey(Family family, std::string_view schema, std::string_view label) const {
  static constexpr std::string_view kPrefixes[] = {"", "secret:", "connection:", "function:", "index:"};
  std::string key(kPrefixes[static_cast<int>(family)]);
  if (schema != kPublicSchema) key += std::string(schema) + ".";
  key += label;
  std::string free = key;
  for (int number = 2; Find(free) != nullptr; ++number) free = key + "#" + std::to_string(number);
  return free;
}

bool Catalog::HasSchema(std::string_view name) const { return std::find(schemas_.begin(), schemas_.end(), name) != schemas_.end(); }

Status Catalog::AddSchema(std::string_view name) {
  if (HasSchema(name)) return SqlError(sqlstate::kDuplicateSchema) << "schema \"" << name << "\" already exists";
  schemas_.emplace_back(name);
  return OkStatus();
}

StatusOr<std::vector<std::string>> Catalog::DropSchema(std::string_view name, bool cascade) {
  if (!HasSchema(name)) return SqlError(sqlstate::kInvalidSchemaName) << "schema \"" << name << "\" does not exist" << DidYouMean(name, schemas_);
  if (name == kPublicSchema) return SqlError(sqlstate::kFeatureNotSupported) << "schema \"public\" cannot be dropped";
  std::vector<std::string> dropped;
  for (const CatalogObjectPtr& object : Objects()) {
    if (object->schema != name || Find(object->name) == nullptr) continue;
    if (!cascade) {
      return SqlError(sqlstate::kDependentObjectsExist)
             << "cannot drop schema \"" << name << "\" because " << object->KindName() << " \"" << object->shown_name() << "\" is in it"
             << Hint("use DROP SCHEMA ... CASCADE to drop what it holds too");
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> more, Drop(object->name, true));
    dropped.insert(dropped.end(), more.begin(), more.end());
  }
  schemas_.erase(std::find(schemas_.begin(), schemas_.end(), name));
  return dropped;
}

void Catalog::Replace(CatalogObject object) {
  for (CatalogObjectPtr& present : objects_) {
    if (present->name != object.name) continue;
    present = std::make_shared<const CatalogObject>(std::move(object));
    return;
  }
}

void Catalog::RestoreSchemas(const Saved& saved) {
  for (const std::string& schema : saved.schemas) {
    if (!HasSchema(schema)) schemas_.push_back(schema);
  }
  generation_ = saved.generation;
}

StatusOr<std::vector<std::string>> Catalog::Drop(std::string_view name, bool cascade) {
  if (Find(name) == nullptr) {
    return SqlError(sqlstate::kUndefinedTable) << "relation \"" << std::string(name) << "\" does not exist" << DidYouMean(name, Names());
  }
  std::vector<std::string> dropped;
  for (const CatalogObjectPtr& object : Objects()) {
    const auto& needs = object->depends_on;
    if (std::find(needs.begin(), needs.end(), name) == needs.end() || Find(object->name) == nullptr) continue;
    if (!cascade && object->As<IndexObject>() == nullptr) {  // indexes go with what they are on
      return SqlError(sqlstate::kDependentObjectsExist)
             << "cannot drop \"" << Find(name)->shown_name() << "\" because " << object->KindName() << " \"" << object->shown_name()
             << "\" depends on it" << Hint("use DROP ... CASCADE to drop the dependent objects too");
    }
    const std::string dependent = object->name;
    ASSIGN_OR_RETURN(std::vector<std::string> more, Drop(dependent, true));
    dropped.insert(dropped.end(), more.begin(), more.end());
  }
  dropped.emplace_back(name);
  const std::string gone(name);  // `name` may live in the object
  objects_.erase(std::remove_if(objects_.begin(), objects_.end(), [&](const CatalogObjectPtr& object) { return object->name == gone; }),
                 objects_.end());
  return dropped;
}

Status Catalog::EnsureDeadLetters(std::string_view name) {
  if (const CatalogObjectPtr found = Find(name)) {
    const auto* source = found->As<SourceObject>();
    if (source != nullptr && source->dead_letters) return OkStatus();
    return SqlError(sqlstate::kWrongObjectType) << "\"" << std::string(name) << "\" is a " << found->KindName() << ", not a table of dead letters"
                                                << Hint("name a table that does not exist yet: it is made by itself");
  }
  CatalogObject object;
  object.name = std::string(name);
  object.object = DeadLetterSource(name);
  return Add(std::move(object));
}

std::vector<CatalogObjectPtr> Catalog::Objects() const { return objects_; }

std::vector<std::string> Catalog::Names(Family family) const {
  std::vector<std::string> names;
  for (const CatalogObjectPtr& object : objects_) {
    if (FamilyOf(*object) == family) names.push_back(object->qualified_name());
  }
  return names;
}

bool Catalog::DropUnrestored(std::string_view schema, std::string_view label) {
  return std::erase_if(unrestored_, [&](const SavedObject& saved) { return saved.object.schema == schema && saved.object.shown_name() == label; }) >
         0;
}

namespace {

nlohmann::json EntryOf(const CatalogObject& object, std::string_view kind, const std::map<std::string, int64_t>& added) {
  nlohmann::json entry = {{"kind", kind},
                          {"name", object.name},
                          {"label", object.shown_name()},
                          {"schema", object.schema},
                          {"ddl", object.ddl},
                          {"generation", object.generation},
                          {"search_path", object.search_path},
                          {"time_zone", object.time_zone}};
  if (!object.comment.empty()) entry["comment"] = object.comment;
  if (!object.column_comments.empty()) entry["column_comments"] = object.column_comments;
  if (!added.empty()) entry["added"] = added;
  return entry;
}

}  // namespace

std::string Catalog::Serialize() const {
  nlohmann::json objects = nlohmann::json::array();
  for (const CatalogObjectPtr& object : objects_) {
    const auto* source = object->As<SourceObject>();
    if (source != nullptr && source->dead_letters) continue;
    std::map<std::string, int64_t> added;
    for (const CatalogColumn& column : source != nullptr ? source->columns : std::vector<CatalogColumn>()) {
      if (column.added != 0) added[column.name] = column.added;
    }
    objects.push_back(EntryOf(*object, object->KindName(), added));
  }
  for (const SavedObject& saved : unrestored_) objects.push_back(EntryOf(saved.object, saved.kind, saved.added));
  const nlohmann::json document = {{"version", kCatalogVersion}, {"schemas", schemas_}, {"generation", generation_}, {"objects", objects}};
  return document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

StatusOr<Catalog::Saved> Catalog::Parse(std::string_view text) {
  try {  // nlohmann-json answers damage by exceptions: they end here
    const auto document = nlohmann::json::parse(text);
    const int version = document.at("version");
    if (version > kCatalogVersion) {
      return SqlError(sqlstate::kDataCorrupted) << "the catalog has version " << version << ", this build reads up to " << kCatalogVersion
                                                << Hint("open it with the build that wrote it, or a later one");
    }
    Saved saved;
    saved.schemas = document.value("schemas", std::vector<std::string>{kPublicSchema});
    saved.generation = document.value("generation", int64_t{0});
    for (const auto& entry : document.at("objects")) {
      SavedObject out;
      out.object.name = entry.at("name");
      out.kind = entry.value("kind", std::string());
      out.object.ddl = entry.at("ddl");
      out.object.label = entry.value("label", out.object.name);
      out.object.schema = entry.value("schema", std::string(kPublicSchema));
      out.object.generation = entry.value("generation", int64_t{0});
      out.object.search_path = entry.value("search_path", std::vector<std::string>{kPublicSchema});
      out.object.time_zone = entry.value("time_zone", std::string());
      out.object.comment = entry.value("comment", std::string());
      out.object.column_comments = entry.value("column_comments", std::map<std::string, std::string>());
      out.added = entry.value("added", std::map<std::string, int64_t>());
      saved.objects.push_back(std::move(out));
    }
    return saved;
  } catch (const nlohmann::json::exception& error) { return SqlError(sqlstate::kDataCorrupted) << "the catalog is damaged: " << error.what(); }
}

}  // namespace kappa
