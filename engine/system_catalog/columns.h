// What relations pg_catalog and information_schema have, and their columns.
#pragma once

#include <string_view>
#include <vector>

namespace kappa {

struct SystemColumns {
  std::string_view schema, name;
  std::string_view columns;  // columns.cc says how they are written
};
const std::vector<SystemColumns>& SystemRelationColumns();

}  // namespace kappa
