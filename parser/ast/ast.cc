// Destructors of the nodes that form long left-deep chains: they take the chain apart in a loop, since 100,000 levels of nested
// destructors do not fit on a thread's stack.
#include "parser/ast/statement.h"

namespace kappa::ast {
namespace {

// The child that a chain goes on with, or null.
ExpressionPtr* ChainLink(Expression& e) {
  switch (e.kind) {
    case ExpressionKind::kBinary:
      return &static_cast<Binary&>(e).left;
    case ExpressionKind::kCast:
      return &static_cast<CastExpression&>(e).operand;
    case ExpressionKind::kFieldAccess:
      return &static_cast<FieldAccess&>(e).base;
    case ExpressionKind::kSubscript:
      return &static_cast<Subscript&>(e).base;
    case ExpressionKind::kAtTimeZone:
      return &static_cast<AtTimeZone&>(e).operand;
    case ExpressionKind::kCollate:
      return &static_cast<Collate&>(e).operand;
    case ExpressionKind::kIs:
      return &static_cast<Is&>(e).operand;
    case ExpressionKind::kIsJson:
      return &static_cast<IsJson&>(e).operand;
    default:
      return nullptr;
  }
}

void DestroyChain(ExpressionPtr head) {
  while (head != nullptr) {
    ExpressionPtr* link = ChainLink(*head);
    if (link == nullptr) return;  // its own destructor does the rest
    ExpressionPtr next = std::move(*link);
    head = std::move(next);  // the old head dies here, without its link
  }
}

}  // namespace

Binary::~Binary() { DestroyChain(std::move(left)); }
CastExpression::~CastExpression() { DestroyChain(std::move(operand)); }
FieldAccess::~FieldAccess() { DestroyChain(std::move(base)); }
Subscript::~Subscript() { DestroyChain(std::move(base)); }
AtTimeZone::~AtTimeZone() { DestroyChain(std::move(operand)); }
Collate::~Collate() { DestroyChain(std::move(operand)); }
Is::~Is() { DestroyChain(std::move(operand)); }
IsJson::~IsJson() { DestroyChain(std::move(operand)); }

Subquery::Subquery() = default;
Subquery::~Subquery() = default;
SubqueryTable::SubqueryTable() = default;
SubqueryTable::~SubqueryTable() = default;
NestedQuery::NestedQuery() = default;
NestedQuery::~NestedQuery() = default;

Join::~Join() {
  TableReferencePtr head = std::move(left);
  while (head != nullptr && head->kind == TableReferenceKind::kJoin) {
    TableReferencePtr next = std::move(static_cast<Join&>(*head).left);
    head = std::move(next);
  }
}

SetOperation::~SetOperation() {
  QueryBodyPtr head = std::move(left);
  while (head != nullptr && head->kind == QueryBodyKind::kSetOperation) {
    QueryBodyPtr next = std::move(static_cast<SetOperation&>(*head).left);
    head = std::move(next);
  }
}

std::string ToString(const QualifiedName& name) {
  std::string text;
  for (const Identifier& part : name.parts) {
    if (!text.empty()) text += '.';
    text += part.name;
  }
  return text;
}

}  // namespace kappa::ast
