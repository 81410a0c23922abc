#include "exec/expressions/expression_emitter.h"

#include <algorithm>

#include "functions/array_support.h"
#include "functions/constant_form.h"
#include "types/array_value.h"
#include "types/row_layout.h"

namespace kappa {
namespace {

// An expression that may run for a row that does not need it: cannot fail, and costs little.
bool IsSpeculable(const Expr& expr) {
  if (IsFallible(expr)) return false;
  if (expr.kind == ExprKind::kCall && (expr.type.has_bytes() || expr.function->raw)) return false;
  if (expr.kind == ExprKind::kAnyOf || expr.kind == ExprKind::kAllOf) return false;
  return std::all_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return IsSpeculable(*arg); });
}

constexpr int kMostInlined = 64;  // calls with constants of one function

}  // namespace

ExpressionEmitter::ExpressionEmitter(CodeBuilder& fn, llvm::Value* context)
    : fn_(fn), context_(context), call_context_(fn.Call("kappa_call_context", {context})) {}

SqlValue ExpressionEmitter::Branch(llvm::Value* condition, const Type& type, const std::function<SqlValue()>& then,
                                   const std::function<SqlValue()>& otherwise) {
  const CodeBuilder::Holder result = fn_.Hold(type);
  fn_.If(condition, [&] { fn_.Assign(result, then()); }, [&] { fn_.Assign(result, otherwise()); });
  return fn_.Read(result);
}

SqlValue ExpressionEmitter::Emit(const Expr& expr, const EmittedRow& row) {
  switch (expr.kind) {
    case ExprKind::kConstant:
      return fn_.Constant(expr.type, expr.constant);
    case ExprKind::kColumn:
      return *row.Find(expr.column);
    case ExprKind::kParameter: {
      llvm::Value* slot = fn_.Call("kappa_parameter", {context_, fn_.I32(expr.parameter)});
      SqlValue value = fn_.LoadSlot(expr.type, fn_.At(slot, 8));
      value.null = fn_.ir().CreateICmpNE(fn_.ir().CreateLoad(fn_.ir().getInt8Ty(), slot), fn_.ir().getInt8(0));
      return value;
    }
    case ExprKind::kCall:
      return EmitCall(expr, row);
    case ExprKind::kAnd:
    case ExprKind::kOr:
      return EmitLogical(expr, row);
    case ExprKind::kNot: {
      SqlValue value = Emit(*expr.args[0], row);
      value.parts[0] = fn_.ir().CreateNot(value.parts[0]);
      return value;
    }
    case ExprKind::kIsNull: {
      const SqlValue value = Emit(*expr.args[0], row);
      return {Type(TypeId::kBool), {fn_.IsNull(value)}, nullptr, {}};
    }
    case ExprKind::kCase:
      return EmitCase(expr, row, 0);
    case ExprKind::kCoalesce:
      return EmitCoalesce(expr, row, 0);
    case ExprKind::kIn:
      return EmitIn(expr, row);
    case ExprKind::kField: {
      const SqlValue value = Emit(*expr.args[0], row);
      SqlValue field = value.fields[static_cast<size_t>(expr.field)];
      field.null = fn_.Or(field.null, value.null);
      return field;
    }
    case ExprKind::kStruct: {
      SqlValue value{expr.type, {}, nullptr, {}};
      for (const ExprPtr& arg : expr.args) value.fields.push_back(Emit(*arg, row));
      return value;
    }
    case ExprKind::kAnyOf:
    case ExprKind::kAllOf:
      return EmitQuantified(expr, row);
  }
  return fn_.Null(expr.type);
}

// By a cheaper function of the other arguments where some are constants.
SqlValue ExpressionEmitter::EmitCall(const Expr& expr, const EmittedRow& row) {
  std::vector<SqlValue> arguments;
  std::vector<const Datum*> constants;
  for (const ExprPtr& arg : expr.args) constants.push_back(arg->kind == ExprKind::kConstant && !arg->constant.is_null() ? &arg->constant : nullptr);
  if (const std::optional<ConstantForm> form = FindConstantForm(*expr.function, constants)) {
    for (const ConstantForm::Argument& argument : form->arguments) {
      arguments.push_back(argument.index >= 0 ? Emit(*expr.args[static_cast<size_t>(argument.index)], row)
                                              : fn_.Constant(Type(TypeId::kText), Datum::Bytes(argument.text)));
    }
    return CallFunction(form->function, expr.type, arguments);
  }
  for (const ExprPtr& arg : expr.args) arguments.push_back(Emit(*arg, row));
  return CallFunction(*expr.function, expr.type, arguments);
}

// AND: false wins over NULL; OR: true wins over NULL. Operands that can fail run only while the outcome is open.
SqlValue ExpressionEmitter::EmitLogical(const Expr& expr, const EmittedRow& row) {
  const bool is_and = expr.kind == ExprKind::kAnd;
  auto& ir = fn_.ir();
  auto combine = [&](const SqlValue& a, const SqlValue& b) {
    SqlValue result{Type(TypeId::kBool), {}, nullptr, {}};
    if (a.null == nullptr && b.null == nullptr) {
      result.parts = {is_and ? ir.CreateAnd(a.parts[0], b.parts[0]) : ir.CreateOr(a.parts[0], b.parts[0])};
      return result;
    }
    auto decided = [&](const SqlValue& v) {  // not NULL and settles the matter
      llvm::Value* settles = is_and ? ir.CreateNot(v.parts[0]) : v.parts[0];
      return v.null == nullptr ? settles : ir.CreateAnd(settles, ir.CreateNot(v.null));
    };
    llvm::Value* settled = ir.CreateOr(decided(a), decided(b));
    llvm::Value* any_null = fn_.Or(a.null, b.null);
    result.parts = {is_and ? ir.CreateNot(ir.CreateOr(settled, any_null)) : settled};
    result.null = ir.CreateAnd(any_null, ir.CreateNot(settled));
    return result;
  };
  SqlValue value = Emit(*expr.args[0], row);
  for (size_t i = 1; i < expr.args.size(); ++i) {
    const Expr& next = *expr.args[i];
    if (IsSpeculable(next)) {
      value = combine(value, Emit(next, row));
      continue;
    }
    llvm::Value* settles = is_and ? ir.CreateNot(value.parts[0]) : value.parts[0];
    if (value.null != nullptr) settles = ir.CreateAnd(settles, ir.CreateNot(value.null));
    SqlValue before = value;
    value = Branch(settles, expr.type, [&] { return before; }, [&] { return combine(before, Emit(next, row)); });
    if (!expr.nullable) value.null = nullptr;
  }
  return value;
}

SqlValue ExpressionEmitter::EmitCase(const Expr& expr, const EmittedRow& row, size_t arm) {
  // Arms in a loop of nested branches would recurse once per arm; a chain of thousands must not: each arm continues in the else block of the one
  // before.
  const CodeBuilder::Holder result = fn_.Hold(expr.type);
  const CodeBuilder::Holder decided = fn_.Hold(Type(TypeId::kBool));
  fn_.Assign(decided, {Type(TypeId::kBool), {fn_.I1(false)}, nullptr, {}});
  for (; arm + 1 < expr.args.size(); arm += 2) {
    fn_.If(fn_.ir().CreateNot(fn_.Read(decided).parts[0]), [&] {
      fn_.If(fn_.IsTrue(Emit(*expr.args[arm], row)), [&] {
        fn_.Assign(result, Emit(*expr.args[arm + 1], row));
        fn_.Assign(decided, {Type(TypeId::kBool), {fn_.I1(true)}, nullptr, {}});
      });
    });
  }
  fn_.If(fn_.ir().CreateNot(fn_.Read(decided).parts[0]), [&] { fn_.Assign(result, Emit(*expr.args.back(), row)); });
  SqlValue value = fn_.Read(result);
  if (!expr.nullable) value.null = nullptr;
  return value;
}

SqlValue ExpressionEmitter::EmitCoalesce(const Expr& expr, const EmittedRow& row, size_t index) {
  SqlValue value = Emit(*expr.args[index], row);
  if (value.null == nullptr || index + 1 == expr.args.size()) return value;
  SqlValue result = Branch(
      value.null, expr.type, [&] { return EmitCoalesce(expr, row, index + 1); },
      [&] {
        SqlValue present = value;
        present.null = nullptr;
        return present;
      });
  if (!expr.nullable) result.null = nullptr;
  return result;
}

SqlValue ExpressionEmitter::EmitIn(const Expr& expr, const EmittedRow& row) {
  auto& ir = fn_.ir();
  const SqlValue needle = Emit(*expr.args[0], row);
  bool has_null = false;
  llvm::Value* found = fn_.I1(false);
  const bool by_switch = needle.type.is_integer() || needle.type.is_temporal();
  if (by_switch) {  // LLVM turns a switch into a range check, a bit test, a table or a binary search, whichever is best
    llvm::LLVMContext& context = fn_.module()->getContext();
    auto* hit = llvm::BasicBlock::Create(context, "in_hit", fn_.function());
    auto* done = llvm::BasicBlock::Create(context, "in_done", fn_.function());
    llvm::BasicBlock* from = ir.GetInsertBlock();
    llvm::SwitchInst* in = ir.CreateSwitch(needle.parts[0], done, static_cast<unsigned>(expr.args.size() - 1));
    std::vector<int64_t> values;
    for (size_t i = 1; i < expr.args.size(); ++i) {
      if (expr.args[i]->constant.is_null())
        has_null = true;
      else
        values.push_back(expr.args[i]->constant.as_int());
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (int64_t value : values) {
      in->addCase(llvm::cast<llvm::ConstantInt>(llvm::ConstantInt::get(needle.parts[0]->getType(), static_cast<uint64_t>(value), true)), hit);
    }
    ir.SetInsertPoint(hit);
    ir.CreateBr(done);
    ir.SetInsertPoint(done);
    llvm::PHINode* phi = ir.CreatePHI(ir.getInt1Ty(), 2);
    phi->addIncoming(fn_.I1(false), from);
    phi->addIncoming(fn_.I1(true), hit);
    found = phi;
  } else if (needle.type.id() == TypeId::kText && expr.args.size() > 4) {
    SqlValue probe = needle;
    probe.null = nullptr;
    if (needle.null != nullptr) probe = fn_.Select(needle.null, fn_.Null(needle.type), probe);
    const auto [texts, count] = SortedTexts(expr, &has_null);
    found = fn_.Call("kappa_text_in", {texts, fn_.I64(count), SlotOf(probe)});
  } else {
    for (size_t i = 1; i < expr.args.size(); ++i) {
      if (expr.args[i]->constant.is_null()) {
        has_null = true;
        continue;
      }
      SqlValue probe = needle;
      probe.null = nullptr;
      found = ir.CreateOr(found, Invoke(*expr.function, Type(TypeId::kBool), {probe, Emit(*expr.args[i], row)}).parts[0]);
    }
  }
  SqlValue result{Type(TypeId::kBool), {found}, needle.null, {}};
  if (has_null) result.null = fn_.Or(result.null, ir.CreateNot(found));  // unknown unless found
  return result;
}

// x op ANY (array): for (i = 0; i < count && !found; ++i) found = x op array[i];  NULL unless found when x, the array or an element is. ALL: found is
// an element for which the operator is false.
SqlValue ExpressionEmitter::EmitQuantified(const Expr& expr, const EmittedRow& row) {
  auto& ir = fn_.ir();
  const bool any = expr.kind == ExprKind::kAnyOf;
  std::vector<SqlValue> arguments;
  for (const ExprPtr& arg : expr.args) arguments.push_back(Emit(*arg, row));
  const SqlValue array = arguments[1];
  const TypeDescriptor* element = DescribeType(array.type)->element;
  llvm::AllocaInst* found = fn_.Variable(ir.getInt1Ty(), fn_.I1(false));
  llvm::AllocaInst* unknown = fn_.Variable(ir.getInt1Ty(), fn_.I1(false));
  auto load = [&](llvm::AllocaInst* variable) { return ir.CreateLoad(ir.getInt1Ty(), variable); };
  auto search = [&] {
    llvm::Value* handle = SlotOf(array);
    llvm::Value* count = fn_.CallAddress(reinterpret_cast<const void*>(&CountElements), {handle});
    llvm::Value* room = fn_.Frame(ElementRoom(element), 8);
    llvm::AllocaInst* index = fn_.Variable(ir.getInt64Ty(), fn_.I64(0));
    fn_.While([&] { return ir.CreateAnd(ir.CreateICmpSLT(ir.CreateLoad(ir.getInt64Ty(), index), count), ir.CreateNot(load(found))); },
              [&] {
                llvm::Value* i = ir.CreateLoad(ir.getInt64Ty(), index);
                llvm::Value* null = ir.CreateTrunc(
                    fn_.CallAddress(reinterpret_cast<const void*>(&LoadElement), {handle, i, DescriptorOf(element->type), room}), ir.getInt1Ty());
                SqlValue value{element->type, {}, nullptr, {}};
                if (element->type.is_struct()) {
                  for (const Slot& field : element->layout.slots()) value.fields.push_back(fn_.Load(element->layout, field, room));
                } else {
                  value = fn_.LoadSlot(element->type, room);
                }
                value.null = null;
                std::vector<SqlValue> call = arguments;
                call[1] = value;
                const SqlValue test = CallFunction(*expr.function, Type(TypeId::kBool), call);
                llvm::Value* decided = any ? test.parts[0] : ir.CreateNot(test.parts[0]);
                if (test.null != nullptr) {
                  decided = ir.CreateAnd(decided, ir.CreateNot(test.null));
                  ir.CreateStore(ir.CreateOr(load(unknown), test.null), unknown);
                }
                ir.CreateStore(decided, found);
                ir.CreateStore(ir.CreateAdd(i, fn_.I64(1)), index);
              });
  };
  if (array.null == nullptr)
    search();
  else
    fn_.If(array.null, [&] { ir.CreateStore(fn_.I1(true), unknown); }, search);
  llvm::Value* hit = load(found);
  return {Type(TypeId::kBool), {any ? hit : ir.CreateNot(hit)}, ir.CreateAnd(load(unknown), ir.CreateNot(hit)), {}};
}

// A constant array of text handles, by size and then by bytes: what kappa_text_in searches.
std::pair<llvm::Value*, int64_t> ExpressionEmitter::SortedTexts(const Expr& in, bool* has_null) {
  std::vector<std::string_view> texts;
  for (size_t i = 1; i < in.args.size(); ++i) {
    if (in.args[i]->constant.is_null())
      *has_null = true;
    else
      texts.push_back(in.args[i]->constant.as_bytes());
  }
  std::sort(texts.begin(), texts.end(), [](std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  auto& ir = fn_.ir();
  auto* handle = llvm::StructType::get(ir.getInt64Ty(), ir.getPtrTy());
  std::vector<llvm::Constant*> handles;
  for (std::string_view text : texts) {
    const SqlValue value = fn_.Constant(Type(TypeId::kText), Datum::Bytes(std::string(text)));
    handles.push_back(llvm::ConstantStruct::get(handle, {llvm::cast<llvm::Constant>(value.parts[0]), llvm::cast<llvm::Constant>(value.parts[1])}));
  }
  auto* array = llvm::ArrayType::get(handle, handles.size());
  return {new llvm::GlobalVariable(*fn_.module(), array, true, llvm::GlobalValue::PrivateLinkage, llvm::ConstantArray::get(array, handles), "texts"),
          static_cast<int64_t>(handles.size())};
}

// Where the value lies. A constant lies in the module: nothing is stored row by row, and what is inlined knows it.
llvm::Value* ExpressionEmitter::SlotOf(const SqlValue& value) {
  const bool constant = std::all_of(value.parts.begin(), value.parts.end(), [](llvm::Value* part) { return llvm::isa<llvm::Constant>(part); });
  if (constant && value.parts.size() > 1) {
    llvm::SmallVector<llvm::Constant*, 4> parts;
    for (llvm::Value* part : value.parts) parts.push_back(llvm::cast<llvm::Constant>(part));
    auto* slot = llvm::ConstantStruct::getAnon(parts);  // laid out as PartOffsets says: parts of 8 bytes come before those of 4
    auto* global = new llvm::GlobalVariable(*fn_.module(), slot->getType(), true, llvm::GlobalValue::PrivateLinkage, slot, "constant");
    global->setAlignment(llvm::Align(8));
    return global;
  }
  llvm::Value* slot = fn_.Frame(std::max<size_t>(SlotSize(value.type.id()), 8), 8);
  fn_.StoreSlot(value, slot);
  return slot;
}

llvm::Value* ExpressionEmitter::DescriptorOf(const Type& type) { return fn_.Pointer(DescribeType(type)); }

// The arguments as AnyValues: a frame of types/any_value.h's records that point to slots in other frames.
llvm::Value* ExpressionEmitter::AnyValuesOf(const std::vector<SqlValue>& arguments) {
  auto& ir = fn_.ir();
  llvm::Value* values = fn_.Frame(std::max<size_t>(arguments.size() * sizeof(AnyValue), 8), 8);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const SqlValue& argument = arguments[i];
    llvm::Value* slot = nullptr;
    if (argument.type.is_struct()) {
      const RowLayout& layout = DescribeType(argument.type)->layout;
      slot = fn_.Frame(std::max<size_t>(layout.size(), 8), 8);
      fn_.StoreRow(layout, argument.fields, slot);
    } else {
      slot = SlotOf(argument);
    }
    const auto at = static_cast<uint32_t>(i * sizeof(AnyValue));
    auto store = [&](llvm::Value* value, size_t offset) { ir.CreateStore(value, fn_.At(values, at + static_cast<uint32_t>(offset))); };
    store(DescriptorOf(argument.type), offsetof(AnyValue, type));
    store(slot, offsetof(AnyValue, slot));
    store(ir.CreateZExt(fn_.IsNull(argument), ir.getInt8Ty()), offsetof(AnyValue, null));
    store(llvm::ConstantPointerNull::get(ir.getPtrTy()), offsetof(AnyValue, layout));
    store(llvm::ConstantPointerNull::get(ir.getPtrTy()), offsetof(AnyValue, place));
  }
  return values;
}

SqlValue ExpressionEmitter::InvokeRaw(const FunctionEntry& function, const Type& result, const std::vector<SqlValue>& arguments) {
  auto& ir = fn_.ir();
  const RowLayout* layout = result.is_struct() ? &DescribeType(result)->layout : nullptr;
  const size_t size = std::max<size_t>(layout != nullptr ? layout->size() : SlotSize(result.id()), 8);
  llvm::Value* out = fn_.Frame(size, 8);
  llvm::Value* out_null = fn_.Frame(1, 1);
  ir.CreateMemSet(out, ir.getInt8(0), size, llvm::Align(8));
  ir.CreateStore(ir.getInt8(0), out_null);
  fn_.Check(fn_.CallAddress(
      function.code, {call_context_, AnyValuesOf(arguments), fn_.I32(static_cast<int32_t>(arguments.size())), DescriptorOf(result), out, out_null}));
  SqlValue value{result, {}, nullptr, {}};
  if (layout != nullptr) {
    for (const Slot& field : layout->slots()) value.fields.push_back(fn_.Load(*layout, field, out));
  } else {
    value = fn_.LoadSlot(result, out);
  }
  value.null = ir.CreateICmpNE(ir.CreateLoad(ir.getInt8Ty(), out_null), ir.getInt8(0));
  return value;
}

SqlValue ExpressionEmitter::Invoke(const FunctionEntry& function, const Type& result, const std::vector<SqlValue>& arguments) {
  if (function.raw) return InvokeRaw(function, result, arguments);
  llvm::Value* out = fn_.Frame(std::max<size_t>(SlotSize(result.id()), 8), 8);
  llvm::Value* out_null = fn_.Frame(1, 1);
  std::vector<llvm::Value*> call{call_context_, out, out_null};
  for (const SqlValue& argument : arguments) {
    call.push_back(SlotOf(argument));
    call.push_back(function.strict ? fn_.I1(false) : fn_.IsNull(argument));
  }
  llvm::Value* ok = fn_.CallAddress(function.code, std::move(call));
  // What a constant decides, inlining finds out; the limit is there for expressions of thousands of constants.
  const bool decided =
      std::any_of(arguments.begin(), arguments.end(), [](const SqlValue& v) { return !v.parts.empty() && llvm::isa<llvm::Constant>(v.parts[0]); });
  if (auto* inlined = llvm::dyn_cast<llvm::CallInst>(ok); inlined != nullptr && decided && inlined_++ < kMostInlined)
    inlined->addFnAttr(llvm::Attribute::AlwaysInline);
  if (function.fallible) fn_.Check(ok);
  SqlValue value = fn_.LoadSlot(result, out);
  if (function.nullable_result) { value.null = fn_.ir().CreateICmpNE(fn_.ir().CreateLoad(fn_.ir().getInt8Ty(), out_null), fn_.ir().getInt8(0)); }
  return value;
}

SqlValue ExpressionEmitter::CallFunction(const FunctionEntry& function, const Type& result, const std::vector<SqlValue>& arguments) {
  if (!function.strict) return Invoke(function, result, arguments);
  llvm::Value* null = nullptr;
  for (const SqlValue& argument : arguments) null = fn_.Or(null, argument.null);
  if (null == nullptr) return Invoke(function, result, arguments);
  std::vector<SqlValue> present = arguments;
  for (SqlValue& argument : present) argument.null = nullptr;
  // Cheap functions that cannot fail run on the zeros of a NULL too; others only when there is something to compute.
  const bool text_in = std::any_of(arguments.begin(), arguments.end(), [](const SqlValue& v) { return v.type.has_bytes(); });
  if (!function.fallible && !result.has_bytes() && !text_in) {
    SqlValue value = Invoke(function, result, present);
    value.null = fn_.Or(value.null, null);
    return value;
  }
  return Branch(null, result, [&] { return fn_.Null(result); }, [&] { return Invoke(function, result, present); });
}

}  // namespace kappa
