// Errors of the whole engine: an absl::Status that carries a SQLSTATE, a hint and the range of the statement it is about.
//
//   return SqlError(sqlstate::kUndefinedColumn, name.range) << "column \"" << name.text << "\" does not exist" << Hint("did you mean \"bidder\"?");
//
// The builder converts to absl::Status and to any absl::StatusOr<T>.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sqlstate.h"

namespace kappa {

using absl::Status;
using absl::StatusOr;
inline Status OkStatus() { return absl::OkStatus(); }

// Half-open range of bytes in the text of a statement's file. `begin` = kNone: not known.
struct TextRange {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t begin = kNone;
  uint32_t end = kNone;
  bool known() const { return begin != kNone; }
};

struct Hint {
  explicit Hint(std::string text) : text(std::move(text)) {}
  std::string text;  // empty: no hint
};

class SqlError {
 public:
  explicit SqlError(SqlState state, TextRange range = {}) : state_(state), range_(range) {}
  SqlError& operator<<(std::string_view text) {
    message_.append(text);
    return *this;
  }
  SqlError& operator<<(const char* text) {
    message_.append(text);
    return *this;
  }
  SqlError& operator<<(const std::string& text) {
    message_.append(text);
    return *this;
  }
  SqlError& operator<<(char c) {
    message_.push_back(c);
    return *this;
  }
  template <typename Int, typename = std::enable_if_t<std::is_arithmetic_v<Int>>>
  SqlError& operator<<(Int number) {
    message_.append(std::to_string(number));
    return *this;
  }
  SqlError& operator<<(const Hint& hint) {
    hint_ = hint.text;
    return *this;
  }
  operator Status() const;  // NOLINT: meant to convert
  template <typename T>
  operator StatusOr<T>() const {  // NOLINT: likewise
    return StatusOr<T>(static_cast<Status>(*this));
  }

 private:
  SqlState state_;
  TextRange range_;
  std::string message_;
  std::string hint_;
};

// What a status carries. A status made elsewhere (absl only) answers XX000 and no range.
SqlState SqlStateOf(const Status& status);
TextRange RangeOf(const Status& status);
std::string HintOf(const Status& status);
std::string MessageOf(const Status& status);
// The same error, with the range set where it had none.
Status WithRange(Status status, TextRange range);

// `ERROR 42703: message`, then file:line:col with the line and carets, then the hint (dialect.md). `text` may be empty.
std::string FormatError(const Status& status, std::string_view file, std::string_view text);

// " did you mean ..." over candidate names (edit distance at most 2, or a third of the name); an empty hint when nothing is near.
Hint DidYouMean(std::string_view name, const std::vector<std::string>& candidates);

#define KAPPA_CONCAT_INNER(a, b) a##b
#define KAPPA_CONCAT(a, b) KAPPA_CONCAT_INNER(a, b)
#define RETURN_IF_ERROR(expr)                                            \
  do {                                                                   \
    if (::kappa::Status status_ = (expr); !status_.ok()) return status_; \
  } while (false)
#define ASSIGN_OR_RETURN(lhs, expr) ASSIGN_OR_RETURN_IMPL(KAPPA_CONCAT(status_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr)    \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = std::move(tmp).value()

}  // namespace kappa
