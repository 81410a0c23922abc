#include "formats/csv/field_map.h"

#include "formats/decoder.h"
#include "formats/json/shape.h"

namespace kappa::csv {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

// The names of a header line; spaces around a name that is not quoted are no part of it.
std::vector<std::string> NamesOf(const CsvFormat& format, std::string_view line) {
  std::vector<std::string> names;
  const auto trim = [](std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return std::string(text);
  };
  for (size_t at = 0; at <= line.size();) {
    if (format.quote != '\0' && at < line.size() && line[at] == format.quote) {
      std::string name;
      for (++at; at < line.size(); ++at) {
        if (line[at] == format.escape && at + 1 < line.size() && (line[at + 1] == format.quote || line[at + 1] == format.escape))
          name.push_back(line[++at]);
        else if (line[at] == format.quote)
          break;
        else
          name.push_back(line[at]);
      }
      names.push_back(std::move(name));
      at = line.find(format.delimiter, std::min(at, line.size()));
    } else {
      const size_t end = std::min(line.find(format.delimiter, at), line.size());
      names.push_back(trim(line.substr(at, end - at)));
      at = end == line.size() ? std::string_view::npos : end;
    }
    if (at == std::string_view::npos) break;
    ++at;
  }
  return names;
}

}  // namespace

void FieldMap::ByPosition(const DecodePlan& plan) {
  *this = FieldMap();
  fields = plan.options().csv.fill ? 0 : plan.options().csv.fields;
  also.assign(plan.columns().size(), -1);
  for (size_t i = 0; i < plan.columns().size(); ++i) {
    const auto field = static_cast<size_t>(plan.columns()[i].position < 0 ? static_cast<int32_t>(i) : plan.columns()[i].position);
    if (column_of.size() <= field) column_of.resize(field + 1, -1);
    also[i] = column_of[field];
    column_of[field] = static_cast<int32_t>(i);
  }
}

void FieldMap::ByHeader(const DecodePlan& plan, std::string_view header) {
  *this = FieldMap();
  unescaped_header = header;
  const std::vector<std::string> names = NamesOf(plan.options().csv, header);
  fields = plan.options().csv.fill ? 0 : static_cast<uint32_t>(names.size());
  also.assign(plan.columns().size(), -1);
  for (size_t i = 0; i < plan.columns().size(); ++i) {
    const PathStep& step = plan.columns()[i].path.front();
    size_t found = names.size();
    for (size_t field = 0; field < names.size(); ++field) {
      if (names[field] == step.name) {
        found = field;
        break;
      }
      if (step.case_insensitive && found == names.size() && EqualIgnoringCase(names[field], step.name)) found = field;
    }
    if (found == names.size()) {
      absent.push_back(static_cast<int32_t>(i));
      if (problem.empty() && !plan.options().csv.fill) {
        problem = "the header line has no \"" + step.name + "\": it is " + std::string(header.substr(0, 200));
        problem_state = sqlstate::kUndefinedColumn;
      }
      continue;
    }
    if (column_of.size() <= found) column_of.resize(found + 1, -1);
    also[i] = column_of[found];
    column_of[found] = static_cast<int32_t>(i);
  }
}

}  // namespace kappa::csv

namespace kappa {

void DecoderState::SetPreamble(std::string_view preamble) {
  csv::FieldMap& map = internals_->csv;
  if (plan_->options().encoding != RecordEncoding::kCsv || map.unescaped_header == preamble) return;
  if (preamble.empty() || !plan_->options().csv.header)
    map.ByPosition(*plan_);
  else
    map.ByHeader(*plan_, preamble);
}

}  // namespace kappa
