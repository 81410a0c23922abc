// Prints docs/functions.md: every function of the language, from the function table.
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "functions/registry.h"
#include "functions/window_function.h"

namespace kappa {
namespace {

struct Entry {
  std::vector<std::string> signatures;
  std::string doc;
  std::vector<FunctionExample> examples;
};

// Inside a table, | would end the cell.
std::string Cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string Arguments(std::string_view name, const std::vector<TypeId>& types, bool variadic) {
  std::string out = std::string(name) + "(";
  for (size_t i = 0; i < types.size(); ++i) out += (i == 0 ? "" : ", ") + (types[i] == TypeId::kAny ? std::string("any") : Type(types[i]).ToString());
  return out + (variadic ? ", ...)" : ")");
}

template <typename Row>
void Collect(const Row& row, std::string signature, TypeId result, Entry* entry) {
  entry->signatures.push_back(signature + " → " + (result == TypeId::kAny ? std::string("as given") : Type(result).ToString()));
  if (entry->doc.empty()) entry->doc = row.doc;
  if (entry->examples.empty()) entry->examples = row.examples;
}

void PrintTable(const std::string& heading, const std::map<std::string, Entry>& entries) {
  if (entries.empty()) return;
  std::printf("\n## %s\n\n| function | |\n|---|---|\n", heading.c_str());
  for (const auto& [name, entry] : entries) {
    std::string signatures;
    for (const std::string& signature : entry.signatures) signatures += (signatures.empty() ? "`" : "<br>`") + Cell(signature) + "`";
    std::string text = Cell(entry.doc);
    for (const FunctionExample& example : entry.examples) text += " `" + Cell(example.call) + "` → `" + Cell(example.result) + "`";
    std::printf("| %s | %s |\n", signatures.c_str(), text.c_str());
  }
}

}  // namespace
}  // namespace kappa

int main() {
  using namespace kappa;  // NOLINT: a small program
  std::printf("# Functions\n\nMade from the function table by `kappa_function_reference`; do not edit. Casts and operators are PostgreSQL's.\n");
  std::map<std::string, std::map<std::string, Entry>> categories;
  for (const FunctionEntry& row : FunctionRegistry::Get().functions()) {
    if (row.kind != FunctionKind::kScalar || row.name.starts_with("kappa_")) continue;
    const std::string category = row.category.empty() ? "Other" : std::string(row.category);
    std::vector<TypeId> arguments = row.arguments;
    if (row.zoned) arguments.pop_back();  // the session's time zone is not written
    Collect(row, Arguments(row.name, arguments, row.variadic), row.result, &categories[category][std::string(row.name)]);
  }
  for (const auto& [category, entries] : categories) PrintTable(category, entries);
  std::map<std::string, Entry> aggregates;
  for (const AggregateEntry& row : FunctionRegistry::Get().aggregates()) {
    if (row.name.starts_with("kappa_")) continue;
    Collect(row, row.arguments.empty() ? std::string(row.name) + "(*)" : Arguments(row.name, row.arguments, false), row.result,
            &aggregates[std::string(row.name)]);
  }
  PrintTable("Aggregates", aggregates);
  std::map<std::string, Entry> windows;
  for (const WindowFunctionEntry& row : kWindowFunctions) windows[std::string(row.name)] = {{std::string(row.signature)}, std::string(row.doc), {}};
  PrintTable("Window functions (OVER), beside every aggregate", windows);
  return 0;
}
