#include "server/startup.h"

#include "server/backend_message.h"

namespace kappa::server {
namespace {

constexpr SqlState kInvalidAuthorization{"28000"};
constexpr uint32_t kMajorMask = 0xFFFF0000;

// The settings in "-c a=b --c=d": words separated by spaces, a backslash takes the next character as it is.
Status ParseOptions(std::string_view text, std::vector<std::pair<std::string, std::string>>* settings) {
  std::vector<std::string> words;
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ' || text[i] == '\t') {
      inside = false;
      continue;
    }
    if (!std::exchange(inside, true)) words.emplace_back();
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    words.back().push_back(text[i]);
  }
  for (size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (word == "-c" && i + 1 < words.size()) {
      word = words[++i];
    } else if (word.starts_with("-c")) {
      word.erase(0, 2);
    } else if (word.starts_with("--")) {
      word.erase(0, 2);
    } else {
      return SqlError(kProtocolViolation) << "invalid command-line argument for server process: " << word
                                          << Hint("options are written -c name=value");
    }
    const size_t equals = word.find('=');
    if (equals == std::string::npos) return SqlError(sqlstate::kSyntaxError) << "-c " << word << " requires a value";
    settings->emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return OkStatus();
}

// Those that are never anything else.
constexpr std::pair<const char*, const char*> kFixed[] = {
    {"default_transaction_read_only", "off"},
    {"in_hot_standby", "off"},
    {"integer_datetimes", "on"},
    {"is_superuser", "on"},
    {"server_encoding", "UTF8"},
    {"standard_conforming_strings", "on"},
};
constexpr std::pair<const char*, const char*> kReported[] = {{"application_name", "application_name"},
                                                             {"client_encoding", "client_encoding"},
                                                             {"datestyle", "DateStyle"},
                                                             {"intervalstyle", "IntervalStyle"},
                                                             {"timezone", "TimeZone"}};

}  // namespace

StatusOr<StartupRequest> ParseStartup(const StartupPacket& packet) {
  if ((packet.code & kMajorMask) != kProtocol3) {
    return SqlError(sqlstate::kFeatureNotSupported)
           << "unsupported frontend protocol " << (packet.code >> 16) << "." << (packet.code & 0xFFFF) << ": server supports 3.0";
  }
  StartupRequest request;
  request.newer_minor = packet.code != kProtocol3;
  MessageReader reader(packet.body);
  while (true) {
    const std::string name(reader.Text());
    if (name.empty()) break;
    const std::string value(reader.Text());
    if (name == "user") {
      request.user = value;
    } else if (name == "database") {
      request.database = value;
    } else if (name == "options") {
      RETURN_IF_ERROR(ParseOptions(value, &request.settings));
    } else if (name == "replication") {
      if (value != "false" && value != "off" && value != "no" && value != "0")
        return SqlError(sqlstate::kFeatureNotSupported) << "replication connections are not supported";
    } else if (name.starts_with("_pq_.")) {
      request.unknown_protocol_options.push_back(name);
    } else {
      request.settings.emplace_back(name, value);
    }
  }
  if (!reader.Finish().ok()) { return SqlError(kProtocolViolation) << "invalid startup packet layout: expected terminator as last byte"; }
  if (request.user.empty()) return SqlError(kInvalidAuthorization) << "no PostgreSQL user name specified in startup packet";
  if (request.database.empty()) request.database = request.user;
  return request;
}

ReportedParameters ReportedOf(const Session& session) {
  ReportedParameters reported;
  for (const auto& [setting, name] : kReported) {
    const auto value = session.Get(setting);
    if (value.ok()) reported[name] = *value;
  }
  return reported;
}

StatusOr<std::string> Welcome(const StartupRequest& request, const BackendKey& key, std::string_view version, Session* session) {
  for (const auto& [name, value] : request.settings) RETURN_IF_ERROR(session->Set(name, value));
  std::string out;
  if (request.newer_minor || !request.unknown_protocol_options.empty()) {
    MessageWriter message(&out, 'v');
    message.Int32(0).Int32(static_cast<uint32_t>(request.unknown_protocol_options.size()));
    for (const std::string& option : request.unknown_protocol_options) message.Text(option);
  }
  MessageWriter(&out, 'R').Int32(0);  // AuthenticationOk
  for (const auto& [name, value] : ReportedOf(*session)) AppendParameterStatus(name, value, &out);
  for (const auto& [name, value] : kFixed) AppendParameterStatus(name, value, &out);
  AppendParameterStatus("session_authorization", request.user, &out);
  AppendParameterStatus("server_version", version, &out);
  MessageWriter(&out, 'K').Int32(key.process).Int32(key.secret);
  AppendReadyForQuery('I', &out);
  return out;
}

}  // namespace kappa::server
