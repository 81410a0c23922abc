#include "common/status.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "common/error_detail.h"

namespace kappa {
namespace {

// From a view: the constructor from std::string is a template whose instance in a library built by GCC has another mangled name than clang's.
absl::Cord ToCord(std::string_view text) { return absl::Cord(absl::string_view(text.data(), text.size())); }

constexpr char kStateUrl[] = "kappa/sqlstate";
constexpr char kRangeUrl[] = "kappa/range";
constexpr char kHintUrl[] = "kappa/hint";
constexpr char kDetailUrl[] = "kappa/detail";

absl::StatusCode CodeFor(SqlState state) {
  const std::string_view code = state.view();
  if (code == "0A000") return absl::StatusCode::kUnimplemented;
  if (code == "57014") return absl::StatusCode::kCancelled;
  if (code.substr(0, 2) == "08") return absl::StatusCode::kUnavailable;
  if (code.substr(0, 2) == "53" || code.substr(0, 2) == "54") return absl::StatusCode::kResourceExhausted;
  if (code.substr(0, 2) == "XX") return absl::StatusCode::kInternal;
  if (code == "58P01" || code == "42P01") return absl::StatusCode::kNotFound;
  return absl::StatusCode::kInvalidArgument;
}

std::optional<std::string> Payload(const Status& status, const char* url) {
  auto payload = status.GetPayload(url);
  if (!payload) return std::nullopt;
  return std::string(*payload);
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}
}  // namespace

SqlError::operator Status() const {
  Status status(CodeFor(state_), message_);
  status.SetPayload(kStateUrl, ToCord(state_.view()));
  if (!hint_.empty()) status.SetPayload(kHintUrl, ToCord(hint_));
  if (range_.known()) return WithRange(std::move(status), range_);
  return status;
}

SqlState SqlStateOf(const Status& status) {
  if (status.ok()) return sqlstate::kOk;
  const auto payload = Payload(status, kStateUrl);
  if (!payload || payload->size() != 5) return sqlstate::kInternalError;
  SqlState state{};
  std::copy(payload->begin(), payload->end(), state.code);
  return state;
}

TextRange RangeOf(const Status& status) {
  const auto payload = Payload(status, kRangeUrl);
  if (!payload) return {};
  const size_t dash = payload->find('-');
  return {static_cast<uint32_t>(std::stoul(payload->substr(0, dash))), static_cast<uint32_t>(std::stoul(payload->substr(dash + 1)))};
}

std::string HintOf(const Status& status) { return Payload(status, kHintUrl).value_or(""); }
std::string MessageOf(const Status& status) { return std::string(status.message()); }

Status WithDetail(Status status, const std::string& detail) {
  if (!status.ok() && !detail.empty()) status.SetPayload(kDetailUrl, ToCord(detail));
  return status;
}

std::string DetailOf(const Status& status) { return Payload(status, kDetailUrl).value_or(""); }

Status WithRange(Status status, TextRange range) {
  if (!status.ok() && range.known() && !RangeOf(status).known()) {
    status.SetPayload(kRangeUrl, ToCord(std::to_string(range.begin) + "-" + std::to_string(range.end)));
  }
  return status;
}

std::string FormatError(const Status& status, std::string_view file, std::string_view text) {
  std::string out = "ERROR " + std::string(SqlStateOf(status).view()) + ": " + MessageOf(status) + "\n";
  const TextRange range = RangeOf(status);
  if (range.known() && range.begin <= text.size() && !text.empty()) {
    const size_t begin = range.begin;
    size_t line_begin = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
    line_begin = line_begin == std::string_view::npos ? 0 : line_begin + 1;
    size_t line_end = text.find('\n', begin);
    if (line_end == std::string_view::npos) line_end = text.size();
    const size_t line = 1 + static_cast<size_t>(std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(line_begin), '\n'));
    auto columns = [](std::string_view bytes) {  // characters, not bytes
      return static_cast<size_t>(std::count_if(bytes.begin(), bytes.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    };
    const size_t column = columns(text.substr(line_begin, begin - line_begin));
    const size_t end = std::clamp<size_t>(range.end, begin, line_end);
    out += "  " + std::string(file) + (file.empty() ? "line " : ":") + std::to_string(line) + ":" + std::to_string(column + 1) + "\n";
    // A very long line is shown around the error only.
    constexpr size_t kShown = 160;
    size_t from = line_begin, to = line_end;
    if (begin - line_begin > kShown / 2) from = begin - kShown / 2;
    while (from > line_begin && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) --from;
    to = std::min(to, from + kShown);
    std::string shown(text.substr(from, to - from));
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    if (!shown.empty() && shown.back() == '\r') shown.pop_back();
    const size_t carets = std::max<size_t>(1, columns(text.substr(begin, std::min(end, to) - std::min(begin, to))));
    out += "    " + shown + "\n    " + std::string(columns(text.substr(from, begin - from)), ' ') + std::string(carets, '^') + "\n";
  }
  if (const std::string detail = DetailOf(status); !detail.empty()) out += "  detail: " + detail + "\n";
  if (const std::string hint = HintOf(status); !hint.empty()) out += "  hint: " + hint + "\n";
  return out;
}

Hint DidYouMean(std::string_view name, const std::vector<std::string>& candidates) {
  auto lower = [](std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
  };
  const std::string wanted = lower(name);
  const std::string* best = nullptr;
  size_t best_distance = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > name.size() + 4) continue;
    const size_t distance = EditDistance(wanted, lower(candidate));
    if (distance < best_distance && distance < candidate.size()) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return Hint(best ? "did you mean \"" + *best + "\"?" : "");
}

}  // namespace kappa
