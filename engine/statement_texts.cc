// A text's statements, for those who execute them one by one.
#include "engine/engine.h"
#include "parser/ast/data_statements.h"
#include "parser/ast/statement_names.h"
#include "parser/parser.h"

namespace kappa {

StatusOr<std::vector<StatementText>> ParseStatements(std::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<ast::StatementPtr> statements, Parse(text));
  std::vector<StatementText> texts;
  texts.reserve(statements.size());
  for (const ast::StatementPtr& statement : statements) {
    const auto* copy = ast::As<ast::Copy>(*statement);
    texts.push_back({statement->range, ast::StatementName(*statement), copy != nullptr && copy->from && !copy->file});
  }
  return texts;
}

}  // namespace kappa
