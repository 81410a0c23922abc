// join_order: inner joins of three and more relations in an order that keeps what lies between small, and that joins nothing without a condition
// where it need not.
//
//   Join(Join(a, b), c; a.x = c.x AND b.y = c.y)    ->    Join(Join(a, c; a.x = c.x), b; c.y = b.y)
//
// The order of FROM stays unless another is guessed to give half as many rows between (planner/logical/cardinality.h). Not through nodes that others
// read too, nor through joins in time. Keeps: schema, keys.
#include <algorithm>
#include <optional>
#include <tuple>

#include "planner/logical/cardinality.h"
#include "planner/logical/join.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

constexpr double kWorthIt = 0.5;
constexpr size_t kMaxRelations = 40;
constexpr size_t kTryAllStarts = 10;  // from which on only the smallest relation comes first

bool IsPlainInner(const LogicalNode& node) {
  const auto* join = node.As<JoinOp>();
  return join != nullptr && join->kind == JoinOp::Kind::kInner && !join->closest && !join->lookup && !join->left_expiry && !join->emit_on_close;
}

struct Graph {
  std::vector<LogicalPtr> relations;  // in the order of FROM
  std::vector<ExprPtr> conditions;
};

class Orderer {
 public:
  Orderer(const LogicalPlan& plan, ProgramContext* program) : consumers_(ConsumerCounts(plan)), program_(program) {}

  LogicalPtr Rewrite(const LogicalPtr& node) {
    if (const auto found = done_.find(node.get()); found != done_.end()) return found->second;
    LogicalPtr result;
    if (IsPlainInner(*node)) {
      Graph graph;
      Flatten(node, true, {}, &graph);
      for (LogicalPtr& relation : graph.relations) relation = Rewrite(relation);
      if (graph.relations.size() >= 3 && graph.relations.size() <= kMaxRelations) result = Reordered(node, graph);
    }
    if (result == nullptr) {
      std::vector<LogicalPtr> inputs;
      for (const LogicalPtr& input : node->inputs) inputs.push_back(Rewrite(input));
      result = inputs == node->inputs ? node : WithInputs(*node, std::move(inputs));
    }
    return done_[node.get()] = result;
  }

 private:
  // The relations and conditions of a tree of inner joins. Keys that are computed beneath a join are written out.
  void Flatten(const LogicalPtr& node, bool top, std::map<ColumnId, ExprPtr> computed, Graph* graph) {
    const auto written_out = [&](const ExprPtr& expr) { return ReplaceColumns(expr, computed); };
    if ((!top && consumers_[node.get()] > 1) || !IsPlainInner(*node)) {
      graph->relations.push_back(node);
      return;
    }
    const auto& join = *node->As<JoinOp>();
    for (int side : {0, 1}) {
      LogicalPtr input = node->inputs[static_cast<size_t>(side)];
      // A projection that only computes keys of this join.
      if (const auto* project = input->As<ProjectOp>();
          project != nullptr && !input->of_source && consumers_[input.get()] <= 1 && OnlyKeys(*project, *node)) {
        for (const auto& [column, expr] : project->columns) computed[column.id] = expr;
        input = input->inputs[0];
      }
      Flatten(input, false, computed, graph);
    }
    for (const JoinOp::Key& key : join.keys) {
      const Column *left = FindColumn(node->inputs[0]->output(), key.left), *right = FindColumn(node->inputs[1]->output(), key.right);
      graph->conditions.push_back(ToCondition({written_out(MakeColumn(*left)), written_out(MakeColumn(*right)), key.null_safe}));
    }
    if (join.condition == nullptr) return;
    for (const ExprPtr& conjunct : Conjuncts(join.condition)) graph->conditions.push_back(written_out(conjunct));
  }

  static bool OnlyKeys(const ProjectOp& project, const LogicalNode& join) {
    return std::all_of(project.columns.begin(), project.columns.end(), [&](const auto& computed) {
      const ColumnId id = computed.first.id;
      bool read = false;  // by the condition
      if (join.As<JoinOp>()->condition != nullptr) {
        std::vector<ColumnId> columns;
        CollectColumns(*join.As<JoinOp>()->condition, &columns);
        read = std::find(columns.begin(), columns.end(), id) != columns.end();
      }
      return !read && FindColumn(join.output(), id) == nullptr;
    });
  }

  // A tree that is being built: the relations in it stand to the left of the one that comes next.
  struct Built {
    LogicalPtr plan;
    std::vector<ExprPtr> conditions;  // that no join has taken yet
    double cost = 0;                  // rows of all its joins
    double rows = 0;                  // of the last
    bool crosses = false;
  };

  Built Start(const LogicalPtr& relation, const Graph& graph) const { return {relation, graph.conditions, 0, EstimatedRows(*relation), false}; }

  Built With(const LogicalPtr& node, Built built, const LogicalPtr& next) const {
    std::vector<ExprPtr> now;
    std::erase_if(built.conditions, [&](const ExprPtr& condition) {
      std::vector<ColumnId> columns;
      CollectColumns(*condition, &columns);
      const bool fits = std::all_of(columns.begin(), columns.end(), [&](ColumnId id) {
        return FindColumn(built.plan->output(), id) != nullptr || FindColumn(next->output(), id) != nullptr;
      });
      if (fits) now.push_back(condition);
      return fits;
    });
    built.plan = MakeJoin(JoinOp(), built.plan, next, now, program_, node->op.query, node->op.on_error);
    built.crosses |= now.empty();
    built.rows = EstimatedRows(*built.plan);
    built.cost += built.rows;
    return built;
  }

  // Greedily from a relation on: always the one that gives fewest rows, with a condition where one has one; of equal ones the first in FROM.
  Built Greedy(const LogicalPtr& node, const Graph& graph, size_t start, std::vector<size_t>* order) const {
    Built built = Start(graph.relations[start], graph);
    *order = {start};
    while (order->size() < graph.relations.size()) {
      std::optional<Built> best;
      size_t chosen = 0;
      for (size_t next = 0; next < graph.relations.size(); ++next) {
        if (std::find(order->begin(), order->end(), next) != order->end()) continue;
        Built longer = With(node, built, graph.relations[next]);
        const bool crosses = longer.crosses && !built.crosses, worse = best && best->crosses && !built.crosses;
        if (best && !(worse && !crosses) && (crosses > worse || longer.rows >= best->rows)) continue;
        best = std::move(longer);
        chosen = next;
      }
      built = *std::move(best);
      order->push_back(chosen);
    }
    return built;
  }

  LogicalPtr Reordered(const LogicalPtr& node, const Graph& graph) const {
    Built before = Start(graph.relations[0], graph);
    for (size_t i = 1; i < graph.relations.size(); ++i) before = With(node, std::move(before), graph.relations[i]);
    std::vector<size_t> starts;
    for (size_t i = 0; i < graph.relations.size(); ++i) starts.push_back(i);
    if (starts.size() > kTryAllStarts) {
      const auto least = std::min_element(
          starts.begin(), starts.end(), [&](size_t a, size_t b) { return EstimatedRows(*graph.relations[a]) < EstimatedRows(*graph.relations[b]); });
      starts = {*least};
    }
    std::optional<Built> best;
    for (size_t start : starts) {
      std::vector<size_t> order;
      Built built = Greedy(node, graph, start, &order);
      if (!best || std::tie(built.crosses, built.cost) < std::tie(best->crosses, best->cost)) best = std::move(built);
    }
    const bool better = (before.crosses && !best->crosses) || (before.crosses == best->crosses && best->cost < before.cost * kWorthIt);
    if (!better) return nullptr;
    auto top = std::make_shared<LogicalNode>(*best->plan);
    top->op.output = node->output();
    return top;
  }

  std::map<const LogicalNode*, int> consumers_;
  ProgramContext* program_;
  std::map<const LogicalNode*, LogicalPtr> done_;
};

class JoinOrder final : public Rule {
 public:
  std::string_view name() const override { return "join_order"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override {
    Orderer orderer(*plan, program);
    for (LogicalPtr& root : plan->roots) root = orderer.Rewrite(root);
  }
};

}  // namespace

std::unique_ptr<Rule> MakeJoinOrder() { return std::make_unique<JoinOrder>(); }

}  // namespace kappa
