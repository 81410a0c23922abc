// outer_join: an outer join whose absent rows a condition above takes away is an inner one.
//
//   Filter(b.x > 1) <- LeftJoin(a, b)    ->    Filter(b.x > 1) <- Join(a, b)
//
// The condition, a key or a condition of a join above is not true where the column is NULL. Stops at nodes that others read too. Keeps: schema, keys.
#include <algorithm>

#include "planner/logical/join.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

using Columns = std::set<ColumnId>;

Columns Intersect(const Columns& a, const Columns& b) {
  Columns out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

// The columns that make the value NULL when one of them is.
Columns StrictIn(const Expr& expr) {
  Columns out;
  const auto any = [&] {
    for (const ExprPtr& arg : expr.args) out.merge(StrictIn(*arg));
  };
  switch (expr.kind) {
    case ExprKind::kColumn:
      return {expr.column};
    case ExprKind::kCall:
      if (expr.function->strict) any();
      return out;
    case ExprKind::kField:
    case ExprKind::kNot:
      any();
      return out;
    case ExprKind::kIn:
      return StrictIn(*expr.args[0]);
    case ExprKind::kAnd:
    case ExprKind::kOr:
      out = StrictIn(*expr.args[0]);
      for (const ExprPtr& arg : expr.args) out = Intersect(out, StrictIn(*arg));
      return out;
    default:
      return out;
  }
}

// The columns that keep the condition from being true when one of them is NULL.
Columns Rejects(const Expr& condition) {
  Columns out;
  switch (condition.kind) {
    case ExprKind::kAnd:
      for (const ExprPtr& arg : condition.args) out.merge(Rejects(*arg));
      return out;
    case ExprKind::kOr:
      out = Rejects(*condition.args[0]);
      for (const ExprPtr& arg : condition.args) out = Intersect(out, Rejects(*arg));
      return out;
    case ExprKind::kNot:
      return condition.args[0]->kind == ExprKind::kIsNull ? StrictIn(*condition.args[0]->args[0]) : StrictIn(condition);
    case ExprKind::kCoalesce:  // x IS TRUE
      return condition.args.size() == 2 && IsFalse(*condition.args[1]) ? Rejects(*condition.args[0]) : out;
    default:
      return StrictIn(condition);
  }
}

class Simplifier {
 public:
  explicit Simplifier(const LogicalPlan& plan) : consumers_(ConsumerCounts(plan)) {}

  // `rejected`: a row with a NULL in one of them comes to nothing above.
  LogicalPtr Rewrite(const LogicalPtr& node, Columns rejected) {
    if (consumers_[node.get()] > 1) rejected.clear();
    if (const auto found = done_.find(node.get()); found != done_.end()) return found->second;
    LogicalPtr result = node->As<JoinOp>() != nullptr ? RewriteJoin(node, std::move(rejected)) : RewriteInputs(node, rejected);
    return done_[node.get()] = result;
  }

 private:
  static bool Any(const LogicalNode& side, const Columns& rejected) {
    return std::any_of(side.output().begin(), side.output().end(), [&](const Column& column) { return rejected.count(column.id) > 0; });
  }

  LogicalPtr RewriteJoin(const LogicalPtr& node, Columns rejected) {
    using K = JoinOp::Kind;
    JoinOp join = *node->As<JoinOp>();
    std::vector<LogicalPtr> inputs = node->inputs;
    const bool left = Any(*inputs[0], rejected), right = Any(*inputs[1], rejected);
    const bool plain = !join.lookup && !join.emit_on_close;
    const K before = join.kind;
    if (plain && join.kind == K::kLeft && right) join.kind = K::kInner;
    if (plain && join.kind == K::kFull && left && right) {
      join.kind = K::kInner;
    } else if (plain && join.kind == K::kFull && left) {
      join.kind = K::kLeft;
    } else if (plain && join.kind == K::kFull && right && !join.left_expiry) {  // RIGHT: the sides change places
      join.kind = K::kLeft;
      std::swap(inputs[0], inputs[1]);
      for (JoinOp::Key& key : join.keys) std::swap(key.left, key.right);
    }
    Columns matching = join.condition != nullptr ? Rejects(*join.condition) : Columns();
    for (const JoinOp::Key& key : join.keys) {
      if (!key.null_safe) matching.insert({key.left, key.right});
    }
    Columns of_left = rejected, of_right = rejected;
    if (join.kind == K::kInner || join.kind == K::kSemi) of_left.insert(matching.begin(), matching.end());
    if (join.kind == K::kFull) {
      of_left.clear();
      of_right.clear();
    } else {
      of_right.insert(matching.begin(), matching.end());
    }
    inputs = {Rewrite(inputs[0], std::move(of_left)), Rewrite(inputs[1], std::move(of_right))};
    if (join.kind == before && inputs == node->inputs) return node;
    auto copy = std::make_shared<LogicalNode>(*node);
    copy->op.op = std::move(join);
    return WithInputs(*copy, std::move(inputs));
  }

  LogicalPtr RewriteInputs(const LogicalPtr& node, const Columns& rejected) {
    std::vector<LogicalPtr> inputs;
    for (size_t i = 0; i < node->inputs.size(); ++i) inputs.push_back(Rewrite(node->inputs[i], Below(*node, i, rejected)));
    return inputs == node->inputs ? node : WithInputs(*node, std::move(inputs));
  }

  static Columns Below(const LogicalNode& node, size_t input, Columns rejected) {
    if (const auto* filter = node.As<FilterOp>()) {
      rejected.merge(Rejects(*filter->predicate));
      return rejected;
    }
    if (const auto* project = node.As<ProjectOp>()) {
      for (const auto& [column, expr] : project->columns)
        if (rejected.erase(column.id) > 0) rejected.merge(StrictIn(*expr));
      return rejected;
    }
    if (node.As<LateCheckOp>() || node.As<WindowOp>() || node.As<TemporalFilterOp>() || node.As<TableFunctionOp>()) return rejected;
    if (const auto* sort = node.As<SortOp>()) return sort->limit || sort->offset ? Columns() : rejected;
    Columns out;
    const auto keep = [&](ColumnId id) {
      if (rejected.count(id) > 0) out.insert(id);
    };
    if (const auto* aggregate = node.As<AggregateOp>(); aggregate != nullptr && !aggregate->rows) {
      for (const Column& key : aggregate->keys) keep(key.id);
    }
    if (const auto* top = node.As<TopNOp>())
      for (ColumnId id : top->partition) keep(id);
    if (const auto* over = node.As<OverOp>())
      for (ColumnId id : over->partition) keep(id);
    const auto* u = node.As<UnionOp>();
    const auto* set = IsRecursive(node.op) ? nullptr : node.As<SetOperationOp>();
    if (u != nullptr || set != nullptr) {
      const auto& columns = u != nullptr ? u->inputs[input] : set->inputs[input];
      for (size_t c = 0; c < columns.size(); ++c)
        if (rejected.count(node.output()[c].id) > 0) out.insert(columns[c]);
    }
    return out;
  }

  std::map<const LogicalNode*, int> consumers_;
  std::map<const LogicalNode*, LogicalPtr> done_;
};

class OuterJoin final : public Rule {
 public:
  std::string_view name() const override { return "outer_join"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    Simplifier simplifier(*plan);
    for (LogicalPtr& root : plan->roots) root = simplifier.Rewrite(root, {});
  }
};

}  // namespace

std::unique_ptr<Rule> MakeOuterJoin() { return std::make_unique<OuterJoin>(); }

}  // namespace kappa
