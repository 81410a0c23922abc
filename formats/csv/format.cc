#include "formats/csv/format.h"

namespace kappa {
namespace {

StatusOr<char> Character(const std::string& name, const std::string& value, bool may_be_empty) {
  if (value == "\\t" || value == "tab") return '\t';
  if (value.empty() && may_be_empty) return '\0';
  if (value.size() != 1 || value[0] == '\n' || value[0] == '\r' || value[0] == '\0' || static_cast<unsigned char>(value[0]) >= 0x80) {
    return SqlError(sqlstate::kInvalidParameterValue) << "CSV " << name << " must be a single one-byte character, not \"" << value << "\"";
  }
  return value[0];
}

StatusOr<bool> Boolean(const std::string& name, const std::string& value) {
  if (value == "true" || value == "on" || value == "1") return true;
  if (value == "false" || value == "off" || value == "0") return false;
  return SqlError(sqlstate::kInvalidParameterValue) << "CSV " << name << " must be true or false, not \"" << value << "\"";
}

}  // namespace

StatusOr<CsvFormat> ParseCsvFormat(const std::map<std::string, std::string>& options) {
  CsvFormat format;
  bool escape_given = false;
  for (const auto& [name, value] : options) {
    if (name == "delimiter") {
      ASSIGN_OR_RETURN(format.delimiter, Character(name, value, false));
    } else if (name == "quote") {
      ASSIGN_OR_RETURN(format.quote, Character(name, value, true));
    } else if (name == "escape") {
      ASSIGN_OR_RETURN(format.escape, Character(name, value, false));
      escape_given = true;
    } else if (name == "null") {
      format.null_text = value;
    } else if (name == "header") {
      ASSIGN_OR_RETURN(format.header, Boolean(name, value));
    } else if (name == "ragged") {
      if (value != "error" && value != "fill")
        return SqlError(sqlstate::kInvalidParameterValue) << "CSV ragged must be 'error' or 'fill', not \"" << value << "\"";
      format.fill = value == "fill";
    } else if (name == "fields") {
      format.fields = static_cast<uint32_t>(std::stoul(value));
    }
  }
  if (!escape_given) format.escape = format.quote;
  if (format.delimiter == format.quote) return SqlError(sqlstate::kInvalidParameterValue) << "CSV delimiter and quote must be different";
  if (format.null_text.find_first_of("\r\n") != std::string::npos)
    return SqlError(sqlstate::kInvalidParameterValue) << "CSV null must not hold a line break";
  if (format.null_text.find(format.delimiter) != std::string::npos)
    return SqlError(sqlstate::kInvalidParameterValue) << "CSV null must not hold the delimiter";
  return format;
}

void AppendCsvField(const CsvFormat& format, std::string_view text, std::string* out) {
  const char special[] = {format.delimiter, '\n', '\r', format.quote};
  const std::string_view specials(special, format.quote == '\0' ? 3 : 4);
  if (format.quote == '\0' || (text != format.null_text && text.find_first_of(specials) == std::string_view::npos)) {
    out->append(text);
    return;
  }
  out->push_back(format.quote);
  for (char c : text) {
    if (c == format.quote || c == format.escape) out->push_back(format.escape);
    out->push_back(c);
  }
  out->push_back(format.quote);
}

}  // namespace kappa
