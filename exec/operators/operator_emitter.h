// Each operator has an emitter that speaks of its own rows only: it receives a row in registers and hands rows on (produce/consume, Neumann, VLDB
// 2011).
//
//   EmitConsume    the row that arrives, inside whichever function its pipeline runs in
//   EmitFunctions  the functions the driver calls for this operator (a scan's loop, an aggregate's flush)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exec/codegen/code_builder.h"
#include "exec/expressions/expression_emitter.h"
#include "exec/physical_plan.h"

namespace kappa {

class ProgramEmitter;
class OperatorEmitter;

// The function that is being emitted.
struct Emission {
  Emission(CodeBuilder* builder, llvm::Value* worker_context, ProgramEmitter* owner)
      : fn(*builder), context(worker_context), program(*owner), expressions(*builder, worker_context) {}
  CodeBuilder& fn;
  llvm::Value* context;  // WorkerContext*
  ProgramEmitter& program;
  ExpressionEmitter expressions;
  // Runs `body`; a row that fails in it is reported as an error of operator `id` and goes no further.
  void GuardRow(OperatorId id, const EmittedRow& row, const std::function<void()>& body);
  llvm::Value* Weight(const EmittedRow& row) { return row.weight == nullptr ? fn.I64(1) : row.weight; }
};

class OperatorEmitter {
 public:
  virtual ~OperatorEmitter() = default;
  virtual void EmitConsume(Emission& e, const EmittedRow& row) = 0;
  virtual void EmitInput(Emission& e, const EmittedRow& row, size_t input) { EmitConsume(e, row); }  // of one with several inputs
  virtual void EmitFunctions() {}
};

class ProgramEmitter {
 public:
  ProgramEmitter(const PhysicalPlan& plan, llvm::Module* module, RuntimeLibrary* runtime);
  Status Emit();
  // Hands `row` to every consumer of operator `id`.
  void Next(Emission& e, OperatorId id, const EmittedRow& row);
  void Hand(Emission& e, OperatorId id, const EmittedRow& row);  // the same, uncounted
  // A function `name`(WorkerContext*, ...) and its body.
  void Define(const std::string& name, std::vector<llvm::Type*> more, const std::function<void(Emission&)>& body);
  // The same, with a result.
  void DefineReturning(const std::string& name, llvm::Type* result, std::vector<llvm::Type*> more,
                       const std::function<llvm::Value*(Emission&)>& body);
  const PhysicalPlan& plan() const { return plan_; }
  llvm::Module* module() { return module_; }
  llvm::LLVMContext& context() { return module_->getContext(); }
  // Functions the driver asks for.
  static std::vector<std::string> Symbols(const PhysicalPlan& plan);

 private:
  const PhysicalPlan& plan_;
  llvm::Module* module_;
  RuntimeLibrary* runtime_;
  std::map<OperatorId, std::unique_ptr<OperatorEmitter>> emitters_;
  std::map<OperatorId, std::vector<OperatorId>> consumers_;
};

// A function that takes rows laid out as `layout` from outside: rows_ID(context, rows, weights, count).
void EmitRowsFunction(ProgramEmitter* program, OperatorId id, const RowLayout& layout, const std::vector<Column>& columns, bool weighted);

std::unique_ptr<OperatorEmitter> MakeScanEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeValuesEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeViewScanEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeWatermarkEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeFilterEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeProjectEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeWindowEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeLateCheckEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeAggregateEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeTableFunctionEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeKeyedEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeUnionEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeSortEmitter(ProgramEmitter* program, const PlanOperator& op);
std::unique_ptr<OperatorEmitter> MakeOutputEmitter(ProgramEmitter* program, const PlanOperator& op);

// The windows that hold `time`, newest first: body(start, end).
void EmitWindows(CodeBuilder& fn, const WindowSpec& window, llvm::Value* time, const std::function<void(llvm::Value*, llvm::Value*)>& body);
// `body` for a row whose `time` a window can hold; a NULL or infinite one is an error of operator `id`, and the row goes no further.
void EmitTimed(Emission& e, OperatorId id, const EmittedRow& row, const SqlValue& time, const std::function<void()>& body);
// Writes a row of an operator that leaves the dataflow.
void EmitOutputRow(Emission& e, const OutputPlan& output, const std::vector<Column>& columns, const EmittedRow& row);

}  // namespace kappa
