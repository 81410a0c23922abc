// Where SQL leaves the order of rows open (array_agg without ORDER BY) it is their source position: event time, partition, offset (design section 3).
// So it is for rows that a window or a top-N finds equal in what it is ordered by. For LIMIT without ORDER BY of a SELECT, and for rows that its
// ORDER BY finds equal: partition and offset, the order in which rows come anyway. A scan whose rows reach such an operator carries them as columns:
//
//   Aggregate(array_agg(x)) <- Filter <- Watermark(ts) <- Scan(x, ts)
//   Aggregate(array_agg(x ORDER BY ts, p, o)) <- Filter <- Watermark(ts) <- Scan(x, ts, p, o)
//
// Every scan of the same source gets them, so that scans stay alike and are shared. Of a UNION ALL the branch comes between time and partition. The
// rows that a function in FROM answers have its row's position and their own number; over one row of constants the number alone. Rows of anything
// else (an aggregate, a table) have no position: the values themselves order them.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

struct Position {
  std::vector<Column> columns;  // in the order in which they order
  size_t times = 0;             // of them, from the first on, are event time
};

bool PassesRows(const LogicalNode& node) {
  return node.As<FilterOp>() || node.As<ProjectOp>() || node.As<WatermarkOp>() || node.As<LateCheckOp>() || node.As<WindowOp>() ||
         node.As<TableFunctionOp>() || node.As<TopNOp>() || node.As<OverOp>() || node.As<TemporalFilterOp>();
}

// The scans whose rows the node gives; false: it gives others too.
bool ScansBelow(const LogicalNode& node, std::set<std::string>* sources) {
  if (const auto* scan = node.As<ScanOp>()) {
    sources->insert(scan->source);
    return scan->envelope == Envelope::kPlain;
  }
  if (!PassesRows(node) && !node.As<UnionOp>()) return false;
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const LogicalPtr& input) { return ScansBelow(*input, sources); });
}

// Do all rows come of one row of constants, by way of functions?
bool ConstantBelow(const LogicalNode& node) {
  if (const auto* values = node.As<ValuesOp>()) return values->rows.size() == 1;
  return PassesRows(node) && ConstantBelow(*node.inputs[0]);
}

// Does what a function answers depend on which of the rows with one rank comes first?
bool ToldByTies(const OverOp::Function& function) {
  using Kind = OverOp::Kind;
  const OverOp::Frame& frame = function.frame;
  switch (function.kind) {
    case Kind::kRank:
    case Kind::kDenseRank:
    case Kind::kPercentRank:
    case Kind::kCumeDist:
      return false;
    case Kind::kAggregate:
      return frame.mode == OverOp::Mode::kRows || function.call.function->order_matters;
    default:
      return true;
  }
}

bool WantsPosition(const LogicalNode& node) {
  if (node.As<SortOp>() != nullptr) return true;
  if (const auto* top = node.As<TopNOp>()) return top->ties == TopNOp::Ties::kRowNumber;
  if (const auto* over = node.As<OverOp>()) return std::any_of(over->functions.begin(), over->functions.end(), ToldByTies);
  const auto* aggregate = node.As<AggregateOp>();
  return aggregate != nullptr &&
         std::any_of(aggregate->aggregates.begin(), aggregate->aggregates.end(), [](const AggregateCall& call) { return call.by_position; });
}

// The last keys of a window or a top-N: all of the position.
void BreakTies(const Position& position, std::vector<SortOp::Key>* order) {
  for (const Column& column : position.columns) {
    const bool there = std::any_of(order->begin(), order->end(), [&](const SortOp::Key& key) { return key.column == column.id; });
    if (!there) order->push_back({column.id, false, false});
  }
}

// The last keys of a sort, among the rows that it keeps.
LogicalPtr SortByPosition(const LogicalNode& node, const Position& position) {
  auto copy = std::make_shared<LogicalNode>(node);
  auto& sort = std::get<SortOp>(copy->op.op);
  for (size_t i = position.times; i < position.columns.size(); ++i) {
    const Column& column = position.columns[i];
    sort.keys.push_back({column.id, false, false});
    if (FindColumn(copy->op.output, column.id) == nullptr) copy->op.output.push_back(column);
  }
  return copy;
}

// The columns that were there already, or new ones.
Position AddTo(LogicalNode* node, ProgramContext* program) {
  auto& scan = std::get<ScanOp>(node->op.op);
  Position position;
  for (const auto& [metadata, name, type] :
       {std::tuple{Metadata::kPartition, "source_partition", TypeId::kInt4}, std::tuple{Metadata::kOffset, "source_offset", TypeId::kInt8}}) {
    ScanOp::ScanColumn column;
    column.column = program->NewColumn(name, type, false);
    column.metadata = metadata;
    position.columns.push_back(column.column);
    node->op.output.push_back(column.column);
    scan.columns.push_back(std::move(column));
  }
  return position;
}

// The union with its inputs' positions side by side: time where all have one, branch, partition, offset. nullptr: they do not fit together.
LogicalPtr UnitePositions(const LogicalPtr& node, const std::vector<Position>& inputs, ProgramContext* program, Position* united) {
  const size_t width = inputs[0].columns.size(), place = inputs[0].times;  // of the branch
  united->times = place;
  for (const Position& input : inputs) {
    if (input.columns.size() != width || input.times != place) return nullptr;
    for (size_t i = 0; i < width; ++i)
      if (!input.columns[i].type.SameId(inputs[0].columns[i].type)) return nullptr;
  }
  PlanOperator op = node->op;
  auto& all = std::get<UnionOp>(op.op);
  std::vector<LogicalPtr> branches;
  for (size_t branch = 0; branch < inputs.size(); ++branch) {
    const Column ordinal = program->NewColumn("source_branch", TypeId::kInt4, false);
    std::vector<Column> output = node->inputs[branch]->output();
    output.push_back(ordinal);
    branches.push_back(MakeNode(ProjectOp{{{ordinal, MakeConstant(Datum::Int(static_cast<int64_t>(branch)), TypeId::kInt4)}}}, {node->inputs[branch]},
                                std::move(output), op.query, op.on_error));
    std::vector<Column> columns = inputs[branch].columns;
    columns.insert(columns.begin() + static_cast<std::ptrdiff_t>(place), ordinal);
    for (size_t i = 0; i < columns.size(); ++i) {
      all.inputs[branch].push_back(columns[i].id);
      if (branch == 0) united->columns.push_back(program->NewColumn(columns[i].name, columns[i].type, columns[i].nullable));
      united->columns[i].nullable |= columns[i].nullable;
    }
  }
  std::vector<Column> output = op.output;
  output.insert(output.end(), united->columns.begin(), united->columns.end());
  return MakeNode(std::move(all), std::move(branches), std::move(output), op.query, op.on_error);
}

}  // namespace

void AddSourcePositions(LogicalPlan* plan, ProgramContext* program) {
  std::set<std::string> wanted;
  bool constant = false;
  for (const LogicalPtr& node : TopologicalOrder(*plan)) {
    std::set<std::string> sources;
    if (!WantsPosition(*node)) continue;
    if (ScansBelow(*node->inputs[0], &sources)) wanted.insert(sources.begin(), sources.end());
    constant |= ConstantBelow(*node->inputs[0]);
  }
  if (wanted.empty() && !constant) return;
  std::map<const LogicalNode*, Position> positions;
  RewriteBottomUp(plan, [&](const LogicalPtr& node) -> LogicalPtr {
    if (const auto* scan = node->As<ScanOp>(); scan != nullptr && scan->envelope == Envelope::kPlain && wanted.count(scan->source) != 0) {
      auto copy = std::make_shared<LogicalNode>(*node);
      Position position = AddTo(copy.get(), program);
      positions[copy.get()] = std::move(position);
      return copy;
    }
    if (const auto* values = node->As<ValuesOp>(); constant && values != nullptr && values->rows.size() == 1) {
      positions[node.get()] = Position();
      return node;
    }
    if (node->As<UnionOp>() != nullptr) {
      std::vector<Position> inputs;
      for (const LogicalPtr& input : node->inputs) {
        if (const auto known = positions.find(input.get()); known != positions.end()) inputs.push_back(known->second);
      }
      if (inputs.size() != node->inputs.size()) return node;
      Position united;
      const LogicalPtr with = UnitePositions(node, inputs, program, &united);
      if (with != nullptr) positions[with.get()] = std::move(united);
      return with != nullptr ? with : node;
    }
    const auto found = node->inputs.empty() ? positions.end() : positions.find(node->inputs[0].get());
    if (found == positions.end()) return node;
    if (PassesRows(*node)) {
      auto copy = std::make_shared<LogicalNode>(*node);
      Position position = found->second;
      if (const auto* watermark = node->As<WatermarkOp>()) {
        const Column* time = FindColumn(node->inputs[0]->output(), watermark->time);
        if (time != nullptr && FindColumn(position.columns, time->id) == nullptr) {
          position.columns.insert(position.columns.begin(), *time);
          ++position.times;
        }
      }
      if (auto* table = std::get_if<TableFunctionOp>(&copy->op.op)) {
        if (table->ordinality.id == kNoColumn) table->ordinality = program->NewColumn("ordinality", TypeId::kInt8, table->outer);
        position.columns.push_back(table->ordinality);
      }
      if (auto* top = std::get_if<TopNOp>(&copy->op.op); top != nullptr && WantsPosition(*node)) BreakTies(position, &top->order);
      if (auto* over = std::get_if<OverOp>(&copy->op.op); over != nullptr && WantsPosition(*node)) BreakTies(position, &over->order);
      for (const Column& column : position.columns) {
        if (FindColumn(copy->op.output, column.id) == nullptr) copy->op.output.push_back(column);
      }
      positions[copy.get()] = std::move(position);
      return copy;
    }
    if (node->As<SortOp>() != nullptr) return SortByPosition(*node, found->second);
    if (node->As<AggregateOp>() == nullptr) return node;
    auto copy = std::make_shared<LogicalNode>(*node);
    for (AggregateCall& call : std::get<AggregateOp>(copy->op.op).aggregates) {
      if (!call.by_position) continue;
      for (const Column& column : found->second.columns) call.order.push_back({MakeColumn(column), false, false});
    }
    return copy;
  });
}

}  // namespace kappa
