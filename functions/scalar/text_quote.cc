#include "functions/scalar/text_quote.h"

#include <algorithm>
#include <string_view>

#include "types/text_format.h"

namespace kappa {
namespace {

// Words that PostgreSQL 15's grammar does not take as a name everywhere (pg_get_keywords() less the unreserved), in order.
constexpr std::string_view kKeywords[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

bool IsPlain(std::string_view name) {
  if (name.empty() || !((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_')) return false;
  for (char ch : name) {
    if (!((ch >= 'a' && ch <= 'z') || IsDigit(ch) || ch == '_')) return false;
  }
  return !std::binary_search(std::begin(kKeywords), std::end(kKeywords), name);
}

}  // namespace

Text QuoteIdentifier(CallContext& c, const Text& name) {
  if (IsPlain(name.view())) return name;
  char* const bytes = c.Allocate(2 * size_t{name.size} + 2);
  char* out = bytes;
  *out++ = '"';
  for (char ch : name.view()) {
    if (ch == '"') *out++ = '"';
    *out++ = ch;
  }
  *out++ = '"';
  return Text(bytes, static_cast<size_t>(out - bytes));
}

Text QuoteLiteral(CallContext& c, const Text& text) {
  char* const bytes = c.Allocate(2 * size_t{text.size} + 3);
  char* out = bytes;
  if (text.view().find('\\') != std::string_view::npos) *out++ = 'E';
  *out++ = '\'';
  for (char ch : text.view()) {
    if (ch == '\'' || ch == '\\') *out++ = ch;
    *out++ = ch;
  }
  *out++ = '\'';
  return Text(bytes, static_cast<size_t>(out - bytes));
}

}  // namespace kappa
