// All functions of the language. Built once, immutable, any thread.
#pragma once

#include <string_view>
#include <vector>

#include "functions/aggregate.h"
#include "functions/function.h"

namespace kappa {

class FunctionRegistry {
 public:
  static const FunctionRegistry& Get();
  std::vector<const FunctionEntry*> Find(FunctionKind kind, std::string_view name) const;  // every overload
  const FunctionEntry* FindCast(TypeId from, TypeId to) const;
  // Extra casts that apply a type modifier: name "typmod", (value, int4 modifier) -> the same type; numeric(p,s), varchar(n).
  const FunctionEntry* FindTypeModifier(TypeId type) const;
  std::vector<const AggregateEntry*> FindAggregates(std::string_view name) const;
  const FunctionEntry* BySignature(std::string_view signature) const;  // of a persisted dataflow
  const AggregateEntry* AggregateBySignature(std::string_view signature) const;
  const std::vector<FunctionEntry>& functions() const { return functions_; }
  const std::vector<AggregateEntry>& aggregates() const { return aggregates_; }
  std::vector<std::string> Names() const;  // of scalars and aggregates, for "did you mean"

 private:
  FunctionRegistry();
  std::vector<FunctionEntry> functions_;
  std::vector<AggregateEntry> aggregates_;
};

}  // namespace kappa
