// Queries and what stands in FROM.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast/expression.h"

namespace kappa::ast {

struct QueryBody;
struct TableReference;
using QueryBodyPtr = std::unique_ptr<QueryBody>;
using TableReferencePtr = std::unique_ptr<TableReference>;

// ---- FROM ------------------------------------------------------------------------------------------------------------------

enum class TableReferenceKind { kName, kFile, kSubquery, kFunction, kWindow, kJoin };

struct TableAlias {
  Identifier name;  // "" when there is none
  std::vector<Identifier> columns;
};

struct TableReference {
  explicit TableReference(TableReferenceKind kind) : kind(kind) {}
  virtual ~TableReference() = default;
  TableReference(const TableReference&) = delete;
  TableReference& operator=(const TableReference&) = delete;

  const TableReferenceKind kind;
  TextRange range;
  TableAlias alias;
};
template <TableReferenceKind K>
struct TableReferenceOf : TableReference {
  static constexpr TableReferenceKind kKind = K;
  TableReferenceOf() : TableReference(K) {}
};

// EARLIEST | LATEST | OFFSETS '0:120,1:98' | TIMESTAMP '...'
enum class LogPositionKind { kEarliest, kLatest, kOffsets, kTimestamp };
struct LogPosition {
  LogPositionKind kind = LogPositionKind::kEarliest;
  std::string text;  // of kOffsets and kTimestamp
  TextRange range;
};
// FOR LOG [FROM p] [UNTIL p]
struct LogRange {
  std::optional<LogPosition> from;
  std::optional<LogPosition> until;
  TextRange range;
};
// FOR SYSTEM_TIME AS OF e | EPOCH n
struct SystemTime {
  ExpressionPtr time;  // null when an epoch was given
  std::optional<int64_t> epoch;
  TextRange range;
};

struct NamedTable final : TableReferenceOf<TableReferenceKind::kName> {
  QualifiedName name;
  std::optional<LogRange> log_range;
  std::optional<SystemTime> system_time;
};

// FROM 'events.json'
struct FileTable final : TableReferenceOf<TableReferenceKind::kFile> {
  std::string path;
};

struct SubqueryTable final : TableReferenceOf<TableReferenceKind::kSubquery> {
  bool lateral = false;
  std::unique_ptr<Query> query;
  SubqueryTable();
  ~SubqueryTable() override;
};

// generate_series(1, 3), unnest(a), read_json('f'), kafka('h:9092', 't'); ROWS FROM is not in the dialect.
struct FunctionTable final : TableReferenceOf<TableReferenceKind::kFunction> {
  bool lateral = false;
  std::unique_ptr<Call> call;
  bool with_ordinality = false;
  std::vector<StructField> record;  // AS r (a int, b text): what the records hold; empty: not said
};

// TUMBLE(t, ts, size [, offset])   HOP(t, ts, slide, size [, offset])   CUMULATE(t, ts, step, max [, offset])   SESSION(t, ts, gap)
// and the same with TABLE t and DESCRIPTOR(ts). The intervals may be named, in any order (SIZE => ..., SLIDE => ...); so may the first two, in their
// order (DATA => TABLE t, TIMECOL => DESCRIPTOR(ts)). Instead of a column the time may be PROCTIME(): time_call.
enum class WindowKind { kTumble, kHop, kCumulate, kSession };
struct WindowTable final : TableReferenceOf<TableReferenceKind::kWindow> {
  WindowKind window = WindowKind::kTumble;
  TableReferencePtr input;  // a name (with its FOR LOG range), or a subquery
  std::vector<ExpressionPtr> partition_by;
  QualifiedName time_column;
  std::vector<ExpressionPtr> arguments;  // the intervals, as written
  std::vector<Identifier> names;         // of the table, the time and each of `arguments`; "" where none was written
  bool descriptor = false;               // written in the SQL:2016 form
  bool time_call = false;                // time_column names a function: PROCTIME()
};

enum class JoinKind { kInner, kLeft, kRight, kFull, kCross };
struct Join final : TableReferenceOf<TableReferenceKind::kJoin> {
  ~Join() override;  // a chain of joins is left-deep
  JoinKind join = JoinKind::kInner;
  bool natural = false;
  bool asof = false;  // ASOF [LEFT] JOIN
  TableReferencePtr left;
  TableReferencePtr right;
  ExpressionPtr on;  // null: none
  std::vector<Identifier> using_columns;
  Identifier using_alias;  // USING (...) AS name; "": none
};

// ---- SELECT ----------------------------------------------------------------------------------------------------------------

enum class QueryBodyKind { kSelect, kValues, kTable, kSetOperation, kNested };

struct QueryBody {
  explicit QueryBody(QueryBodyKind kind) : kind(kind) {}
  virtual ~QueryBody() = default;
  QueryBody(const QueryBody&) = delete;
  QueryBody& operator=(const QueryBody&) = delete;

  const QueryBodyKind kind;
  TextRange range;
};
template <QueryBodyKind K>
struct QueryBodyOf : QueryBody {
  static constexpr QueryBodyKind kKind = K;
  QueryBodyOf() : QueryBody(K) {}
};

struct SelectItem {
  ExpressionPtr expression;  // may be a Star, or a FieldAccess with star
  Identifier alias;          // "" when there is none
  TextRange range;
};

enum class GroupingKind { kExpression, kRollup, kCube, kSets };
// e | () | (a, b) | ROLLUP(...) | CUBE(...) | GROUPING SETS(...)
struct GroupingElement {
  GroupingKind kind = GroupingKind::kExpression;
  // kExpression: the expressions of one set: one for `e`, none for `()`, several for `(a, b)`.
  std::vector<ExpressionPtr> expressions;
  // kRollup, kCube, kSets: their members.
  std::vector<GroupingElement> elements;
  TextRange range;
};

struct NamedWindow {
  Identifier name;
  WindowSpecification specification;
};

struct Select final : QueryBodyOf<QueryBodyKind::kSelect> {
  bool distinct = false;
  std::vector<ExpressionPtr> distinct_on;
  std::vector<SelectItem> items;        // may be empty, as in PostgreSQL
  std::vector<TableReferencePtr> from;  // the comma list
  ExpressionPtr where;
  bool group_distinct = false;            // GROUP BY DISTINCT: equal grouping sets count once
  std::vector<GroupingElement> group_by;  // GROUP BY () is one element without expressions
  ExpressionPtr having;
  std::vector<NamedWindow> windows;
};

struct Values final : QueryBodyOf<QueryBodyKind::kValues> {
  std::vector<std::vector<ExpressionPtr>> rows;
};

// TABLE x
struct TableQuery final : QueryBodyOf<QueryBodyKind::kTable> {
  QualifiedName name;
};

enum class SetOperator { kUnion, kIntersect, kExcept };
struct SetOperation final : QueryBodyOf<QueryBodyKind::kSetOperation> {
  ~SetOperation() override;  // a chain is left-deep
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  QueryBodyPtr left;
  QueryBodyPtr right;
};

// (WITH ... SELECT ... ORDER BY ... LIMIT ...) as an operand or as the whole.
struct NestedQuery final : QueryBodyOf<QueryBodyKind::kNested> {
  std::unique_ptr<Query> query;
  NestedQuery();
  ~NestedQuery() override;
};

struct CommonTable {
  Identifier name;
  std::vector<Identifier> columns;
  std::optional<bool> materialized;  // AS [NOT] MATERIALIZED
  std::unique_ptr<Query> query;
  TextRange range;
};

struct Query {
  TextRange range;
  bool recursive = false;
  std::vector<CommonTable> with;
  QueryBodyPtr body;
  std::vector<OrderItem> order_by;
  ExpressionPtr limit;  // null: none, or ALL
  ExpressionPtr offset;
  bool with_ties = false;  // FETCH FIRST n ROWS WITH TIES
};
using QueryPtr = std::unique_ptr<Query>;

}  // namespace kappa::ast
