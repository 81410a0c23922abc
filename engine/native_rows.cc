#include "engine/native_rows.h"

#include "exec/epoch/view_reader.h"
#include "planner/dataflow/evaluate.h"

namespace kappa {
namespace {

constexpr int64_t kFewRows = 500;  // compiling costs what so many rows cost

// The operators from the one that makes rows to the Result; empty when they are no chain of those that run here.
std::vector<const PlanOperator*> ChainOf(const Dataflow& dataflow) {
  std::vector<const PlanOperator*> chain;
  for (const PlanOperator& op : dataflow.operators) {
    const bool first = chain.empty();
    if (first ? op.As<ValuesOp>() == nullptr && op.As<ViewScanOp>() == nullptr
              : op.inputs.size() != 1 || op.inputs[0] != chain.back()->id ||
                    (op.As<FilterOp>() == nullptr && op.As<ProjectOp>() == nullptr && op.As<ResultOp>() == nullptr)) {
      return {};
    }
    chain.push_back(&op);
  }
  if (chain.empty() || chain.back()->As<ResultOp>() == nullptr) return {};
  return chain;
}

class Chain {
 public:
  Chain(std::vector<const PlanOperator*> operators, const std::vector<Datum>& parameters, int64_t now_micros,
        const std::function<Status(const TableRow&)>& visit)
      : operators_(std::move(operators)), parameters_(parameters), visit_(visit) {
    context_.epoch_micros = now_micros;
    for (const Column& column : operators_[0]->output) row_.places.emplace(column.id, row_.places.size());
    for (const PlanOperator* op : operators_) {
      if (const auto* project = op->As<ProjectOp>()) {
        for (const auto& [column, expr] : project->columns) row_.places.emplace(column.id, row_.places.size());
      }
    }
    values_.resize(row_.places.size());
    row_.values = &values_;
  }
  CallContext* context() { return &context_; }
  std::vector<Datum>* source() { return &values_; }
  size_t PlaceOf(ColumnId id) const { return row_.places.at(id); }

  // What was put into source(), through the operators.
  Status Push(int64_t weight) {
    for (size_t i = 1; i < operators_.size(); ++i) {
      const PlanOperator& op = *operators_[i];
      if (const auto* filter = op.As<FilterOp>()) {
        ASSIGN_OR_RETURN(const Datum keep, EvaluateRow(*filter->predicate, &context_, parameters_, row_));
        if (keep.is_null() || !keep.as_bool()) return OkStatus();
      } else if (const auto* project = op.As<ProjectOp>()) {
        for (const auto& [column, expr] : project->columns) {
          ASSIGN_OR_RETURN(values_[PlaceOf(column.id)], EvaluateRow(*expr, &context_, parameters_, row_));
        }
      }
    }
    context_.scratch.Reset();
    TableRow out;
    for (const Column& column : operators_.back()->output) out.push_back(values_[PlaceOf(column.id)]);
    for (; weight > 0; --weight) RETURN_IF_ERROR(visit_(out));
    return OkStatus();
  }

 private:
  const std::vector<const PlanOperator*> operators_;
  const std::vector<Datum>& parameters_;
  const std::function<Status(const TableRow&)>& visit_;
  CallContext context_;
  ColumnValues row_;
  std::vector<Datum> values_;
};

}  // namespace

bool RunsNatively(const Dataflow& dataflow, const ReaderMap& readers) {
  const std::vector<const PlanOperator*> chain = ChainOf(dataflow);
  if (chain.empty()) return false;
  const auto* scan = chain[0]->As<ViewScanOp>();
  if (scan == nullptr) return true;
  const auto reader = readers.find(scan->view);
  return reader != readers.end() && (!scan->equal.empty() || reader->second->rows() <= kFewRows);
}

Status RunNatively(const Dataflow& dataflow, const ReaderMap& readers, const std::vector<Datum>& parameters, int64_t now_micros,
                   const std::function<Status(const TableRow& row)>& visit) {
  const std::vector<const PlanOperator*> operators = ChainOf(dataflow);
  Chain chain(operators, parameters, now_micros, visit);
  std::vector<Datum>& source = *chain.source();
  if (const auto* values = operators[0]->As<ValuesOp>()) {
    for (const std::vector<ExprPtr>& row : values->rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        ASSIGN_OR_RETURN(source[chain.PlaceOf(operators[0]->output[i].id)], Evaluate(*row[i], chain.context(), parameters));
      }
      RETURN_IF_ERROR(chain.Push(1));
    }
    return OkStatus();
  }
  const ViewScanOp& scan = *operators[0]->As<ViewScanOp>();
  const ViewReader& view = *readers.at(scan.view);
  // First all rows, then the work: a view is not held while others' code runs.
  std::vector<std::pair<TableRow, int64_t>> rows;
  RETURN_IF_ERROR(VisitView(scan, view, parameters, chain.context(), [&](const char* stored, int64_t weight) {
    TableRow row;
    for (int column : scan.columns) row.push_back(view.schema().layout.Load(stored, view.schema().layout.slots()[static_cast<size_t>(column)]));
    rows.emplace_back(std::move(row), weight);
  }));
  for (auto& [row, weight] : rows) {
    for (size_t i = 0; i < row.size(); ++i) source[chain.PlaceOf(operators[0]->output[i].id)] = std::move(row[i]);
    RETURN_IF_ERROR(chain.Push(weight));
  }
  return OkStatus();
}

}  // namespace kappa
