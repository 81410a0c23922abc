// Operators without state: one row in, rows out.
#include "exec/operators/operator_emitter.h"
#include "exec/runtime/partition_clock.h"

namespace kappa {
namespace {

// What all of them share: the operator and where its rows go.
class RowOperatorEmitter : public OperatorEmitter {
 public:
  RowOperatorEmitter(ProgramEmitter* program, const PlanOperator& op) : program_(program), op_(op) {}

 protected:
  void Next(Emission& e, const EmittedRow& row) { program_->Next(e, op_.id, row); }
  ProgramEmitter* program_;
  const PlanOperator& op_;
};

// Filter passes on the rows for which its predicate is true (not false, not null).
class FilterEmitter final : public RowOperatorEmitter {
 public:
  using RowOperatorEmitter::RowOperatorEmitter;
  void EmitConsume(Emission& e, const EmittedRow& row) override {
    e.GuardRow(op_.id, row, [&] {
      const SqlValue keep = e.expressions.Emit(*op_.As<FilterOp>()->predicate, row);
      e.fn.If(e.fn.IsTrue(keep), [&] { Next(e, row); });
    });
  }
};

// Project adds the columns it computes; others pass through.
class ProjectEmitter final : public RowOperatorEmitter {
 public:
  using RowOperatorEmitter::RowOperatorEmitter;
  void EmitConsume(Emission& e, const EmittedRow& row) override {
    e.GuardRow(op_.id, row, [&] {
      EmittedRow out = row;
      for (const auto& [column, expression] : op_.As<ProjectOp>()->columns) out.Set(column.id, e.expressions.Emit(*expression, row));
      Next(e, out);
    });
  }
};

// Watermark follows its partition's clock; the row's watermark is the one at its turn.
class WatermarkEmitter final : public RowOperatorEmitter {
 public:
  using RowOperatorEmitter::RowOperatorEmitter;
  void EmitConsume(Emission& e, const EmittedRow& row) override {
    const WatermarkOp& op = *op_.As<WatermarkOp>();
    const SqlValue time = *row.Find(op.time);
    const bool own = op.candidate != kNoColumn;  // an expression of its own
    const SqlValue candidate = own ? *row.Find(op.candidate) : time;
    auto advance = [&] { return e.fn.Call("kappa_clock_advance", {e.context, candidate.parts[0], e.fn.I64(own ? 0 : op.delay_micros)}); };
    EmittedRow out = row;
    llvm::Value* unknown = own ? e.fn.Or(candidate.null, time.null) : time.null;
    if (unknown == nullptr) {
      out.watermark = advance();
    } else {
      llvm::AllocaInst* watermark = e.fn.Variable(e.fn.ir().getInt64Ty(), nullptr);
      e.fn.If(
          unknown, [&] { e.fn.ir().CreateStore(e.fn.Call("kappa_clock_now", {e.context}), watermark); },
          [&] { e.fn.ir().CreateStore(advance(), watermark); });
      out.watermark = e.fn.ir().CreateLoad(e.fn.ir().getInt64Ty(), watermark);
    }
    if (op.current != kNoColumn) {
      llvm::Value* none = e.fn.ir().CreateICmpEQ(out.watermark, e.fn.I64(kNoWatermark));
      out.Set(op.current, {time.type, {e.fn.ir().CreateSelect(none, e.fn.I64(0), out.watermark)}, none, {}});
    }
    Next(e, out);
  }
};

// MAX AHEAD wraps Watermark: a row from the far future goes no further and moves nothing.
class MaxAheadEmitter final : public RowOperatorEmitter {
 public:
  MaxAheadEmitter(ProgramEmitter* program, const PlanOperator& op) : RowOperatorEmitter(program, op), watermark_(program, op) {}
  void EmitConsume(Emission& e, const EmittedRow& row) override {
    const WatermarkOp& op = *op_.As<WatermarkOp>();
    const SqlValue time = *row.Find(op.time);
    llvm::Value* ahead = e.fn.Call("kappa_too_far_ahead", {e.context, time.parts[0], e.fn.I64(*op.max_ahead_micros)});
    if (time.null != nullptr) ahead = e.fn.ir().CreateAnd(ahead, e.fn.ir().CreateNot(time.null));
    e.fn.If(
        ahead, [&] { e.fn.Call("kappa_time_error", {e.context, e.fn.I32(op_.id), e.fn.I32(2), e.Weight(row)}); },
        [&] { watermark_.EmitConsume(e, row); }, true);
  }

 private:
  WatermarkEmitter watermark_;
};

// Window: a row per window that holds its time.
class WindowEmitter final : public RowOperatorEmitter {
 public:
  using RowOperatorEmitter::RowOperatorEmitter;
  void EmitConsume(Emission& e, const EmittedRow& row) override {
    const WindowSpec& window = op_.As<WindowOp>()->window;
    const SqlValue time = *row.Find(window.time);
    EmitTimed(e, op_.id, row, time, [&] {
      EmitWindows(e.fn, window, time.parts[0], [&](llvm::Value* start, llvm::Value* end) {
        EmittedRow out = row;
        for (const Column& column : op_.output) {
          if (column.id == window.start) out.Set(column.id, {column.type, {start}, nullptr, {}});
          if (column.id == window.end) out.Set(column.id, {column.type, {end}, nullptr, {}});
        }
        Next(e, out);
      });
    });
  }
};

// LateCheck: the row is late when its slice has ended by its own partition's watermark.
class LateCheckEmitter final : public RowOperatorEmitter {
 public:
  using RowOperatorEmitter::RowOperatorEmitter;
  void EmitConsume(Emission& e, const EmittedRow& row) override {
    const LateCheckOp& op = *op_.As<LateCheckOp>();
    const SqlValue time = *row.Find(op.time);
    EmitTimed(e, op_.id, row, time, [&] {
      if (row.watermark == nullptr) return Next(e, row);
      llvm::Value* slice = e.fn.Call("kappa_window_floor", {time.parts[0], e.fn.I64(op.slice), e.fn.I64(op.offset)});
      llvm::Value* late = e.fn.ir().CreateICmpSLE(e.fn.ir().CreateAdd(slice, e.fn.I64(op.slice)), row.watermark);
      e.fn.If(late, [&] { e.fn.Call("kappa_time_error", {e.context, e.fn.I32(op_.id), e.fn.I32(1), e.Weight(row)}); }, [&] { Next(e, row); }, true);
    });
  }
};

// Union: its inputs meet in one function, so that what follows is emitted once.  union_ID(context, row, weight, watermark)
class UnionEmitter final : public RowOperatorEmitter {
 public:
  using RowOperatorEmitter::RowOperatorEmitter;
  void EmitConsume(Emission& e, const EmittedRow& row) override {
    const RowLayout& layout = *program_->plan().rows.at(op_.id);
    llvm::Value* memory = e.fn.Frame(std::max<size_t>(layout.size(), 8), 16);
    std::vector<SqlValue> values;
    for (const Column& column : op_.output) values.push_back(*row.Find(column.id));
    e.fn.StoreRow(layout, values, memory);
    e.fn.ir().CreateCall(Function(), {e.context, memory, e.Weight(row), row.watermark == nullptr ? e.fn.I64(INT64_MIN) : row.watermark});
  }
  void EmitFunctions() override {
    Function();
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    auto* i64 = llvm::Type::getInt64Ty(program_->context());
    program_->Define(Name() + "_body", {pointer, i64, i64}, [&](Emission& e) {
      const RowLayout& layout = *program_->plan().rows.at(op_.id);
      EmittedRow row;
      for (size_t i = 0; i < op_.output.size(); ++i) row.Set(op_.output[i].id, e.fn.Load(layout, layout.slots()[i], e.fn.Argument(1)));
      if (!op_.append_only) row.weight = e.fn.Argument(2);
      row.watermark = e.fn.Argument(3);
      Next(e, row);
    });
    // The declaration that inputs called is the body.
    llvm::Function* body = program_->module()->getFunction(Name() + "_body");
    llvm::Function* declared = Function();
    declared->replaceAllUsesWith(body);
    declared->eraseFromParent();
    body->setName(Name());
    body->setLinkage(llvm::GlobalValue::InternalLinkage);
  }

 private:
  std::string Name() const { return "union_" + std::to_string(op_.id); }
  llvm::Function* Function() {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    auto* i64 = llvm::Type::getInt64Ty(program_->context());
    auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(program_->context()), {pointer, pointer, i64, i64}, false);
    return llvm::cast<llvm::Function>(program_->module()->getOrInsertFunction(Name() + "_in", type).getCallee());
  }
};

}  // namespace

std::unique_ptr<OperatorEmitter> MakeFilterEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<FilterEmitter>(program, op);
}
std::unique_ptr<OperatorEmitter> MakeProjectEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<ProjectEmitter>(program, op);
}
std::unique_ptr<OperatorEmitter> MakeWatermarkEmitter(ProgramEmitter* program, const PlanOperator& op) {
  if (op.As<WatermarkOp>()->max_ahead_micros) return std::make_unique<MaxAheadEmitter>(program, op);
  return std::make_unique<WatermarkEmitter>(program, op);
}
std::unique_ptr<OperatorEmitter> MakeWindowEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<WindowEmitter>(program, op);
}
std::unique_ptr<OperatorEmitter> MakeLateCheckEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<LateCheckEmitter>(program, op);
}
std::unique_ptr<OperatorEmitter> MakeUnionEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<UnionEmitter>(program, op);
}

}  // namespace kappa
