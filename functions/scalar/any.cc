// Functions over values of any type.
#include <cstring>

#include "functions/function.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace any_functions {

bool CountNulls(CallContext&, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  int32_t nulls = 0;
  for (uint32_t i = 0; i < count; ++i) nulls += args[i].null;
  std::memcpy(out, &nulls, sizeof nulls);
  return true;
}
bool CountPresent(CallContext&, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  int32_t present = 0;
  for (uint32_t i = 0; i < count; ++i) present += !args[i].null;
  std::memcpy(out, &present, sizeof present);
  return true;
}
bool TypeName(CallContext&, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  const Text name(std::string_view(args[0].type->name));  // as long-lived as the type's descriptor
  std::memcpy(out, &name, sizeof name);
  return true;
}

}  // namespace any_functions

using namespace any_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> AnyFunctions() {
  constexpr TypeId kAny = TypeId::kAny;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Any type")); };
  add(Scalar("num_nulls", {kAny}, TypeId::kInt4)
          .Variadic()
          .NullsToo()
          .Raw<&CountNulls>()
          .Doc("How many of the arguments are NULL.")
          .Example("num_nulls(1, NULL, 'a')", "1"));
  add(Scalar("num_nonnulls", {kAny}, TypeId::kInt4)
          .Variadic()
          .NullsToo()
          .Raw<&CountPresent>()
          .Doc("How many of the arguments are not NULL.")
          .Example("num_nonnulls(1, NULL, 'a')", "2"));
  add(Scalar("pg_typeof", {kAny}, TypeId::kText)
          .NullsToo()
          .Raw<&TypeName>()
          .Doc("The name of the argument's type.")
          .Example("pg_typeof(1.5)", "numeric"));
  return table;
}

}  // namespace kappa
