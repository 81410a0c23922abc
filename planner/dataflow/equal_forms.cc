#include "planner/dataflow/equal_forms.h"

#include <algorithm>

namespace kappa {

bool HasEqualForms(const Type& type) {
  if (type.id() == TypeId::kArray) return HasEqualForms(type.element());
  if (type.is_struct())
    return std::any_of(type.fields().begin(), type.fields().end(), [](const StructField& field) { return HasEqualForms(field.type); });
  return type.id() == TypeId::kInterval || (type.id() == TypeId::kNumeric && type.modifier() < 0);
}

bool HasEqualForms(const std::vector<Column>& columns) {
  return std::any_of(columns.begin(), columns.end(), [](const Column& column) { return HasEqualForms(column.type); });
}

}  // namespace kappa
