// Options whose values nobody should read over a shoulder, though they were written as they are and not as a SECRET.
#pragma once

#include <string_view>

namespace kappa {

inline bool IsSecretName(std::string_view option) {
  for (const std::string_view part : {"password", "secret", "token", "credential", "key.pem", "jaas"})
    if (option.find(part) != std::string_view::npos) return true;
  return false;
}

}  // namespace kappa
