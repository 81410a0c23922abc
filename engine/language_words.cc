#include <algorithm>

#include "engine/engine.h"
#include "functions/registry.h"
#include "parser/keywords.h"

namespace kappa {

std::vector<std::string> LanguageWords() {
  std::vector<std::string> words = Keywords();
  for (const std::string& name : FunctionRegistry::Get().Names()) words.push_back(name);
  // What looks like a function and is a form of the binder.
  for (const char* form : {"coalesce", "nullif", "greatest", "least", "now", "proctime"}) words.emplace_back(form);
  for (const SettingInfo& setting : Settings()) words.push_back(setting.name);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace kappa
