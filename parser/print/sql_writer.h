// The printer's working parts; parser/printer.h is what others call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/ast/data_statements.h"
#include "parser/ast/definition_statements.h"

namespace kappa::print {

// How tightly an expression holds together, loosest first, as the grammar has it.
enum Precedence {
  kAny,
  kOr,
  kAnd,
  kNot,
  kIs,
  kComparison,
  kMembership,
  kOtherOperator,
  kSum,
  kProduct,
  kPower,
  kAtTimeZone,
  kCollate,
  kSign,
  kCast,
  kPrimary,
};

class SqlWriter {
 public:
  std::string Take() { return std::move(out_); }

  // expressions.cc: in parentheses where it holds less tightly than `least`.
  void Expression(const ast::Expression& expression, int least = kAny);
  void Type(const ast::TypeName& type);
  void Call(const ast::Call& call);
  void Window(const ast::WindowSpecification& window);
  void Order(const std::vector<ast::OrderItem>& items);
  void OrderItems(const std::vector<ast::OrderItem>& items);
  // queries.cc
  void Query(const ast::Query& query);
  void Table(const ast::TableReference& table);
  // statements.cc, definitions.cc
  void Definition(const ast::Column& column) { Column(column); }
  void Statement(const ast::Statement& statement);

 private:
  SqlWriter& Add(std::string_view text) {
    out_ += text;
    return *this;
  }
  SqlWriter& Name(const ast::Identifier& identifier);
  SqlWriter& Name(const ast::QualifiedName& name);
  SqlWriter& FunctionName(const ast::QualifiedName& name);
  SqlWriter& String(std::string_view content);
  SqlWriter& Names(const std::vector<ast::Identifier>& names);  // (a, b)
  void Expressions(const std::vector<ast::ExpressionPtr>& expressions);
  template <typename Items, typename Each>
  void List(const Items& items, const Each& each) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) Add(", ");
      first = false;
      each(item);
    }
  }

  // expressions.cc
  void Chain(const ast::Expression& expression, int least);
  void Head(const ast::Expression& expression);
  void Tail(const ast::Expression& expression);
  void Literal(const ast::Literal& literal);
  void TypedLiteral(const ast::TypedLiteral& literal);
  void Unary(const ast::Unary& unary);
  void Case(const ast::Case& expression);
  void SpecialCall(const ast::Call& call);
  void Frame(const ast::WindowFrame& frame);
  void Bound(const ast::FrameBound& bound);
  // queries.cc
  void Body(const ast::QueryBody& body);
  void SetOperand(const ast::QueryBody& body, bool parentheses);
  void Select(const ast::Select& select);
  void Grouping(const ast::GroupingElement& element);
  void Join(const ast::Join& join);
  void JoinSide(const ast::TableReference& table, bool right);
  void WindowTable(const ast::WindowTable& table);
  void NamedTable(const ast::NamedTable& table);
  void Alias(const ast::TableAlias& alias);
  void Position(const ast::LogPosition& position);
  // statements.cc, definitions.cc
  void CreateRelation(const ast::CreateRelation& create);
  void CreateView(const ast::CreateView& create);
  void CreateSink(const ast::CreateSink& create);
  void Column(const ast::Column& column);
  void Options(const std::vector<ast::Option>& options);
  void Format(const ast::FormatClause& format);
  void Emit(const ast::EmitClause& emit);
  void Insert(const ast::Insert& insert);
  void Explain(const ast::Explain& explain);
  void SetVariable(const ast::Set& set);
  void Show(const ast::Show& show);
  void Describe(const ast::Describe& describe);
  void SettingName(std::string_view name);
  // objects.cc
  void Kind(ast::ObjectKind kind);
  void Drop(const ast::Drop& drop);
  void CreateIndex(const ast::CreateIndex& index);
  void CreateSecret(const ast::CreateSecret& secret);
  void CreateConnection(const ast::CreateConnection& create);
  void CreateFunction(const ast::CreateFunction& function);
  void Fields(const std::vector<ast::StructField>& fields);
  void AlterColumn(const ast::AlterStep& step);
  void AlterStep(const ast::AlterStep& step);
  void Alter(const ast::Alter& alter);
  void Comment(const ast::Comment& comment);
  // data.cc
  void Items(const std::vector<ast::SelectItem>& items);
  void Assignments(const std::vector<ast::Assignment>& assignments);
  void Returning(const std::vector<ast::SelectItem>& items);
  void Tables(std::string_view word, const std::vector<ast::TableReferencePtr>& tables);
  void Where(const ast::ExpressionPtr& condition);
  void Update(const ast::Update& update);
  void Delete(const ast::Delete& remove);
  void Copy(const ast::Copy& copy);
  void Prepare(const ast::Prepare& prepare);
  void Execute(const ast::Execute& execute);
  void Subscribe(const ast::Subscribe& subscribe);
  void Replay(const ast::Replay& replay);
  void ReplayCommand(const ast::ReplayCommand& command);

  std::string out_;
};

}  // namespace kappa::print
