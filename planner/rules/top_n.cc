// top_n: rows numbered by ROW_NUMBER, RANK or DENSE_RANK of which only the first are wanted are not all kept.
//
//   Filter(rn <= n) over Over(rn = row_number() of p by o)    ->    TopN(of p by o limit n), rn its rank
//
// So for =, <, BETWEEN and lower bounds. The rank goes where nobody reads it (column_pruning). Keeps: schema, keys. Needs: the Over has one function
// and no other reader.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

// Ranks (after, upto].
struct Ranks {
  int64_t after = 0, upto = INT64_MAX;
};

std::optional<int64_t> IntegerOf(const Expr& expr) {
  if (expr.kind != ExprKind::kConstant || expr.constant.is_null() || !expr.type.is_integer()) return std::nullopt;
  return expr.constant.as_int();
}

// Narrows `ranks` by a comparison of `rank` and a constant; false: it is another condition.
bool Narrow(const Expr& conjunct, ColumnId rank, Ranks* ranks) {
  if (conjunct.kind != ExprKind::kCall || conjunct.function->kind != FunctionKind::kOperator || conjunct.args.size() != 2) return false;
  std::string op(conjunct.function->name);
  const Expr *left = conjunct.args[0].get(), *right = conjunct.args[1].get();
  if (left->kind == ExprKind::kConstant) {
    std::swap(left, right);
    if (op[0] == '<' && op != "<>")
      op[0] = '>';
    else if (op[0] == '>')
      op[0] = '<';
  }
  const std::optional<int64_t> bound = IntegerOf(*right);
  if (left->kind != ExprKind::kColumn || left->column != rank || !bound) return false;
  if (op == "=") {
    ranks->after = std::max(ranks->after, *bound > 0 ? *bound - 1 : 0);
    ranks->upto = std::min(ranks->upto, std::max<int64_t>(*bound, 0));
  } else if (op == "<=") {
    ranks->upto = std::min(ranks->upto, std::max<int64_t>(*bound, 0));
  } else if (op == "<") {
    ranks->upto = std::min(ranks->upto, *bound > 0 ? *bound - 1 : 0);
  } else if (op == ">=") {
    ranks->after = std::max(ranks->after, *bound > 0 ? *bound - 1 : 0);
  } else if (op == ">") {
    ranks->after = std::max(ranks->after, std::max<int64_t>(*bound, 0));
  } else {
    return false;
  }
  return true;
}

std::optional<TopNOp::Ties> TiesOf(const OverOp& over) {
  if (over.functions.size() != 1) return std::nullopt;
  switch (over.functions[0].kind) {
    case OverOp::Kind::kRowNumber:
      return TopNOp::Ties::kRowNumber;
    case OverOp::Kind::kRank:
      return TopNOp::Ties::kRank;
    case OverOp::Kind::kDenseRank:
      return TopNOp::Ties::kDenseRank;
    default:
      return std::nullopt;
  }
}

// The Over beneath projections that cannot fail and pass its result on.
LogicalPtr FindOver(const LogicalPtr& node, std::vector<LogicalPtr>* projections) {
  if (node->As<OverOp>() != nullptr) return node;
  const auto* project = node->As<ProjectOp>();
  if (project == nullptr) return nullptr;
  for (const auto& [column, expr] : project->columns)
    if (IsFallible(*expr)) return nullptr;
  projections->push_back(node);
  return FindOver(node->inputs[0], projections);
}

LogicalPtr Recognize(const LogicalPtr& node, const FilterOp& filter, const std::vector<LogicalPtr>& projections, const LogicalNode& below) {
  const auto& over = *below.As<OverOp>();
  const std::optional<TopNOp::Ties> ties = TiesOf(over);
  if (!ties) return node;
  const AggregateCall& call = over.functions[0].call;
  Ranks ranks;
  std::vector<ExprPtr> rest;
  for (const ExprPtr& conjunct : Conjuncts(filter.predicate)) {
    if (!Narrow(*conjunct, call.output, &ranks)) rest.push_back(conjunct);
  }
  if (ranks.after == 0 && ranks.upto == INT64_MAX) return node;
  // Other conditions stay above: a row that they remove has its rank.
  TopNOp top;
  top.partition = over.partition;
  top.order = over.order;
  top.user_keys = over.user_keys;
  top.expiry = over.expiry;
  top.ties = *ties;
  if (ranks.after > 0) top.offset = ranks.after;
  if (ranks.upto != INT64_MAX) top.limit = std::max<int64_t>(ranks.upto - ranks.after, 0);
  top.rank = {call.output, call.name, call.type, call.nullable};
  std::vector<Column> output = below.output();
  LogicalPtr made = MakeNode(std::move(top), below.inputs, std::move(output), below.op.query, below.op.on_error);
  for (auto projection = projections.rbegin(); projection != projections.rend(); ++projection) made = WithInputs(**projection, {std::move(made)});
  if (rest.empty() && node->output().size() == made->output().size()) return made;
  if (rest.empty()) return MakeNode(ProjectOp{}, {std::move(made)}, node->output(), node->op.query, node->op.on_error);
  return MakeNode(FilterOp{MakeAnd(std::move(rest))}, {std::move(made)}, node->output(), node->op.query, node->op.on_error);
}

class TopN final : public Rule {
 public:
  std::string_view name() const override { return "top_n"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    std::set<ColumnId> shared;  // results of windows with several readers
    for (const auto& [node, count] : ConsumerCounts(*plan)) {
      std::vector<LogicalPtr> projections;
      const LogicalPtr over = count > 1 ? FindOver(std::make_shared<LogicalNode>(*node), &projections) : nullptr;
      if (over == nullptr) continue;
      for (const OverOp::Function& function : over->As<OverOp>()->functions) shared.insert(function.call.output);
    }
    RewriteBottomUp(plan, [&](const LogicalPtr& node) -> LogicalPtr {
      const auto* filter = node->As<FilterOp>();
      std::vector<LogicalPtr> projections;
      const LogicalPtr over = filter == nullptr ? nullptr : FindOver(node->inputs[0], &projections);
      if (over == nullptr || over->As<OverOp>()->functions.empty()) return node;
      if (shared.count(over->As<OverOp>()->functions[0].call.output) > 0) return node;
      return Recognize(node, *filter, projections, *over);
    });
  }
};

}  // namespace

std::unique_ptr<Rule> MakeTopN() { return std::make_unique<TopN>(); }

}  // namespace kappa
