// From a module of generated code to callable machine code: two tiers of optimization, LLVM's ORC for linking. No page is ever writable and
// executable (JITLink maps writable, then protects).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/status.h"

namespace llvm {
class Module;
}

namespace kappa {

class RuntimeLibrary;

enum class Tier : uint8_t { kQuick, kOptimized };  // milliseconds to the first row; O2

// Machine code of one module; unloaded when destroyed.
class CompiledModule {
 public:
  virtual ~CompiledModule() = default;
  virtual void* Lookup(const std::string& name) const = 0;  // nullptr: not there
};

// Emits, optimizes and links. Any thread; one compilation a tier at a time. Several engines of a process may share one. Code that is generated again
// is linked again only (object_cache.h).
class Jit {
 public:
  static StatusOr<std::unique_ptr<Jit>> Create();
  virtual ~Jit() = default;

  // `emit` fills the module. `symbols` are what Lookup may be asked for. With `ir` set, the optimized module's text is put there (EXPLAIN (LLVM));
  // with `assembly` set, the machine's code as text (EXPLAIN (ASM)).
  virtual StatusOr<std::unique_ptr<CompiledModule>> Compile(Tier tier, const std::function<Status(llvm::Module*, RuntimeLibrary*)>& emit,
                                                            const std::vector<std::string>& symbols, std::string* ir = nullptr,
                                                            std::string* assembly = nullptr) = 0;
};

}  // namespace kappa
