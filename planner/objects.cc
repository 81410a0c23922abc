// Schemas, secrets, connections, SQL functions, comments, DROP.
#include <algorithm>

#include "parser/ast/definition_statements.h"
#include "parser/ast/statement_names.h"
#include "parser/printer.h"
#include "planner/binder/ddl.h"
#include "planner/binder/expressions.h"
#include "planner/binder/types.h"
#include "planner/planner.h"

namespace kappa {
namespace {

using Family = Catalog::Family;

Family FamilyOf(ast::ObjectKind kind) {
  switch (kind) {
    case ast::ObjectKind::kSecret:
      return Family::kSecret;
    case ast::ObjectKind::kConnection:
      return Family::kConnection;
    case ast::ObjectKind::kFunction:
      return Family::kFunction;
    case ast::ObjectKind::kIndex:
      return Family::kIndex;
    default:
      return Family::kRelation;
  }
}

}  // namespace

Status ProgramPlanner::AddSchema(const ast::CreateSchema& create) {
  if (create.if_not_exists && catalog_->HasSchema(create.name.name)) return OkStatus();
  if (create.name.name.starts_with("pg_")) {
    return SqlError(SqlState{"42939"}, create.name.range)
           << "unacceptable schema name \"" << create.name.name << "\"" << Hint("the prefix \"pg_\" is reserved for system schemas");
  }
  return WithRange(catalog_->AddSchema(create.name.name), create.name.range);
}

// Its value is the engine's to keep: what is registered says asterisks.
Status ProgramPlanner::AddSecret(const ast::CreateSecret& create) {
  for (const ast::Option& option : create.options) {
    if (option.name != "backend") {
      return SqlError(sqlstate::kUndefinedObject, option.name_range)
             << "a secret has no option \"" << option.name << "\"" << DidYouMean(option.name, {"backend"});
    }
    if (option.value != "meta") return NotSupported("a secret of the backend \"" + option.value + "\"", option.value_range);
  }
  ASSIGN_OR_RETURN(const Place place, PlaceOf(Family::kSecret, create.name));
  ASSIGN_OR_RETURN(const bool exists, Exists(place, create.if_not_exists, create.or_replace, create.name.range));
  if (exists || place.present != nullptr) return OkStatus();  // another value of one that is there
  BindContext context = MakeContext(place.key, true);
  ASSIGN_OR_RETURN(CatalogObject entry, NewEntry(place, ToSql(create), context));
  entry.object = SecretObject{};
  return catalog_->Add(std::move(entry));
}

Status ProgramPlanner::AddConnection(const ast::CreateConnection& create, std::string_view text) {
  ASSIGN_OR_RETURN(const Place place, PlaceOf(Family::kConnection, create.name));
  ASSIGN_OR_RETURN(const bool exists, Exists(place, create.if_not_exists, create.or_replace, create.name.range));
  if (exists) return OkStatus();
  BindContext context = MakeContext(place.key, true);
  RETURN_IF_ERROR(DdlBinder(&context, connectors_).CheckConnection(create));
  if (place.present != nullptr) return Redefine(*place.present, create, false, "replace", create.name.range);
  return Register(place, create, text, &context, ConnectionObject{});
}

Status ProgramPlanner::AddFunction(const ast::CreateFunction& create, std::string_view text) {
  ASSIGN_OR_RETURN(Place place, PlaceOf(Family::kFunction, create.name));
  BindContext context = MakeContext(place.key, true);
  ASSIGN_OR_RETURN(FunctionObject function, DdlBinder(&context, connectors_).BindFunction(create));
  // One of the same parameters is another definition of it; one of others stands beside it.
  if (restoring_ == nullptr) {
    place.present = nullptr;
    for (const CatalogObjectPtr& other : catalog_->Functions(place.schema, place.label, {})) {
      const auto& parameters = other->As<FunctionObject>()->parameters;
      if (std::equal(parameters.begin(), parameters.end(), function.parameters.begin(), function.parameters.end(),
                     [](const Type& a, const Type& b) { return a.SameId(b); })) {
        place.present = other;
      }
    }
    if (place.present == nullptr) place.key = catalog_->NewKey(Family::kFunction, place.schema, place.label);
  }
  if (place.present != nullptr) {
    if (create.if_not_exists) return OkStatus();
    if (create.or_replace) return Redefine(*place.present, create, false, "replace", create.name.range);
    return SqlError(sqlstate::kDuplicateFunction, create.name.range) << "function \"" << place.label << "\" already exists with same argument types";
  }
  return Register(place, create, text, &context, std::move(function));
}

StatusOr<CatalogObjectPtr> ProgramPlanner::Existing(ast::ObjectKind kind, const ast::QualifiedName& name) const {
  const std::string_view wanted = ast::KindName(kind);
  const Family family = FamilyOf(kind);
  const std::string schema = name.parts.size() == 2 ? name.parts[0].name : "";
  if (!schema.empty() && !catalog_->HasSchema(schema)) {
    return SqlError(sqlstate::kInvalidSchemaName, name.parts[0].range)
           << "schema \"" << schema << "\" does not exist" << DidYouMean(schema, catalog_->schemas());
  }
  CatalogObjectPtr object = name.parts.size() > 2 ? nullptr : catalog_->Resolve(family, schema, name.last().name, settings_.search_path);
  if (object == nullptr) {
    const SqlState state = family == Family::kRelation   ? sqlstate::kUndefinedTable
                           : family == Family::kFunction ? sqlstate::kUndefinedFunction
                                                         : sqlstate::kUndefinedObject;
    return SqlError(state, name.range) << wanted << " \"" << ast::ToString(name) << "\" does not exist"
                                       << DidYouMean(name.last().name, catalog_->Names(family));
  }
  if (object->KindName() != wanted) {
    return SqlError(sqlstate::kWrongObjectType, name.range)
           << "\"" << object->shown_name() << "\" is not a " << wanted << Hint("it is a " + std::string(object->KindName()));
  }
  return object;
}

void ProgramPlanner::Forget(const std::vector<std::string>& keys) {
  dropped_.insert(dropped_.end(), keys.begin(), keys.end());
  for (const std::string& gone : keys) {
    program_.materialized.erase(gone);
    std::erase_if(plan_.roots, [&](const LogicalPtr& root) { return root->op.query == gone; });
  }
}

Status ProgramPlanner::DropOne(const ast::Drop& drop, const ast::QualifiedName& name) {
  if (drop.object == ast::ObjectKind::kUser) return NotSupported(ast::StatementName(drop), drop.range);
  if (drop.object == ast::ObjectKind::kSchema) {
    if (drop.if_exists && !catalog_->HasSchema(name.last().name)) return OkStatus();
    StatusOr<std::vector<std::string>> dropped = catalog_->DropSchema(name.last().name, drop.cascade);
    if (!dropped.ok()) return WithRange(dropped.status(), name.range);
    Forget(*dropped);
    return OkStatus();
  }
  StatusOr<CatalogObjectPtr> object = Existing(drop.object, name);
  if (!object.ok()) {
    const SqlState state = SqlStateOf(object.status());
    const bool missing = state != sqlstate::kWrongObjectType;
    for (const std::string& schema : name.parts.size() == 2 ? std::vector<std::string>{name.parts[0].name} : settings_.search_path) {
      if (missing && catalog_->DropUnrestored(schema, name.last().name)) return OkStatus();
    }
    return drop.if_exists && missing ? OkStatus() : object.status();
  }
  if ((*object)->As<FunctionObject>() != nullptr && catalog_->Functions((*object)->schema, (*object)->shown_name(), {}).size() > 1)
    return NotSupported("dropping one of several functions of the same name", name.range);
  if (const auto* source = (*object)->As<SourceObject>(); source != nullptr && source->dead_letters)
    return NotSupported("dropping a table of dead letters", name.range);
  StatusOr<std::vector<std::string>> dropped = catalog_->Drop((*object)->name, drop.cascade);
  if (!dropped.ok()) return WithRange(dropped.status(), name.range);
  Forget(*dropped);
  return OkStatus();
}

Status ProgramPlanner::ReplaceRunning(const CatalogObject& object, std::string_view kind, TextRange range) {
  if (object.KindName() != kind) {
    return SqlError(sqlstate::kWrongObjectType, range)
           << "\"" << object.shown_name() << "\" is not a " << kind << Hint("it is a " + std::string(object.KindName()) + ": drop it first");
  }
  StatusOr<std::vector<std::string>> dropped = catalog_->Drop(object.name, false);
  if (!dropped.ok()) return WithRange(dropped.status(), range);
  Forget(*dropped);
  return OkStatus();
}

Status ProgramPlanner::Comment(const ast::Comment& comment) {
  if (!comment.column) {
    if (comment.object == ast::ObjectKind::kSchema || comment.object == ast::ObjectKind::kIndex || comment.object == ast::ObjectKind::kUser)
      return NotSupported("COMMENT ON " + std::string(ast::KindName(comment.object)), comment.range);
    ASSIGN_OR_RETURN(const CatalogObjectPtr object, Existing(comment.object, comment.name));
    CatalogObject next = *object;
    next.comment = comment.text.value_or("");
    catalog_->Replace(std::move(next));
    return OkStatus();
  }
  ast::QualifiedName relation = comment.name;
  const ast::Identifier column = relation.parts.back();
  relation.parts.pop_back();
  if (relation.empty()) {
    return SqlError(sqlstate::kSyntaxError, comment.name.range) << "column name must be qualified" << Hint("write COMMENT ON COLUMN relation.column");
  }
  const std::string schema = relation.parts.size() == 2 ? relation.parts[0].name : "";
  const CatalogObjectPtr object = catalog_->Resolve(Family::kRelation, schema, relation.last().name, settings_.search_path);
  if (object == nullptr) {
    return SqlError(sqlstate::kUndefinedTable, relation.last().range)
           << "relation \"" << ast::ToString(relation) << "\" does not exist" << DidYouMean(relation.last().name, catalog_->Names());
  }
  std::vector<std::string> names;
  for (const CatalogColumn& known : *object->columns()) names.push_back(known.name);
  if (std::find(names.begin(), names.end(), column.name) == names.end()) {
    return SqlError(sqlstate::kUndefinedColumn, column.range)
           << "column \"" << column.name << "\" of relation \"" << object->shown_name() << "\" does not exist" << DidYouMean(column.name, names);
  }
  CatalogObject next = *object;
  if (comment.text && !comment.text->empty()) {
    next.column_comments[column.name] = *comment.text;
  } else {
    next.column_comments.erase(column.name);
  }
  catalog_->Replace(std::move(next));
  return OkStatus();
}

}  // namespace kappa
