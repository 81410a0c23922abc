#include "engine/copy_input.h"

#include "formats/csv/format.h"

namespace kappa {
namespace {

int Digit(char c, int base) {
  const int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
  return value < base ? value : -1;
}

// What stands for itself after a backslash, and what does not.
std::string Unescaped(std::string_view field) {
  std::string out;
  for (size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      out.push_back(field[i]);
      continue;
    }
    const char c = field[++i];
    static constexpr std::string_view kLetters = "bfnrtv", kBytes = "\b\f\n\r\t\v";
    if (const size_t letter = kLetters.find(c); letter != std::string_view::npos) {
      out.push_back(kBytes[letter]);
    } else if (Digit(c, 8) >= 0) {
      int value = 0, digits = 0;
      for (; digits < 3 && i < field.size() && Digit(field[i], 8) >= 0; ++digits, ++i) value = value * 8 + Digit(field[i], 8);
      --i;
      out.push_back(static_cast<char>(value));
    } else if (c == 'x' && i + 1 < field.size() && Digit(field[i + 1], 16) >= 0) {
      int value = 0;
      for (int digits = 0; digits < 2 && i + 1 < field.size() && Digit(field[i + 1], 16) >= 0; ++digits) value = value * 16 + Digit(field[++i], 16);
      out.push_back(static_cast<char>(value));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

StatusOr<CopyInput> CopyInput::Open(const CopyFormat& format, std::string_view data) {
  if (format.kind == CopyFormat::Kind::kJson) {
    return SqlError(sqlstate::kFeatureNotSupported)
           << "COPY ... FROM of the format json is not supported" << Hint("read the file as a source: INSERT INTO t SELECT ... FROM 'file.json'");
  }
  return CopyInput(format, data);
}

StatusOr<bool> CopyInput::Next(std::vector<std::optional<std::string>>* row) {
  if (!begun_ && format_.header) {
    begun_ = true;
    std::vector<std::optional<std::string>> header;
    RETURN_IF_ERROR((format_.kind == CopyFormat::Kind::kCsv ? NextCsv(&header) : NextText(&header)).status());
  }
  begun_ = true;
  return format_.kind == CopyFormat::Kind::kCsv ? NextCsv(row) : NextText(row);
}

std::string_view CopyInput::TakeLine() {
  const size_t end = std::min(data_.find('\n'), data_.size());
  std::string_view line = data_.substr(0, end);
  data_.remove_prefix(std::min(end + 1, data_.size()));
  line_ = next_line_++;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

StatusOr<bool> CopyInput::NextText(std::vector<std::optional<std::string>>* row) {
  row->clear();
  if (data_.empty()) return false;
  // A line break after a backslash belongs to the row.
  std::string joined;
  std::string_view line = TakeLine();
  const int64_t first = line_;
  const auto continues = [](std::string_view text) {
    size_t slashes = 0;
    while (slashes < text.size() && text[text.size() - 1 - slashes] == '\\') ++slashes;
    return slashes % 2 == 1;
  };
  while (continues(line) && !data_.empty()) {
    joined = std::string(line) + "\n" + std::string(TakeLine());
    line = joined;
  }
  line_ = first;
  if (line == "\\.") {
    data_ = {};
    return false;
  }
  for (size_t at = 0;;) {
    size_t end = at;
    while (end < line.size() && line[end] != format_.delimiter) end += line[end] == '\\' ? 2 : 1;
    end = std::min(end, line.size());
    const std::string_view field = line.substr(at, end - at);
    if (field == format_.null)
      row->emplace_back();
    else
      row->emplace_back(Unescaped(field));
    if (end >= line.size()) return true;
    at = end + 1;
  }
}

StatusOr<bool> CopyInput::NextCsv(std::vector<std::optional<std::string>>* row) {
  row->clear();
  if (data_.empty()) return false;
  line_ = next_line_;
  std::string field;
  bool quoted = false, inside = false;
  size_t at = 0;
  const auto finish = [&] {
    if (!quoted && field == format_.null)
      row->emplace_back();
    else
      row->emplace_back(field);
    field.clear();
    quoted = false;
  };
  for (; at < data_.size(); ++at) {
    const char c = data_[at];
    if (inside) {
      const char next = at + 1 < data_.size() ? data_[at + 1] : '\0';
      if (c == format_.escape && (next == format_.quote || next == format_.escape) && at + 1 < data_.size()) {
        field.push_back(next);
        ++at;
      } else if (c == format_.quote) {
        inside = false;
      } else {
        next_line_ += c == '\n' ? 1 : 0;
        field.push_back(c);
      }
    } else if (c == format_.quote) {
      inside = quoted = true;
    } else if (c == format_.delimiter) {
      finish();
    } else if (c == '\n' || (c == '\r' && at + 1 < data_.size() && data_[at + 1] == '\n')) {
      break;
    } else {
      field.push_back(c);
    }
  }
  if (inside) return SqlError(sqlstate::kBadCopyFileFormat) << "unterminated CSV quoted field";
  if (at < data_.size()) at += data_[at] == '\r' ? 2 : 1;
  data_.remove_prefix(at);
  ++next_line_;
  if (row->empty() && field == "\\." && !quoted) {
    data_ = {};
    return false;
  }
  finish();
  return true;
}

}  // namespace kappa
