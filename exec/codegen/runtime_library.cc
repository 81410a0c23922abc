#include "exec/codegen/runtime_library.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <utility>

#include "llvm/ADT/StringMap.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

// exec/codegen/embed.S.in
extern "C" const char kappa_runtime_bitcode_begin[];
extern "C" const char kappa_runtime_bitcode_end[];

// exec/runtime/entry.cc: nothing of the binary calls it, so that the linker would leave it out.
extern "C" const char* kappa_row_at(const char* const* rows, int64_t index);

namespace kappa {
namespace {

[[gnu::used]] const auto kEntryPoints = &kappa_row_at;

// What is written to be inlined (exec/runtime/entry.cc).
bool IsEntryPoint(const llvm::GlobalValue& value) { return value.getName().starts_with("kappa_"); }

// Makes the query module's own view of whatever an imported body refers to.
class Importer final : public llvm::ValueMaterializer {
 public:
  Importer(llvm::Module* target, llvm::ValueToValueMapTy* map, llvm::StringMap<bool>* exported) : target_(target), map_(map), exported_(exported) {}

  bool HasAheadOfTimeCopy(const llvm::GlobalValue& value) {
    if (value.hasLocalLinkage()) return false;
    const auto [found, added] = exported_->try_emplace(value.getName(), false);
    if (added) found->second = dlsym(RTLD_DEFAULT, found->getKeyData()) != nullptr;
    return found->second;
  }

  llvm::Value* materialize(llvm::Value* value) override {
    if (auto* function = llvm::dyn_cast<llvm::Function>(value)) return Declare(function);
    if (auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(value)) return Copy(variable);
    return nullptr;
  }

  llvm::Function* Declare(llvm::Function* source) {
    if (source->isIntrinsic()) return target_->getFunction(source->getName()) ? target_->getFunction(source->getName()) : Create(source);
    if (llvm::Function* existing = target_->getFunction(source->getName())) {
      Enqueue(source, existing);
      return existing;
    }
    llvm::Function* declared = Create(source);
    Enqueue(source, declared);
    return declared;
  }

  std::deque<std::pair<llvm::Function*, llvm::Function*>> pending;  // library's, module's

 private:
  llvm::Function* Create(llvm::Function* source) {
    auto* function = llvm::Function::Create(source->getFunctionType(), llvm::Function::ExternalLinkage, source->getName(), target_);
    function->copyAttributesFrom(source);
    function->setComdat(nullptr);
    function->setPersonalityFn(nullptr);
    return function;
  }
  void Enqueue(llvm::Function* source, llvm::Function* target) {
    if (target->isDeclaration() && !source->isDeclaration() && seen_.insert({source->getName(), true}).second) pending.emplace_back(source, target);
  }
  llvm::Value* Copy(llvm::GlobalVariable* source) {
    if (!source->hasLocalLinkage()) {
      if (llvm::GlobalVariable* existing = target_->getGlobalVariable(source->getName())) return existing;
    }
    auto* copy = new llvm::GlobalVariable(*target_, source->getValueType(), source->isConstant(), llvm::GlobalValue::ExternalLinkage, nullptr,
                                          source->getName());
    copy->copyAttributesFrom(source);
    copy->setComdat(nullptr);
    (*map_)[source] = copy;
    if (source->hasInitializer() && (source->hasLocalLinkage() || !HasAheadOfTimeCopy(*source))) {
      copy->setLinkage(llvm::GlobalValue::InternalLinkage);
      copy->setInitializer(llvm::cast<llvm::Constant>(llvm::MapValue(source->getInitializer(), *map_, llvm::RF_None, nullptr, this)));
    } else if (source->hasInitializer() && source->isConstant()) {
      copy->setLinkage(llvm::GlobalValue::AvailableExternallyLinkage);
      copy->setInitializer(llvm::cast<llvm::Constant>(llvm::MapValue(source->getInitializer(), *map_, llvm::RF_None, nullptr, this)));
    }
    return copy;
  }
  llvm::Module* target_;
  llvm::ValueToValueMapTy* map_;
  llvm::StringMap<bool>* exported_;
  llvm::StringMap<bool> seen_;
};

}  // namespace

StatusOr<std::unique_ptr<RuntimeLibrary>> RuntimeLibrary::Load(llvm::LLVMContext* context) {
  const llvm::StringRef bytes(kappa_runtime_bitcode_begin, static_cast<size_t>(kappa_runtime_bitcode_end - kappa_runtime_bitcode_begin));
  auto module = llvm::getLazyBitcodeModule(llvm::MemoryBufferRef(bytes, "kappa runtime"), *context);
  if (!module) return SqlError(sqlstate::kInternalError) << "the embedded runtime cannot be read: " << llvm::toString(module.takeError());
  auto library = std::unique_ptr<RuntimeLibrary>(new RuntimeLibrary());
  library->library_ = std::move(*module);
  library->cpu_ = llvm::sys::getHostCPUName().str();
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  for (const auto& feature : features)
    library->features_ += (library->features_.empty() ? "" : ",") + std::string(feature.second ? "+" : "-") + feature.first().str();
  return library;
}

void RuntimeLibrary::SetAttributes(llvm::Function* function) const {
  function->addFnAttr("target-cpu", cpu_);
  function->addFnAttr("target-features", features_);
  function->addFnAttr("frame-pointer", "all");
  function->addFnAttr(llvm::Attribute::NoUnwind);
}

llvm::Function* RuntimeLibrary::Declare(llvm::Module* module, std::string_view name) {
  const llvm::StringRef symbol(name.data(), name.size());
  if (llvm::Function* existing = module->getFunction(symbol)) return existing;
  llvm::Function* source = library_->getFunction(symbol);
  if (source == nullptr) {
    std::fprintf(stderr, "kappa: the runtime has no function %.*s\n", static_cast<int>(name.size()), name.data());
    std::abort();
  }
  auto* function = llvm::Function::Create(source->getFunctionType(), llvm::Function::ExternalLinkage, symbol, module);
  function->copyAttributesFrom(source);
  function->setComdat(nullptr);
  return function;
}

llvm::Constant* RuntimeLibrary::Bind(llvm::Module* module, const void* address) {
  const auto [found, added] = bound_index_.try_emplace(address, bound_.size());
  if (added) bound_.push_back(address);
  // An array of unknown length: nothing is concluded from its type.
  return module->getOrInsertGlobal(BoundSymbol(found->second), llvm::ArrayType::get(llvm::Type::getInt8Ty(module->getContext()), 0));
}

std::vector<const void*> RuntimeLibrary::TakeBound() {
  bound_index_.clear();
  return std::exchange(bound_, {});
}

std::string RuntimeLibrary::NameOf(const void* address) {
  std::string& name = names_[address];
  if (!name.empty()) return name;
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_sname == nullptr || info.dli_saddr != address) {
    std::fprintf(stderr, "kappa: no symbol at the address of a runtime function (link with -rdynamic)\n");
    std::abort();
  }
  return name = info.dli_sname;
}

Status RuntimeLibrary::ImportBodies(llvm::Module* module, unsigned limit) {
  llvm::ValueToValueMapTy map;
  Importer importer(module, &map, &exported_);
  std::vector<llvm::Function*> declared;
  for (llvm::Function& function : *module) {
    if (function.isDeclaration() && !function.isIntrinsic()) declared.push_back(&function);
  }
  for (llvm::Function* function : declared) {
    if (llvm::Function* source = library_->getFunction(function->getName())) {
      map[source] = function;
      importer.Declare(source);
    }
  }
  while (!importer.pending.empty()) {
    auto [source, target] = importer.pending.front();
    importer.pending.pop_front();
    map[source] = target;
    const bool copied = importer.HasAheadOfTimeCopy(*source);
    if (copied && limit == 0) continue;
    const bool ahead_of_time = copied && !IsEntryPoint(*source);
    if (ahead_of_time && (source->hasFnAttribute(llvm::Attribute::Cold) || source->hasFnAttribute(llvm::Attribute::NoInline))) continue;
    if (llvm::Error error = source->materialize()) return SqlError(sqlstate::kInternalError) << llvm::toString(std::move(error));
    if (ahead_of_time && source->getInstructionCount() > limit) continue;
    for (unsigned i = 0; i < source->arg_size(); ++i) map[source->getArg(i)] = target->getArg(i);
    llvm::SmallVector<llvm::ReturnInst*, 4> returns;
    llvm::CloneFunctionInto(target, source, map, llvm::CloneFunctionChangeType::DifferentModule, returns, "", nullptr, nullptr, &importer);
    target->setComdat(nullptr);
    target->setPersonalityFn(nullptr);
    target->setLinkage(ahead_of_time ? llvm::GlobalValue::AvailableExternallyLinkage : llvm::GlobalValue::InternalLinkage);
    if (!target->hasFnAttribute(llvm::Attribute::Cold) && !target->hasFnAttribute(llvm::Attribute::NoInline) && source->getInstructionCount() < 60) {
      target->addFnAttr(llvm::Attribute::InlineHint);
    }
  }
  return OkStatus();
}

}  // namespace kappa
