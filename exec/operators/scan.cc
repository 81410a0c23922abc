#include "common/record.h"
#include "exec/operators/operator_emitter.h"

namespace kappa {
namespace {

// Scan: scan_ID(context, records, count)
//   for each record
//     a tombstone                  -> dead letter; UPSERT: a row of NULLs that deletes; DEBEZIUM: passed over
//     decode the wanted columns    -> dead letter when it fails
//     next(row)                    DEBEZIUM without a key: next(before, -1), next(after, +1)
class ScanEmitter final : public OperatorEmitter {
 public:
  ScanEmitter(ProgramEmitter* program, const PlanOperator& op)
      : program_(program), op_(op), scan_(*op.As<ScanOp>()), plan_(program->plan().scans.at(op.id)) {}

  void EmitConsume(Emission&, const EmittedRow&) override {}

  void EmitFunctions() override {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    program_->Define("scan_" + std::to_string(op_.id), {pointer, llvm::Type::getInt64Ty(program_->context())}, [&](Emission& e) {
      llvm::Value* decoded =
          plan_.decode == nullptr ? nullptr : e.fn.Frame(std::max<size_t>(plan_.decode->layout().size() * plan_.decode->rows(), 8), 16);
      e.fn.Loop(e.fn.Argument(2), [&](llvm::Value* index) {
        llvm::Value* record = e.fn.Call("kappa_record_at", {e.fn.Argument(1), index});
        e.fn.Call("kappa_scan_record", {e.context, record});
        EmitRecord(e, record, decoded);
      });
      e.fn.Call("kappa_scan_record", {e.context, llvm::ConstantPointerNull::get(pointer)});
    });
  }

 private:
  // Of the row that is emitted: what its envelope says.
  struct Change {
    llvm::Value* weight = nullptr;   // nullptr: +1
    llvm::Value* deleted = nullptr;  // i1; of upserts
  };

  void EmitRecord(Emission& e, llvm::Value* record, llvm::Value* decoded) {
    if (scan_.envelope == Envelope::kUpsert) return EmitUpsert(e, record, decoded);
    if (decoded == nullptr) return EmitRow(e, record, nullptr, {});
    llvm::Value* value = e.fn.Call("kappa_record_value", {record});
    e.fn.If(
        e.fn.ir().CreateIsNull(value),
        [&] {
          if (scan_.envelope == Envelope::kPlain) e.fn.Call("kappa_tombstone_error", {e.context, e.fn.I32(op_.id)});
        },
        [&] {
          if (scan_.envelope == Envelope::kDebezium)
            EmitEvent(e, record, value, decoded);
          else
            EmitDecode(e, record, value, decoded, [&] { EmitRow(e, record, decoded, {}); });
        },
        true);
  }

  llvm::Value* CallDecoder(Emission& e, llvm::Value* record, llvm::Value* value, llvm::Value* decoded) {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    auto* i32 = llvm::Type::getInt32Ty(program_->context());
    auto* type = llvm::FunctionType::get(i32, {pointer, pointer, pointer, pointer, i32, pointer}, false);
    return e.fn.ir().CreateCall(program_->module()->getOrInsertFunction(DecodeSymbol(*plan_.decode), type),
                                {e.fn.Pointer(plan_.decode.get()), e.fn.Call("kappa_decoder", {e.context, e.fn.I32(plan_.decoder)}),
                                 e.fn.Call("kappa_call_context", {e.context}), value, e.fn.Call("kappa_record_value_size", {record}), decoded});
  }
  llvm::Value* Is(Emission& e, llvm::Value* result, DecodeResult what) { return e.fn.ir().CreateICmpEQ(result, e.fn.I32(static_cast<int>(what))); }
  void EmitDecode(Emission& e, llvm::Value* record, llvm::Value* value, llvm::Value* decoded, const std::function<void()>& row) {
    llvm::Value* result = CallDecoder(e, record, value, decoded);
    e.fn.If(Is(e, result, DecodeResult::kRow), row, [&] { e.fn.Call("kappa_decode_error", {e.context, e.fn.I32(op_.id), e.fn.I32(plan_.decoder)}); });
  }

  // A change event: none, one or two rows.
  void EmitEvent(Emission& e, llvm::Value* record, llvm::Value* value, llvm::Value* decoded) {
    auto& ir = e.fn.ir();
    llvm::Value* result = CallDecoder(e, record, value, decoded);
    e.fn.If(
        Is(e, result, DecodeResult::kError), [&] { e.fn.Call("kappa_decode_error", {e.context, e.fn.I32(op_.id), e.fn.I32(plan_.decoder)}); },
        [&] {
          llvm::Value* rows = ir.CreateSelect(Is(e, result, DecodeResult::kUpdate), e.fn.I64(2),
                                              ir.CreateSelect(Is(e, result, DecodeResult::kNothing), e.fn.I64(0), e.fn.I64(1)));
          llvm::Value* comes = Is(e, result, DecodeResult::kRow);
          e.fn.Loop(rows, [&](llvm::Value* index) {
            llvm::Value* row = e.fn.At(decoded, ir.CreateMul(index, e.fn.I64(static_cast<int64_t>(plan_.decode->layout().size()))));
            llvm::Value* inserts = ir.CreateOr(comes, ir.CreateICmpEQ(index, e.fn.I64(1)));
            if (scan_.keyed)
              EmitRow(e, record, row, {nullptr, ir.CreateNot(inserts)});
            else
              EmitRow(e, record, row, {ir.CreateSelect(inserts, e.fn.I64(1), e.fn.I64(-1)), nullptr});
          });
        },
        true);
  }

  // The row its key has now; a record without a value deletes it.
  void EmitUpsert(Emission& e, llvm::Value* record, llvm::Value* decoded) {
    auto& ir = e.fn.ir();
    e.fn.If(
        ir.CreateIsNull(e.fn.Call("kappa_record_key", {record})), [&] { e.fn.Call("kappa_key_error", {e.context, e.fn.I32(op_.id)}); },
        [&] {
          llvm::Value* value = e.fn.Call("kappa_record_value", {record});
          llvm::Value* deleted = ir.CreateIsNull(value);
          if (decoded == nullptr) return EmitRow(e, record, nullptr, {nullptr, deleted});
          llvm::AllocaInst* ready = e.fn.Variable(ir.getInt1Ty(), e.fn.I1(true));
          e.fn.If(
              deleted,
              [&] {
                const std::string& empty = plan_.decode->empty_row();
                ir.CreateMemCpy(decoded, llvm::Align(8), e.fn.Pointer(empty.data()), llvm::Align(1), empty.size());
              },
              [&] {
                llvm::Value* result = CallDecoder(e, record, value, decoded);
                e.fn.If(
                    Is(e, result, DecodeResult::kError),
                    [&] {
                      e.fn.Call("kappa_decode_error", {e.context, e.fn.I32(op_.id), e.fn.I32(plan_.decoder)});
                      ir.CreateStore(e.fn.I1(false), ready);
                    },
                    nullptr, true);
              });
          e.fn.If(ir.CreateLoad(ir.getInt1Ty(), ready), [&] { EmitRow(e, record, decoded, {nullptr, deleted}); });
        },
        true);
  }

  void EmitRow(Emission& e, llvm::Value* record, llvm::Value* decoded, const Change& change) {
    EmittedRow row;
    row.weight = change.weight;
    for (size_t i = 0; i < plan_.decoded.size() && decoded != nullptr; ++i) {
      const Column& column = scan_.columns[static_cast<size_t>(plan_.decoded[i])].column;
      row.Set(column.id, e.fn.Load(plan_.decode->layout(), plan_.decode->layout().slots()[i], decoded));
    }
    for (const ScanOp::ScanColumn& column : scan_.columns) {
      if (column.metadata == Metadata::kDeleted)
        row.Set(column.column.id, {column.column.type, {e.fn.ir().CreateZExt(change.deleted, e.fn.PartTypes(column.column.type)[0])}, nullptr, {}});
      else if (column.metadata != Metadata::kNone)
        row.Set(column.column.id, EmitMetadata(e, column, record));
    }
    program_->Next(e, op_.id, row);
  }

  // By which the source's records are known where a batch does not say: its topic, or its path.
  std::string Topic() const {
    for (const char* name : {"topic", "path"})
      if (const auto found = scan_.options.find(name); found != scan_.options.end()) return found->second;
    return scan_.source;
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
      case Metadata::kHeader: {
        llvm::Value* text = e.fn.Frame(16);
        e.fn.StoreSlot(e.fn.Null(type), text);
        llvm::Value* name = e.fn.Frame(16);
        e.fn.StoreSlot(e.fn.Constant(TypeId::kText, Datum::Bytes(column.header)), name);
        llvm::Value* found = e.fn.Call("kappa_record_header", {record, name, text});
        SqlValue header = e.fn.LoadSlot(type, text);
        header.null = ir.CreateNot(ir.CreateTrunc(found, ir.getInt1Ty()));
        return header;
      }
      case Metadata::kHeaders: {
        llvm::Value* text = e.fn.Frame(16);
        e.fn.Call("kappa_record_headers", {e.context, record, text});
        return e.fn.LoadSlot(type, text);
      }
      default: {
        llvm::Value* text = e.fn.Frame(16);
        e.fn.StoreSlot(e.fn.Constant(type, Datum::Bytes(Topic())), text);
        e.fn.Call("kappa_scan_topic", {e.context, text});
        return e.fn.LoadSlot(type, text);
      }
    }
  }

  ProgramEmitter* program_;
  const PlanOperator& op_;
  const ScanOp& scan_;
  const ScanPlan& plan_;
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
