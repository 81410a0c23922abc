// Binds INSERT, UPDATE and DELETE of tables (planner/dml.h).
#pragma once

#include "parser/ast/data_statements.h"
#include "planner/binder/context.h"
#include "planner/binder/query.h"
#include "planner/dml.h"

namespace kappa {

class DmlBinder {
 public:
  explicit DmlBinder(BindContext* context) : context_(context) {}
  // The root of the rows' plan; `plan` gets the rest.
  StatusOr<LogicalPtr> BindInsert(const ast::Insert& insert, DmlPlan* plan);
  StatusOr<LogicalPtr> BindUpdate(const ast::Update& update, DmlPlan* plan);
  StatusOr<LogicalPtr> BindDelete(const ast::Delete& remove, DmlPlan* plan);

 private:
  Status Target(const ast::QualifiedName& name, std::string_view verb, DmlPlan* plan);
  StatusOr<std::vector<size_t>> TargetColumns(const std::vector<ast::Identifier>& names, size_t given, const DmlPlan& plan) const;
  StatusOr<ExprPtr> DefaultOf(size_t column, const DmlPlan& plan);
  Status CheckGenerated(size_t column, bool is_default, TextRange range, bool insert, const DmlPlan& plan) const;
  StatusOr<LogicalPtr> InsertValues(const ast::Values& values, const ast::Insert& insert, const DmlPlan& plan);
  StatusOr<LogicalPtr> InsertQuery(const ast::Insert& insert, const DmlPlan& plan);
  StatusOr<LogicalPtr> Complete(LogicalPtr input, const std::vector<size_t>& targets, const std::vector<Column>& given, const DmlPlan& plan);
  Status BindConflict(const ast::Insert& insert, DmlPlan* plan);
  // Column and value of each assignment.
  // `input`: the rows that are updated, which get the columns of subqueries; nullptr: those are not allowed.
  StatusOr<std::vector<std::pair<size_t, ExprPtr>>> BindAssignments(const std::vector<ast::Assignment>& assignments, const Scope& scope,
                                                                    const DmlPlan& plan, LogicalPtr* input);
  // The table's rows, those of `from` beside them, of which `where` holds.
  StatusOr<Relation> Matching(const ast::QualifiedName& name, const ast::Identifier& alias, const std::vector<ast::TableReferencePtr>& from,
                              const ast::Expression* where, DmlPlan* plan);
  Status AfterRows(const std::vector<ast::SelectItem>& returning, const std::string& alias, const Scope& extra, DmlPlan* plan);
  LogicalPtr Root(LogicalPtr input, std::vector<Column> output);
  size_t width(const DmlPlan& plan) const { return plan.table->columns()->size(); }

  BindContext* context_;
};

}  // namespace kappa
