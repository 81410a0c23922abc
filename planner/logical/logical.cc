#include "planner/logical/logical.h"

#include <algorithm>

#include "planner/dataflow/equal_forms.h"

namespace kappa {
namespace {

bool AllAppendOnly(const std::vector<LogicalPtr>& inputs) {
  return std::all_of(inputs.begin(), inputs.end(), [](const LogicalPtr& input) { return input->op.append_only; });
}

// A bound of a window whose groups are given once, when it closes: all rows with one value of it come in one epoch.
bool OfClosedWindow(const LogicalNode& node, ColumnId id) {
  if (const auto* aggregate = node.As<AggregateOp>()) {
    if (!aggregate->emit_on_close || !aggregate->window) return false;
    return id == aggregate->window->end || (id == aggregate->window->start && aggregate->window->kind == WindowSpec::Kind::kHop);
  }
  if (const auto* project = node.As<ProjectOp>()) {
    for (const auto& [column, expr] : project->columns) {
      if (column.id != id) continue;
      const bool shifted = expr->kind == ExprKind::kCall && (expr->function->name == "-" || expr->function->name == "+") && expr->args.size() == 2 &&
                           expr->args[0]->kind == ExprKind::kColumn && expr->args[1]->kind == ExprKind::kConstant;  // window_time
      const Expr& of = shifted ? *expr->args[0] : *expr;
      return of.kind == ExprKind::kColumn && OfClosedWindow(*node.inputs[0], of.column);
    }
  }
  if (node.As<ProjectOp>() || node.As<FilterOp>() || node.As<TopNOp>() || node.As<OverOp>()) return OfClosedWindow(*node.inputs[0], id);
  return false;
}

// What ranks the rows of a closed window gives its answer once.
bool RanksClosedWindows(const LogicalNode& node) {
  const auto* top = node.As<TopNOp>();
  const auto* over = node.As<OverOp>();
  if (top == nullptr && over == nullptr) return false;
  const std::vector<ColumnId>& partition = top != nullptr ? top->partition : over->partition;
  return std::any_of(partition.begin(), partition.end(), [&](ColumnId id) { return OfClosedWindow(*node.inputs[0], id); });
}

void InferProperties(LogicalNode* node) {
  const bool inputs = AllAppendOnly(node->inputs);
  if (auto* aggregate = std::get_if<AggregateOp>(&node->op.op)) aggregate->input_append_only = inputs;
  node->op.append_only = InfersAppendOnly(node->op, inputs) || (inputs && RanksClosedWindows(*node));
}

}  // namespace

bool InfersAppendOnly(const PlanOperator& op, bool inputs_append_only) {
  if (const auto* aggregate = op.As<AggregateOp>()) return aggregate->emit_on_close;
  if (const auto* scan = op.As<ScanOp>()) return scan->envelope != Envelope::kDebezium || scan->keyed;
  if (op.As<SortOp>() || op.As<GapFillOp>()) return true;  // give their contents once, at the end
  if (const auto* join = op.As<JoinOp>()) {
    if (join->lookup) return true;
    if (join->closest) return false;
    const bool waits = join->kind == JoinOp::Kind::kLeft || join->kind == JoinOp::Kind::kFull || join->kind == JoinOp::Kind::kAnti;
    return inputs_append_only && (join->kind == JoinOp::Kind::kInner || join->kind == JoinOp::Kind::kSemi || (waits && join->emit_on_close));
  }
  if (const auto* set = op.As<SetOperationOp>())  // which of several forms of a row is shown may change
    return inputs_append_only && set->kind == SetOperationOp::Kind::kIntersect && !HasEqualForms(op.output);
  if (op.As<TopNOp>() || op.As<OverOp>() || op.As<TemporalFilterOp>() || op.As<RecursionOp>()) return false;
  return inputs_append_only;
}

LogicalPtr MakeNode(OperatorVariant op, std::vector<LogicalPtr> inputs, std::vector<Column> output, const std::string& query,
                    const ErrorPolicy& on_error) {
  auto node = std::make_shared<LogicalNode>();
  node->op.op = std::move(op);
  node->op.output = std::move(output);
  node->op.query = query;
  node->op.on_error = on_error;
  node->inputs = std::move(inputs);
  InferProperties(node.get());
  return node;
}

LogicalPtr WithInputs(const LogicalNode& node, std::vector<LogicalPtr> inputs) {
  auto copy = std::make_shared<LogicalNode>(node);
  copy->inputs = std::move(inputs);
  InferProperties(copy.get());
  return copy;
}

void RewriteBottomUp(LogicalPlan* plan, const std::function<LogicalPtr(const LogicalPtr&)>& fn) {
  std::map<const LogicalNode*, LogicalPtr> done;
  for (const LogicalPtr& node : TopologicalOrder(*plan)) {
    std::vector<LogicalPtr> inputs;
    for (const LogicalPtr& input : node->inputs) inputs.push_back(done.at(input.get()));
    done[node.get()] = fn(inputs == node->inputs ? node : WithInputs(*node, std::move(inputs)));
  }
  for (LogicalPtr& root : plan->roots) root = done.at(root.get());
}

std::vector<LogicalPtr> TopologicalOrder(const LogicalPlan& plan) {
  std::vector<LogicalPtr> order;
  std::set<const LogicalNode*> seen;
  std::function<void(const LogicalPtr&)> visit = [&](const LogicalPtr& node) {
    if (!seen.insert(node.get()).second) return;
    for (const LogicalPtr& input : node->inputs) visit(input);
    order.push_back(node);
  };
  for (const LogicalPtr& root : plan.roots) visit(root);
  return order;
}

std::map<const LogicalNode*, int> ConsumerCounts(const LogicalPlan& plan) {
  std::map<const LogicalNode*, int> counts;
  for (const LogicalPtr& node : TopologicalOrder(plan)) {
    for (const LogicalPtr& input : node->inputs) ++counts[input.get()];
  }
  return counts;
}

const Column* FindColumn(const std::vector<Column>& columns, ColumnId id) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.id == id; });
  return found == columns.end() ? nullptr : &*found;
}

const WatermarkOp* FindWatermark(const LogicalNode& node, ColumnId time) {
  if (const auto* watermark = node.As<WatermarkOp>()) return watermark->time == time ? watermark : nullptr;
  if (const auto* u = node.As<UnionOp>()) {
    const WatermarkOp* found = nullptr;
    for (size_t c = 0; c < node.output().size(); ++c) {
      if (node.output()[c].id != time) continue;
      for (size_t i = 0; i < u->inputs.size(); ++i) {
        found = FindWatermark(*node.inputs[i], u->inputs[i][c]);
        if (found == nullptr) return nullptr;
      }
    }
    return found;
  }
  if (const auto* project = node.As<ProjectOp>()) {
    for (const auto& [column, expr] : project->columns) {
      if (column.id == time) return expr->kind == ExprKind::kColumn ? FindWatermark(*node.inputs[0], expr->column) : nullptr;
    }
    return FindWatermark(*node.inputs[0], time);
  }
  if (node.As<FilterOp>() || node.As<WindowOp>() || node.As<LateCheckOp>() || node.As<TableFunctionOp>()) return FindWatermark(*node.inputs[0], time);
  return nullptr;
}

namespace {

bool Covers(const std::vector<JoinOp::Key>& keys, ColumnId JoinOp::Key::* side, const std::vector<ColumnId>& unique) {
  return !unique.empty() && std::all_of(unique.begin(), unique.end(), [&](ColumnId id) {
    return std::any_of(keys.begin(), keys.end(), [&](const JoinOp::Key& key) { return key.*side == id; });
  });
}

// None when one of them is not given: where both sides of a join are of one shared input, the other side may have a column of that id.
std::vector<ColumnId> GivenUnique(const LogicalNode& side) {
  std::vector<ColumnId> unique = UniqueColumns(side);
  const bool given = std::all_of(unique.begin(), unique.end(), [&](ColumnId id) { return FindColumn(side.output(), id) != nullptr; });
  return given ? unique : std::vector<ColumnId>();
}

// A pair of rows is told apart by both of their keys; by one of them where it meets at most one of the other.
std::vector<ColumnId> UniqueOfJoin(const LogicalNode& node, const JoinOp& join) {
  using Kind = JoinOp::Kind;
  std::vector<ColumnId> left = GivenUnique(*node.inputs[0]);
  if (join.kind == Kind::kSemi || join.kind == Kind::kAnti || join.kind == Kind::kSingle || join.closest) return left;
  const std::vector<ColumnId> right = GivenUnique(*node.inputs[1]);
  if (join.kind != Kind::kFull && Covers(join.keys, &JoinOp::Key::right, right)) return left;
  if (join.kind == Kind::kInner && Covers(join.keys, &JoinOp::Key::left, left)) return right;
  if (left.empty() || right.empty()) return {};
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Those of the input, by the names they have above.
std::vector<ColumnId> UniqueOfProject(const LogicalNode& node, const ProjectOp& project) {
  std::vector<ColumnId> unique = UniqueColumns(*node.inputs[0]);
  for (ColumnId& id : unique) {
    if (FindColumn(node.output(), id) != nullptr) continue;
    const auto renamed = std::find_if(project.columns.begin(), project.columns.end(), [&](const auto& computed) {
      return computed.second->kind == ExprKind::kColumn && computed.second->column == id && FindColumn(node.output(), computed.first.id) != nullptr;
    });
    if (renamed != project.columns.end()) id = renamed->first.id;
  }
  return unique;
}

}  // namespace

std::vector<ColumnId> UniqueColumns(const LogicalNode& node) {
  if (const auto* aggregate = node.As<AggregateOp>(); aggregate != nullptr && !aggregate->rows) {
    // Either bound of a session tells those of its partition apart.
    const bool session = aggregate->fused_window && aggregate->window->kind == WindowSpec::Kind::kSession;
    const bool one =
        session && (FindColumn(node.output(), aggregate->window->start) != nullptr) != (FindColumn(node.output(), aggregate->window->end) != nullptr);
    std::vector<ColumnId> ids;
    for (const Column& key : aggregate->keys) {
      const bool bound = session && (key.id == aggregate->window->start || key.id == aggregate->window->end);
      if (!(one && bound && FindColumn(node.output(), key.id) == nullptr)) ids.push_back(key.id);
    }
    return ids;
  }
  if (const auto* scan = node.As<ScanOp>()) return scan->unique;
  if (const auto* scan = node.As<ViewScanOp>()) return scan->unique;
  if (const auto* top = node.As<TopNOp>(); top != nullptr && top->limit == 1 && !top->partition.empty() && top->ties == TopNOp::Ties::kRowNumber)
    return top->partition;
  if (const auto* join = node.As<JoinOp>()) return UniqueOfJoin(node, *join);
  if (const auto* project = node.As<ProjectOp>()) return UniqueOfProject(node, *project);
  if (const auto* set = node.As<SetOperationOp>(); set != nullptr && !set->all) {
    std::vector<ColumnId> all;
    for (const Column& column : node.output()) all.push_back(column.id);
    return all;
  }
  if (node.As<FilterOp>() || node.As<SortOp>() || node.As<LateCheckOp>() || node.As<WatermarkOp>() || node.As<TopNOp>() || node.As<OverOp>() ||
      node.As<TemporalFilterOp>())
    return UniqueColumns(*node.inputs[0]);
  return {};
}

namespace {

const LogicalNode* FindRecursion(const LogicalPtr& node, int32_t loop) {
  if (const auto* recursion = node->As<RecursionOp>()) return recursion->loop == loop ? node.get() : nullptr;
  for (const LogicalPtr& input : node->inputs) {
    if (const LogicalNode* found = FindRecursion(input, loop)) return found;
  }
  return nullptr;
}

class Lowering {
 public:
  Dataflow Run(const LogicalPlan& plan) && {
    dataflow_.parameters = plan.parameters;
    const std::vector<LogicalPtr> order = TopologicalOrder(plan);
    for (const LogicalPtr& node : order) {
      if (!IsRecursive(node->op)) continue;
      if (const LogicalNode* leaf = FindRecursion(node->inputs[1], node->As<SetOperationOp>()->loop)) recursions_[leaf] = node.get();
    }
    for (const LogicalPtr& node : order) Add(*node);
    return std::move(dataflow_);
  }

 private:
  void Add(const LogicalNode& node) {
    if (node.As<RecursionOp>() != nullptr) return AddRecursion(node, *recursions_.at(&node));
    if (const auto before = ids_.find(&node); before != ids_.end()) {  // the recursion of what stands above it in the list
      for (PlanOperator& op : dataflow_.operators)
        if (op.id == before->second) op.inputs.push_back(ids_.at(node.inputs[1].get()));
      return;
    }
    std::vector<OperatorId> inputs;
    for (const LogicalPtr& input : node.inputs) inputs.push_back(ids_.at(input.get()));
    Push(&node, node.op, std::move(inputs));
  }

  // The recursion stands before its term, whose rows come back to it; the term reads it by names of its own.
  void AddRecursion(const LogicalNode& leaf, const LogicalNode& recursion) {
    Push(&recursion, recursion.op, {ids_.at(recursion.inputs[0].get())});
    PlanOperator renamed = leaf.op;
    ProjectOp project;
    for (size_t i = 0; i < leaf.output().size(); ++i) project.columns.emplace_back(leaf.output()[i], MakeColumn(recursion.output()[i]));
    renamed.op = std::move(project);
    Push(&leaf, std::move(renamed), {ids_.at(&recursion)});
  }

  void Push(const LogicalNode* node, PlanOperator op, std::vector<OperatorId> inputs) {
    op.id = static_cast<OperatorId>(dataflow_.operators.size() + 1);
    op.inputs = std::move(inputs);
    ids_[node] = op.id;
    dataflow_.operators.push_back(std::move(op));
  }

  Dataflow dataflow_;
  std::map<const LogicalNode*, OperatorId> ids_;
  std::map<const LogicalNode*, const LogicalNode*> recursions_;  // by the leaf that stands for its rows
};

}  // namespace

Dataflow Lower(const LogicalPlan& plan) { return Lowering().Run(plan); }

}  // namespace kappa
