#include <algorithm>

#include "parser/ast/query.h"
#include "planner/binder/expressions.h"

namespace kappa {
namespace {

std::vector<std::string> FieldNames(const Type& type) {
  std::vector<std::string> names;
  for (const StructField& field : type.fields()) names.push_back(field.name);
  return names;
}

int FieldIndex(const Type& type, std::string_view name) {
  const auto& fields = type.fields();
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const StructField& field) { return field.name == name; });
  return found == fields.end() ? -1 : static_cast<int>(found - fields.begin());
}

ExprPtr MakeField(ExprPtr base, int field) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::kField;
  expr->type = base->type.fields()[field].type;
  expr->field = field;
  expr->args = {std::move(base)};
  return expr;
}

// One reading of a name: a column, then fields of it from part `fields` on.
struct Reading {
  const ScopeColumn* column = nullptr;
  size_t fields = 0;
  bool complete = false;  // every part was found
};

void AddReadings(const Scope& scope, const ast::QualifiedName& name, size_t table, std::vector<Reading>* readings) {
  // table: how many parts name the table; the next names the column.
  if (table >= name.parts.size()) return;
  if (table == 2 && name.parts[0].name != "public") return;
  for (const ScopeColumn& column : scope.columns) {
    if (column.name != name.parts[table].name) continue;
    if (table > 0 ? column.table != name.parts[table - 1].name : column.merged) continue;
    Reading reading{&column, table + 1, true};
    const Type* type = &column.column.type;
    for (size_t i = table + 1; i < name.parts.size(); ++i) {
      const int field = type->is_struct() ? FieldIndex(*type, name.parts[i].name) : -1;
      if (field < 0) {
        reading.complete = false;
        break;
      }
      type = &type->fields()[field].type;
    }
    readings->push_back(reading);
  }
}

ExprPtr ColumnOf(const ScopeColumn& column) { return column.computed != nullptr ? column.computed : MakeColumn(column.column); }

// t in SELECT to_json(t) FROM t: a struct of the table's columns; nullptr: there is no such table.
ExprPtr WholeRow(const Scope& scope, std::string_view table) {
  std::vector<StructField> fields;
  std::vector<ExprPtr> columns;
  for (const ScopeColumn& column : scope.columns) {
    if (column.table != table || column.computed != nullptr) continue;
    fields.push_back({column.name, column.column.type});
    columns.push_back(MakeColumn(column.column));
  }
  if (columns.empty()) return nullptr;
  return MakeExpr(ExprKind::kStruct, Type::Struct(std::move(fields)), false, std::move(columns));
}

std::vector<std::string> ColumnNames(const Scope& scope, std::string_view table) {
  std::vector<std::string> names;
  for (const ScopeColumn& column : scope.columns) {
    if (table.empty() || column.table == table) names.push_back(column.name);
  }
  return names;
}

Status Unknown(const Scope& scope, const ast::QualifiedName& name) {
  const ast::Identifier& first = name.parts[0];
  auto has_table = [&](std::string_view table) {
    return std::any_of(scope.columns.begin(), scope.columns.end(), [&](const ScopeColumn& column) { return column.table == table; });
  };
  if (name.parts.size() == 1) {
    Hint hint = DidYouMean(first.name, ColumnNames(scope, ""));
    if (hint.text.empty() && first.quoted) hint = Hint("double quotes are for names; a text is written '" + first.name + "'");
    return SqlError(sqlstate::kUndefinedColumn, name.range) << "column \"" << first.name << "\" does not exist" << hint;
  }
  if (has_table(first.name)) {
    return SqlError(sqlstate::kUndefinedColumn, name.range) << "column " << first.name << "." << name.parts[1].name << " does not exist"
                                                            << DidYouMean(name.parts[1].name, ColumnNames(scope, first.name));
  }
  std::vector<std::string> tables;
  for (const ScopeColumn& column : scope.columns) tables.push_back(column.table);
  return SqlError(sqlstate::kUndefinedTable, name.range)
         << "missing FROM-clause entry for table \"" << first.name << "\"" << DidYouMean(first.name, tables);
}

// What PostgreSQL says of a name that exists beside, where it cannot be used.
Status Unreachable(const OuterScope* beside, const ast::QualifiedName& name, const Status& otherwise) {
  const std::string& first = name.parts[0].name;
  for (; beside != nullptr; beside = beside->previous) {
    for (const ScopeColumn& column : beside->scope->columns) {
      if (name.parts.size() > 1 && column.table == first) {
        return SqlError(sqlstate::kUndefinedTable, name.range)
               << "invalid reference to FROM-clause entry for table \"" << first << "\""
               << Hint("There is an entry for table \"" + first + "\", but it cannot be referenced from this part of the query.");
      }
      if (name.parts.size() == 1 && column.name == first && !column.table.empty()) {
        return SqlError(sqlstate::kUndefinedColumn, name.range) << "column \"" << first << "\" does not exist"
                                                                << Hint("There is a column named \"" + first + "\" in table \"" + column.table +
                                                                        "\", but it cannot be referenced from this part of the query.");
      }
    }
  }
  return otherwise;
}

bool IsUnknownName(const Status& status) {
  const std::string state = SqlStateOf(status).code;
  return state == sqlstate::kUndefinedColumn.code || state == sqlstate::kUndefinedTable.code;
}

}  // namespace

StatusOr<ExprPtr> ResolveOuterName(const BindContext& context, const Scope& scope, const ast::QualifiedName& name) {
  StatusOr<ExprPtr> found = ResolveName(scope, name);
  for (const OuterScope* outer = context.outer; outer != nullptr && !found.ok() && IsUnknownName(found.status()); outer = outer->previous) {
    StatusOr<ExprPtr> further = ResolveName(*outer->scope, name);
    if (further.ok() || !IsUnknownName(further.status())) return further;
    if (name.parts.size() > 1 && SqlStateOf(further.status()).view() == sqlstate::kUndefinedColumn.view()) return further;  // its table is there
  }
  if (found.ok() || !IsUnknownName(found.status())) return found;
  if (name.parts.size() > 1 && SqlStateOf(found.status()).view() == sqlstate::kUndefinedColumn.view()) return found;
  return Unreachable(context.beside, name, Unreachable(context.lateral, name, found.status()));
}

StatusOr<ExprPtr> FieldOf(ExprPtr base, const ast::Identifier& field) {
  if (!base->type.is_struct()) {
    return SqlError(sqlstate::kWrongObjectType, field.range)
           << "column notation ." << field.name << " applied to type " << base->type.ToString() << ", which is not a struct";
  }
  const int index = FieldIndex(base->type, field.name);
  if (index < 0) {
    return SqlError(sqlstate::kUndefinedColumn, field.range)
           << "field \"" << field.name << "\" does not exist in " << base->type.ToString() << DidYouMean(field.name, FieldNames(base->type));
  }
  return MakeField(std::move(base), index);
}

StatusOr<ExprPtr> ResolveName(const Scope& scope, const ast::QualifiedName& name) {
  std::vector<Reading> readings;
  for (size_t table : {size_t{1}, size_t{0}, size_t{2}}) AddReadings(scope, name, table, &readings);
  const auto complete = std::count_if(readings.begin(), readings.end(), [](const Reading& reading) { return reading.complete; });
  if (complete > 1) return SqlError(sqlstate::kAmbiguousColumn, name.range) << "column reference \"" << ast::ToString(name) << "\" is ambiguous";
  if (complete == 0) {
    if (readings.empty() && name.parts.size() == 1) {
      if (ExprPtr row = WholeRow(scope, name.parts[0].name); row != nullptr) return row;
    }
    if (readings.empty()) return Unknown(scope, name);
    // A column was found, a field of it was not: the error speaks of the field.
    ExprPtr expr = ColumnOf(*readings[0].column);
    for (size_t i = readings[0].fields; i < name.parts.size(); ++i) { ASSIGN_OR_RETURN(expr, FieldOf(std::move(expr), name.parts[i])); }
    return expr;
  }
  const Reading& reading = *std::find_if(readings.begin(), readings.end(), [](const Reading& r) { return r.complete; });
  ExprPtr expr = ColumnOf(*reading.column);
  for (size_t i = reading.fields; i < name.parts.size(); ++i) { ASSIGN_OR_RETURN(expr, FieldOf(std::move(expr), name.parts[i])); }
  return expr;
}

namespace {

std::string TypeColumnName(const ast::TypeName& type) {
  static const std::pair<std::string_view, std::string_view> kInternal[] = {{"integer", "int4"},
                                                                            {"int", "int4"},
                                                                            {"bigint", "int8"},
                                                                            {"smallint", "int2"},
                                                                            {"boolean", "bool"},
                                                                            {"double precision", "float8"},
                                                                            {"float", "float8"},
                                                                            {"real", "float4"},
                                                                            {"decimal", "numeric"},
                                                                            {"dec", "numeric"},
                                                                            {"character varying", "varchar"},
                                                                            {"timestamp with time zone", "timestamptz"},
                                                                            {"timestamp without time zone", "timestamp"}};
  const std::string& written = type.name.last().name;
  for (const auto& [name, internal] : kInternal)
    if (name == written) return std::string(internal);
  return written;
}

struct Implied {
  std::string name;
  int strength = 0;  // 2: a name of its own; 1: only where nothing better is found (PostgreSQL's FigureColname)
};

std::string ColumnOf(const ast::QueryBody& body);

Implied Figure(const ast::Expression& e) {
  using K = ast::ExpressionKind;
  switch (e.kind) {
    case K::kColumn:
      return {ast::Cast<ast::ColumnName>(e).name.last().name, 2};
    case K::kFieldAccess:
      return {ast::Cast<ast::FieldAccess>(e).field.name, 2};
    case K::kCall: {
      const auto& call = ast::Cast<ast::Call>(e);
      return {call.name.last().name, 2};
    }
    case K::kNowLike:
      return {ast::Cast<ast::NowLike>(e).name, 2};
    case K::kTypedLiteral:
      return {TypeColumnName(ast::Cast<ast::TypedLiteral>(e).type), 1};
    case K::kLiteral:
      return ast::Cast<ast::Literal>(e).literal == ast::LiteralKind::kBoolean ? Implied{"bool", 1} : Implied{};
    case K::kCast: {
      const auto& cast = ast::Cast<ast::CastExpression>(e);
      Implied inner = Figure(*cast.operand);
      return inner.strength > 1 ? inner : Implied{TypeColumnName(cast.type), 1};
    }
    case K::kCase: {
      const auto& c = ast::Cast<ast::Case>(e);
      Implied inner = c.otherwise ? Figure(*c.otherwise) : Implied{};
      return inner.strength > 1 ? inner : Implied{"case", 1};
    }
    case K::kAtTimeZone:
      return {"timezone", 2};
    case K::kCollate:
      return Figure(*ast::Cast<ast::Collate>(e).operand);
    case K::kSubscript:
      return Figure(*ast::Cast<ast::Subscript>(e).base);
    case K::kRow:
      return {"row", 2};
    case K::kArray:
      return {"array", 2};
    case K::kExists:
      return {"exists", 2};
    case K::kSubquery:
      return {ColumnOf(*ast::Cast<ast::Subquery>(e).query->body), 2};
    default:
      return {};
  }
}

// What the one column of a query is called.
std::string ColumnOf(const ast::QueryBody& body) {
  if (const auto* select = ast::As<ast::Select>(body)) {
    if (select->items.empty()) return "?column?";
    const ast::SelectItem& item = select->items[0];
    return item.alias.name.empty() ? ImpliedName(*item.expression) : item.alias.name;
  }
  if (const auto* operation = ast::As<ast::SetOperation>(body)) return ColumnOf(*operation->left);
  if (const auto* nested = ast::As<ast::NestedQuery>(body)) return ColumnOf(*nested->query->body);
  return body.kind == ast::QueryBodyKind::kValues ? "column1" : "?column?";
}

}  // namespace

std::string ImpliedName(const ast::Expression& expression) {
  Implied implied = Figure(expression);
  return implied.strength == 0 ? "?column?" : implied.name;
}

}  // namespace kappa
