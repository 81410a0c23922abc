// Statements as they are typed: what is open at a text's end, where a backslash command begins in it, and variables put in for their names.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace kappa::cli {

// What the end of `text` is inside of: ' " $ (a quote), * (a comment), ( (a parenthesis or bracket), or 0.
char OpenAtEnd(std::string_view text);

// Where the first backslash lies that is in no quote and no comment; npos: nowhere.
size_t FindCommand(std::string_view text);

using Variables = std::map<std::string, std::string, std::less<>>;

// psql's: :name is replaced by the variable's text, :'name' by it as a string literal, :"name" as an identifier; not inside of quotes and comments,
// not in ::type, and not where there is no variable of the name.
std::string Substitute(std::string_view text, const Variables& variables);

}  // namespace kappa::cli
