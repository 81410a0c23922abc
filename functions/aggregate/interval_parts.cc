#include "functions/aggregate/interval_parts.h"

#include "functions/registry.h"

namespace kappa {
namespace {

const FunctionEntry* Operator(std::string_view signature) { return FunctionRegistry::Get().BySignature(signature); }

bool Call(CallContext& c, const FunctionEntry* function, const void* a, const void* b, void* out) {
  const void* args[] = {a, b};
  const bool nulls[] = {false, false};
  bool null = false;
  return function->invoke(&c, out, &null, args, nulls);
}

}  // namespace

bool DivideInterval(CallContext& c, const Interval& interval, double divisor, Interval* out) {
  static const FunctionEntry* const divide = Operator("/(interval,double precision)");
  return Call(c, divide, &interval, &divisor, out);
}

bool InterpolateInterval(CallContext& c, const Interval& low, const Interval& high, double share, Interval* out) {
  static const FunctionEntry* const minus = Operator("-(interval,interval)");
  static const FunctionEntry* const times = Operator("*(interval,double precision)");
  static const FunctionEntry* const plus = Operator("+(interval,interval)");
  Interval span, part;
  return Call(c, minus, &high, &low, &span) && Call(c, times, &span, &share, &part) && Call(c, plus, &part, &low, out);
}

}  // namespace kappa
