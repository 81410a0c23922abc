// What is generated around a keyed operator (exec/runtime/keyed_operator.h).
//   consume(row, input)   key NULL where that matches nothing: on its way without a match, or dropped; else stage(hash, key, row, weight)
//   emit_ID               the rows that the operator gives
//   match_ID              a join's condition over one row of each side
#include <algorithm>
#include <cstddef>

#include "exec/keyed_plan.h"
#include "exec/operators/packed_row.h"
#include "exec/runtime/keyed_operator.h"

namespace kappa {
namespace {

class KeyedEmitter final : public OperatorEmitter {
 public:
  KeyedEmitter(ProgramEmitter* program, const PlanOperator& op) : program_(program), op_(op), plan_(program->plan().keyed.at(op.id)) {}

  void EmitConsume(Emission& e, const EmittedRow& row) override { EmitInput(e, row, 0); }

  void EmitInput(Emission& e, const EmittedRow& row, size_t number) override {
    const KeyedPlan::Input& input = plan_.inputs[number];
    e.GuardRow(op_.id, row, [&] {
      std::vector<SqlValue> keys;
      llvm::Value* unmatched = nullptr;
      for (size_t i = 0; i < input.keys.size(); ++i) {
        SqlValue key = *row.Find(input.keys[i].id);
        if (!input.null_safe[i]) {
          unmatched = e.fn.Or(unmatched, key.null);
          key.null = nullptr;
        }
        keys.push_back(std::move(key));
      }
      if (unmatched == nullptr) return Stage(e, row, number, std::move(keys));
      e.fn.If(
          unmatched,
          [&] {
            if (input.passes_unmatched) Unmatched(e, row, number);
          },
          [&] { Stage(e, row, number, std::move(keys)); });
    });
  }

  void EmitFunctions() override {
    EmitEmit();
    if (const auto* join = op_.As<JoinOp>(); join != nullptr && join->condition) EmitMatch(*join->condition);
  }

 private:
  std::string Name(const char* what) const { return std::string(what) + "_" + std::to_string(op_.id); }

  bool IsWanted(ColumnId id) const {
    return std::any_of(op_.output.begin(), op_.output.end(), [&](const Column& column) { return column.id == id; });
  }

  void Stage(Emission& e, const EmittedRow& row, size_t number, std::vector<SqlValue> keys) {
    const KeyedPlan::Input& input = plan_.inputs[number];
    for (size_t i = 0; i < keys.size(); ++i) {
      keys[i].type = input.keys[i].type;
      keys[i] = EmitCanonical(e, std::move(keys[i]));
      if (!input.keys[i].nullable) keys[i].null = nullptr;
    }
    std::vector<SqlValue> values;
    for (const Column& column : input.columns) values.push_back(*row.Find(column.id));
    const bool variable = std::any_of(input.keys.begin(), input.keys.end(), [](const Column& key) { return IsVariable(key.type); });
    const auto [key, key_size] =
        keys.empty() ? std::pair<llvm::Value*, llvm::Value*>(e.fn.Pointer(""), e.fn.I64(0)) : EmitPacked(e, input.key, std::move(keys));
    const auto [bytes, size] = EmitPacked(e, input.layout, std::move(values));
    llvm::Value* hash = input.hash_row ? e.fn.Call("kappa_hash_bytes", {bytes, size}) : EmitHash(e, input.key, key, variable ? key_size : nullptr);
    llvm::Value* stage = e.fn.Call("kappa_keyed_stage", {e.context, e.fn.I32(input.stage)});
    const bool alone = program_->plan().workers == 1;
    e.fn.Call("kappa_keyed_stage_add",
              {stage, alone ? e.fn.I32(0) : e.fn.Call("kappa_owner", {e.context, hash}), hash, e.Weight(row), key, key_size, bytes, size});
    if (!alone) return;
    auto& ir = e.fn.ir();
    e.fn.If(
        e.fn.Call("kappa_keyed_stage_full", {stage}),
        [&] {
          auto* type = llvm::FunctionType::get(ir.getVoidTy(), {ir.getPtrTy()}, false);
          ir.CreateCall(type, e.fn.Pointer(reinterpret_cast<const void*>(&ApplyFullStage)), {stage});
        },
        nullptr, true);
  }

  // A row of one side, on its way with the other side's columns NULL.
  void Unmatched(Emission& e, const EmittedRow& row, size_t side) {
    EmittedRow out;
    out.weight = op_.append_only ? nullptr : e.Weight(row);  // the input may be append-only
    for (const Column& column : op_.output) {
      const SqlValue* own = plan_.inputs[side].Find(column.id) >= 0 ? row.Find(column.id) : nullptr;
      out.Set(column.id, own != nullptr ? *own : e.fn.Null(column.type));
    }
    program_->Next(e, op_.id, out);
  }

  void LoadPart(Emission& e, const KeyedPlan::Part& part, llvm::Value* memory, EmittedRow* out) {
    std::vector<std::pair<ColumnId, CodeBuilder::Holder>> holders;
    if (!part.may_be_absent) {
      for (size_t i = 0; i < part.columns.size(); ++i) {
        if (IsWanted(part.columns[i].id)) out->Set(part.columns[i].id, EmitLoadPacked(e, part.layout, part.layout.slots()[i], memory));
      }
      return;
    }
    for (const Column& column : part.columns) {
      if (IsWanted(column.id)) holders.emplace_back(column.id, e.fn.Hold(column.type));
    }
    e.fn.If(
        e.fn.ir().CreateIsNotNull(memory),
        [&] {
          for (size_t i = 0, next = 0; i < part.columns.size(); ++i) {
            if (IsWanted(part.columns[i].id)) e.fn.Assign(holders[next++].second, EmitLoadPacked(e, part.layout, part.layout.slots()[i], memory));
          }
        },
        [&] {
          for (const auto& [id, holder] : holders) e.fn.Assign(holder, e.fn.Null(holder.type));
        });
    for (const auto& [id, holder] : holders) out->Set(id, e.fn.Read(holder));
  }

  void EmitEmit() {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    program_->Define(Name("emit"), {pointer, llvm::Type::getInt64Ty(program_->context())}, [&](Emission& e) {
      auto& ir = e.fn.ir();
      e.fn.Loop(e.fn.Argument(2), [&](llvm::Value* index) {
        llvm::Value* output = e.fn.At(e.fn.Argument(1), ir.CreateMul(index, e.fn.I64(sizeof(KeyedOutput))));
        EmittedRow row;
        for (size_t i = 0; i < plan_.parts.size(); ++i) {
          LoadPart(e, plan_.parts[i], ir.CreateLoad(ir.getPtrTy(), e.fn.At(output, static_cast<int64_t>(i * sizeof(char*)))), &row);
        }
        llvm::Value* weight = ir.CreateLoad(ir.getInt64Ty(), e.fn.At(output, static_cast<int64_t>(offsetof(KeyedOutput, weight))));
        if (op_.append_only) return e.fn.Loop(weight, [&](llvm::Value*) { program_->Next(e, op_.id, row); });
        row.weight = weight;
        program_->Next(e, op_.id, row);
      });
    });
  }

  void EmitMatch(const Expr& condition) {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    program_->DefineReturning(Name("match"), llvm::Type::getInt8Ty(program_->context()), {pointer, pointer}, [&](Emission& e) {
      auto& ir = e.fn.ir();
      llvm::AllocaInst* result = e.fn.Variable(ir.getInt8Ty(), ir.getInt8(0));
      EmittedRow row;
      std::vector<ColumnId> read;
      CollectColumns(condition, &read);
      for (unsigned side = 0; side < 2; ++side) {
        const KeyedPlan::Input& input = plan_.inputs[side];
        for (size_t i = 0; i < input.columns.size(); ++i) {
          if (std::find(read.begin(), read.end(), input.columns[i].id) == read.end()) continue;
          row.Set(input.columns[i].id, EmitLoadPacked(e, input.layout, input.layout.slots()[i], e.fn.Argument(1 + side)));
        }
      }
      e.GuardRow(op_.id, row, [&] {
        llvm::Value* holds = e.fn.IsTrue(e.expressions.Emit(condition, row));
        ir.CreateStore(ir.CreateZExt(holds, ir.getInt8Ty()), result);
      });
      return ir.CreateLoad(ir.getInt8Ty(), result);
    });
  }

  ProgramEmitter* program_;
  const PlanOperator& op_;
  const KeyedPlan& plan_;
};

}  // namespace

std::unique_ptr<OperatorEmitter> MakeKeyedEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<KeyedEmitter>(program, op);
}

}  // namespace kappa
