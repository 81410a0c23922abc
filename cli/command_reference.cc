#include "cli/command_reference.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kappa::cli {
namespace {

std::vector<const CLI::App*> CommandsOf(const CLI::App& app) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  return {commands.begin(), commands.end()};
}

std::vector<const CLI::Option*> OptionsOf(const CLI::App& app) {
  const auto options = app.get_options([](const CLI::Option* option) { return option->nonpositional(); });
  return {options.begin(), options.end()};
}

// --format, -q: as they are typed.
std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

// "value|json": the words an option takes; none where it takes anything.
std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  std::vector<std::string> words;
  const std::string type = option.get_type_name();
  if (type.find('|') == std::string::npos) return words;
  for (size_t begin = 0; begin <= type.size();) {
    const size_t end = std::min(type.find('|', begin), type.size());
    words.push_back(type.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string Join(const std::vector<std::string>& words, const char* between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// Calls `visit(app, path)` for the program and each command, "kappa topic list" being a path.
template <typename Visit>
void EachCommand(const CLI::App& app, const std::string& path, const Visit& visit) {
  visit(app, path);
  for (const CLI::App* command : CommandsOf(app)) EachCommand(*command, path + " " + command->get_name(), visit);
}

std::string Escaped(const std::string& text, char what, const char* with) {
  std::string out;
  for (char c : text) out += c == what ? with : std::string(1, c);
  return out;
}

std::string BashScript(const CLI::App& app) {
  std::string cases;
  EachCommand(app, "kappa", [&](const CLI::App& command, const std::string& path) {
    std::vector<std::string> words;
    for (const CLI::App* inner : CommandsOf(command)) words.push_back(inner->get_name());
    std::string choices;
    for (const CLI::Option* option : OptionsOf(command)) {
      const std::vector<std::string> names = NamesOf(*option);
      words.insert(words.end(), names.begin(), names.end());
      if (const std::vector<std::string> takes = ChoicesOf(*option); !takes.empty()) {
        choices += "        " + Join(names, "|") + ") words=\"" + Join(takes) + "\" ;;\n";
      } else if (option->get_items_expected_max() > 0) {
        choices += "        " + Join(names, "|") + ") words= ;;\n";
      }
    }
    cases += "    \"" + path + "\")\n      words=\"" + Join(words) + "\"\n";
    if (!choices.empty()) cases += "      case \"$before\" in\n" + choices + "      esac\n";
    cases += "      ;;\n";
  });
  return "# bash completion of kappa: kappa completion bash\n"
         "_kappa() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" path=kappa words= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"$path ${COMP_WORDS[i]}\" in\n" +
         [&] {
           std::string paths;
           EachCommand(app, "kappa", [&](const CLI::App&, const std::string& path) {
             if (path != "kappa") paths += (paths.empty() ? "      \"" : "|\"") + path + "\"";
           });
           return paths;
         }() +
         ") path=\"$path ${COMP_WORDS[i]}\" ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$path\" in\n" +
         cases +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "}\n"
         "complete -o default -F _kappa kappa\n";
}

// What zsh's _arguments and _describe take for special is escaped.
std::string ZshText(const std::string& text) { return Escaped(Escaped(Escaped(text, '\'', "'\\''"), ':', "\\:"), '[', "("); }

std::string ZshScript(const CLI::App& app) {
  std::string functions;
  EachCommand(app, "kappa", [&](const CLI::App& command, const std::string& path) {
    const std::string name = Escaped(path, ' ', "_");
    std::string body = "_" + name + "() {\n";
    const std::vector<const CLI::App*> inner = CommandsOf(command);
    body += "  _arguments -C";
    for (const CLI::Option* option : OptionsOf(command)) {
      for (const std::string& option_name : NamesOf(*option)) {
        body += " \\\n    '" + option_name + "[" + Escaped(ZshText(option->get_description()), ']', ")") + "]";
        const std::vector<std::string> choices = ChoicesOf(*option);
        if (option->get_items_expected_max() > 0) body += ":value:" + (choices.empty() ? "_files" : "(" + Join(choices) + ")");
        body += "'";
      }
    }
    if (inner.empty()) {
      functions += body + " \\\n    '*:file:_files'\n}\n";
      return;
    }
    body += " \\\n    '1:command:->command' '*::argument:->argument'\n  case $state in\n    command)\n      local -a commands=(";
    for (const CLI::App* each : inner) body += "\n        '" + each->get_name() + ":" + ZshText(each->get_description()) + "'";
    body += ")\n      _describe command commands ;;\n    argument)\n      case $words[1] in\n";
    for (const CLI::App* each : inner) body += "        " + each->get_name() + ") _" + name + "_" + each->get_name() + " ;;\n";
    functions += body + "      esac ;;\n  esac\n}\n";
  });
  return "#compdef kappa\n# zsh completion of kappa: kappa completion zsh\n" + functions + "_kappa \"$@\"\n";
}

std::string FishScript(const CLI::App& app) {
  std::string lines = "# fish completion of kappa: kappa completion fish\n";
  EachCommand(app, "kappa", [&](const CLI::App& command, const std::string& path) {
    std::string seen, unseen;
    for (size_t begin = path.find(' '); begin != std::string::npos;) {
      const size_t end = std::min(path.find(' ', begin + 1), path.size());
      seen += (seen.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + path.substr(begin + 1, end - begin - 1));
      begin = end == path.size() ? std::string::npos : end;
    }
    std::vector<std::string> names;
    for (const CLI::App* inner : CommandsOf(command)) names.push_back(inner->get_name());
    for (const CLI::App* inner : CommandsOf(command)) {
      const std::string condition = (seen.empty() ? "" : seen + "; and ") + "not __fish_seen_subcommand_from " + Join(names);
      lines +=
          "complete -c kappa -f -n '" + condition + "' -a " + inner->get_name() + " -d '" + Escaped(inner->get_description(), '\'', "\\'") + "'\n";
    }
    for (const CLI::Option* option : OptionsOf(command)) {
      lines += "complete -c kappa" + (seen.empty() ? std::string() : " -n '" + seen + "'");
      for (const std::string& name : option->get_lnames()) lines += " -l " + name;
      for (const std::string& name : option->get_snames()) lines += " -s " + name;
      if (option->get_items_expected_max() > 0) lines += " -r";
      if (const std::vector<std::string> choices = ChoicesOf(*option); !choices.empty()) lines += " -f -a '" + Join(choices) + "'";
      lines += " -d '" + Escaped(option->get_description(), '\'', "\\'") + "'\n";
    }
  });
  return lines;
}

// Backslashes, hyphens, and dots at a line's begin are roff's own.
std::string Roff(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] == '.' || text[i] == '\'') && (i == 0 || text[i - 1] == '\n')) out += "\\&";
    out += text[i] == '\\' ? "\\e" : text[i] == '-' ? "\\-" : std::string(1, text[i]);
  }
  return out;
}

void AppendCommandManual(const CLI::App& command, const std::string& path, std::string* out) {
  *out += ".SS \"" + Roff(path) + "\"\n" + Roff(command.get_description()) + ".\n";
  for (const CLI::Option* option : command.get_options([](const CLI::Option*) { return true; })) {
    const std::vector<std::string> names = NamesOf(*option);
    *out += ".TP\n\\fB" + Roff(names.empty() ? option->get_name() : Join(names, ", ")) + "\\fR";
    if (!option->get_type_name().empty() && option->get_items_expected_max() > 0) *out += " \\fI" + Roff(option->get_type_name()) + "\\fR";
    *out += "\n" + Roff(option->get_description()) + "\n";
  }
  if (!command.get_footer().empty()) *out += ".PP\n.nf\n" + Roff(command.get_footer()) + "\n.fi\n";
}

}  // namespace

std::string CompletionScript(const CLI::App& app, const std::string& shell) {
  return shell == "bash" ? BashScript(app) : shell == "zsh" ? ZshScript(app) : FishScript(app);
}

std::string ManualPage(const CLI::App& app, const std::string& version) {
  std::string out = ".TH KAPPA 1 \"\" \"kappa " + version +
                    "\"\n.SH NAME\nkappa \\- streaming SQL over a log\n.SH SYNOPSIS\n\\fBkappa\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n";
  out += ".SH DESCRIPTION\n" + Roff(app.get_description()) + "\n.SH COMMANDS\n";
  for (const CLI::App* command : CommandsOf(app)) {
    EachCommand(*command, "kappa " + command->get_name(), [&](const CLI::App& each, const std::string& path) {
      if (CommandsOf(each).empty()) AppendCommandManual(each, path, &out);
    });
  }
  out += ".SH EXIT STATUS\n0 done, 1 usage or an input that cannot be opened, 2 connection lost, 3 a statement failed, 130 interrupted.\n";
  out +=
      ".SH ENVIRONMENT\n.TP\n\\fBKAPPA_DATA\\fR\nThe data directory, where \\-\\-data does not name one.\n.TP\n\\fBKAPPA_HISTORY\\fR\nThe shell's "
      "history; else ~/.kappa_history.\n";
  out += ".TP\n\\fBKAPPA_PAGER\\fR, \\fBPAGER\\fR\nWhat shows results that are longer than the terminal; else less \\-FRSX.\n";
  return out;
}

}  // namespace kappa::cli
