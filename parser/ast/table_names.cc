#include "parser/ast/table_names.h"

#include <set>
#include <string>

#include "parser/ast/definition_statements.h"

namespace kappa::ast {
namespace {

class Renamer {
 public:
  explicit Renamer(const std::function<void(QualifiedName*)>& rename) : rename_(rename) {}

  void Visit(Query* query) {
    if (query == nullptr) return;
    std::vector<std::string> added;
    for (CommonTable& table : query->with) {
      if (query->recursive && common_.insert(table.name.name).second) added.push_back(table.name.name);
      Visit(table.query.get());
      if (common_.insert(table.name.name).second) added.push_back(table.name.name);
    }
    Visit(query->body.get());
    Visit(&query->order_by);
    Visit(query->limit.get());
    Visit(query->offset.get());
    for (const std::string& name : added) common_.erase(name);
  }

  void Name(QualifiedName* name, TableAlias* alias) {
    if (name->empty() || (name->parts.size() == 1 && common_.count(name->last().name) != 0)) return;
    const Identifier before = name->last();
    rename_(name);
    if (alias != nullptr && alias->name.name.empty() && name->last().name != before.name) alias->name = before;
  }

  void Visit(QueryBody* body) {
    switch (body->kind) {
      case QueryBodyKind::kSelect:
        return Visit(static_cast<Select*>(body));
      case QueryBodyKind::kValues:
        for (auto& row : static_cast<Values*>(body)->rows) Visit(&row);
        return;
      case QueryBodyKind::kTable:
        return Name(&static_cast<TableQuery*>(body)->name, nullptr);
      case QueryBodyKind::kSetOperation:
        Visit(static_cast<SetOperation*>(body)->left.get());
        return Visit(static_cast<SetOperation*>(body)->right.get());
      case QueryBodyKind::kNested:
        return Visit(static_cast<NestedQuery*>(body)->query.get());
    }
  }

 private:
  void Visit(Select* select) {
    Visit(&select->distinct_on);
    for (SelectItem& item : select->items) Visit(item.expression.get());
    for (TableReferencePtr& table : select->from) Visit(table.get());
    Visit(select->where.get());
    for (GroupingElement& element : select->group_by) Visit(&element);
    Visit(select->having.get());
    for (NamedWindow& window : select->windows) Visit(&window.specification);
  }

  void Visit(GroupingElement* element) {
    Visit(&element->expressions);
    for (GroupingElement& member : element->elements) Visit(&member);
  }

  void Visit(TableReference* table) {
    switch (table->kind) {
      case TableReferenceKind::kName:
        return Name(&static_cast<NamedTable*>(table)->name, &table->alias);
      case TableReferenceKind::kFile:
        return;
      case TableReferenceKind::kSubquery:
        return Visit(static_cast<SubqueryTable*>(table)->query.get());
      case TableReferenceKind::kFunction:
        return Visit(static_cast<FunctionTable*>(table)->call.get());
      case TableReferenceKind::kWindow: {
        auto* window = static_cast<WindowTable*>(table);
        if (auto* input = As<NamedTable>(*window->input)) return Name(&input->name, &table->alias);
        Visit(window->input.get());
        return;
      }
      case TableReferenceKind::kJoin: {
        auto* join = static_cast<Join*>(table);
        Visit(join->left.get());
        Visit(join->right.get());
        return Visit(join->on.get());
      }
    }
  }

  void Visit(std::vector<ExpressionPtr>* expressions) {
    for (ExpressionPtr& expression : *expressions) Visit(expression.get());
  }
  void Visit(std::vector<OrderItem>* items) {
    for (OrderItem& item : *items) Visit(item.expression.get());
  }
  void Visit(WindowSpecification* window) {
    Visit(&window->partition_by);
    Visit(&window->order_by);
  }

  void Visit(Call* call) {
    for (Argument& argument : call->arguments) Visit(argument.value.get());
    Visit(&call->order_by);
    Visit(&call->within_group);
    Visit(call->filter.get());
    if (call->over != nullptr) Visit(call->over.get());
  }

  // Subqueries hold relations; the rest is passed through to reach them. Chains are walked down their left side in a loop.
  void Visit(Expression* e) {
    while (e != nullptr) e = Step(e);
  }
  Expression* Step(Expression* e) {
    switch (e->kind) {
      case ExpressionKind::kSubquery:
        Visit(static_cast<Subquery*>(e)->query.get());
        return nullptr;
      case ExpressionKind::kExists:
        return static_cast<Exists*>(e)->subquery.get();
      case ExpressionKind::kInSubquery:
        Visit(static_cast<InSubquery*>(e)->operand.get());
        return static_cast<InSubquery*>(e)->subquery.get();
      case ExpressionKind::kQuantified: {
        auto* quantified = static_cast<Quantified*>(e);
        Visit(quantified->left.get());
        Visit(quantified->array.get());
        return quantified->subquery.get();
      }
      case ExpressionKind::kArray:
        Visit(&static_cast<Array*>(e)->items);
        return static_cast<Array*>(e)->subquery.get();
      case ExpressionKind::kRow:
        Visit(&static_cast<Row*>(e)->items);
        return nullptr;
      case ExpressionKind::kCall:
        Visit(static_cast<Call*>(e));
        return nullptr;
      case ExpressionKind::kLogical:
        Visit(&static_cast<Logical*>(e)->operands);
        return nullptr;
      case ExpressionKind::kInList:
        Visit(&static_cast<InList*>(e)->items);
        return static_cast<InList*>(e)->operand.get();
      case ExpressionKind::kBinary:
        Visit(static_cast<Binary*>(e)->right.get());
        return static_cast<Binary*>(e)->left.get();
      case ExpressionKind::kIsDistinct:
        Visit(static_cast<IsDistinct*>(e)->right.get());
        return static_cast<IsDistinct*>(e)->left.get();
      case ExpressionKind::kBetween: {
        auto* between = static_cast<Between*>(e);
        Visit(between->low.get());
        Visit(between->high.get());
        return between->operand.get();
      }
      case ExpressionKind::kLike: {
        auto* like = static_cast<Like*>(e);
        Visit(like->pattern.get());
        Visit(like->escape.get());
        return like->operand.get();
      }
      case ExpressionKind::kCase: {
        auto* branches = static_cast<Case*>(e);
        for (WhenClause& clause : branches->whens) {
          Visit(clause.when.get());
          Visit(clause.then.get());
        }
        Visit(branches->otherwise.get());
        return branches->operand.get();
      }
      case ExpressionKind::kSubscript: {
        auto* subscript = static_cast<Subscript*>(e);
        Visit(subscript->lower.get());
        Visit(subscript->upper.get());
        return subscript->base.get();
      }
      case ExpressionKind::kAtTimeZone:
        Visit(static_cast<AtTimeZone*>(e)->zone.get());
        return static_cast<AtTimeZone*>(e)->operand.get();
      case ExpressionKind::kFieldAccess:
        return static_cast<FieldAccess*>(e)->base.get();
      case ExpressionKind::kUnary:
        return static_cast<Unary*>(e)->operand.get();
      case ExpressionKind::kNot:
        return static_cast<Not*>(e)->operand.get();
      case ExpressionKind::kIs:
        return static_cast<Is*>(e)->operand.get();
      case ExpressionKind::kIsJson:
        return static_cast<IsJson*>(e)->operand.get();
      case ExpressionKind::kCast:
        return static_cast<CastExpression*>(e)->operand.get();
      case ExpressionKind::kCollate:
        return static_cast<Collate*>(e)->operand.get();
      case ExpressionKind::kLiteral:
      case ExpressionKind::kTypedLiteral:
      case ExpressionKind::kParameter:
      case ExpressionKind::kColumn:
      case ExpressionKind::kStar:
      case ExpressionKind::kDefault:
      case ExpressionKind::kNowLike:
        return nullptr;
    }
    return nullptr;
  }

  const std::function<void(QualifiedName*)>& rename_;
  std::set<std::string> common_;  // names of WITH queries in scope
};

}  // namespace

namespace {

// Looks only, though the walk could rename.
template <typename Part>
bool Names(const Part& part, const std::string& name) {
  bool found = false;
  const std::function<void(QualifiedName*)> look = [&](QualifiedName* table) { found |= table->parts.size() == 1 && table->last().name == name; };
  Renamer(look).Visit(const_cast<Part*>(&part));
  return found;
}

}  // namespace

bool NamesTable(const Query& query, const std::string& name) { return Names(query, name); }
bool NamesTable(const QueryBody& body, const std::string& name) { return Names(body, name); }

void RenameTables(Statement* statement, const std::function<void(QualifiedName*)>& rename) {
  Renamer renamer(rename);
  switch (statement->kind) {
    case StatementKind::kQuery:
      return renamer.Visit(static_cast<QueryStatement*>(statement)->query.get());
    case StatementKind::kCreateView:
      return renamer.Visit(static_cast<CreateView*>(statement)->query.get());
    case StatementKind::kCreateRelation:
      return renamer.Visit(static_cast<CreateRelation*>(statement)->query.get());
    case StatementKind::kCreateSink: {
      auto* sink = static_cast<CreateSink*>(statement);
      renamer.Name(&sink->from, nullptr);
      renamer.Name(&sink->into, nullptr);
      return renamer.Visit(sink->query.get());
    }
    case StatementKind::kCreateIndex:
      renamer.Name(&static_cast<CreateIndex*>(statement)->table, nullptr);
      return;
    case StatementKind::kInsert:
      renamer.Name(&static_cast<Insert*>(statement)->table, nullptr);
      return renamer.Visit(static_cast<Insert*>(statement)->query.get());
    default:
      return;
  }
}

}  // namespace kappa::ast
