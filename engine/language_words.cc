#include <algorithm>

#include "engine/engine.h"
#include "functions/registry.h"
#include "parser/keywords.h"

namespace kappa {

std::vector<std::string> LanguageWords() {
  std::vector<std::string> words = Keywords();
  for (const std::string& name : FunctionRegistry::Get().Names()) words.push_back(name);
  for (const SettingInfo& setting : Settings()) words.push_back(setting.name);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace kappa
