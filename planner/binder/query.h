// Binds queries: FROM, SELECT, VALUES, UNION, ORDER BY. from.cc, select.cc, grouping.cc, set_operation.cc, windows.cc.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast/query.h"
#include "parser/ast/statement.h"
#include "planner/binder/context.h"
#include "planner/binder/expressions.h"

namespace kappa {

// A query before its last projection: what an INSERT or a UNION wants may still type the bare literals.
struct Projection {
  LogicalPtr input;                        // nullptr: VALUES, or SELECT without FROM
  std::vector<ExprPtr> exprs;              // over input
  std::vector<std::vector<ExprPtr>> rows;  // of VALUES (exprs is empty then)
  std::vector<std::string> names;
  size_t width() const { return names.size(); }
};

// ON ERROR and LATE INTO in the catalog's words and in the dataflow's.
ErrorPolicy ToDataflow(const CatalogErrorPolicy& policy);

// p AS PROCTIME(): the one clock that a source's column may hold.
bool IsProcTime(const ast::Expression& expression);

class QueryBinder {
 public:
  explicit QueryBinder(BindContext* context) : context_(context) {}

  // The relation's scope names what the query shows, in order. `top`: its ORDER BY is what the user sees.
  StatusOr<Relation> Bind(const ast::Query& query, bool top);
  // The same, its literals not yet typed. ORDER BY and LIMIT are applied beneath.
  StatusOr<Projection> BindProjection(const ast::Query& query, bool top);
  // Types the literals (as text where `types` is null), casts for assignment, and projects.
  StatusOr<Relation> Project(Projection projection, const std::vector<Type>* types);
  // A subquery of an expression over `scope`: it may read columns of the scope. `ordered`: its ORDER BY is kept.
  StatusOr<Relation> BindSubquery(const ast::Query& query, const Scope& scope, AggregateCollector* aggregates, bool ordered);
  // The rows of `from` for which WHERE is true; the plan gives at least the columns that it gave.
  StatusOr<LogicalPtr> Where(const Relation& from, const ast::Expression& where);
  // A source, view or materialized view by its name.
  StatusOr<Relation> BindTable(const ast::QualifiedName& name, const std::optional<ast::LogRange>& range);

  // The changelog of a table, as a stream over it reads it.
  StatusOr<Relation> BindChangelog(const CatalogObject& table);
  // The tables of FROM beside each other (planner/binder/table_function.cc).
  StatusOr<Relation> BindFromList(const std::vector<ast::TableReferencePtr>& from);

  // GROUP BY as sets of keys, each named by its position among all keys.
  using GroupingSets = std::vector<std::vector<int>>;
  using KeyCollector = std::function<StatusOr<int>(const ast::Expression&)>;

 private:
  // WITH: what a name may mean, innermost first. A CTE sees those before it.
  struct CteFrame {
    const ast::CommonTable* table;
    const CteFrame* previous;
    const OuterScope* outer = nullptr;  // what its query may name
    // Of WITH RECURSIVE: the last of the WITH, all of which its query may name.
    const CteFrame* all = nullptr;
    mutable const Relation* term = nullptr;  // while its recursive term is bound: the recursion
    mutable bool binding = false;
    mutable int references = 0;  // to the recursion
  };
  struct SelectState;  // select_state.h
  friend class ExpressionBinder;

  // `order`: the query whose ORDER BY and LIMIT belong to the body; nullptr: none. `top`: as of Bind.
  StatusOr<Projection> BindBody(const ast::QueryBody& body, const ast::Query* order, bool top = false);
  StatusOr<Projection> BindSelect(const ast::Select& select, const ast::Query* order, bool top);
  StatusOr<Projection> BindValues(const ast::Values& values);
  StatusOr<Projection> ValuesOfSubqueries(Projection values, TextRange range, SubqueryCollector* subqueries);
  StatusOr<Projection> BindSetOperation(const ast::SetOperation& operation);
  StatusOr<Relation> Unite(std::vector<Projection> inputs, TextRange range);
  StatusOr<Relation> IntersectOrExcept(const ast::SetOperation& step, std::vector<Projection> inputs);
  StatusOr<std::vector<LogicalPtr>> UnifyInputs(std::vector<Projection> inputs, std::string_view name, TextRange range,
                                                std::vector<std::vector<ColumnId>>* ids, Relation* result, std::vector<Column>* output);
  StatusOr<Relation> Distinct(Relation relation);
  // top_n.cc
  StatusOr<Projection> OrderOutput(Projection projection, const ast::Query& query, bool top);
  StatusOr<LogicalPtr> Sort(LogicalPtr input, std::vector<SortOp::Key> keys, const ast::Query& query, bool top);
  StatusOr<LogicalPtr> FirstOf(LogicalPtr input, TopNOp distinct, const std::vector<SortOp::Key>& order);
  StatusOr<std::optional<int64_t>> RowCount(const ast::Expression* expression, bool limit);

  // select.cc
  Status ExpandItems(const ast::Select& select, SelectState* state);
  Status BindGroupBy(const ast::Select& select, SelectState* state);
  StatusOr<int> CollectKey(const ast::Expression& expression, SelectState* state);
  Status BindOrderKey(const ast::Expression& expression, std::string_view clause, SelectState* state, int* item, ExprPtr* expr);
  Status BindOrderItems(const ast::Query& order, const ast::Select& select, SelectState* state);
  Status BindDistinctOn(const ast::Select& select, SelectState* state);
  Status OrderSelect(const ast::Query* order, bool top, SelectState* state, Projection* projection);
  Status PlaceForAggregates(SelectState* state);
  Status PlaceForItems(SelectState* state);
  // grouping.cc
  Status Aggregate(SelectState* state);
  void AddDependentKeys(SelectState* state);
  StatusOr<ExprPtr> Grouped(const ExprPtr& expr, const SelectState& state);
  Status GroupSubqueries(SelectState* state);

  // from.cc
  StatusOr<Relation> BindFrom(const ast::TableReference& table);
  StatusOr<Relation> BindCte(const CteFrame& frame, TextRange range);
  StatusOr<Relation> BindView(const CatalogObject& view);
  StatusOr<Relation> BindMaterialized(const CatalogObject& view, TextRange range);
  StatusOr<Relation> BindAdHoc(const AdHocSource& wanted, TextRange range);  // planner/binder/ad_hoc.cc
  StatusOr<Relation> BindDefinition(const CatalogObject& view, TextRange range);
  StatusOr<Relation> BindContents(const CatalogObject& object);
  StatusOr<Relation> BindSource(const CatalogObject& source, const std::optional<ast::LogRange>& range);
  StatusOr<Relation> BindStored(const CatalogObject& object, const SourceObject& all, const std::optional<ast::LogRange>& range);
  Status AddWatermark(const CatalogObject& object, const SourceObject& source, Relation* relation);
  Status Alias(const ast::TableAlias& alias, const std::string& fallback, Relation* relation);
  Status CountRelation(TextRange range);

  // recursion.cc
  StatusOr<Relation> BindRecursive(const CteFrame& frame, TextRange range);
  StatusOr<Relation> Recurse(const CteFrame& frame, const ast::SetOperation& form);
  StatusOr<Relation> RecursionOf(const CteFrame& frame, TextRange range);
  // streaming_join.cc: joins beneath conditions and projections, and those that forget what the watermark has passed
  LogicalPtr ForgettingJoins(const LogicalPtr& plan, std::vector<ExprPtr> conjuncts = {});
  LogicalPtr ForgettingJoin(const LogicalPtr& node, std::vector<ExprPtr> conjuncts);
  StatusOr<std::vector<ExprPtr>> BindOn(const ast::Join& join, const Relation& left, const Relation& right);
  Relation JoinSides(JoinOp op, const Relation& left, const Relation& right, const std::vector<ExprPtr>& on);
  StatusOr<Relation> BindVersioned(const ast::NamedTable& table);
  StatusOr<Relation> BindAsof(const ast::Join& join, Relation left, Relation right);
  StatusOr<Relation> BindTemporal(const ast::Join& join, const ast::SystemTime& at, Relation left, Relation right);
  // windows.cc
  StatusOr<Relation> BindWindow(const ast::WindowTable& table);
  StatusOr<WindowSpec> WindowShape(const ast::WindowTable& table);
  StatusOr<ExprPtr> WindowTime(const ast::WindowTable& table, Relation* relation);
  // processing_time.cc
  StatusOr<ExprPtr> ProcessingTime(Relation* relation, TextRange range);
  Status FollowClock(ColumnId column, TextRange range, Relation* relation);
  static bool IsClock(const LogicalNode& node, ColumnId column);
  StatusOr<int64_t> WindowInterval(const ast::Expression& expression, std::string_view what, bool positive);
  // table_function.cc
  // joins.cc
  struct MergedColumn;
  StatusOr<Relation> BindJoin(const ast::Join& join);
  StatusOr<Relation> BindItems(const std::vector<ast::TableReferencePtr>& from);
  StatusOr<Relation> BindBeside(const ast::TableReference& table, const OuterScope* lateral);
  StatusOr<Relation> JoinOn(const ast::Join& join, Relation left, Relation right);
  StatusOr<std::vector<MergedColumn>> MergeColumns(const std::vector<ast::Identifier>& names, const Scope& left, const Scope& right);
  Status ShowMerged(const ast::Join& join, std::vector<MergedColumn> merged, const Scope& left, const Scope& right, Relation* all);
  Status PlaceOnSubqueries(const ast::Join& join, const std::vector<ExprPtr>& on, SubqueryCollector* subqueries, LogicalPtr* left, LogicalPtr* right);
  StatusOr<Relation> ApplyFunction(const ast::FunctionTable& table, const Relation& input, bool outer);
  // gap_fill.cc
  StatusOr<Relation> BindGapFill(const ast::Call& call);
  StatusOr<Relation> BindFilledTable(const ast::Expression& table);
  StatusOr<Relation> MaintainedFill(Relation relation, const GapFillOp& fill, TextRange range);
  Status BindFillPartition(const ast::Expression& by, const Scope& scope, GapFillOp* fill);
  // grouping_sets.cc
  static StatusOr<GroupingSets> ExpandSets(const ast::GroupingElement& element, const KeyCollector& collect);
  static StatusOr<GroupingSets> CrossSets(const GroupingSets& left, const GroupingSets& right, TextRange range);
  static StatusOr<int64_t> GroupingOf(const GroupingCall& call, const std::vector<ExprPtr>& keys, const std::vector<int>& set);
  StatusOr<LogicalPtr> AggregateSets(LogicalPtr input, const std::vector<ExprPtr>& exprs, std::vector<Column>* keys,
                                     const AggregateCollector& aggregates, const GroupingSets& sets);
  // partition_expiry.cc: of an Over or a TopN (and those beneath it), when its partitions are over
  LogicalPtr ExpirePartitions(const LogicalPtr& node);
  // window_aggregate.cc
  LogicalPtr CheckLatenessOfWindow(const LogicalPtr& input, const std::vector<Column>& keys);
  Status BindSession(const ast::WindowTable& table, WindowSpec window, const std::vector<Column>& bounds, Relation* relation);
  Status ExposeWatermarks(LogicalPtr* plan, TextRange range);
  LogicalPtr CheckLateness(const LogicalPtr& input, const WindowSpec& window);
  Status NeedsWindow() const;
  StatusOr<LogicalPtr> MakeAggregate(LogicalPtr input, std::vector<Column> keys, std::vector<AggregateCall> calls);

  BindContext* context_;
  const CteFrame* ctes_ = nullptr;
  const CteFrame* recursing_ = nullptr;  // the innermost of WITH RECURSIVE whose query is bound
};

}  // namespace kappa
