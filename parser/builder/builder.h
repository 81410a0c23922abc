// From ANTLR's parse tree to the AST: one function a kind of node, one file a part of the grammar. The only code that knows both.
//
// Nothing here throws or returns early: what the grammar lets through and the language does not (a bad escape, two LIMITs) goes to
// BuildContext::status, and the tree is thrown away at the end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "KappaParser.h"
#include "common/status.h"
#include "parser/ast/data_statements.h"
#include "parser/ast/definition_statements.h"

namespace kappa::builder {

using grammar::KappaParser;

struct BuildContext {
  std::string_view text;  // of all statements: ranges are offsets into it
  Status status;          // the first error

  void Fail(Status error) {
    if (status.ok()) status = std::move(error);
  }
  // "syntax error at or near ...", for what only the builder can see.
  void FailSyntax(TextRange range);
  std::string_view TextOf(TextRange range) const { return text.substr(range.begin, range.end - range.begin); }
};

// ---- positions (names.cc) --------------------------------------------------------------------------------------------------------------
TextRange RangeOf(const antlr4::ParserRuleContext* context);
TextRange RangeOf(antlr4::tree::TerminalNode* terminal);
TextRange RangeOf(const antlr4::Token* token);
inline TextRange Join(TextRange first, TextRange last) { return {first.begin, last.end}; }

// ---- names and constants (names.cc) -------------------------------------------------------------------------------------------------------
// Of any rule that is one word: name, label, bareAlias, typeIdentifier.
ast::Identifier BuildIdentifier(const antlr4::ParserRuleContext* word, BuildContext& context);
ast::Identifier BuildIdentifier(const antlr4::Token* token, BuildContext& context);
ast::QualifiedName BuildName(KappaParser::QualifiedNameContext* name, BuildContext& context);
ast::QualifiedName BuildName(KappaParser::FunctionNameContext* name, BuildContext& context);
std::vector<ast::Identifier> BuildNames(KappaParser::NameListContext* names, BuildContext& context);
std::string BuildString(KappaParser::StringContext* string, BuildContext& context);
// Decimal digits of an integer constant: 0xFF, 0b11 and 1_000 undone. 22003 past 126 bits.
std::string IntegerDigits(TextRange range, BuildContext& context);
std::string WithoutUnderscores(std::string_view digits);
// 42601 when it does not fit, or has a fraction.
int64_t BuildInteger(antlr4::ParserRuleContext* number, BuildContext& context);
int64_t BuildInteger(antlr4::tree::TerminalNode* number, BuildContext& context);

// ---- types (types.cc) -----------------------------------------------------------------------------------------------------------------------
ast::TypeName BuildType(KappaParser::TypeNameContext* type, BuildContext& context);
// The type of an INTERVAL, TIME or TIMESTAMP constant, from the parts that its rule has.
ast::TypeName BuildIntervalType(KappaParser::IntervalFieldsContext* fields, antlr4::tree::TerminalNode* precision, BuildContext& context);
ast::TypeName BuildTimeType(bool timestamp, KappaParser::TimeModifiersContext* modifiers, BuildContext& context);

// ---- expressions (expressions.cc, primaries.cc, calls.cc) --------------------------------------------------------------------------------------
ast::ExpressionPtr BuildExpression(KappaParser::ExpressionContext* expression, BuildContext& context);
ast::ExpressionPtr BuildOperand(KappaParser::OperandContext* operand, BuildContext& context);
ast::ExpressionPtr BuildPrimary(KappaParser::PrimaryContext* primary, BuildContext& context);
std::vector<ast::ExpressionPtr> BuildExpressions(const std::vector<KappaParser::ExpressionContext*>& expressions, BuildContext& context);
std::unique_ptr<ast::Subquery> BuildSubquery(KappaParser::QueryContext* query, TextRange range, BuildContext& context);
std::unique_ptr<ast::Call> BuildCall(ast::QualifiedName name, KappaParser::CallContext* call, BuildContext& context);
void BuildArguments(KappaParser::CallArgumentsContext* arguments, ast::Call& call, BuildContext& context);
ast::ExpressionPtr BuildSpecialCall(KappaParser::SpecialCallContext* call, BuildContext& context);
std::vector<ast::OrderItem> BuildOrder(const std::vector<KappaParser::OrderItemContext*>& items, BuildContext& context);
ast::WindowSpecification BuildWindow(KappaParser::WindowSpecificationContext* window, BuildContext& context);
ast::ExpressionPtr IntegerLiteral(std::string digits, TextRange range);
ast::ExpressionPtr StringLiteral(std::string content, TextRange range);

// ---- queries (queries.cc, tables.cc) -------------------------------------------------------------------------------------------------------------
ast::SelectItem BuildSelectItem(KappaParser::SelectItemContext* item, BuildContext& context);
ast::LogPosition BuildPosition(KappaParser::LogPositionContext* position, BuildContext& context);
ast::QueryPtr BuildQuery(KappaParser::QueryContext* query, BuildContext& context);
ast::TableReferencePtr BuildTable(KappaParser::TableReferenceContext* table, BuildContext& context);

// ---- statements (statements.cc, definitions.cc)
// -----------------------------------------------------------------------------------------------------
ast::StatementPtr BuildStatement(KappaParser::StatementContext* statement, BuildContext& context);
ast::StatementPtr BuildCreateRelation(KappaParser::CreateRelationContext* create, BuildContext& context);
ast::StatementPtr BuildCreateView(KappaParser::CreateViewContext* create, BuildContext& context);
ast::StatementPtr BuildCreateSink(KappaParser::CreateSinkContext* create, BuildContext& context);
std::vector<ast::Option> BuildOptions(KappaParser::OptionListContext* list, BuildContext& context);
ast::FormatClause BuildFormat(KappaParser::FormatClauseContext* format, BuildContext& context);
ast::Column BuildColumn(KappaParser::ColumnDefinitionContext* column, BuildContext& context);
std::unique_ptr<ast::Insert> BuildInsert(KappaParser::InsertContext* insert, BuildContext& context);
ast::StatementPtr BuildUpdate(KappaParser::UpdateRowsContext* update, BuildContext& context);
ast::StatementPtr BuildDelete(KappaParser::DeleteRowsContext* remove, BuildContext& context);
ast::StatementPtr BuildCopy(KappaParser::CopyRowsContext* copy, BuildContext& context);
ast::StatementPtr BuildReplay(KappaParser::ReplayContext* replay, BuildContext& context);
ast::StatementPtr BuildCreateIndex(KappaParser::CreateIndexContext* index, BuildContext& context);
ast::StatementPtr BuildCreateFunction(KappaParser::CreateFunctionContext* function, BuildContext& context);
ast::StatementPtr BuildAlter(KappaParser::AlterStatementContext* alter, BuildContext& context);
ast::ObjectKind BuildObjectKind(KappaParser::ObjectKindContext* kind);
ast::Identifier BuildSettingName(KappaParser::SettingNameContext* name, BuildContext& context);
std::string BuildSettingValue(KappaParser::SettingValueContext* value, BuildContext& context);
ast::EmitClause BuildEmit(KappaParser::EmitClauseContext* emit, BuildContext& context);

}  // namespace kappa::builder
