#include "exec/operators/operator_emitter.h"

#include <algorithm>

#include "exec/codegen/runtime_library.h"

namespace kappa {

void Emission::GuardRow(OperatorId id, const EmittedRow& row, const std::function<void()>& body) {
  fn.Guard([&] { fn.Call("kappa_row_error", {context, fn.I32(id), Weight(row)}); }, body);
}

ProgramEmitter::ProgramEmitter(const PhysicalPlan& plan, llvm::Module* module, RuntimeLibrary* runtime)
    : plan_(plan), module_(module), runtime_(runtime) {}

void ProgramEmitter::Define(const std::string& name, std::vector<llvm::Type*> more, const std::function<void(Emission&)>& body) {
  more.insert(more.begin(), llvm::PointerType::getUnqual(context()));
  CodeBuilder builder(module_, runtime_, name, llvm::Type::getVoidTy(context()), std::move(more));
  Emission emission(&builder, builder.Argument(0), this);
  body(emission);
  builder.Return();
}

void ProgramEmitter::DefineReturning(const std::string& name, llvm::Type* result, std::vector<llvm::Type*> more,
                                     const std::function<llvm::Value*(Emission&)>& body) {
  more.insert(more.begin(), llvm::PointerType::getUnqual(context()));
  CodeBuilder builder(module_, runtime_, name, result, std::move(more));
  Emission emission(&builder, builder.Argument(0), this);
  builder.Return(body(emission));
}

void ProgramEmitter::Next(Emission& e, OperatorId id, const EmittedRow& row) {
  if (!plan_.counted) return Hand(e, id, row);
  llvm::Value* since = e.fn.Call("kappa_ticks", {});
  Hand(e, id, row);
  e.fn.Call("kappa_count_row", {e.context, e.fn.I32(id), since});
}

namespace {

// The row with the names that the inputs of a union or a set operation have in its output.
EmittedRow Renamed(const EmittedRow& row, const std::vector<ColumnId>& names, const std::vector<Column>& output) {
  EmittedRow renamed;
  renamed.weight = row.weight;
  renamed.watermark = row.watermark;
  for (size_t column = 0; column < output.size(); ++column) renamed.Set(output[column].id, *row.Find(names[column]));
  return renamed;
}

}  // namespace

void ProgramEmitter::Hand(Emission& e, OperatorId id, const EmittedRow& row) {
  for (OperatorId consumer : consumers_[id]) {
    const PlanOperator& op = plan_.dataflow->Get(consumer);
    for (size_t input = 0; input < op.inputs.size(); ++input) {  // it may be two of them
      if (op.inputs[input] != id) continue;
      if (const auto* merge = op.As<UnionOp>()) {
        emitters_[consumer]->EmitInput(e, Renamed(row, merge->inputs[input], op.output), input);
      } else if (const auto* set = op.As<SetOperationOp>()) {
        emitters_[consumer]->EmitInput(e, Renamed(row, set->inputs[input], op.output), input);
      } else {
        emitters_[consumer]->EmitInput(e, row, input);
      }
    }
  }
}

Status ProgramEmitter::Emit() {
  for (const PlanOperator& op : plan_.dataflow->operators) {
    std::vector<OperatorId> seen;
    for (OperatorId input : op.inputs) {  // one may be taken twice: Hand handles both
      if (std::find(seen.begin(), seen.end(), input) == seen.end()) consumers_[input].push_back(op.id);
      seen.push_back(input);
    }
    std::unique_ptr<OperatorEmitter>& emitter = emitters_[op.id];
    if (op.As<ScanOp>())
      emitter = MakeScanEmitter(this, op);
    else if (op.As<ValuesOp>())
      emitter = MakeValuesEmitter(this, op);
    else if (op.As<ViewScanOp>())
      emitter = MakeViewScanEmitter(this, op);
    else if (op.As<WatermarkOp>())
      emitter = MakeWatermarkEmitter(this, op);
    else if (op.As<FilterOp>())
      emitter = MakeFilterEmitter(this, op);
    else if (op.As<ProjectOp>())
      emitter = MakeProjectEmitter(this, op);
    else if (op.As<WindowOp>())
      emitter = MakeWindowEmitter(this, op);
    else if (op.As<LateCheckOp>())
      emitter = MakeLateCheckEmitter(this, op);
    else if (op.As<AggregateOp>())
      emitter = MakeAggregateEmitter(this, op);
    else if (op.As<TableFunctionOp>())
      emitter = MakeTableFunctionEmitter(this, op);
    else if (op.As<UnionOp>())
      emitter = MakeUnionEmitter(this, op);
    else if (IsKeyed(op))
      emitter = MakeKeyedEmitter(this, op);
    else if (IsCollected(op))
      emitter = MakeSortEmitter(this, op);
    else
      emitter = MakeOutputEmitter(this, op);
  }
  for (auto& [id, emitter] : emitters_) emitter->EmitFunctions();
  return OkStatus();
}

std::vector<std::string> ProgramEmitter::Symbols(const PhysicalPlan& plan) {
  std::vector<std::string> symbols;
  for (const PlanOperator& op : plan.dataflow->operators) {
    const std::string id = std::to_string(op.id);
    if (op.As<ScanOp>()) symbols.push_back("scan_" + id);
    if (op.As<ValuesOp>()) symbols.push_back("values_" + id);
    if (op.As<ViewScanOp>() || IsCollected(op)) symbols.push_back("rows_" + id);
    if (IsKeyed(op)) symbols.push_back("emit_" + id);
    if (const auto* join = op.As<JoinOp>(); join != nullptr && join->condition) symbols.push_back("match_" + id);
    if (const auto* aggregate = op.As<AggregateOp>()) {
      symbols.push_back("apply_" + id);
      if (plan.aggregates.at(op.id).local) symbols.push_back("merge_" + id);
      if (const AggregatePlan& physical = plan.aggregates.at(op.id); physical.panes && !physical.session) symbols.push_back("expand_" + id);
      if (plan.aggregates.at(op.id).updating || !aggregate->emit_on_close) symbols.push_back("flush_" + id);
      if (aggregate->emit_on_close) symbols.push_back("close_" + id);
    }
  }
  return symbols;
}

void EmitRowsFunction(ProgramEmitter* program, OperatorId id, const RowLayout& layout, const std::vector<Column>& columns, bool weighted) {
  auto* pointer = llvm::PointerType::getUnqual(program->context());
  auto* i64 = llvm::Type::getInt64Ty(program->context());
  program->Define("rows_" + std::to_string(id), {pointer, pointer, i64}, [&](Emission& e) {
    e.fn.Loop(e.fn.Argument(3), [&](llvm::Value* index) {
      llvm::Value* memory = e.fn.Call("kappa_row_at", {e.fn.Argument(1), index});
      EmittedRow row;
      for (size_t i = 0; i < columns.size(); ++i) row.Set(columns[i].id, e.fn.Load(layout, layout.slots()[i], memory));
      if (weighted) row.weight = e.fn.Call("kappa_weight_at", {e.fn.Argument(2), index});
      program->Next(e, id, row);
    });
  });
}

void EmitWindows(CodeBuilder& fn, const WindowSpec& window, llvm::Value* time, const std::function<void(llvm::Value*, llvm::Value*)>& body) {
  auto& ir = fn.ir();
  auto* i64 = ir.getInt64Ty();
  if (window.kind == WindowSpec::Kind::kCumulate) {  // one start; every end after the time
    llvm::Value* start = fn.Call("kappa_window_floor", {time, fn.I64(window.size), fn.I64(window.offset)});
    llvm::Value* last = ir.CreateAdd(start, fn.I64(window.size));
    llvm::AllocaInst* end = fn.Variable(i64, last);
    fn.While([&] { return ir.CreateICmpSGT(ir.CreateLoad(i64, end), time); },
             [&] {
               llvm::Value* to = ir.CreateLoad(i64, end);
               body(start, to);
               ir.CreateStore(ir.CreateSub(to, fn.I64(window.slide)), end);
             });
    return;
  }
  llvm::Value* last = fn.Call("kappa_window_floor", {time, fn.I64(window.slide), fn.I64(window.offset)});
  if (window.size == window.slide) {
    body(last, ir.CreateAdd(last, fn.I64(window.size)));
    return;
  }
  llvm::AllocaInst* start = fn.Variable(i64, last);
  fn.While([&] { return ir.CreateICmpSGT(ir.CreateAdd(ir.CreateLoad(i64, start), fn.I64(window.size)), time); },
           [&] {
             llvm::Value* from = ir.CreateLoad(i64, start);
             body(from, ir.CreateAdd(from, fn.I64(window.size)));
             ir.CreateStore(ir.CreateSub(from, fn.I64(window.slide)), start);
           });
}

void EmitTimed(Emission& e, OperatorId id, const EmittedRow& row, const SqlValue& time, const std::function<void()>& body) {
  auto& ir = e.fn.ir();
  // |time| < 2^62 microseconds, about 146,000 years: bounds of windows do not overflow.
  llvm::Value* far = ir.CreateICmpSLT(ir.CreateXor(ir.CreateShl(time.parts[0], 1), time.parts[0]), e.fn.I64(0));
  llvm::Value* wrong = time.null == nullptr ? far : ir.CreateOr(time.null, far);
  e.fn.If(
      wrong,
      [&] {
        llvm::Value* why = time.null == nullptr ? e.fn.I32(3) : ir.CreateSelect(time.null, e.fn.I32(0), e.fn.I32(3));
        e.fn.Call("kappa_time_error", {e.context, e.fn.I32(id), why, e.Weight(row)});
      },
      body, true);
}

}  // namespace kappa
