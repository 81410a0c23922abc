// shared_scan: statements of one program that read the same source over the same range read and decode it once; equal computed columns and watermarks
// are shared with it.
//
//   a: Watermark <- Scan(s)    b: Watermark <- Scan(s)    ->    a, b: Watermark <- Scan(s)
//
// Columns of the copies are renamed to the first one's, everywhere above. Keeps: schema, keys. Pruning comes after, so the scan ends with the union
// of what is read.
#include "planner/rules/renaming.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

std::string PositionKey(const LogicalNode& input) {  // nodes are compared by what they are now: one object once shared
  return std::to_string(reinterpret_cast<uintptr_t>(&input));
}

// Equal for nodes that do the same over the same inputs; empty for those never shared.
std::string Fingerprint(const LogicalNode& node) {
  if (!node.of_source) return "";
  if (const auto* scan = node.As<ScanOp>()) {
    ScanOp nameless = *scan;  // ids differ between copies: columns are compared by position, and all copies have all columns
    nameless.columns.clear();
    nameless.unique.clear();
    Dataflow one;
    one.operators.push_back({});
    one.operators[0].op = std::move(nameless);
    return "scan " + Serialize(one);
  }
  if (const auto* project = node.As<ProjectOp>()) {
    std::string text = "project " + PositionKey(*node.inputs[0]);
    for (const auto& [column, expr] : project->columns) text += "|" + column.name + "=" + ToString(*expr) + ":" + expr->type.ToString();
    return text;
  }
  if (const auto* w = node.As<WatermarkOp>())
    return "watermark " + PositionKey(*node.inputs[0]) + " " + std::to_string(w->time) + " " + std::to_string(w->candidate) +
           (w->current == kNoColumn ? "" : " current");
  return "";
}

std::vector<ColumnId> MadeColumns(const LogicalNode& node) {
  std::vector<ColumnId> ids;
  if (const auto* scan = node.As<ScanOp>())
    for (const auto& column : scan->columns) ids.push_back(column.column.id);
  if (const auto* project = node.As<ProjectOp>())
    for (const auto& [column, expr] : project->columns) ids.push_back(column.id);
  if (const auto* watermark = node.As<WatermarkOp>(); watermark != nullptr && watermark->current != kNoColumn) ids.push_back(watermark->current);
  return ids;
}

class SharedScan final : public Rule {
 public:
  std::string_view name() const override { return "shared_scan"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override {
    std::map<std::string, LogicalPtr> first;
    RewriteRenaming(plan, program, [&](const LogicalPtr& node, ColumnNames* names) -> LogicalPtr {
      const std::string fingerprint = Fingerprint(*node);
      if (fingerprint.empty()) return node;
      const auto [entry, added] = first.emplace(fingerprint, node);
      if (added) return node;
      const auto mine = MadeColumns(*node), theirs = MadeColumns(*entry->second);
      for (size_t i = 0; i < mine.size(); ++i)
        if (mine[i] != theirs[i]) (*names)[mine[i]] = theirs[i];
      return entry->second;
    });
  }
};

}  // namespace

std::unique_ptr<Rule> MakeSharedScan() { return std::make_unique<SharedScan>(); }

}  // namespace kappa
