// WITH (...) and FORMAT ... ENCODE ...
#include <algorithm>

#include "planner/binder/ddl.h"
#include "planner/binder/log_range.h"
#include "planner/binder/source_format.h"

namespace kappa {
namespace {

const ast::Option* Find(const std::vector<ast::Option>& options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const ast::Option& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

bool Matches(const ConnectorOption& known, std::string_view name) {
  if (known.name.ends_with(".*")) return name.starts_with(std::string_view(known.name).substr(0, known.name.size() - 1));
  return known.name == name;
}

StatusOr<bool> ParseBoolean(const ast::Option& option) {
  StatusOr<Datum> value = Datum::Parse(TypeId::kBool, option.value);
  if (!value.ok())
    return SqlError(sqlstate::kInvalidParameterValue, option.value_range)
           << "option \"" << option.name << "\" must be true or false, not \"" << option.value << "\"";
  return value->as_bool();
}

Status CheckValue(const ast::Option& option, OptionKind kind) {
  auto bad = [&](std::string_view wanted) {
    return SqlError(sqlstate::kInvalidParameterValue, option.value_range)
           << "option \"" << option.name << "\" must be " << wanted << ", not \"" << option.value << "\"";
  };
  switch (kind) {
    case OptionKind::kText:
      return OkStatus();
    case OptionKind::kInteger:
      return Datum::Parse(TypeId::kInt8, option.value).ok() ? OkStatus() : Status(bad("an integer"));
    case OptionKind::kBoolean:
      return ParseBoolean(option).status();
    case OptionKind::kInterval: {
      const bool bare = !option.value.empty() && option.value.find_first_not_of("0123456789.") == std::string::npos;
      return !bare && Datum::Parse(TypeId::kInterval, option.value).ok() ? OkStatus() : Status(bad("an interval such as '30 s'"));
    }
    case OptionKind::kSize: {
      const size_t digits = std::min(option.value.find_first_not_of("0123456789"), option.value.size());
      std::string unit = option.value.substr(digits);
      unit.erase(0, unit.find_first_not_of(' ') == std::string::npos ? unit.size() : unit.find_first_not_of(' '));
      std::transform(unit.begin(), unit.end(), unit.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      static constexpr std::string_view kUnits[] = {"", "b", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib", "t", "tb", "tib"};
      const bool known = std::find(std::begin(kUnits), std::end(kUnits), unit) != std::end(kUnits);
      return digits > 0 && known ? OkStatus() : Status(bad("a size such as '64 MB'"));
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<const ConnectorDescriptor*> DdlBinder::FindConnector(const std::vector<ast::Option>& options, TextRange range, bool sink) {
  const ast::Option* named = Find(options, "connector");
  if (named == nullptr) {
    for (const ast::Option& option : options) {
      if (!DidYouMean(option.name, {"connector"}).text.empty())
        return SqlError(sqlstate::kInvalidParameterValue, option.name_range) << "WITH names no connector" << Hint("did you mean \"connector\"?");
    }
    return SqlError(sqlstate::kInvalidParameterValue, range) << "WITH names no connector" << Hint("add WITH (connector = '...'): there are " + [&] {
             std::string names;
             for (const std::string& name : connectors_->Names()) names += (names.empty() ? "" : ", ") + name;
             return names;
           }());
  }
  const ConnectorDescriptor* connector = connectors_->Find(named->value);
  if (connector == nullptr) {
    return SqlError(sqlstate::kUndefinedObject, named->value_range)
           << "connector \"" << named->value << "\" does not exist" << DidYouMean(named->value, connectors_->Names());
  }
  if (sink ? !connector->make_sink && connector->sink_options.empty() && !connector->sink_folds_checksum
           : !connector->make_source && connector->source_options.empty()) {
    return SqlError(sqlstate::kWrongObjectType, named->value_range)
           << "connector \"" << named->value << "\" cannot be a " << (sink ? "sink" : "source");
  }
  return connector;
}

Status DdlBinder::CheckOptions(const std::vector<ast::Option>& written, const std::vector<ConnectorOption>& known,
                               const std::vector<std::string>& own, const std::string& connector, TextRange range, Options* options) {
  for (const ast::Option& option : written) {
    if (option.name == "connector") continue;
    for (const ast::Option& other : written) {
      if (&other == &option) break;
      if (other.name == option.name) return SqlError(sqlstate::kSyntaxError, option.name_range) << "option \"" << option.name << "\" is given twice";
    }
    const auto found = std::find_if(known.begin(), known.end(), [&](const ConnectorOption& k) { return Matches(k, option.name); });
    if (found != known.end()) {
      if (!option.secret) RETURN_IF_ERROR(CheckValue(option, found->kind));
      (*options)[option.name] = option.value;
    } else if (std::find(own.begin(), own.end(), option.name) == own.end()) {
      std::vector<std::string> names = own;
      for (const ConnectorOption& k : known) names.push_back(k.name);
      names.emplace_back("connection");
      return SqlError(sqlstate::kUndefinedObject, option.name_range)
             << "connector \"" << connector << "\" has no option \"" << option.name << "\"" << DidYouMean(option.name, names);
    }
  }
  for (const ConnectorOption& option : known) {
    if (option.required && !Find(written, option.name)) {
      return SqlError(sqlstate::kInvalidParameterValue, range)
             << "connector \"" << connector << "\" needs the option \"" << option.name << "\"" << Hint(option.documentation);
    }
  }
  return OkStatus();
}

Status DdlBinder::TakeSourceOptions(const std::vector<ast::Option>& written, const ConnectorDescriptor& connector, SourceObject* source) {
  RETURN_IF_ERROR(
      CheckOptions(written, connector.source_options,
                   {"validate", "scan.startup.mode", "scan.startup.offsets", "scan.startup.timestamp.millis", "scan.bounded.mode", "idle_timeout"},
                   connector.name, written.empty() ? TextRange{} : written[0].name_range, &source->options));
  auto bad = [](const ast::Option& option, std::string_view choices) {
    return SqlError(sqlstate::kInvalidParameterValue, option.value_range)
           << "option \"" << option.name << "\" must be " << choices << ", not \"" << option.value << "\"";
  };
  if (const ast::Option* option = Find(written, "validate")) {
    if (option->value != "full" && option->value != "read") return bad(*option, "'full' or 'read'");
    source->validate_full = option->value == "full";
  }
  if (const ast::Option* option = Find(written, "scan.startup.mode")) {
    if (option->value == "latest")
      source->from_latest = true;
    else if (option->value == "timestamp" && !Find(written, "scan.startup.timestamp") && !Find(written, "scan.startup.timestamp.millis"))
      return SqlError(sqlstate::kInvalidParameterValue, option->value_range)
             << "scan.startup.mode = 'timestamp' needs the option \"scan.startup.timestamp\""
             << Hint("'2024-05-06 07:08:09', or milliseconds since 1970, UTC");
    else if (option->value != "earliest" && option->value != "offsets" && option->value != "timestamp")
      return bad(*option, "'earliest', 'latest', 'timestamp' or 'offsets'");
  }
  if (const ast::Option* option = Find(written, "scan.startup.timestamp.millis")) {
    const StatusOr<Datum> millis = Datum::Parse(TypeId::kInt8, option->value);
    if (!millis.ok() || millis->as_int() < 0) return bad(*option, "milliseconds since 1970");
    source->from_timestamp_ms = millis->as_int();
  }
  if (const ast::Option* option = Find(written, "scan.startup.offsets")) {
    ASSIGN_OR_RETURN(source->from_offsets, ParseOffsets(option->value, option->value_range));
  }
  if (const ast::Option* option = Find(written, "scan.bounded.mode")) {
    if (option->value != "latest" && option->value != "unbounded") return bad(*option, "'latest' or 'unbounded'");
    source->until_latest = option->value == "latest";
  }
  if (const ast::Option* option = Find(written, "idle_timeout")) {
    RETURN_IF_ERROR(CheckValue(*option, OptionKind::kInterval));
    ASSIGN_OR_RETURN(Datum timeout, Datum::Parse(TypeId::kInterval, option->value));
    const Interval& interval = timeout.as_interval();
    if (interval.months != 0 || interval.days < 0 || interval.micros < 0) return bad(*option, "an interval of days and less");
    source->idle_timeout_micros = interval.days * int64_t{86'400'000'000} + interval.micros;
  }
  return OkStatus();
}

StatusOr<std::string> DdlBinder::EncodingOf(const std::optional<ast::FormatClause>& format, bool sink, Options* format_options) {
  if (!format) return std::string("json");
  const std::string& encode = format->encode.name;
  if (encode == "csv") {
    RETURN_IF_ERROR(TakeCsvOptions(format->options, sink, format_options));
    return encode;
  }
  if (!format->options.empty()) {
    const ast::Option& option = format->options[0];
    return SqlError(sqlstate::kUndefinedObject, option.name_range) << "ENCODE " << encode << " has no option \"" << option.name << "\"";
  }
  if (encode == "json" || encode == "bytes" || encode == "raw") return std::string(encode == "json" ? "json" : "bytes");
  if (encode == "avro" || encode == "protobuf" || encode == "text" || encode == "template")
    return NotSupported("ENCODE " + encode, format->encode.range);
  return SqlError(sqlstate::kInvalidParameterValue, format->encode.range)
         << "unknown encoding \"" << encode << "\"" << DidYouMean(encode, {"json", "csv", "bytes", "avro", "protobuf"});
}

}  // namespace kappa
