#include "catalog/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/dead_letters.h"

namespace kappa {

std::string_view CatalogObject::KindName() const {
  static constexpr std::string_view kNames[] = {"source", "view", "materialized view", "sink"};
  return kNames[object.index()];
}

Catalog::Catalog() { (void)EnsureDeadLetters(kDeadLettersTable); }  // cannot fail: nothing is there yet

CatalogObjectPtr Catalog::Find(std::string_view name) const {
  const auto found = std::find_if(objects_.begin(), objects_.end(), [&](const CatalogObjectPtr& object) { return object->name == name; });
  return found == objects_.end() ? nullptr : *found;
}

Status Catalog::Add(CatalogObject object) {
  if (Find(object.name) != nullptr) return SqlError(sqlstate::kDuplicateTable) << "relation \"" << object.name << "\" already exists";
  objects_.push_back(std::make_shared<const CatalogObject>(std::move(object)));
  return OkStatus();
}

StatusOr<std::vector<std::string>> Catalog::Drop(std::string_view name, bool cascade) {
  if (Find(name) == nullptr) {
    return SqlError(sqlstate::kUndefinedTable) << "relation \"" << std::string(name) << "\" does not exist" << DidYouMean(name, Names());
  }
  std::vector<std::string> dropped;
  for (const CatalogObjectPtr& object : Objects()) {
    const auto& needs = object->depends_on;
    if (std::find(needs.begin(), needs.end(), name) == needs.end() || Find(object->name) == nullptr) continue;
    if (!cascade) {
      return SqlError(sqlstate::kDependentObjectsExist)
             << "cannot drop \"" << std::string(name) << "\" because " << object->KindName() << " \"" << object->name << "\" depends on it"
             << Hint("use DROP ... CASCADE to drop the dependent objects too");
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

std::vector<std::string> Catalog::Names() const {
  std::vector<std::string> names;
  for (const CatalogObjectPtr& object : objects_) names.push_back(object->name);
  return names;
}

std::string Catalog::Serialize() const {
  nlohmann::json objects = nlohmann::json::array();
  for (const CatalogObjectPtr& object : objects_) {
    if (const auto* source = object->As<SourceObject>(); source && source->dead_letters) continue;
    objects.push_back({{"kind", object->KindName()}, {"name", object->name}, {"ddl", object->ddl}});
  }
  const nlohmann::json document = {{"version", kCatalogVersion}, {"objects", objects}};
  return document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

StatusOr<std::vector<std::string>> Catalog::Parse(std::string_view text) {
  try {  // nlohmann-json answers damage by exceptions: they end here
    const auto document = nlohmann::json::parse(text);
    const int version = document.at("version");
    if (version > kCatalogVersion) {
      return SqlError(sqlstate::kDataCorrupted) << "the catalog has version " << version << ", this build reads up to " << kCatalogVersion
                                                << Hint("open it with the build that wrote it, or a later one");
    }
    std::vector<std::string> statements;
    for (const auto& object : document.at("objects")) statements.push_back(object.at("ddl"));
    return statements;
  } catch (const nlohmann::json::exception& error) { return SqlError(sqlstate::kDataCorrupted) << "the catalog is damaged: " << error.what(); }
}

}  // namespace kappa
