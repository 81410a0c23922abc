#include "parser/print/sql_writer.h"
#include "parser/printer.h"

namespace kappa::print {
namespace {

using ast::ExpressionKind;

int PrecedenceOfOperator(std::string_view op) {
  if (op == "+" || op == "-") return kSum;
  if (op == "*" || op == "/" || op == "%") return kProduct;
  if (op == "^") return kPower;
  if (op == "=" || op == "<>" || op == "<" || op == ">" || op == "<=" || op == ">=") return kComparison;
  return kOtherOperator;
}

int PrecedenceOf(const ast::Expression& e) {
  switch (e.kind) {
    case ExpressionKind::kLogical:
      return ast::Cast<ast::Logical>(e).conjunction ? kAnd : kOr;
    case ExpressionKind::kNot:
      return kNot;
    case ExpressionKind::kIs:
    case ExpressionKind::kIsDistinct:
    case ExpressionKind::kIsJson:
      return kIs;
    case ExpressionKind::kQuantified:
      return kComparison;
    case ExpressionKind::kBetween:
    case ExpressionKind::kInList:
    case ExpressionKind::kInSubquery:
    case ExpressionKind::kLike:
      return kMembership;
    case ExpressionKind::kBinary:
      return PrecedenceOfOperator(ast::Cast<ast::Binary>(e).op);
    case ExpressionKind::kUnary: {
      const std::string& op = ast::Cast<ast::Unary>(e).op;
      return op == "+" || op == "-" ? kSign : kOtherOperator;
    }
    case ExpressionKind::kAtTimeZone:
      return kAtTimeZone;
    case ExpressionKind::kCollate:
      return kCollate;
    case ExpressionKind::kCast:
      return ast::Cast<ast::CastExpression>(e).syntax == ast::CastSyntax::kColons ? kCast : kPrimary;
    default:
      return kPrimary;
  }
}

// How tightly the left operand must hold: chains of the same operator need no parentheses, comparisons do not chain.
int LeastOfLeft(const ast::Expression& e) {
  const int own = PrecedenceOf(e);
  return own == kComparison || own == kMembership || own == kIs ? own + 1 : own;
}

// The operand with which a left-deep chain goes on, null for what is no chain.
const ast::Expression* LeftOf(const ast::Expression& e) {
  switch (e.kind) {
    case ExpressionKind::kBinary:
      return ast::Cast<ast::Binary>(e).left.get();
    case ExpressionKind::kAtTimeZone:
      return ast::Cast<ast::AtTimeZone>(e).operand.get();
    case ExpressionKind::kCollate:
      return ast::Cast<ast::Collate>(e).operand.get();
    case ExpressionKind::kIs:
      return ast::Cast<ast::Is>(e).operand.get();
    case ExpressionKind::kIsJson:
      return ast::Cast<ast::IsJson>(e).operand.get();
    case ExpressionKind::kCast: {
      const auto& cast = ast::Cast<ast::CastExpression>(e);
      return cast.syntax == ast::CastSyntax::kColons ? cast.operand.get() : nullptr;
    }
    case ExpressionKind::kFieldAccess:
      return ast::Cast<ast::FieldAccess>(e).base.get();
    case ExpressionKind::kSubscript:
      return ast::Cast<ast::Subscript>(e).base.get();
    default:
      return nullptr;
  }
}

// a.b would name a column, and f(x)[1] is not PostgreSQL: what .field and [i] may follow without parentheses.
bool TakesStep(const ast::Expression& base, const ast::Expression& step) {
  switch (base.kind) {
    case ExpressionKind::kSubscript:
    case ExpressionKind::kFieldAccess:
    case ExpressionKind::kParameter:
      return true;
    case ExpressionKind::kColumn:
      return step.kind == ExpressionKind::kSubscript;
    default:
      return false;
  }
}

bool NeedsParentheses(const ast::Expression& parent, const ast::Expression& left) {
  if (parent.kind == ExpressionKind::kSubscript || parent.kind == ExpressionKind::kFieldAccess) return !TakesStep(left, parent);
  return PrecedenceOf(left) < LeastOfLeft(parent);
}

bool IsRowWithoutKeyword(const ast::Row& row) { return !row.keyword && row.items.size() > 1; }

}  // namespace

void SqlWriter::Expressions(const std::vector<ast::ExpressionPtr>& expressions) {
  List(expressions, [&](const ast::ExpressionPtr& e) { Expression(*e); });
}

void SqlWriter::Expression(const ast::Expression& expression, int least) {
  if (PrecedenceOf(expression) < least) {
    Add("(");
    Chain(expression, kAny);
    Add(")");
    return;
  }
  Chain(expression, least);
}

// Down the left spine, opening parentheses on the way, then the tails from the inside out.
void SqlWriter::Chain(const ast::Expression& expression, int) {
  std::vector<const ast::Expression*> spine;
  const ast::Expression* head = &expression;
  for (const ast::Expression* left = LeftOf(*head); left != nullptr; left = LeftOf(*head)) {
    spine.push_back(head);
    if (NeedsParentheses(*head, *left)) Add("(");
    head = left;
  }
  Head(*head);
  for (size_t i = spine.size(); i-- > 0;) {
    if (NeedsParentheses(*spine[i], *LeftOf(*spine[i]))) Add(")");
    Tail(*spine[i]);
  }
}

// What follows the left operand.
void SqlWriter::Tail(const ast::Expression& e) {
  switch (e.kind) {
    case ExpressionKind::kBinary: {
      const auto& binary = ast::Cast<ast::Binary>(e);
      Add(" ").Add(binary.op).Add(" ");
      Expression(*binary.right, PrecedenceOf(e) + 1);
      break;
    }
    case ExpressionKind::kAtTimeZone:
      Add(" AT TIME ZONE ");
      Expression(*ast::Cast<ast::AtTimeZone>(e).zone, kAtTimeZone + 1);
      break;
    case ExpressionKind::kCollate:
      Add(" COLLATE ").Name(ast::Cast<ast::Collate>(e).collation);
      break;
    case ExpressionKind::kIs: {
      static constexpr std::string_view kTests[] = {"NULL", "TRUE", "FALSE", "UNKNOWN"};
      const auto& is = ast::Cast<ast::Is>(e);
      Add(is.negated ? " IS NOT " : " IS ").Add(kTests[static_cast<int>(is.test)]);
      break;
    }
    case ExpressionKind::kIsJson: {
      static constexpr std::string_view kKinds[] = {"JSON", "JSON OBJECT", "JSON ARRAY", "JSON SCALAR"};
      const auto& is = ast::Cast<ast::IsJson>(e);
      Add(is.negated ? " IS NOT " : " IS ").Add(kKinds[static_cast<int>(is.json)]).Add(is.unique_keys ? " WITH UNIQUE KEYS" : "");
      break;
    }
    case ExpressionKind::kCast:
      Add("::");
      Type(ast::Cast<ast::CastExpression>(e).type);
      break;
    case ExpressionKind::kFieldAccess: {
      const auto& access = ast::Cast<ast::FieldAccess>(e);
      Add(".");
      access.star ? Add("*") : Name(access.field);
      break;
    }
    case ExpressionKind::kSubscript: {
      const auto& subscript = ast::Cast<ast::Subscript>(e);
      Add("[");
      if (subscript.lower != nullptr) Expression(*subscript.lower);
      if (subscript.slice) Add(":");
      if (subscript.upper != nullptr) Expression(*subscript.upper);
      Add("]");
      break;
    }
    default:
      break;
  }
}

void SqlWriter::Literal(const ast::Literal& literal) {
  switch (literal.literal) {
    case ast::LiteralKind::kNull:
      Add("NULL");
      break;
    case ast::LiteralKind::kBoolean:
      Add(literal.boolean ? "TRUE" : "FALSE");
      break;
    case ast::LiteralKind::kString:
      String(literal.text);
      break;
    default:
      Add(literal.text);
  }
}

void SqlWriter::TypedLiteral(const ast::TypedLiteral& literal) {
  const std::string& name = literal.type.name.last().name;
  if (literal.type.name.parts.size() == 1 && name == "interval") {  // INTERVAL '1' DAY: the fields come after
    Add("INTERVAL ");
    const bool seconds = literal.type.interval_fields == "second";
    if (!literal.type.modifiers.empty() && !seconds) Add("(" + std::to_string(literal.type.modifiers.front()) + ") ");
    String(literal.text);
    if (!literal.type.interval_fields.empty()) Add(" ").Add(literal.type.interval_fields);
    if (!literal.type.modifiers.empty() && seconds) Add("(" + std::to_string(literal.type.modifiers.front()) + ")");
    return;
  }
  Type(literal.type);
  Add(" ").String(literal.text);
}

void SqlWriter::Unary(const ast::Unary& unary) {
  Add(unary.op);
  if (unary.op != "-" && unary.op != "+") {
    Add(" ");
    Expression(*unary.operand, kOtherOperator);
    return;
  }
  // - -1 must not become a comment, nor + -1 another operator.
  const size_t at = out_.size();
  Expression(*unary.operand, kSign);
  if (std::string_view("+-*/<>=~!@#%^&|`?").find(out_[at]) != std::string_view::npos) out_.insert(at, " ");
}

void SqlWriter::Case(const ast::Case& expression) {
  Add("CASE");
  if (expression.operand != nullptr) {
    Add(" ");
    Expression(*expression.operand);
  }
  for (const ast::WhenClause& clause : expression.whens) {
    Add(" WHEN ");
    Expression(*clause.when);
    Add(" THEN ");
    Expression(*clause.then);
  }
  if (expression.otherwise != nullptr) {
    Add(" ELSE ");
    Expression(*expression.otherwise);
  }
  Add(" END");
}

// Everything that no chain goes on from.
void SqlWriter::Head(const ast::Expression& e) {
  auto subquery = [&](const ast::Subquery& s) {
    Add("(");
    Query(*s.query);
    Add(")");
  };
  switch (e.kind) {
    case ExpressionKind::kLiteral:
      return Literal(ast::Cast<ast::Literal>(e));
    case ExpressionKind::kTypedLiteral:
      return TypedLiteral(ast::Cast<ast::TypedLiteral>(e));
    case ExpressionKind::kUnary:
      return Unary(ast::Cast<ast::Unary>(e));
    case ExpressionKind::kCase:
      return Case(ast::Cast<ast::Case>(e));
    case ExpressionKind::kCall:
      return Call(ast::Cast<ast::Call>(e));
    case ExpressionKind::kDefault:
      Add("DEFAULT");
      return;
    case ExpressionKind::kParameter:
      Add("$" + std::to_string(ast::Cast<ast::Parameter>(e).number));
      return;
    case ExpressionKind::kColumn:
      Name(ast::Cast<ast::ColumnName>(e).name);
      return;
    case ExpressionKind::kStar: {
      const auto& star = ast::Cast<ast::Star>(e);
      if (!star.qualifier.empty()) Name(star.qualifier).Add(".");
      Add("*");
      return;
    }
    case ExpressionKind::kLogical: {
      const auto& logical = ast::Cast<ast::Logical>(e);
      bool first = true;
      for (const ast::ExpressionPtr& operand : logical.operands) {
        if (!first) Add(logical.conjunction ? " AND " : " OR ");
        Expression(*operand, PrecedenceOf(e) + (first ? 0 : 1));
        first = false;
      }
      return;
    }
    case ExpressionKind::kNot:
      Add("NOT ");
      return Expression(*ast::Cast<ast::Not>(e).operand, kNot);
    case ExpressionKind::kIsDistinct: {
      const auto& is = ast::Cast<ast::IsDistinct>(e);
      Expression(*is.left, kIs + 1);
      Add(is.negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
      return Expression(*is.right, kOtherOperator);
    }
    case ExpressionKind::kBetween: {
      const auto& between = ast::Cast<ast::Between>(e);
      Expression(*between.operand, kMembership + 1);
      Add(between.negated ? " NOT BETWEEN " : " BETWEEN ").Add(between.symmetric ? "SYMMETRIC " : "");
      Expression(*between.low, kOtherOperator);
      Add(" AND ");
      return Expression(*between.high, kOtherOperator);
    }
    case ExpressionKind::kInList: {
      const auto& in = ast::Cast<ast::InList>(e);
      Expression(*in.operand, kMembership + 1);
      Add(in.negated ? " NOT IN (" : " IN (");
      Expressions(in.items);
      Add(")");
      return;
    }
    case ExpressionKind::kInSubquery: {
      const auto& in = ast::Cast<ast::InSubquery>(e);
      Expression(*in.operand, kMembership + 1);
      Add(in.negated ? " NOT IN " : " IN ");
      return subquery(*in.subquery);
    }
    case ExpressionKind::kLike: {
      static constexpr std::string_view kWords[] = {"LIKE ", "ILIKE ", "SIMILAR TO "};
      const auto& like = ast::Cast<ast::Like>(e);
      Expression(*like.operand, kMembership + 1);
      Add(like.negated ? " NOT " : " ").Add(kWords[static_cast<int>(like.like)]);
      Expression(*like.pattern, kOtherOperator);
      if (like.escape == nullptr) return;
      Add(" ESCAPE ");
      return Expression(*like.escape, kOtherOperator);
    }
    case ExpressionKind::kQuantified: {
      const auto& quantified = ast::Cast<ast::Quantified>(e);
      Expression(*quantified.left, kComparison + 1);
      Add(" ").Add(quantified.op).Add(quantified.all ? " ALL " : " ANY ");
      if (quantified.subquery != nullptr) return subquery(*quantified.subquery);
      Add("(");
      Expression(*quantified.array);
      Add(")");
      return;
    }
    case ExpressionKind::kSubquery:
      return subquery(ast::Cast<ast::Subquery>(e));
    case ExpressionKind::kExists:
      Add("EXISTS ");
      return subquery(*ast::Cast<ast::Exists>(e).subquery);
    case ExpressionKind::kCast: {
      const auto& cast = ast::Cast<ast::CastExpression>(e);
      Add(cast.syntax == ast::CastSyntax::kTryCast ? "TRY_CAST(" : "CAST(");
      Expression(*cast.operand);
      Add(" AS ");
      Type(cast.type);
      Add(")");
      return;
    }
    case ExpressionKind::kArray: {
      const auto& array = ast::Cast<ast::Array>(e);
      Add("ARRAY");
      if (array.subquery != nullptr) return subquery(*array.subquery);
      Add("[");
      Expressions(array.items);
      Add("]");
      return;
    }
    case ExpressionKind::kRow: {
      const auto& row = ast::Cast<ast::Row>(e);
      Add(IsRowWithoutKeyword(row) ? "(" : "ROW(");
      Expressions(row.items);
      Add(")");
      return;
    }
    case ExpressionKind::kNowLike: {
      const auto& value = ast::Cast<ast::NowLike>(e);
      for (const char c : value.name) out_ += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
      if (value.precision.has_value()) Add("(" + std::to_string(*value.precision) + ")");
      return;
    }
    default:
      return;  // the others are chains
  }
}

void SqlWriter::Type(const ast::TypeName& type) {
  const std::string& name = type.name.last().name;
  const bool single = type.name.parts.size() == 1;
  std::string modifiers;
  for (const int64_t modifier : type.modifiers) modifiers += (modifiers.empty() ? "" : ", ") + std::to_string(modifier);
  if (!modifiers.empty()) modifiers = "(" + modifiers + ")";

  const size_t with = single ? name.find(" with time zone") : std::string::npos;
  if (with != std::string::npos) {
    Add(name.substr(0, with)).Add(modifiers).Add(name.substr(with));
  } else if (single && name == "struct" && !type.fields.empty()) {
    Add("struct<");
    List(type.fields, [&](const ast::StructField& field) {
      Name(field.name).Add(" ");
      Type(field.type);
    });
    Add(">");
  } else if (single && (name == "interval" || name == "character" || name == "character varying" || name == "double precision" || name == "time" ||
                        name == "timestamp")) {
    Add(name);
    if (!type.interval_fields.empty()) Add(" ").Add(type.interval_fields);
    Add(modifiers);
  } else {
    Name(type.name).Add(modifiers);
  }
  for (int i = 0; i < type.array_dimensions; ++i) Add("[]");
}

}  // namespace kappa::print
