// Functions in FROM that answer rows: each row of what stands before one, with the rows it answers for that row.
#include "planner/binder/table_function.h"

#include <algorithm>

#include "functions/registry.h"
#include "planner/binder/ad_hoc.h"
#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

constexpr std::string_view kClause = "functions in FROM";

constexpr std::string_view kRowsNames[] = {
    "unnest",          "generate_series",      "generate_subscripts",       "string_to_table",  "regexp_split_to_table", "jsonb_path_query",
    "json_each",       "json_array_elements",  "json_array_elements_text",  "json_object_keys", "json_each_text",        "jsonb_each",
    "jsonb_each_text", "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_object_keys"};

// A call that has been understood: what is evaluated, over which arguments, and what each row holds.
struct RowsCall {
  std::string function;  // FindTableFunction; "": `value` is the one row
  std::vector<ExprPtr> args;
  std::vector<Column> columns;
  bool named = false;  // its columns have names of their own, which an alias of the table does not take away
  ExprPtr value;
};

class RowsCallBinder {
 public:
  RowsCallBinder(BindContext* context, const ast::Call& call, std::vector<ExprPtr> args)
      : context_(context), call_(call), name_(call.name.last().name), args_(std::move(args)) {}

  // False: no function of this name answers rows.
  StatusOr<bool> Bind(RowsCall* out) {
    out_ = out;
    Status status = OkStatus();
    if (name_ == "unnest") {
      status = Unnest();
    } else if (name_ == "generate_series") {
      status = Series();
    } else if (name_ == "generate_subscripts") {
      status = Subscripts();
    } else if (name_ == "string_to_table") {
      status = Split("string_to_array");
    } else if (name_ == "regexp_split_to_table") {
      status = Split("regexp_split_to_array");
    } else if (name_ == "jsonb_path_query") {
      status = PathQuery();
    } else if (IsJson()) {
      status = Json();
    } else {
      return false;
    }
    if (!status.ok()) return status;
    return true;
  }

 private:
  Status Undefined(std::string_view hint = "") const {
    std::string types;
    for (const ExprPtr& arg : args_) types += (types.empty() ? "" : ", ") + TypeText(arg->type);
    const std::string message = "function " + name_ + "(" + types + ") does not exist";
    if (hint.empty()) return SqlError(sqlstate::kUndefinedFunction, call_.range) << message << Hint("add explicit casts to the arguments");
    return SqlError(sqlstate::kUndefinedFunction, call_.range) << message << Hint(std::string(hint));
  }
  Status NotUnique() const {
    return SqlError(sqlstate::kAmbiguousFunction, call_.range) << "function " << name_ << " is not unique" << Hint("cast an argument to its type");
  }
  bool Is(size_t i, TypeId id) const { return args_[i]->type.id() == id; }
  bool Any(TypeId id) const {
    return std::any_of(args_.begin(), args_.end(), [&](const ExprPtr& arg) { return arg->type.id() == id; });
  }
  Status Give(size_t i, const Type& type) {
    if (!args_[i]->type.SameId(type) && !Is(i, TypeId::kUnknown) && !CanCoerce(args_[i]->type, type, Coercion::kImplicit)) return Undefined();
    ASSIGN_OR_RETURN(args_[i], Coerce(context_, args_[i], type, Coercion::kImplicit));
    return OkStatus();
  }
  void Answer(std::string function, std::vector<std::pair<std::string, Type>> columns, bool nullable, bool named = false) {
    out_->function = std::move(function);
    out_->args = args_;
    out_->named = named;
    for (auto& [name, type] : columns) out_->columns.push_back(context_->NewColumn(name, type, nullable));
  }

  Status Unnest() {
    if (args_.empty()) return Undefined("unnest takes arrays");
    std::vector<std::pair<std::string, Type>> columns;
    bool named = false;
    for (const ExprPtr& arg : args_) {
      if (arg->type.id() == TypeId::kUnknown) return NotUnique();
      if (arg->type.id() == TypeId::kJsonb || arg->type.id() == TypeId::kJson)
        return Undefined("the elements of a JSON array are the rows of " + TypeText(arg->type) + "_array_elements");
      if (arg->type.id() != TypeId::kArray) return Undefined("unnest takes arrays");
      const Type& element = arg->type.element();
      if (!element.is_struct()) {
        columns.emplace_back("unnest", element);
        continue;
      }
      named = true;
      for (const StructField& field : element.fields()) columns.emplace_back(field.name, field.type);
    }
    Answer("unnest", std::move(columns), true, named);
    return OkStatus();
  }

  // Of times: of dates and of bare literals as of timestamptz, as PostgreSQL resolves it.
  Status TimeSeries() {
    if (args_.size() != 3) return Undefined("a series of times needs a step: generate_series(start, stop, INTERVAL '1 day')");
    const bool zoned = Any(TypeId::kTimestampTz) || !Any(TypeId::kTimestamp);
    const Type type = zoned ? TypeId::kTimestampTz : TypeId::kTimestamp;
    RETURN_IF_ERROR(Give(0, type));
    RETURN_IF_ERROR(Give(1, type));
    RETURN_IF_ERROR(Give(2, TypeId::kInterval));
    if (zoned) args_.push_back(MakeConstant(Datum::Bytes(context_->time_zone()), TypeId::kText));
    Answer(zoned ? "generate_series(timestamptz)" : "generate_series(timestamp)", {{name_, type}}, false);
    return OkStatus();
  }

  Status Series() {
    if (args_.size() != 2 && args_.size() != 3) return Undefined("generate_series(start, stop [, step])");
    if (Any(TypeId::kTimestamp) || Any(TypeId::kTimestampTz) || Any(TypeId::kDate) || Any(TypeId::kInterval)) return TimeSeries();
    auto open = [](const ExprPtr& arg) { return arg->type.id() == TypeId::kUnknown || arg->type.id() == TypeId::kInt2; };
    if (std::all_of(args_.begin(), args_.end(), open)) return NotUnique();  // as PostgreSQL has it
    const TypeId type = Any(TypeId::kNumeric) ? TypeId::kNumeric : Any(TypeId::kInt8) ? TypeId::kInt8 : TypeId::kInt4;
    for (size_t i = 0; i < args_.size(); ++i) RETURN_IF_ERROR(Give(i, type));
    Answer("generate_series(" + TypeText(type) + ")", {{name_, type}}, false);
    return OkStatus();
  }

  Status Subscripts() {
    if ((args_.size() != 2 && args_.size() != 3) || !Is(0, TypeId::kArray)) return Undefined("generate_subscripts(array, dimension [, reverse])");
    RETURN_IF_ERROR(Give(1, TypeId::kInt4));
    if (args_.size() == 3) RETURN_IF_ERROR(Give(2, TypeId::kBool));
    Answer("generate_subscripts", {{name_, TypeId::kInt4}}, false);
    return OkStatus();
  }

  // The elements of what the function answers that gives the same as an array.
  Status Split(std::string_view array_function) {
    if (args_.size() != 2 && args_.size() != 3) return Undefined();
    for (size_t i = 0; i < args_.size(); ++i) RETURN_IF_ERROR(Give(i, TypeId::kText));
    ASSIGN_OR_RETURN(ExprPtr array, CallFunction(context_, array_function, args_, call_.range));
    args_ = {std::move(array)};
    Answer("unnest", {{name_, TypeId::kText}}, true);
    return OkStatus();
  }

  Status PathQuery() {
    static constexpr TypeId kTypes[] = {TypeId::kJsonb, TypeId::kText, TypeId::kJsonb, TypeId::kBool};
    if (args_.size() < 2 || args_.size() > 4) return Undefined("jsonb_path_query(target, path [, vars [, silent]])");
    for (size_t i = 0; i < args_.size(); ++i) RETURN_IF_ERROR(Give(i, kTypes[i]));
    if (args_[1]->kind == ExprKind::kConstant && !args_[1]->constant.is_null()) {  // a wrong path is an error of the statement
      ASSIGN_OR_RETURN(ExprPtr path, CallFunction(context_, "kappa_jsonpath", {args_[1]}, args_[1]->range));
      ASSIGN_OR_RETURN(args_[1], FoldConstant(path));
    }
    Answer("jsonb_path_query", {{name_, TypeId::kJsonb}}, false);
    return OkStatus();
  }

  bool IsJson() const {
    static constexpr std::string_view kNames[] = {"_each", "_each_text", "_array_elements", "_array_elements_text", "_object_keys"};
    const std::string_view rest = name_.starts_with("jsonb_")  ? std::string_view(name_).substr(5)
                                  : name_.starts_with("json_") ? std::string_view(name_).substr(4)
                                                               : std::string_view();
    return std::find(std::begin(kNames), std::end(kNames), rest) != std::end(kNames);
  }
  Status Json() {
    const Type type = name_.starts_with("jsonb_") ? TypeId::kJsonb : TypeId::kJson;
    if (args_.size() != 1) return Undefined();
    RETURN_IF_ERROR(Give(0, type));
    const std::string kind = name_.substr(name_.find('_'));
    const bool text = kind.ends_with("_text");
    const Type value = text ? Type(TypeId::kText) : type;
    if (kind.starts_with("_each")) {
      Answer("json" + kind, {{"key", TypeId::kText}, {"value", value}}, text, true);
    } else if (kind.starts_with("_array")) {
      Answer("json" + kind, {{"value", value}}, text, true);
    } else {
      Answer("json" + kind, {{name_, TypeId::kText}}, false);
    }
    return OkStatus();
  }

  BindContext* const context_;
  const ast::Call& call_;
  const std::string name_;
  std::vector<ExprPtr> args_;
  RowsCall* out_ = nullptr;
};

// json_to_record(j) AS r (a int, b text) is an array of one such struct, json_to_recordset(j) one of all; its elements are the rows.
bool AnswersRecords(const std::string& name) {
  return name == "json_to_record" || name == "jsonb_to_record" || name == "json_to_recordset" || name == "jsonb_to_recordset";
}

StatusOr<RowsCall> BindRecords(BindContext* context, const ast::FunctionTable& table, const Scope& scope) {
  const ast::Call& call = *table.call;
  const std::string& name = call.name.last().name;
  if (table.record.empty()) {
    return SqlError(sqlstate::kSyntaxError, call.range)
           << "a column definition list is required for functions returning \"record\"" << Hint(name + "(...) AS r (a int, b text)");
  }
  if (!AnswersRecords(name)) {
    return SqlError(sqlstate::kSyntaxError, table.range) << "a column definition list is only allowed for functions returning \"record\""
                                                         << Hint("names alone, without types, rename columns: AS t (a, b)");
  }
  std::vector<StructField> fields;
  for (const ast::StructField& field : table.record) {
    ASSIGN_OR_RETURN(Type type, ResolveTypeName(field.type));
    fields.push_back({field.name.name, std::move(type)});
  }
  ExpressionBinder binder(context, &scope, nullptr, kClause);
  if (call.arguments.size() != 1 || !call.arguments[0].name.name.empty())
    return SqlError(sqlstate::kUndefinedFunction, call.range) << "function " << name << " takes one argument";
  ASSIGN_OR_RETURN(ExprPtr json, binder.Bind(*call.arguments[0].value));
  const std::string kind = name.substr(0, name.find('_'));
  const Type type = kind == "jsonb" ? TypeId::kJsonb : TypeId::kJson;
  if (json->type.id() != TypeId::kUnknown && !CanCoerce(json->type, type, Coercion::kImplicit))
    return SqlError(sqlstate::kUndefinedFunction, call.range) << "function " << name << "(" << TypeText(json->type) << ") does not exist";
  ASSIGN_OR_RETURN(json, Coerce(context, std::move(json), type, Coercion::kImplicit));
  if (name.ends_with("record")) { ASSIGN_OR_RETURN(json, CallFunction(context, kind + "_build_array", {json}, call.range)); }
  RowsCall rows;
  rows.function = "unnest";
  rows.named = true;
  for (const StructField& field : fields) rows.columns.push_back(context->NewColumn(field.name, field.type, true));
  ASSIGN_OR_RETURN(ExprPtr array, Coerce(context, std::move(json), Type::Array(Type::Struct(std::move(fields))), Coercion::kExplicit));
  rows.args = {std::move(array)};
  return rows;
}

bool IsRowsName(std::string_view name) { return std::find(std::begin(kRowsNames), std::end(kRowsNames), name) != std::end(kRowsNames); }

Status Unknown(const ast::Call& call, const std::string& types) {
  const std::string& name = call.name.last().name;
  std::vector<std::string> names = FunctionRegistry::Get().Names();
  names.insert(names.end(), std::begin(kRowsNames), std::end(kRowsNames));
  names.insert(names.end(), {"tumble", "hop", "cumulate", "session", "gap_fill"});
  return SqlError(sqlstate::kUndefinedFunction, call.range) << "function " << name << "(" << types << ") does not exist" << DidYouMean(name, names);
}

// Any other function answers one row.
StatusOr<RowsCall> BindRowsCall(BindContext* context, const ast::Call& call, const Scope& scope) {
  ExpressionBinder binder(context, &scope, nullptr, kClause);
  RowsCall rows;
  const bool plain = !call.star && !call.distinct && !call.variadic && call.order_by.empty() && call.filter == nullptr && call.over == nullptr;
  const bool ours = call.name.parts.size() == 1 || call.name.parts[0].name == "pg_catalog";
  if (plain && ours && FunctionRegistry::Get().Find(FunctionKind::kScalar, call.name.last().name).empty()) {
    bool positional = true;
    std::vector<ExprPtr> args;
    std::string types;
    for (const ast::Argument& argument : call.arguments) {
      positional &= argument.name.name.empty();
      if (!positional) break;
      StatusOr<ExprPtr> arg = binder.Bind(*argument.value);
      if (!arg.ok() && !IsRowsName(call.name.last().name) && context->catalog->Functions("", call.name.last().name, context->search_path()).empty())
        return Unknown(call, "...");  // TUMBL(t, ts, ...): the table is no column
      if (!arg.ok()) return arg.status();
      types += (types.empty() ? "" : ", ") + TypeText((*arg)->type);
      args.push_back(std::move(*arg));
    }
    if (positional) {
      ASSIGN_OR_RETURN(const bool found, RowsCallBinder(context, call, std::move(args)).Bind(&rows));
      if (found) return rows;
      if (context->catalog->Functions("", call.name.last().name, context->search_path()).empty()) return Unknown(call, types);
    }
  }
  ASSIGN_OR_RETURN(rows.value, binder.BindTyped(call));
  rows.columns = {context->NewColumn(call.name.last().name, rows.value->type, rows.value->nullable)};
  return rows;
}

// The name of a function that answers one value means that value, not a row of it: e in jsonb_array_elements(j) AS e. A column of that name comes
// first.
void AddValueName(const Scope& before, Scope* scope) {
  const ScopeColumn only = scope->columns[0];
  auto has_the_name = [&](const ScopeColumn& column) { return column.name == only.table; };
  if (has_the_name(only) || std::any_of(before.columns.begin(), before.columns.end(), has_the_name)) return;
  scope->columns.push_back({only.table, only.table, only.column, MakeColumn(only.column)});
}

}  // namespace

const ast::FunctionTable* RowsFunction(const ast::TableReference& table) {
  if (table.kind != ast::TableReferenceKind::kFunction) return nullptr;
  const auto& function = ast::Cast<ast::FunctionTable>(table);
  const bool other = IsAdHocFunction(*function.call) || (function.call->name.parts.size() == 1 && function.call->name.last().name == "gap_fill");
  return other ? nullptr : &function;
}

Status CheckTableNames(const Scope& before, const Scope& added, TextRange range) {
  for (const ScopeColumn& column : added.columns) {
    if (std::any_of(before.columns.begin(), before.columns.end(),
                    [&](const ScopeColumn& other) { return !column.table.empty() && other.table == column.table; }))
      return SqlError(sqlstate::kDuplicateAlias, range) << "table name \"" << column.table << "\" specified more than once";
  }
  return OkStatus();
}

bool AnswersRows(const ast::Call& call) {
  return call.name.parts.size() == 1 && std::find(std::begin(kRowsNames), std::end(kRowsNames), call.name.last().name) != std::end(kRowsNames);
}

StatusOr<Column> SpreadRows(BindContext* context, const ast::Call& call, const Scope& scope, LogicalPtr* plan) {
  ASSIGN_OR_RETURN(RowsCall rows, BindRowsCall(context, call, scope));
  if (rows.value != nullptr || rows.columns.size() != 1) {
    return SqlError(sqlstate::kFeatureNotSupported, call.range)
           << call.name.last().name << " as a record in the select list is not supported yet" << Hint("call it in FROM");
  }
  const Column column = rows.columns[0];
  std::vector<Column> output = (*plan)->output();
  output.push_back(column);
  *plan = context->Node(TableFunctionOp{std::move(rows.function), std::move(rows.args), std::move(rows.columns), Column(), false}, {*plan},
                        std::move(output));
  return column;
}

// The scope of the answer is the function's alone; its plan gives the input's columns too.
StatusOr<Relation> QueryBinder::ApplyFunction(const ast::FunctionTable& table, const Relation& input, bool outer) {
  const ast::Call& call = *table.call;
  RETURN_IF_ERROR(CountRelation(table.range));
  const bool records = !table.record.empty() || AnswersRecords(call.name.last().name);
  ASSIGN_OR_RETURN(RowsCall rows, records ? BindRecords(context_, table, input.scope) : BindRowsCall(context_, call, input.scope));
  if (!rows.named && rows.columns.size() == 1 && !table.alias.name.name.empty()) rows.columns[0].name = table.alias.name.name;
  for (Column& column : rows.columns) column.nullable |= outer && rows.value == nullptr;
  std::vector<Column> made = rows.columns, output = input.plan->output();
  Column number;
  if (table.with_ordinality) {
    number = context_->NewColumn("ordinality", TypeId::kInt8, outer && rows.value == nullptr);
    made.push_back(number);
  }
  output.insert(output.end(), made.begin(), made.end());
  Relation relation;
  if (rows.value != nullptr) {
    ProjectOp project{{{rows.columns[0], rows.value}}};
    if (table.with_ordinality) project.columns.emplace_back(number, MakeConstant(Datum::Int(1), TypeId::kInt8));
    relation.plan = context_->Node(std::move(project), {input.plan}, std::move(output));
  } else {
    TableFunctionOp op{std::move(rows.function), std::move(rows.args), std::move(rows.columns), number, outer};
    relation.plan = context_->Node(std::move(op), {input.plan}, std::move(output));
  }
  for (const Column& column : made) relation.scope.columns.push_back({"", column.name, column, nullptr});
  RETURN_IF_ERROR(Alias(table.alias, call.name.last().name, &relation));
  RETURN_IF_ERROR(CheckTableNames(input.scope, relation.scope, table.range));
  if (made.size() == 1) AddValueName(input.scope, &relation.scope);
  return relation;
}

}  // namespace kappa
