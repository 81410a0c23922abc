#include "planner/logical/join.h"

#include <algorithm>
#include <functional>

#include "functions/registry.h"
#include "planner/binder/context.h"

namespace kappa {
namespace {

bool IsOperator(const Expr& expr, std::string_view name) {
  return expr.kind == ExprKind::kCall && expr.function->kind == FunctionKind::kOperator && expr.function->name == name && expr.args.size() == 2;
}

// Equal values have one canonical form, and `=` calls equal what has.
bool ComparesAsKey(const Type& a, const Type& b) { return a.SameId(b) && !a.is_struct() && a.id() != TypeId::kJson && a.id() != TypeId::kUnknown; }

// The type that both are compared as, when it compares as a key: of integers and of floats the wider one.
std::optional<Type> KeyType(const Type& a, const Type& b) {
  if (ComparesAsKey(a, b)) return a;
  if (a.is_integer() && b.is_integer()) return a.id() == TypeId::kInt8 || b.id() == TypeId::kInt8 ? TypeId::kInt8 : TypeId::kInt4;
  const auto is_float = [](const Type& type) { return type.id() == TypeId::kFloat4 || type.id() == TypeId::kFloat8; };
  if (is_float(a) && is_float(b)) return Type(TypeId::kFloat8);
  return std::nullopt;
}

ExprPtr Widened(const ExprPtr& expr, const Type& type) {
  if (expr->type.SameId(type)) return expr;
  return MakeCall(FunctionRegistry::Get().FindCast(expr->type.id(), type.id()), {expr}, type);
}

std::optional<Equality> EqualityBetween(const ExprPtr& left, const ExprPtr& right, bool null_safe) {
  const std::optional<Type> type = KeyType(left->type, right->type);
  if (!type) return std::nullopt;
  return Equality{Widened(left, *type), Widened(right, *type), null_safe};
}

bool IsNullTestOf(const Expr& expr, const Expr& of) { return expr.kind == ExprKind::kIsNull && SameExpr(*expr.args[0], of); }

// NOT (a IS DISTINCT FROM b), as the binder writes it: CASE WHEN a IS NULL THEN b IS NOT NULL WHEN b IS NULL THEN true ELSE a <> b END.
std::optional<Equality> NotDistinct(const Expr& expr) {
  if (expr.kind != ExprKind::kNot) return std::nullopt;
  const Expr* distinct = expr.args[0].get();
  if (distinct->kind == ExprKind::kCoalesce) distinct = distinct->args[0].get();
  if (distinct->kind != ExprKind::kCase || distinct->args.size() != 5 || !IsOperator(*distinct->args[4], "<>")) return std::nullopt;
  const ExprPtr &left = distinct->args[4]->args[0], &right = distinct->args[4]->args[1];
  if (!IsNullTestOf(*distinct->args[0], *left) || !IsNullTestOf(*distinct->args[2], *right)) return std::nullopt;
  return EqualityBetween(left, right, true);
}

LogicalPtr Compute(const LogicalPtr& input, std::vector<std::pair<Column, ExprPtr>> computed, const std::string& query, const ErrorPolicy& on_error) {
  if (computed.empty()) return input;
  std::vector<Column> output = input->output();
  for (const auto& [column, expr] : computed) output.push_back(column);
  return MakeNode(ProjectOp{std::move(computed)}, {input}, std::move(output), query, on_error);
}

}  // namespace

Sides SidesOf(const Expr& expr, const LogicalNode& left, const LogicalNode& right) {
  std::vector<ColumnId> columns;
  CollectColumns(expr, &columns);
  unsigned sides = 0;
  for (ColumnId id : columns) {
    if (FindColumn(left.output(), id) != nullptr) sides |= 1;
    if (FindColumn(right.output(), id) != nullptr) sides |= 2;
  }
  return static_cast<Sides>(sides);
}

bool GivenBy(const Expr& expr, const LogicalNode& node) {
  std::vector<ColumnId> columns;
  CollectColumns(expr, &columns);
  return !columns.empty() && std::all_of(columns.begin(), columns.end(), [&](ColumnId id) { return FindColumn(node.output(), id) != nullptr; });
}

bool IsComparison(const Expr& expr) {
  if (expr.kind == ExprKind::kIn || expr.kind == ExprKind::kIsNull) return true;
  static constexpr std::string_view kNames[] = {"=", "<>", "<", "<=", ">", ">="};
  return expr.kind == ExprKind::kCall && expr.function->kind == FunctionKind::kOperator &&
         std::find(std::begin(kNames), std::end(kNames), expr.function->name) != std::end(kNames);
}

bool IsTrue(const Expr& expr) { return expr.kind == ExprKind::kConstant && !expr.constant.is_null() && expr.constant.as_bool(); }
bool IsFalse(const Expr& expr) { return expr.kind == ExprKind::kConstant && (expr.constant.is_null() || !expr.constant.as_bool()); }

std::optional<Equality> EqualityOf(const Expr& conjunct) {
  if (IsOperator(conjunct, "=")) return EqualityBetween(conjunct.args[0], conjunct.args[1], false);
  return NotDistinct(conjunct);
}

ExprPtr ToCondition(const Equality& equality) {
  const ExprPtr &a = equality.left, &b = equality.right;
  const auto call = [&](std::string_view name) {
    const TypeId id = a->type.id();
    for (const FunctionEntry* entry : FunctionRegistry::Get().Find(FunctionKind::kOperator, name))
      if (entry->arguments.size() == 2 && entry->arguments[0] == id && entry->arguments[1] == id) return MakeCall(entry, {a, b}, TypeId::kBool);
    for (const FunctionEntry* entry : FunctionRegistry::Get().Find(FunctionKind::kOperator, name))
      if (entry->arguments.size() == 2 && entry->arguments[0] == TypeId::kAnyArray) return MakeCall(entry, {a, b}, TypeId::kBool);
    return ExprPtr();
  };
  if (!equality.null_safe) return call("=");
  const auto is_null = [](const ExprPtr& expr) { return MakeExpr(ExprKind::kIsNull, TypeId::kBool, false, {expr}); };
  const auto negated = [](ExprPtr expr) { return MakeExpr(ExprKind::kNot, TypeId::kBool, false, {std::move(expr)}); };
  const ExprPtr yes = MakeConstant(Datum::Bool(true), TypeId::kBool);
  ExprPtr distinct = MakeExpr(ExprKind::kCase, TypeId::kBool, true, {is_null(a), negated(is_null(b)), is_null(b), yes, call("<>")});
  return negated(MakeExpr(ExprKind::kCoalesce, TypeId::kBool, false, {std::move(distinct), yes}));
}

ExprPtr WithNullability(const ExprPtr& expr, const std::vector<Column>& columns) {
  return RewriteExpr(expr, [&](const ExprPtr& node) {
    const auto any = [&](auto begin) { return std::any_of(begin, node->args.end(), [](const ExprPtr& arg) { return arg->nullable; }); };
    bool nullable = node->nullable;
    switch (node->kind) {
      case ExprKind::kColumn: {
        const Column* column = FindColumn(columns, node->column);
        nullable |= column != nullptr && column->nullable;
        break;
      }
      case ExprKind::kCall:
        nullable |= node->function->strict && any(node->args.begin());
        break;
      case ExprKind::kAnd:
      case ExprKind::kOr:
      case ExprKind::kNot:
      case ExprKind::kIn:
      case ExprKind::kField:
        nullable |= any(node->args.begin());
        break;
      case ExprKind::kCase:
        for (size_t i = 0; i < node->args.size(); ++i) nullable |= (i % 2 == 1 || i + 1 == node->args.size()) && node->args[i]->nullable;
        break;
      case ExprKind::kCoalesce:
        nullable |= std::all_of(node->args.begin(), node->args.end(), [](const ExprPtr& arg) { return arg->nullable; });
        break;
      default:
        break;
    }
    if (nullable == node->nullable) return node;
    auto copy = std::make_shared<Expr>(*node);
    copy->nullable = nullable;
    return ExprPtr(copy);
  });
}

std::vector<Column> AsNullable(std::vector<Column> columns) {
  for (Column& column : columns) column.nullable = true;
  return columns;
}

std::vector<ExprPtr> FactoredConjuncts(const ExprPtr& predicate) {
  std::vector<ExprPtr> out;
  for (const ExprPtr& conjunct : Conjuncts(predicate)) {
    if (conjunct->kind != ExprKind::kOr || IsFallible(*conjunct)) {
      out.push_back(conjunct);
      continue;
    }
    std::vector<std::vector<ExprPtr>> branches;
    for (const ExprPtr& branch : conjunct->args) branches.push_back(Conjuncts(branch));
    const auto in = [](const std::vector<ExprPtr>& branch, const ExprPtr& expr) {
      return std::any_of(branch.begin(), branch.end(), [&](const ExprPtr& other) { return SameExpr(*other, *expr); });
    };
    std::vector<ExprPtr> common;
    for (const ExprPtr& expr : branches[0]) {
      if (std::all_of(branches.begin(), branches.end(), [&](const auto& branch) { return in(branch, expr); })) common.push_back(expr);
    }
    if (common.empty()) {
      out.push_back(conjunct);
      continue;
    }
    std::vector<ExprPtr> rest;
    bool decided = false;  // a branch that says no more than what all share
    for (auto& branch : branches) {
      std::erase_if(branch, [&](const ExprPtr& expr) { return in(common, expr); });
      decided |= branch.empty();
      if (!branch.empty()) rest.push_back(MakeAnd(std::move(branch)));
    }
    out.insert(out.end(), common.begin(), common.end());
    if (decided) continue;
    const bool nullable = std::any_of(rest.begin(), rest.end(), [](const ExprPtr& e) { return e->nullable; });
    out.push_back(MakeExpr(ExprKind::kOr, TypeId::kBool, nullable, std::move(rest)));
  }
  return out;
}

std::vector<Column> JoinOutput(JoinOp::Kind kind, const std::vector<Column>& left, const std::vector<Column>& right) {
  using K = JoinOp::Kind;
  std::vector<Column> output = kind == K::kFull ? AsNullable(left) : left;
  if (kind == K::kSemi || kind == K::kAnti) return output;
  const std::vector<Column> given = kind == K::kInner ? right : AsNullable(right);
  output.insert(output.end(), given.begin(), given.end());
  return output;
}

LogicalPtr MakeJoin(JoinOp join, const LogicalPtr& left, const LogicalPtr& right, const std::vector<ExprPtr>& conjuncts, ProgramContext* program,
                    const std::string& query, const ErrorPolicy& on_error) {
  std::vector<std::pair<Column, ExprPtr>> left_computed, right_computed;
  const auto column_of = [&](const ExprPtr& expr, std::vector<std::pair<Column, ExprPtr>>* computed) {
    if (expr->kind == ExprKind::kColumn) return expr->column;
    for (const auto& [column, other] : *computed)
      if (SameExpr(*other, *expr)) return column.id;
    computed->emplace_back(program->NewColumn("key", expr->type, expr->nullable), expr);
    return computed->back().first.id;
  };
  std::vector<ExprPtr> condition;
  for (const ExprPtr& conjunct : conjuncts) {
    if (IsTrue(*conjunct)) continue;
    std::optional<Equality> equal = EqualityOf(*conjunct);
    if (equal && GivenBy(*equal->left, *right)) std::swap(equal->left, equal->right);
    if (!equal || !GivenBy(*equal->left, *left) || !GivenBy(*equal->right, *right)) {
      condition.push_back(conjunct);
      continue;
    }
    const JoinOp::Key key{column_of(equal->left, &left_computed), column_of(equal->right, &right_computed), equal->null_safe};
    const bool known =
        std::any_of(join.keys.begin(), join.keys.end(), [&](const JoinOp::Key& k) { return k.left == key.left && k.right == key.right; });
    if (!known) join.keys.push_back(key);
  }
  if (!condition.empty()) {
    if (join.condition != nullptr) condition.insert(condition.begin(), join.condition);
    join.condition = MakeAnd(std::move(condition));
  }
  if (join.kind == JoinOp::Kind::kSingle) {
    const std::vector<ColumnId> unique = UniqueColumns(*right);
    const bool one = IsAtMostOneRow(*right) || (!unique.empty() && std::all_of(unique.begin(), unique.end(), [&](ColumnId id) {
                       return std::any_of(join.keys.begin(), join.keys.end(), [&](const JoinOp::Key& key) { return key.right == id; });
                     }));
    if (one) join.kind = JoinOp::Kind::kLeft;
  }
  std::vector<Column> output = JoinOutput(join.kind, left->output(), right->output());
  std::vector<LogicalPtr> inputs = {Compute(left, std::move(left_computed), query, on_error),
                                    Compute(right, std::move(right_computed), query, on_error)};
  return MakeNode(std::move(join), std::move(inputs), std::move(output), query, on_error);
}

namespace {

void Visit(const LogicalPtr& plan, std::set<const LogicalNode*>* seen, const std::function<void(const LogicalNode&)>& fn) {
  if (!seen->insert(plan.get()).second) return;
  for (const LogicalPtr& input : plan->inputs) Visit(input, seen, fn);
  fn(*plan);
}

}  // namespace

std::set<ColumnId> FreeColumns(const LogicalPtr& plan) {
  std::set<ColumnId> free;
  std::set<const LogicalNode*> seen;
  Visit(plan, &seen, [&](const LogicalNode& node) {
    for (ColumnId id : ReadColumns(node.op)) {
      const bool given =
          std::any_of(node.inputs.begin(), node.inputs.end(), [&](const LogicalPtr& input) { return FindColumn(input->output(), id) != nullptr; });
      if (!given) free.insert(id);
    }
  });
  return free;
}

bool Reads(const LogicalPtr& plan, const std::set<ColumnId>& columns) {
  bool reads = false;
  std::set<const LogicalNode*> seen;
  Visit(plan, &seen, [&](const LogicalNode& node) {
    if (reads) return;
    for (ColumnId id : ReadColumns(node.op)) reads |= columns.count(id) > 0;
  });
  return reads;
}

bool IsUnitRow(const LogicalNode& node) {
  const auto* values = node.As<ValuesOp>();
  return values != nullptr && values->rows.size() == 1 && node.output().empty();
}

bool IsOneRow(const LogicalNode& node) {
  if (const auto* values = node.As<ValuesOp>()) return values->rows.size() == 1;
  if (const auto* aggregate = node.As<AggregateOp>()) return aggregate->keys.empty() && !aggregate->window;
  return node.As<ProjectOp>() != nullptr && IsOneRow(*node.inputs[0]);
}

bool IsAtMostOneRow(const LogicalNode& node) {
  if (IsOneRow(node)) return true;
  if (const auto* top = node.As<TopNOp>()) return top->partition.empty() && top->limit && *top->limit <= 1 && top->ties == TopNOp::Ties::kRowNumber;
  if (const auto* sort = node.As<SortOp>(); sort != nullptr && sort->limit && *sort->limit <= 1) return true;
  return (node.As<ProjectOp>() || node.As<FilterOp>() || node.As<SortOp>()) && IsAtMostOneRow(*node.inputs[0]);
}

LogicalPtr WithFreshColumns(const LogicalPtr& plan, ProgramContext* program, std::map<ColumnId, Column>* renamed) {
  std::vector<std::pair<Column, ExprPtr>> columns;
  std::vector<Column> output;
  for (const Column& column : plan->output()) {
    const Column fresh = program->NewColumn(column.name, column.type, column.nullable);
    (*renamed)[column.id] = fresh;
    columns.emplace_back(fresh, MakeColumn(column));
    output.push_back(fresh);
  }
  return MakeNode(ProjectOp{std::move(columns)}, {plan}, std::move(output), plan->op.query, plan->op.on_error);
}

}  // namespace kappa
