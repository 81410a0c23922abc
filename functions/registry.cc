#include "functions/registry.h"

#include <algorithm>
#include <array>
#include <set>

#include "functions/tables.h"

namespace kappa {

namespace {

std::string SignatureOf(std::string_view name, const std::vector<TypeId>& arguments, bool variadic) {
  std::string text(name);
  text += '(';
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) text += ',';
    if (variadic && i + 1 == arguments.size()) text += "variadic ";
    text += Type(arguments[i]).ToString();
  }
  return text + ')';
}

}  // namespace

// Casts are named by both ends, "cast(text,integer)": the argument alone would not tell them apart. A session's zone is the argument "zone".
std::string FunctionEntry::Signature() const {
  if (zoned) {
    std::vector<TypeId> given(arguments.begin(), arguments.end() - 1);
    if (kind == FunctionKind::kCast) given.push_back(result);
    std::string text = SignatureOf(name, given, false);
    text.insert(text.size() - 1, given.empty() ? "zone" : ",zone");
    return text;
  }
  if (kind == FunctionKind::kCast && arguments.size() == 1) return SignatureOf(name, {arguments[0], result}, false);
  return SignatureOf(name, arguments, variadic);
}
std::string AggregateEntry::Signature() const { return SignatureOf(name, arguments, false); }

const FunctionRegistry& FunctionRegistry::Get() {
  static const FunctionRegistry registry;
  return registry;
}

FunctionRegistry::FunctionRegistry() {
  for (const auto& table : ScalarTables()) {
    for (FunctionEntry& entry : table()) functions_.push_back(std::move(entry));
  }
  for (const auto& table : AggregateTables()) {
    for (AggregateEntry& entry : table()) aggregates_.push_back(std::move(entry));
  }
}

std::vector<const FunctionEntry*> FunctionRegistry::Find(FunctionKind kind, std::string_view name) const {
  std::vector<const FunctionEntry*> found;
  for (const FunctionEntry& entry : functions_) {
    if (entry.kind == kind && entry.name == name) found.push_back(&entry);
  }
  return found;
}

const FunctionEntry* FunctionRegistry::FindCast(TypeId from, TypeId to) const {
  constexpr size_t kTypes = 32;
  using Table = std::array<std::array<const FunctionEntry*, kTypes>, kTypes>;
  static const Table casts = [this] {  // there is one registry; casts of arrays look here for every row
    Table table{};
    for (const FunctionEntry& entry : functions_) {
      if (entry.kind != FunctionKind::kCast || entry.name != "cast") continue;
      const FunctionEntry*& place = table[static_cast<size_t>(entry.arguments[0])][static_cast<size_t>(entry.result)];
      if (place == nullptr) place = &entry;
    }
    return table;
  }();
  return casts[static_cast<size_t>(from)][static_cast<size_t>(to)];
}

const FunctionEntry* FunctionRegistry::FindTypeModifier(TypeId type) const {
  for (const FunctionEntry& entry : functions_) {
    if (entry.kind == FunctionKind::kCast && entry.name == "typmod" && entry.arguments[0] == type) return &entry;
  }
  return nullptr;
}

std::vector<const AggregateEntry*> FunctionRegistry::FindAggregates(std::string_view name) const {
  std::vector<const AggregateEntry*> found;
  for (const AggregateEntry& entry : aggregates_) {
    if (entry.name == name) found.push_back(&entry);
  }
  return found;
}

const FunctionEntry* FunctionRegistry::BySignature(std::string_view signature) const {
  const auto found = std::find_if(functions_.begin(), functions_.end(), [&](const FunctionEntry& entry) { return entry.Signature() == signature; });
  return found == functions_.end() ? nullptr : &*found;
}

const AggregateEntry* FunctionRegistry::AggregateBySignature(std::string_view signature) const {
  const auto found =
      std::find_if(aggregates_.begin(), aggregates_.end(), [&](const AggregateEntry& entry) { return entry.Signature() == signature; });
  return found == aggregates_.end() ? nullptr : &*found;
}

std::vector<std::string> FunctionRegistry::Names() const {
  std::set<std::string> names;
  for (const FunctionEntry& entry : functions_) {
    if (entry.kind == FunctionKind::kScalar) names.emplace(entry.name);
  }
  for (const AggregateEntry& entry : aggregates_) names.emplace(entry.name);
  return {names.begin(), names.end()};
}

}  // namespace kappa
