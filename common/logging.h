// What an operator of a running engine may want to read later: one line an event, with named facts, to standard error.
//
//   LogInfo("snapshot written", {{"program", name}, {"epoch", epoch}, {"bytes", bytes}});
//
//   text   2026-03-01T10:00:00.123Z info snapshot written program=totals epoch=1200 bytes=4096
//   JSON   {"time":"2026-03-01T10:00:00.123Z","level":"info","event":"snapshot written","program":"totals","epoch":1200,"bytes":4096}
//
// An event is a few fixed words: what differs is in the facts. Never on the row path. A fact whose name says that it is a secret (IsSecretName) is
// written as ***. Any thread; lines are whole. The process has one log, set up once by main (as it has one standard error); until then warnings and
// errors are written as text.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "common/status.h"

namespace kappa {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat : uint8_t { kText, kJson };

// A fact of an event. Refers to texts: for arguments of Log only.
struct LogField {
  template <typename T>
  LogField(std::string_view name, const T& value) : name(name), value(Value(value)) {}

  std::string_view name;
  std::variant<std::string_view, int64_t, double, bool> value;

 private:
  template <typename T>
  static decltype(value) Value(const T& given) {
    if constexpr (std::is_same_v<T, bool>)
      return given;
    else if constexpr (std::is_floating_point_v<T>)
      return static_cast<double>(given);
    else if constexpr (std::is_integral_v<T>)
      return static_cast<int64_t>(given);
    else
      return std::string_view(given);
  }
};

using LogFields = std::initializer_list<LogField>;

void Log(LogLevel level, std::string_view event, LogFields fields = {});
inline void LogDebug(std::string_view event, LogFields fields = {}) { Log(LogLevel::kDebug, event, fields); }
inline void LogInfo(std::string_view event, LogFields fields = {}) { Log(LogLevel::kInfo, event, fields); }
inline void LogWarning(std::string_view event, LogFields fields = {}) { Log(LogLevel::kWarning, event, fields); }
inline void LogError(std::string_view event, LogFields fields = {}) { Log(LogLevel::kError, event, fields); }

// Whether a line of that level is written at all: for facts that cost something to gather.
bool Logs(LogLevel level);

void ConfigureLog(LogLevel level, LogFormat format);
// Where lines go, each with its newline; nullptr: standard error. Called by whoever logs, one at a time. Answers once nobody is in the old one.
void SetLogWriter(std::function<void(std::string_view line)> writer);

std::optional<LogLevel> LogLevelOf(std::string_view name);  // debug, info, warning, error, off

// Options whose value nobody else should see: passwords, secrets, keys, tokens, everything of SASL.
bool IsSecretName(std::string_view name);

}  // namespace kappa
