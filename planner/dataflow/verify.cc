// The invariants of a dataflow: topological order, columns known before they are read, types that fit, append-only claims that hold.
#include <algorithm>
#include <map>
#include <set>

#include "functions/table/table_function.h"
#include "planner/dataflow/dataflow.h"

namespace kappa {
namespace {

class Verifier {
 public:
  explicit Verifier(const Dataflow& dataflow) : dataflow_(dataflow) {}

  Status Run() {
    for (const PlanOperator& op : dataflow_.operators) {
      if (!seen_.emplace(op.id, &op).second) return Broken(op, "its id is used twice");
      RETURN_IF_ERROR(CheckInputs(op));
      RETURN_IF_ERROR(CheckOutput(op));
      RETURN_IF_ERROR(CheckOperator(op));
    }
    return OkStatus();
  }

 private:
  using Known = std::map<ColumnId, Column>;

  static Status Broken(const PlanOperator& op, std::string_view what) {
    return SqlError(sqlstate::kInternalError) << "dataflow operator " << op.id << " (" << OperatorName(op) << "): " << what;
  }

  size_t WantedInputs(const PlanOperator& op) const {
    if (op.As<ScanOp>() || op.As<ValuesOp>() || op.As<ViewScanOp>() || op.As<RecursionOp>()) return 0;
    if (const auto* u = op.As<UnionOp>()) return u->inputs.size();
    return op.As<JoinOp>() || op.As<SetOperationOp>() ? 2 : 1;
  }

  Status CheckInputs(const PlanOperator& op) {
    if (op.inputs.size() != WantedInputs(op)) return Broken(op, "a wrong number of inputs");
    for (size_t i = 0; i < op.inputs.size(); ++i) {
      const bool back = i == 1 && IsRecursive(op);  // the recursive term stands behind it
      if (op.inputs[i] == op.id || (back ? Find(op.inputs[i]) == nullptr : seen_.count(op.inputs[i]) == 0))
        return Broken(op, "an input does not stand before it");
    }
    return OkStatus();
  }

  // Also of what stands further down; nullptr: there is none.
  const PlanOperator* Find(OperatorId id) const {
    const auto found = std::find_if(dataflow_.operators.begin(), dataflow_.operators.end(), [&](const PlanOperator& op) { return op.id == id; });
    return found == dataflow_.operators.end() ? nullptr : &*found;
  }

  Known InputColumns(const PlanOperator& op) const {
    Known known;
    for (OperatorId input : op.inputs) {
      for (const Column& column : Find(input)->output) known.emplace(column.id, column);
    }
    return known;
  }

  // The columns an operator may give: those of its input that pass through, and those it makes.
  Known Available(const PlanOperator& op) const {
    Known known;
    if (!op.As<AggregateOp>() && !op.As<UnionOp>() && !op.As<SetOperationOp>()) known = InputColumns(op);
    if (const auto* scan = op.As<ScanOp>())
      for (const auto& c : scan->columns) known.emplace(c.column.id, c.column);
    if (const auto* project = op.As<ProjectOp>())
      for (const auto& [column, expr] : project->columns) known.emplace(column.id, column);
    if (const auto* watermark = op.As<WatermarkOp>(); watermark != nullptr && watermark->current != kNoColumn)
      known.emplace(watermark->current, Column{watermark->current, "", {}, true});
    if (const auto* table = op.As<TableFunctionOp>()) {
      for (const Column& column : table->columns) known.emplace(column.id, column);
      if (table->ordinality.id != kNoColumn) known.emplace(table->ordinality.id, table->ordinality);
    }
    if (const auto* top = op.As<TopNOp>(); top != nullptr && top->rank.id != kNoColumn) known.emplace(top->rank.id, top->rank);
    if (const auto* over = op.As<OverOp>()) {
      for (const auto& [kind, call, frame, ignore_nulls] : over->functions)
        known.emplace(call.output, Column{call.output, call.name, call.type, call.nullable});
    }
    if (const auto* window = op.As<WindowOp>()) {
      for (ColumnId id : {window->window.start, window->window.end})
        if (id != kNoColumn) known.emplace(id, Column{id, "", {}, false});
    }
    if (const auto* aggregate = op.As<AggregateOp>()) {
      for (const Column& key : aggregate->keys) known.emplace(key.id, key);
      for (const auto& call : aggregate->aggregates) known.emplace(call.output, Column{call.output, call.name, call.type, call.nullable});
    }
    return known;
  }

  Status CheckOutput(const PlanOperator& op) const {
    std::set<ColumnId> unique;
    const bool makes_any = op.As<ValuesOp>() || op.As<ViewScanOp>() || op.As<UnionOp>() || op.As<SetOperationOp>() || op.As<RecursionOp>();
    const bool may_repeat = op.As<SinkOp>() || op.As<MaterializeOp>() || op.As<ResultOp>();
    const Known known = Available(op);
    for (const Column& column : op.output) {
      if (column.id == kNoColumn) return Broken(op, "an output column without an id");
      if (!unique.insert(column.id).second && !may_repeat) return Broken(op, "output column #" + std::to_string(column.id) + " twice");
      if (makes_any) continue;
      const auto found = known.find(column.id);
      if (found == known.end()) return Broken(op, "output column #" + std::to_string(column.id) + " comes from nowhere");
      if (found->second.type.id() != TypeId::kUnknown && !found->second.type.SameId(column.type)) {
        return Broken(op, "output column #" + std::to_string(column.id) + " changes its type");
      }
    }
    return OkStatus();
  }

  Status CheckExpr(const PlanOperator& op, const Expr& expr, const Known& known) const {
    if (expr.kind == ExprKind::kColumn) {
      const auto found = known.find(expr.column);
      if (found == known.end()) return Broken(op, "reads column #" + std::to_string(expr.column) + ", which its input does not give");
      if (!found->second.type.SameId(expr.type)) return Broken(op, "reads column #" + std::to_string(expr.column) + " as another type");
      if (found->second.nullable && !expr.nullable) return Broken(op, "takes column #" + std::to_string(expr.column) + " for never NULL");
    }
    const bool calls = expr.kind == ExprKind::kCall || expr.kind == ExprKind::kIn || expr.kind == ExprKind::kAnyOf || expr.kind == ExprKind::kAllOf;
    if (calls != (expr.function != nullptr)) return Broken(op, "a call without a function, or a function without a call");
    if (expr.kind == ExprKind::kCase && expr.args.size() % 2 == 0) return Broken(op, "a CASE without its ELSE");
    if (expr.kind == ExprKind::kParameter && static_cast<size_t>(expr.parameter) >= dataflow_.parameters.size())
      return Broken(op, "an undeclared parameter");
    if (expr.type.id() == TypeId::kUnknown) return Broken(op, "an expression without a type: " + ToString(expr));
    for (const ExprPtr& arg : expr.args) RETURN_IF_ERROR(CheckExpr(op, *arg, known));
    return OkStatus();
  }

  static Status CheckTime(const PlanOperator& op, ColumnId time, const Known& known) {
    const auto found = known.find(time);
    if (found == known.end()) return Broken(op, "its time column is not in its input");
    if (!found->second.type.is_temporal()) return Broken(op, "its time column is no time");
    return OkStatus();
  }

  bool InputAppendOnly(const PlanOperator& op) const {
    return std::all_of(op.inputs.begin(), op.inputs.end(), [&](OperatorId id) { return seen_.at(id)->append_only; });
  }

  Status CheckAggregate(const PlanOperator& op, const AggregateOp& aggregate, const Known& known) const {
    std::set<ColumnId> made;
    if (aggregate.fused_window && !aggregate.window) return Broken(op, "fuses a window it does not have");
    if (aggregate.window) {
      if (aggregate.fused_window) {
        RETURN_IF_ERROR(CheckTime(op, aggregate.window->time, known));
        made = {aggregate.window->start, aggregate.window->end};
      }
      const bool keyed = std::any_of(aggregate.keys.begin(), aggregate.keys.end(),
                                     [&](const Column& key) { return key.id == aggregate.window->start || key.id == aggregate.window->end; });
      if (!keyed) return Broken(op, "its window is not among its keys");
      RETURN_IF_ERROR(CheckSession(op, aggregate));
    }
    for (const Column& key : aggregate.keys) {
      if (!known.count(key.id) && !made.count(key.id)) return Broken(op, "key #" + std::to_string(key.id) + " is not in its input");
    }
    for (const AggregateCall& call : aggregate.aggregates) {
      if (call.args.size() != call.function->arguments.size()) return Broken(op, "an aggregate with a wrong number of arguments");
      for (const ExprPtr& arg : call.args) RETURN_IF_ERROR(CheckExpr(op, *arg, known));
      for (const AggregateOrder& key : call.order) RETURN_IF_ERROR(CheckExpr(op, *key.expr, known));
      if (call.filter) RETURN_IF_ERROR(CheckExpr(op, *call.filter, known));
    }
    if (aggregate.emit_on_close && !aggregate.window) return Broken(op, "waits for a window it does not have");
    if (aggregate.input_append_only && !InputAppendOnly(op)) return Broken(op, "takes an updating input for append-only");
    return OkStatus();
  }

  static Status CheckSession(const PlanOperator& op, const AggregateOp& aggregate) {
    auto keyed = [&](ColumnId id) {
      return std::any_of(aggregate.keys.begin(), aggregate.keys.end(), [&](const Column& key) { return key.id == id; });
    };
    if (!aggregate.fused_window || aggregate.window->kind != WindowSpec::Kind::kSession)
      return aggregate.rows ? Broken(op, "gives rows without a session") : OkStatus();
    if (!keyed(aggregate.window->start) || !keyed(aggregate.window->end)) return Broken(op, "a session whose bounds are not keys");
    if (!std::all_of(aggregate.window->partition.begin(), aggregate.window->partition.end(), keyed))
      return Broken(op, "a session whose partition is not among its keys");
    if (aggregate.rows && !aggregate.aggregates.empty()) return Broken(op, "gives rows and aggregates");
    return OkStatus();
  }

  Status CheckOperator(const PlanOperator& op) const {
    const Known known = InputColumns(op);
    const auto* join = op.As<JoinOp>();
    const bool looks_up = join != nullptr && join->lookup && seen_.at(op.inputs[0])->append_only;
    if (op.append_only && !looks_up && !op.As<AggregateOp>() && !op.As<SortOp>() && !op.As<GapFillOp>() && !op.As<ResultOp>() &&
        !InputAppendOnly(op)) {
      return Broken(op, "claims to be append-only over an updating input");
    }
    if (const auto* values = op.As<ValuesOp>()) {
      for (const auto& row : values->rows) {
        if (row.size() != op.output.size()) return Broken(op, "a row of a wrong length");
        for (const ExprPtr& expr : row) RETURN_IF_ERROR(CheckExpr(op, *expr, known));
      }
    }
    if (const auto* scan = op.As<ViewScanOp>(); scan && scan->columns.size() != op.output.size())
      return Broken(op, "columns and output differ in number");
    if (const auto* watermark = op.As<WatermarkOp>()) {
      RETURN_IF_ERROR(CheckTime(op, watermark->time, known));
      if (watermark->candidate != kNoColumn) RETURN_IF_ERROR(CheckTime(op, watermark->candidate, known));
    }
    if (const auto* filter = op.As<FilterOp>()) {
      if (filter->predicate->type.id() != TypeId::kBool) return Broken(op, "a predicate that is no boolean");
      RETURN_IF_ERROR(CheckExpr(op, *filter->predicate, known));
    }
    if (const auto* project = op.As<ProjectOp>()) {
      for (const auto& [column, expr] : project->columns) {
        if (!expr->type.SameId(column.type)) return Broken(op, "column #" + std::to_string(column.id) + " and its expression differ in type");
        if (expr->nullable && !column.nullable) return Broken(op, "column #" + std::to_string(column.id) + " may be NULL");
        RETURN_IF_ERROR(CheckExpr(op, *expr, known));
      }
    }
    if (const auto* window = op.As<WindowOp>()) {
      if (window->window.size <= 0 || window->window.slide <= 0) return Broken(op, "a window without length");
      if (window->window.kind == WindowSpec::Kind::kSession) return Broken(op, "a session is an aggregate's business");
      RETURN_IF_ERROR(CheckTime(op, window->window.time, known));
    }
    if (const auto* check = op.As<LateCheckOp>()) RETURN_IF_ERROR(CheckTime(op, check->time, known));
    if (const auto* aggregate = op.As<AggregateOp>()) RETURN_IF_ERROR(CheckAggregate(op, *aggregate, known));
    if (const auto* u = op.As<UnionOp>()) RETURN_IF_ERROR(CheckUnion(op, u->inputs));
    if (const auto* set = op.As<SetOperationOp>()) RETURN_IF_ERROR(CheckUnion(op, set->inputs));
    if (IsRecursive(op) && op.append_only) return Broken(op, "a recursion claims to be append-only");
    if (op.As<RecursionOp>()) return Broken(op, "a recursion's term without its recursion");
    if (join != nullptr) RETURN_IF_ERROR(CheckJoin(op, *join, known));
    if (const auto* top = op.As<TopNOp>()) RETURN_IF_ERROR(CheckRanked(op, top->partition, top->order, top->expiry, known));
    if (const auto* over = op.As<OverOp>()) RETURN_IF_ERROR(CheckOver(op, *over, known));
    if (const auto* filter = op.As<TemporalFilterOp>()) {
      if (filter->from != kNoColumn) RETURN_IF_ERROR(CheckTime(op, filter->from, known));
      if (filter->until != kNoColumn) RETURN_IF_ERROR(CheckTime(op, filter->until, known));
    }
    if (const auto* sort = op.As<SortOp>()) {
      for (const auto& key : sort->keys)
        if (!known.count(key.column)) return Broken(op, "a sort key is not in its input");
    }
    if (const auto* fill = op.As<GapFillOp>()) {
      if (fill->step <= 0) return Broken(op, "a step without length");
      RETURN_IF_ERROR(CheckTime(op, fill->time, known));
    }
    if (const auto* table = op.As<TableFunctionOp>()) {
      if (FindTableFunction(table->function) == nullptr) return Broken(op, "this build has no function " + table->function);
      if (table->columns.empty()) return Broken(op, "a function that answers no column");
      for (const ExprPtr& arg : table->args) RETURN_IF_ERROR(CheckExpr(op, *arg, known));
    }
    if (const auto* sink = op.As<SinkOp>()) RETURN_IF_ERROR(CheckKey(op, sink->key));
    if (const auto* view = op.As<MaterializeOp>()) RETURN_IF_ERROR(CheckKey(op, view->key));
    if (const auto* result = op.As<ResultOp>(); result && result->names.size() != op.output.size())
      return Broken(op, "names and columns differ in number");
    return OkStatus();
  }

  Status CheckJoin(const PlanOperator& op, const JoinOp& join, const Known& known) const {
    const auto side = [&](int input, ColumnId id) {
      const auto& given = seen_.at(op.inputs[static_cast<size_t>(input)])->output;
      const auto found = std::find_if(given.begin(), given.end(), [&](const Column& column) { return column.id == id; });
      return found == given.end() ? nullptr : &*found;
    };
    for (const Column& column : seen_.at(op.inputs[0])->output) {
      if (side(1, column.id) != nullptr) return Broken(op, "column #" + std::to_string(column.id) + " comes from both sides");
    }
    for (const JoinOp::Key& key : join.keys) {
      const Column *left = side(0, key.left), *right = side(1, key.right);
      if (left == nullptr || right == nullptr) return Broken(op, "a key is not in its input");
      if (!left->type.SameId(right->type)) return Broken(op, "keys differ in type");
    }
    if (join.condition) {
      if (join.condition->type.id() != TypeId::kBool) return Broken(op, "a condition that is no boolean");
      RETURN_IF_ERROR(CheckExpr(op, *join.condition, known));
    }
    if (join.closest) {
      if (join.kind != JoinOp::Kind::kInner && join.kind != JoinOp::Kind::kLeft) return Broken(op, "the closest of a join of another kind");
      if (side(0, join.closest->left) == nullptr || side(1, join.closest->right) == nullptr) return Broken(op, "what is closest is not in its input");
    }
    if (join.left_expiry.has_value() != join.right_expiry.has_value()) return Broken(op, "only one side expires");
    if (join.left_expiry && (side(0, join.left_expiry->time) == nullptr || side(1, join.right_expiry->time) == nullptr))
      return Broken(op, "the time by which rows expire is not in its input");
    if (join.emit_on_close && !join.left_expiry) return Broken(op, "waits for what does not expire");
    const bool right_absent = join.kind == JoinOp::Kind::kLeft || join.kind == JoinOp::Kind::kFull || join.kind == JoinOp::Kind::kSingle;
    for (const Column& column : op.output) {
      const bool right = side(1, column.id) != nullptr;
      if (right && (join.kind == JoinOp::Kind::kSemi || join.kind == JoinOp::Kind::kAnti)) return Broken(op, "gives a column of the right");
      if (!column.nullable && (right ? right_absent : join.kind == JoinOp::Kind::kFull))
        return Broken(op, "takes a side that may be absent for never NULL");
    }
    return OkStatus();
  }

  Status CheckRanked(const PlanOperator& op, const std::vector<ColumnId>& partition, const std::vector<SortOp::Key>& order,
                     const std::optional<Expiry>& expiry, const Known& known) const {
    const bool in_order = expiry && op.As<OverOp>() && !order.empty() && order[0].column == expiry->time && !order[0].descending;
    if (expiry && !in_order && std::find(partition.begin(), partition.end(), expiry->time) == partition.end())
      return Broken(op, "the time by which a partition expires is neither among its columns nor its order");
    for (ColumnId id : partition)
      if (!known.count(id)) return Broken(op, "a partition column is not in its input");
    for (const SortOp::Key& key : order)
      if (!known.count(key.column)) return Broken(op, "a sort key is not in its input");
    return OkStatus();
  }

  Status CheckOver(const PlanOperator& op, const OverOp& over, const Known& known) const {
    RETURN_IF_ERROR(CheckRanked(op, over.partition, over.order, over.expiry, known));
    for (const OverOp::Function& function : over.functions) {
      if ((function.kind == OverOp::Kind::kAggregate) != (function.call.function != nullptr)) return Broken(op, "an aggregate without its function");
      for (const ExprPtr& arg : function.call.args) RETURN_IF_ERROR(CheckExpr(op, *arg, known));
      if (function.call.filter) RETURN_IF_ERROR(CheckExpr(op, *function.call.filter, known));
      const auto offset = [](OverOp::Bound bound) { return bound == OverOp::Bound::kPreceding || bound == OverOp::Bound::kFollowing; };
      if (offset(function.frame.start) != (function.frame.start_offset != nullptr) ||
          offset(function.frame.end) != (function.frame.end_offset != nullptr))
        return Broken(op, "a frame's offset is missing, or stands for nothing");
    }
    return OkStatus();
  }

  Status CheckUnion(const PlanOperator& op, const std::vector<std::vector<ColumnId>>& inputs) const {
    if (inputs.size() != op.inputs.size()) return Broken(op, "a wrong number of inputs");
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].size() != op.output.size()) return Broken(op, "an input of another width");
      const auto& given = Find(op.inputs[i])->output;
      for (size_t c = 0; c < inputs[i].size(); ++c) {
        const auto found = std::find_if(given.begin(), given.end(), [&](const Column& column) { return column.id == inputs[i][c]; });
        if (found == given.end()) return Broken(op, "reads a column that an input does not give");
        if (!found->type.SameId(op.output[c].type)) return Broken(op, "inputs differ in type");
      }
    }
    return OkStatus();
  }

  static Status CheckKey(const PlanOperator& op, const std::vector<int>& key) {
    for (int position : key) {
      if (position < 0 || static_cast<size_t>(position) >= op.output.size()) return Broken(op, "a key column that does not exist");
    }
    return OkStatus();
  }

  const Dataflow& dataflow_;
  std::map<OperatorId, const PlanOperator*> seen_;
};

}  // namespace

Status Verify(const Dataflow& dataflow) { return Verifier(dataflow).Run(); }

}  // namespace kappa
