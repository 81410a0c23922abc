// The command line as others want to read it, from the tables its help is made of: completion scripts of command shells, and the manual page.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace kappa::cli {

std::string CompletionScript(const CLI::App& app, const std::string& shell);  // bash | zsh | fish
std::string ManualPage(const CLI::App& app, const std::string& version);      // roff, section 1

}  // namespace kappa::cli
