// shared_subplan: what is computed twice over the same rows, with state of its own each time, is computed once: a CTE or a view that is named twice,
// two statements that aggregate alike.
//
//   Join(Aggregate(k; count) <- s, Aggregate(k'; count) <- s)    ->    one Aggregate under both, renamed where they meet
//
// Nodes are compared by what they are, columns by where they come from. Operators without state are repeated: that costs less than handing rows from
// one to several. Comes after shared_scan and before columns are pruned. Keeps: schema, keys.
#include <algorithm>
#include <tuple>

#include "planner/rules/renaming.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

bool HasState(const LogicalNode& node) {
  return node.As<AggregateOp>() || node.As<JoinOp>() || node.As<TopNOp>() || node.As<OverOp>() || node.As<SetOperationOp>();
}

// The columns that the operator makes, in an order that does not depend on what they are called.
std::vector<ColumnId> MadeColumns(const LogicalNode& node) {
  std::vector<ColumnId> made;
  const auto add = [&](ColumnId id) {
    if (id != kNoColumn) made.push_back(id);
  };
  if (const auto* project = node.As<ProjectOp>())
    for (const auto& [column, expr] : project->columns) add(column.id);
  if (const auto* aggregate = node.As<AggregateOp>()) {
    for (const AggregateCall& call : aggregate->aggregates) add(call.output);
    if (aggregate->window) {
      add(aggregate->window->start);
      add(aggregate->window->end);
    }
  }
  if (const auto* over = node.As<OverOp>())
    for (const OverOp::Function& function : over->functions) add(function.call.output);
  if (const auto* top = node.As<TopNOp>()) add(top->rank.id);
  if (const auto* window = node.As<WindowOp>()) {
    add(window->window.start);
    add(window->window.end);
  }
  if (const auto* watermark = node.As<WatermarkOp>()) add(watermark->current);
  if (const auto* table = node.As<TableFunctionOp>()) {
    for (const Column& column : table->columns) add(column.id);
    add(table->ordinality.id);
  }
  if (node.As<UnionOp>() || node.As<SetOperationOp>() || node.As<ValuesOp>() || node.As<ViewScanOp>())
    for (const Column& column : node.output()) add(column.id);
  return made;
}

// A scan, and what reads nothing, is like itself alone: but for constants and stored rows.
bool IsLikeItselfAlone(const LogicalNode& node) {
  return (node.As<ScanOp>() != nullptr || node.inputs.empty()) && node.As<ValuesOp>() == nullptr && node.As<ViewScanOp>() == nullptr;
}

// How many nodes read nodes of the same kinds as this one, and are of its kind. Those of which there is one need not be compared.
using ShapeCounts = std::map<const LogicalNode*, size_t>;
ShapeCounts CountShapes(const std::vector<LogicalPtr>& order) {
  std::map<std::vector<uintptr_t>, size_t> shapes;
  std::map<const LogicalNode*, size_t> shape_of;
  std::vector<size_t> counts;
  for (const LogicalPtr& node : order) {
    std::vector<uintptr_t> shape{node->op.op.index(), IsLikeItselfAlone(*node) ? reinterpret_cast<uintptr_t>(node.get()) : 0};
    for (const LogicalPtr& input : node->inputs) shape.push_back(shape_of.at(input.get()));
    const auto [found, added] = shapes.emplace(std::move(shape), shapes.size());
    if (added) counts.push_back(0);
    shape_of[node.get()] = found->second;
    ++counts[found->second];
  }
  ShapeCounts result;
  for (const auto& [node, shape] : shape_of) result[node] = counts[shape];
  return result;
}

class Classes {
 public:
  Classes(const std::vector<LogicalPtr>& order, const ShapeCounts& shapes) {
    for (const LogicalPtr& node : order) Add(*node, shapes.at(node.get()) > 1);
  }
  int Of(const LogicalNode* node) const { return of_.at(node); }
  int Members(int one) const { return members_[static_cast<size_t>(one)]; }
  // Columns of nodes of one class that hold the same have one token; those of one node have different ones.
  int TokenOf(const LogicalNode* node, ColumnId id) const { return Find(tokens_.at(node), id); }

 private:
  using Tokens = std::map<ColumnId, int>;
  static int Find(const Tokens& tokens, ColumnId id) {
    const auto found = tokens.find(id);
    return found == tokens.end() ? -id : found->second;
  }

  // Of what the node reads. Where both sides of a join are alike, which side a column is of counts.
  Tokens InputTokens(const LogicalNode& node) {
    Tokens tokens;
    for (const LogicalPtr& input : node.inputs) {
      std::set<int> taken;
      for (const auto& [id, token] : tokens) taken.insert(token);
      for (auto [id, token] : tokens_.at(input.get())) {
        if (node.As<JoinOp>() != nullptr && taken.count(token) > 0) {
          const std::tuple side(of_.at(node.inputs[0].get()), of_.at(input.get()), token);
          token = side_tokens_.emplace(side, kToken + next_token_).first->second;
          ++next_token_;
        }
        tokens.emplace(id, token);
      }
    }
    return tokens;
  }

  void Add(const LogicalNode& node, bool compared) {
    PlanOperator op = node.op;
    const std::vector<ColumnId> made = MadeColumns(node);
    Tokens tokens = InputTokens(node);
    std::map<ColumnId, ColumnId> names;
    for (const Column& column : op.output) names[column.id] = Find(tokens, column.id);
    for (ColumnId id : ReadColumns(op)) names[id] = Find(tokens, id);
    if (const auto* aggregate = node.As<AggregateOp>())
      for (const Column& key : aggregate->keys) names[key.id] = Find(tokens, key.id);
    int place = kMade;
    for (ColumnId id : made)
      if (tokens.count(id) == 0) names[id] = place++;
    RenameColumns(&op, names);
    bool fails = false;
    ForEachExpr(op, [&](const Expr& expr) { fails |= IsFallible(expr); });
    std::string text = compared ? Text(node, std::move(op), fails) : "alone " + std::to_string(members_.size());
    const auto [found, added] = classes_.emplace(std::move(text), static_cast<int>(members_.size()));
    if (added) members_.push_back(0);
    of_[&node] = found->second;
    ++members_[static_cast<size_t>(found->second)];
    place = 0;
    for (ColumnId id : made) {
      if (tokens.count(id) > 0) continue;
      tokens[id] = made_tokens_.emplace(std::pair(found->second, place++), kToken + next_token_).first->second;
      ++next_token_;
    }
    Tokens& own = tokens_[&node];
    for (const Column& column : node.output()) own[column.id] = Find(tokens, column.id);
  }

  // What the node is and does, without names. Where it may fail, whose errors they are is part of it.
  std::string Text(const LogicalNode& node, PlanOperator op, bool fails) const {
    for (Column& column : op.output) column.name.clear();
    std::sort(op.output.begin(), op.output.end(), [](const Column& a, const Column& b) { return a.id < b.id; });
    if (auto* project = std::get_if<ProjectOp>(&op.op))
      for (auto& [column, expr] : project->columns) column.name.clear();
    if (auto* aggregate = std::get_if<AggregateOp>(&op.op)) {
      for (Column& key : aggregate->keys) key.name.clear();
      for (AggregateCall& call : aggregate->aggregates) call.name.clear();
    }
    if (auto* over = std::get_if<OverOp>(&op.op))
      for (OverOp::Function& function : over->functions) function.call.name.clear();
    if (!fails) {
      op.query.clear();
      op.on_error = ErrorPolicy();
    }
    std::string text;
    if (IsLikeItselfAlone(node)) text = "node " + std::to_string(reinterpret_cast<uintptr_t>(&node)) + " ";
    for (const LogicalPtr& input : node.inputs) text += std::to_string(of_.at(input.get())) + " ";
    if (node.of_source) text += "of source ";
    op.id = 0;
    Dataflow one;
    one.operators.push_back(std::move(op));
    return text + Serialize(one);
  }

  static constexpr int kMade = 1 << 28, kToken = 1 << 29;
  std::map<std::string, int> classes_;
  std::vector<int> members_;
  std::map<const LogicalNode*, int> of_;
  std::map<const LogicalNode*, Tokens> tokens_;  // of its output
  int next_token_ = 0;
  std::map<std::pair<int, int>, int> made_tokens_;        // by class and place
  std::map<std::tuple<int, int, int>, int> side_tokens_;  // of a join's second side: by the classes of both and the token there
};

class SharedSubplan final : public Rule {
 public:
  std::string_view name() const override { return "shared_subplan"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override {
    const std::vector<LogicalPtr> order = TopologicalOrder(*plan);
    const ShapeCounts shapes = CountShapes(order);
    if (std::none_of(order.begin(), order.end(), [&](const LogicalPtr& node) { return HasState(*node) && shapes.at(node.get()) > 1; })) return;
    const Classes classes(order, shapes);
    struct First {
      LogicalPtr node;              // as it is now
      const LogicalNode* original;  // as it was
    };
    std::map<int, First> first;
    size_t at = 0;  // RewriteRenaming visits in this order
    RewriteRenaming(plan, program, [&](const LogicalPtr& node, ColumnNames* names) -> LogicalPtr {
      const LogicalNode* original = order[at++].get();
      const int one = classes.Of(original);
      if (!HasState(*original) || classes.Members(one) < 2) return node;
      const auto [entry, added] = first.emplace(one, First{node, original});
      if (added) return node;
      // Its columns are those of the first, by what they hold.
      const LogicalNode& was = *entry->second.original;
      for (const Column& column : original->output()) {
        for (size_t i = 0; i < was.output().size(); ++i) {
          if (classes.TokenOf(&was, was.output()[i].id) != classes.TokenOf(original, column.id)) continue;
          const ColumnId now = entry->second.node->output()[i].id;
          if (now != column.id) (*names)[column.id] = now;
          break;
        }
      }
      return entry->second.node;
    });
  }
};

}  // namespace

std::unique_ptr<Rule> MakeSharedSubplan() { return std::make_unique<SharedSubplan>(); }

}  // namespace kappa
