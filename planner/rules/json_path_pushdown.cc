// json_path_pushdown: of a json or jsonb column only the texts at constant paths are decoded.
//
//   payload -> 'user' ->> 'name' over Scan(payload)    ->    #9 over Scan(#9 text <- payload.user.name)
//
// Needs: JSON records; nobody reads the column otherwise. Keeps: schema, keys, values. A value that is not read is not converted, so that what jsonb
// alone refuses (\u0000, numbers beyond numeric's range) elsewhere in the column is no error of the record then.
#include <algorithm>

#include "functions/function.h"
#include "planner/rules/rule.h"
#include "planner/rules/split_columns.h"
#include "types/array_value.h"

namespace kappa {
namespace {

using Path = std::vector<std::string>;

bool IsJson(const Type& type) { return type.id() == TypeId::kJson || type.id() == TypeId::kJsonb; }

// In a path, what reads as a number counts elements where it meets an array.
bool MayBeIndex(const std::string& name) { return !name.empty() && name.find_first_not_of("0123456789+- \t\n\v\f\r") == std::string::npos; }

// Names in an array of texts; false when one of them may be an index.
bool NamesOf(const Datum& array, Path* names) {
  const std::string& bytes = array.as_bytes();
  const ArrayView view(Array(bytes.data(), bytes.size()), DescribeType(Type(TypeId::kText)));
  for (size_t i = 0; i < view.count(); ++i) {
    if (view.IsNull(i)) return false;
    names->emplace_back(view.TextAt(i).view());
  }
  return !names->empty() && std::none_of(names->begin(), names->end(), [](const std::string& name) { return MayBeIndex(name); });
}

// Does the call go from a JSON value to what lies at constant names, as text or as JSON?   -> ->> 'a'   #> #>> '{a,b}'   jsonb_extract_path[_text](j,
// 'a', 'b')
bool IsStep(const Expr& expr, bool text, Path* names) {
  if (expr.kind != ExprKind::kCall || expr.args.size() < 2 || !IsJson(expr.args[0]->type)) return false;
  const auto constant = [](const ExprPtr& arg) { return arg->kind == ExprKind::kConstant && !arg->constant.is_null(); };
  if (!std::all_of(expr.args.begin() + 1, expr.args.end(), constant)) return false;
  const std::string_view name = expr.function->name;
  if (expr.function->kind == FunctionKind::kOperator) {
    const TypeId given = expr.args[1]->type.id();
    if (name == (text ? "#>>" : "#>")) return given == TypeId::kArray && NamesOf(expr.args[1]->constant, names);
    if (name != (text ? "->>" : "->") || given != TypeId::kText) return false;
    names->push_back(expr.args[1]->constant.as_bytes());
    return true;
  }
  if (name != (text ? "jsonb_extract_path_text" : "jsonb_extract_path") && name != (text ? "json_extract_path_text" : "json_extract_path"))
    return false;
  for (size_t i = 1; i < expr.args.size(); ++i) {
    names->push_back(expr.args[i]->constant.as_bytes());
    if (MayBeIndex(names->back())) return false;
  }
  return true;
}

// column -> 'a' -> 'b' ->> 'c': the column, and a, b, c.
bool IsTextAtPath(const Expr& expr, ColumnId* column, Path* path) {
  path->clear();
  if (!IsStep(expr, true, path)) return false;
  const Expr* at = expr.args[0].get();
  for (Path names; IsStep(*at, false, &names); names.clear()) {
    path->insert(path->begin(), names.begin(), names.end());
    at = at->args[0].get();
  }
  *column = at->column;
  return at->kind == ExprKind::kColumn;
}

class Pusher {
 public:
  explicit Pusher(ProgramContext* program) : program_(program) {}

  void Run(LogicalPlan* plan) {
    for (const LogicalPtr& node : TopologicalOrder(*plan)) Collect(*node);
    for (const LogicalPtr& node : TopologicalOrder(*plan))
      if (const auto* scan = node->As<ScanOp>(); scan != nullptr && scan->encoding == Encoding::kJson) Split(*scan);
    if (!made_.empty())
      RewriteBottomUp(plan, [&](const LogicalPtr& node) { return SplitColumns(*node, made_, [&](const Expr& expr) { return PartOf(expr); }); });
  }

 private:
  void CollectExpr(const Expr& expr) {
    ColumnId column;
    Path path;
    if (IsTextAtPath(expr, &column, &path)) {
      paths_[column].insert(path);
    } else if (expr.kind == ExprKind::kColumn) {
      whole_.insert(expr.column);
    } else {
      for (const ExprPtr& arg : expr.args) CollectExpr(*arg);
    }
  }

  void Collect(const LogicalNode& node) {
    ForEachExpr(node.op, [&](const Expr& expr) { CollectExpr(expr); });
    AddColumnsReadWhole(node, &whole_);
  }

  void Split(const ScanOp& scan) {
    for (const auto& source : scan.columns) {
      const ColumnId id = source.column.id;
      // A NOT NULL column that is not there is an error of the record: somebody has to look.
      if (!IsJson(source.column.type) || source.metadata != Metadata::kNone || !source.column.nullable) continue;
      if (whole_.count(id) || !paths_.count(id) || made_.count(id)) continue;
      for (const Path& path : paths_[id]) {
        ScanOp::ScanColumn column = source;
        column.path.insert(column.path.end(), path.begin(), path.end());
        column.exact.insert(column.exact.end(), path.size(), true);
        column.json_steps = static_cast<int32_t>(path.size());
        column.jsonb_text = source.column.type.id() == TypeId::kJsonb;
        column.column = program_->NewColumn(path.back(), Type(TypeId::kText), true);
        columns_[{id, path}] = column.column;
        made_[id].push_back(column);
      }
    }
  }

  const Column* PartOf(const Expr& expr) const {
    ColumnId column;
    Path path;
    if (!IsTextAtPath(expr, &column, &path)) return nullptr;
    const auto found = columns_.find({column, path});
    return found == columns_.end() ? nullptr : &found->second;
  }

  ProgramContext* program_;
  std::set<ColumnId> whole_;
  std::map<ColumnId, std::set<Path>> paths_;
  SplitParts made_;
  std::map<std::pair<ColumnId, Path>, Column> columns_;
};

class JsonPathPushdown final : public Rule {
 public:
  std::string_view name() const override { return "json_path_pushdown"; }
  void Apply(LogicalPlan* plan, ProgramContext* program) const override { Pusher(program).Run(plan); }
};

}  // namespace

std::unique_ptr<Rule> MakeJsonPathPushdown() { return std::make_unique<JsonPathPushdown>(); }

}  // namespace kappa
