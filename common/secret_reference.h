// An option whose value is a secret: plans, their texts and logs carry its key alone; whoever opens a connector asks for the value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kappa {

inline constexpr std::string_view kSecretReference = "\x1fsecret:";  // no text that people write begins so

inline std::string SecretReference(std::string_view key) { return std::string(kSecretReference) + std::string(key); }
// The key of the secret that an option's value refers to; nullopt: it is a value.
inline std::optional<std::string> SecretKey(std::string_view value) {
  if (!value.starts_with(kSecretReference)) return std::nullopt;
  return std::string(value.substr(kSecretReference.size()));
}

}  // namespace kappa
