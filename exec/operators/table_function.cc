// TableFunction: each row with each row that a function answers for it.   state: none beyond the row
//   consume(row)    open(arguments); while next(): hand on the row with the function's columns and its number
#include "functions/table/table_function.h"

#include <algorithm>

#include "exec/operators/operator_emitter.h"

namespace kappa {
namespace {

class TableFunctionEmitter final : public OperatorEmitter {
 public:
  TableFunctionEmitter(ProgramEmitter* program, const PlanOperator& op) : program_(program), op_(op) {
    std::vector<StructField> fields;
    for (const Column& column : plan().columns) fields.push_back({column.name, column.type});
    row_ = DescribeType(Type::Struct(std::move(fields)));
  }

  void EmitConsume(Emission& e, const EmittedRow& row) override {
    const TableFunction* function = FindTableFunction(plan().function);  // Verify has seen that there is one
    auto& ir = e.fn.ir();
    llvm::Value* state = e.fn.Frame(function->state_size, 16);
    llvm::Value* out = e.fn.Frame(std::max<size_t>(row_->layout.size(), 8), 16);
    e.GuardRow(op_.id, row, [&] {
      std::vector<SqlValue> args;
      for (const ExprPtr& arg : plan().args) args.push_back(e.expressions.Emit(*arg, row));
      llvm::Value* call = e.fn.Call("kappa_call_context", {e.context});
      auto step = [&](const void* code, std::vector<llvm::Value*> arguments) {
        std::vector<llvm::Type*> types;
        for (llvm::Value* argument : arguments) types.push_back(argument->getType());
        auto* type = llvm::FunctionType::get(ir.getInt32Ty(), types, false);
        llvm::Value* answer = ir.CreateCall(type, e.fn.Pointer(code), arguments);
        e.fn.Check(ir.CreateICmpSGE(answer, e.fn.I32(0)));
        return answer;
      };
      llvm::Value* outer = e.fn.I32(plan().outer ? 1 : 0);
      step(reinterpret_cast<const void*>(function->open), {call, state, e.expressions.AnyValuesOf(args), e.fn.I32(static_cast<int64_t>(args.size())),
                                                           e.expressions.DescriptorOf(row_->type), outer});
      e.fn.While([&] { return ir.CreateICmpSGT(step(reinterpret_cast<const void*>(function->next), {call, state, out}), e.fn.I32(0)); },
                 [&] { program_->Next(e, op_.id, WithColumns(e, row, state, out)); });
    });
  }

 private:
  const TableFunctionOp& plan() const { return *op_.As<TableFunctionOp>(); }

  EmittedRow WithColumns(Emission& e, const EmittedRow& row, llvm::Value* state, llvm::Value* out) const {
    auto& ir = e.fn.ir();
    EmittedRow with = row;
    for (size_t i = 0; i < plan().columns.size(); ++i) {
      const ColumnId id = plan().columns[i].id;
      const bool wanted = std::any_of(op_.output.begin(), op_.output.end(), [&](const Column& column) { return column.id == id; });
      if (wanted) with.Set(id, e.fn.Load(row_->layout, row_->layout.slots()[i], out));
    }
    if (plan().ordinality.id == kNoColumn) return with;
    llvm::Value* number = ir.CreateLoad(ir.getInt64Ty(), state);
    llvm::Value* null = plan().outer ? ir.CreateICmpEQ(number, e.fn.I64(0)) : nullptr;
    with.Set(plan().ordinality.id, {Type(TypeId::kInt8), {number}, null, {}});
    return with;
  }

  ProgramEmitter* program_;
  const PlanOperator& op_;
  const TypeDescriptor* row_;
};

}  // namespace

std::unique_ptr<OperatorEmitter> MakeTableFunctionEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<TableFunctionEmitter>(program, op);
}

}  // namespace kappa
