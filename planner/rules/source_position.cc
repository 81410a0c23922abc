// Where SQL leaves the order of rows open (array_agg without ORDER BY) it is their source position: event time, partition, offset (design section 3).
// So it is for LIMIT without ORDER BY and for rows that ORDER BY finds equal: partition and offset, the order in which rows come anyway.
// A scan whose rows reach such an aggregate or sort carries them as columns:
//
//   Aggregate(array_agg(x)) <- Filter <- Watermark(ts) <- Scan(x, ts)
//   Aggregate(array_agg(x ORDER BY ts, p, o)) <- Filter <- Watermark(ts) <- Scan(x, ts, p, o)
//
// Every scan of the same source gets them, so that scans stay alike and are shared. Rows of anything else (an aggregate, a union, a table) have no
// position: the values themselves order them.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

struct Position {
  std::vector<Column> columns;  // in the order in which they order
};

bool PassesRows(const LogicalNode& node) {
  return node.As<FilterOp>() || node.As<ProjectOp>() || node.As<WatermarkOp>() || node.As<LateCheckOp>() || node.As<WindowOp>();
}

const ScanOp* ScanBelow(const LogicalNode& node) {
  if (const auto* scan = node.As<ScanOp>()) return scan->envelope == Envelope::kPlain ? scan : nullptr;
  return PassesRows(node) ? ScanBelow(*node.inputs[0]) : nullptr;
}

bool WantsPosition(const LogicalNode& node) {
  if (node.As<SortOp>() != nullptr) return true;
  const auto* aggregate = node.As<AggregateOp>();
  return aggregate != nullptr &&
         std::any_of(aggregate->aggregates.begin(), aggregate->aggregates.end(), [](const AggregateCall& call) { return call.by_position; });
}

// The last keys of a sort, among the rows that it keeps.
LogicalPtr SortByPosition(const LogicalNode& node, const Position& position) {
  auto copy = std::make_shared<LogicalNode>(node);
  auto& sort = std::get<SortOp>(copy->op.op);
  for (auto column = position.columns.end() - 2; column != position.columns.end(); ++column) {
    sort.keys.push_back({column->id, false, false});
    if (FindColumn(copy->op.output, column->id) == nullptr) copy->op.output.push_back(*column);
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

}  // namespace

void AddSourcePositions(LogicalPlan* plan, ProgramContext* program) {
  std::set<std::string> wanted;
  for (const LogicalPtr& node : TopologicalOrder(*plan)) {
    const ScanOp* scan = WantsPosition(*node) ? ScanBelow(*node->inputs[0]) : nullptr;
    if (scan != nullptr) wanted.insert(scan->source);
  }
  if (wanted.empty()) return;
  std::map<const LogicalNode*, Position> positions;
  RewriteBottomUp(plan, [&](const LogicalPtr& node) -> LogicalPtr {
    if (const auto* scan = node->As<ScanOp>(); scan != nullptr && scan->envelope == Envelope::kPlain && wanted.count(scan->source) != 0) {
      auto copy = std::make_shared<LogicalNode>(*node);
      Position position = AddTo(copy.get(), program);
      positions[copy.get()] = std::move(position);
      return copy;
    }
    const auto found = node->inputs.empty() ? positions.end() : positions.find(node->inputs[0].get());
    if (found == positions.end()) return node;
    if (PassesRows(*node)) {
      auto copy = std::make_shared<LogicalNode>(*node);
      Position position = found->second;
      if (const auto* watermark = node->As<WatermarkOp>()) {
        const Column* time = FindColumn(node->inputs[0]->output(), watermark->time);
        if (time != nullptr && FindColumn(position.columns, time->id) == nullptr) position.columns.insert(position.columns.begin(), *time);
      }
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
