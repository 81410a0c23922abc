// Statements about objects other than relations: CREATE INDEX, SECRET, CONNECTION, SCHEMA, USER, FUNCTION; ALTER and COMMENT of anything.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast/statement.h"

namespace kappa::ast {

struct CreateIndex final : StatementOf<StatementKind::kCreateIndex> {
  bool unique = false;
  bool if_not_exists = false;
  Identifier name;  // "" when there is none
  QualifiedName table;
  std::vector<OrderItem> columns;
  std::vector<Identifier> include;
  ExpressionPtr where;  // null: none
};

// CREATE SECRET s [WITH (backend = 'meta')] AS 'value'
struct CreateSecret final : StatementOf<StatementKind::kCreateSecret> {
  bool or_replace = false;
  bool if_not_exists = false;
  QualifiedName name;
  std::vector<Option> options;
  std::string value;  // never printed: ToSql writes '********' in its place
};

struct CreateConnection final : StatementOf<StatementKind::kCreateConnection> {
  bool or_replace = false;
  bool if_not_exists = false;
  QualifiedName name;
  std::vector<Option> options;
};

struct CreateSchema final : StatementOf<StatementKind::kCreateSchema> {
  bool if_not_exists = false;
  Identifier name;
};

// Passwords among the options are not kept.
struct CreateUser final : StatementOf<StatementKind::kCreateUser> {
  bool if_not_exists = false;
  Identifier name;
  std::vector<Identifier> options;  // their words
};

struct FunctionParameter {
  Identifier name;  // "" when there is none
  TypeName type;
  ExpressionPtr default_value;  // null: none
};

// CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE SQL AS $$ SELECT ... $$  |  ... RETURN e
struct CreateFunction final : StatementOf<StatementKind::kCreateFunction> {
  bool or_replace = false;
  bool if_not_exists = false;
  QualifiedName name;
  std::vector<FunctionParameter> parameters;
  std::optional<TypeName> returns;
  std::vector<StructField> returns_table;  // RETURNS TABLE (...); empty: not a table
  Identifier language;                     // "" when not said
  std::optional<std::string> body;         // AS '...'
  TextRange body_range;
  ExpressionPtr returned;              // RETURN e
  std::vector<Identifier> attributes;  // immutable, strict, ...
};

enum class AlterAction {
  kRename,
  kRenameColumn,
  kAddColumn,
  kDropColumn,
  kColumnType,
  kColumnSetDefault,
  kColumnDropDefault,
  kColumnSetNotNull,
  kColumnDropNotNull,
  kSetSchema,
  kSetOptions,
  kSetParameter,
  kOwner,
  kSwap,
  kRefresh,
  kSecretValue,
  kFormat,
};

// One action of an ALTER; which members it has its kind says.
struct AlterStep {
  AlterAction action = AlterAction::kRename;
  Identifier column;              // of the actions on columns, but for ADD
  Identifier new_name;            // RENAME, SET SCHEMA, OWNER, SET parameter
  QualifiedName other;            // SWAP WITH
  bool if_exists = false;         // ADD COLUMN IF NOT EXISTS, DROP COLUMN IF EXISTS
  bool cascade = false;           // DROP COLUMN ... CASCADE
  std::unique_ptr<Column> added;  // ADD COLUMN
  std::optional<TypeName> type;   // TYPE
  ExpressionPtr expression;       // USING, SET DEFAULT
  std::vector<Option> options;    // SET (...), WITH (...) of a secret
  std::optional<FormatClause> format;
  std::optional<std::string> value;  // of SET parameter (none: DEFAULT), of a secret
  TextRange range;
};

struct Alter final : StatementOf<StatementKind::kAlter> {
  ObjectKind object = ObjectKind::kTable;
  bool if_exists = false;
  QualifiedName name;
  std::vector<AlterStep> steps;  // not empty
};

struct Comment final : StatementOf<StatementKind::kComment> {
  ObjectKind object = ObjectKind::kTable;
  bool column = false;  // COMMENT ON COLUMN relation.column: `name` has the column last
  QualifiedName name;
  std::optional<std::string> text;  // none: IS NULL
};

}  // namespace kappa::ast
