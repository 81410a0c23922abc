#include <cstring>

#include "exec/operators/operator_emitter.h"
#include "functions/registry.h"

namespace kappa {
namespace {

// Folds a value into a row's hash, as bench/baseline does by hand: numbers by value, texts by bytes, numerics by their text.
llvm::Value* EmitFold(Emission& e, llvm::Value* hash, const SqlValue& value) {
  auto& ir = e.fn.ir();
  auto combine = [&](llvm::Value* h, llvm::Value* v) { return e.fn.Call("kappa_hash_combine", {h, v}); };
  auto fold_present = [&](llvm::Value* h) -> llvm::Value* {
    switch (value.type.id()) {
      case TypeId::kStruct:
        for (const SqlValue& field : value.fields) h = EmitFold(e, h, field);
        return h;
      case TypeId::kText:
      case TypeId::kBytea:
      case TypeId::kJsonb:
      case TypeId::kJson:
      case TypeId::kArray:
        return combine(h, e.fn.Call("kappa_hash_bytes", {value.parts[1], ir.CreateAnd(value.parts[0], e.fn.I64(0xFFFFFFFF))}));
      case TypeId::kNumeric: {
        SqlValue present = value;
        present.null = nullptr;
        const SqlValue text =
            e.expressions.CallFunction(*FunctionRegistry::Get().FindCast(TypeId::kNumeric, TypeId::kText), Type(TypeId::kText), {present});
        return combine(h, e.fn.Call("kappa_hash_bytes", {text.parts[1], ir.CreateAnd(text.parts[0], e.fn.I64(0xFFFFFFFF))}));
      }
      case TypeId::kFloat8:
        return combine(h, e.fn.Call("kappa_hash_int", {ir.CreateBitCast(value.parts[0], ir.getInt64Ty())}));
      case TypeId::kFloat4:
        return combine(h, e.fn.Call("kappa_hash_int", {ir.CreateZExt(ir.CreateBitCast(value.parts[0], ir.getInt32Ty()), ir.getInt64Ty())}));
      default:
        for (llvm::Value* part : value.parts) {
          h = combine(h, e.fn.Call("kappa_hash_int",
                                   {part->getType()->isIntegerTy(1) ? ir.CreateZExt(part, ir.getInt64Ty()) : ir.CreateSExt(part, ir.getInt64Ty())}));
        }
        return h;
    }
  };
  if (value.null == nullptr) return fold_present(hash);
  llvm::AllocaInst* result = e.fn.Variable(ir.getInt64Ty(), nullptr);
  e.fn.If(value.null, [&] { ir.CreateStore(combine(hash, e.fn.I64(0x9E)), result); }, [&] { ir.CreateStore(fold_present(hash), result); });
  return ir.CreateLoad(ir.getInt64Ty(), result);
}

// Output: sinks, views and results get the row as it is laid out in their schema; a sink that folds gets its hash.
class OutputEmitter final : public OperatorEmitter {
 public:
  OutputEmitter(ProgramEmitter* program, const PlanOperator& op) : program_(program), op_(op) {}
  void EmitConsume(Emission& e, const EmittedRow& row) override {
    const OutputPlan& output = program_->plan().outputs.at(op_.id);
    if (output.fold < 0) return EmitOutputRow(e, output, op_.output, row);
    e.GuardRow(op_.id, row, [&] {
      llvm::Value* hash = e.fn.I64(0);
      for (const Column& column : op_.output) hash = EmitFold(e, hash, *row.Find(column.id));
      e.fn.Call("kappa_fold", {e.context, e.fn.I32(output.fold), hash, e.Weight(row)});
    });
  }

 private:
  ProgramEmitter* program_;
  const PlanOperator& op_;
};

// Sort collects its rows; the driver sorts them at the end and brings them back:  rows_ID(context, rows, weights, count)
class SortEmitter final : public OperatorEmitter {
 public:
  SortEmitter(ProgramEmitter* program, const PlanOperator& op) : program_(program), op_(op) {}
  void EmitConsume(Emission& e, const EmittedRow& row) override { EmitOutputRow(e, program_->plan().outputs.at(op_.id), op_.output, row); }
  void EmitFunctions() override { EmitRowsFunction(program_, op_.id, *program_->plan().rows.at(op_.id), op_.output, false); }

 private:
  ProgramEmitter* program_;
  const PlanOperator& op_;
};

// Texts are copied where the row outlives what they point to.
SqlValue Own(Emission& e, llvm::Value* buffer, const SqlValue& value) {
  SqlValue owned = value;
  if (value.type.is_struct()) {
    for (SqlValue& field : owned.fields) field = Own(e, buffer, field);
    return owned;
  }
  if (!value.type.has_bytes()) return owned;
  llvm::Value* slot = e.fn.Frame(16);
  SqlValue present = value.null == nullptr ? value : e.fn.Select(value.null, e.fn.Null(value.type), value);
  e.fn.StoreSlot(present, slot);
  e.fn.Call("kappa_output_own", {buffer, slot});
  owned.parts = e.fn.LoadSlot(value.type, slot).parts;
  return owned;
}

}  // namespace

void EmitOutputRow(Emission& e, const OutputPlan& output, const std::vector<Column>& columns, const EmittedRow& row) {
  llvm::Value* buffer = e.fn.Call("kappa_output", {e.context, e.fn.I32(output.output)});
  std::vector<SqlValue> values;
  for (const Column& column : columns) {
    const SqlValue& value = *row.Find(column.id);
    values.push_back(output.copies_texts ? Own(e, buffer, value) : value);
  }
  llvm::Value* memory = e.fn.Call("kappa_output_append", {buffer, e.Weight(row)});
  e.fn.StoreRow(output.schema->layout, values, memory);
}

std::unique_ptr<OperatorEmitter> MakeOutputEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<OutputEmitter>(program, op);
}
std::unique_ptr<OperatorEmitter> MakeSortEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<SortEmitter>(program, op);
}

}  // namespace kappa
