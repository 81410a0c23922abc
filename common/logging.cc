#include "common/logging.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <memory>
#include <mutex>

#include "common/os/standard_streams.h"

namespace kappa {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames = {"debug", "info", "warning", "error", "off"};
constexpr char kTextPattern[] = "%Y-%m-%dT%H:%M:%S.%eZ %v";
constexpr char kJsonPattern[] = "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v}";

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

class WriterSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void SetWriter(std::function<void(std::string_view)> writer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    writer_ = std::move(writer);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::string_view text(line.data(), line.size());
    if (writer_)
      writer_(text);
    else
      (void)os::WriteStandardError(text);  // a log that nobody can read is no reason to stop
  }
  void flush_() override {}

 private:
  std::function<void(std::string_view)> writer_;
};

// The process's log. Lives for ever: threads may log while the process ends.
struct ProcessLog {
  std::shared_ptr<WriterSink> sink = std::make_shared<WriterSink>();
  spdlog::logger logger{"kappa", sink};
  std::atomic<LogFormat> format{LogFormat::kText};
  ProcessLog() { Configure(LogLevel::kWarning, LogFormat::kText); }
  void Configure(LogLevel level, LogFormat wanted) {
    format.store(wanted);
    sink->set_formatter(
        std::make_unique<spdlog::pattern_formatter>(wanted == LogFormat::kJson ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc, "\n"));
    logger.set_level(SpdlogLevel(level));
  }
};

ProcessLog& Process() {
  static ProcessLog* const log = new ProcessLog();
  return *log;
}

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || size > text.size() - i) return false;
    for (size_t k = 1; k < size; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += size;
  }
  return true;
}

// JSON's escapes, in text lines too: no byte of a message can end the line or steer a terminal. Bytes of what is no UTF-8 are shown as characters.
void AppendQuoted(std::string_view text, std::string* out) {
  const bool utf8 = IsUtf8(text);
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out->append({'\\', c});
    else if (c == '\n')
      out->append("\\n");
    else if (byte < 0x20 || byte == 0x7F || (byte > 0x7F && !utf8))
      out->append(fmt::format("\\u{:04x}", byte));
    else
      out->push_back(c);
  }
  out->push_back('"');
}

void AppendTextValue(std::string_view text, std::string* out) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c > ' ' || static_cast<unsigned char>(c) > 0x7F) && c != '"' && c != '\\' && c != 0x7F;
  }) && IsUtf8(text);
  if (plain)
    out->append(text);
  else
    AppendQuoted(text, out);
}

void AppendValue(const LogField& field, LogFormat format, std::string* out) {
  const std::string_view* const text = std::get_if<std::string_view>(&field.value);
  if (IsSecretName(field.name)) return (void)out->append(format == LogFormat::kJson ? "\"***\"" : "***");
  if (text != nullptr) return format == LogFormat::kJson ? AppendQuoted(*text, out) : AppendTextValue(*text, out);
  if (const auto* number = std::get_if<int64_t>(&field.value)) return (void)out->append(std::to_string(*number));
  if (const auto* flag = std::get_if<bool>(&field.value)) return (void)out->append(*flag ? "true" : "false");
  const double number = std::get<double>(field.value);
  const bool finite = number - number == 0;
  out->append(finite || format == LogFormat::kText ? fmt::format("{}", number) : "null");
}

}  // namespace

bool Logs(LogLevel level) { return Process().logger.should_log(SpdlogLevel(level)); }

void Log(LogLevel level, std::string_view event, LogFields fields) {
  if (level == LogLevel::kOff || !Logs(level)) return;
  ProcessLog& log = Process();
  const LogFormat format = log.format.load();
  const std::string_view level_name = kLevelNames[static_cast<size_t>(level)];
  std::string line;
  if (format == LogFormat::kJson) {
    line.append("\"level\":\"").append(level_name).append("\",\"event\":");
    AppendQuoted(event, &line);
    for (const LogField& field : fields) {
      line.push_back(',');
      AppendQuoted(field.name, &line);
      line.push_back(':');
      AppendValue(field, format, &line);
    }
  } else {
    line.append(level_name).append(" ").append(event);
    for (const LogField& field : fields) {
      line.append(" ").append(field.name).append("=");
      AppendValue(field, format, &line);
    }
  }
  log.logger.log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

void ConfigureLog(LogLevel level, LogFormat format) { Process().Configure(level, format); }
void SetLogWriter(std::function<void(std::string_view)> writer) { Process().sink->SetWriter(std::move(writer)); }

std::optional<LogLevel> LogLevelOf(std::string_view name) {
  const auto found = std::find(kLevelNames.begin(), kLevelNames.end(), name);
  if (found == kLevelNames.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kLevelNames.begin());
}

bool IsSecretName(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view kSigns[] = {"password", "secret", "sasl.", "token", "credential", ".pem", "passphrase"};
  return std::any_of(std::begin(kSigns), std::end(kSigns), [&](std::string_view sign) { return lower.find(sign) != std::string::npos; });
}

}  // namespace kappa
