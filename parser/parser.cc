#include "parser/parser.h"

#include <string>

#include "KappaParser.h"
#include "common/os/thread.h"
#include "parser/builder/builder.h"
#include "parser/splitter.h"
#include "parser/syntax_error.h"
#include "parser/token_scan.h"

namespace kappa {
namespace {

using antlr4::atn::PredictionMode;
using grammar::KappaParser;

// Deeper statements than this go to a thread with a stack of their own (some 4 KB a level in a release build, ten times that with sanitizers).
constexpr size_t kNestingOnCallersStack = 40;
constexpr size_t kLargeStackBytes = size_t{512} << 20;

// Runs `rule` over the tokens, in ANTLR's quick mode first, in its full one where that fails (which it also does on errors), and hands
// the parse tree to `build`. ANTLR's exceptions end here.
template <typename Rule, typename Build>
Status ParseTokens(std::string_view text, TextRange range, TokenList& tokens, const Rule& rule, const Build& build) {
  antlr4::ListTokenSource source(std::move(tokens.tokens));
  antlr4::CommonTokenStream stream(&source);
  KappaParser parser(&stream);
  parser.removeErrorListeners();
  parser.setErrorHandler(std::make_shared<StopAtFirstError>());
  parser.set_depth_limit(3 * kMaxNesting, KappaParser::RuleOperand);  // a subquery in an operator's operand is three rules
  auto* simulator = parser.getInterpreter<antlr4::atn::ParserATNSimulator>();
  for (const PredictionMode mode : {PredictionMode::SLL, PredictionMode::LL}) {
    simulator->setPredictionMode(mode);
    try {
      builder::BuildContext context{text, OkStatus()};
      build(rule(parser), context);
      return context.status;
    } catch (const SyntaxErrorAt& error) {
      if (mode == PredictionMode::LL) return SyntaxError(error.token, stream, text, range.end);
    } catch (const grammar::NestingTooDeep& error) {
      const TextRange token{static_cast<uint32_t>(error.token_begin), static_cast<uint32_t>(error.token_end)};
      return SqlError(sqlstate::kStatementTooComplex, token)
             << "the statement nests too deeply: more than " << kMaxNesting << " levels" << Hint("write it with WITH clauses or views");
    } catch (const std::exception& error) { return SqlError(sqlstate::kInternalError, range) << "the parser failed: " << error.what(); }
    parser.reset();
    parser.ResetDepth();
  }
  return OkStatus();
}

template <typename Rule, typename Build>
Status ParseRange(std::string_view text, TextRange range, const Rule& rule, const Build& build) {
  if (range.end - range.begin > kMaxStatementBytes) {
    return SqlError(sqlstate::kStatementTooLong, TextRange{range.begin, range.begin + 1})
           << "the statement is " << range.end - range.begin << " bytes long, more than " << kMaxStatementBytes
           << Hint("split it into several statements");
  }
  const size_t nul = text.substr(range.begin, range.end - range.begin).find('\0');
  if (nul != std::string_view::npos) {
    const auto at = static_cast<uint32_t>(range.begin + nul);
    return SqlError(sqlstate::kCharacterNotInRepertoire, TextRange{at, at + 1}) << "invalid byte sequence for encoding \"UTF8\": 0x00";
  }
  ASSIGN_OR_RETURN(TokenList tokens, ScanTokens(text, range));
  if (tokens.nesting_estimate <= kNestingOnCallersStack) return ParseTokens(text, range, tokens, rule, build);
  Status status;
  os::RunWithStack(kLargeStackBytes, [&] { status = ParseTokens(text, range, tokens, rule, build); });
  return status;
}

StatusOr<ast::StatementPtr> ParseStatementAt(std::string_view text, TextRange range) {
  ast::StatementPtr statement;
  RETURN_IF_ERROR(ParseRange(
      text, range, [](KappaParser& parser) { return parser.singleStatement(); },
      [&](KappaParser::SingleStatementContext* tree, builder::BuildContext& context) {
        statement = builder::BuildStatement(tree->statement(), context);
      }));
  return statement;
}

Status CheckOffsets(std::string_view text) {
  if (text.size() < TextRange::kNone) return OkStatus();
  return SqlError(sqlstate::kStatementTooLong) << "the text is longer than 4 GB";
}

}  // namespace

StatusOr<std::vector<ast::StatementPtr>> Parse(std::string_view text) {
  RETURN_IF_ERROR(CheckOffsets(text));
  std::vector<ast::StatementPtr> statements;
  for (const TextRange range : SplitStatements(text)) {
    ASSIGN_OR_RETURN(ast::StatementPtr statement, ParseStatementAt(text, range));
    statements.push_back(std::move(statement));
  }
  return statements;
}

StatusOr<ast::StatementPtr> ParseStatement(std::string_view text) {
  RETURN_IF_ERROR(CheckOffsets(text));
  const std::vector<TextRange> ranges = SplitStatements(text);
  if (ranges.empty()) return SqlError(sqlstate::kSyntaxError) << "there is no statement here";
  if (ranges.size() > 1) return SqlError(sqlstate::kSyntaxError, ranges[1]) << "there is more than one statement here";
  return ParseStatementAt(text, ranges.front());
}

StatusOr<ast::ExpressionPtr> ParseExpression(std::string_view text) {
  RETURN_IF_ERROR(CheckOffsets(text));
  ast::ExpressionPtr expression;
  RETURN_IF_ERROR(ParseRange(
      text, {0, static_cast<uint32_t>(text.size())}, [](KappaParser& parser) { return parser.singleExpression(); },
      [&](KappaParser::SingleExpressionContext* tree, builder::BuildContext& context) {
        expression = builder::BuildExpression(tree->expression(), context);
      }));
  return expression;
}

}  // namespace kappa
