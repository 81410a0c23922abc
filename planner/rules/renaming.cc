#include "planner/rules/renaming.h"

#include <algorithm>

namespace kappa {
namespace {

ColumnId NameOf(const ColumnNames& names, ColumnId id) {
  const auto found = names.find(id);
  return found == names.end() ? id : found->second;
}

// The right input of a join with names that the left has not; `names` are the right's.
LogicalPtr Apart(const LogicalPtr& left, const LogicalPtr& right, const LogicalNode& was, ProgramContext* program, ColumnNames* names) {
  std::vector<std::pair<Column, ExprPtr>> renamed;
  std::vector<Column> output;
  std::set<ColumnId> done;
  std::map<ColumnId, ColumnId> again;  // by the name that collides
  for (const Column& column : was.output()) {
    const ColumnId id = NameOf(*names, column.id);
    const Column* given = FindColumn(right->output(), id);
    if (given == nullptr) continue;
    if (FindColumn(left->output(), id) == nullptr) {
      if (done.insert(id).second) output.push_back(*given);
      continue;
    }
    if (const auto found = again.find(id); found != again.end()) {
      (*names)[column.id] = found->second;
      continue;
    }
    Column own = *given;
    own.id = id != column.id && FindColumn(left->output(), column.id) == nullptr ? column.id : program->next_column++;
    again[id] = own.id;
    (*names)[column.id] = own.id;
    renamed.emplace_back(own, MakeColumn(*given));
    output.push_back(own);
  }
  if (renamed.empty()) return right;
  return MakeNode(ProjectOp{std::move(renamed)}, {right}, std::move(output), right->op.query, right->op.on_error);
}

// Of operators that name the columns of each input apart.
template <typename Op>
void RenameInputs(Op* op, const std::vector<const ColumnNames*>& names) {
  for (size_t i = 0; i < op->inputs.size(); ++i)
    for (ColumnId& id : op->inputs[i]) id = NameOf(*names[i], id);
}

}  // namespace

void KeepApart(const LogicalNode& join, std::vector<LogicalPtr>* inputs) {
  const auto twice = [&] {
    return std::any_of((*inputs)[0]->output().begin(), (*inputs)[0]->output().end(),
                       [&](const Column& column) { return FindColumn((*inputs)[1]->output(), column.id) != nullptr; });
  };
  for (size_t i = 0; i < 2 && twice(); ++i) {
    LogicalPtr& input = (*inputs)[i];
    std::vector<Column> output;
    for (const Column& column : input->output())
      if (FindColumn(join.inputs[i]->output(), column.id) != nullptr) output.push_back(column);
    if (output.size() == input->output().size()) continue;
    input = MakeNode(ProjectOp{}, {input}, std::move(output), input->op.query, input->op.on_error);
  }
}

void RewriteRenaming(LogicalPlan* plan, ProgramContext* program, const std::function<LogicalPtr(const LogicalPtr& node, ColumnNames* names)>& fn) {
  std::map<const LogicalNode*, LogicalPtr> done;
  std::map<const LogicalNode*, ColumnNames> names_of;
  for (const LogicalPtr& original : TopologicalOrder(*plan)) {
    std::vector<LogicalPtr> inputs;
    std::vector<const ColumnNames*> input_names;
    for (const LogicalPtr& input : original->inputs) {
      inputs.push_back(done.at(input.get()));
      input_names.push_back(&names_of.at(input.get()));
    }
    const bool apart = original->As<UnionOp>() != nullptr || original->As<SetOperationOp>() != nullptr;
    ColumnNames names;
    if (original->As<JoinOp>() != nullptr) {
      ColumnNames of_right = *input_names[1];
      inputs[1] = Apart(inputs[0], inputs[1], *original->inputs[1], program, &of_right);
      // Only what each side gives: beneath them one column may have had both names.
      for (int side : {0, 1}) {
        const ColumnNames& given = side == 0 ? *input_names[0] : of_right;
        for (const Column& column : original->inputs[static_cast<size_t>(side)]->output()) {
          const ColumnId name = NameOf(given, column.id);
          if (name != column.id) names[column.id] = name;
        }
      }
    } else if (!apart) {
      for (const ColumnNames* of : input_names) names.insert(of->begin(), of->end());
    }
    LogicalPtr node = original;
    const bool renames = !names.empty() || std::any_of(input_names.begin(), input_names.end(), [](const ColumnNames* of) { return !of->empty(); });
    if (renames) {
      auto copy = std::make_shared<LogicalNode>(*original);
      if (auto* u = std::get_if<UnionOp>(&copy->op.op)) {
        RenameInputs(u, input_names);
      } else if (auto* set = std::get_if<SetOperationOp>(&copy->op.op)) {
        RenameInputs(set, input_names);
      } else {
        RenameColumns(&copy->op, names);
      }
      node = copy;
    }
    if (inputs != node->inputs) node = WithInputs(*node, std::move(inputs));
    done[original.get()] = fn(node, &names);
    names_of[original.get()] = std::move(names);
  }
  for (LogicalPtr& root : plan->roots) root = done.at(root.get());
}

}  // namespace kappa
