#include "exec/codegen/jit.h"

#include "exec/codegen/object_cache.h"
#include "exec/codegen/runtime_library.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/IPO/ElimAvailExtern.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace kappa {
namespace {

Status Internal(llvm::Error error) { return SqlError(sqlstate::kInternalError) << "code generation: " << llvm::toString(std::move(error)); }

class OrcModule final : public CompiledModule {
 public:
  OrcModule(llvm::orc::LLJIT* jit, llvm::orc::JITDylib* library) : jit_(jit), library_(library) {}
  ~OrcModule() override { llvm::consumeError(jit_->getExecutionSession().removeJITDylib(*library_)); }
  void* Lookup(const std::string& name) const override {
    auto address = jit_->lookup(*library_, name);
    if (!address) {
      llvm::consumeError(address.takeError());
      return nullptr;
    }
    return address->toPtr<void*>();
  }

 private:
  llvm::orc::LLJIT* jit_;
  llvm::orc::JITDylib* library_;
};

// A context with the runtime in it, kept from one compilation to the next; renewed now and then, because what LLVM uniques in a context stays there.
struct Compiler {
  llvm::LLVMContext context;
  std::unique_ptr<RuntimeLibrary> runtime;
  int compilations = 0;
};
constexpr int kCompilationsPerContext = 200;
constexpr size_t kKeptObjects = 32 << 20;
// Runtime functions of more instructions than this stay calls: inlining them would not pay. In the first tier all do: the binary's copies are well
// optimized, what is generated around them is not.
constexpr unsigned kImportLimit = 250, kQuickImportLimit = 0;

class OrcJit final : public Jit {
 public:
  Status Init() {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    auto jit = llvm::orc::LLJITBuilder()
                   .setObjectLinkingLayerCreator(
                       [](llvm::orc::ExecutionSession& session, const llvm::Triple&) -> llvm::Expected<std::unique_ptr<llvm::orc::ObjectLayer>> {
                         return std::make_unique<llvm::orc::ObjectLinkingLayer>(session);
                       })
                   .create();
    if (!jit) return Internal(jit.takeError());
    jit_ = std::move(*jit);
    auto generator = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(jit_->getDataLayout().getGlobalPrefix());
    if (!generator) return Internal(generator.takeError());
    jit_->getMainJITDylib().addGenerator(std::move(*generator));
    for (Tier tier : {Tier::kQuick, Tier::kOptimized}) RETURN_IF_ERROR(MakeMachine(tier));
    return OkStatus();
  }

  StatusOr<std::unique_ptr<CompiledModule>> Compile(Tier tier, const std::function<Status(llvm::Module*, RuntimeLibrary*)>& emit,
                                                    const std::vector<std::string>& symbols, std::string* ir, std::string* assembly) override {
    Object object;
    {
      const std::lock_guard<std::mutex> lock(mutex_[Index(tier)]);
      // Reading the runtime takes as long as compiling a small query: not before somebody needs the tier.
      if (compilers_[Index(tier)] == nullptr || ++compilers_[Index(tier)]->compilations > kCompilationsPerContext) RETURN_IF_ERROR(Renew(tier));
      ASSIGN_OR_RETURN(object, CompileToObject(tier, emit, ir, assembly));
    }
    const std::lock_guard<std::mutex> lock(link_mutex_);
    auto library = jit_->createJITDylib("query" + std::to_string(next_++));
    if (!library) return Internal(library.takeError());
    library->addToLinkOrder(jit_->getMainJITDylib());
    auto module = std::make_unique<OrcModule>(jit_.get(), &*library);
    llvm::orc::SymbolMap bound;
    for (size_t i = 0; i < object.bound.size(); ++i) {
      bound[jit_->mangleAndIntern(RuntimeLibrary::BoundSymbol(i))] = {llvm::orc::ExecutorAddr::fromPtr(object.bound[i]),
                                                                      llvm::JITSymbolFlags::Exported};
    }
    if (!bound.empty()) {
      if (llvm::Error error = library->define(llvm::orc::absoluteSymbols(std::move(bound)))) return Internal(std::move(error));
    }
    const llvm::StringRef code(object.code->data(), object.code->size());
    if (llvm::Error error = jit_->addObjectFile(*library, llvm::MemoryBuffer::getMemBufferCopy(code, "query.o"))) return Internal(std::move(error));
    for (const std::string& symbol : symbols) {
      auto address = jit_->lookup(*library, symbol);
      if (!address) return Internal(address.takeError());
    }
    return std::unique_ptr<CompiledModule>(std::move(module));
  }

 private:
  struct Object {
    std::shared_ptr<const std::string> code;  // an object file
    std::vector<const void*> bound;           // where its symbols are (RuntimeLibrary::Bind)
  };

  static size_t Index(Tier tier) { return static_cast<size_t>(tier); }

  Status MakeMachine(Tier tier) {
    const std::string triple = llvm::sys::getProcessTriple();
    std::string error;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
    if (target == nullptr) return SqlError(sqlstate::kInternalError) << error;
    std::string features;
    for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
      features += (features.empty() ? "" : ",") + std::string(feature.second ? "+" : "-") + feature.first().str();
    }
    llvm::TargetOptions options;
    options.AllowFPOpFusion = llvm::FPOpFusion::Strict;  // no fused multiply-add: results must not depend on the tier
    machines_[Index(tier)].reset(
        target->createTargetMachine(triple, llvm::sys::getHostCPUName(), features, options, llvm::Reloc::PIC_, llvm::CodeModel::Small,
                                    tier == Tier::kQuick ? llvm::CodeGenOptLevel::None : llvm::CodeGenOptLevel::Default, true));
    return OkStatus();
  }

  Status Renew(Tier tier) {
    auto compiler = std::make_unique<Compiler>();
    ASSIGN_OR_RETURN(compiler->runtime, RuntimeLibrary::Load(&compiler->context));
    compilers_[Index(tier)] = std::move(compiler);
    return OkStatus();
  }

  void Optimize(llvm::Module* module, Tier tier) {
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    llvm::PipelineTuningOptions tuning;
    tuning.LoopVectorization = false;  // row at a time: nothing to vectorize, time to lose
    tuning.SLPVectorization = false;
    llvm::PassBuilder builder(machines_[Index(tier)].get(), tuning);
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    llvm::ModulePassManager passes;
    if (tier == Tier::kOptimized) {
      passes = builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2);
    } else {
      llvm::FunctionPassManager simplify;
      simplify.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
      simplify.addPass(llvm::EarlyCSEPass());
      simplify.addPass(llvm::SimplifyCFGPass());
      passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(simplify)));
    }
    passes.addPass(llvm::EliminateAvailableExternallyPass());
    passes.addPass(llvm::GlobalDCEPass());
    passes.run(*module, modules);
  }

  // All that the object depends on: what was emitted, and the tier. Machine and runtime do not change within a process.
  static std::string KeyOf(const llvm::Module& module, Tier tier) {
    llvm::SmallVector<char, 0> bitcode;
    llvm::raw_svector_ostream stream(bitcode);
    llvm::WriteBitcodeToFile(module, stream);
    const auto hash = llvm::BLAKE3::hash(llvm::ArrayRef<uint8_t>(reinterpret_cast<const uint8_t*>(bitcode.data()), bitcode.size()));
    std::string key(reinterpret_cast<const char*>(hash.data()), hash.size());
    key.push_back(static_cast<char>(tier));
    return key;
  }

  StatusOr<Object> CompileToObject(Tier tier, const std::function<Status(llvm::Module*, RuntimeLibrary*)>& emit, std::string* ir,
                                   std::string* assembly) {
    Compiler& compiler = *compilers_[Index(tier)];
    llvm::TargetMachine& machine = *machines_[Index(tier)];
    llvm::Module module("query", compiler.context);
    module.setTargetTriple(machine.getTargetTriple().str());
    module.setDataLayout(machine.createDataLayout());
    compiler.runtime->TakeBound();  // of one that failed
    RETURN_IF_ERROR(emit(&module, compiler.runtime.get()));
    Object object;
    object.bound = compiler.runtime->TakeBound();
    const std::string key = KeyOf(module, tier);
    if (ir == nullptr && assembly == nullptr) {
      object.code = objects_.Find(key);
      if (object.code != nullptr) return object;
    }
    RETURN_IF_ERROR(compiler.runtime->ImportBodies(&module, tier == Tier::kQuick ? kQuickImportLimit : kImportLimit));
#ifndef NDEBUG
    std::string problem;
    llvm::raw_string_ostream out(problem);
    if (llvm::verifyModule(module, &out)) return SqlError(sqlstate::kInternalError) << "generated code is not valid: " << out.str();
#endif
    Optimize(&module, tier);
    if (ir != nullptr) {
      llvm::raw_string_ostream text(*ir);
      module.print(text, nullptr);
    }
    if (assembly != nullptr) {
      const std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);  // emitting changes a module
      llvm::SmallString<0> lines;
      llvm::raw_svector_ostream out(lines);
      llvm::legacy::PassManager printer;
      if (machine.addPassesToEmitFile(printer, out, nullptr, llvm::CodeGenFileType::AssemblyFile)) {
        return SqlError(sqlstate::kInternalError) << "this machine's target cannot emit assembly";
      }
      printer.run(*copy);
      *assembly = lines.str().str();
    }
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager emitter;
    if (machine.addPassesToEmitFile(emitter, stream, nullptr, llvm::CodeGenFileType::ObjectFile)) {
      return SqlError(sqlstate::kInternalError) << "this machine's target cannot emit object code";
    }
    emitter.run(module);
    object.code = std::make_shared<const std::string>(bytes.data(), bytes.size());
    objects_.Keep(key, object.code);
    return object;
  }

  std::unique_ptr<llvm::orc::LLJIT> jit_;
  std::unique_ptr<Compiler> compilers_[2];
  std::unique_ptr<llvm::TargetMachine> machines_[2];
  ObjectCache objects_{kKeptObjects};
  std::mutex mutex_[2];
  std::mutex link_mutex_;
  int64_t next_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<Jit>> Jit::Create() {
  auto jit = std::make_unique<OrcJit>();
  RETURN_IF_ERROR(jit->Init());
  return std::unique_ptr<Jit>(std::move(jit));
}

}  // namespace kappa
