// Expressions as written. Nothing is resolved: names are text, types are names, literals keep their digits.
//
// Depth: the parser bounds nesting (kMaxNesting in parser/parser.h), but a chain such as 1 + 1 + 1 ... is left-deep and may have
// tens of thousands of levels: walk its left spine in a loop, or run on a large stack (os::RunWithStack). AND and OR are flat.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast/node.h"

namespace kappa::ast {

struct Query;

enum class ExpressionKind {
  kLiteral,
  kTypedLiteral,
  kParameter,
  kColumn,
  kStar,
  kFieldAccess,
  kSubscript,
  kUnary,
  kBinary,
  kLogical,
  kNot,
  kIs,
  kIsDistinct,
  kIsJson,
  kBetween,
  kInList,
  kInSubquery,
  kLike,
  kCase,
  kCast,
  kCall,
  kArray,
  kRow,
  kSubquery,
  kExists,
  kQuantified,
  kAtTimeZone,
  kCollate,
  kDefault,
  kNowLike,
};

struct Expression {
  explicit Expression(ExpressionKind kind) : kind(kind) {}
  virtual ~Expression() = default;
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;

  const ExpressionKind kind;
  TextRange range;
};
using ExpressionPtr = std::unique_ptr<Expression>;

// Gives a struct its kind: struct Foo : Of<ExpressionKind::kFoo>.
template <ExpressionKind K>
struct ExpressionOf : Expression {
  static constexpr ExpressionKind kKind = K;
  ExpressionOf() : Expression(K) {}
};

// ---- types as written ------------------------------------------------------------------------------------------------------

struct TypeName;
struct StructField;

// `numeric(10, 2)[]`, `timestamp(3) with time zone`, `struct<name text, tags text[]>`, `interval day to second`.
struct TypeName {
  QualifiedName name;               // standard spellings in two words come as one: "double precision", "timestamp with time zone"
  std::vector<int64_t> modifiers;   // (10, 2)
  std::vector<StructField> fields;  // of STRUCT<...>
  std::string interval_fields;      // "day to second"; empty: none
  int array_dimensions = 0;
  TextRange range;
};
struct StructField {
  Identifier name;
  TypeName type;
};

// ---- leaves ----------------------------------------------------------------------------------------------------------------

enum class LiteralKind { kNull, kBoolean, kInteger, kDecimal, kString };

struct Literal final : ExpressionOf<ExpressionKind::kLiteral> {
  LiteralKind literal = LiteralKind::kNull;
  std::string text;  // integer: digits only; decimal: as written (1.5, .5, 1e10); string: its content, escapes undone
  bool boolean = false;
};

// DATE '2024-01-01', INTERVAL '1' DAY, int4 '7': a cast of a constant.
struct TypedLiteral final : ExpressionOf<ExpressionKind::kTypedLiteral> {
  TypeName type;
  std::string text;
};

struct Parameter final : ExpressionOf<ExpressionKind::kParameter> {
  int number = 0;  // $1 is 1
};

// a, t.a, s.t.a; whether t is a table or a structured column is the binder's to say.
struct ColumnName final : ExpressionOf<ExpressionKind::kColumn> {
  QualifiedName name;
};

// *, t.*
struct Star final : ExpressionOf<ExpressionKind::kStar> {
  QualifiedName qualifier;  // empty: plain *
};

// (e).name, e[1].name; `star`: (e).*
struct FieldAccess final : ExpressionOf<ExpressionKind::kFieldAccess> {
  ~FieldAccess() override;
  ExpressionPtr base;
  Identifier field;
  bool star = false;
};

// e[1], e[1:2], e[:2]
struct Subscript final : ExpressionOf<ExpressionKind::kSubscript> {
  ~Subscript() override;
  ExpressionPtr base;
  bool slice = false;
  ExpressionPtr lower;  // the index when not a slice; null: open
  ExpressionPtr upper;  // of a slice; null: open
};

// ---- operators -------------------------------------------------------------------------------------------------------------

// -e, +e, ~e, @e and other prefix operators.
struct Unary final : ExpressionOf<ExpressionKind::kUnary> {
  std::string op;
  TextRange op_range;
  ExpressionPtr operand;
};

// `op` as written, except that != is <>. Comparison operators too.
struct Binary final : ExpressionOf<ExpressionKind::kBinary> {
  ~Binary() override;
  std::string op;
  TextRange op_range;
  ExpressionPtr left;
  ExpressionPtr right;
};

// a AND b AND c: at least two operands.
struct Logical final : ExpressionOf<ExpressionKind::kLogical> {
  bool conjunction = true;  // AND; false: OR
  std::vector<ExpressionPtr> operands;
};

struct Not final : ExpressionOf<ExpressionKind::kNot> {
  ExpressionPtr operand;
};

enum class IsTest { kNull, kTrue, kFalse, kUnknown };
struct Is final : ExpressionOf<ExpressionKind::kIs> {
  ~Is() override;
  ExpressionPtr operand;
  IsTest test = IsTest::kNull;
  bool negated = false;
};

// a IS [NOT] DISTINCT FROM b
struct IsDistinct final : ExpressionOf<ExpressionKind::kIsDistinct> {
  ExpressionPtr left;
  ExpressionPtr right;
  bool negated = false;
};

// a IS [NOT] JSON [VALUE | OBJECT | ARRAY | SCALAR] [WITH UNIQUE KEYS]
enum class JsonKind { kValue, kObject, kArray, kScalar };
struct IsJson final : ExpressionOf<ExpressionKind::kIsJson> {
  ~IsJson() override;
  ExpressionPtr operand;
  JsonKind json = JsonKind::kValue;
  bool unique_keys = false;
  bool negated = false;
};

struct Between final : ExpressionOf<ExpressionKind::kBetween> {
  ExpressionPtr operand;
  ExpressionPtr low;
  ExpressionPtr high;
  bool symmetric = false;
  bool negated = false;
};

struct InList final : ExpressionOf<ExpressionKind::kInList> {
  ExpressionPtr operand;
  std::vector<ExpressionPtr> items;  // not empty
  bool negated = false;
};

// (SELECT ...) as a scalar, and inside EXISTS, IN and ANY.
struct Subquery final : ExpressionOf<ExpressionKind::kSubquery> {
  Subquery();
  ~Subquery() override;
  std::unique_ptr<Query> query;
};

struct InSubquery final : ExpressionOf<ExpressionKind::kInSubquery> {
  ExpressionPtr operand;
  std::unique_ptr<Subquery> subquery;
  bool negated = false;
};

struct Exists final : ExpressionOf<ExpressionKind::kExists> {
  std::unique_ptr<Subquery> subquery;
};

enum class LikeKind { kLike, kILike, kSimilarTo };
struct Like final : ExpressionOf<ExpressionKind::kLike> {
  LikeKind like = LikeKind::kLike;
  ExpressionPtr operand;
  ExpressionPtr pattern;
  ExpressionPtr escape;  // null: the default, a backslash
  bool negated = false;
};

// left op ANY (array | subquery), left op ALL (...); SOME is ANY. LIKE and ILIKE are the operators ~~ and ~~*, negated !~~ and !~~*.
struct Quantified final : ExpressionOf<ExpressionKind::kQuantified> {
  ExpressionPtr left;
  std::string op;
  TextRange op_range;
  bool all = false;
  ExpressionPtr array;  // one of the two
  std::unique_ptr<Subquery> subquery;
};

struct AtTimeZone final : ExpressionOf<ExpressionKind::kAtTimeZone> {
  ~AtTimeZone() override;
  ExpressionPtr operand;
  ExpressionPtr zone;
};

struct Collate final : ExpressionOf<ExpressionKind::kCollate> {
  ~Collate() override;
  ExpressionPtr operand;
  QualifiedName collation;
};

// ---- constructs ------------------------------------------------------------------------------------------------------------

struct WhenClause {
  ExpressionPtr when;
  ExpressionPtr then;
};
struct Case final : ExpressionOf<ExpressionKind::kCase> {
  ExpressionPtr operand;          // null: searched (each WHEN is a condition)
  std::vector<WhenClause> whens;  // not empty
  ExpressionPtr otherwise;        // null: no ELSE
};

enum class CastSyntax { kColons, kCast, kTryCast };
struct CastExpression final : ExpressionOf<ExpressionKind::kCast> {
  ~CastExpression() override;
  ExpressionPtr operand;
  TypeName type;
  CastSyntax syntax = CastSyntax::kCast;  // kTryCast: NULL instead of an error
};

// ARRAY[1, 2], ARRAY(SELECT ...)
struct Array final : ExpressionOf<ExpressionKind::kArray> {
  std::vector<ExpressionPtr> items;
  std::unique_ptr<Subquery> subquery;  // null unless ARRAY(SELECT ...)
};

// ROW(a, b), (a, b)
struct Row final : ExpressionOf<ExpressionKind::kRow> {
  std::vector<ExpressionPtr> items;
  bool keyword = false;  // ROW was written
};

// DEFAULT, in VALUES and in UPDATE.
struct Default final : ExpressionOf<ExpressionKind::kDefault> {};

// CURRENT_DATE, CURRENT_TIMESTAMP[(p)], LOCALTIME, CURRENT_USER...: called without parentheses.
struct NowLike final : ExpressionOf<ExpressionKind::kNowLike> {
  std::string name;  // lower case: "current_timestamp"
  std::optional<int64_t> precision;
};

// ---- calls -----------------------------------------------------------------------------------------------------------------

struct OrderItem {
  ExpressionPtr expression;
  bool descending = false;
  std::optional<bool> nulls_first;  // as written; PostgreSQL's default: last when ascending, first when descending
  TextRange range;
};

enum class FrameUnit { kRows, kRange, kGroups, kSession };
enum class FrameBoundKind { kUnboundedPreceding, kPreceding, kCurrentRow, kFollowing, kUnboundedFollowing };
enum class FrameExclusion { kNone, kCurrentRow, kGroup, kTies };
struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::kCurrentRow;
  ExpressionPtr offset;  // of kPreceding and kFollowing
};
struct WindowFrame {
  FrameUnit unit = FrameUnit::kRange;
  FrameBound start;
  std::optional<FrameBound> end;  // none: CURRENT ROW
  FrameExclusion exclusion = FrameExclusion::kNone;
  ExpressionPtr gap;  // SESSION WITH GAP interval: the only thing a session frame has
  TextRange range;
};
struct WindowSpecification {
  Identifier base;              // name of a WINDOW clause's window, "" for none; OVER w is this alone
  bool reference_only = false;  // OVER w, without parentheses
  std::vector<ExpressionPtr> partition_by;
  std::vector<OrderItem> order_by;
  std::optional<WindowFrame> frame;
  TextRange range;
};

struct Argument {
  Identifier name;  // "" when positional
  ExpressionPtr value;
};

// How a call was written. The arguments are always in the order of the function's own signature:
//   EXTRACT(f FROM x)           extract('f', x)
//   SUBSTRING(x FROM a FOR b)   substring(x, a, b);  FOR alone: substring(x, 1, b)
//   POSITION(a IN b)            position(b, a) as PostgreSQL's pg_catalog.position has it
//   TRIM(LEADING c FROM x)      ltrim(x, c);  TRAILING rtrim;  BOTH or nothing btrim
//   OVERLAY(x PLACING y FROM a [FOR b])   overlay(x, y, a [, b])
//   (a, b) OVERLAPS (c, d)      overlaps(a, b, c, d), plain
enum class CallSyntax { kPlain, kExtract, kSubstring, kPosition, kTrim, kOverlay };

enum class NullTreatment { kNone, kIgnore, kRespect };  // of window functions: IGNORE NULLS, RESPECT NULLS

struct Call final : ExpressionOf<ExpressionKind::kCall> {
  QualifiedName name;
  CallSyntax syntax = CallSyntax::kPlain;
  std::vector<Argument> arguments;
  bool star = false;  // count(*)
  bool distinct = false;
  bool variadic = false;
  std::vector<OrderItem> order_by;  // inside the parentheses
  std::vector<OrderItem> within_group;
  ExpressionPtr filter;  // null: none
  NullTreatment nulls = NullTreatment::kNone;
  std::unique_ptr<WindowSpecification> over;  // null: none
};

}  // namespace kappa::ast
