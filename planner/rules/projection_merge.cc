// projection_merge: projections that only rename go, those that stand on one another become one, and what an aggregate reads once is computed in the
// aggregate.
//
//   Project(b = a)                       ->    a for b, everywhere above
//   Project(c = b + 1) <- Project(b = f(a))    ->    Project(c = f(a) + 1)
//   Aggregate(sum(b)) <- Project(b = f(a))     ->    Aggregate(sum(f(a)))
//   Project(c = 1) <- Values             ->    Values
//
// Nothing is computed twice by it unless that is free. Keeps: schema, keys.
#include <algorithm>

#include "planner/rules/renaming.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

void CountColumns(const Expr& expr, std::map<ColumnId, int>* counts) {
  if (expr.kind == ExprKind::kColumn) ++(*counts)[expr.column];
  for (const ExprPtr& arg : expr.args) CountColumns(*arg, counts);
}

void Deduplicate(std::vector<Column>* columns) {
  std::set<ColumnId> seen;
  std::erase_if(*columns, [&](const Column& column) { return !seen.insert(column.id).second; });
}

// Project(b = a): b is called a from here on.
void RemoveAliases(LogicalPlan* plan, ProgramContext* program) {
  RewriteRenaming(plan, program, [&](const LogicalPtr& given, ColumnNames* names) -> LogicalPtr {
    const auto* written = given->As<ProjectOp>();
    const bool alias = written != nullptr && std::any_of(written->columns.begin(), written->columns.end(),
                                                         [](const auto& c) { return c.second->kind == ExprKind::kColumn; });
    if (names->empty() && !alias) return given;
    auto node = std::make_shared<LogicalNode>(*given);
    if (auto* project = std::get_if<ProjectOp>(&node->op.op)) {
      std::erase_if(project->columns, [&](const auto& computed) {
        const auto& [column, expr] = computed;
        if (expr->kind != ExprKind::kColumn) return false;
        (*names)[column.id] = expr->column;
        for (Column& out : node->op.output)
          if (out.id == column.id) out.id = expr->column;
        return true;
      });
    }
    if (auto* aggregate = std::get_if<AggregateOp>(&node->op.op)) Deduplicate(&aggregate->keys);
    const bool root = node->As<SinkOp>() || node->As<MaterializeOp>() || node->As<ResultOp>();
    if (!root && !node->As<UnionOp>() && !node->As<SetOperationOp>()) Deduplicate(&node->op.output);
    return node;
  });
}

std::map<ColumnId, ExprPtr> Definitions(const ProjectOp& project) {
  std::map<ColumnId, ExprPtr> out;
  for (const auto& [column, expr] : project.columns) out[column.id] = expr;
  return out;
}

LogicalPtr MergeProjects(const LogicalPtr& node, const ProjectOp& upper, const ProjectOp& lower) {
  std::map<ColumnId, int> uses;
  for (const auto& [column, expr] : upper.columns) CountColumns(*expr, &uses);
  std::vector<std::pair<Column, ExprPtr>> columns;
  for (const auto& [column, expr] : lower.columns) {
    const bool passes = FindColumn(node->output(), column.id) != nullptr;
    if (!IsTrivial(*expr) && uses[column.id] + (passes ? 1 : 0) > 1) return node;
    if (passes) columns.emplace_back(column, expr);
  }
  const auto definitions = Definitions(lower);
  for (const auto& [column, expr] : upper.columns) columns.emplace_back(column, ReplaceColumns(expr, definitions));
  return MakeNode(ProjectOp{std::move(columns)}, {node->inputs[0]->inputs[0]}, node->output(), node->op.query, node->op.on_error);
}

LogicalPtr MergeIntoAggregate(const LogicalPtr& node, const ProjectOp& project) {
  auto copy = std::make_shared<LogicalNode>(*node);
  auto& aggregate = std::get<AggregateOp>(copy->op.op);
  std::map<ColumnId, int> uses;
  ForEachExpr(node->op, [&](const Expr& expr) { CountColumns(expr, &uses); });
  std::map<ColumnId, ExprPtr> inlined;
  std::vector<std::pair<Column, ExprPtr>> stay;
  for (const auto& computed : project.columns) {
    const ColumnId id = computed.first.id;
    const bool key = FindColumn(aggregate.keys, id) != nullptr || (aggregate.fused_window && aggregate.window->time == id);
    if (uses[id] > 0 && (IsTrivial(*computed.second) || (uses[id] == 1 && !key))) inlined[id] = computed.second;
    if (key || (uses[id] > 0 && !inlined.count(id))) stay.push_back(computed);
  }
  if (stay.size() == project.columns.size()) return node;
  ForEachExpr(&copy->op, [&](ExprPtr* expr) { *expr = ReplaceColumns(*expr, inlined); });
  LogicalPtr input = node->inputs[0]->inputs[0];
  if (!stay.empty()) {
    std::vector<Column> output = input->output();
    for (const auto& [column, expr] : stay) output.push_back(column);
    input = MakeNode(ProjectOp{std::move(stay)}, {input}, std::move(output), node->inputs[0]->op.query, node->inputs[0]->op.on_error);
  }
  copy->inputs = {input};
  return copy;
}

LogicalPtr MergeIntoValues(const LogicalPtr& node, const ProjectOp& project, const LogicalNode& values) {
  ValuesOp out;
  for (const auto& row : values.As<ValuesOp>()->rows) {
    std::map<ColumnId, ExprPtr> known;
    for (size_t i = 0; i < row.size(); ++i) known[values.output()[i].id] = row[i];
    std::vector<ExprPtr> exprs;
    for (const Column& column : node->output()) {
      ExprPtr expr;
      for (const auto& [made, definition] : project.columns)
        if (made.id == column.id) expr = ReplaceColumns(definition, known);
      exprs.push_back(expr != nullptr ? expr : known.at(column.id));
    }
    out.rows.push_back(std::move(exprs));
  }
  return MakeNode(std::move(out), {}, node->output(), node->op.query, node->op.on_error);
}

class ProjectionMerge final : public Rule {
 public:
  std::string_view name() const override { return "projection_merge"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override {
    RemoveAliases(plan, program);
    std::map<const LogicalNode*, int> consumers;
    for (const auto& [node, count] : ConsumerCounts(*plan)) consumers[node] = count;
    std::map<const LogicalNode*, bool> shared;  // of rewritten nodes
    std::vector<LogicalPtr> alive;              // so that an address means one node
    for (const auto& [node, count] : consumers)
      if (count > 1) shared[node] = true;
    std::map<const LogicalNode*, LogicalPtr> done;
    for (const LogicalPtr& original : TopologicalOrder(*plan)) {
      std::vector<LogicalPtr> inputs;
      for (const LogicalPtr& input : original->inputs) inputs.push_back(done.at(input.get()));
      if (original->As<JoinOp>() != nullptr) KeepApart(*original, &inputs);
      LogicalPtr node = inputs == original->inputs ? original : WithInputs(*original, std::move(inputs));
      node = Merge(node, shared);
      alive.push_back(node);
      if (consumers[original.get()] > 1) shared[node.get()] = true;
      done[original.get()] = node;
    }
    for (LogicalPtr& root : plan->roots) root = done.at(root.get());
  }

 private:
  static LogicalPtr Merge(const LogicalPtr& node, const std::map<const LogicalNode*, bool>& shared) {
    if (node->inputs.size() != 1) return node;
    const LogicalPtr& input = node->inputs[0];
    if (const auto* project = node->As<ProjectOp>()) {
      if (project->columns.empty()) return input;
      if (shared.count(input.get())) return node;
      if (input->As<ValuesOp>()) return MergeIntoValues(node, *project, *input);
      if (const auto* lower = input->As<ProjectOp>(); lower != nullptr && !input->of_source) return MergeProjects(node, *project, *lower);
      return node;
    }
    if (node->As<AggregateOp>() && input->As<ProjectOp>() && !input->of_source && !shared.count(input.get()))
      return MergeIntoAggregate(node, *input->As<ProjectOp>());
    return node;
  }
};

}  // namespace

std::unique_ptr<Rule> MakeProjectionMerge() { return std::make_unique<ProjectionMerge>(); }

}  // namespace kappa
