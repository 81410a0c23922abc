#include "planner/rules/split_columns.h"

#include <utility>

namespace kappa {

void SplitColumns(const SplitParts& parts, LogicalNode* node) {
  if (auto* scan = std::get_if<ScanOp>(&node->op.op)) {
    std::vector<ScanOp::ScanColumn> columns;
    for (const auto& column : scan->columns) {
      const auto found = parts.find(column.column.id);
      if (found == parts.end())
        columns.push_back(column);
      else
        columns.insert(columns.end(), found->second.begin(), found->second.end());
    }
    scan->columns = std::move(columns);
  }
  std::vector<Column> output;
  for (const Column& column : node->op.output) {
    const auto found = parts.find(column.id);
    if (found == parts.end())
      output.push_back(column);
    else
      for (const auto& part : found->second) output.push_back(part.column);
  }
  node->op.output = std::move(output);
}

}  // namespace kappa
