// Functions of pg_catalog that depend on the catalog or the session. Each is an SQL function, made when it is asked for, in which the catalog stands
// as a CASE over the numbers of its objects: the planner writes it out where it is called, and knows nothing of catalogs.
#include <algorithm>
#include <map>

#include "engine/system_catalog/definitions.h"
#include "engine/system_catalog/system_catalog.h"
#include "engine/system_catalog/type_oid.h"
#include "functions/registry.h"
#include "parser/ast/definition_statements.h"
#include "parser/parser.h"
#include "parser/printer.h"
#include "planner/binder/types.h"

#ifndef KAPPA_VERSION
#define KAPPA_VERSION "unknown"
#endif

namespace kappa {
namespace {

// CASE a WHEN 1 THEN 'x' ... ELSE otherwise END
class Cases {
 public:
  explicit Cases(std::string operand) : operand_(std::move(operand)) {}
  void Add(int64_t when, const std::string& then) { whens_ += " WHEN " + std::to_string(when) + " THEN " + then; }
  void Add(const std::string& when, const std::string& then) { whens_ += " WHEN " + QuoteString(when) + " THEN " + then; }
  std::string Text(const std::string& otherwise) const {
    return whens_.empty() ? otherwise : "CASE " + operand_ + whens_ + " ELSE " + otherwise + " END";
  }

 private:
  std::string operand_, whens_;
};

constexpr char kNoText[] = "NULL::text";

std::string FormatType() {
  Cases types("a");
  for (const NumberedType& type : NumberedTypes()) {
    std::string name = QuoteString(type.shown);
    std::string array = QuoteString(std::string(type.shown) + "[]");
    if (type.id == TypeId::kNumeric)
      name = "CASE WHEN b > 4 THEN 'numeric(' || ((b - 4) / 65536)::text || ',' || ((b - 4) % 65536)::text || ')' ELSE 'numeric' END";
    types.Add(type.oid, name);
    types.Add(type.array_oid, array);
  }
  types.Add(kVarcharOid, "CASE WHEN b > 4 THEN 'character varying(' || (b - 4)::text || ')' ELSE 'character varying' END");
  types.Add(1015, "'character varying[]'");
  types.Add(kRecordOid, "'record'");
  types.Add(2287, "'record[]'");
  types.Add(26, "'oid'");
  types.Add(19, "'name'");
  return types.Text("CASE WHEN a IS NULL THEN NULL ELSE '?' || '?' || '?' END");
}

std::string Visible(const SystemCatalog& catalog) {
  std::string list;
  for (const NumberedObject& object : catalog.objects()) {
    if (!catalog.Visible(object)) continue;
    list += (list.empty() ? "" : ", ") + std::to_string(object.oid);
    if (object.key_oid != 0) list += ", " + std::to_string(object.key_oid);
  }
  return list.empty() ? "a IS NULL AND NULL::boolean" : "a IN (" + list + ")";
}

std::string ViewDefinitions(const SystemCatalog& catalog) {
  Cases views("a");
  for (const NumberedObject& object : catalog.objects()) {
    if (const std::string text = ViewDefinition(object); !text.empty()) views.Add(object.oid, QuoteString(text));
  }
  return views.Text(kNoText);
}

std::string IndexDefinitions(const SystemCatalog& catalog) {
  Cases indexes("a");
  for (const NumberedObject& object : catalog.objects()) {
    if (object.kind == 'i') {
      Cases columns("b");
      columns.Add(0, QuoteString(IndexDefinition(object, 0)));
      for (int i = 1; i <= static_cast<int>(object.object->As<IndexObject>()->columns.size()); ++i)
        columns.Add(i, QuoteString(IndexDefinition(object, i)));
      indexes.Add(object.oid, columns.Text("''"));
    } else if (object.key_oid != 0) {
      Cases columns("b");
      columns.Add(0, QuoteString(KeyDefinition(object)));
      for (size_t i = 0; i < object.key.size(); ++i)
        columns.Add(static_cast<int64_t>(i) + 1, QuoteString(QuoteIdentifier((*object.columns)[static_cast<size_t>(object.key[i])].name)));
      indexes.Add(object.key_oid, columns.Text("''"));
    }
  }
  return indexes.Text(kNoText);
}

std::string ConstraintDefinitions(const SystemCatalog& catalog) {
  Cases constraints("a");
  for (const NumberedObject& object : catalog.objects()) {
    if (object.key_oid != 0) constraints.Add(object.key_oid, QuoteString(KeyConstraint(object)));
  }
  return constraints.Text(kNoText);
}

std::string Comments(const SystemCatalog& catalog) {
  Cases comments("a");
  for (const NumberedObject& object : catalog.objects()) {
    if (!object.object->comment.empty()) comments.Add(object.oid, QuoteString(object.object->comment));
  }
  return comments.Text(kNoText);
}

std::string ColumnComments(const SystemCatalog& catalog) {
  Cases objects("a");
  for (const NumberedObject& object : catalog.objects()) {
    Cases columns("b");
    bool any = false;
    for (size_t i = 0; object.columns != nullptr && i < object.columns->size(); ++i) {
      const auto found = object.object->column_comments.find((*object.columns)[i].name);
      if (found == object.object->column_comments.end()) continue;
      columns.Add(static_cast<int64_t>(i) + 1, QuoteString(found->second));
      any = true;
    }
    if (any) objects.Add(object.oid, columns.Text(kNoText));
  }
  return objects.Text(kNoText);
}

std::string Signatures(const SystemCatalog& catalog, bool result) {
  Cases functions("a");
  for (const CatalogObjectPtr& object : catalog.catalog().Objects()) {
    const auto* function = object->As<FunctionObject>();
    if (function == nullptr) continue;
    std::string arguments;
    for (const Type& type : function->parameters) arguments += (arguments.empty() ? "" : ", ") + TypeName(type);
    functions.Add(kFirstOid + object->generation, QuoteString(result ? TypeName(function->result) : arguments));
  }
  return functions.Text(kNoText);
}

std::string Settings(const SystemCatalog& catalog) {
  Cases settings("lower(a)");
  for (const SettingInfo& setting : kappa::Settings()) settings.Add(setting.name, QuoteString(catalog.Setting(setting.name).value_or("")));
  settings.Add("server_version", "'15.0'");
  return settings.Text(kNoText);
}

std::vector<std::string> ExistingPath(const SystemCatalog& catalog) {
  std::vector<std::string> path;
  for (const std::string& schema : catalog.search_path()) {
    if (catalog.catalog().HasSchema(schema)) path.push_back(schema);
  }
  return path;
}

std::string CurrentSchema(const SystemCatalog& catalog) {
  const std::vector<std::string> path = ExistingPath(catalog);
  return path.empty() ? kNoText : QuoteString(path.front());
}

std::string CurrentSchemas(const SystemCatalog& catalog) {
  std::string list;
  for (const std::string& schema : ExistingPath(catalog)) list += (list.empty() ? "" : ", ") + QuoteString(schema);
  return "CASE WHEN a THEN ARRAY['pg_catalog'" + (list.empty() ? "" : ", " + list) + "] ELSE ARRAY[" + list + "]::text[] END";
}

std::string Quoted(const std::string& text) { return QuoteString(text); }

struct Made {
  const char* signature;  // parameters and result
  std::string body;
};

// Name -> signature and body. The bodies are made for one call alone.
std::optional<Made> Make(const SystemCatalog& catalog, std::string_view name) {
  static const std::map<std::string_view, std::pair<const char*, std::string (*)(const SystemCatalog&)>> kOfCatalog = {
      {"pg_table_is_visible", {"(a bigint) RETURNS boolean", Visible}},
      {"pg_get_viewdef", {"(a bigint, b boolean DEFAULT false) RETURNS text", ViewDefinitions}},
      {"pg_get_indexdef", {"(a bigint, b int DEFAULT 0, c boolean DEFAULT false) RETURNS text", IndexDefinitions}},
      {"pg_get_constraintdef", {"(a bigint, b boolean DEFAULT false) RETURNS text", ConstraintDefinitions}},
      {"obj_description", {"(a bigint, b text DEFAULT 'pg_class') RETURNS text", Comments}},
      {"col_description", {"(a bigint, b int) RETURNS text", ColumnComments}},
      {"pg_get_function_arguments", {"(a bigint) RETURNS text", [](const SystemCatalog& c) { return Signatures(c, false); }}},
      {"pg_get_function_identity_arguments", {"(a bigint) RETURNS text", [](const SystemCatalog& c) { return Signatures(c, false); }}},
      {"pg_get_function_result", {"(a bigint) RETURNS text", [](const SystemCatalog& c) { return Signatures(c, true); }}},
      {"current_setting", {"(a text, b boolean DEFAULT false) RETURNS text", Settings}},
      {"current_schema", {"() RETURNS text", CurrentSchema}},
      {"current_schemas", {"(a boolean) RETURNS text[]", CurrentSchemas}},
      {"format_type", {"(a bigint, b int) RETURNS text", [](const SystemCatalog&) { return FormatType(); }}},
      {"pg_get_userbyid", {"(a bigint) RETURNS text", [](const SystemCatalog& c) { return Quoted(c.identity().user); }}},
      {"current_user", {"() RETURNS text", [](const SystemCatalog& c) { return Quoted(c.identity().user); }}},
      {"session_user", {"() RETURNS text", [](const SystemCatalog& c) { return Quoted(c.identity().user); }}},
      {"current_role", {"() RETURNS text", [](const SystemCatalog& c) { return Quoted(c.identity().user); }}},
      {"user", {"() RETURNS text", [](const SystemCatalog& c) { return Quoted(c.identity().user); }}},
      {"current_database", {"() RETURNS text", [](const SystemCatalog& c) { return Quoted(c.identity().database); }}},
      {"current_catalog", {"() RETURNS text", [](const SystemCatalog& c) { return Quoted(c.identity().database); }}},
      {"pg_backend_pid", {"() RETURNS int", [](const SystemCatalog& c) { return std::to_string(c.identity().process); }}},
  };
  static const std::map<std::string_view, Made> kFixed = {
      {"version", {"() RETURNS text", "'PostgreSQL 15.0 (kappa " KAPPA_VERSION ")'"}},
      {"pg_get_expr", {"(a text, b bigint, c boolean DEFAULT false) RETURNS text", "a"}},
      {"pg_get_ruledef", {"(a bigint, b boolean DEFAULT false) RETURNS text", kNoText}},
      {"pg_get_triggerdef", {"(a bigint, b boolean DEFAULT false) RETURNS text", kNoText}},
      {"pg_get_partkeydef", {"(a bigint) RETURNS text", kNoText}},
      {"pg_get_statisticsobjdef_columns", {"(a bigint) RETURNS text", kNoText}},
      {"pg_get_function_sqlbody", {"(a bigint) RETURNS text", kNoText}},
      {"pg_get_serial_sequence", {"(a text, b text) RETURNS text", kNoText}},
      {"shobj_description", {"(a bigint, b text) RETURNS text", kNoText}},
      {"pg_encoding_to_char", {"(a int) RETURNS text", "CASE a WHEN 6 THEN 'UTF8' WHEN 0 THEN 'SQL_ASCII' ELSE '' END"}},
      {"pg_char_to_encoding", {"(a text) RETURNS int", "CASE upper(a) WHEN 'UTF8' THEN 6 WHEN 'SQL_ASCII' THEN 0 ELSE -1 END"}},
      {"getdatabaseencoding", {"() RETURNS text", "'UTF8'"}},
      {"pg_client_encoding", {"() RETURNS text", "'UTF8'"}},
      {"pg_is_in_recovery", {"() RETURNS boolean", "false"}},
      {"pg_is_other_temp_schema", {"(a bigint) RETURNS boolean", "false"}},
      {"pg_my_temp_schema", {"() RETURNS bigint", "0"}},
      {"pg_relation_is_publishable", {"(a bigint) RETURNS boolean", "false"}},
      {"pg_tablespace_location", {"(a bigint) RETURNS text", "''"}},
      {"pg_relation_size", {"(a bigint, b text DEFAULT 'main') RETURNS bigint", "0"}},
      {"pg_table_size", {"(a bigint) RETURNS bigint", "0"}},
      {"pg_indexes_size", {"(a bigint) RETURNS bigint", "0"}},
      {"pg_total_relation_size", {"(a bigint) RETURNS bigint", "0"}},
      {"pg_database_size", {"(a text) RETURNS bigint", "0"}},
      {"pg_tablespace_size", {"(a bigint) RETURNS bigint", "0"}},
      {"pg_size_pretty",
       {"(a bigint) RETURNS text",
        "CASE WHEN abs(a) < 10240 THEN a::text || ' bytes' WHEN abs(a) < 10240 * 1024::bigint THEN (a / 1024)::text || ' kB' WHEN abs(a) < "
        "10240 * 1048576::bigint THEN (a / 1048576)::text || ' MB' ELSE (a / 1073741824)::text || ' GB' END"}},
      {"has_schema_privilege", {"(a text, b text, c text DEFAULT '') RETURNS boolean", "true"}},
      {"has_database_privilege", {"(a text, b text, c text DEFAULT '') RETURNS boolean", "true"}},
      {"has_table_privilege", {"(a text, b text, c text DEFAULT '') RETURNS boolean", "true"}},
      {"has_column_privilege", {"(a text, b text, c text, d text DEFAULT '') RETURNS boolean", "true"}},
      {"pg_has_role", {"(a text, b text, c text DEFAULT '') RETURNS boolean", "true"}},
      {"inet_server_addr", {"() RETURNS text", "'127.0.0.1'"}},
      {"inet_client_addr", {"() RETURNS text", "'127.0.0.1'"}},
      {"inet_server_port", {"() RETURNS int", "NULL::int"}},
  };
  if (const auto found = kOfCatalog.find(name); found != kOfCatalog.end()) return Made{found->second.first, found->second.second(catalog)};
  if (const auto found = kFixed.find(name); found != kFixed.end()) return found->second;
  if (name.starts_with("pg_") && name.ends_with("_is_visible")) return Made{"(a bigint) RETURNS boolean", "true"};  // of what there is but once
  return std::nullopt;
}

std::vector<CatalogObjectPtr> Define(std::string_view name, const Made& made) {
  const std::string ddl = "CREATE FUNCTION " + QuoteIdentifier(name) + made.signature + " LANGUAGE SQL RETURN " + made.body;
  auto parsed = ParseStatement(ddl);
  if (!parsed.ok()) return {};
  CatalogObject object;
  object.name = "pg_catalog." + std::string(name);
  object.label = std::string(name);
  object.schema = "pg_catalog";
  object.ddl = ddl;
  const auto& create = ast::Cast<ast::CreateFunction>(**parsed);
  FunctionObject function;
  for (const ast::FunctionParameter& parameter : create.parameters) {
    const auto type = ResolveTypeName(parameter.type);
    if (!type.ok()) return {};
    function.parameters.push_back(*type);
    function.required += parameter.default_value == nullptr ? 1 : 0;
  }
  const auto result = ResolveTypeName(*create.returns);
  if (!result.ok()) return {};
  function.result = *result;
  object.object = std::move(function);
  object.definition = std::shared_ptr<const ast::Statement>(std::move(*parsed));
  return {std::make_shared<const CatalogObject>(std::move(object))};
}

std::string ClassNames(const SystemCatalog& catalog, bool from_text) {
  Cases cases("a");
  for (const NumberedObject& object : catalog.objects()) {
    const std::string label = QuoteIdentifier(object.object->shown_name()), full = QuoteIdentifier(object.object->schema) + "." + label;
    if (from_text) {
      if (catalog.Visible(object)) cases.Add(label, std::to_string(object.oid) + "::bigint");
      cases.Add(full, std::to_string(object.oid) + "::bigint");
    } else {
      cases.Add(object.oid, QuoteString(catalog.Visible(object) ? label : full));
      if (object.key_oid != 0) cases.Add(object.key_oid, QuoteString(QuoteIdentifier(object.key_name)));
    }
  }
  return cases.Text(from_text ? "NULL::bigint" : "a::text");
}

std::string SchemaNames(const SystemCatalog& catalog, bool from_text) {
  Cases cases("a");
  std::vector<std::string> schemas = catalog.catalog().schemas();
  schemas.insert(schemas.end(), {"pg_catalog", "information_schema"});
  for (const std::string& schema : schemas) {
    const int64_t oid = SystemCatalog::SchemaOid(schema);
    if (from_text)
      cases.Add(QuoteIdentifier(schema), std::to_string(oid) + "::bigint");
    else
      cases.Add(oid, QuoteString(QuoteIdentifier(schema)));
  }
  return cases.Text(from_text ? "NULL::bigint" : "a::text");
}

std::string TypeNames(bool from_text) {
  if (!from_text) return "(" + FormatType() + ")";
  Cases cases("lower(a)");
  for (const NumberedType& type : NumberedTypes()) {
    cases.Add(std::string(type.name), std::to_string(type.oid) + "::bigint");
    if (std::string_view(type.name) != type.shown) cases.Add(std::string(type.shown), std::to_string(type.oid) + "::bigint");
  }
  return cases.Text("NULL::bigint");
}

}  // namespace

std::vector<CatalogObjectPtr> SystemCatalog::Functions(std::string_view name) const {
  const std::optional<Made> made = Make(*this, name);
  return made ? Define(name, *made) : std::vector<CatalogObjectPtr>();
}

std::vector<CatalogObjectPtr> SystemCatalog::NameCast(std::string_view type, bool from_text) const {
  std::string body = from_text ? "NULL::bigint" : "a::text";
  const char* signature = from_text ? "(a text) RETURNS bigint" : "(a bigint) RETURNS text";
  if (type == "regclass") body = ClassNames(*this, from_text);
  if (type == "regnamespace") body = SchemaNames(*this, from_text);
  if (type == "regtype") body = TypeNames(from_text);
  if (type == "regtype" && !from_text) {
    body = FormatType();
    signature = "(a bigint, b int DEFAULT -1) RETURNS text";
  }
  if (type == "regrole" && !from_text) body = QuoteString(identity_->user);
  return Define(std::string(type) + (from_text ? "_from_text" : "_to_text"), {signature, body});
}

}  // namespace kappa
