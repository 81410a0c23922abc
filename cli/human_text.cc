#include "cli/human_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace kappa::cli {
namespace {

// Three significant digits and a unit; what rounds up to a thousand takes the next unit.
template <size_t N>
std::string Scaled(double value, const std::array<const char*, N>& units) {
  size_t unit = 0;
  while (unit + 1 < N && value >= 999.5) {
    value /= 1000;
    ++unit;
  }
  if (unit == 0) return fmt::format("{:.0f}{}", value, units[0]);
  return fmt::format("{:.{}f}{}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, units[unit]);
}

}  // namespace

std::string GroupedCount(int64_t count) {
  std::string digits = std::to_string(count);
  const int first = digits[0] == '-' ? 1 : 0;
  for (int at = static_cast<int>(digits.size()) - 3; at > first; at -= 3) digits.insert(static_cast<size_t>(at), 1, ',');
  return digits;
}

std::string ShortCount(double count) { return Scaled(count, std::array{"", "K", "M", "G", "T"}); }
std::string ByteCount(double bytes) { return Scaled(bytes, std::array{" B", " kB", " MB", " GB", " TB", " PB"}); }

std::string Duration(double seconds) {
  if (seconds < 9.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", GroupedCount(whole / 3600), whole % 3600 / 60);
}

std::string Plural(int64_t count, const std::string& noun) { return GroupedCount(count) + " " + noun + (count == 1 ? "" : "s"); }

}  // namespace kappa::cli
