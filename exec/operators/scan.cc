#include "common/record.h"
#include "exec/operators/operator_emitter.h"

namespace kappa {
namespace {

// Scan: scan_ID(context, records, count)
//   for each record
//     a tombstone                  -> dead letter
//     decode the wanted columns    -> dead letter when it fails
//     next(row)
class ScanEmitter final : public OperatorEmitter {
 public:
  ScanEmitter(ProgramEmitter* program, const PlanOperator& op) : program_(program), op_(op), scan_(*op.As<ScanOp>()) {}

  void EmitConsume(Emission&, const EmittedRow&) override {}

  void EmitFunctions() override {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    program_->Define("scan_" + std::to_string(op_.id), {pointer, llvm::Type::getInt64Ty(program_->context())}, [&](Emission& e) {
      const ScanPlan& plan = program_->plan().scans.at(op_.id);
      llvm::Value* decoded = plan.decode == nullptr ? nullptr : e.fn.Frame(std::max<size_t>(plan.decode->layout().size(), 8), 16);
      e.fn.Loop(e.fn.Argument(2), [&](llvm::Value* index) {
        llvm::Value* record = e.fn.Call("kappa_record_at", {e.fn.Argument(1), index});
        e.fn.Call("kappa_scan_record", {e.context, record});
        if (decoded == nullptr) {
          EmitRow(e, record, nullptr);
          return;
        }
        llvm::Value* value = e.fn.Call("kappa_record_value", {record});
        e.fn.If(
            e.fn.ir().CreateIsNull(value), [&] { e.fn.Call("kappa_tombstone_error", {e.context, e.fn.I32(op_.id)}); },
            [&] { EmitDecode(e, plan, record, value, decoded); }, true);
      });
      e.fn.Call("kappa_scan_record", {e.context, llvm::ConstantPointerNull::get(pointer)});
    });
  }

 private:
  void EmitDecode(Emission& e, const ScanPlan& plan, llvm::Value* record, llvm::Value* value, llvm::Value* decoded) {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    auto* i32 = llvm::Type::getInt32Ty(program_->context());
    auto* type = llvm::FunctionType::get(i32, {pointer, pointer, pointer, pointer, i32, pointer}, false);
    llvm::Value* result =
        e.fn.ir().CreateCall(program_->module()->getOrInsertFunction(DecodeSymbol(*plan.decode), type),
                             {e.fn.Pointer(plan.decode.get()), e.fn.Call("kappa_decoder", {e.context, e.fn.I32(plan.decoder)}),
                              e.fn.Call("kappa_call_context", {e.context}), value, e.fn.Call("kappa_record_value_size", {record}), decoded});
    e.fn.If(
        e.fn.ir().CreateICmpEQ(result, e.fn.I32(static_cast<int>(DecodeResult::kRow))), [&] { EmitRow(e, record, decoded); },
        [&] { e.fn.Call("kappa_decode_error", {e.context, e.fn.I32(op_.id), e.fn.I32(plan.decoder)}); });
  }

  void EmitRow(Emission& e, llvm::Value* record, llvm::Value* decoded) {
    const ScanPlan& plan = program_->plan().scans.at(op_.id);
    EmittedRow row;
    for (size_t i = 0; i < plan.decoded.size() && decoded != nullptr; ++i) {
      const Column& column = scan_.columns[static_cast<size_t>(plan.decoded[i])].column;
      row.Set(column.id, e.fn.Load(plan.decode->layout(), plan.decode->layout().slots()[i], decoded));
    }
    for (const ScanOp::ScanColumn& column : scan_.columns) {
      if (column.metadata != Metadata::kNone) row.Set(column.column.id, EmitMetadata(e, column, record));
    }
    program_->Next(e, op_.id, row);
  }

  SqlValue EmitMetadata(Emission& e, const ScanOp::ScanColumn& column, llvm::Value* record) {
    auto& ir = e.fn.ir();
    const Type type = column.column.type;
    switch (column.metadata) {
      case Metadata::kPartition: {
        llvm::Value* partition = e.fn.Call("kappa_scan_partition", {e.context});
        return {type, {ir.CreateSExtOrTrunc(partition, e.fn.PartTypes(type)[0])}, nullptr, {}};
      }
      case Metadata::kOffset:
        return {type, {e.fn.Call("kappa_record_offset", {record})}, nullptr, {}};
      case Metadata::kTimestamp: {
        llvm::Value* millis = e.fn.Call("kappa_record_timestamp", {record});
        return {type, {ir.CreateMul(millis, e.fn.I64(1000))}, ir.CreateICmpEQ(millis, e.fn.I64(-1)), {}};
      }
      case Metadata::kKey: {
        llvm::Value* text = e.fn.Frame(16);
        e.fn.Call("kappa_record_key_text", {text, record});
        SqlValue key = e.fn.LoadSlot(type, text);
        key.null = ir.CreateIsNull(key.parts[1]);
        return key;
      }
      default:
        return e.fn.Constant(type, Datum::Bytes(scan_.source));
    }
  }

  ProgramEmitter* program_;
  const PlanOperator& op_;
  const ScanOp& scan_;
};

// Values: values_ID(context): each row of constants once.
class ValuesEmitter final : public OperatorEmitter {
 public:
  ValuesEmitter(ProgramEmitter* program, const PlanOperator& op) : program_(program), op_(op) {}
  void EmitConsume(Emission&, const EmittedRow&) override {}
  void EmitFunctions() override {
    program_->Define("values_" + std::to_string(op_.id), {}, [&](Emission& e) {
      for (const auto& expressions : op_.As<ValuesOp>()->rows) {
        EmittedRow row;
        e.GuardRow(op_.id, row, [&] {
          for (size_t i = 0; i < expressions.size(); ++i) row.Set(op_.output[i].id, e.expressions.Emit(*expressions[i], {}));
          program_->Next(e, op_.id, row);
        });
      }
    });
  }

 private:
  ProgramEmitter* program_;
  const PlanOperator& op_;
};

// ViewScan: rows_ID(context, rows, weights, count): rows of a view at a pinned epoch, as the driver brings them.
class ViewScanEmitter final : public OperatorEmitter {
 public:
  ViewScanEmitter(ProgramEmitter* program, const PlanOperator& op) : program_(program), op_(op) {}
  void EmitConsume(Emission&, const EmittedRow&) override {}
  void EmitFunctions() override { EmitRowsFunction(program_, op_.id, *program_->plan().rows.at(op_.id), op_.output, !op_.append_only); }

 private:
  ProgramEmitter* program_;
  const PlanOperator& op_;
};

}  // namespace

std::unique_ptr<OperatorEmitter> MakeScanEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<ScanEmitter>(program, op);
}
std::unique_ptr<OperatorEmitter> MakeValuesEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<ValuesEmitter>(program, op);
}
std::unique_ptr<OperatorEmitter> MakeViewScanEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<ViewScanEmitter>(program, op);
}

}  // namespace kappa
