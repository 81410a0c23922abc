#include "catalog/dead_letters.h"

namespace kappa {

std::vector<CatalogColumn> DeadLetterColumns() {
  const std::pair<const char*, TypeId> columns[] = {
      {"kind", TypeId::kText},   {"query", TypeId::kText},    {"operator", TypeId::kText}, {"topic", TypeId::kText},   {"partition", TypeId::kInt4},
      {"offset", TypeId::kInt8}, {"sqlstate", TypeId::kText}, {"message", TypeId::kText},  {"payload", TypeId::kText}, {"weight", TypeId::kInt8}};
  std::vector<CatalogColumn> out;
  for (const auto& [name, type] : columns) {
    CatalogColumn column;
    column.name = name;
    column.type = type;
    out.push_back(std::move(column));
  }
  return out;
}

SourceObject DeadLetterSource(std::string_view table) {
  SourceObject source;
  source.columns = DeadLetterColumns();
  source.connector = "log";
  source.options = {{"topic", std::string(table)}};
  source.on_error.action = CatalogErrorPolicy::Action::kSkip;  // a dead letter about a dead letter would never end
  source.dead_letters = true;
  return source;
}

}  // namespace kappa
