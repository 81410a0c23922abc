// Concatenation and the other operators of text and bytea. Positions count characters; letters outside ASCII have no case (collation C).
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace text_functions {

KAPPA_INLINE Text Join(CallContext& c, const Text& a, const Text& b) {
  char* bytes = c.Allocate(size_t{a.size} + b.size);
  if (a.size != 0) std::memcpy(bytes, a.data, a.size);
  if (b.size != 0) std::memcpy(bytes + a.size, b.data, b.size);
  return Text(bytes, size_t{a.size} + b.size);
}

Text Concatenate(CallContext& c, Text a, Text b) { return Join(c, a, b); }

template <char (*Convert)(char)>
Text ConvertCase(CallContext& c, Text a) {
  char* bytes = c.Allocate(a.size);
  for (uint32_t i = 0; i < a.size; ++i) bytes[i] = Convert(a.data[i]);
  return Text(bytes, a.size);
}

}  // namespace text_functions

using namespace text_functions;   // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> TextFunctions() {
  constexpr TypeId kText = TypeId::kText;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("String")); };
  add(Operator("||", {kText, kText}, kText).Native<&Concatenate>().Doc("Concatenation.").Example("'kap' || 'pa'", "kappa"));
  add(Operator("||", {TypeId::kBytea, TypeId::kBytea}, TypeId::kBytea).Native<&Concatenate>().Doc("Concatenation.").Example("'\\x01'::bytea || '\\x02'::bytea", "\\x0102"));
  add(Scalar("lower", {kText}, kText).Native<&ConvertCase<&AsciiLower>>().Doc("Letters of ASCII in lower case.").Example("lower('KappA')", "kappa"));
  add(Scalar("upper", {kText}, kText).Native<&ConvertCase<&AsciiUpper>>().Doc("Letters of ASCII in upper case.").Example("upper('KappA')", "KAPPA"));
  return table;
}

}  // namespace kappa
