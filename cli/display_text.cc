#include "cli/display_text.h"

#include <wchar.h>

#include <algorithm>
#include <clocale>
#include <cstdint>

namespace kappa::cli {
namespace {

// The UTF-8 character at the begin of `text`; 0 bytes: malformed (overlong forms and surrogates too).
size_t DecodeUtf8(std::string_view text, uint32_t* character) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size == 0 || size > text.size()) return 0;
  uint32_t value = size == 1 ? lead : lead & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    value = value << 6 | (byte(i) & 0x3Fu);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return 0;
  *character = value;
  return size;
}

size_t AppendEscape(unsigned char byte, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  const char* name = byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : byte == '\r' ? "\\r" : nullptr;
  if (name != nullptr) {
    out->append(name);
    return 2;
  }
  out->append({'\\', 'x', kHex[byte >> 4], kHex[byte & 15]});
  return 4;
}

}  // namespace

void UseUnicode() {
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "");
}

size_t AppendPrintable(std::string_view text, std::string* out) {
  size_t width = 0, at = 0;
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && text[end] >= 0x20 && text[end] < 0x7F) ++end;
    out->append(text.substr(at, end - at));
    width += end - at;
    at = end;
    if (at == text.size()) break;
    uint32_t character = 0;
    const size_t size = DecodeUtf8(text.substr(at), &character);
    const int columns = size < 2 ? -1 : wcwidth(static_cast<wchar_t>(character));
    if (columns >= 0) {
      out->append(text.substr(at, size));
      width += static_cast<size_t>(columns);
      at += size;
    } else {  // a control character, or bytes that are no character: byte by byte
      for (size_t left = size == 0 ? 1 : size; left > 0; --left) width += AppendEscape(static_cast<unsigned char>(text[at++]), out);
    }
  }
  return width;
}

std::string_view CutPrintable(std::string_view text, size_t columns, size_t* width) {
  size_t at = 0;
  *width = 0;
  while (at < text.size()) {
    uint32_t character = 0;
    const size_t size = std::max<size_t>(DecodeUtf8(text.substr(at), &character), 1);
    const int takes = std::max(wcwidth(static_cast<wchar_t>(character)), 0);
    if (*width + static_cast<size_t>(takes) > columns) break;
    *width += static_cast<size_t>(takes);
    at += size;
  }
  return text.substr(0, at);
}

std::string PrintableLines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t newline = std::min(text.find('\n'), text.size());
    AppendPrintable(text.substr(0, newline), &out);
    if (newline < text.size()) out.push_back('\n');
    text.remove_prefix(std::min(newline + 1, text.size()));
  }
  return out;
}

std::string Wrapped(std::string_view line, size_t indent, size_t columns) {
  std::string out;
  size_t begin = 0, margin = 0;
  while (columns > indent && line.size() - begin > columns - margin) {
    const size_t space = line.rfind(' ', begin + columns - margin);
    if (space == std::string_view::npos || space <= begin + (begin == 0 ? indent : 0)) break;
    out.append(margin, ' ').append(line.substr(begin, space - begin)).append("\n");
    begin = space + 1;
    margin = indent;
  }
  return out.append(margin, ' ').append(line.substr(begin)).append("\n");
}

std::string InColumns(const std::vector<std::string>& words, size_t columns) {
  constexpr size_t kGap = 2;
  std::vector<std::string> shown(words.size());
  std::vector<size_t> widths(words.size());
  size_t widest = 1;
  for (size_t i = 0; i < words.size(); ++i) widest = std::max(widest, widths[i] = AppendPrintable(words[i], &shown[i]));
  const size_t across = std::max<size_t>(1, (columns + kGap) / (widest + kGap));
  const size_t down = (words.size() + across - 1) / across;
  std::string out;
  for (size_t row = 0; row < down; ++row) {
    for (size_t i = row; i < words.size(); i += down) {
      out += shown[i];
      if (i + down < words.size()) out.append(widest + kGap - widths[i], ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace kappa::cli
