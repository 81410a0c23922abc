// WITH options, checked against what a connector declares and turned into values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/connector.h"

namespace kappa {

// '30 s', '500 ms', '2 minutes', '1h', '1 day 6 hours'; a bare number is milliseconds. Microseconds; nullopt: not a duration.
std::optional<int64_t> ParseDurationMicros(std::string_view text);
// '64 MB', '16 kB', '1 GiB'; a bare number is bytes. Units are powers of 1024, as in PostgreSQL's settings. nullopt: not a size.
std::optional<int64_t> ParseSizeBytes(std::string_view text);
std::optional<bool> ParseBoolean(std::string_view text);  // true, false, on, off, yes, no, 1, 0
std::optional<int64_t> ParseInteger(std::string_view text);

// Options the planner and the engine read themselves, of any source or sink: allowed everywhere, passed over by connectors.
const std::vector<std::string>& CommonOptionNames(bool sink);

// 22023: an option the connector does not have (with the nearest one it has), one that is required and missing, or a value that is not of its kind;
// 0A000: the connector is no source, or no sink.
Status ValidateOptions(const ConnectorDescriptor& connector, bool sink, const Options& options);

// Values by name, with the declared defaults; made once the options are known to be right.
class OptionValues {
 public:
  // Checks like ValidateOptions.
  static StatusOr<OptionValues> Parse(std::string_view connector, const std::vector<ConnectorOption>& declared, bool sink, const Options& options);
  // Given, or with a default.
  bool has(std::string_view name) const { return values_.count(std::string(name)) != 0; }
  std::string text(std::string_view name) const;                         // "" when absent
  int64_t integer(std::string_view name) const { return number(name); }  // 0 when absent; so the following
  bool boolean(std::string_view name) const { return number(name) != 0; }
  int64_t interval_micros(std::string_view name) const { return number(name); }
  int64_t size_bytes(std::string_view name) const { return number(name); }

 private:
  struct Value {
    std::string text;
    int64_t number = 0;
  };
  int64_t number(std::string_view name) const;
  std::map<std::string, Value> values_;
};

}  // namespace kappa
