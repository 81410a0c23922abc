#include "exec/codegen/code_builder.h"

#include <cstring>

#include "exec/codegen/runtime_library.h"
#include "llvm/IR/MDBuilder.h"

namespace kappa {

using llvm::BasicBlock;
using Value = llvm::Value*;

CodeBuilder::CodeBuilder(llvm::Module* module, RuntimeLibrary* runtime, std::string_view name, llvm::Type* result,
                         const std::vector<llvm::Type*>& types)
    : module_(module), runtime_(runtime), ir_(module->getContext()) {
  auto* type = llvm::FunctionType::get(result, types, false);
  function_ = llvm::Function::Create(type, llvm::Function::ExternalLinkage, llvm::StringRef(name.data(), name.size()), module);
  runtime_->SetAttributes(function_);
  entry_ = BasicBlock::Create(module->getContext(), "entry", function_);
  BasicBlock* body = BasicBlock::Create(module->getContext(), "body", function_);
  ir_.SetInsertPoint(entry_);
  ir_.CreateBr(body);
  ir_.SetInsertPoint(body);
}

Value CodeBuilder::Pointer(const void* address) { return runtime_->Bind(module_, address); }
Value CodeBuilder::At(Value pointer, int64_t bytes) {
  return bytes == 0 ? pointer : ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), pointer, static_cast<uint64_t>(bytes));
}
Value CodeBuilder::At(Value pointer, Value bytes) { return ir_.CreateInBoundsGEP(ir_.getInt8Ty(), pointer, bytes); }

Value CodeBuilder::CallFunction(llvm::Function* callee, std::vector<Value> arguments) {
  for (unsigned i = 0; i < arguments.size(); ++i) {
    llvm::Type* wanted = callee->getFunctionType()->getParamType(i);
    if (arguments[i]->getType() != wanted && wanted->isIntegerTy()) arguments[i] = ir_.CreateZExtOrTrunc(arguments[i], wanted);
  }
  llvm::CallInst* call = ir_.CreateCall(callee, arguments);
  call->setAttributes(callee->getAttributes());
  return call;
}
Value CodeBuilder::Call(std::string_view name, std::vector<Value> arguments) {
  return CallFunction(runtime_->Declare(module_, name), std::move(arguments));
}
Value CodeBuilder::CallAddress(const void* address, std::vector<Value> arguments) {
  return CallFunction(runtime_->Declare(module_, runtime_->NameOf(address)), std::move(arguments));
}

void CodeBuilder::If(Value condition, const std::function<void()>& then, const std::function<void()>& otherwise, bool unlikely) {
  if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(condition)) {
    if (constant->isOne())
      then();
    else if (otherwise)
      otherwise();
    return;
  }
  llvm::LLVMContext& context = module_->getContext();
  BasicBlock* then_block = BasicBlock::Create(context, "then", function_);
  BasicBlock* else_block = otherwise ? BasicBlock::Create(context, "else", function_) : nullptr;
  BasicBlock* done = BasicBlock::Create(context, "done", function_);
  llvm::MDNode* weights = unlikely ? llvm::MDBuilder(context).createBranchWeights(1, 2000) : nullptr;
  ir_.CreateCondBr(condition, then_block, otherwise ? else_block : done, weights);
  ir_.SetInsertPoint(then_block);
  then();
  if (ir_.GetInsertBlock()->getTerminator() == nullptr) ir_.CreateBr(done);
  if (otherwise) {
    ir_.SetInsertPoint(else_block);
    otherwise();
    if (ir_.GetInsertBlock()->getTerminator() == nullptr) ir_.CreateBr(done);
  }
  ir_.SetInsertPoint(done);
}

void CodeBuilder::Loop(Value count, const std::function<void(Value)>& body) {
  llvm::AllocaInst* index = Variable(ir_.getInt64Ty(), I64(0));
  While([&] { return ir_.CreateICmpSLT(ir_.CreateLoad(ir_.getInt64Ty(), index), count); },
        [&] {
          Value i = ir_.CreateLoad(ir_.getInt64Ty(), index);
          body(i);
          ir_.CreateStore(ir_.CreateNSWAdd(i, I64(1)), index);
        });
}

void CodeBuilder::While(const std::function<Value()>& condition, const std::function<void()>& body) {
  llvm::LLVMContext& context = module_->getContext();
  BasicBlock* head = BasicBlock::Create(context, "head", function_);
  BasicBlock* block = BasicBlock::Create(context, "loop", function_);
  BasicBlock* done = BasicBlock::Create(context, "end", function_);
  ir_.CreateBr(head);
  ir_.SetInsertPoint(head);
  Value go = condition();
  ir_.CreateCondBr(go, block, done);
  ir_.SetInsertPoint(block);
  body();
  ir_.CreateBr(head);
  ir_.SetInsertPoint(done);
}

void CodeBuilder::Return(Value value) { value ? ir_.CreateRet(value) : ir_.CreateRetVoid(); }

Value CodeBuilder::Frame(size_t bytes, size_t alignment) {
  llvm::IRBuilder<> at(entry_->getTerminator());
  llvm::AllocaInst* frame = at.CreateAlloca(llvm::ArrayType::get(ir_.getInt8Ty(), bytes));
  frame->setAlignment(llvm::Align(alignment));
  return frame;
}
llvm::AllocaInst* CodeBuilder::Variable(llvm::Type* type, Value initial) {
  llvm::IRBuilder<> at(entry_->getTerminator());
  llvm::AllocaInst* variable = at.CreateAlloca(type);
  if (initial != nullptr) ir_.CreateStore(initial, variable);
  return variable;
}

void CodeBuilder::Guard(const std::function<void()>& on_error, const std::function<void()>& body) {
  llvm::LLVMContext& context = module_->getContext();
  BasicBlock* error = BasicBlock::Create(context, "row_error", function_);
  BasicBlock* done = BasicBlock::Create(context, "row_done", function_);
  guards_.push_back({error});
  body();
  const bool used = guards_.back().used;
  guards_.pop_back();
  ir_.CreateBr(done);
  if (used) {
    ir_.SetInsertPoint(error);
    on_error();
    ir_.CreateBr(done);
  } else {
    error->eraseFromParent();
  }
  ir_.SetInsertPoint(done);
}

void CodeBuilder::Check(Value ok) {
  BasicBlock* good = BasicBlock::Create(module_->getContext(), "ok", function_);
  guards_.back().used = true;
  ir_.CreateCondBr(ok, good, guards_.back().error, llvm::MDBuilder(module_->getContext()).createBranchWeights(2000, 1));
  ir_.SetInsertPoint(good);
}

std::vector<uint32_t> PartOffsets(TypeId type) {
  switch (type) {
    case TypeId::kText:
    case TypeId::kBytea:
    case TypeId::kJsonb:
    case TypeId::kJson:
    case TypeId::kArray:
    case TypeId::kUuid:
    case TypeId::kUnknown:
      return {0, 8};
    case TypeId::kNumeric:
      return {0, 8, 16, 20};
    case TypeId::kInterval:
      return {0, 8, 12};
    default:
      return {0};
  }
}

llvm::SmallVector<llvm::Type*, 4> CodeBuilder::PartTypes(const Type& type) {
  llvm::Type* i32 = ir_.getInt32Ty();
  llvm::Type* i64 = ir_.getInt64Ty();
  switch (type.id()) {
    case TypeId::kBool:
      return {ir_.getInt1Ty()};
    case TypeId::kInt2:
      return {ir_.getInt16Ty()};
    case TypeId::kInt4:
    case TypeId::kDate:
      return {i32};
    case TypeId::kFloat4:
      return {ir_.getFloatTy()};
    case TypeId::kFloat8:
      return {ir_.getDoubleTy()};
    case TypeId::kText:
    case TypeId::kBytea:
    case TypeId::kJsonb:
    case TypeId::kJson:
    case TypeId::kArray:
    case TypeId::kUnknown:
      return {i64, ir_.getPtrTy()};
    case TypeId::kUuid:
      return {i64, i64};
    case TypeId::kNumeric:
      return {i64, i64, i32, i32};
    case TypeId::kInterval:
      return {i64, i32, i32};
    case TypeId::kStruct:
      return {};
    default:
      return {i64};
  }
}

SqlValue CodeBuilder::LoadSlot(const Type& type, Value slot) {
  SqlValue value{type, {}, nullptr, {}};
  const auto types = PartTypes(type);
  const auto offsets = PartOffsets(type.id());
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i]->isIntegerTy(1)) {
      value.parts.push_back(ir_.CreateTrunc(ir_.CreateAlignedLoad(ir_.getInt8Ty(), At(slot, offsets[i]), llvm::Align(1)), ir_.getInt1Ty()));
    } else {
      const auto bytes = types[i]->isPointerTy() ? 8 : types[i]->getPrimitiveSizeInBits().getFixedValue() / 8;
      value.parts.push_back(ir_.CreateAlignedLoad(types[i], At(slot, offsets[i]), llvm::Align(bytes)));
    }
  }
  return value;
}

void CodeBuilder::StoreSlot(const SqlValue& value, Value slot) {
  const auto offsets = PartOffsets(value.type.id());
  for (size_t i = 0; i < value.parts.size(); ++i) {
    Value part = value.parts[i];
    if (part->getType()->isIntegerTy(1)) part = ir_.CreateZExt(part, ir_.getInt8Ty());
    const auto bytes = part->getType()->isPointerTy() ? 8 : part->getType()->getPrimitiveSizeInBits().getFixedValue() / 8;
    ir_.CreateAlignedStore(part, At(slot, offsets[i]), llvm::Align(bytes));
  }
}

SqlValue CodeBuilder::Load(const RowLayout& layout, const Slot& slot, Value row) {
  SqlValue value{slot.type, {}, nullptr, {}};
  if (slot.type.is_struct()) {
    for (const Slot& field : slot.fields) value.fields.push_back(Load(layout, field, row));
  } else {
    value = LoadSlot(slot.type, At(row, slot.offset));
  }
  if (slot.null_bit >= 0) {
    Value byte = ir_.CreateAlignedLoad(ir_.getInt8Ty(), At(row, layout.null_offset() + static_cast<uint32_t>(slot.null_bit >> 3)), llvm::Align(1));
    value.null = ir_.CreateICmpNE(ir_.CreateAnd(byte, ir_.getInt8(static_cast<uint8_t>(1 << (slot.null_bit & 7)))), ir_.getInt8(0));
  }
  return value;
}

void CodeBuilder::StoreNullBits(const RowLayout& layout, const std::vector<Slot>& slots, const std::vector<SqlValue>& values,
                                std::vector<Value>* words) {
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].null_bit >= 0 && values[i].null != nullptr) {
      Value& word = (*words)[static_cast<size_t>(slots[i].null_bit / 64)];
      Value bit = ir_.CreateShl(ir_.CreateZExt(values[i].null, ir_.getInt64Ty()), I64(slots[i].null_bit % 64));
      word = word == nullptr ? bit : ir_.CreateOr(word, bit);
    }
    if (!slots[i].fields.empty()) StoreNullBits(layout, slots[i].fields, values[i].fields, words);
  }
}

void CodeBuilder::StoreSlots(const std::vector<Slot>& slots, const std::vector<SqlValue>& values, Value row) {
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].type.is_struct()) {
      StoreSlots(slots[i].fields, values[i].fields, row);
      continue;
    }
    SqlValue value = values[i];
    if (value.null != nullptr) value = Select(value.null, Null(value.type), value);
    StoreSlot(value, At(row, slots[i].offset));
  }
}

void CodeBuilder::StoreRow(const RowLayout& layout, const std::vector<SqlValue>& values, Value row) {
  std::vector<Value> words((layout.null_bytes() + 7) / 8, nullptr);
  StoreNullBits(layout, layout.slots(), values, &words);
  for (uint32_t byte = 0; byte < layout.null_bytes(); ++byte) {  // merged into wider stores by the optimizer
    Value word = words[byte / 8];
    Value bits =
        word == nullptr ? static_cast<Value>(ir_.getInt8(0)) : ir_.CreateTrunc(ir_.CreateLShr(word, I64(int64_t{byte % 8} * 8)), ir_.getInt8Ty());
    ir_.CreateAlignedStore(bits, At(row, layout.null_offset() + byte), llvm::Align(1));
  }
  StoreSlots(layout.slots(), values, row);
}

SqlValue CodeBuilder::Null(const Type& type) {
  SqlValue value{type, {}, I1(true), {}};
  for (llvm::Type* part : PartTypes(type)) value.parts.push_back(llvm::Constant::getNullValue(part));
  if (type.is_struct()) {
    for (const StructField& field : type.fields()) value.fields.push_back(Null(field.type));
  }
  return value;
}

SqlValue CodeBuilder::Constant(const Type& type, const Datum& datum) {
  if (datum.is_null()) return Null(type);
  SqlValue value{type, {}, nullptr, {}};
  switch (type.id()) {
    case TypeId::kBool:
      value.parts = {I1(datum.as_bool())};
      break;
    case TypeId::kFloat4:
      value.parts = {llvm::ConstantFP::get(ir_.getFloatTy(), datum.as_float())};
      break;
    case TypeId::kFloat8:
      value.parts = {llvm::ConstantFP::get(ir_.getDoubleTy(), datum.as_float())};
      break;
    case TypeId::kNumeric: {
      const Numeric& n = datum.as_numeric();
      value.parts = {I64(static_cast<int64_t>(n.low)), I64(n.high), I32(n.scale), I32(n.kind)};
      break;
    }
    case TypeId::kInterval: {
      const Interval& interval = datum.as_interval();
      value.parts = {I64(interval.micros), I32(interval.days), I32(interval.months)};
      break;
    }
    case TypeId::kUuid:
      value.parts = {I64(static_cast<int64_t>(datum.as_uuid().high)), I64(static_cast<int64_t>(datum.as_uuid().low))};
      break;
    case TypeId::kText:
    case TypeId::kBytea:
    case TypeId::kJsonb:
    case TypeId::kJson:
    case TypeId::kArray:
    case TypeId::kUnknown: {
      const std::string& bytes = datum.as_bytes();
      const Text text(bytes.data(), bytes.size());
      int64_t head;
      std::memcpy(&head, &text, 8);
      llvm::Constant* data = llvm::ConstantDataArray::getString(module_->getContext(), llvm::StringRef(bytes.data(), bytes.size()), true);
      auto* global = new llvm::GlobalVariable(*module_, data->getType(), true, llvm::GlobalValue::PrivateLinkage, data, "text");
      value.parts = {I64(head), global};
      break;
    }
    case TypeId::kStruct:
      for (size_t i = 0; i < type.fields().size(); ++i) value.fields.push_back(Constant(type.fields()[i].type, datum.as_struct()[i]));
      break;
    default:
      value.parts = {llvm::ConstantInt::get(PartTypes(type)[0], static_cast<uint64_t>(datum.as_int()), true)};
  }
  return value;
}

SqlValue CodeBuilder::Select(Value condition, const SqlValue& a, const SqlValue& b) {
  SqlValue value{a.type, {}, nullptr, {}};
  for (size_t i = 0; i < a.parts.size(); ++i) value.parts.push_back(ir_.CreateSelect(condition, a.parts[i], b.parts[i]));
  for (size_t i = 0; i < a.fields.size(); ++i) value.fields.push_back(Select(condition, a.fields[i], b.fields[i]));
  if (a.null != nullptr || b.null != nullptr) { value.null = ir_.CreateSelect(condition, a.null ? a.null : I1(false), b.null ? b.null : I1(false)); }
  return value;
}

Value CodeBuilder::IsTrue(const SqlValue& value) {
  return value.null == nullptr ? value.parts[0] : ir_.CreateAnd(value.parts[0], ir_.CreateNot(value.null));
}
Value CodeBuilder::IsNull(const SqlValue& value) { return value.null == nullptr ? I1(false) : value.null; }
Value CodeBuilder::Or(Value a, Value b) { return a == nullptr ? b : b == nullptr ? a : ir_.CreateOr(a, b); }

CodeBuilder::Holder CodeBuilder::Hold(const Type& type) {
  Holder holder{type, {}, Variable(ir_.getInt1Ty(), nullptr), {}};
  for (llvm::Type* part : PartTypes(type)) holder.parts.push_back(Variable(part, nullptr));
  if (type.is_struct()) {
    for (const StructField& field : type.fields()) holder.fields.push_back(Hold(field.type));
  }
  return holder;
}
void CodeBuilder::Assign(const Holder& holder, const SqlValue& value) {
  ir_.CreateStore(IsNull(value), holder.null);
  for (size_t i = 0; i < holder.parts.size(); ++i) ir_.CreateStore(value.parts[i], holder.parts[i]);
  for (size_t i = 0; i < holder.fields.size(); ++i) Assign(holder.fields[i], value.fields[i]);
}
SqlValue CodeBuilder::Read(const Holder& holder) {
  SqlValue value{holder.type, {}, ir_.CreateLoad(ir_.getInt1Ty(), holder.null), {}};
  for (llvm::AllocaInst* part : holder.parts) value.parts.push_back(ir_.CreateLoad(part->getAllocatedType(), part));
  for (const Holder& field : holder.fields) value.fields.push_back(Read(field));
  return value;
}

}  // namespace kappa
