// Prints docs/settings.md: every setting, from the table of settings.
#include <cstdio>

#include "engine/engine.h"

int main() {
  using namespace kappa;  // NOLINT: a small program
  std::printf(
      "# Settings\n\nMade from the table of settings by `kappa_setting_reference`; do not edit.\n\n"
      "`SET name = value` changes a setting for the session, `RESET name` (or `RESET ALL`) brings back its default, `SHOW name` shows one and `SHOW "
      "ALL` "
      "all.\n`kappa run --set name=value` and `kappa shell --set name=value` do the same from outside. A name that is none is 42704, a value that "
      "does not fit "
      "22023.\n\n| setting | default | takes | |\n|---|---|---|---|\n");
  for (const SettingInfo& setting : Settings()) {
    std::printf("| `%s` | %s | %s | %s |\n", setting.name.c_str(), setting.default_value.empty() ? "" : ("`" + setting.default_value + "`").c_str(),
                setting.takes.c_str(), setting.documentation.c_str());
  }
  return 0;
}
