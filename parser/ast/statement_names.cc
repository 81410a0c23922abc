#include "parser/ast/statement_names.h"

#include "parser/ast/data_statements.h"
#include "parser/ast/definition_statements.h"

namespace kappa::ast {
namespace {

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

}  // namespace

std::string_view KindName(ObjectKind kind) {
  static constexpr std::string_view kNames[] = {"source", "table",    "view",   "materialized view", "sink", "index",
                                                "schema", "function", "secret", "connection",        "user"};
  return kNames[static_cast<int>(kind)];
}

std::string StatementName(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::kQuery:
      return "SELECT";
    case StatementKind::kCreateRelation:
      return Cast<CreateRelation>(statement).relation == RelationKind::kSource ? "CREATE SOURCE" : "CREATE TABLE";
    case StatementKind::kCreateView:
      return Cast<CreateView>(statement).materialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW";
    case StatementKind::kCreateSink:
      return "CREATE SINK";
    case StatementKind::kInsert:
      return "INSERT";
    case StatementKind::kDrop:
      return "DROP " + Upper(KindName(Cast<Drop>(statement).object));
    case StatementKind::kExplain:
      return "EXPLAIN";
    case StatementKind::kSet:
      return Cast<Set>(statement).action == SetAction::kSet ? "SET" : "RESET";
    case StatementKind::kShow:
      return "SHOW";
    case StatementKind::kDescribe:
      return "DESCRIBE";
    case StatementKind::kTransaction: {
      static constexpr const char* kActions[] = {"BEGIN", "COMMIT", "ROLLBACK"};
      return kActions[static_cast<int>(Cast<Transaction>(statement).action)];
    }
    case StatementKind::kStatementSet:
      return "EXECUTE STATEMENT SET";
    case StatementKind::kCreateIndex:
      return "CREATE INDEX";
    case StatementKind::kCreateSecret:
      return "CREATE SECRET";
    case StatementKind::kCreateConnection:
      return "CREATE CONNECTION";
    case StatementKind::kCreateSchema:
      return "CREATE SCHEMA";
    case StatementKind::kCreateUser:
      return "CREATE USER";
    case StatementKind::kCreateFunction:
      return "CREATE FUNCTION";
    case StatementKind::kAlter:
      return "ALTER " + Upper(KindName(Cast<Alter>(statement).object));
    case StatementKind::kComment:
      return "COMMENT";
    case StatementKind::kUpdate:
      return "UPDATE";
    case StatementKind::kDelete:
      return Cast<Delete>(statement).truncate ? "TRUNCATE TABLE" : "DELETE";
    case StatementKind::kCopy:
      return "COPY";
    case StatementKind::kPrepare:
      return "PREPARE";
    case StatementKind::kExecute:
      return "EXECUTE";
    case StatementKind::kDeallocate:
      return Cast<Deallocate>(statement).name.name.empty() ? "DEALLOCATE ALL" : "DEALLOCATE";
    case StatementKind::kFlush:
      return "FLUSH";
    case StatementKind::kSubscribe:
      return "SUBSCRIBE";
    case StatementKind::kReplay:
      return "REPLAY";
    case StatementKind::kReplayCommand: {
      static constexpr const char* kVerbs[] = {"DIFF", "CUTOVER", "ROLLBACK of a replay", "CANCEL REPLAY"};
      return kVerbs[static_cast<int>(Cast<ReplayCommand>(statement).verb)];
    }
    case StatementKind::kUnsupported:
      return Cast<UnsupportedStatement>(statement).name;
  }
  return "";
}

}  // namespace kappa::ast
