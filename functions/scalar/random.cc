// Volatile functions: another value for every row. Not in what stays (views, sinks), where results are functions of the log.
#include "functions/function.h"
#include "functions/random_bits.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace random_functions {

// Version 4 of RFC 4122: 122 random bits.
Uuid RandomUuid(CallContext& c) {
  Uuid uuid{NextRandomBits(c), NextRandomBits(c)};
  uuid.high = (uuid.high & ~uint64_t{0xF000}) | 0x4000;
  uuid.low = (uuid.low & ~(uint64_t{3} << 62)) | (uint64_t{2} << 62);
  return uuid;
}
double RandomDouble(CallContext& c) { return static_cast<double>(NextRandomBits(c) >> 11) * 0x1p-53; }

}  // namespace random_functions

using namespace random_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> RandomFunctions() {
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionEntry row) {
    row.volatility = Volatility::kVolatile;
    table.push_back(std::move(row));
  };
  add(Scalar("gen_random_uuid", {}, TypeId::kUuid).Native<&RandomUuid>().Category("Random").Doc("A random uuid (version 4), another for every row."));
  add(Scalar("random", {}, TypeId::kFloat8).Native<&RandomDouble>().Category("Random").Doc("A random number: 0 or more, less than 1."));
  return table;
}

}  // namespace kappa
