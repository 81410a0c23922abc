// Arrays and rows: constructors, subscripts, ANY and ALL, comparison of rows.
#include <algorithm>

#include "functions/registry.h"
#include "planner/binder/expressions.h"
#include "planner/binder/types.h"
#include "types/array_value.h"

namespace kappa {
namespace {

bool IsArray(const Type& type) { return type.id() == TypeId::kArray; }

ExprPtr Int4(int32_t value) { return MakeConstant(Datum::Int(value), TypeId::kInt4); }

ExprPtr Combine(ExprKind kind, std::vector<ExprPtr> args) {
  if (args.size() == 1) return args[0];
  const bool nullable = std::any_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
  return MakeExpr(kind, TypeId::kBool, nullable, std::move(args));
}

// x = ANY (constant array) as x IN (constants), which is quicker; nullptr when it is not that.
ExprPtr InConstants(const ExprPtr& equal, const ExprPtr& array) {
  if (array->kind != ExprKind::kConstant || array->constant.is_null()) return nullptr;
  const TypeDescriptor* element = DescribeType(array->type)->element;
  const std::string& bytes = array->constant.as_bytes();
  const ArrayView view(Array(bytes.data(), bytes.size()), element);
  if (view.count() == 0 || element->type.is_struct() || !element->type.SameId(equal->args[0]->type)) return nullptr;
  auto in = std::make_shared<Expr>();
  in->kind = ExprKind::kIn;
  in->type = TypeId::kBool;
  in->function = equal->function;
  in->nullable = view.has_nulls() || equal->args[0]->nullable;
  in->args = {equal->args[0]};
  std::vector<char> room(ElementRoom(element));
  for (size_t i = 0; i < view.count(); ++i) in->args.push_back(MakeConstant(ToDatum(view.Get(i, room.data())), element->type));
  return in;
}

}  // namespace

// ---- arrays

StatusOr<ExprPtr> ExpressionBinder::BindArray(const ast::Array& array, const Type* element) {
  if (array.subquery != nullptr) return BindArraySubquery(array);
  if (array.items.empty()) {
    if (element == nullptr) {
      return SqlError(sqlstate::kIndeterminateDatatype, array.range)
             << "cannot determine type of empty array" << Hint("explicitly cast to the desired type, for example ARRAY[]::integer[]");
    }
    return FoldConstant(MakeCall(FunctionRegistry::Get().Find(FunctionKind::kScalar, "kappa_array").front(), {}, Type::Array(*element)));
  }
  std::vector<ExprPtr> items;
  for (const ast::ExpressionPtr& item : array.items) {
    const auto* nested = ast::As<ast::Array>(*item);
    ASSIGN_OR_RETURN(ExprPtr bound, nested != nullptr ? BindArray(*nested, element) : Bind(*item));
    if (element != nullptr && nested == nullptr) {
      const Type wanted = IsArray(bound->type) && !IsArray(*element) ? Type::Array(*element) : *element;
      ASSIGN_OR_RETURN(bound, Coerce(context_, std::move(bound), wanted, Coercion::kExplicit));
    }
    items.push_back(std::move(bound));
  }
  ASSIGN_OR_RETURN(const Type common, CommonType(items, "ARRAY"));
  for (ExprPtr& item : items) { ASSIGN_OR_RETURN(item, Coerce(context_, std::move(item), common, Coercion::kImplicit)); }
  const FunctionEntry* function = FunctionRegistry::Get().Find(FunctionKind::kScalar, IsArray(common) ? "kappa_array_join" : "kappa_array").front();
  auto call = std::make_shared<Expr>(*MakeCall(function, std::move(items), IsArray(common) ? common : Type::Array(common)));
  call->nullable = false;
  call->range = array.range;
  return FoldConstant(call);
}

StatusOr<ExprPtr> ExpressionBinder::BindSubscript(const ast::Subscript& subscript) {
  std::vector<const ast::Subscript*> chain = {&subscript};
  while (const auto* inner = ast::As<ast::Subscript>(*chain.back()->base)) {
    if (inner->range.begin < inner->base->range.begin) break;  // (a[2:3])[1]: its range begins with the parenthesis
    chain.push_back(inner);
  }
  std::reverse(chain.begin(), chain.end());
  ASSIGN_OR_RETURN(ExprPtr base, BindTyped(*chain[0]->base));
  if (base->type.id() == TypeId::kJsonb) return BindJsonSubscript(std::move(base), chain);
  if (!IsArray(base->type)) {
    return SqlError(sqlstate::kDatatypeMismatch, chain[0]->base->range)
           << "cannot subscript type " << TypeText(base->type) << " because it does not support subscripting";
  }
  if (chain.size() > 6) {
    return SqlError(sqlstate::kStatementTooLong, subscript.range)
           << "number of array dimensions (" << chain.size() << ") exceeds the maximum allowed (6)";
  }
  auto index = [&](const ast::Expression& written) -> StatusOr<ExprPtr> {
    ASSIGN_OR_RETURN(ExprPtr bound, Bind(written));
    if (!CanCoerce(bound->type, TypeId::kInt4, Coercion::kAssignment))
      return SqlError(sqlstate::kDatatypeMismatch, written.range) << "array subscript must have type integer";
    return Coerce(context_, std::move(bound), TypeId::kInt4, Coercion::kAssignment);
  };
  const bool slice = std::any_of(chain.begin(), chain.end(), [](const ast::Subscript* s) { return s->slice; });
  const Type type = slice ? base->type : base->type.element();
  std::vector<ExprPtr> args = {std::move(base)};
  int32_t given = 0;
  std::vector<ExprPtr> bounds;
  for (size_t d = 0; d < chain.size(); ++d) {
    const ast::Subscript& s = *chain[d];
    ExprPtr lower, upper;
    if (s.lower != nullptr) { ASSIGN_OR_RETURN(lower, index(*s.lower)); }
    if (s.upper != nullptr) { ASSIGN_OR_RETURN(upper, index(*s.upper)); }
    if (!slice) {
      args.push_back(std::move(lower));
      continue;
    }
    if (!s.slice) {  // a[2][1:3] is a[1:2][1:3]
      upper = std::move(lower);
      lower = Int4(1);
    }
    given |= static_cast<int32_t>(lower != nullptr) << (2 * d) | static_cast<int32_t>(upper != nullptr) << (2 * d + 1);
    bounds.push_back(lower != nullptr ? std::move(lower) : Int4(0));
    bounds.push_back(upper != nullptr ? std::move(upper) : Int4(0));
  }
  if (slice) {
    args.push_back(Int4(given));
    args.insert(args.end(), bounds.begin(), bounds.end());
  }
  const FunctionEntry* function = FunctionRegistry::Get().Find(FunctionKind::kScalar, slice ? "kappa_slice" : "kappa_element").front();
  return WithExprRange(MakeCall(function, std::move(args), type), subscript.range);
}

// j['a'][0] is j -> 'a' -> 0.
StatusOr<ExprPtr> ExpressionBinder::BindJsonSubscript(ExprPtr base, const std::vector<const ast::Subscript*>& chain) {
  for (const ast::Subscript* subscript : chain) {
    if (subscript->slice) return SqlError(sqlstate::kDatatypeMismatch, subscript->range) << "jsonb subscript does not support slices";
    ASSIGN_OR_RETURN(ExprPtr key, BindTyped(*subscript->lower));
    if (key->type.id() != TypeId::kText) {
      if (!CanCoerce(key->type, TypeId::kInt4, Coercion::kImplicit)) {
        return SqlError(sqlstate::kDatatypeMismatch, subscript->lower->range) << "subscript type " << TypeText(key->type) << " is not supported"
                                                                              << Hint("jsonb subscript must be coercible to either integer or text");
      }
      ASSIGN_OR_RETURN(key, Coerce(context_, std::move(key), TypeId::kInt4, Coercion::kImplicit));
    }
    ASSIGN_OR_RETURN(base, CallOperator(context_, "->", {std::move(base), std::move(key)}, subscript->range));
  }
  return base;
}

StatusOr<ExprPtr> ExpressionBinder::BindQuantified(const ast::Quantified& quantified) {
  if (quantified.subquery != nullptr) return BindQuantifiedSubquery(quantified);
  ASSIGN_OR_RETURN(ExprPtr left, Bind(*quantified.left));
  ASSIGN_OR_RETURN(ExprPtr array, Bind(*quantified.array));
  const TextRange range = quantified.op_range.known() ? quantified.op_range : quantified.range;
  if (array->type.id() == TypeId::kUnknown) {
    ASSIGN_OR_RETURN(left, CoerceUnknownToText(context_, std::move(left)));
    ASSIGN_OR_RETURN(array, Coerce(context_, std::move(array), Type::Array(left->type), Coercion::kImplicit));
  }
  if (!IsArray(array->type)) return SqlError(sqlstate::kWrongObjectType, range) << "op ANY/ALL (array) requires array on right side";
  // What the operator makes of an element, by one that is NULL.
  static constexpr struct {
    std::string_view written, symbol;
    bool negated;
  } kLikes[] = {{"~~", "like", false}, {"~~*", "ilike", false}, {"!~~", "like", true}, {"!~~*", "ilike", true}};
  std::string_view symbol = quantified.op;
  bool negated = false;
  for (const auto& like : kLikes) {
    if (quantified.op != like.written) continue;
    symbol = like.symbol;
    negated = like.negated;
  }
  const bool all = quantified.all != negated;  // x NOT LIKE ALL (a) is NOT x LIKE ANY (a)
  ASSIGN_OR_RETURN(const ExprPtr call, CallOperator(context_, symbol, {std::move(left), MakeConstant(Datum(), array->type.element())}, range));
  if (call->kind != ExprKind::kCall || call->type.id() != TypeId::kBool)
    return SqlError(sqlstate::kWrongObjectType, range) << "op ANY/ALL (array) requires operator to yield boolean";
  ASSIGN_OR_RETURN(array, Coerce(context_, std::move(array), Type::Array(call->args[1]->type), Coercion::kImplicit));
  if (!all && symbol == "=" && call->args.size() == 2) {
    if (ExprPtr in = InConstants(call, array); in != nullptr) return in;
  }
  auto expr = std::make_shared<Expr>();
  expr->kind = all ? ExprKind::kAllOf : ExprKind::kAnyOf;
  expr->type = TypeId::kBool;
  expr->function = call->function;
  expr->nullable = true;
  expr->args = call->args;
  expr->args[1] = std::move(array);
  return negated ? MakeNot(expr) : ExprPtr(expr);
}

// ---- rows

StatusOr<ExprPtr> ExpressionBinder::BindRow(const ast::Row& row) {
  std::vector<ExprPtr> fields;
  std::vector<StructField> types;
  for (const ast::ExpressionPtr& item : row.items) {
    if (const auto* star = ast::As<ast::Star>(*item); star != nullptr) {
      const std::string table = star->qualifier.empty() ? "" : star->qualifier.last().name;
      bool any = false;
      for (const ScopeColumn& column : scope_->columns) {
        if ((table.empty() ? column.merged : column.table != table) || column.computed != nullptr) continue;
        types.push_back({"f" + std::to_string(types.size() + 1), column.column.type});
        fields.push_back(MakeColumn(column.column));
        any = true;
      }
      if (!any && !table.empty())
        return SqlError(sqlstate::kUndefinedTable, item->range) << "missing FROM-clause entry for table \"" << table << "\"";
      continue;
    }
    ASSIGN_OR_RETURN(ExprPtr field, Bind(*item));
    types.push_back({"f" + std::to_string(types.size() + 1), field->type});
    fields.push_back(std::move(field));
  }
  return MakeExpr(ExprKind::kStruct, Type::Struct(std::move(types)), false, std::move(fields));
}

bool IsRow(const Expr& expr) { return expr.kind == ExprKind::kStruct; }

// The operands of a comparison of rows: pairs. 42601 unless there are as many on both sides.
static Status CheckRows(const Expr& left, const Expr& right, TextRange range) {
  if (left.args.size() != right.args.size()) return SqlError(sqlstate::kSyntaxError, range) << "unequal number of entries in row expressions";
  if (left.args.empty()) return NotSupported("a comparison of rows of zero length", range);
  return OkStatus();
}

// (a, b) < (c, d) is a < c OR a = c AND b < d: the first unequal pair decides, and a NULL before it leaves the outcome open.
StatusOr<ExprPtr> CompareRows(BindContext* context, std::string_view op, const ExprPtr& left, const ExprPtr& right, TextRange range) {
  RETURN_IF_ERROR(CheckRows(*left, *right, range));
  const size_t count = left->args.size();
  auto pair = [&](std::string_view symbol, size_t i) -> StatusOr<ExprPtr> {
    if (IsRow(*left->args[i]) && IsRow(*right->args[i])) return CompareRows(context, symbol, left->args[i], right->args[i], range);
    return CallOperator(context, symbol, {left->args[i], right->args[i]}, range);
  };
  if (op == "=" || op == "<>") {
    std::vector<ExprPtr> tests;
    for (size_t i = 0; i < count; ++i) {
      ASSIGN_OR_RETURN(ExprPtr test, pair(op, i));
      tests.push_back(std::move(test));
    }
    return Combine(op == "=" ? ExprKind::kAnd : ExprKind::kOr, std::move(tests));
  }
  if (op != "<" && op != "<=" && op != ">" && op != ">=")
    return SqlError(sqlstate::kDatatypeMismatch, range) << "rows are compared by = <> < <= > >=, not by " << op;
  const std::string_view strict = op.substr(0, 1);
  ASSIGN_OR_RETURN(ExprPtr result, pair(op, count - 1));
  for (size_t i = count - 1; i-- > 0;) {
    ASSIGN_OR_RETURN(ExprPtr before, pair(strict, i));
    ASSIGN_OR_RETURN(ExprPtr equal, pair("=", i));
    result = Combine(ExprKind::kOr, {std::move(before), Combine(ExprKind::kAnd, {std::move(equal), std::move(result)})});
  }
  return result;
}

// A row is NULL when all of its fields are; it IS NOT NULL when none is.
ExprPtr RowNullTest(const ExprPtr& row, bool negated) {
  std::vector<ExprPtr> tests;
  for (size_t i = 0; i < row->type.fields().size(); ++i) {
    ExprPtr field;
    if (IsRow(*row)) {
      field = row->args[i];
    } else {
      auto access = std::make_shared<Expr>();
      access->kind = ExprKind::kField;
      access->type = row->type.fields()[i].type;
      access->field = static_cast<int>(i);
      access->args = {row};
      field = access;
    }
    ExprPtr test = MakeIsNull(std::move(field));
    tests.push_back(negated ? MakeNot(std::move(test)) : std::move(test));
  }
  if (tests.empty()) return MakeConstant(Datum::Bool(true), TypeId::kBool);
  return Combine(ExprKind::kAnd, std::move(tests));
}

}  // namespace kappa
