// field_pruning: of a struct only the fields that are read are decoded.
//
//   (bid).price over Scan(bid)    ->    #9 over Scan(#9 <- bid.price)
//
// Needs: nobody reads the struct as a whole. Keeps: schema, keys.
#include <algorithm>

#include "planner/rules/rule.h"
#include "planner/rules/split_columns.h"

namespace kappa {
namespace {

using Path = std::vector<int>;

// Is `expr` a chain of fields over a column? Then its column, and the path from there.
bool IsChain(const Expr& expr, ColumnId* column, Path* path) {
  if (expr.kind == ExprKind::kColumn) {
    *column = expr.column;
    path->clear();
    return true;
  }
  if (expr.kind != ExprKind::kField || !IsChain(*expr.args[0], column, path)) return false;
  path->push_back(expr.field);
  return true;
}

class Pruner {
 public:
  explicit Pruner(ProgramContext* program) : program_(program) {}

  void Run(LogicalPlan* plan) {
    for (const LogicalPtr& node : TopologicalOrder(*plan)) Collect(*node);
    for (const LogicalPtr& node : TopologicalOrder(*plan))
      if (node->As<ScanOp>()) Split(*node->As<ScanOp>());
    if (split_.empty()) return;
    RewriteBottomUp(plan, [&](const LogicalPtr& node) { return SplitColumns(*node, made_, [&](const Expr& expr) { return PartOf(expr); }); });
  }

 private:
  struct Field {
    Path path;
    Column column;
  };

  void CollectExpr(const Expr& expr) {
    ColumnId column;
    Path path;
    if (IsChain(expr, &column, &path)) {
      if (path.empty())
        whole_.insert(column);
      else
        paths_[column].insert(path);
      return;
    }
    for (const ExprPtr& arg : expr.args) CollectExpr(*arg);
  }

  void Collect(const LogicalNode& node) {
    ForEachExpr(node.op, [&](const Expr& expr) { CollectExpr(expr); });
    AddColumnsReadWhole(node, &whole_);
  }

  void Split(const ScanOp& scan) {
    for (const auto& source : scan.columns) {
      const ColumnId id = source.column.id;
      if (!source.column.type.is_struct() || source.metadata != Metadata::kNone || whole_.count(id) || !paths_.count(id)) continue;
      std::vector<Field>& fields = split_[id];
      for (const Path& path : paths_[id]) {  // ordered: a prefix comes before what it begins
        const bool covered = std::any_of(fields.begin(), fields.end(), [&](const Field& f) {
          return std::equal(f.path.begin(), f.path.end(), path.begin(),
                            path.begin() + static_cast<ptrdiff_t>(std::min(f.path.size(), path.size()))) &&
                 f.path.size() <= path.size();
        });
        if (covered) continue;
        const Type* type = &source.column.type;
        ScanOp::ScanColumn column = source;
        for (int field : path) {
          const StructField& part = type->fields()[field];
          column.path.push_back(part.name);
          // A field's name has capitals only when it was quoted.
          column.exact.push_back(std::any_of(part.name.begin(), part.name.end(), [](unsigned char c) { return std::isupper(c); }));
          type = &part.type;
        }
        column.column = program_->NewColumn(column.path.back(), *type, true);
        fields.push_back({path, column.column});
        made_[id].push_back(column);
      }
    }
  }

  const Column* PartOf(const Expr& expr) const {
    ColumnId column;
    Path path;
    if (!IsChain(expr, &column, &path) || !split_.count(column)) return nullptr;
    for (const Field& field : split_.at(column)) {
      if (field.path == path) return &field.column;
    }
    return nullptr;
  }

  ProgramContext* program_;
  std::set<ColumnId> whole_;
  std::map<ColumnId, std::set<Path>> paths_;
  std::map<ColumnId, std::vector<Field>> split_;
  SplitParts made_;
};

class FieldPruning final : public Rule {
 public:
  std::string_view name() const override { return "field_pruning"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override { Pruner(program).Run(plan); }
};

}  // namespace

std::unique_ptr<Rule> MakeFieldPruning() { return std::make_unique<FieldPruning>(); }

}  // namespace kappa
