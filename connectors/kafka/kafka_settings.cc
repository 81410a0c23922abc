#include "connectors/kafka/kafka_settings.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "types/datetime.h"

namespace kappa::kafka {
namespace {

constexpr std::string_view kPropertyPrefix = "properties.";

template <typename Int>
std::optional<Int> ParseNumber(std::string_view text) {
  Int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view Strip(std::string_view text) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  absl::AsciiStrToLower(&lower);
  return lower;
}

SqlError Invalid(std::string_view option) { return SqlError(sqlstate::kInvalidParameterValue) << "option " << option << " of connector 'kafka': "; }

// '0:120,1:98'
std::optional<std::map<int32_t, Offset>> ParseOffsets(std::string_view text) {
  std::map<int32_t, Offset> offsets;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view entry = Strip(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const size_t colon = entry.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto partition = ParseNumber<int32_t>(Strip(entry.substr(0, colon)));
    const auto offset = ParseNumber<Offset>(Strip(entry.substr(colon + 1)));
    if (!partition || !offset || *partition < 0 || *offset < 0) return std::nullopt;
    if (!offsets.emplace(*partition, *offset).second) return std::nullopt;
  }
  if (offsets.empty()) return std::nullopt;
  return offsets;
}

// Milliseconds since 1970, or a timestamp as SQL writes it. Records have milliseconds: none before it.
std::optional<int64_t> ParseTime(std::string_view text) {
  if (const auto millis = ParseNumber<int64_t>(text)) return millis;
  TimestampTz timestamp;
  if (ParseTimestampTz(text, &timestamp) != ParseStatus::kOk) return std::nullopt;
  return timestamp.micros / 1000 + (timestamp.micros % 1000 > 0 ? 1 : 0);
}

class Reader {
 public:
  explicit Reader(const Options& options) : options_(options) {}
  const std::string* Find(const std::string& name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? nullptr : &found->second;
  }
  Status Duration(const std::string& name, int64_t* milliseconds) const {
    const std::string* text = Find(name);
    if (text == nullptr) return OkStatus();
    const auto parsed = ParseDurationMs(*text);
    if (!parsed || *parsed <= 0) {
      return Invalid(name) << "'" << *text << "' is not a duration" << Hint("write a number and a unit: '10 s', '500 ms', '2 min'");
    }
    *milliseconds = *parsed;
    return OkStatus();
  }
  Status Count(const std::string& name, int32_t* count) const {
    const std::string* text = Find(name);
    if (text == nullptr) return OkStatus();
    const auto parsed = ParseNumber<int32_t>(Strip(*text));
    if (!parsed || *parsed <= 0) return Invalid(name) << "'" << *text << "' is not a number above 0";
    *count = *parsed;
    return OkStatus();
  }

 private:
  const Options& options_;
};

Status ParseStart(const Reader& reader, StartPosition* start) {
  const std::string* mode = reader.Find("scan.startup.mode");
  const std::string* offsets = reader.Find("scan.startup.offsets");
  const std::string* time = reader.Find("scan.startup.timestamp");
  if (time == nullptr) time = reader.Find("scan.startup.timestamp.millis");
  const std::string name = mode != nullptr ? Lower(Strip(*mode)) : offsets != nullptr ? "offsets" : time != nullptr ? "timestamp" : "earliest";
  if (name == "earliest" || name == "earliest-offset") return OkStatus();
  if (name == "latest" || name == "latest-offset") {
    start->kind = StartPosition::Kind::kLatest;
    return OkStatus();
  }
  if (name == "timestamp") {
    const auto parsed = time == nullptr ? std::nullopt : ParseTime(Strip(*time));
    if (!parsed) {
      return Invalid("scan.startup.timestamp") << (time == nullptr ? "startup mode 'timestamp' needs it" : "'" + *time + "' is not a time")
                                               << Hint("'2024-05-06 07:08:09' (UTC unless it names a zone), or milliseconds since 1970");
    }
    start->kind = StartPosition::Kind::kTimestamp;
    start->timestamp_ms = *parsed;
    return OkStatus();
  }
  // 'offsets' with scan.startup.offsets, or the offsets themselves
  const bool separate = name == "offsets" || name == "specific-offsets";
  if (separate && offsets == nullptr) {
    return Invalid("scan.startup.offsets") << "startup mode 'offsets' needs it" << Hint("scan.startup.offsets = '0:120,1:98' (partition:offset)");
  }
  auto parsed = ParseOffsets(separate ? *offsets : name);
  if (!parsed) {
    return Invalid(separate ? "scan.startup.offsets" : "scan.startup.mode")
           << "'" << (separate ? *offsets : name) << "' is not a start" << Hint("'earliest', 'latest', 'timestamp', or offsets as '0:120,1:98'");
  }
  start->kind = StartPosition::Kind::kOffsets;
  start->offsets = std::move(*parsed);
  return OkStatus();
}

Status ParseTopic(const std::string& topic, KafkaSettings* settings) {
  settings->topic = topic;
  if (topic.find_first_of("*^$[](|?+\\") != std::string::npos) {
    const re2::RE2 pattern(topic, re2::RE2::Quiet);
    if (!pattern.ok()) return Invalid("topic") << "'" << topic << "' is no pattern: " << pattern.error();
    settings->topic_pattern = true;
    return OkStatus();
  }
  for (size_t at = 0; at <= topic.size();) {
    const size_t end = std::min(topic.find(',', at), topic.size());
    std::string name(Strip(std::string_view(topic).substr(at, end - at)));
    RETURN_IF_ERROR(CheckTopicName(name));
    if (std::find(settings->topics.begin(), settings->topics.end(), name) != settings->topics.end())
      return Invalid("topic") << "topic '" << name << "' is listed twice";
    settings->topics.push_back(std::move(name));
    at = end + 1;
  }
  return OkStatus();
}

void TakeProperties(const Options& options, KafkaSettings* settings) {
  for (const auto& [name, value] : options) {
    if (std::string_view(name).substr(0, kPropertyPrefix.size()) != kPropertyPrefix) continue;
    const std::string property = name.substr(kPropertyPrefix.size());
    // RisingWave and people write the singular, librdkafka has another alias.
    if (property == "bootstrap.server" || property == "bootstrap.servers" || property == "metadata.broker.list")
      settings->brokers = value;
    else
      settings->properties.emplace_back(property, value);
  }
}

}  // namespace

std::optional<int64_t> ParseDurationMs(std::string_view text) {
  text = Strip(text);
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  const auto number = ParseNumber<int64_t>(text.substr(0, digits));
  if (!number) return std::nullopt;
  static const std::map<std::string, int64_t, std::less<>> kUnits = {{"", 1},
                                                                     {"ms", 1},
                                                                     {"msec", 1},
                                                                     {"millisecond", 1},
                                                                     {"milliseconds", 1},
                                                                     {"s", 1000},
                                                                     {"sec", 1000},
                                                                     {"second", 1000},
                                                                     {"seconds", 1000},
                                                                     {"min", 60'000},
                                                                     {"mins", 60'000},
                                                                     {"minute", 60'000},
                                                                     {"minutes", 60'000},
                                                                     {"h", 3'600'000},
                                                                     {"hour", 3'600'000},
                                                                     {"hours", 3'600'000}};
  const auto unit = kUnits.find(Lower(Strip(text.substr(digits))));
  if (unit == kUnits.end() || *number > INT64_MAX / unit->second) return std::nullopt;
  return *number * unit->second;
}

Status CheckTopicName(const std::string& topic) {
  if (topic.empty()) return Invalid("topic") << "the name is empty";
  if (topic.size() > 249) return Invalid("topic") << "a name has at most 249 characters, this one has " << topic.size();
  for (const char c : topic) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && c != '-') {
      return Invalid("topic") << "'" << topic << "' is not a topic name" << Hint("letters, digits, '.', '_' and '-'");
    }
  }
  if (topic == "." || topic == "..") return Invalid("topic") << "'" << topic << "' is not a topic name";
  return OkStatus();
}

StatusOr<KafkaSettings> ParseKafkaSettings(const Options& options) {
  KafkaSettings settings;
  const Reader reader(options);
  if (const std::string* topic = reader.Find("topic")) { RETURN_IF_ERROR(ParseTopic(*topic, &settings)); }
  TakeProperties(options, &settings);
  if (Strip(settings.brokers).empty()) {
    return SqlError(sqlstate::kInvalidParameterValue)
           << "connector 'kafka' needs the address of a broker" << Hint("properties.bootstrap.server = 'localhost:9092'");
  }
  RETURN_IF_ERROR(ParseStart(reader, &settings.start));
  if (const std::string* mode = reader.Find("scan.bounded.mode")) {
    const std::string name = Lower(Strip(*mode));
    if (name == "latest" || name == "latest-offset")
      settings.bounded = true;
    else if (name != "unbounded")
      return Invalid("scan.bounded.mode") << "'" << *mode << "' is not known" << Hint("'latest' or 'unbounded'");
  }
  RETURN_IF_ERROR(reader.Duration("connect.timeout", &settings.connect_timeout_ms));
  RETURN_IF_ERROR(reader.Duration("disconnect.timeout", &settings.disconnect_timeout_ms));
  RETURN_IF_ERROR(reader.Duration("delivery.timeout", &settings.delivery_timeout_ms));
  RETURN_IF_ERROR(reader.Count("partitions", &settings.partitions));
  RETURN_IF_ERROR(reader.Count("replication.factor", &settings.replication));
  return settings;
}

}  // namespace kappa::kafka
