// ALTER, and CREATE OR REPLACE: another definition in the place of an object's. What depends on the object is bound again, and must come out as it
// was: what runs goes on as it was planned, and would not notice.
#include <algorithm>
#include <cctype>

#include "parser/ast/definition_statements.h"
#include "parser/ast/statement_names.h"
#include "parser/ast/table_names.h"
#include "parser/parser.h"
#include "parser/printer.h"
#include "planner/binder/ddl.h"
#include "planner/binder/query.h"
#include "planner/planner.h"

namespace kappa {
namespace {

using ast::AlterAction;

// Column ids numbered by first appearance: two plans that differ in nothing else are the same.
std::string Renumbered(const std::string& plan) {
  std::string out;
  std::map<std::string, size_t> numbers;
  for (size_t i = 0; i < plan.size();) {
    out.push_back(plan[i]);
    if (plan[i++] != '#') continue;
    size_t end = i;
    while (end < plan.size() && std::isdigit(static_cast<unsigned char>(plan[end])) != 0) ++end;
    out += std::to_string(numbers.try_emplace(plan.substr(i, end - i), numbers.size()).first->second);
    i = end;
  }
  return out;
}

// All that depend on the object with this key, in creation order.
std::vector<CatalogObjectPtr> Dependents(const Catalog& catalog, const std::string& key) {
  std::set<std::string> keys = {key};
  std::vector<CatalogObjectPtr> out;
  for (const CatalogObjectPtr& object : catalog.Objects()) {
    if (!std::any_of(object->depends_on.begin(), object->depends_on.end(), [&](const std::string& needs) { return keys.count(needs) != 0; }))
      continue;
    keys.insert(object->name);
    out.push_back(object);
  }
  return out;
}

std::string ColumnsText(const CatalogObject& object) {
  std::string text;
  for (const CatalogColumn& column : *object.columns()) text += column.name + " " + column.type.ToString() + "\n";
  return text;
}

ast::QualifiedName* NameOf(ast::Statement* definition) {
  switch (definition->kind) {
    case ast::StatementKind::kCreateRelation:
      return &static_cast<ast::CreateRelation*>(definition)->name;
    case ast::StatementKind::kCreateView:
      return &static_cast<ast::CreateView*>(definition)->name;
    case ast::StatementKind::kCreateSink:
      return &static_cast<ast::CreateSink*>(definition)->name;
    case ast::StatementKind::kCreateSecret:
      return &static_cast<ast::CreateSecret*>(definition)->name;
    case ast::StatementKind::kCreateConnection:
      return &static_cast<ast::CreateConnection*>(definition)->name;
    case ast::StatementKind::kCreateFunction:
      return &static_cast<ast::CreateFunction*>(definition)->name;
    default:
      return nullptr;
  }
}

void SetName(ast::QualifiedName* name, const std::string& schema, const std::string& label) {
  name->parts.clear();
  if (schema != kPublicSchema) name->parts.push_back({schema, false, {}});
  name->parts.push_back({label, false, {}});
}

void MergeOptions(const std::vector<ast::Option>& changes, std::vector<ast::Option>* options) {
  for (const ast::Option& change : changes) {
    const auto found = std::find_if(options->begin(), options->end(), [&](const ast::Option& option) { return option.name == change.name; });
    if (found == options->end()) {
      options->push_back(change);
    } else {
      *found = change;
    }
  }
}

// A tree of its own, by way of its text.
StatusOr<ast::Column> CopyColumn(const ast::Column& column) {
  ASSIGN_OR_RETURN(const ast::StatementPtr parsed, ParseStatement("CREATE SOURCE s (" + ToSql(column) + ")"));
  return std::move(static_cast<ast::CreateRelation&>(*parsed).columns.front());
}

std::string_view ChangeText(AlterAction action) {
  switch (action) {
    case AlterAction::kDropColumn:
      return "drop a column of";
    case AlterAction::kColumnType:
      return "change a column's type of";
    default:
      return "alter";
  }
}

}  // namespace

// The columns of an object and the plan that it would run, as text; an error when it cannot be bound. `bound`: the object as bound.
StatusOr<std::string> ProgramPlanner::Signature(const Catalog& catalog, const CatalogObject& object, CatalogObjectPtr* bound) const {
  if (object.As<SecretObject>() != nullptr) return std::string();
  Catalog scratch = catalog;
  RETURN_IF_ERROR(scratch.Drop(object.name, true).status());
  Catalog::SavedObject saved;
  saved.object = object;
  if (const auto* source = object.As<SourceObject>()) {
    for (const CatalogColumn& column : source->columns) {
      if (column.added != 0) saved.added[column.name] = column.added;
    }
  }
  PlannerSettings settings = settings_;
  settings.arguments = nullptr;
  ProgramPlanner planner(&scratch, connectors_, std::move(settings));
  planner.restoring_ = &saved;
  planner.Freeze(object);
  RETURN_IF_ERROR(planner.AddStatement(*object.definition, object.ddl));
  const CatalogObjectPtr made = scratch.Find(object.name);
  if (bound != nullptr) *bound = made;
  std::string text;
  if (made->is_relation()) text = ColumnsText(*made);
  ASSIGN_OR_RETURN(const std::optional<Dataflow> dataflow, planner.Finish());
  return dataflow ? text + Renumbered(kappa::Explain(*dataflow)) : text;
}

Status ProgramPlanner::Redefine(const CatalogObject& object, const ast::Statement& definition, bool cascade, std::string_view change,
                                TextRange range) {
  CatalogObject next = object;
  next.ddl = ToSql(definition);
  ASSIGN_OR_RETURN(ast::StatementPtr parsed, ParseStatement(next.ddl));
  next.definition = std::shared_ptr<const ast::Statement>(std::move(parsed));
  next.search_path = settings_.search_path;
  // Bound alone, against what is older than itself; errors are about the statement that was given.
  CatalogObjectPtr bound;
  if (const StatusOr<std::string> signature = Signature(*catalog_, next, &bound); !signature.ok())
    return SqlError(SqlStateOf(signature.status()), range) << MessageOf(signature.status()) << Hint(HintOf(signature.status()));
  if (bound->KindName() != object.KindName()) {
    return SqlError(sqlstate::kWrongObjectType, range) << "\"" << object.shown_name() << "\" is a " << object.KindName() << Hint("drop it first");
  }
  next.object = bound->object;
  next.depends_on = bound->depends_on;
  if (auto* source = std::get_if<SourceObject>(&next.object)) {
    const std::vector<CatalogColumn>& before = *object.columns();
    for (CatalogColumn& column : source->columns) {
      const auto same = std::find_if(before.begin(), before.end(), [&](const CatalogColumn& old) { return old.name == column.name; });
      if (same != before.end()) column.added = same->added;
    }
    // Columns at the end are news to what is older; elsewhere they would move the others.
    for (size_t i = before.size(); i < source->columns.size() && source->columns.size() > before.size(); ++i) {
      CatalogColumn& column = source->columns[i];
      const bool old = std::any_of(before.begin(), before.end(), [&](const CatalogColumn& other) { return other.name == column.name; });
      if (!old) column.added = catalog_->generation() + 1;
    }
  }
  Catalog changed = *catalog_;
  changed.NextGeneration();
  changed.Replace(next);
  std::string reasons;
  for (const CatalogObjectPtr& dependent : Dependents(*catalog_, object.name)) {
    if (changed.Find(dependent->name) == nullptr) continue;
    CatalogObjectPtr again;
    const StatusOr<std::string> before = Signature(*catalog_, *dependent), after = Signature(changed, *dependent, &again);
    if (after.ok() && before.ok() && *before == *after) {
      CatalogObject kept = *dependent;
      kept.object = again->object;
      changed.Replace(std::move(kept));
      continue;
    }
    if (!after.ok() && !before.ok() && MessageOf(before.status()) == MessageOf(after.status())) continue;
    if (cascade) {
      ASSIGN_OR_RETURN(const std::vector<std::string> gone, changed.Drop(dependent->name, true));
      Forget(gone);
      continue;
    }
    reasons += (reasons.empty() ? "" : "; ") + std::string(dependent->KindName()) + " \"" + dependent->shown_name() + "\" " +
               (after.ok() ? "would change" : "would fail: " + MessageOf(after.status()));
  }
  if (!reasons.empty()) {
    return SqlError(sqlstate::kDependentObjectsExist, range)
           << "cannot " << change << " " << object.KindName() << " \"" << object.shown_name() << "\" because of what depends on it: " << reasons
           << Hint(change == ChangeText(AlterAction::kDropColumn)
                       ? "DROP COLUMN ... CASCADE drops what would fail; what runs on goes on with the plan it has"
                       : "what runs goes on with the plan it has: drop those objects first, and make them again after");
  }
  *catalog_ = std::move(changed);
  return OkStatus();
}

Status ProgramPlanner::Alter(const ast::Alter& alter) {
  const AlterAction change = alter.steps.front().action;
  const bool renames = change == AlterAction::kRename || change == AlterAction::kSetSchema;
  if (alter.object == ast::ObjectKind::kSchema || alter.object == ast::ObjectKind::kIndex || alter.object == ast::ObjectKind::kUser ||
      (alter.object == ast::ObjectKind::kTable && !renames)) {
    return NotSupported(ast::StatementName(alter), alter.range);
  }
  StatusOr<CatalogObjectPtr> found = Existing(alter.object, alter.name);
  if (!found.ok()) {
    const bool missing = SqlStateOf(found.status()) != sqlstate::kWrongObjectType;
    return alter.if_exists && missing ? OkStatus() : found.status();
  }
  const CatalogObject& object = **found;
  if (const auto* source = object.As<SourceObject>(); source != nullptr && source->dead_letters)
    return SqlError(sqlstate::kWrongObjectType, alter.name.range)
           << "\"" << object.shown_name() << "\" is a table of dead letters: it stays as it is";
  const ast::AlterStep& first = alter.steps.front();
  if (first.action == AlterAction::kRename || first.action == AlterAction::kSetSchema) {
    if (alter.steps.size() > 1) return SqlError(sqlstate::kSyntaxError, alter.steps[1].range) << "RENAME and SET SCHEMA stand alone";
    const bool rename = first.action == AlterAction::kRename;
    return RenameObject(object, rename ? object.schema : first.new_name.name, rename ? first.new_name.name : object.shown_name(),
                        first.new_name.range);
  }
  return AlterDefinition(object, alter);
}

// The key stays, and with it plans and state; definitions that name the object are written anew.
Status ProgramPlanner::RenameObject(const CatalogObject& object, const std::string& schema, const std::string& label, TextRange range) {
  ASSIGN_OR_RETURN(const Place place, PlaceOf(object.is_relation()                       ? Catalog::Family::kRelation
                                              : object.As<SecretObject>() != nullptr     ? Catalog::Family::kSecret
                                              : object.As<ConnectionObject>() != nullptr ? Catalog::Family::kConnection
                                              : object.As<IndexObject>() != nullptr      ? Catalog::Family::kIndex
                                                                                         : Catalog::Family::kFunction,
                                              {{{schema, false, range}, {label, false, range}}, range}));
  RETURN_IF_ERROR(Exists(place, false, false, range).status());
  const std::vector<CatalogObjectPtr> dependents = Dependents(*catalog_, object.name);
  if (!object.is_relation() && !dependents.empty()) {
    return SqlError(sqlstate::kDependentObjectsExist, range) << "cannot rename " << object.KindName() << " \"" << object.shown_name() << "\" because "
                                                             << dependents[0]->KindName() << " \"" << dependents[0]->shown_name() << "\" names it";
  }
  Catalog changed = *catalog_;
  const auto rewrite = [&](const CatalogObject& present, const std::function<Status(ast::Statement*, CatalogObject*)>& change) -> Status {
    CatalogObject next = present;
    ASSIGN_OR_RETURN(ast::StatementPtr definition, ParseStatement(present.ddl));
    RETURN_IF_ERROR(change(definition.get(), &next));
    next.ddl = ToSql(*definition);
    ASSIGN_OR_RETURN(ast::StatementPtr reparsed, ParseStatement(next.ddl));
    next.definition = std::shared_ptr<const ast::Statement>(std::move(reparsed));
    changed.Replace(std::move(next));
    return OkStatus();
  };
  for (const CatalogObjectPtr& dependent : dependents) {
    RETURN_IF_ERROR(rewrite(*dependent, [&](ast::Statement* definition, CatalogObject*) {
      ast::RenameTables(definition, [&](ast::QualifiedName* name) {
        const std::string in = name->parts.size() == 2 ? name->parts[0].name : "";
        const CatalogObjectPtr meant =
            name->parts.size() > 2 ? nullptr : catalog_->Resolve(Catalog::Family::kRelation, in, name->last().name, dependent->search_path);
        if (meant == nullptr || meant->name != object.name) return;
        const TextRange where = name->range;
        name->parts.clear();
        if (!in.empty() || schema != kPublicSchema) name->parts.push_back({schema, false, where});
        name->parts.push_back({label, false, where});
      });
      return OkStatus();
    }));
  }
  RETURN_IF_ERROR(rewrite(object, [&](ast::Statement* definition, CatalogObject* next) {
    next->label = label;
    next->schema = schema;
    SetName(NameOf(definition), schema, label);
    return OkStatus();
  }));
  *catalog_ = std::move(changed);
  return OkStatus();
}

Status ProgramPlanner::AlterDefinition(const CatalogObject& object, const ast::Alter& alter) {
  ASSIGN_OR_RETURN(ast::StatementPtr definition, ParseStatement(object.ddl));
  bool cascade = false;
  for (const ast::AlterStep& step : alter.steps) RETURN_IF_ERROR(WithRange(ApplyStep(object, step, definition.get(), &cascade), step.range));
  if (object.As<SecretObject>() != nullptr) return OkStatus();  // another value: the engine's to keep
  return Redefine(object, *definition, cascade, ChangeText(alter.steps.front().action), alter.steps.front().range);
}

Status ProgramPlanner::ApplyStep(const CatalogObject& object, const ast::AlterStep& step, ast::Statement* definition, bool* cascade) {
  const std::string kind(object.KindName());
  auto* connection = ast::As<ast::CreateConnection>(*definition);
  if (step.action == AlterAction::kSecretValue && object.As<SecretObject>() != nullptr) return OkStatus();
  if (step.action == AlterAction::kSetOptions && connection != nullptr) {
    MergeOptions(step.options, &connection->options);
    return OkStatus();
  }
  auto* source = ast::As<ast::CreateRelation>(*definition);
  auto* view = ast::As<ast::CreateView>(*definition);
  if (step.action == AlterAction::kRenameColumn && view != nullptr && !view->materialized) {
    const std::vector<CatalogColumn>& columns = *object.columns();
    if (view->columns.empty()) {
      for (const CatalogColumn& column : columns) view->columns.push_back({column.name, false, {}});
    }
    for (ast::Identifier& column : view->columns) {
      if (column.name != step.column.name) continue;
      column.name = step.new_name.name;
      return OkStatus();
    }
    return SqlError(sqlstate::kUndefinedColumn, step.column.range) << "column \"" << step.column.name << "\" does not exist";
  }
  if (source == nullptr) {
    std::string hint = object.As<SinkObject>() != nullptr || object.As<MaterializedViewObject>() != nullptr || view != nullptr
                           ? "write CREATE OR REPLACE " + kind + " with the new definition"
                           : "RENAME and SET SCHEMA are there";
    return SqlError(sqlstate::kFeatureNotSupported, step.range) << "this form of ALTER is not supported for a " << kind << Hint(std::move(hint));
  }
  std::vector<std::string> names;
  for (const ast::Column& column : source->columns) names.push_back(column.name.name);
  const auto named = [&](const std::string& name) {
    return std::find_if(source->columns.begin(), source->columns.end(), [&](const ast::Column& column) { return column.name.name == name; });
  };
  const auto missing = [&] {
    return SqlError(sqlstate::kUndefinedColumn, step.column.range) << "column \"" << step.column.name << "\" of source \"" << object.shown_name()
                                                                   << "\" does not exist" << DidYouMean(step.column.name, names);
  };
  switch (step.action) {
    case AlterAction::kAddColumn: {
      if (named(step.added->name.name) != source->columns.end()) {
        if (step.if_exists) return OkStatus();
        return SqlError(sqlstate::kDuplicateColumn, step.added->name.range)
               << "column \"" << step.added->name.name << "\" of source \"" << object.shown_name() << "\" already exists";
      }
      ASSIGN_OR_RETURN(ast::Column copy, CopyColumn(*step.added));
      source->columns.push_back(std::move(copy));
      return OkStatus();
    }
    case AlterAction::kDropColumn: {
      const auto found = named(step.column.name);
      if (found == source->columns.end()) return step.if_exists ? OkStatus() : Status(missing());
      source->columns.erase(found);
      *cascade |= step.cascade;
      return OkStatus();
    }
    case AlterAction::kColumnType: {
      const auto found = named(step.column.name);
      if (found == source->columns.end()) return missing();
      if (step.expression != nullptr) return NotSupported("USING: records are decoded as the new type", step.range);
      found->type = *step.type;
      return OkStatus();
    }
    case AlterAction::kColumnSetNotNull:
    case AlterAction::kColumnDropNotNull: {
      const auto found = named(step.column.name);
      if (found == source->columns.end()) return missing();
      found->not_null = step.action == AlterAction::kColumnSetNotNull;
      return OkStatus();
    }
    case AlterAction::kSetOptions:
      MergeOptions(step.options, &source->options);
      return OkStatus();
    case AlterAction::kFormat:
      source->format = *step.format;
      return OkStatus();
    case AlterAction::kRenameColumn:
      return SqlError(sqlstate::kFeatureNotSupported, step.range) << "a source's column cannot be renamed: its name is that of the record's member"
                                                                  << Hint("rename it in a view, or add a column computed from it");
    default:
      return SqlError(sqlstate::kFeatureNotSupported, step.range) << "this form of ALTER SOURCE is not supported yet";
  }
}

}  // namespace kappa
