#include "parser/print/sql_writer.h"

namespace kappa::print {

namespace {

// In the order of ast::ObjectKind.
constexpr std::string_view kKinds[] = {"SOURCE", "TABLE",    "VIEW",   "MATERIALIZED VIEW", "SINK", "INDEX",
                                       "SCHEMA", "FUNCTION", "SECRET", "CONNECTION",        "USER"};

}  // namespace

void SqlWriter::Kind(ast::ObjectKind kind) { Add(kKinds[static_cast<int>(kind)]); }

void SqlWriter::Drop(const ast::Drop& drop) {
  Add("DROP ");
  Kind(drop.object);
  Add(drop.if_exists ? " IF EXISTS " : " ");
  List(drop.names, [&](const ast::QualifiedName& name) { Name(name); });
  Add(drop.cascade ? " CASCADE" : "");
}

void SqlWriter::CreateIndex(const ast::CreateIndex& index) {
  Add(index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ").Add(index.if_not_exists ? "IF NOT EXISTS " : "");
  if (!index.name.name.empty()) Name(index.name).Add(" ");
  Add("ON ").Name(index.table).Add(" (");
  OrderItems(index.columns);
  Add(")");
  if (!index.include.empty()) Add(" INCLUDE ").Names(index.include);
  Where(index.where);
}

void SqlWriter::CreateSecret(const ast::CreateSecret& secret) {
  Add("CREATE ").Add(secret.or_replace ? "OR REPLACE " : "").Add("SECRET ").Add(secret.if_not_exists ? "IF NOT EXISTS " : "").Name(secret.name);
  if (!secret.options.empty()) {
    Add(" WITH ");
    Options(secret.options);
  }
  Add(" AS '********'");
}

void SqlWriter::CreateConnection(const ast::CreateConnection& create) {
  Add("CREATE ").Add(create.or_replace ? "OR REPLACE " : "").Add("CONNECTION ").Add(create.if_not_exists ? "IF NOT EXISTS " : "");
  Name(create.name).Add(" WITH ");
  Options(create.options);
}

void SqlWriter::Fields(const std::vector<ast::StructField>& fields) {
  Add("(");
  List(fields, [&](const ast::StructField& field) {
    Name(field.name).Add(" ");
    Type(field.type);
  });
  Add(")");
}

void SqlWriter::CreateFunction(const ast::CreateFunction& function) {
  Add("CREATE ").Add(function.or_replace ? "OR REPLACE " : "").Add("FUNCTION ").Add(function.if_not_exists ? "IF NOT EXISTS " : "");
  Name(function.name).Add("(");
  List(function.parameters, [&](const ast::FunctionParameter& parameter) {
    if (!parameter.name.name.empty()) Name(parameter.name).Add(" ");
    Type(parameter.type);
    if (parameter.default_value == nullptr) return;
    Add(" DEFAULT ");
    Expression(*parameter.default_value);
  });
  Add(")");
  if (function.returns) {
    Add(" RETURNS ");
    Type(*function.returns);
  } else if (!function.returns_table.empty()) {
    Add(" RETURNS TABLE ");
    Fields(function.returns_table);
  }
  if (!function.language.name.empty()) Add(" LANGUAGE ").Name(function.language);
  for (const ast::Identifier& attribute : function.attributes) Add(" ").Name(attribute);
  if (function.body) Add(" AS ").String(*function.body);
  if (function.returned == nullptr) return;
  Add(" RETURN ");
  Expression(*function.returned);
}

void SqlWriter::AlterColumn(const ast::AlterStep& step) {
  Add("ALTER COLUMN ").Name(step.column);
  switch (step.action) {
    case ast::AlterAction::kColumnType:
      Add(" TYPE ");
      Type(*step.type);
      if (step.expression == nullptr) return;
      Add(" USING ");
      return Expression(*step.expression);
    case ast::AlterAction::kColumnSetDefault:
      Add(" SET DEFAULT ");
      return Expression(*step.expression);
    case ast::AlterAction::kColumnDropDefault:
      Add(" DROP DEFAULT");
      return;
    default:
      Add(step.action == ast::AlterAction::kColumnSetNotNull ? " SET NOT NULL" : " DROP NOT NULL");
  }
}

void SqlWriter::AlterStep(const ast::AlterStep& step) {
  switch (step.action) {
    case ast::AlterAction::kRename:
      Add("RENAME TO ").Name(step.new_name);
      return;
    case ast::AlterAction::kRenameColumn:
      Add("RENAME COLUMN ").Name(step.column).Add(" TO ").Name(step.new_name);
      return;
    case ast::AlterAction::kAddColumn:
      Add("ADD COLUMN ").Add(step.if_exists ? "IF NOT EXISTS " : "");
      return Column(*step.added);
    case ast::AlterAction::kDropColumn:
      Add("DROP COLUMN ").Add(step.if_exists ? "IF EXISTS " : "").Name(step.column).Add(step.cascade ? " CASCADE" : "");
      return;
    case ast::AlterAction::kSetSchema:
      Add("SET SCHEMA ").Name(step.new_name);
      return;
    case ast::AlterAction::kSetOptions:
      Add("SET ");
      return Options(step.options);
    case ast::AlterAction::kSetParameter:
      Add("SET ");
      SettingName(step.new_name.name);
      Add(" = ");
      step.value ? String(*step.value) : Add("DEFAULT");
      return;
    case ast::AlterAction::kOwner:
      Add("OWNER TO ").Name(step.new_name);
      return;
    case ast::AlterAction::kSwap:
      Add("SWAP WITH ").Name(step.other);
      return;
    case ast::AlterAction::kRefresh:
      Add("REFRESH SCHEMA");
      return;
    case ast::AlterAction::kSecretValue:
      if (!step.options.empty()) {
        Add("WITH ");
        Options(step.options);
        Add(" ");
      }
      Add("AS '********'");
      return;
    case ast::AlterAction::kFormat: {
      const size_t at = out_.size();
      Format(*step.format);
      out_.erase(at, 1);  // its leading space
      return;
    }
    default:
      AlterColumn(step);
  }
}

void SqlWriter::Alter(const ast::Alter& alter) {
  Add("ALTER ");
  Kind(alter.object);
  Add(alter.if_exists ? " IF EXISTS " : " ").Name(alter.name).Add(" ");
  List(alter.steps, [&](const ast::AlterStep& step) { AlterStep(step); });
}

void SqlWriter::Comment(const ast::Comment& comment) {
  Add("COMMENT ON ");
  comment.column ? void(Add("COLUMN")) : Kind(comment.object);
  Add(" ").Name(comment.name).Add(" IS ");
  comment.text ? String(*comment.text) : Add("NULL");
}

}  // namespace kappa::print
