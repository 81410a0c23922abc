// Emits bound expressions over a row in registers.
#pragma once

#include "exec/codegen/code_builder.h"
#include "planner/dataflow/expression.h"

namespace kappa {

class ExpressionEmitter {
 public:
  // `context`: the WorkerContext*. A fallible expression must be emitted inside CodeBuilder::Guard.
  ExpressionEmitter(CodeBuilder& fn, llvm::Value* context);
  SqlValue Emit(const Expr& expr, const EmittedRow& row);
  // Calls a function of the table over values.
  SqlValue CallFunction(const FunctionEntry& function, const Type& result, const std::vector<SqlValue>& arguments);
  // The arguments as a frame of AnyValues (types/any_value.h), and what they are described by.
  llvm::Value* AnyValuesOf(const std::vector<SqlValue>& arguments);
  llvm::Value* DescriptorOf(const Type& type);

 private:
  SqlValue EmitCall(const Expr& expr, const EmittedRow& row);
  SqlValue EmitLogical(const Expr& expr, const EmittedRow& row);
  SqlValue EmitCase(const Expr& expr, const EmittedRow& row, size_t arm);
  SqlValue EmitCoalesce(const Expr& expr, const EmittedRow& row, size_t index);
  SqlValue EmitIn(const Expr& expr, const EmittedRow& row);
  SqlValue EmitQuantified(const Expr& expr, const EmittedRow& row);
  std::pair<llvm::Value*, int64_t> SortedTexts(const Expr& in, bool* has_null);
  llvm::Value* SlotOf(const SqlValue& value);
  SqlValue InvokeRaw(const FunctionEntry& function, const Type& result, const std::vector<SqlValue>& arguments);
  SqlValue Invoke(const FunctionEntry& function, const Type& result, const std::vector<SqlValue>& arguments);
  SqlValue Branch(llvm::Value* condition, const Type& type, const std::function<SqlValue()>& then, const std::function<SqlValue()>& otherwise);

  CodeBuilder& fn_;
  llvm::Value* context_;
  llvm::Value* call_context_;
  int inlined_ = 0;  // calls that must be
};

}  // namespace kappa
