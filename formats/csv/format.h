// CSV as RFC 4180 has it, and its dialects.
//
//   record    fields between delimiters. A field that begins with the quote ends at the next quote that is not doubled, and a delimiter or the
//   record's
//             end must follow; it may hold delimiters and line breaks. A quote elsewhere is a character as any other. With another `escape` than the
//             quote itself, an escape before a quote or an escape stands for that character (as in PostgreSQL's COPY).
//   NULL      a field that is not quoted and equals `null_text` (empty unless told otherwise); NULL for a column that is NOT NULL is 23502.
//   values    PostgreSQL's input of the column's type.
//   columns   by position; with `header`, by the names of the header line (exactly, else without regard to ASCII case where declared unquoted).
//   ragged    a record with too few or too many fields is 22P04, and so is a header that lacks a declared column (42703); with `fill`, what is
//   missing
//             is NULL and what is too much is left out.
// Errors: 22P04 the form, 22021 not UTF-8, and those of the type's input.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/status.h"

namespace kappa {

namespace sqlstate {
inline constexpr SqlState kBadCopyFileFormat{"22P04"};
}

struct CsvFormat {
  char delimiter = ',';
  char quote = '"';  // '\0': none, every quote is a character
  char escape = '"';
  std::string null_text;
  bool header = false;
  bool fill = false;    // ragged = 'fill'
  uint32_t fields = 0;  // declared columns that come from the record: how many fields it must have where no header line says so. 0: any number
};

// The names of ENCODE CSV's options.
//   header true|false, delimiter, quote, escape: a character ('\t' and 'tab' are one; '' no quote), null: a text, ragged 'error'|'fill',
//   fields: set by the planner.
// 22023: a value that is none, or two characters that must differ and do not.
StatusOr<CsvFormat> ParseCsvFormat(const std::map<std::string, std::string>& options);

// Appends a field: quoted where it holds a delimiter, a quote or a line break, and where it would else be read as NULL.
void AppendCsvField(const CsvFormat& format, std::string_view text, std::string* out);

}  // namespace kappa
