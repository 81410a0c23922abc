// Statements.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast/query.h"

namespace kappa::ast {

enum class StatementKind {
  kQuery,
  kCreateRelation,
  kCreateView,
  kCreateSink,
  kInsert,
  kDrop,
  kExplain,
  kSet,
  kShow,
  kDescribe,
  kTransaction,
  kStatementSet,
  // definition_statements.h
  kCreateIndex,
  kCreateSecret,
  kCreateConnection,
  kCreateSchema,
  kCreateUser,
  kCreateFunction,
  kAlter,
  kComment,
  // data_statements.h
  kUpdate,
  kDelete,
  kCopy,
  kPrepare,
  kExecute,
  kDeallocate,
  kFlush,
  kSubscribe,
  kReplay,
  kReplayCommand,
  kUnsupported,
};

struct Statement {
  explicit Statement(StatementKind kind) : kind(kind) {}
  virtual ~Statement() = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  const StatementKind kind;
  TextRange range;  // without the semicolon
};
using StatementPtr = std::unique_ptr<Statement>;
template <StatementKind K>
struct StatementOf : Statement {
  static constexpr StatementKind kKind = K;
  StatementOf() : Statement(K) {}
};

// ---- clauses that several statements share ---------------------------------------------------------------------------------

// connector = 'kafka', properties.bootstrap.server = '...', follow = true
struct Option {
  std::string name;     // dots kept, unquoted parts folded
  std::string value;    // a string's content, a number's or word's text
  bool string = false;  // the value was quoted
  bool secret = false;  // SECRET name: the value is the secret's name, parts between dots
  TextRange name_range;
  TextRange value_range;
};

// FORMAT PLAIN ENCODE JSON (options) [KEY ENCODE BYTES]; words in lower case.
struct FormatClause {
  Identifier format;  // plain, upsert, debezium...; "" when only ENCODE was written
  Identifier encode;  // json, csv, bytes...
  std::vector<Option> options;
  Identifier key_encode;  // "" when there is none
  std::vector<Option> key_options;
  TextRange range;
};

enum class EmitMode { kOnUpdate, kOnWindowClose };
// [EMIT ...] [LATE INTO t]
struct EmitClause {
  std::optional<EmitMode> emit;  // none: the default, ON UPDATE
  TextRange emit_range;
  QualifiedName late_into;  // empty: none
};

enum class ErrorAction { kFail, kSkip, kDeadLetter };
struct ErrorPolicy {
  ErrorAction action = ErrorAction::kDeadLetter;
  QualifiedName dead_letter_table;  // empty: kappa_dead_letters
  TextRange range;
};
enum class OffsetLostAction { kFail, kEarliest, kLatest };
struct OffsetLostPolicy {
  OffsetLostAction action = OffsetLostAction::kFail;
  TextRange range;
};

// ---- CREATE ----------------------------------------------------------------------------------------------------------------

struct Column {
  Identifier name;
  std::optional<TypeName> type;  // none only where computed: `total AS a * b`
  bool not_null = false;
  bool primary_key = false;
  ExpressionPtr default_value;          // null: none
  ExpressionPtr computed;               // AS expr, GENERATED ALWAYS AS (expr) STORED
  std::optional<std::string> metadata;  // METADATA FROM 'partition'; METADATA alone is the column's own name
  TextRange metadata_range;
  TextRange range;
};

// INCLUDE KEY [AS name], INCLUDE HEADER 'k' [type] AS name...: RisingWave's form of metadata columns.
struct IncludeColumn {
  Identifier source;                 // key, partition, offset, timestamp, header, payload...
  std::optional<std::string> field;  // INCLUDE HEADER 'k'
  std::optional<TypeName> type;
  Identifier alias;  // "" when there is none
  TextRange range;
};

// WATERMARK FOR ts AS e [MAX AHEAD interval]
struct Watermark {
  Identifier column;
  ExpressionPtr expression;
  ExpressionPtr max_ahead;  // null: the connector's default
  TextRange range;
};

enum class RelationKind { kSource, kTable };
enum class ConflictAction { kOverwrite, kIgnore, kUpdateIfNotNull };

// CREATE SOURCE and CREATE TABLE.
struct CreateRelation final : StatementOf<StatementKind::kCreateRelation> {
  RelationKind relation = RelationKind::kSource;
  bool or_replace = false;
  bool if_not_exists = false;
  bool temporary = false;
  QualifiedName name;
  std::vector<Column> columns;
  bool star = false;                    // CREATE SOURCE s (*, extra AS e): columns from the schema of the format
  std::vector<Identifier> primary_key;  // PRIMARY KEY (a, b) as a table constraint
  TextRange primary_key_range;
  std::vector<Watermark> watermarks;
  std::vector<IncludeColumn> includes;
  bool append_only = false;
  std::optional<ConflictAction> on_conflict;
  std::vector<Option> options;  // WITH (...)
  bool has_options = false;     // WITH was written
  std::optional<FormatClause> format;
  std::optional<ErrorPolicy> on_error;
  std::optional<OffsetLostPolicy> on_offset_lost;
  QueryPtr query;  // CREATE TABLE t AS query; null: none
};

// CREATE VIEW and CREATE MATERIALIZED VIEW.
struct CreateView final : StatementOf<StatementKind::kCreateView> {
  bool materialized = false;
  bool or_replace = false;
  bool if_not_exists = false;
  QualifiedName name;
  std::vector<Identifier> columns;
  std::vector<Option> options;
  QueryPtr query;
  EmitClause emit;
};

struct CreateSink final : StatementOf<StatementKind::kCreateSink> {
  bool or_replace = false;
  bool if_not_exists = false;
  QualifiedName name;
  QualifiedName into;  // INTO t; empty: none
  QualifiedName from;  // FROM m; one of from and query, or neither for a sink that INSERT fills
  QueryPtr query;
  std::vector<Column> columns;  // declared by a sink that INSERT fills: CREATE SINK s (a INT) WITH (...)
  EmitClause emit;
  std::vector<Option> options;
  std::optional<FormatClause> format;
};

// ---- the rest --------------------------------------------------------------------------------------------------------------

struct QueryStatement final : StatementOf<StatementKind::kQuery> {
  QueryPtr query;
  EmitClause emit;
};

// a = e, (a, b) = e
struct Assignment {
  std::vector<Identifier> columns;
  ExpressionPtr value;  // may be a Default
};

// ON CONFLICT [(columns)] DO {NOTHING | UPDATE SET ... [WHERE e]}
struct ConflictClause {
  std::vector<Identifier> columns;
  std::vector<Assignment> assignments;  // none: DO NOTHING
  ExpressionPtr where;
  TextRange range;
};

struct Insert final : StatementOf<StatementKind::kInsert> {
  QualifiedName table;
  Identifier alias;  // "" when there is none
  std::vector<Identifier> columns;
  QueryPtr query;  // null: DEFAULT VALUES
  std::optional<ConflictClause> on_conflict;
  std::vector<SelectItem> returning;  // empty: none
  EmitClause emit;
};

enum class ObjectKind { kSource, kTable, kView, kMaterializedView, kSink, kIndex, kSchema, kFunction, kSecret, kConnection, kUser };
struct Drop final : StatementOf<StatementKind::kDrop> {
  ObjectKind object = ObjectKind::kTable;
  bool if_exists = false;
  std::vector<QualifiedName> names;
  bool cascade = false;
};

enum class ExplainStage { kDefault, kLogical, kDataflow, kPipelines, kLlvm, kAsm };
struct Explain final : StatementOf<StatementKind::kExplain> {
  bool analyze = false;
  ExplainStage stage = ExplainStage::kDefault;
  bool json = false;
  StatementPtr statement;
};

enum class SetAction { kSet, kReset };
struct Set final : StatementOf<StatementKind::kSet> {
  SetAction action = SetAction::kSet;
  bool local = false;
  Identifier name;                  // dots kept; "all" of RESET ALL; SET TIME ZONE is "timezone"
  std::vector<std::string> values;  // one, or several separated by commas; none: DEFAULT
  TextRange value_range;
};

// SHOW TABLES, SHOW CREATE VIEW v, SHOW timezone.
struct Show final : StatementOf<StatementKind::kShow> {
  std::string what;                 // lower case words: "tables", "materialized views", "create source", "all", or a setting's name
  QualifiedName object;             // of SHOW CREATE, SHOW COLUMNS FROM, or the schema of SHOW TABLES FROM s; empty: none
  std::optional<std::string> like;  // SHOW TABLES LIKE '...'
};

// DESCRIBE x, DESCRIBE 'file', DESCRIBE SELECT ...
struct Describe final : StatementOf<StatementKind::kDescribe> {
  QualifiedName name;
  std::optional<std::string> file;
  QueryPtr query;
};

enum class TransactionAction { kBegin, kCommit, kRollback };
struct Transaction final : StatementOf<StatementKind::kTransaction> {
  TransactionAction action = TransactionAction::kBegin;
};

// EXECUTE STATEMENT SET BEGIN INSERT ...; INSERT ...; END
struct StatementSet final : StatementOf<StatementKind::kStatementSet> {
  std::vector<std::unique_ptr<Insert>> inserts;
};

// In the language, but not built yet: answers 0A000 with this name, such as "CREATE INDEX".
struct UnsupportedStatement final : StatementOf<StatementKind::kUnsupported> {
  std::string name;
  std::string text;  // as written
};

}  // namespace kappa::ast
