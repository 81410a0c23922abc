// Text on a terminal: how many columns it takes, and what must not reach the terminal as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kappa::cli {

// Makes the C library's wcwidth know Unicode. Once, at the beginning of the process.
void UseUnicode();

// Appends `text` with control characters and malformed UTF-8 made visible (\n, \t, \x1b), so that data cannot steer the terminal or break a table.
// Answers the columns it takes: East Asian wide characters and emoji 2, combining marks 0. Needs UseUnicode().
size_t AppendPrintable(std::string_view text, std::string* out);

// The begin of a text made by AppendPrintable that takes at most `columns`; `width`: what it takes.
std::string_view CutPrintable(std::string_view text, size_t columns, size_t* width);

// Whole messages: the same, with line breaks kept.
std::string PrintableLines(std::string_view text);

// A line with its line break, broken between words where it would be wider than `columns` (0: any width); what goes on is indented.
std::string Wrapped(std::string_view line, size_t indent, size_t columns);

// Words side by side, downwards and then to the right, each line with its line break.
std::string InColumns(const std::vector<std::string>& words, size_t columns);

}  // namespace kappa::cli
