#include "connectors/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kappa {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes "12.5 unit" off the front of `text`.
bool TakeQuantity(std::string_view* text, double* number, std::string* unit) {
  const char* const end = text->data() + text->size();
  const auto [after, error] = std::from_chars(text->data(), end, *number);
  if (error != std::errc() || !std::isfinite(*number) || *number < 0) return false;
  text->remove_prefix(static_cast<size_t>(after - text->data()));
  *text = Trim(*text);
  size_t letters = 0;
  while (letters < text->size() && (((*text)[letters] | 32) >= 'a' && ((*text)[letters] | 32) <= 'z')) ++letters;
  *unit = Lower(text->substr(0, letters));
  text->remove_prefix(letters);
  *text = Trim(*text);
  return true;
}

std::optional<int64_t> DurationUnit(const std::string& unit) {
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {{"us", 1},
                                                                    {"microsecond", 1},
                                                                    {"microseconds", 1},
                                                                    {"", 1000},
                                                                    {"ms", 1000},
                                                                    {"millisecond", 1000},
                                                                    {"milliseconds", 1000},
                                                                    {"s", 1'000'000},
                                                                    {"sec", 1'000'000},
                                                                    {"secs", 1'000'000},
                                                                    {"second", 1'000'000},
                                                                    {"seconds", 1'000'000},
                                                                    {"m", 60'000'000},
                                                                    {"min", 60'000'000},
                                                                    {"mins", 60'000'000},
                                                                    {"minute", 60'000'000},
                                                                    {"minutes", 60'000'000},
                                                                    {"h", 3'600'000'000},
                                                                    {"hour", 3'600'000'000},
                                                                    {"hours", 3'600'000'000},
                                                                    {"d", 86'400'000'000},
                                                                    {"day", 86'400'000'000},
                                                                    {"days", 86'400'000'000}};
  for (const auto& [name, micros] : kUnits) {
    if (name == unit) return micros;
  }
  return std::nullopt;
}

std::optional<int64_t> SizeUnit(const std::string& unit) {
  static constexpr std::pair<std::string_view, int> kUnits[] = {{"", 0},     {"b", 0},  {"byte", 0}, {"bytes", 0}, {"k", 10}, {"kb", 10},
                                                                {"kib", 10}, {"m", 20}, {"mb", 20},  {"mib", 20},  {"g", 30}, {"gb", 30},
                                                                {"gib", 30}, {"t", 40}, {"tb", 40},  {"tib", 40}};
  for (const auto& [name, shift] : kUnits) {
    if (name == unit) return int64_t{1} << shift;
  }
  return std::nullopt;
}

std::optional<int64_t> Scaled(double number, int64_t unit) {
  const double product = number * static_cast<double>(unit);
  if (product > 9.0e18) return std::nullopt;
  return static_cast<int64_t>(std::llround(product));
}

std::optional<int64_t> ParseValue(OptionKind kind, const std::string& text) {
  switch (kind) {
    case OptionKind::kText:
      return 0;
    case OptionKind::kInteger:
      return ParseInteger(text);
    case OptionKind::kBoolean: {
      const std::optional<bool> value = ParseBoolean(text);
      return value ? std::optional<int64_t>(*value) : std::nullopt;
    }
    case OptionKind::kInterval:
      return ParseDurationMicros(text);
    case OptionKind::kSize:
      return ParseSizeBytes(text);
  }
  return std::nullopt;
}

std::string_view KindExample(OptionKind kind) {
  switch (kind) {
    case OptionKind::kText:
      return "a text";
    case OptionKind::kInteger:
      return "an integer";
    case OptionKind::kBoolean:
      return "true or false";
    case OptionKind::kInterval:
      return "a duration like '30 s'";
    case OptionKind::kSize:
      return "a size like '64 MB'";
  }
  return "";
}

bool Matches(const ConnectorOption& option, const std::string& name) {
  if (option.name == name) return true;
  const bool prefix = option.name.size() > 1 && option.name.back() == '*';
  return prefix && name.size() >= option.name.size() && name.compare(0, option.name.size() - 1, option.name, 0, option.name.size() - 1) == 0;
}

Status CheckGiven(std::string_view connector, const std::vector<ConnectorOption>& declared, bool sink, const std::string& name,
                  const std::string& text) {
  for (const ConnectorOption& option : declared) {
    if (!Matches(option, name)) continue;
    if (ParseValue(option.kind, text).has_value()) return OkStatus();
    return SqlError(sqlstate::kInvalidParameterValue)
           << "option \"" << name << "\" of connector '" << connector << "' is '" << text << "', but must be " << KindExample(option.kind);
  }
  const std::vector<std::string>& common = CommonOptionNames(sink);
  if (std::find(common.begin(), common.end(), name) != common.end()) return OkStatus();
  std::vector<std::string> candidates = common;
  for (const ConnectorOption& option : declared) candidates.push_back(option.name);
  return SqlError(sqlstate::kUndefinedObject) << "connector '" << connector << "' has no option \"" << name << "\" for a "
                                              << (sink ? "sink" : "source") << DidYouMean(name, candidates);
}

Status Check(std::string_view connector, const std::vector<ConnectorOption>& declared, bool sink, const Options& options) {
  for (const auto& [name, text] : options) RETURN_IF_ERROR(CheckGiven(connector, declared, sink, name, text));
  for (const ConnectorOption& option : declared) {
    if (!option.required || options.count(option.name) != 0) continue;
    return SqlError(sqlstate::kInvalidParameterValue) << "connector '" << connector << "' needs option \"" << option.name
                                                      << "\": " << option.documentation << Hint("add " + option.name + " = '...' to WITH (...)");
  }
  return OkStatus();
}

}  // namespace

std::optional<int64_t> ParseDurationMicros(std::string_view text) {
  text = Trim(text);
  if (text.empty()) return std::nullopt;
  int64_t total = 0;
  while (!text.empty()) {
    double number;
    std::string unit;
    if (!TakeQuantity(&text, &number, &unit)) return std::nullopt;
    const std::optional<int64_t> micros = DurationUnit(unit);
    if (!micros) return std::nullopt;
    const std::optional<int64_t> scaled = Scaled(number, *micros);
    if (!scaled || __builtin_add_overflow(total, *scaled, &total)) return std::nullopt;
  }
  return total;
}

std::optional<int64_t> ParseSizeBytes(std::string_view text) {
  text = Trim(text);
  double number;
  std::string unit;
  if (!TakeQuantity(&text, &number, &unit) || !text.empty()) return std::nullopt;
  const std::optional<int64_t> bytes = SizeUnit(unit);
  return bytes ? Scaled(number, *bytes) : std::nullopt;
}

std::optional<bool> ParseBoolean(std::string_view text) {
  const std::string lower = Lower(Trim(text));
  if (lower == "true" || lower == "on" || lower == "yes" || lower == "1" || lower == "t") return true;
  if (lower == "false" || lower == "off" || lower == "no" || lower == "0" || lower == "f") return false;
  return std::nullopt;
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  text = Trim(text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional<int64_t>(value) : std::nullopt;
}

const std::vector<std::string>& CommonOptionNames(bool sink) {
  static const auto* const kSource = new std::vector<std::string>{"connector", "idle_timeout", "validate", "archive"};
  static const auto* const kSink = new std::vector<std::string>{"connector", "primary_key", "commit_interval", "type"};
  return sink ? *kSink : *kSource;
}

Status ValidateOptions(const ConnectorDescriptor& connector, bool sink, const Options& options) {
  if (sink ? connector.make_sink == nullptr : connector.make_source == nullptr) {
    return SqlError(sqlstate::kFeatureNotSupported) << "connector '" << connector.name << "' is no " << (sink ? "sink" : "source");
  }
  return Check(connector.name, sink ? connector.sink_options : connector.source_options, sink, options);
}

StatusOr<OptionValues> OptionValues::Parse(std::string_view connector, const std::vector<ConnectorOption>& declared, bool sink,
                                           const Options& options) {
  RETURN_IF_ERROR(Check(connector, declared, sink, options));
  OptionValues values;
  for (const ConnectorOption& option : declared) {
    const auto given = options.find(option.name);
    if (given == options.end() && option.default_value.empty()) continue;
    const std::string& text = given == options.end() ? option.default_value : given->second;
    values.values_[option.name] = {text, ParseValue(option.kind, text).value_or(0)};
  }
  return values;
}

std::string OptionValues::text(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? "" : found->second.text;
}

int64_t OptionValues::number(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? 0 : found->second.number;
}

}  // namespace kappa
