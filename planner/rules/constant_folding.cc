// constant_folding: what depends on no row is computed once.   1 + 2 -> 3;  x AND true -> x;  CASE WHEN true THEN a ... -> a.
// Keeps: schema, keys. A constant that fails stays as it is: it fails for each row that reaches it, which may be none.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

bool IsConstant(const ExprPtr& expr) { return expr->kind == ExprKind::kConstant; }
bool IsBool(const ExprPtr& expr, bool value) { return IsConstant(expr) && !expr->constant.is_null() && expr->constant.as_bool() == value; }

// Drops what cannot decide, cuts behind what does: the conditions left of it may still fail, so they stay.
ExprPtr FoldChain(const ExprPtr& expr) {
  const bool decides = expr->kind == ExprKind::kOr;
  std::vector<ExprPtr> args;
  for (const ExprPtr& arg : expr->args) {
    if (IsBool(arg, !decides)) continue;
    args.push_back(arg);
    if (IsBool(arg, decides)) break;
  }
  const bool decided = !args.empty() && IsBool(args.back(), decides);
  if (decided && std::none_of(args.begin(), args.end(), [](const ExprPtr& arg) { return IsFallible(*arg); })) return args.back();
  if (args.size() == expr->args.size()) return expr;
  if (args.empty()) return MakeConstant(Datum::Bool(!decides), TypeId::kBool);
  if (args.size() == 1) return args[0];
  auto copy = std::make_shared<Expr>(*expr);
  copy->nullable = std::any_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
  copy->args = std::move(args);
  return copy;
}

ExprPtr FoldCase(const ExprPtr& expr) {
  std::vector<ExprPtr> args;
  for (size_t i = 0; i + 1 < expr->args.size(); i += 2) {
    const ExprPtr& when = expr->args[i];
    if (IsConstant(when) && !IsBool(when, true)) continue;  // false or NULL: never taken
    if (IsBool(when, true)) {
      if (args.empty()) return expr->args[i + 1];
      args.push_back(expr->args[i + 1]);
      break;
    }
    args.push_back(when);
    args.push_back(expr->args[i + 1]);
  }
  if (args.size() % 2 == 0) args.push_back(expr->args.back());
  if (args.size() == 1) return args[0];
  if (args.size() == expr->args.size()) return expr;
  auto copy = std::make_shared<Expr>(*expr);
  copy->args = std::move(args);
  return copy;
}

ExprPtr FoldCoalesce(const ExprPtr& expr) {
  std::vector<ExprPtr> args;
  for (const ExprPtr& arg : expr->args) {
    if (IsConstant(arg) && arg->constant.is_null()) continue;
    args.push_back(arg);
    if (!arg->nullable) break;
  }
  if (args.empty()) return MakeConstant(Datum(), expr->type);
  if (args.size() == 1) return args[0];
  if (args.size() == expr->args.size()) return expr;
  auto copy = std::make_shared<Expr>(*expr);
  copy->args = std::move(args);
  return copy;
}

ExprPtr Evaluated(const ExprPtr& expr) {
  if (expr->type.is_struct()) return expr;
  CallContext calls;
  StatusOr<Datum> value = Evaluate(*expr, &calls, {});
  if (!value.ok()) return expr;
  auto constant = std::make_shared<Expr>(*MakeConstant(*std::move(value), expr->type));
  constant->range = expr->range;
  return constant;
}

ExprPtr Fold(const ExprPtr& expr) {
  switch (expr->kind) {
    case ExprKind::kAnd:
    case ExprKind::kOr:
      return FoldChain(expr);
    case ExprKind::kCase:
      return FoldCase(expr);
    case ExprKind::kCoalesce:
      return FoldCoalesce(expr);
    case ExprKind::kIsNull:
      if (!expr->args[0]->nullable && !IsFallible(*expr->args[0])) return MakeConstant(Datum::Bool(false), TypeId::kBool);
      return IsConstant(expr->args[0]) ? Evaluated(expr) : expr;
    case ExprKind::kCall:
      if (expr->function->volatility != Volatility::kImmutable) return expr;
      [[fallthrough]];
    case ExprKind::kNot:
    case ExprKind::kIn:
    case ExprKind::kAnyOf:
    case ExprKind::kAllOf:
      return std::all_of(expr->args.begin(), expr->args.end(), IsConstant) ? Evaluated(expr) : expr;
    default:
      return expr;
  }
}

class ConstantFolding final : public Rule {
 public:
  std::string_view name() const override { return "constant_folding"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    RewriteBottomUp(plan, [](const LogicalPtr& node) -> LogicalPtr {
      auto copy = std::make_shared<LogicalNode>(*node);
      bool changed = false;
      ForEachExpr(&copy->op, [&](ExprPtr* expr) {
        ExprPtr folded = RewriteExpr(*expr, Fold);
        changed |= folded != *expr;
        *expr = std::move(folded);
      });
      const auto* filter = copy->As<FilterOp>();
      if (filter != nullptr && IsBool(filter->predicate, true)) return node->inputs[0];
      return changed ? copy : node;
    });
  }
};

}  // namespace

ExprPtr FoldConstants(const ExprPtr& expr) { return RewriteExpr(expr, Fold); }

std::unique_ptr<Rule> MakeConstantFolding() { return std::make_unique<ConstantFolding>(); }

}  // namespace kappa
