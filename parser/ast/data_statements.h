// Statements that change, copy, prepare or follow data: UPDATE, DELETE, COPY, PREPARE, SUBSCRIBE, the replay verbs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast/statement.h"

namespace kappa::ast {

struct Update final : StatementOf<StatementKind::kUpdate> {
  QualifiedName table;
  Identifier alias;
  std::vector<Assignment> assignments;
  std::vector<TableReferencePtr> from;
  ExpressionPtr where;
  std::vector<SelectItem> returning;
};

// DELETE, and TRUNCATE (of the table alone).
struct Delete final : StatementOf<StatementKind::kDelete> {
  bool truncate = false;
  QualifiedName table;
  Identifier alias;
  std::vector<TableReferencePtr> from;  // USING
  ExpressionPtr where;
  std::vector<SelectItem> returning;
};

// COPY {t [(columns)] | (query)} {FROM | TO} {'file' | STDIN | STDOUT} [WITH (options)]
struct Copy final : StatementOf<StatementKind::kCopy> {
  QualifiedName table;  // empty: a query
  std::vector<Identifier> columns;
  QueryPtr query;
  bool from = false;
  std::optional<std::string> file;  // none: STDIN, STDOUT
  std::vector<Option> options;      // format = 'csv', header = 'true'...; a word without a value is 'true'
};

struct Prepare final : StatementOf<StatementKind::kPrepare> {
  Identifier name;
  std::vector<TypeName> types;  // of $1, $2, ...; missing ones are inferred
  StatementPtr statement;
};
struct Execute final : StatementOf<StatementKind::kExecute> {
  Identifier name;
  std::vector<ExpressionPtr> arguments;
};
struct Deallocate final : StatementOf<StatementKind::kDeallocate> {
  Identifier name;  // "": ALL
};

struct Flush final : StatementOf<StatementKind::kFlush> {};

struct Subscribe final : StatementOf<StatementKind::kSubscribe> {
  QualifiedName name;  // empty: a query
  QueryPtr query;
};

// REPLAY m [FROM p] [UNTIL p] [INTO scratch] [WITH (...)] [AS query]
struct Replay final : StatementOf<StatementKind::kReplay> {
  QualifiedName name;
  std::optional<LogPosition> from;
  std::optional<LogPosition> until;
  QualifiedName into;  // empty: none
  std::vector<Option> options;
  QueryPtr query;  // null: the definition it has
  EmitClause emit;
};
enum class ReplayVerb { kDiff, kCutover, kRollback, kCancel };
struct ReplayCommand final : StatementOf<StatementKind::kReplayCommand> {
  ReplayVerb verb = ReplayVerb::kDiff;
  QualifiedName name;
  ExpressionPtr limit;  // of DIFF; null: none
};

}  // namespace kappa::ast
