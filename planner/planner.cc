#include "planner/planner.h"

#include <fmt/format.h>

#include "common/os/thread.h"
#include "parser/ast/statement_names.h"
#include "parser/parser.h"
#include "planner/binder/ddl.h"
#include "planner/binder/query.h"
#include "planner/binder/system_objects.h"

namespace kappa {
namespace {

// Statements longer than this may hold deep nests or long chains of operators, and whoever walks those needs room.
constexpr uint32_t kLongStatement = 2000;
constexpr size_t kLargeStack = size_t{512} << 20;

template <typename Fn>
auto WithRoom(TextRange range, Fn&& fn) -> decltype(fn()) {
  if (!range.known() || range.end - range.begin < kLongStatement) return fn();
  std::optional<decltype(fn())> result;
  os::RunWithStack(kLargeStack, [&] { result.emplace(fn()); });
  return *std::move(result);
}

std::string_view Slice(std::string_view text, TextRange range) {
  if (!range.known() || range.end > text.size()) return text;
  return text.substr(range.begin, range.end - range.begin);
}

}  // namespace

ProgramPlanner::ProgramPlanner(Catalog* catalog, const ConnectorRegistry* connectors, PlannerSettings settings, os::Clock* clock)
    : catalog_(catalog), connectors_(connectors), settings_(std::move(settings)), clock_(clock) {}

BindContext ProgramPlanner::MakeContext(const std::string& query, bool streaming) {
  BindContext context;
  context.catalog = catalog_;
  context.settings = &settings_;
  context.program = &program_;
  context.query = query;
  if (restoring_ != nullptr) context.generation = restoring_->object.generation;
  context.streaming = streaming;
  if (!streaming) {  // a SELECT fails with its first failing row; what is late for it is counted
    context.on_error.action = ErrorPolicy::Action::kFail;
    context.late.action = ErrorPolicy::Action::kSkip;
  }
  return context;
}

Status ProgramPlanner::ApplyEmit(const ast::EmitClause& emit, BindContext* context) {
  context->emit_on_close = emit.emit == ast::EmitMode::kOnWindowClose;
  context->emit_range = emit.emit_range;
  if (!emit.late_into.empty()) {
    ASSIGN_OR_RETURN(context->late.table, DdlBinder::ObjectName(emit.late_into));
    context->late.action = ErrorPolicy::Action::kDeadLetter;
    if (const CatalogObjectPtr found = catalog_->Find(context->late.table)) {
      const auto* source = found->As<SourceObject>();
      if (source == nullptr || !source->dead_letters) {
        return SqlError(sqlstate::kWrongObjectType, emit.late_into.range)
               << "\"" << found->name << "\" is a " << found->KindName() << ", not a table of dead letters"
               << Hint("name a table that does not exist yet: it is made by itself");
      }
    }
  }
  return OkStatus();
}

Status ProgramPlanner::CheckEmit(const BindContext& context) const {
  if (!context.emit_on_close || context.closing_aggregates > 0) return OkStatus();
  return SqlError(sqlstate::kFeatureNotSupported, context.emit_range)
         << "EMIT ON WINDOW CLOSE needs a GROUP BY that holds a window over the watermark of an append-only source"
         << Hint("leave it out: rows that are never updated are emitted once anyway");
}

StatusOr<ProgramPlanner::Place> ProgramPlanner::PlaceOf(Catalog::Family family, const ast::QualifiedName& name) const {
  if (name.parts.size() > 2)
    return SqlError(sqlstate::kFeatureNotSupported, name.range) << "cross-database references are not implemented: " << ast::ToString(name);
  Place place;
  place.label = name.last().name;
  if (restoring_ != nullptr) {
    place.schema = restoring_->object.schema;
    place.key = restoring_->object.name;
    return place;
  }
  if (name.parts.size() == 2) {
    place.schema = name.parts[0].name;
    if (!catalog_->HasSchema(place.schema)) {
      return SqlError(sqlstate::kInvalidSchemaName, name.parts[0].range)
             << "schema \"" << place.schema << "\" does not exist" << DidYouMean(place.schema, catalog_->schemas());
    }
  } else {
    for (const std::string& schema : settings_.search_path) {
      if (place.schema.empty() && catalog_->HasSchema(schema)) place.schema = schema;
    }
    if (place.schema.empty()) {
      return SqlError(sqlstate::kInvalidSchemaName, name.range)
             << "no schema has been selected to create in" << Hint("search_path names no schema that exists");
    }
  }
  place.present = catalog_->Resolve(family, place.schema, place.label, {});
  place.key = place.present != nullptr ? place.present->name : catalog_->NewKey(family, place.schema, place.label);
  return place;
}

StatusOr<bool> ProgramPlanner::Exists(const Place& place, bool if_not_exists, bool or_replace, TextRange range) const {
  if (place.present == nullptr) return false;
  if (if_not_exists) return true;
  if (or_replace) return false;
  const bool relation = place.present->is_relation();
  return SqlError(relation ? sqlstate::kDuplicateTable : sqlstate::kDuplicateObject, range)
         << (relation ? std::string_view("relation") : place.present->KindName()) << " \"" << place.label << "\" already exists";
}

StatusOr<CatalogObject> ProgramPlanner::NewEntry(const Place& place, std::string ddl, const BindContext& context) const {
  CatalogObject entry;
  entry.name = place.key;
  entry.label = place.label;
  entry.schema = place.schema;
  entry.ddl = std::move(ddl);
  StatusOr<ast::StatementPtr> definition = ParseStatement(entry.ddl);  // a tree of its own: the caller's may go
  if (!definition.ok()) return definition.status();
  entry.definition = std::shared_ptr<const ast::Statement>(*std::move(definition));
  entry.depends_on.assign(context.depends_on.begin(), context.depends_on.end());
  entry.generation = restoring_ != nullptr ? restoring_->object.generation : catalog_->generation();
  entry.search_path = settings_.search_path;
  entry.time_zone = settings_.time_zone;
  if (restoring_ != nullptr) {
    entry.comment = restoring_->object.comment;
    entry.column_comments = restoring_->object.column_comments;
  }
  return entry;
}

Status ProgramPlanner::Register(const Place& place, const ast::Statement& statement, std::string_view text, BindContext* context,
                                decltype(CatalogObject::object) object) {
  ASSIGN_OR_RETURN(CatalogObject entry, NewEntry(place, std::string(Slice(text, statement.range)), *context));
  entry.object = std::move(object);
  return catalog_->Add(std::move(entry));
}

void ProgramPlanner::Freeze(const CatalogObject& object) {
  settings_.search_path = object.search_path;
  if (!object.time_zone.empty()) settings_.time_zone = object.time_zone;
}

Status ProgramPlanner::Add(const ast::Statement& statement, std::string_view text) {
  return WithRoom(statement.range, [&] { return AddStatement(statement, text); });
}

Status ProgramPlanner::AddStatement(const ast::Statement& statement, std::string_view text) {
  switch (statement.kind) {
    case ast::StatementKind::kCreateRelation:
      if (ast::Cast<ast::CreateRelation>(statement).relation == ast::RelationKind::kTable)
        return AddTable(ast::Cast<ast::CreateRelation>(statement), text);
      return AddSource(ast::Cast<ast::CreateRelation>(statement), text);
    case ast::StatementKind::kCreateView:
      return AddView(ast::Cast<ast::CreateView>(statement), text);
    case ast::StatementKind::kCreateSink:
      return AddSink(ast::Cast<ast::CreateSink>(statement), text);
    case ast::StatementKind::kInsert:
      // Of a table: done when it is executed, here it is only checked.
      if (ChangedTable(statement) != nullptr) return PlanDml(statement).status();
      return AddInsert(ast::Cast<ast::Insert>(statement));
    case ast::StatementKind::kCreateIndex:
      return AddIndex(ast::Cast<ast::CreateIndex>(statement), text);
    case ast::StatementKind::kDrop:
      return Drop(ast::Cast<ast::Drop>(statement));
    case ast::StatementKind::kCreateSchema:
      return AddSchema(ast::Cast<ast::CreateSchema>(statement));
    case ast::StatementKind::kCreateSecret:
      return AddSecret(ast::Cast<ast::CreateSecret>(statement));
    case ast::StatementKind::kCreateConnection:
      return AddConnection(ast::Cast<ast::CreateConnection>(statement), text);
    case ast::StatementKind::kCreateFunction:
      return AddFunction(ast::Cast<ast::CreateFunction>(statement), text);
    case ast::StatementKind::kAlter:
      return Alter(ast::Cast<ast::Alter>(statement));
    case ast::StatementKind::kComment:
      return Comment(ast::Cast<ast::Comment>(statement));
    case ast::StatementKind::kStatementSet:
      for (const auto& insert : ast::Cast<ast::StatementSet>(statement).inserts) RETURN_IF_ERROR(AddInsert(*insert));
      return OkStatus();
    case ast::StatementKind::kUnsupported:
    case ast::StatementKind::kUpdate:
    case ast::StatementKind::kDelete:
      return PlanDml(statement).status();
    case ast::StatementKind::kCreateUser:
    case ast::StatementKind::kSubscribe:
    case ast::StatementKind::kReplay:
    case ast::StatementKind::kReplayCommand:
      return NotSupported(ast::StatementName(statement), statement.range);
    default:
      return SqlError(sqlstate::kFeatureNotSupported, statement.range) << ast::StatementName(statement) << " cannot be part of a program";
  }
}

Status ProgramPlanner::AddSource(const ast::CreateRelation& create, std::string_view text) {
  ASSIGN_OR_RETURN(const Place place, PlaceOf(Catalog::Family::kRelation, create.name));
  ASSIGN_OR_RETURN(const bool exists, Exists(place, create.if_not_exists, create.or_replace, create.name.range));
  if (exists) return OkStatus();
  if (place.present != nullptr) return Redefine(*place.present, create, false, "replace", create.name.range);
  BindContext context = MakeContext(place.key, true);
  ASSIGN_OR_RETURN(SourceObject source, DdlBinder(&context, connectors_).BindSource(create));
  if (source.on_error.action == CatalogErrorPolicy::Action::kDeadLetter) RETURN_IF_ERROR(catalog_->EnsureDeadLetters(source.on_error.table));
  for (CatalogColumn& column : source.columns) {
    const auto found = restoring_ == nullptr ? std::map<std::string, int64_t>::const_iterator() : restoring_->added.find(column.name);
    if (restoring_ != nullptr && found != restoring_->added.end()) column.added = found->second;
  }
  return Register(place, create, text, &context, std::move(source));
}

Status ProgramPlanner::AddView(const ast::CreateView& create, std::string_view text) {
  ASSIGN_OR_RETURN(const Place place, PlaceOf(Catalog::Family::kRelation, create.name));
  const std::string& name = place.key;
  ASSIGN_OR_RETURN(const bool exists, Exists(place, create.if_not_exists, create.or_replace, create.name.range));
  if (exists) return OkStatus();
  if (place.present != nullptr) {
    if (!create.materialized && place.present->As<ViewObject>() != nullptr)
      return Redefine(*place.present, create, false, "replace", create.name.range);
    RETURN_IF_ERROR(ReplaceRunning(*place.present, create.materialized ? "materialized view" : "view", create.name.range));
  }
  if (!create.options.empty()) return NotSupported("WITH options of a view", create.options[0].name_range);
  BindContext context = MakeContext(name, create.materialized);
  if (create.materialized) {
    RETURN_IF_ERROR(ApplyEmit(create.emit, &context));
  } else if (create.emit.emit || !create.emit.late_into.empty()) {
    return SqlError(sqlstate::kSyntaxError, create.emit.emit_range)
           << "EMIT belongs to materialized views, sinks and queries: a view has no output of its own";
  }
  ASSIGN_OR_RETURN(Relation relation, QueryBinder(&context).Bind(*create.query, true));
  if (!context.parameters.empty()) return SqlError(sqlstate::kUndefinedParameter, create.query->range) << "a view has no parameters";
  DdlBinder ddl(&context, connectors_);
  ASSIGN_OR_RETURN(std::vector<CatalogColumn> columns, ddl.ViewColumns(create.columns, relation, create.name.range));
  if (!create.materialized) return Register(place, create, text, &context, ViewObject{std::move(columns)});
  RETURN_IF_ERROR(CheckEmit(context));
  MaterializedViewObject object;
  object.columns = std::move(columns);
  const LogicalPtr root = ddl.Materialize(name, relation, &object);
  RETURN_IF_ERROR(catalog_->EnsureDeadLetters(context.late.table));
  RETURN_IF_ERROR(Register(place, create, text, &context, std::move(object)));
  program_.materialized[name] = root;
  plan_.roots.push_back(root);
  return OkStatus();
}

Status ProgramPlanner::AddSink(const ast::CreateSink& create, std::string_view text) {
  ASSIGN_OR_RETURN(const Place place, PlaceOf(Catalog::Family::kRelation, create.name));
  const std::string& name = place.key;
  ASSIGN_OR_RETURN(const bool exists, Exists(place, create.if_not_exists, create.or_replace, create.name.range));
  if (exists) return OkStatus();
  if (place.present != nullptr) RETURN_IF_ERROR(ReplaceRunning(*place.present, "sink", create.name.range));
  if (!create.into.empty()) return AddTableSink(create, place, text);
  BindContext context = MakeContext(name, true);
  RETURN_IF_ERROR(ApplyEmit(create.emit, &context));
  DdlBinder ddl(&context, connectors_);
  ASSIGN_OR_RETURN(SinkObject sink, ddl.BindSink(create));
  LogicalPtr root;
  if (create.query != nullptr || !create.from.empty()) {
    QueryBinder queries(&context);
    Relation relation;
    if (create.query != nullptr) {
      ASSIGN_OR_RETURN(relation, queries.Bind(*create.query, true));
    } else {
      ASSIGN_OR_RETURN(relation, queries.BindTable(create.from, std::nullopt));
    }
    RETURN_IF_ERROR(CheckEmit(context));
    ASSIGN_OR_RETURN(root, ddl.WriteSink(name, sink, relation, create.name.range));
    ASSIGN_OR_RETURN(sink.columns, ddl.ViewColumns({}, relation, create.name.range));
  } else if (!sink.declared) {
    return SqlError(sqlstate::kInvalidTableDefinition, create.name.range)
           << "sink \"" << name << "\" has neither a query nor columns" << Hint("write FROM view, AS SELECT ..., or columns for INSERT to fill");
  }
  RETURN_IF_ERROR(catalog_->EnsureDeadLetters(context.late.table));
  RETURN_IF_ERROR(Register(place, create, text, &context, std::move(sink)));
  if (root != nullptr) plan_.roots.push_back(root);
  return OkStatus();
}

Status ProgramPlanner::AddInsert(const ast::Insert& insert) {
  BindContext context = MakeContext(insert.table.last().name, true);
  RETURN_IF_ERROR(ApplyEmit(insert.emit, &context));
  ASSIGN_OR_RETURN(LogicalPtr root, DdlBinder(&context, connectors_).BindInsert(insert));
  RETURN_IF_ERROR(CheckEmit(context));
  RETURN_IF_ERROR(catalog_->EnsureDeadLetters(context.late.table));
  plan_.roots.push_back(std::move(root));
  return OkStatus();
}

Status ProgramPlanner::Drop(const ast::Drop& drop) {
  for (const ast::QualifiedName& name : drop.names) RETURN_IF_ERROR(DropOne(drop, name));
  return OkStatus();
}

// Several INSERTs into one sink are one sink over their union.
void ProgramPlanner::UniteSinks(LogicalPlan* plan) {
  std::vector<LogicalPtr> roots;
  for (const LogicalPtr& root : plan->roots) {
    const auto* sink = root->As<SinkOp>();
    auto same = [&](const LogicalPtr& other) {
      const auto* o = other->As<SinkOp>();
      if (sink == nullptr || o == nullptr || o->name != sink->name || other->output().size() != root->output().size()) return false;
      for (size_t i = 0; i < root->output().size(); ++i) {
        if (root->output()[i].name != other->output()[i].name || !root->output()[i].type.SameId(other->output()[i].type)) return false;
      }
      return true;
    };
    const auto first = std::find_if(roots.begin(), roots.end(), same);
    if (first == roots.end()) {
      roots.push_back(root);
      continue;
    }
    UnionOp op;
    std::vector<Column> output;
    for (const LogicalPtr& input : {*first, root}) {
      std::vector<ColumnId> ids;
      for (const Column& column : input->output()) ids.push_back(column.id);
      op.inputs.push_back(std::move(ids));
    }
    for (size_t i = 0; i < root->output().size(); ++i) {
      const Column &a = (*first)->output()[i], &b = root->output()[i];
      output.push_back(program_.NewColumn(a.name, a.type, a.nullable || b.nullable));
    }
    const LogicalPtr united = MakeNode(std::move(op), {(*first)->inputs[0], root->inputs[0]}, output, root->op.query, root->op.on_error);
    *first = MakeNode((*first)->op.op, {united}, output, root->op.query, root->op.on_error);
  }
  plan->roots = std::move(roots);
}

StatusOr<std::optional<Dataflow>> ProgramPlanner::Finish() {
  if (plan_.roots.empty()) return std::optional<Dataflow>();
  LogicalPlan plan = plan_;
  UniteSinks(&plan);
  RETURN_IF_ERROR(Optimize(&plan, &program_, settings_.disabled_rules, nullptr, nullptr));
  Dataflow dataflow = Lower(plan);
  RETURN_IF_ERROR(Verify(dataflow));
  return std::optional<Dataflow>(std::move(dataflow));
}

StatusOr<LogicalPlan> ProgramPlanner::BindSelect(const ast::Statement& statement, const std::vector<Type>& parameters) {
  const auto* query = ast::As<ast::QueryStatement>(statement);
  if (query == nullptr) return SqlError(sqlstate::kFeatureNotSupported, statement.range) << "only a query can be planned here";
  BindContext context = MakeContext("", false);
  context.parameters = parameters;
  RETURN_IF_ERROR(ApplyEmit(query->emit, &context));
  std::optional<Relation> nothing = BindEmptySystemQuery(&context, *query->query);
  ASSIGN_OR_RETURN(Relation relation, nothing ? StatusOr<Relation>(*std::move(nothing)) : QueryBinder(&context).Bind(*query->query, true));
  RETURN_IF_ERROR(CheckEmit(context));
  for (size_t i = 0; i < context.parameters.size(); ++i) {
    if (context.parameters[i].id() == TypeId::kUnknown) {
      return SqlError(sqlstate::kIndeterminateDatatype, statement.range) << "could not determine data type of parameter $" << i + 1;
    }
  }
  ResultOp result;
  std::vector<Column> output;
  for (const ScopeColumn& column : relation.scope.columns) {
    result.names.push_back(column.name);
    output.push_back({column.column.id, column.name, column.column.type, column.column.nullable});
  }
  LogicalPlan plan;
  plan.roots = {context.Node(std::move(result), {relation.plan}, std::move(output))};
  plan.parameters = context.parameters;
  return plan;
}

StatusOr<SelectPlan> ProgramPlanner::PlanSelect(const ast::Statement& statement, const std::vector<Type>& parameters) {
  return WithRoom(statement.range, [&]() -> StatusOr<SelectPlan> {
    ASSIGN_OR_RETURN(LogicalPlan plan, BindSelect(statement, parameters));
    RETURN_IF_ERROR(Optimize(&plan, &program_, settings_.disabled_rules, nullptr, nullptr));
    SelectPlan select;
    select.columns = plan.roots[0]->output();
    select.dataflow = Lower(plan);
    RETURN_IF_ERROR(Verify(select.dataflow));
    return select;
  });
}

StatusOr<ExplainedPlan> ProgramPlanner::Explain(const ast::Statement& statement, std::string_view text) const {
  return WithRoom(statement.range, [&]() -> StatusOr<ExplainedPlan> {
    Catalog scratch = *catalog_;
    ProgramPlanner planner(&scratch, connectors_, settings_, clock_);
    planner.program_ = program_;
    LogicalPlan plan;
    if (statement.kind == ast::StatementKind::kQuery) {
      ASSIGN_OR_RETURN(plan, planner.BindSelect(statement, {}));
    } else if (planner.ChangedTable(statement) != nullptr) {  // of the rows that it reads
      DmlPlan dml;
      ASSIGN_OR_RETURN(plan, planner.BindDml(statement, {}, &dml));
    } else {
      RETURN_IF_ERROR(planner.AddStatement(statement, text));
      plan = planner.plan_;
      planner.UniteSinks(&plan);
      if (plan.roots.empty())
        return SqlError(sqlstate::kFeatureNotSupported, statement.range) << "there is no plan to explain: the statement only defines an object";
    }
    ExplainedPlan out;
    out.bound = kappa::Explain(Lower(plan));
    std::vector<RuleReport> reports;
    RETURN_IF_ERROR(Optimize(&plan, &planner.program_, settings_.disabled_rules, clock_, &reports));
    for (const RuleReport& report : reports) {
      const std::string time = clock_ && !report.disabled ? fmt::format(" {:.3f} ms", static_cast<double>(report.nanos) / 1e6) : "";
      out.rules += fmt::format("{}{} {}\n", report.rule, time, report.disabled ? "off" : report.changed ? "changed" : "-");
    }
    out.dataflow = Lower(plan);
    out.optimized = kappa::Explain(out.dataflow);
    return out;
  });
}

StatusOr<std::optional<Dataflow>> ProgramPlanner::RestoreObject(const Catalog::SavedObject& saved, Catalog* catalog,
                                                                const ConnectorRegistry* connectors, PlannerSettings settings) {
  ProgramPlanner planner(catalog, connectors, std::move(settings));
  planner.restoring_ = &saved;
  planner.Freeze(saved.object);
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(saved.object.ddl));
  RETURN_IF_ERROR(planner.Add(*statement, saved.object.ddl));
  return planner.Finish();
}

Status ProgramPlanner::Restore(std::string_view serialized, Catalog* catalog, const ConnectorRegistry* connectors) {
  ASSIGN_OR_RETURN(const Catalog::Saved saved, Catalog::Parse(serialized));
  catalog->RestoreSchemas(saved);
  for (const Catalog::SavedObject& object : saved.objects) RETURN_IF_ERROR(RestoreObject(object, catalog, connectors).status());
  return OkStatus();
}

}  // namespace kappa
