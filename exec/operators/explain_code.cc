#include "exec/operators/explain_code.h"

#include "exec/codegen/jit.h"
#include "exec/operators/operator_emitter.h"

namespace kappa {

StatusOr<std::string> ExplainCode(std::shared_ptr<const Dataflow> dataflow, int32_t workers, CodeForm form, Jit* jit) {
  ASSIGN_OR_RETURN(const PhysicalPlan plan, MakePhysicalPlan(std::move(dataflow), workers));
  std::string text;
  auto emit = [&](llvm::Module* module, RuntimeLibrary* runtime) { return ProgramEmitter(plan, module, runtime).Emit(); };
  RETURN_IF_ERROR(jit->Compile(Tier::kOptimized, emit, ProgramEmitter::Symbols(plan), form == CodeForm::kLlvm ? &text : nullptr,
                               form == CodeForm::kAssembly ? &text : nullptr)
                      .status());
  return text;
}

}  // namespace kappa
