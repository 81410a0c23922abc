#include "planner/binder/dml.h"

#include <algorithm>

#include "functions/registry.h"
#include "planner/binder/ddl.h"
#include "planner/binder/subquery.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

constexpr SqlState kGeneratedAlways{"428C9"};
constexpr SqlState kInvalidColumnReferenceState{"42P10"};

ExprPtr Null(const Type& type) { return MakeConstant(Datum(), type); }

std::vector<std::string> NamesOf(const CatalogObject& table) {
  std::vector<std::string> names;
  for (const CatalogColumn& column : *table.columns()) names.push_back(column.name);
  return names;
}

StatusOr<size_t> ColumnNamed(const ast::Identifier& wanted, const CatalogObject& table) {
  const std::vector<std::string> names = NamesOf(table);
  const auto found = std::find(names.begin(), names.end(), wanted.name);
  if (found == names.end()) {
    return SqlError(sqlstate::kUndefinedColumn, wanted.range)
           << "column \"" << wanted.name << "\" of relation \"" << table.shown_name() << "\" does not exist" << DidYouMean(wanted.name, names);
  }
  return static_cast<size_t>(found - names.begin());
}

// 42804 as PostgreSQL says it of a value for a column.
StatusOr<ExprPtr> ForColumn(BindContext* context, ExprPtr expr, const CatalogColumn& column, TextRange range) {
  const std::string given = TypeText(expr->type);
  if (column.type.id() == TypeId::kText && column.type.modifier() >= 0 && CanCoerce(expr->type, TypeId::kText, Coercion::kAssignment)) {
    // Cut only where a cast asks for it: here what does not fit is an error.
    ASSIGN_OR_RETURN(expr, Coerce(context, std::move(expr), TypeId::kText, Coercion::kAssignment));
    const FunctionEntry* fit = FunctionRegistry::Get().Find(FunctionKind::kCast, "typmod_assignment").front();
    ExprPtr modifier = MakeConstant(Datum::Int(column.type.modifier()), TypeId::kInt4);
    return FoldConstant(WithExprRange(MakeCall(fit, {std::move(expr), std::move(modifier)}, column.type), range));
  }
  StatusOr<ExprPtr> coerced = Coerce(context, std::move(expr), column.type, Coercion::kAssignment);
  if (coerced.ok()) return coerced;
  const SqlState state = SqlStateOf(coerced.status());
  if (state != sqlstate::kDatatypeMismatch && state != SqlState{"42846"}) return WithRange(coerced.status(), range);
  return SqlError(sqlstate::kDatatypeMismatch, range)
         << "column \"" << column.name << "\" is of type " << column.type.ToString() << " but expression is of type " << given
         << Hint("You will need to rewrite or cast the expression.");
}

}  // namespace

Status DmlBinder::Target(const ast::QualifiedName& name, std::string_view verb, DmlPlan* plan) {
  plan->table = context_->Resolve(name);
  plan->table_range = name.range;
  if (plan->table == nullptr) {
    return SqlError(sqlstate::kUndefinedTable, name.range)
           << "relation \"" << ast::ToString(name) << "\" does not exist" << context_->Nearby(name, context_->catalog->Names());
  }
  const auto* table = plan->table->As<TableObject>();
  if (table == nullptr) {
    return SqlError(sqlstate::kWrongObjectType, name.range)
           << "cannot " << verb << " " << plan->table->KindName() << " \"" << plan->table->shown_name() << "\""
           << Hint("rows of tables can be changed: CREATE TABLE");
  }
  if (!table->takes_dml) {
    return SqlError(sqlstate::kFeatureNotSupported, name.range)
           << "table \"" << plan->table->shown_name() << "\" has a connector: what it holds comes from there alone";
  }
  if (table->append_only && plan->kind != DmlPlan::Kind::kInsert) {
    return SqlError(sqlstate::kFeatureNotSupported, name.range)
           << "table \"" << plan->table->shown_name() << "\" is APPEND ONLY: its rows cannot be changed or deleted";
  }
  context_->depends_on.insert(plan->table->name);
  for (const CatalogColumn& column : *plan->table->columns()) plan->row.push_back(context_->NewColumn(column.name, column.type, true));
  return OkStatus();
}

StatusOr<ExprPtr> DmlBinder::DefaultOf(size_t column, const DmlPlan& plan) {
  if (plan.table->As<TableObject>()->generated[column]) return Null((*plan.table->columns())[column].type);
  ASSIGN_OR_RETURN(ExprPtr expr, BindDefault(context_, *plan.table, column));
  return expr != nullptr ? std::move(expr) : Null((*plan.table->columns())[column].type);
}

Status DmlBinder::CheckGenerated(size_t column, bool is_default, TextRange range, bool insert, const DmlPlan& plan) const {
  if (is_default || !plan.table->As<TableObject>()->generated[column]) return OkStatus();
  const std::string& name = (*plan.table->columns())[column].name;
  if (insert) return SqlError(kGeneratedAlways, range) << "cannot insert a non-DEFAULT value into column \"" << name << "\"";
  return SqlError(kGeneratedAlways, range) << "column \"" << name << "\" can only be updated to DEFAULT";
}

StatusOr<std::vector<size_t>> DmlBinder::TargetColumns(const std::vector<ast::Identifier>& names, size_t given, const DmlPlan& plan) const {
  std::vector<size_t> targets;
  for (const ast::Identifier& wanted : names) {
    ASSIGN_OR_RETURN(const size_t column, ColumnNamed(wanted, *plan.table));
    if (std::find(targets.begin(), targets.end(), column) != targets.end())
      return SqlError(sqlstate::kDuplicateColumn, wanted.range) << "column \"" << wanted.name << "\" specified more than once";
    targets.push_back(column);
  }
  if (!names.empty()) return targets;
  for (size_t i = 0; i < width(plan) && targets.size() < given; ++i) targets.push_back(i);
  return targets;
}

LogicalPtr DmlBinder::Root(LogicalPtr input, std::vector<Column> output) {
  ResultOp result;
  for (const Column& column : output) result.names.push_back(column.name);
  return context_->Node(std::move(result), {std::move(input)}, std::move(output));
}

StatusOr<LogicalPtr> DmlBinder::InsertValues(const ast::Values& values, const ast::Insert& insert, const DmlPlan& plan) {
  const size_t given = values.rows.empty() ? 0 : values.rows[0].size();
  ASSIGN_OR_RETURN(const std::vector<size_t> targets, TargetColumns(insert.columns, given, plan));
  const std::vector<CatalogColumn>& columns = *plan.table->columns();
  std::vector<ExprPtr> defaults(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) { ASSIGN_OR_RETURN(defaults[i], DefaultOf(i, plan)); }
  ValuesOp op;
  const Scope nothing;
  ExpressionBinder binder(context_, &nothing, nullptr, "VALUES");
  QueryBinder queries(context_);
  SubqueryCollector subqueries;
  binder.AllowSubqueries(&queries, &subqueries);
  for (const auto& row : values.rows) {
    if (row.size() != given)
      return SqlError(sqlstate::kSyntaxError, row.empty() ? values.range : row[0]->range) << "VALUES lists must all be the same length";
    if (row.size() > targets.size())
      return SqlError(sqlstate::kSyntaxError, row[targets.size()]->range) << "INSERT has more expressions than target columns";
    if (row.size() < targets.size() && !insert.columns.empty())
      return SqlError(sqlstate::kSyntaxError, insert.columns[row.size()].range) << "INSERT has more target columns than expressions";
    std::vector<ExprPtr> out = defaults;
    for (size_t i = 0; i < row.size(); ++i) {
      const bool is_default = row[i]->kind == ast::ExpressionKind::kDefault;
      RETURN_IF_ERROR(CheckGenerated(targets[i], is_default, row[i]->range, true, plan));
      if (is_default) continue;
      ASSIGN_OR_RETURN(ExprPtr expr, binder.Bind(*row[i]));
      ASSIGN_OR_RETURN(out[targets[i]], ForColumn(context_, std::move(expr), columns[targets[i]], row[i]->range));
    }
    op.rows.push_back(std::move(out));
  }
  std::vector<Column> output;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool nullable = std::any_of(op.rows.begin(), op.rows.end(), [&](const auto& row) { return row[i]->nullable; });
    output.push_back(context_->NewColumn(columns[i].name, columns[i].type, nullable));
  }
  if (subqueries.pending.empty()) return Root(context_->Node(std::move(op), {}, output), output);
  // Each row is a query of its own.
  UnionOp all;
  std::vector<LogicalPtr> rows;
  for (const std::vector<ExprPtr>& row : op.rows) {
    LogicalPtr input = context_->Node(ValuesOp{{{}}}, {}, {});
    ProjectOp project;
    std::vector<Column> made;
    all.inputs.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      RETURN_IF_ERROR(SubqueryPlacer(context_, &subqueries).Place(*row[i], &input));
      made.push_back(context_->NewColumn(columns[i].name, columns[i].type, row[i]->nullable));
      project.columns.emplace_back(made.back(), row[i]);
      all.inputs.back().push_back(made.back().id);
    }
    rows.push_back(context_->Node(std::move(project), {std::move(input)}, std::move(made)));
  }
  return Root(context_->Node(std::move(all), std::move(rows), output), output);
}

// The whole row: what is given, and defaults for the rest.
StatusOr<LogicalPtr> DmlBinder::Complete(LogicalPtr input, const std::vector<size_t>& targets, const std::vector<Column>& given,
                                         const DmlPlan& plan) {
  ProjectOp project;
  std::vector<Column> output;
  for (size_t i = 0; i < width(plan); ++i) {
    const auto target = std::find(targets.begin(), targets.end(), i);
    if (target != targets.end()) {
      output.push_back(given[static_cast<size_t>(target - targets.begin())]);
      continue;
    }
    ASSIGN_OR_RETURN(ExprPtr expr, DefaultOf(i, plan));
    const CatalogColumn& column = (*plan.table->columns())[i];
    output.push_back(context_->NewColumn(column.name, column.type, expr->nullable));
    project.columns.emplace_back(output.back(), std::move(expr));
  }
  std::vector<Column> kept;  // a column that is given twice is passed on once
  for (const Column& column : output) {
    if (FindColumn(kept, column.id) == nullptr) kept.push_back(column);
  }
  if (!project.columns.empty()) input = context_->Node(std::move(project), {std::move(input)}, std::move(kept));
  return Root(std::move(input), std::move(output));
}

StatusOr<LogicalPtr> DmlBinder::InsertQuery(const ast::Insert& insert, const DmlPlan& plan) {
  QueryBinder queries(context_);
  ASSIGN_OR_RETURN(Projection projection, queries.BindProjection(*insert.query, true));
  ASSIGN_OR_RETURN(const std::vector<size_t> targets, TargetColumns(insert.columns, projection.width(), plan));
  if (targets.size() != projection.width()) {
    return SqlError(sqlstate::kSyntaxError, insert.query->range)
           << "INSERT has "
           << (projection.width() > targets.size() ? "more expressions than target columns" : "more target columns than expressions");
  }
  std::vector<Type> types;
  for (size_t i = 0; i < targets.size(); ++i) {
    RETURN_IF_ERROR(CheckGenerated(targets[i], false, insert.query->range, true, plan));
    const CatalogColumn& column = (*plan.table->columns())[targets[i]];
    if (projection.rows.empty()) RETURN_IF_ERROR(ForColumn(context_, projection.exprs[i], column, insert.query->range).status());
    types.push_back(column.type);
  }
  ASSIGN_OR_RETURN(Relation relation, queries.Project(std::move(projection), &types));
  std::vector<Column> given;
  for (const ScopeColumn& column : relation.scope.columns) given.push_back(column.column);
  return Complete(relation.plan, targets, given, plan);
}

StatusOr<LogicalPtr> DmlBinder::BindInsert(const ast::Insert& insert, DmlPlan* plan) {
  plan->kind = DmlPlan::Kind::kInsert;
  plan->tag = "INSERT";
  RETURN_IF_ERROR(Target(insert.table, "insert into", plan));
  LogicalPtr root;
  const auto* values = insert.query == nullptr ? nullptr : ast::As<ast::Values>(*insert.query->body);
  if (insert.query == nullptr) {
    ast::Values defaults;
    defaults.rows.emplace_back();
    ASSIGN_OR_RETURN(root, InsertValues(defaults, insert, *plan));
  } else if (values != nullptr && insert.query->order_by.empty() && insert.query->limit == nullptr && insert.query->offset == nullptr) {
    ASSIGN_OR_RETURN(root, InsertValues(*values, insert, *plan));
  } else {
    ASSIGN_OR_RETURN(root, InsertQuery(insert, *plan));
  }
  RETURN_IF_ERROR(BindConflict(insert, plan));
  RETURN_IF_ERROR(AfterRows(insert.returning, insert.alias.name, {}, plan));
  return root;
}

Status DmlBinder::BindConflict(const ast::Insert& insert, DmlPlan* plan) {
  if (!insert.on_conflict) return OkStatus();
  const ast::ConflictClause& clause = *insert.on_conflict;
  const std::vector<int>& key = plan->table->As<TableObject>()->source.key;
  DmlPlan::OnConflict conflict;
  for (const ast::Identifier& name : clause.columns) {
    ASSIGN_OR_RETURN(const size_t column, ColumnNamed(name, *plan->table));
    conflict.key.push_back(static_cast<int>(column));
  }
  const bool same = conflict.key.size() == key.size() && std::all_of(key.begin(), key.end(), [&](int k) {
                      return std::find(conflict.key.begin(), conflict.key.end(), k) != conflict.key.end();
                    });
  if (!conflict.key.empty() && !same) {
    return SqlError(kInvalidColumnReferenceState, clause.range)
           << "there is no unique or exclusion constraint matching the ON CONFLICT specification";
  }
  conflict.update = !clause.assignments.empty();
  if (conflict.update && conflict.key.empty())
    return SqlError(sqlstate::kSyntaxError, clause.range) << "ON CONFLICT DO UPDATE requires inference specification or constraint name";
  Scope scope;
  const std::string& shown = insert.alias.name.empty() ? plan->table->shown_name() : insert.alias.name;
  for (const CatalogColumn& column : *plan->table->columns()) {
    conflict.existing.push_back(context_->NewColumn(column.name, column.type, true));
    scope.columns.push_back({shown, column.name, conflict.existing.back()});
  }
  Scope both = scope;
  for (const CatalogColumn& column : *plan->table->columns()) {
    conflict.excluded.push_back(context_->NewColumn(column.name, column.type, true));
    both.columns.push_back({"excluded", column.name, conflict.excluded.back()});
  }
  ASSIGN_OR_RETURN(conflict.set, BindAssignments(clause.assignments, both, *plan, nullptr));
  if (clause.where != nullptr) {
    ExpressionBinder binder(context_, &both, nullptr, "ON CONFLICT");
    ASSIGN_OR_RETURN(conflict.where, binder.BindBoolean(*clause.where, "WHERE"));
  }
  plan->on_conflict = std::move(conflict);
  return OkStatus();
}

StatusOr<std::vector<std::pair<size_t, ExprPtr>>> DmlBinder::BindAssignments(const std::vector<ast::Assignment>& assignments, const Scope& scope,
                                                                             const DmlPlan& plan, LogicalPtr* input) {
  std::vector<std::pair<size_t, ExprPtr>> out;
  ExpressionBinder binder(context_, &scope, nullptr, "UPDATE");
  QueryBinder queries(context_);
  SubqueryCollector subqueries;
  if (input != nullptr) binder.AllowSubqueries(&queries, &subqueries);
  for (const ast::Assignment& assignment : assignments) {
    const auto* row = ast::As<ast::Row>(*assignment.value);
    if (assignment.columns.size() > 1 && row == nullptr) return NotSupported("assigning the columns of a query", assignment.value->range);
    if (assignment.columns.size() > 1 && row->items.size() != assignment.columns.size())
      return SqlError(sqlstate::kSyntaxError, assignment.value->range) << "number of columns does not match number of values";
    for (size_t i = 0; i < assignment.columns.size(); ++i) {
      const ast::Identifier& name = assignment.columns[i];
      const ast::Expression& value = assignment.columns.size() > 1 ? *row->items[i] : *assignment.value;
      ASSIGN_OR_RETURN(const size_t column, ColumnNamed(name, *plan.table));
      for (const auto& [other, expr] : out) {
        if (other == column) return SqlError(sqlstate::kSyntaxError, name.range) << "multiple assignments to same column \"" << name.name << "\"";
      }
      const bool is_default = value.kind == ast::ExpressionKind::kDefault;
      RETURN_IF_ERROR(CheckGenerated(column, is_default, name.range, false, plan));
      if (is_default) {
        ASSIGN_OR_RETURN(ExprPtr expr, DefaultOf(column, plan));
        out.emplace_back(column, std::move(expr));
        continue;
      }
      ASSIGN_OR_RETURN(ExprPtr expr, binder.Bind(value));
      if (input != nullptr) RETURN_IF_ERROR(SubqueryPlacer(context_, &subqueries).Place(*expr, input));
      ASSIGN_OR_RETURN(expr, ForColumn(context_, std::move(expr), (*plan.table->columns())[column], value.range));
      out.emplace_back(column, std::move(expr));
    }
  }
  return out;
}

StatusOr<Relation> DmlBinder::Matching(const ast::QualifiedName& name, const ast::Identifier& alias, const std::vector<ast::TableReferencePtr>& from,
                                       const ast::Expression* where, DmlPlan* plan) {
  QueryBinder queries(context_);
  ASSIGN_OR_RETURN(Relation relation, queries.BindTable(name, std::nullopt));
  const std::string& shown = alias.name.empty() ? name.last().name : alias.name;
  for (ScopeColumn& column : relation.scope.columns) column.table = shown;
  plan->joined = !from.empty();
  if (!from.empty()) {
    ASSIGN_OR_RETURN(const Relation others, queries.BindFromList(from));
    for (const ScopeColumn& column : others.scope.columns) {
      if (column.table == shown && !shown.empty()) {
        return SqlError(SqlState{"42712"}, from[0]->range) << "table name \"" << shown << "\" specified more than once";
      }
    }
    std::vector<Column> output = relation.plan->output();
    for (const Column& column : others.plan->output()) output.push_back(column);
    relation.plan = context_->Node(JoinOp{}, {relation.plan, others.plan}, std::move(output));
    relation.scope.columns.insert(relation.scope.columns.end(), others.scope.columns.begin(), others.scope.columns.end());
  }
  if (where != nullptr) { ASSIGN_OR_RETURN(relation.plan, queries.Where(relation, *where)); }
  return relation;
}

StatusOr<LogicalPtr> DmlBinder::BindUpdate(const ast::Update& update, DmlPlan* plan) {
  plan->kind = DmlPlan::Kind::kUpdate;
  plan->tag = "UPDATE";
  RETURN_IF_ERROR(Target(update.table, "update", plan));
  ASSIGN_OR_RETURN(Relation relation, Matching(update.table, update.alias, update.from, update.where.get(), plan));
  ASSIGN_OR_RETURN(const auto set, BindAssignments(update.assignments, relation.scope, *plan, &relation.plan));
  std::vector<Column> before, after;
  for (size_t i = 0; i < width(*plan); ++i) before.push_back(relation.scope.columns[i].column);
  after = before;
  ProjectOp project;
  std::vector<Column> passed = relation.plan->output();
  for (const auto& [column, expr] : set) {
    after[column] = context_->NewColumn(before[column].name, before[column].type, expr->nullable);
    project.columns.emplace_back(after[column], expr);
    passed.push_back(after[column]);
  }
  const LogicalPtr input = context_->Node(std::move(project), {relation.plan}, std::move(passed));
  std::vector<Column> output = before;
  output.insert(output.end(), after.begin(), after.end());
  Scope extra;
  if (!update.returning.empty())
    extra.columns.assign(relation.scope.columns.begin() + static_cast<ptrdiff_t>(width(*plan)), relation.scope.columns.end());
  for (const ScopeColumn& column : extra.columns) output.push_back(column.column);
  RETURN_IF_ERROR(AfterRows(update.returning, update.alias.name, extra, plan));
  return Root(input, std::move(output));
}

StatusOr<LogicalPtr> DmlBinder::BindDelete(const ast::Delete& remove, DmlPlan* plan) {
  plan->kind = DmlPlan::Kind::kDelete;
  plan->tag = remove.truncate ? "TRUNCATE TABLE" : "DELETE";
  RETURN_IF_ERROR(Target(remove.table, remove.truncate ? "truncate" : "delete from", plan));
  ASSIGN_OR_RETURN(Relation relation, Matching(remove.table, remove.alias, remove.from, remove.where.get(), plan));
  std::vector<Column> output;
  for (size_t i = 0; i < width(*plan); ++i) output.push_back(relation.scope.columns[i].column);
  Scope extra;
  if (!remove.returning.empty())
    extra.columns.assign(relation.scope.columns.begin() + static_cast<ptrdiff_t>(width(*plan)), relation.scope.columns.end());
  for (const ScopeColumn& column : extra.columns) output.push_back(column.column);
  RETURN_IF_ERROR(AfterRows(remove.returning, remove.alias.name, extra, plan));
  return Root(relation.plan, std::move(output));
}

// Generated columns, and RETURNING over the row.
Status DmlBinder::AfterRows(const std::vector<ast::SelectItem>& returning, const std::string& alias, const Scope& extra, DmlPlan* plan) {
  Scope scope;
  const std::string& shown = alias.empty() ? plan->table->shown_name() : alias;
  for (const Column& column : plan->row) scope.columns.push_back({shown, column.name, column});
  if (plan->kind != DmlPlan::Kind::kDelete) {
    for (size_t i = 0; i < width(*plan); ++i) {
      ASSIGN_OR_RETURN(ExprPtr expr, BindGenerated(context_, *plan->table, i, scope));
      if (expr != nullptr) plan->generated.emplace_back(i, std::move(expr));
    }
  }
  plan->returns = !returning.empty();
  for (const ScopeColumn& column : extra.columns) {
    plan->extra.push_back(column.column);
    scope.columns.push_back(column);
  }
  const auto add = [&](ExprPtr expr, const std::string& name) {
    plan->returned.push_back(context_->NewColumn(name, expr->type, true));
    plan->returning.push_back(std::move(expr));
  };
  ExpressionBinder binder(context_, &scope, nullptr, "RETURNING");
  for (const ast::SelectItem& item : returning) {
    if (const auto* star = ast::As<ast::Star>(*item.expression)) {
      const std::string table = star->qualifier.empty() ? "" : star->qualifier.last().name;
      bool any = false;
      for (const ScopeColumn& column : scope.columns) {
        if (column.computed != nullptr || (!table.empty() && column.table != table)) continue;
        any = true;
        add(MakeColumn(column.column), column.name);
      }
      if (!any) return SqlError(sqlstate::kUndefinedTable, item.range) << "missing FROM-clause entry for table \"" << table << "\"";
      continue;
    }
    ASSIGN_OR_RETURN(ExprPtr expr, binder.BindTyped(*item.expression));
    add(std::move(expr), item.alias.name.empty() ? ImpliedName(*item.expression) : item.alias.name);
  }
  return OkStatus();
}

}  // namespace kappa
