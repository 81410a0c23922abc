// Which columns of a plan the fields of a CSV record go to: by position, or as the header line says. Of one worker and scan.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/sqlstate.h"

namespace kappa {
class DecodePlan;
}

namespace kappa::csv {

struct FieldMap {
  // Per field of the record, up to the last wanted one: the column it fills, -1 for none. `also`, per column: another one that the same field fills.
  std::vector<int32_t> column_of;
  std::vector<int32_t> also;
  uint32_t fields = 0;           // how many a record must have; 0: any number
  std::vector<int32_t> absent;   // columns that no field fills (fill: NULL)
  std::string unescaped_header;  // as given; "" before the first
  std::string problem;           // why no record can be decoded; "": none
  SqlState problem_state = sqlstate::kOk;

  void ByPosition(const DecodePlan& plan);
  void ByHeader(const DecodePlan& plan, std::string_view header);
};

}  // namespace kappa::csv
