#include "planner/binder/decorrelate.h"

#include <algorithm>

#include "planner/binder/domain_push.h"
#include "planner/binder/expressions.h"

namespace kappa {
namespace {

using Kind = JoinOp::Kind;

bool Exists(Kind kind) { return kind == Kind::kSemi || kind == Kind::kAnti; }

bool ReadsAny(const Expr& expr, const std::set<ColumnId>& columns) {
  std::vector<ColumnId> read;
  CollectColumns(expr, &read);
  return std::any_of(read.begin(), read.end(), [&](ColumnId id) { return columns.count(id) > 0; });
}

std::map<ColumnId, ExprPtr> Definitions(const ProjectOp& project) {
  std::map<ColumnId, ExprPtr> out;
  for (const auto& [column, expr] : project.columns) out[column.id] = expr;
  return out;
}

ExprPtr True() { return MakeConstant(Datum::Bool(true), TypeId::kBool); }
ExprPtr IsCertain(ExprPtr condition) {
  if (!condition->nullable) return condition;
  return MakeExpr(ExprKind::kCoalesce, TypeId::kBool, false, {std::move(condition), MakeConstant(Datum::Bool(false), TypeId::kBool)});
}

// Groups, where only whether there is one counts: those of DISTINCT.
bool OnlyGroups(const AggregateOp& aggregate) {
  return !aggregate.keys.empty() && !aggregate.window && std::all_of(aggregate.aggregates.begin(), aggregate.aggregates.end(), [&](const auto& call) {
    return FindColumn(aggregate.keys, call.output) != nullptr;
  });
}

// Does an order or a limit leave a row where there was one?
bool KeepsAny(const LogicalNode& node) {
  if (const auto* sort = node.As<SortOp>()) return (!sort->offset || *sort->offset == 0) && (!sort->limit || *sort->limit > 0);
  const auto* top = node.As<TopNOp>();
  return top != nullptr && (!top->offset || *top->offset == 0) && (!top->limit || *top->limit > 0);
}

// One row of values as what is computed for one row without columns.
LogicalPtr Computed(const LogicalNode& node) {
  const std::vector<ExprPtr>& row = node.As<ValuesOp>()->rows[0];
  ProjectOp project;
  for (size_t i = 0; i < row.size(); ++i) project.columns.emplace_back(node.output()[i], row[i]);
  const LogicalPtr unit = MakeNode(ValuesOp{{{}}}, {}, {}, node.op.query, node.op.on_error);
  return MakeNode(std::move(project), {unit}, node.output(), node.op.query, node.op.on_error);
}

LogicalPtr Shown(BindContext* context, const LogicalPtr& input, std::vector<Column> output) {
  return context->Node(ProjectOp{}, {input}, std::move(output));
}

bool IsGlobal(const LogicalNode& node) {
  const auto* aggregate = node.As<AggregateOp>();
  return aggregate != nullptr && aggregate->keys.empty() && !aggregate->window;
}

}  // namespace

Status CheckRetractable(const std::vector<AggregateCall>& calls, const LogicalNode& input) {
  for (const AggregateCall& call : calls) {
    if (call.function->invertible || call.function->over != nullptr || input.op.append_only) continue;
    return NotSupported(call.name + " over rows that may be retracted");
  }
  return OkStatus();
}

std::set<ColumnId> Decorrelator::Correlation(const LogicalPtr& left, const LogicalPtr& right) const {
  std::set<ColumnId> free;
  for (ColumnId id : FreeColumns(right))
    if (FindColumn(left->output(), id) != nullptr) free.insert(id);
  return free;
}

Decorrelator::Peeled Decorrelator::Peel(Kind kind, const std::set<ColumnId>& free, LogicalPtr right, std::vector<ExprPtr> on) const {
  Peeled out{std::move(right), {}, std::move(on)};
  while (Reads(out.core, free)) {
    if (const auto* values = out.core->As<ValuesOp>(); values != nullptr && values->rows.size() == 1) out.core = Computed(*out.core);
    const LogicalPtr top = out.core;
    if (const auto* filter = top->As<FilterOp>()) {
      std::vector<ExprPtr> before = FactoredConjuncts(filter->predicate);
      out.on.insert(out.on.begin(), before.begin(), before.end());
    } else if (const auto* project = top->As<ProjectOp>()) {
      for (ExprPtr& conjunct : out.on) conjunct = ReplaceColumns(conjunct, Definitions(*project));
      out.projects.push_back(top);
    } else if (const auto* sort = top->As<SortOp>(); sort != nullptr && !sort->limit && !sort->offset) {
    } else if (Exists(kind) && ((top->As<AggregateOp>() && OnlyGroups(*top->As<AggregateOp>())) || (out.on.empty() && KeepsAny(*top)))) {
    } else if (const auto* join = top->As<JoinOp>(); join != nullptr && join->kind == Kind::kInner && !join->closest && !join->lookup &&
                                                     !join->left_expiry && join->condition != nullptr && ReadsAny(*join->condition, free)) {
      auto copy = std::make_shared<LogicalNode>(*top);
      auto& inner = std::get<JoinOp>(copy->op.op);
      std::vector<ExprPtr> stay;
      for (const ExprPtr& conjunct : Conjuncts(join->condition)) (ReadsAny(*conjunct, free) ? out.on : stay).push_back(conjunct);
      inner.condition = stay.empty() ? nullptr : MakeAnd(std::move(stay));
      out.core = copy;
      continue;
    } else {
      return out;
    }
    out.core = top->inputs[0];
  }
  return out;
}

// The projections that went above the join. `present`: where the right has a row (nullptr: everywhere); elsewhere its columns are NULL.
LogicalPtr Decorrelator::Above(const LogicalPtr& joined, const LogicalPtr& left, const Peeled& peeled, const ExprPtr& present) const {
  LogicalPtr plan = joined;
  for (auto node = peeled.projects.rbegin(); node != peeled.projects.rend(); ++node) {
    std::vector<std::pair<Column, ExprPtr>> columns;
    std::vector<Column> output = left->output();
    const auto& project = *(*node)->As<ProjectOp>();
    for (const auto& [column, written] : project.columns) {
      ExprPtr expr = WithNullability(written, plan->output());
      const bool of_right = expr->kind == ExprKind::kColumn && FindColumn(left->output(), expr->column) == nullptr;
      if (present != nullptr && !of_right) {
        expr = MakeExpr(ExprKind::kCase, column.type, true, {present, std::move(expr), MakeConstant(Datum(), column.type)});
      }
      Column made = column;
      made.nullable = column.nullable || expr->nullable;
      columns.emplace_back(made, std::move(expr));
    }
    for (const Column& column : (*node)->output()) {
      const auto computed = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.first.id == column.id; });
      const Column* passed = FindColumn(plan->output(), column.id);
      if (computed != columns.end())
        output.push_back(computed->first);
      else if (passed != nullptr)
        output.push_back(*passed);
    }
    if (present != nullptr) {
      std::vector<ColumnId> kept;
      CollectColumns(*present, &kept);
      for (ColumnId id : kept)
        if (FindColumn(output, id) == nullptr) output.push_back(*FindColumn(plan->output(), id));
    }
    plan = MakeNode(ProjectOp{std::move(columns)}, {plan}, std::move(output), (*node)->op.query, (*node)->op.on_error);
  }
  return plan;
}

std::vector<JoinOp::Key> Decorrelator::KeysOf(const LogicalPtr& left, const std::map<ColumnId, Column>& columns) const {
  std::vector<JoinOp::Key> keys;
  for (const auto& [id, column] : columns) keys.push_back({id, column.id, FindColumn(left->output(), id)->nullable});
  return keys;
}

LogicalPtr Decorrelator::Domain(const LogicalPtr& left, const std::set<ColumnId>& columns) const {
  AggregateOp distinct;
  for (ColumnId id : columns) distinct.keys.push_back(*FindColumn(left->output(), id));
  std::vector<Column> output = distinct.keys;
  return context_->Node(std::move(distinct), {left}, std::move(output));
}

// One row, or none where the plan has none that fits: what a semi join without keys needs to know.
LogicalPtr Decorrelator::AnyRow(const LogicalPtr& plan, std::vector<ExprPtr> conditions) {
  LogicalPtr input = plan;
  if (!conditions.empty()) input = context_->Node(FilterOp{MakeAnd(std::move(conditions))}, {input}, input->output());
  const Column one = context_->NewColumn("exists", TypeId::kBool, false);
  input = context_->Node(ProjectOp{{{one, True()}}}, {input}, {one});
  AggregateOp distinct;
  distinct.keys = {one};
  return context_->Node(std::move(distinct), {input}, {one});
}

StatusOr<LogicalPtr> Decorrelator::Join(Kind kind, const LogicalPtr& left, LogicalPtr right, std::vector<ExprPtr> on) {
  const std::set<ColumnId> free = Correlation(left, right);
  Peeled peeled = Peel(kind, free, std::move(right), std::move(on));
  if (!Reads(peeled.core, free)) return JoinCore(kind, left, peeled, {});
  if (IsGlobal(*peeled.core)) return JoinAggregate(kind, left, free, peeled);
  const std::set<ColumnId> read = Correlation(left, peeled.core);
  DomainPush push(context_, Domain(left, read), read);
  ASSIGN_OR_RETURN(const DomainPush::Result spread, push.Push(peeled.core));
  peeled.core = spread.plan;
  return JoinCore(kind, left, peeled, KeysOf(left, spread.columns));
}

// The right side depends on the left by `keys` and conditions alone.
StatusOr<LogicalPtr> Decorrelator::JoinCore(Kind kind, const LogicalPtr& left, const Peeled& peeled, std::vector<JoinOp::Key> keys) {
  JoinOp join;
  join.kind = kind;
  join.keys = std::move(keys);
  const auto reads_left = [&](const ExprPtr& expr) {
    std::vector<ColumnId> columns;
    CollectColumns(*expr, &columns);
    return std::any_of(columns.begin(), columns.end(), [&](ColumnId id) { return FindColumn(left->output(), id) != nullptr; });
  };
  if (Exists(kind)) {
    if (IsUnitRow(*peeled.core) && join.keys.empty()) {  // SELECT without FROM: its conditions alone decide
      ExprPtr holds = peeled.on.empty() ? True() : MakeAnd(peeled.on);
      if (kind == Kind::kAnti) holds = MakeNot(IsCertain(std::move(holds)));
      return context_->Node(FilterOp{std::move(holds)}, {left}, left->output());
    }
    if (join.keys.empty() && std::none_of(peeled.on.begin(), peeled.on.end(), reads_left))
      return MakeJoinNode(std::move(join), left, AnyRow(peeled.core, peeled.on), {});
    return MakeJoinNode(std::move(join), left, peeled.core, peeled.on);
  }
  const bool outer = kind == Kind::kLeft || kind == Kind::kSingle;
  if (IsUnitRow(*peeled.core) && join.keys.empty() && (kind == Kind::kInner || outer)) {
    if (peeled.on.empty()) return Above(left, left, peeled, nullptr);
    if (outer) return Above(left, left, peeled, IsCertain(MakeAnd(peeled.on)));
    return Above(context_->Node(FilterOp{MakeAnd(peeled.on)}, {left}, left->output()), left, peeled, nullptr);
  }
  if (outer && join.keys.empty() && peeled.on.empty() && IsOneRow(*peeled.core)) join.kind = Kind::kInner;
  if (join.kind == Kind::kInner || peeled.projects.empty())
    return Above(MakeJoinNode(std::move(join), left, peeled.core, peeled.on), left, peeled, nullptr);
  Column present = context_->NewColumn("present", TypeId::kBool, false);
  std::vector<Column> output = peeled.core->output();
  output.push_back(present);
  const LogicalPtr marked = context_->Node(ProjectOp{{{present, True()}}}, {peeled.core}, std::move(output));
  const LogicalPtr joined = MakeJoinNode(std::move(join), left, marked, peeled.on);
  present.nullable = true;
  return Above(joined, left, peeled, MakeNot(MakeIsNull(MakeColumn(present))));
}

// A global aggregate of rows that depend on the left: an aggregate by what ties them, and its value over no rows where there is no group.
StatusOr<LogicalPtr> Decorrelator::JoinAggregate(Kind kind, const LogicalPtr& left, const std::set<ColumnId>& free, const Peeled& peeled) {
  const LogicalNode& node = *peeled.core;
  AggregateOp aggregate = *node.As<AggregateOp>();
  bool plain = true;  // the aggregate itself reads nothing of the left, and cannot fail for groups that nobody asks for
  ForEachExpr(node.op, [&](const Expr& expr) { plain &= !ReadsAny(expr, free) && !IsFallible(expr); });
  LogicalPtr keyed_left = left, input;
  std::vector<Column> group_keys;
  std::map<ColumnId, Column> pushed_columns;
  JoinOp join;
  join.kind = Kind::kLeft;
  if (const std::optional<Untied> untied = plain ? Untie(node.inputs[0], free) : std::nullopt) {
    input = untied->plan;
    for (const auto& [expr, column] : untied->ties) {
      join.keys.push_back({AsColumn(expr, &keyed_left), column.id, false});
      group_keys.push_back(column);
    }
  } else {
    const std::set<ColumnId> read = Correlation(left, peeled.core);
    DomainPush push(context_, Domain(left, read), read);
    ASSIGN_OR_RETURN(const DomainPush::Result pushed, push.Push(node.inputs[0]));
    input = pushed.plan;
    pushed_columns = pushed.columns;
    for (const auto& [id, column] : pushed.columns) group_keys.push_back(column);
    join.keys = KeysOf(left, pushed.columns);
  }
  std::map<ColumnId, Column> outputs;
  std::vector<Column> output;
  const std::vector<AggregateCall> calls = aggregate.aggregates;
  for (AggregateCall& call : aggregate.aggregates) {
    outputs[call.output] = context_->NewColumn(call.name, call.type, call.nullable);
    output.push_back(outputs[call.output]);
    call.output = output.back().id;
    for (ExprPtr& arg : call.args) arg = Substitute(arg, pushed_columns);
    for (AggregateOrder& key : call.order) key.expr = Substitute(key.expr, pushed_columns);
    if (call.filter != nullptr) call.filter = Substitute(call.filter, pushed_columns);
  }
  RETURN_IF_ERROR(CheckRetractable(aggregate.aggregates, *input));
  for (const Column& column : group_keys) {
    if (FindColumn(aggregate.keys, column.id) != nullptr) continue;
    aggregate.keys.push_back(column);
    output.push_back(column);
  }
  const LogicalPtr groups = MakeNode(std::move(aggregate), {input}, std::move(output), node.op.query, node.op.on_error);
  const LogicalPtr joined = MakeJoinNode(std::move(join), keyed_left, groups, {});
  return OverGroups(kind, joined, left, peeled, OfNoRows(calls, outputs));
}

// `joined`: the left with its group, `values` the aggregates made of it.
LogicalPtr Decorrelator::OverGroups(Kind kind, const LogicalPtr& joined, const LogicalPtr& left, const Peeled& peeled,
                                    std::vector<std::pair<Column, ExprPtr>> values) {
  std::vector<Column> output = left->output();
  const bool outer = kind == Kind::kLeft || kind == Kind::kSingle;
  if (!outer || peeled.on.empty()) {
    for (const auto& [column, expr] : values) output.push_back(column);
    LogicalPtr plan = context_->Node(ProjectOp{std::move(values)}, {joined}, output);
    if (!peeled.on.empty() || kind == Kind::kAnti) {
      ExprPtr keep = peeled.on.empty() ? True() : MakeAnd(peeled.on);
      if (kind == Kind::kAnti) keep = MakeNot(IsCertain(std::move(keep)));
      plan = context_->Node(FilterOp{std::move(keep)}, {plan}, std::move(output));
    }
    return Exists(kind) ? Shown(context_, plan, left->output()) : Above(plan, left, peeled, nullptr);
  }
  // HAVING, or ON: without it the row is there with NULLs.
  std::map<ColumnId, ExprPtr> definitions;
  for (const auto& [column, expr] : values) definitions[column.id] = expr;
  const ExprPtr condition = WithNullability(ReplaceColumns(MakeAnd(peeled.on), definitions), joined->output());
  const Column present = context_->NewColumn("present", TypeId::kBool, false);
  for (auto& [column, expr] : values) {
    expr = MakeExpr(ExprKind::kCase, column.type, true, {MakeColumn(present), expr, MakeConstant(Datum(), column.type)});
    column.nullable = true;
    output.push_back(column);
  }
  std::vector<Column> with = joined->output();
  with.push_back(present);
  LogicalPtr plan = context_->Node(ProjectOp{{{present, IsCertain(condition)}}}, {joined}, std::move(with));
  output.push_back(present);
  plan = context_->Node(ProjectOp{std::move(values)}, {plan}, std::move(output));
  return Above(plan, left, peeled, MakeColumn(present));
}

std::optional<Decorrelator::Untied> Decorrelator::UntieFilter(const LogicalPtr& plan, const std::set<ColumnId>& free) const {
  const LogicalPtr& input = plan->inputs[0];
  const auto of_left = [&](const Expr& expr) {
    std::vector<ColumnId> columns;
    CollectColumns(expr, &columns);
    return !columns.empty() && std::all_of(columns.begin(), columns.end(), [&](ColumnId id) { return free.count(id) > 0; });
  };
  std::vector<ExprPtr> stay;
  Untied out;
  std::vector<std::pair<Column, ExprPtr>> computed;
  std::vector<Column> output = input->output();
  std::set<ColumnId> taken;
  for (const ExprPtr& conjunct : FactoredConjuncts(plan->As<FilterOp>()->predicate)) {
    if (IsFallible(*conjunct)) return std::nullopt;
    if (!ReadsAny(*conjunct, free)) {
      stay.push_back(conjunct);
      continue;
    }
    std::optional<Equality> equal = EqualityOf(*conjunct);
    if (!equal || equal->null_safe) return std::nullopt;
    if (of_left(*equal->right)) std::swap(equal->left, equal->right);
    if (!of_left(*equal->left) || !GivenBy(*equal->right, *input)) return std::nullopt;
    if (equal->right->kind == ExprKind::kColumn && taken.insert(equal->right->column).second) {
      out.ties.emplace_back(equal->left, *FindColumn(input->output(), equal->right->column));
      continue;
    }
    const Column column = context_->NewColumn("key", equal->right->type, equal->right->nullable);
    out.ties.emplace_back(equal->left, column);
    computed.emplace_back(column, equal->right);
    output.push_back(column);
  }
  out.plan = stay.empty() ? input : MakeNode(FilterOp{MakeAnd(std::move(stay))}, {input}, input->output(), plan->op.query, plan->op.on_error);
  if (!computed.empty()) out.plan = MakeNode(ProjectOp{std::move(computed)}, {out.plan}, std::move(output), plan->op.query, plan->op.on_error);
  return out;
}

std::optional<Decorrelator::Untied> Decorrelator::Untie(const LogicalPtr& plan, const std::set<ColumnId>& free) const {
  if (!Reads(plan, free)) return std::nullopt;
  if (plan->As<FilterOp>() && !Reads(plan->inputs[0], free)) return UntieFilter(plan, free);
  const auto* aggregate = plan->As<AggregateOp>();
  if (!plan->As<FilterOp>() && !plan->As<ProjectOp>() && (aggregate == nullptr || aggregate->keys.empty() || aggregate->window)) return std::nullopt;
  bool plain = true;
  ForEachExpr(plan->op, [&](const Expr& expr) { plain &= !ReadsAny(expr, free) && !IsFallible(expr); });
  if (!plain) return std::nullopt;
  std::optional<Untied> below = Untie(plan->inputs[0], free);
  if (!below) return std::nullopt;
  PlanOperator op = plan->op;
  for (const auto& [expr, column] : below->ties) {
    if (auto* grouped = std::get_if<AggregateOp>(&op.op); grouped != nullptr && FindColumn(grouped->keys, column.id) == nullptr)
      grouped->keys.push_back(column);
    if (FindColumn(op.output, column.id) == nullptr) op.output.push_back(column);
  }
  return Untied{MakeNode(std::move(op.op), {below->plan}, std::move(op.output), op.query, op.on_error), below->ties};
}

// Over the right's keys alone where that is all it depends on; else over the domain of what it and the conditions read.
StatusOr<LogicalPtr> Decorrelator::Mark(const LogicalPtr& left, LogicalPtr right, std::vector<ExprPtr> on, const Column& flag) {
  const Peeled peeled = Peel(Kind::kSemi, Correlation(left, right), std::move(right), std::move(on));
  if (IsUnitRow(*peeled.core)) {
    std::vector<Column> output = left->output();
    output.push_back(flag);
    ExprPtr holds = peeled.on.empty() ? True() : IsCertain(MakeAnd(peeled.on));
    return context_->Node(ProjectOp{{{flag, std::move(holds)}}}, {left}, std::move(output));
  }
  std::set<ColumnId> read = Correlation(left, peeled.core);
  std::vector<ExprPtr> of_right;
  std::vector<Equality> equalities;
  bool simple = read.empty();
  for (const ExprPtr& conjunct : peeled.on) {
    std::vector<ColumnId> columns;
    CollectColumns(*conjunct, &columns);
    bool reads_left = false;
    for (ColumnId id : columns) {
      if (FindColumn(left->output(), id) == nullptr) continue;
      reads_left = true;
      read.insert(id);
    }
    if (!reads_left) {
      of_right.push_back(conjunct);
      continue;
    }
    std::optional<Equality> equal = EqualityOf(*conjunct);
    if (equal && GivenBy(*equal->left, *peeled.core)) std::swap(equal->left, equal->right);
    simple &= equal && GivenBy(*equal->left, *left) && GivenBy(*equal->right, *peeled.core);
    if (equal) equalities.push_back(*equal);
  }
  JoinOp join;
  join.kind = Kind::kLeft;
  LogicalPtr keyed_left = left, matches;
  if (simple) {
    LogicalPtr input = peeled.core;
    if (equalities.empty()) {
      matches = AnyRow(input, of_right);
    } else {
      if (!of_right.empty()) input = context_->Node(FilterOp{MakeAnd(std::move(of_right))}, {input}, input->output());
      AggregateOp distinct;
      for (const Equality& equal : equalities) {
        const ColumnId left_key = AsColumn(equal.left, &keyed_left), right_key = AsColumn(equal.right, &input);
        join.keys.push_back({left_key, right_key, equal.null_safe});
        if (FindColumn(distinct.keys, right_key) == nullptr) distinct.keys.push_back(*FindColumn(input->output(), right_key));
      }
      std::vector<Column> output = distinct.keys;
      matches = context_->Node(std::move(distinct), {input}, std::move(output));
    }
  } else {
    const LogicalPtr domain = Domain(left, read);
    ASSIGN_OR_RETURN(matches, Join(Kind::kSemi, domain, peeled.core, peeled.on));
    std::map<ColumnId, Column> fresh;
    matches = WithFreshColumns(matches, context_->program, &fresh);
    std::erase_if(fresh, [&](const auto& entry) { return read.count(entry.first) == 0; });
    join.keys = KeysOf(left, fresh);
  }
  const Column met = context_->NewColumn("met", TypeId::kBool, false);
  std::vector<Column> output = matches->output();
  output.push_back(met);
  matches = context_->Node(ProjectOp{{{met, True()}}}, {matches}, std::move(output));
  const LogicalPtr joined = MakeJoinNode(std::move(join), keyed_left, matches, {});
  output = left->output();
  output.push_back(flag);
  Column maybe = met;
  maybe.nullable = true;
  return context_->Node(ProjectOp{{{flag, IsCertain(MakeColumn(maybe))}}}, {joined}, std::move(output));
}

ColumnId Decorrelator::AsColumn(const ExprPtr& expr, LogicalPtr* plan) const {
  if (expr->kind == ExprKind::kColumn) return expr->column;
  const Column column = context_->NewColumn("key", expr->type, expr->nullable);
  std::vector<Column> output = (*plan)->output();
  output.push_back(column);
  *plan = context_->Node(ProjectOp{{{column, expr}}}, {*plan}, std::move(output));
  return column.id;
}

}  // namespace kappa
