// What the parts of a typed text are, for showing them in colour: the lexical rules of grammar/KappaLexer.g4, and the shell's own additions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace kappa::cli {

enum class TextStyle : uint8_t {
  kPlain,
  kKeyword,
  kType,
  kFunction,
  kString,
  kOpenString,  // not closed at the text's end
  kNumber,
  kComment,
  kQuotedName,
  kOpenQuotedName,
  kParameter,  // $1, and the shell's variables
  kCommand,    // the name of one of the shell's own, with its backslash
  kMistake,    // a bracket that closes nothing, a command that there is none
};

struct StyledSpan {
  size_t begin = 0, end = 0;  // bytes
  TextStyle style = TextStyle::kPlain;
  bool operator==(const StyledSpan&) const = default;
};

// What a text is inside of at some place: at a line's end, and so at the next line's begin. A new one: at a statement's begin.
struct TextState {
  char open = 0;          // ' and " (quotes), E (a quote that knows backslashes), $ (between two `tag`), * (a comment), or 0
  size_t comments = 0;    // how deep, where open is *
  std::string tag;        // with its dollars, where open is $
  std::string brackets;   // ( and [ that are open; c: the ( of a CAST
  bool begun = false;     // a statement has
  bool defining = false;  // one that says names and types: CREATE, up to its query
};

// As shown in a prompt: ' " $ * ( (a bracket), or 0.
char OpenIn(const TextState& state);

// The words that have a meaning beside keywords, which are the parser's own.
struct Vocabulary {
  std::unordered_set<std::string> functions;       // in small letters
  std::function<bool(std::string_view)> variable;  // whether the shell has a variable of the name
  std::function<bool(std::string_view)> command;   // whether a command of the shell begins so (without the backslash)
};

// The spans of `text` that are not plain, in order, none empty. `state`: of its begin, afterwards of its end. One pass.
std::vector<StyledSpan> Highlight(std::string_view text, const Vocabulary& vocabulary, TextState* state);

}  // namespace kappa::cli
