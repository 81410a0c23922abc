// The runtime as bitcode: what generated code calls is declared in the query's module while it is emitted, and its body imported afterwards
// (available_externally where the binary has an ahead-of-time copy under the same name), so that it is inlined or resolved, never emitted twice.
//
// One RuntimeLibrary per LLVMContext; a thread at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

namespace kappa {

class RuntimeLibrary {
 public:
  // Reads the embedded bitcode lazily: a body is parsed when it is first imported.
  static StatusOr<std::unique_ptr<RuntimeLibrary>> Load(llvm::LLVMContext* context);

  // The declaration of runtime function `name` in `module`. A name that the runtime lacks is a bug and ends the process with it.
  llvm::Function* Declare(llvm::Module* module, std::string_view name);
  // The symbol at an address of this process (FunctionEntry::code).
  std::string NameOf(const void* address);
  // A symbol of `module` for an address of this process, which whoever links gives it: the code itself holds no address, and is the same wherever
  // what it points to lies. One symbol an address.
  llvm::Constant* Bind(llvm::Module* module, const void* address);
  // What was bound since the last call: the address of BoundSymbol(i) at i.
  std::vector<const void*> TakeBound();
  static std::string BoundSymbol(size_t index) { return "kappa_bound_" + std::to_string(index); }
  // Brings in the bodies of everything declared so far, and of what those call: those of at most `limit` instructions, where the binary has a copy to
  // call instead; entry points (exec/runtime/entry.cc) whatever their size. 0: only those that the binary has no copy of.
  Status ImportBodies(llvm::Module* module, unsigned limit);
  // Target attributes of generated functions.
  void SetAttributes(llvm::Function* function) const;
  const llvm::Module& module() const { return *library_; }

 private:
  RuntimeLibrary() = default;
  std::unique_ptr<llvm::Module> library_;
  std::string cpu_, features_;
  std::map<const void*, std::string> names_;  // symbols of this process that were looked up: the loader takes long over it
  llvm::StringMap<bool> exported_;            // likewise, whether there is one
  std::map<const void*, size_t> bound_index_;
  std::vector<const void*> bound_;
};

}  // namespace kappa
