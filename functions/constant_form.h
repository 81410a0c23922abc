// A call whose arguments are partly constants of the query, as a cheaper function of the others: a LIKE by a pattern that is known, a field of a
// timestamp by a name that is known, a template that has been read. Code generation asks; plans keep the function that the user named.
//
// A form gives the same value, NULL and error as the function for every row. It is strict, and its arguments are those of `arguments`, in order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "functions/function.h"
#include "types/datum.h"

namespace kappa {

struct ConstantForm {
  struct Argument {
    int index = -1;    // of the call's arguments; -1: `text`
    std::string text;  // a constant
  };
  FunctionEntry function;
  std::vector<Argument> arguments;
};

// `constants`: of each argument its value, nullptr where it is none or NULL. nullopt: there is no cheaper form.
std::optional<ConstantForm> FindConstantForm(const FunctionEntry& function, const std::vector<const Datum*>& constants);

// Those of a topic, beside the functions they replace.
std::optional<ConstantForm> LikeConstantForm(const FunctionEntry& function, const std::vector<const Datum*>& constants);
std::optional<ConstantForm> DatetimeConstantForm(const FunctionEntry& function, const std::vector<const Datum*>& constants);
std::optional<ConstantForm> ToCharConstantForm(const FunctionEntry& function, const std::vector<const Datum*>& constants);

}  // namespace kappa
