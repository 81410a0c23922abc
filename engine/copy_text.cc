#include "engine/copy_text.h"

#include <algorithm>

namespace kappa {
namespace {

constexpr size_t kPiece = 64 << 10;

StatusOr<bool> Boolean(const ast::Option& option) {
  StatusOr<Datum> value = Datum::Parse(TypeId::kBool, option.value);
  if (!value.ok()) return SqlError(sqlstate::kSyntaxError, option.value_range) << option.name << " requires a Boolean value";
  return value->as_bool();
}

StatusOr<char> OneByte(const ast::Option& option) {
  if (option.value.size() == 1 && option.value[0] != '\n' && option.value[0] != '\r') return option.value[0];
  return SqlError(sqlstate::kFeatureNotSupported, option.value_range) << "COPY " << option.name << " must be a single one-byte character";
}

void AppendJsonString(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out->append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    } else if (byte < 0x20) {
      out->append("\\u00");
      out->push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 15]);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

}  // namespace

StatusOr<CopyFormat> ParseCopyFormat(const std::vector<ast::Option>& options) {
  CopyFormat format;
  bool delimiter = false, null = false, csv_only = false;
  for (const ast::Option& option : options) {
    const auto same = std::count_if(options.begin(), options.end(), [&](const ast::Option& other) { return other.name == option.name; });
    if (same > 1) return SqlError(sqlstate::kSyntaxError, option.name_range) << "conflicting or redundant options";
    if (option.name == "format") {
      if (option.value == "binary")
        return SqlError(sqlstate::kFeatureNotSupported, option.value_range) << "COPY format \"binary\" is not supported yet";
      if (option.value != "text" && option.value != "csv" && option.value != "json") {
        return SqlError(sqlstate::kInvalidParameterValue, option.value_range)
               << "COPY format \"" << option.value << "\" not recognized" << DidYouMean(option.value, {"text", "csv", "json"});
      }
      format.kind = option.value == "csv" ? CopyFormat::Kind::kCsv : option.value == "json" ? CopyFormat::Kind::kJson : CopyFormat::Kind::kText;
    } else if (option.name == "header") {
      ASSIGN_OR_RETURN(format.header, Boolean(option));
    } else if (option.name == "delimiter") {
      ASSIGN_OR_RETURN(format.delimiter, OneByte(option));
      delimiter = true;
    } else if (option.name == "null") {
      format.null = option.value;
      null = true;
    } else if (option.name == "quote") {
      ASSIGN_OR_RETURN(format.quote, OneByte(option));
      csv_only = true;
    } else if (option.name == "escape") {
      ASSIGN_OR_RETURN(format.escape, OneByte(option));
      csv_only = true;
    } else if (option.name == "force_quote") {
      format.force_quote = csv_only = true;
    } else if (option.name == "encoding") {
      std::string name = option.value;
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (name != "utf8" && name != "utf-8") return SqlError(sqlstate::kFeatureNotSupported, option.value_range) << "COPY writes UTF8 only";
    } else {
      return SqlError(sqlstate::kSyntaxError, option.name_range)
             << "option \"" << option.name << "\" not recognized"
             << DidYouMean(option.name, {"format", "header", "delimiter", "null", "quote", "escape", "force_quote", "encoding"});
    }
  }
  const bool csv = format.kind == CopyFormat::Kind::kCsv;
  if (csv_only && !csv) return SqlError(sqlstate::kFeatureNotSupported) << "COPY quote, escape and force_quote are available only in CSV mode";
  if (csv && !delimiter) format.delimiter = ',';
  if (csv && !null) format.null.clear();
  if (csv && format.delimiter == format.quote) return SqlError(sqlstate::kInvalidParameterValue) << "COPY delimiter and quote must be different";
  return format;
}

Status CopyResults::OnSchema(const std::string&, const RowSchema& schema) {
  schema_ = schema;
  if (!format_.header || format_.kind == CopyFormat::Kind::kJson) return OkStatus();
  for (size_t i = 0; i < schema.columns.size(); ++i) {
    if (i > 0) buffer_.push_back(format_.delimiter);
    format_.kind == CopyFormat::Kind::kCsv ? AppendCsv(schema.columns[i].name, schema.columns.size() == 1) : AppendText(schema.columns[i].name);
  }
  buffer_.push_back('\n');
  return OkStatus();
}

Status CopyResults::OnRows(const ChangeBatch& batch) {
  for (size_t i = 0; i < batch.rows.size(); ++i) {
    for (int64_t times = batch.weight(i); times > 0; --times) {
      AppendRow(batch.rows[i]);
      ++rows_;
    }
    if (buffer_.size() < kPiece) continue;
    RETURN_IF_ERROR(write_(buffer_));
    buffer_.clear();
  }
  return OkStatus();
}

Status CopyResults::Finish() {
  if (buffer_.empty()) return OkStatus();
  RETURN_IF_ERROR(write_(buffer_));
  buffer_.clear();
  return OkStatus();
}

void CopyResults::AppendRow(const char* row) {
  const bool json = format_.kind == CopyFormat::Kind::kJson, csv = format_.kind == CopyFormat::Kind::kCsv;
  const auto& slots = schema_.layout.slots();
  if (json) buffer_.push_back('{');
  for (size_t i = 0; i < slots.size(); ++i) {
    const bool null = schema_.layout.IsNull(row, slots[i]);
    if (i > 0) buffer_.push_back(json ? ',' : format_.delimiter);
    value_.clear();
    if (!null) schema_.layout.AppendText(row, slots[i], &value_);
    if (json) {
      AppendJsonString(schema_.columns[i].name, &buffer_);
      buffer_.push_back(':');
      null ? void(buffer_.append("null")) : AppendJson(value_, schema_.columns[i].type);
    } else if (null) {
      buffer_.append(format_.null);
    } else {
      csv ? AppendCsv(value_, slots.size() == 1) : AppendText(value_);
    }
  }
  if (json) buffer_.push_back('}');
  buffer_.push_back('\n');
}

// PostgreSQL's text format: backslash sequences for what would end a field or a line.
void CopyResults::AppendText(std::string_view value) {
  for (const char c : value) {
    static constexpr std::string_view kControls = "\b\f\n\r\t\v", kLetters = "bfnrtv";
    const size_t control = kControls.find(c);
    if (control != std::string_view::npos && c != format_.delimiter) {
      buffer_.push_back('\\');
      buffer_.push_back(kLetters[control]);
      continue;
    }
    if (c == '\\' || c == format_.delimiter) {
      buffer_.push_back('\\');
      if (c == '\t') {
        buffer_.push_back('t');
        continue;
      }
    }
    buffer_.push_back(c);
  }
}

void CopyResults::AppendCsv(std::string_view value, bool only) {
  const std::string special{format_.delimiter, format_.quote, '\n', '\r'};
  const bool quote =
      format_.force_quote || value == format_.null || value.find_first_of(special) != std::string_view::npos || (only && value == "\\.");
  if (!quote) {
    buffer_.append(value);
    return;
  }
  buffer_.push_back(format_.quote);
  for (const char c : value) {
    if (c == format_.quote || c == format_.escape) buffer_.push_back(format_.escape);
    buffer_.push_back(c);
  }
  buffer_.push_back(format_.quote);
}

// As row_to_json: numbers and booleans bare, the rest as strings.
void CopyResults::AppendJson(std::string_view value, const Type& type) {
  if (type.id() == TypeId::kBool) {
    buffer_.append(value == "t" ? "true" : "false");
  } else if (type.is_numeric() && value.find_first_not_of("0123456789+-.eE") == std::string_view::npos) {
    buffer_.append(value);
  } else if (type.id() == TypeId::kJsonb || type.id() == TypeId::kJson) {
    buffer_.append(value);
  } else {
    AppendJsonString(value, &buffer_);
  }
}

}  // namespace kappa
