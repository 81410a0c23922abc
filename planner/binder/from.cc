// What stands in FROM: sources, views, materialized views, CTEs, subqueries.
#include <algorithm>

#include "planner/binder/ad_hoc.h"
#include "planner/binder/ddl.h"
#include "planner/binder/log_range.h"
#include "planner/binder/query.h"
#include "planner/binder/source_format.h"
#include "planner/binder/system_objects.h"
#include "planner/binder/types.h"
#include "planner/logical/join.h"

namespace kappa {
namespace {

constexpr int kMaxRelations = 2000;  // inlined views and CTEs may double at each level

Metadata MetadataOf(std::string_view name) {
  static constexpr std::pair<std::string_view, Metadata> kNames[] = {
      {"partition", Metadata::kPartition}, {"offset", Metadata::kOffset}, {"timestamp", Metadata::kTimestamp}, {"key", Metadata::kKey},
      {"headers", Metadata::kHeaders},     {"topic", Metadata::kTopic},   {"header", Metadata::kHeader}};
  for (const auto& [text, metadata] : kNames)
    if (text == name) return metadata;
  return Metadata::kNone;
}

LogicalPtr OfSource(const LogicalPtr& node) {
  auto copy = std::make_shared<LogicalNode>(*node);
  copy->of_source = true;
  copy->op.query.clear();
  return copy;
}

const ast::Watermark* WatermarkOf(const CatalogObject& object) {
  const auto* create = object.definition ? ast::As<ast::CreateRelation>(*object.definition) : nullptr;
  return create != nullptr && !create->watermarks.empty() ? &create->watermarks[0] : nullptr;
}

// A source as an object sees it that was made before columns were added: ALTER ... ADD COLUMN puts them last.
const SourceObject& SeenAt(int64_t generation, const SourceObject& source, std::optional<SourceObject>* older) {
  if (source.columns.empty() || source.columns.back().added <= generation) return source;
  older->emplace(source);
  while (!(*older)->columns.empty() && (*older)->columns.back().added > generation) (*older)->columns.pop_back();
  return **older;
}

// Positions of columns that no two rows of a table share.
std::vector<int> KeyOf(const TableObject& table) {
  return table.takes_dml || table.source.envelope == "debezium" ? table.source.key : std::vector<int>();
}

const ast::Expression* ComputedOf(const CatalogObject& object, size_t column) {
  const auto* create = object.definition ? ast::As<ast::CreateRelation>(*object.definition) : nullptr;
  return create != nullptr && column < create->columns.size() ? create->columns[column].computed.get() : nullptr;
}

}  // namespace

Status QueryBinder::CountRelation(TextRange range) {
  if (++context_->relations > kMaxRelations) {
    return SqlError(sqlstate::kStatementTooComplex, range)
           << "the statement reads more than " << kMaxRelations << " tables once its views and CTEs are written out";
  }
  return OkStatus();
}

Status QueryBinder::Alias(const ast::TableAlias& alias, const std::string& fallback, Relation* relation) {
  auto& columns = relation->scope.columns;
  const auto shown = static_cast<size_t>(std::count_if(columns.begin(), columns.end(), [](const ScopeColumn& c) { return c.computed == nullptr; }));
  if (alias.columns.size() > shown) {
    return SqlError(sqlstate::kInvalidColumnReference, alias.columns.back().range)
           << "table \"" << (alias.name.name.empty() ? fallback : alias.name.name) << "\" has " << shown << " columns available but "
           << alias.columns.size() << " columns specified";
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i].table = alias.name.name.empty() ? fallback : alias.name.name;
    if (i < alias.columns.size()) columns[i].name = alias.columns[i].name;
  }
  return OkStatus();
}

StatusOr<Relation> QueryBinder::BindFrom(const ast::TableReference& table) {
  Relation relation;
  std::string fallback;
  switch (table.kind) {
    case ast::TableReferenceKind::kName: {
      const auto& named = ast::Cast<ast::NamedTable>(table);
      if (named.system_time) return NotSupported("FOR SYSTEM_TIME AS OF", named.system_time->range);
      ASSIGN_OR_RETURN(relation, BindTable(named.name, named.log_range));
      fallback = named.name.last().name;
      break;
    }
    case ast::TableReferenceKind::kSubquery: {
      const auto& subquery = ast::Cast<ast::SubqueryTable>(table);
      RETURN_IF_ERROR(CountRelation(table.range));
      const OuterScope* outer = context_->outer;
      const OuterScope* beside = context_->beside;
      if (subquery.lateral && context_->lateral != nullptr)
        context_->outer = context_->lateral;
      else
        context_->beside = context_->lateral;
      StatusOr<Relation> bound = Bind(*subquery.query, false);
      context_->outer = outer;
      context_->beside = beside;
      if (!bound.ok()) return bound.status();
      relation = *std::move(bound);
      break;
    }
    case ast::TableReferenceKind::kWindow: {
      const auto& window = ast::Cast<ast::WindowTable>(table);
      ASSIGN_OR_RETURN(relation, BindWindow(window));
      if (const auto* named = ast::As<ast::NamedTable>(*window.input))
        fallback = named->alias.name.name.empty() ? named->name.last().name : named->alias.name.name;
      break;
    }
    case ast::TableReferenceKind::kFile: {
      const auto& file = ast::Cast<ast::FileTable>(table);
      AdHocSource wanted;
      wanted.arguments.push_back(file.path);
      ASSIGN_OR_RETURN(relation, BindAdHoc(wanted, table.range));
      fallback = FileAlias(file.path);
      break;
    }
    case ast::TableReferenceKind::kFunction:
      if (const auto& call = *ast::Cast<ast::FunctionTable>(table).call; call.name.parts.size() == 1 && call.name.last().name == "gap_fill") {
        ASSIGN_OR_RETURN(relation, BindGapFill(call));
        if (const auto* name = ast::As<ast::ColumnName>(*call.arguments[0].value)) fallback = name->name.last().name;
        break;
      }
      if (const auto& call = *ast::Cast<ast::FunctionTable>(table).call; IsAdHocFunction(call)) {
        ASSIGN_OR_RETURN(const AdHocSource wanted, AdHocCall(context_, call));
        ASSIGN_OR_RETURN(relation, BindAdHoc(wanted, table.range));
        fallback = wanted.function;
        break;
      }
      {
        relation.plan = context_->Node(ValuesOp{{{}}}, {}, {});  // one row without columns
        const OuterScope* outer = context_->outer;
        if (context_->lateral != nullptr) context_->outer = context_->lateral;
        StatusOr<Relation> applied = ApplyFunction(ast::Cast<ast::FunctionTable>(table), relation, false);
        context_->outer = outer;
        return applied;
      }
    case ast::TableReferenceKind::kJoin:
      return BindJoin(ast::Cast<ast::Join>(table));
  }
  RETURN_IF_ERROR(Alias(table.alias, fallback, &relation));
  return relation;
}

StatusOr<Relation> QueryBinder::BindTable(const ast::QualifiedName& name, const std::optional<ast::LogRange>& range) {
  RETURN_IF_ERROR(CountRelation(name.range));
  const std::string& last = name.last().name;
  if (name.parts.size() == 1) {
    for (const CteFrame* frame = ctes_; frame != nullptr; frame = frame->previous) {
      if (frame->table->name.name != last) continue;
      if (range) return SqlError(sqlstate::kWrongObjectType, range->range) << "FOR LOG is for sources: \"" << last << "\" is a WITH query";
      return BindCte(*frame, name.range);
    }
  }
  const CatalogObjectPtr object = context_->Resolve(name);
  if (object == nullptr) {
    ASSIGN_OR_RETURN(std::optional<Relation> system, BindSystemRelation(context_, name));
    if (system) return *std::move(system);
    std::vector<std::string> names = context_->catalog->Names();
    for (const CteFrame* frame = ctes_; frame != nullptr; frame = frame->previous) names.push_back(frame->table->name.name);
    return SqlError(sqlstate::kUndefinedTable, name.range)
           << "relation \"" << ast::ToString(name) << "\" does not exist" << context_->Nearby(name, names);
  }
  context_->depends_on.insert(object->name);
  StatusOr<Relation> relation;
  if (object->As<SourceObject>() != nullptr) {
    relation = BindSource(*object, range);
  } else if (range) {
    return SqlError(sqlstate::kWrongObjectType, range->range) << "FOR LOG is for sources: \"" << last << "\" is a " << object->KindName();
  } else if (object->As<ViewObject>() != nullptr) {
    relation = BindView(*object);
  } else if (object->As<MaterializedViewObject>() != nullptr) {
    relation = BindMaterialized(*object, name.range);
  } else if (object->As<TableObject>() != nullptr) {
    relation = context_->streaming ? BindChangelog(*object) : BindContents(*object);
  } else {
    return SqlError(sqlstate::kWrongObjectType, name.range) << "\"" << last << "\" is a sink: it cannot be read" << Hint("read what feeds it");
  }
  return relation.ok() ? std::move(relation) : StatusOr<Relation>(WithRange(relation.status(), name.range));
}

StatusOr<Relation> QueryBinder::BindCte(const CteFrame& frame, TextRange range) {
  if (frame.all != nullptr) return BindRecursive(frame, range);
  const CteFrame* outer = ctes_;
  ctes_ = frame.previous;
  const OuterScope* around = std::exchange(context_->outer, frame.outer);
  StatusOr<Relation> relation = Bind(*frame.table->query, false);
  context_->outer = around;
  ctes_ = outer;
  if (!relation.ok()) return relation;
  ast::TableAlias alias;
  alias.name.name = frame.table->name.name;
  for (const ast::Identifier& column : frame.table->columns) alias.columns.push_back(column);
  RETURN_IF_ERROR(Alias(alias, "", &*relation));
  return relation;
}

// The view's query, in the place of its name; of its own names it sees only the catalog's.
StatusOr<Relation> QueryBinder::BindView(const CatalogObject& view) {
  const auto* create = ast::As<ast::CreateView>(*view.definition);
  const CteFrame* outer = ctes_;
  ctes_ = nullptr;
  StatusOr<Relation> relation = [&] {
    const FrozenContext frozen(context_, view);
    return Bind(*create->query, false);
  }();
  ctes_ = outer;
  if (!relation.ok()) {  // positions are the view's own: they would point into another text
    return SqlError(SqlStateOf(relation.status())) << "in view \"" << view.shown_name() << "\": " << MessageOf(relation.status())
                                                   << Hint(HintOf(relation.status()));
  }
  const auto& columns = view.As<ViewObject>()->columns;
  for (size_t i = 0; i < columns.size() && i < relation->scope.columns.size(); ++i) relation->scope.columns[i].name = columns[i].name;
  return relation;
}

// In a stream the view's query takes its place, as a view's does: the program reads the log itself (one that also makes the view shares its plan).
StatusOr<Relation> QueryBinder::BindMaterialized(const CatalogObject& view, TextRange range) {
  if (!context_->streaming) return BindContents(view);
  const auto& columns = view.As<MaterializedViewObject>()->columns;
  Relation relation;
  const auto found = context_->program->materialized.find(view.name);
  if (found == context_->program->materialized.end()) return BindDefinition(view, range);
  const std::vector<Column>& kept = found->second->output();  // of the Materialize node: what the view holds, in order
  for (size_t i = 0; i < columns.size(); ++i) relation.scope.columns.push_back({"", columns[i].name, kept[i]});
  relation.plan = found->second->inputs[0];
  if (context_->views_read.insert(view.name).second) return relation;
  // Named again: a relation of its own, with columns of its own.
  std::map<ColumnId, Column> fresh;
  relation.plan = WithFreshColumns(relation.plan, context_->program, &fresh);
  for (ScopeColumn& column : relation.scope.columns) column.column = fresh.at(column.column.id);
  return relation;
}

StatusOr<Relation> QueryBinder::BindDefinition(const CatalogObject& view, TextRange range) {
  const auto* create = ast::As<ast::CreateView>(*view.definition);
  if (create->emit.emit == ast::EmitMode::kOnWindowClose)
    return NotSupported("a stream over a view of another program that is EMIT ON WINDOW CLOSE", range);
  const CteFrame* outer = ctes_;
  ctes_ = nullptr;
  StatusOr<Relation> relation = [&] {
    const FrozenContext frozen(context_, view);
    return Bind(*create->query, false);
  }();
  ctes_ = outer;
  if (!relation.ok()) {
    return SqlError(SqlStateOf(relation.status())) << "in materialized view \"" << view.shown_name() << "\": " << MessageOf(relation.status())
                                                   << Hint(HintOf(relation.status()));
  }
  const auto& columns = *view.columns();
  for (size_t i = 0; i < columns.size() && i < relation->scope.columns.size(); ++i) relation->scope.columns[i].name = columns[i].name;
  return relation;
}

// What a materialized view or a table holds, at the epoch that the reader pins.
StatusOr<Relation> QueryBinder::BindContents(const CatalogObject& object) {
  const std::vector<CatalogColumn>& columns = *object.columns();
  Relation relation;
  ViewScanOp scan;
  scan.view = object.name;
  std::vector<Column> output;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].added > context_->generation) continue;
    scan.columns.push_back(static_cast<int>(i));
    output.push_back(context_->NewColumn(columns[i].name, columns[i].type, !columns[i].not_null));
    relation.scope.columns.push_back({"", columns[i].name, output.back()});
  }
  const auto* table = object.As<TableObject>();
  for (int position : table != nullptr ? KeyOf(*table) : object.As<MaterializedViewObject>()->key)
    scan.unique.push_back(output[static_cast<size_t>(position)].id);
  std::vector<std::vector<int>>& indexes = context_->program->indexes[object.name];
  indexes = {table != nullptr ? KeyOf(*table) : object.As<MaterializedViewObject>()->key};
  for (const CatalogObjectPtr& other : context_->catalog->Objects()) {
    if (const auto* index = other->As<IndexObject>(); index != nullptr && index->table == object.name) indexes.push_back(index->columns);
  }
  relation.plan = context_->Node(std::move(scan), {}, std::move(output));
  return relation;
}

// Scan(changelog) -> [Project: what is held as text] -> [Watermark]
StatusOr<Relation> QueryBinder::BindChangelog(const CatalogObject& object) {
  const TableObject& table = *object.As<TableObject>();
  if (!table.takes_dml) return BindStored(object, table.source, std::nullopt);
  SourceObject stored = StoredForm(table);
  const std::optional<CatalogWatermark> watermark = std::exchange(stored.watermark, std::nullopt);
  ASSIGN_OR_RETURN(Relation relation, BindStored(object, stored, std::nullopt));
  std::vector<std::pair<Column, ExprPtr>> cast;
  std::vector<Column> output;
  for (size_t i = 0; i < relation.scope.columns.size(); ++i) {
    Column& column = relation.scope.columns[i].column;
    const Type& type = table.source.columns[i].type;
    if (!stored.columns[i].type.SameId(type)) {
      const Column held = column;
      ASSIGN_OR_RETURN(ExprPtr expr, Coerce(context_, MakeColumn(held), type, Coercion::kExplicit));
      column = context_->NewColumn(held.name, type, held.nullable);
      cast.emplace_back(column, std::move(expr));
    }
    output.push_back(column);
  }
  if (!cast.empty()) relation.plan = OfSource(MakeNode(ProjectOp{std::move(cast)}, {relation.plan}, output, "", ToDataflow(stored.on_error)));
  if (watermark) {
    SourceObject shown = table.source;
    shown.watermark = watermark;
    RETURN_IF_ERROR(AddWatermark(object, shown, &relation));
  }
  return relation;
}

// Scan -> [Project: computed columns] -> [Watermark]
StatusOr<Relation> QueryBinder::BindSource(const CatalogObject& object, const std::optional<ast::LogRange>& range) {
  return BindStored(object, *object.As<SourceObject>(), range);
}

StatusOr<Relation> QueryBinder::BindStored(const CatalogObject& object, const SourceObject& all, const std::optional<ast::LogRange>& range) {
  std::optional<SourceObject> older;
  const SourceObject& source = SeenAt(context_->generation, all, &older);
  const PlannerSettings& settings = *context_->settings;
  ScanOp scan;
  scan.source = object.name;
  scan.connector = source.connector;
  scan.options = source.options;
  scan.encoding = source.encoding == "bytes" ? Encoding::kBytes : source.encoding == "csv" ? Encoding::kCsv : Encoding::kJson;
  scan.format_options = source.format_options;
  scan.envelope = source.envelope == "upsert" ? Envelope::kUpsert : source.envelope == "debezium" ? Envelope::kDebezium : Envelope::kPlain;
  scan.keyed = scan.envelope == Envelope::kUpsert || (scan.envelope == Envelope::kDebezium && !source.key.empty());
  scan.validate_full = settings.validate_full.value_or(source.validate_full);
  scan.on_error = ToDataflow(source.on_error);
  scan.offset_lost = static_cast<OffsetLost>(source.offset_lost);
  if (context_->streaming) {
    scan.from_latest = source.from_latest;
    scan.from_offsets = source.from_offsets;
    scan.from_timestamp_ms = source.from_timestamp_ms;
    scan.until_latest = source.until_latest || settings.until_latest;
  } else {
    scan.until_latest = true;  // a SELECT always ends
  }
  if (range) RETURN_IF_ERROR(ApplyLogRange(*range, &scan));
  ApplyReplay(settings, &scan);
  Relation relation;
  std::vector<Column> columns(source.columns.size()), physical;
  int32_t fields = 0;  // of a CSV record
  Scope scope;
  for (size_t i = 0; i < source.columns.size(); ++i) {
    const CatalogColumn& declared = source.columns[i];
    columns[i] = context_->NewColumn(declared.name, declared.type, !declared.not_null);
    if (declared.computed) continue;
    ScanOp::ScanColumn column;
    column.column = columns[i];
    column.metadata = MetadataOf(declared.metadata);
    column.header = declared.header;
    if (column.metadata == Metadata::kNone) column.position = fields++;
    if (column.metadata == Metadata::kNone && scan.encoding != Encoding::kBytes) {
      column.path = {declared.name};
      column.exact = {declared.quoted};
    }
    scan.columns.push_back(std::move(column));
    physical.push_back(columns[i]);
    scope.columns.push_back({object.name, declared.name, columns[i]});
  }
  for (size_t i = 0; i < source.columns.size(); ++i) {
    const ast::Expression* computed = source.columns[i].computed ? ComputedOf(object, i) : nullptr;
    scan.asks_clock |= computed != nullptr && IsProcTime(*computed);
  }
  UpsertColumns upsert;
  if (scan.keyed) upsert = AddUpsertColumns(context_, source, &columns, &scan, &physical, &scope);
  const bool keyed = scan.keyed;
  if (!keyed && object.As<TableObject>() != nullptr && scan.envelope == Envelope::kDebezium) {
    for (int position : source.key) scan.unique.push_back(columns[static_cast<size_t>(position)].id);
  }
  LogicalPtr plan = OfSource(MakeNode(std::move(scan), {}, physical, "", ToDataflow(source.on_error)));
  if (keyed) { ASSIGN_OR_RETURN(plan, LastOfKey(context_, std::move(plan), upsert)); }
  std::vector<std::pair<Column, ExprPtr>> computed;
  ExpressionBinder binder(context_, &scope, nullptr, "a computed column");
  for (size_t i = 0; i < source.columns.size(); ++i) {
    if (!source.columns[i].computed) continue;
    const ast::Expression* expression = ComputedOf(object, i);
    if (expression == nullptr) return SqlError(sqlstate::kInternalError) << "the definition of column \"" << source.columns[i].name << "\" is lost";
    // The clock in a view is the epoch's, as it was when the row was first read.
    ASSIGN_OR_RETURN(ExprPtr expr, IsProcTime(*expression) ? CallFunction(context_, "proctime", {}, expression->range) : binder.Bind(*expression));
    ASSIGN_OR_RETURN(expr, Coerce(context_, std::move(expr), columns[i].type, Coercion::kAssignment));
    columns[i].nullable = expr->nullable;
    computed.emplace_back(columns[i], std::move(expr));
  }
  if (!computed.empty()) plan = OfSource(MakeNode(ProjectOp{std::move(computed)}, {plan}, columns, "", ToDataflow(source.on_error)));
  for (size_t i = 0; i < columns.size(); ++i) relation.scope.columns.push_back({"", source.columns[i].name, columns[i]});
  relation.plan = std::move(plan);
  if (source.watermark) RETURN_IF_ERROR(AddWatermark(object, source, &relation));
  return relation;
}

Status QueryBinder::AddWatermark(const CatalogObject& object, const SourceObject& source, Relation* relation) {
  std::vector<Column> columns;
  for (const ScopeColumn& column : relation->scope.columns) columns.push_back(column.column);
  LogicalPtr& plan = relation->plan;
  WatermarkOp watermark;
  watermark.time = columns[source.watermark->column].id;
  watermark.delay_micros = source.watermark->delay_micros;
  watermark.max_ahead_micros = source.watermark->max_ahead_micros;
  watermark.idle_timeout_micros = source.idle_timeout_micros;
  watermark.source = object.name;
  watermark.on_error = ToDataflow(source.on_error);
  if (source.watermark->expression) {
    const ast::Watermark* declared = WatermarkOf(object);
    if (declared == nullptr) return SqlError(sqlstate::kInternalError) << "the watermark of source \"" << object.name << "\" is lost";
    Scope all;
    for (size_t i = 0; i < columns.size(); ++i) all.columns.push_back({object.name, source.columns[i].name, columns[i], nullptr});
    ExpressionBinder of_all(context_, &all, nullptr, "a watermark");
    ASSIGN_OR_RETURN(ExprPtr expr, of_all.Bind(*declared->expression));
    ASSIGN_OR_RETURN(expr, Coerce(context_, std::move(expr), columns[source.watermark->column].type, Coercion::kAssignment));
    const Column candidate = context_->NewColumn("watermark", expr->type, expr->nullable);
    watermark.candidate = candidate.id;
    std::vector<Column> output = columns;
    output.push_back(candidate);
    plan = OfSource(MakeNode(ProjectOp{{{candidate, std::move(expr)}}}, {plan}, std::move(output), "", ToDataflow(source.on_error)));
  }
  plan = OfSource(MakeNode(std::move(watermark), {plan}, columns, "", ToDataflow(source.on_error)));
  return OkStatus();
}

}  // namespace kappa
