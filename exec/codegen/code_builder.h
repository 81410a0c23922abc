// Builds one generated function: structured control flow, calls into the runtime, loads and stores of SQL values. Emitters speak to this and never to
// LLVM's builder.
#pragma once

#include <functional>
#include <string_view>

#include "exec/codegen/sql_value.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "types/row_layout.h"

namespace kappa {

class RuntimeLibrary;

class CodeBuilder {
 public:
  using Value = llvm::Value*;
  // A new external function `name` of parameters `types` returning `result`, positioned in its body.
  CodeBuilder(llvm::Module* module, RuntimeLibrary* runtime, std::string_view name, llvm::Type* result, const std::vector<llvm::Type*>& types);

  llvm::IRBuilder<>& ir() { return ir_; }
  llvm::Module* module() { return module_; }
  RuntimeLibrary* runtime() { return runtime_; }
  llvm::Function* function() { return function_; }
  Value Argument(unsigned index) { return function_->getArg(index); }

  Value I1(bool v) { return ir_.getInt1(v); }
  Value I32(int64_t v) { return ir_.getInt32(static_cast<uint32_t>(v)); }
  Value I64(int64_t v) { return ir_.getInt64(static_cast<uint64_t>(v)); }
  Value Pointer(const void* address);      // an address of this process, known when the code is linked
  Value At(Value pointer, int64_t bytes);  // pointer + bytes
  Value At(Value pointer, Value bytes);

  // Calls a runtime function by its name (exec/runtime/entry.cc), or any function by its address; arguments are converted to the parameter's width.
  Value Call(std::string_view name, std::vector<Value> arguments);
  Value CallAddress(const void* address, std::vector<Value> arguments);

  void If(Value condition, const std::function<void()>& then, const std::function<void()>& otherwise = nullptr, bool unlikely = false);
  // for (i = 0; i < count; ++i) body(i)
  void Loop(Value count, const std::function<void(Value)>& body);
  void While(const std::function<Value()>& condition, const std::function<void()>& body);
  void Return(Value value = nullptr);

  // Memory of the frame, for values that cross control flow or are passed by pointer.
  Value Frame(size_t bytes, size_t alignment = 8);
  llvm::AllocaInst* Variable(llvm::Type* type, Value initial);

  // The innermost place a failing row goes to: `leave` runs `body`; rows that fail in it continue after it.
  void Guard(const std::function<void()>& on_error, const std::function<void()>& body);
  // When `ok` is false, reports the error and leaves the guarded body.
  void Check(Value ok);

  // --- SQL values
  SqlValue LoadSlot(const Type& type, Value slot);  // non-struct, never NULL
  void StoreSlot(const SqlValue& value, Value slot);
  SqlValue Load(const RowLayout& layout, const Slot& slot, Value row);
  // Stores all columns at once: slots (zero when NULL) and the null bits, which must be the whole of the layout's.
  void StoreRow(const RowLayout& layout, const std::vector<SqlValue>& values, Value row);
  SqlValue Null(const Type& type);
  SqlValue Constant(const Type& type, const Datum& value);
  SqlValue Select(Value condition, const SqlValue& a, const SqlValue& b);
  Value IsTrue(const SqlValue& value);  // not false, not NULL
  Value IsNull(const SqlValue& value);
  Value Or(Value a, Value b);  // of null bits; nullptr is false
  // A variable that holds a value of `type` across control flow.
  struct Holder {
    Type type;
    std::vector<llvm::AllocaInst*> parts;
    llvm::AllocaInst* null = nullptr;
    std::vector<Holder> fields;
  };
  Holder Hold(const Type& type);
  void Assign(const Holder& holder, const SqlValue& value);
  SqlValue Read(const Holder& holder);
  llvm::SmallVector<llvm::Type*, 4> PartTypes(const Type& type);

 private:
  void StoreNullBits(const RowLayout& layout, const std::vector<Slot>& slots, const std::vector<SqlValue>& values, std::vector<Value>* words);
  void StoreSlots(const std::vector<Slot>& slots, const std::vector<SqlValue>& values, Value row);
  Value CallFunction(llvm::Function* callee, std::vector<Value> arguments);

  llvm::Module* module_;
  RuntimeLibrary* runtime_;
  llvm::Function* function_ = nullptr;
  llvm::IRBuilder<> ir_;
  llvm::BasicBlock* entry_ = nullptr;
  struct GuardScope {
    llvm::BasicBlock* error;
    bool used = false;
  };
  std::vector<GuardScope> guards_;
};

// Offsets of the parts inside a slot.
std::vector<uint32_t> PartOffsets(TypeId type);

}  // namespace kappa
