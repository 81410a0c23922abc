#include "formats/infer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "types/datum.h"

namespace kappa {
namespace {

using Json = nlohmann::ordered_json;
constexpr size_t kMaxMembers = 200;  // of an object that becomes a struct; a larger one is a map in disguise
constexpr int kMaxLevels = 6;

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

enum TextKind { kPlain, kDate, kTimestamp, kTimestampTz };

bool Digits(std::string_view text, size_t at, size_t count) {
  if (text.size() < at + count) return false;
  return std::all_of(text.begin() + static_cast<ptrdiff_t>(at), text.begin() + static_cast<ptrdiff_t>(at + count),
                     [](char c) { return c >= '0' && c <= '9'; });
}

TextKind KindOf(std::string_view text) {
  if (text.size() < 10 || text.size() > 40 || !Digits(text, 0, 4) || text[4] != '-' || !Digits(text, 5, 2) || text[7] != '-' || !Digits(text, 8, 2))
    return kPlain;
  if (text.size() == 10) return Datum::Parse(TypeId::kDate, text).ok() ? kDate : kPlain;
  if ((text[10] != ' ' && text[10] != 'T') || !Digits(text, 11, 2) || text.size() < 16 || text[13] != ':') return kPlain;
  if (!Datum::Parse(TypeId::kTimestamp, text).ok()) return kPlain;
  return text.back() == 'Z' || text.find_first_of("+-", 16) != std::string_view::npos ? kTimestampTz : kTimestamp;
}

// What has been seen in one place.
struct Seen {
  bool boolean = false, integer = false, large = false, fraction = false, text = false, object = false, array = false;
  bool plain = false, date = false, timestamp = false, zoned = false;  // of texts
  bool nested = false;                                                 // of arrays: one holds another
  std::vector<std::pair<std::string, std::unique_ptr<Seen>>> members;  // of objects
  std::unique_ptr<Seen> element;                                       // of arrays

  void AddText(std::string_view value) {
    text = true;
    switch (KindOf(value)) {
      case kPlain:
        plain = true;
        break;
      case kDate:
        date = true;
        break;
      case kTimestamp:
        timestamp = true;
        break;
      case kTimestampTz:
        zoned = true;
    }
  }
  Seen* Member(const std::string& name) {
    for (auto& [known, seen] : members)
      if (known == name) return seen.get();
    members.emplace_back(name, std::make_unique<Seen>());
    return members.back().second.get();
  }
  void Add(const Json& value) {
    switch (value.type()) {
      case Json::value_t::boolean:
        boolean = true;
        break;
      case Json::value_t::number_integer:
        integer = true;
        break;
      case Json::value_t::number_unsigned:
        (value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX) ? large : integer) = true;
        break;
      case Json::value_t::number_float:
        fraction = true;
        break;
      case Json::value_t::string:
        AddText(value.get_ref<const std::string&>());
        break;
      case Json::value_t::array:
        array = true;
        if (element == nullptr) element = std::make_unique<Seen>();
        for (const Json& each : value) {
          nested |= each.is_array();
          element->Add(each);
        }
        break;
      case Json::value_t::object:
        object = true;
        for (const auto& [name, member] : value.items()) Member(name)->Add(member);
        break;
      default:
        break;  // null
    }
  }

  Type TextType() const {
    if (plain) return TypeId::kText;
    if (zoned) return date || timestamp ? TypeId::kText : TypeId::kTimestampTz;
    return timestamp ? TypeId::kTimestamp : TypeId::kDate;
  }
  Type Resolve(int level) const {
    const bool number = integer || large || fraction;
    const int kinds = boolean + number + text;
    if (array || object) {
      if (array && !object && kinds == 0) {
        const Type type = nested ? Type(TypeId::kJsonb) : element->Resolve(level + 1);
        const bool any = element->boolean || element->integer || element->large || element->fraction || element->text || element->object;
        return any && type.id() != TypeId::kJsonb ? Type::Array(type) : Type(TypeId::kJsonb);
      }
      const bool only_object = object && !array && kinds == 0;
      if (!only_object || members.empty() || members.size() > kMaxMembers || level >= kMaxLevels) return TypeId::kJsonb;
      std::vector<StructField> fields;
      std::set<std::string> names;
      for (const auto& [name, seen] : members) {
        if (!names.insert(Lower(name)).second) return TypeId::kJsonb;
        fields.push_back({Lower(name), seen->Resolve(level + 1)});
      }
      return Type::Struct(std::move(fields));
    }
    if (kinds != 1) return TypeId::kText;
    if (boolean) return TypeId::kBool;
    if (text) return TextType();
    if (large) return fraction ? Type(TypeId::kFloat8) : Type(TypeId::kNumeric);
    return fraction ? TypeId::kFloat8 : TypeId::kInt8;
  }
};

std::vector<InferredColumn> ColumnsOf(const Seen& seen) {
  std::map<std::string, int> folded;
  for (const auto& [name, unused] : seen.members) ++folded[Lower(name)];
  std::vector<InferredColumn> columns;
  for (const auto& [name, member] : seen.members) {
    const bool alone = folded[Lower(name)] == 1;
    columns.push_back({alone ? Lower(name) : name, !alone, member->Resolve(1)});
  }
  return columns;
}

// --- CSV

std::vector<std::pair<std::string, bool>> FieldsOf(const CsvFormat& format, std::string_view line) {  // with: it was quoted
  std::vector<std::pair<std::string, bool>> fields;
  for (size_t at = 0;; ++at) {
    std::string field;
    const bool quoted = format.quote != '\0' && at < line.size() && line[at] == format.quote;
    if (quoted) {
      for (++at; at < line.size(); ++at) {
        if (line[at] == format.escape && at + 1 < line.size() && (line[at + 1] == format.quote || line[at + 1] == format.escape))
          ++at;
        else if (line[at] == format.quote)
          break;
        field.push_back(line[at]);
      }
      at = std::min(line.find(format.delimiter, std::min(at, line.size())), line.size());
    } else {
      const size_t end = std::min(line.find(format.delimiter, at), line.size());
      field = line.substr(at, end - at);
      at = end;
    }
    fields.emplace_back(std::move(field), quoted);
    if (at >= line.size()) return fields;
  }
}

bool IsInteger(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && Digits(text, 0, text.size());
}

void AddField(std::string_view text, Seen* seen) {
  const std::string_view digits = !text.empty() && (text[0] == '-' || text[0] == '+') ? text.substr(1) : text;
  const bool zeros = digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
  if (text == "true" || text == "false" || text == "TRUE" || text == "FALSE" || text == "True" || text == "False")
    seen->boolean = true;
  else if (IsInteger(text) && !zeros)
    (Datum::Parse(TypeId::kInt8, text).ok() ? seen->integer : seen->large) = true;
  else if (!zeros && !digits.empty() && (Digits(digits, 0, 1) || digits[0] == '.') && Datum::Parse(TypeId::kFloat8, text).ok())
    seen->fraction = true;
  else
    seen->AddText(text);
}

bool LooksLikeHeader(const std::vector<std::pair<std::string, bool>>& fields) {
  std::set<std::string> names;
  for (const auto& [field, quoted] : fields) {
    Seen seen;
    AddField(field, &seen);
    if (field.empty() || !seen.plain || !names.insert(Lower(field)).second) return false;
  }
  return true;
}

std::string DelimiterOf(const std::vector<std::string>& records, const CsvFormat& given) {
  std::string best = ",";
  size_t most = 1;
  for (const char delimiter : {',', ';', '\t', '|'}) {
    CsvFormat format = given;
    format.delimiter = delimiter;
    size_t fields = 0;
    bool even = true;
    for (size_t i = 0; i < records.size() && i < 20 && even; ++i) {
      const size_t count = FieldsOf(format, records[i]).size();
      even = fields == 0 || fields == count;
      fields = count;
    }
    if (even && fields > most) {
      most = fields;
      best = std::string(1, delimiter);
    }
  }
  return best;
}

}  // namespace

StatusOr<std::vector<InferredColumn>> InferJson(const std::vector<std::string>& records) {
  Seen seen;
  std::string problem;
  bool any = false;
  for (const std::string& record : records) {
    const Json json = Json::parse(record, nullptr, false);
    if (!json.is_object()) {
      if (problem.empty()) problem = json.is_discarded() ? "not JSON" : json.is_array() ? "an array" : "no object";
      if (!any) break;  // the first one: it is no file of objects
      continue;
    }
    any = true;
    seen.Add(json);
  }
  if (!any) {
    return SqlError(sqlstate::kInvalidJsonText) << (records.empty() ? "it has no records to find its columns by" : "its first record is " + problem)
                                                << Hint(records.empty() ? "declare its columns: CREATE SOURCE" : "JSON is read as one object a line");
  }
  std::vector<InferredColumn> columns = ColumnsOf(seen);
  if (columns.empty()) return SqlError(sqlstate::kInvalidJsonText) << "its records have no members";
  return columns;
}

StatusOr<InferredCsv> InferCsv(const std::vector<std::string>& records, std::map<std::string, std::string> options) {
  ASSIGN_OR_RETURN(CsvFormat format, ParseCsvFormat(options));
  if (records.empty())
    return SqlError(sqlstate::kInvalidParameterValue) << "it has no records to find its columns by" << Hint("declare its columns: CREATE SOURCE");
  if (options.count("delimiter") == 0) options["delimiter"] = DelimiterOf(records, format);
  ASSIGN_OR_RETURN(format, ParseCsvFormat(options));
  const auto first = FieldsOf(format, records[0]);
  if (options.count("header") == 0) options["header"] = LooksLikeHeader(first) ? "true" : "false";
  ASSIGN_OR_RETURN(format, ParseCsvFormat(options));
  std::vector<Seen> seen(first.size());
  for (size_t i = format.header ? 1 : 0; i < records.size(); ++i) {
    const auto fields = FieldsOf(format, records[i]);
    for (size_t f = 0; f < fields.size() && f < seen.size(); ++f) {
      if (fields[f].second || fields[f].first != format.null_text) AddField(fields[f].first, &seen[f]);
    }
  }
  InferredCsv out;
  Seen names;
  for (size_t f = 0; f < first.size(); ++f) {
    std::string name = format.header ? first[f].first : "column" + std::to_string(f);
    while (!name.empty() && name.front() == ' ') name.erase(0, 1);
    while (!name.empty() && name.back() == ' ') name.pop_back();
    const bool taken =
        std::any_of(first.begin(), first.end(), [&](const auto& other) { return &other != &first[f] && Lower(other.first) == Lower(name); });
    out.columns.push_back({taken ? name : Lower(name), taken, seen[f].Resolve(1)});
  }
  out.options = std::move(options);
  return out;
}

}  // namespace kappa
