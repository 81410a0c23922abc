#include "exec/operators/explain_pipelines.h"

#include "exec/physical_plan.h"
#include "exec/runtime/keyed_operator.h"

namespace kappa {
namespace {

class PipelinePrinter {
 public:
  explicit PipelinePrinter(const PhysicalPlan& plan) : plan_(plan) {}

  std::string Run() {
    for (const PlanOperator& op : plan_.dataflow->operators) {
      if (op.As<ScanOp>() != nullptr) Pipeline(op, "scan", "reads and decodes records, on the worker of their partition");
      if (op.As<ValuesOp>() != nullptr) Pipeline(op, "values", "constants");
      if (op.As<ViewScanOp>() != nullptr) Pipeline(op, "rows", "a view's rows at one epoch");
      if (IsCollected(op)) Pipeline(op, "rows", "what was collected, once the input has ended");
      if (IsKeyed(op)) Pipeline(op, "emit", "what its batches and the epoch's end give");
      const auto* aggregate = op.As<AggregateOp>();
      if (aggregate == nullptr) continue;
      if (plan_.aggregates.at(op.id).updating || !aggregate->emit_on_close) Pipeline(op, "flush", "groups that an epoch has touched, at its end");
      if (aggregate->emit_on_close) Pipeline(op, "close", "windows that the watermark has passed, at an epoch's end");
    }
    return std::move(out_);
  }

 private:
  static std::string Label(const PlanOperator& op) {
    std::string label = std::string(OperatorName(op)) + " " + std::to_string(op.id);
    if (const auto* scan = op.As<ScanOp>()) label += " " + scan->source;
    if (const auto* sink = op.As<SinkOp>()) label += " " + sink->name;
    if (const auto* view = op.As<MaterializeOp>()) label += " " + view->view;
    return label;
  }

  void Pipeline(const PlanOperator& source, const std::string& function, const std::string& what) {
    out_ += "pipeline " + std::to_string(++count_) + "  " + function + "_" + std::to_string(source.id) + ": " + what + "\n";
    Step(source, 1, true);
  }

  // Indented by the number of operators before it; several consumers of one stand beneath it.
  void Step(const PlanOperator& op, int depth, bool first) {
    out_ += std::string(static_cast<size_t>(depth) * 2, ' ') + (first ? "" : "-> ") + Label(op);
    const bool breaks = !first && (op.As<AggregateOp>() != nullptr || IsKeyed(op) || IsCollected(op));
    if (breaks) {
      out_ += Breaker(op) + "\n";
      return;
    }
    out_ += "\n";
    for (const OperatorId consumer : plan_.dataflow->ConsumersOf(op.id)) Step(plan_.dataflow->Get(consumer), depth + 1, false);
  }

  std::string Staged(size_t row_bytes) const {
    const std::string text = ": staged (" + std::to_string(row_bytes) + " bytes a row, up to 512 rows)";
    return plan_.workers == 1 ? text : text + ", exchanged between " + Workers() + " by key";
  }

  std::string Workers() const { return std::to_string(plan_.workers) + " workers"; }

  std::string Breaker(const PlanOperator& op) const {
    if (IsCollected(op)) return ": collected";
    if (IsKeyed(op)) return Staged(sizeof(KeyedRow)) + ", its key and its columns packed";
    const AggregatePlan& aggregate = plan_.aggregates.at(op.id);
    const std::string id = std::to_string(op.id), panes = aggregate.panes ? " to panes" : "";
    if (!aggregate.local) return Staged(aggregate.stage_bytes) + ", applied by apply_" + id + panes;
    return ": staged (" + std::to_string(aggregate.stage_bytes) + " bytes a row, up to 512 rows), aggregated locally by apply_" + id + panes +
           ", groups exchanged between " + Workers() + " by key and merged by merge_" + id;
  }

  const PhysicalPlan& plan_;
  std::string out_;
  int count_ = 0;
};

}  // namespace

StatusOr<std::string> ExplainPipelines(std::shared_ptr<const Dataflow> dataflow, int32_t workers) {
  ASSIGN_OR_RETURN(const PhysicalPlan plan, MakePhysicalPlan(std::move(dataflow), workers));
  return PipelinePrinter(plan).Run();
}

}  // namespace kappa
