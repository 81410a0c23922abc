// Prints a line for every case that PostgreSQL is to be asked about (case_writer.h); says on stderr how many signatures they are of. Every signature
// of the registry is called with corner values (value_pools.h), NULLs and random values (random_values.h).
#include <cstdio>

#include "tests/functions/aggregate_cases.h"
#include "tests/functions/scalar_cases.h"

// function_cases [CATEGORY]: all, or the scalars of one heading of the reference ("JSON").
int main(int count, char** arguments) {
  kappa::Random random{20240229};
  const size_t scalars = kappa::WriteScalarCases(&random, count > 1 ? arguments[1] : "");
  if (count > 1) return 0;
  const size_t aggregates = kappa::WriteAggregateCases(&random);
  std::fprintf(stderr, "%zu signatures: %zu of scalars and casts, %zu of aggregates\n", scalars + aggregates, scalars, aggregates);
  return 0;
}
