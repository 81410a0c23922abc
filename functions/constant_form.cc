#include "functions/constant_form.h"

#include <algorithm>

namespace kappa {

std::optional<ConstantForm> FindConstantForm(const FunctionEntry& function, const std::vector<const Datum*>& constants) {
  if (function.raw || std::none_of(constants.begin(), constants.end(), [](const Datum* value) { return value != nullptr; })) return std::nullopt;
  for (auto* find : {&LikeConstantForm, &DatetimeConstantForm, &ToCharConstantForm}) {
    if (auto form = find(function, constants)) return form;
  }
  return std::nullopt;
}

}  // namespace kappa
