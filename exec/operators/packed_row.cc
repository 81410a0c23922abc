#include "exec/operators/packed_row.h"

#include "functions/array_support.h"

namespace kappa {
namespace {

void CollectTexts(const std::vector<Slot>& slots, const std::vector<SqlValue>& values, std::vector<std::pair<const Slot*, SqlValue>>* texts) {
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].type.is_struct())
      CollectTexts(slots[i].fields, values[i].fields, texts);
    else if (slots[i].type.has_bytes())
      texts->emplace_back(&slots[i], values[i]);
  }
}

}  // namespace

SqlValue EmitCanonical(Emission& e, SqlValue value) {
  const TypeId type = value.type.id();
  if (type == TypeId::kFloat8 || type == TypeId::kFloat4) {
    value.parts[0] = e.fn.Call(type == TypeId::kFloat8 ? "kappa_canonical_float8" : "kappa_canonical_float4", {value.parts[0]});
  } else if (type == TypeId::kInterval || (type == TypeId::kNumeric && value.type.modifier() < 0)) {
    llvm::Value* slot = e.fn.Frame(24);
    e.fn.StoreSlot(value, slot);
    e.fn.Call(type == TypeId::kInterval ? "kappa_canonical_interval" : "kappa_canonical_numeric", {slot});
    value.parts = e.fn.LoadSlot(value.type, slot).parts;
  }
  if (value.type.has_bytes() && HasCanonicalForm(*DescribeType(value.type))) {  // arrays of such
    llvm::Value* slot = e.fn.Frame(16);
    e.fn.StoreSlot(value, slot);
    e.fn.CallAddress(reinterpret_cast<const void*>(&CanonicalBytes),
                     {e.fn.Call("kappa_call_context", {e.context}), e.fn.Pointer(DescribeType(value.type)), slot});
    value.parts = e.fn.LoadSlot(value.type, slot).parts;
  }
  if (value.type.is_struct() && value.null != nullptr) {  // whatever the fields of a NULL are
    llvm::Value* null = value.null;
    value = e.fn.Select(null, e.fn.Null(value.type), value);
    value.null = null;
  }
  for (SqlValue& field : value.fields) field = EmitCanonical(e, field);
  return value;
}

std::pair<llvm::Value*, llvm::Value*> EmitPacked(Emission& e, const RowLayout& layout, std::vector<SqlValue> values) {
  auto& ir = e.fn.ir();
  for (SqlValue& value : values) {
    if (value.null == nullptr) continue;
    llvm::Value* null = value.null;
    value = e.fn.Select(null, e.fn.Null(value.type), value);
    value.null = null;
  }
  std::vector<std::pair<const Slot*, SqlValue>> texts;
  CollectTexts(layout.slots(), values, &texts);
  llvm::Value* size = e.fn.I64(static_cast<int64_t>(layout.size()));
  for (auto& [slot, text] : texts) {
    if (text.null != nullptr) text = e.fn.Select(text.null, e.fn.Null(text.type), text);
    size = ir.CreateAdd(size, ir.CreateAnd(text.parts[0], e.fn.I64(0xFFFFFFFF)));
  }
  llvm::Value* out = e.fn.Call("kappa_scratch", {e.context, size});
  ir.CreateMemSet(out, ir.getInt8(0), layout.size(), llvm::Align(8));
  e.fn.StoreRow(layout, values, out);
  llvm::Value* cursor = e.fn.I64(static_cast<int64_t>(layout.size()));
  for (const auto& [slot, text] : texts) {
    llvm::Value* handle = e.fn.Frame(16);
    e.fn.StoreSlot(text, handle);
    cursor = e.fn.Call("kappa_key_put_text", {out, e.fn.I64(slot->offset), cursor, handle});
  }
  return {out, size};
}

llvm::Value* EmitHash(Emission& e, const RowLayout& layout, llvm::Value* key, llvm::Value* size) {
  if (size != nullptr) return e.fn.Call("kappa_hash_bytes", {key, size});
  llvm::Value* hash = nullptr;
  for (size_t word = 0; word < layout.size(); word += 8) {
    llvm::Value* bits = e.fn.ir().CreateAlignedLoad(e.fn.ir().getInt64Ty(), e.fn.At(key, static_cast<int64_t>(word)), llvm::Align(8));
    hash = hash == nullptr ? e.fn.Call("kappa_hash_int", {bits}) : e.fn.Call("kappa_hash_combine", {hash, bits});
  }
  return hash == nullptr ? e.fn.I64(0) : hash;
}

SqlValue EmitLoadPacked(Emission& e, const RowLayout& layout, const Slot& slot, llvm::Value* row) {
  SqlValue value = e.fn.Load(layout, slot, row);
  if (slot.type.is_struct()) {
    value.fields.clear();
    for (const Slot& field : slot.fields) value.fields.push_back(EmitLoadPacked(e, layout, field, row));
  } else if (slot.type.has_bytes()) {
    llvm::Value* text = e.fn.Frame(16);
    e.fn.Call("kappa_key_get_text", {row, e.fn.I64(slot.offset), text});
    value.parts = e.fn.LoadSlot(slot.type, text).parts;
  }
  return value;
}

SqlValue EmitCopied(Emission& e, SqlValue value) {
  for (SqlValue& field : value.fields) field = EmitCopied(e, field);
  if (!value.type.has_bytes()) return value;
  auto& ir = e.fn.ir();
  llvm::Value* size = ir.CreateAnd(value.parts[0], e.fn.I64(0xFFFFFFFF));
  if (value.null != nullptr) size = ir.CreateSelect(value.null, e.fn.I64(0), size);
  llvm::Value* bytes = e.fn.Call("kappa_scratch", {e.context, size});
  ir.CreateMemCpy(bytes, llvm::Align(1), value.parts[1], llvm::Align(1), size);
  value.parts[1] = bytes;
  return value;
}

}  // namespace kappa
