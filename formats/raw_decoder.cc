// ENCODE BYTES, and the choice of the decoder for a plan.
#include <cstring>

#include "formats/decoder.h"
#include "formats/json/shape.h"

namespace kappa {
namespace {

struct Choice {
  DecodeFunction function;
  const char* symbol;
};

Choice Choose(const DecodePlan& plan) {
  if (plan.envelope() != nullptr) return {&DecodeDebezium, "DecodeDebezium"};
  if (plan.options().encoding == RecordEncoding::kBytes) return {&DecodeRaw, "DecodeRaw"};
  if (plan.options().encoding == RecordEncoding::kCsv) return {&DecodeCsv, "DecodeCsv"};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("bmi2")) {
    return {&DecodeJson_v4, "DecodeJson_v4"};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")) return {&DecodeJson_v3, "DecodeJson_v3"};
#endif
  return {&DecodeJson_v2, "DecodeJson_v2"};
}

}  // namespace

DecodeFunction DecodeEntry(const DecodePlan& plan) { return Choose(plan).function; }
const char* DecodeSymbol(const DecodePlan& plan) { return Choose(plan).symbol; }

}  // namespace kappa

extern "C" kappa::DecodeResult DecodeRaw(const kappa::DecodePlan* plan, kappa::DecoderState* state, kappa::CallContext* call, const char* data,
                                         uint32_t size, char* row) {
  using namespace kappa;  // NOLINT: one function
  const FieldPlan& field = plan->fields()[0];
  if (field.type.id() == TypeId::kText) {
    json::Problem problem;
    const auto* nul = static_cast<const char*>(size == 0 ? nullptr : std::memchr(data, '\0', size));
    if (nul != nullptr) {
      problem = {sqlstate::kCharacterNotInRepertoire, "a text cannot hold a zero byte", nul};
    } else if (plan->options().validate == Validate::kFull && !json::IsUtf8(data, size)) {
      problem = {sqlstate::kCharacterNotInRepertoire, "not valid UTF-8", data};
    }
    if (problem.what != nullptr) {
      state->internals().SetError(state, *plan, problem, data, 0);
      return DecodeResult::kError;
    }
  }
  std::memset(row, 0, plan->layout().size());  // no null bit is set
  const Text value(data, size);
  std::memcpy(row + field.offset, &value, sizeof value);
  return DecodeResult::kRow;
}
