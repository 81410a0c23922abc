// Choosing among overloads, and common types (PostgreSQL's manual, sections 10.2, 10.3 and 10.5).
#include <algorithm>
#include <functional>
#include <iterator>

#include "functions/registry.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

using Signature = std::vector<TypeId>;

char CategoryOf(TypeId type) {
  switch (type) {
    case TypeId::kBool:
      return 'B';
    case TypeId::kInt2:
    case TypeId::kInt4:
    case TypeId::kInt8:
    case TypeId::kFloat4:
    case TypeId::kFloat8:
    case TypeId::kNumeric:
      return 'N';
    case TypeId::kText:
      return 'S';
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return 'D';
    case TypeId::kInterval:
      return 'T';
    case TypeId::kArray:
      return 'A';
    case TypeId::kStruct:
      return 'C';
    case TypeId::kUnknown:
      return 'X';
    case TypeId::kAny:
    case TypeId::kAnyElement:
    case TypeId::kAnyArray:
      return 'P';
    default:
      return 'U';
  }
}

bool IsPreferred(TypeId type) {
  return type == TypeId::kBool || type == TypeId::kFloat8 || type == TypeId::kText || type == TypeId::kTimestampTz || type == TypeId::kInterval;
}

bool Accepts(TypeId wanted, const Type& given) { return CanCoerce(given, Type(wanted), Coercion::kImplicit); }

// Keeps the candidates with the highest score.
void KeepBest(std::vector<int>* candidates, const std::function<int(int)>& score) {
  int best = 0;
  for (int c : *candidates) best = std::max(best, score(c));
  std::erase_if(*candidates, [&](int c) { return score(c) < best; });
}

// The rules for arguments that are bare literals: one category for all candidates decides, strings first.
void KeepByCategory(std::vector<int>* candidates, const std::vector<Signature>& signatures, const std::vector<Type>& given) {
  for (size_t i = 0; i < given.size() && candidates->size() > 1; ++i) {
    if (given[i].id() != TypeId::kUnknown) continue;
    bool any_string = false, same = true;
    const char first = CategoryOf(signatures[candidates->front()][i]);
    for (int c : *candidates) {
      any_string |= CategoryOf(signatures[c][i]) == 'S';
      same &= CategoryOf(signatures[c][i]) == first;
    }
    if (!any_string && !same) continue;
    const char category = any_string ? 'S' : first;
    bool preferred = false;
    for (int c : *candidates) preferred |= CategoryOf(signatures[c][i]) == category && IsPreferred(signatures[c][i]);
    std::erase_if(*candidates, [&](int c) { return CategoryOf(signatures[c][i]) != category || (preferred && !IsPreferred(signatures[c][i])); });
  }
}

// Do the arguments agree on what anyelement stands for?
bool Agree(const Signature& signature, const std::vector<Type>& given) {
  const bool arrays = std::find(signature.begin(), signature.end(), TypeId::kAnyArray) != signature.end();
  if (!arrays) return true;
  Type element;
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i].id() == TypeId::kUnknown) continue;
    Type one;
    if (signature[i] == TypeId::kAnyElement) {
      if (given[i].id() == TypeId::kArray) return false;
      one = given[i];
    } else if (signature[i] == TypeId::kAnyArray && given[i].id() == TypeId::kArray) {
      one = given[i].element();
    } else {
      continue;
    }
    if (element.id() == TypeId::kUnknown) {
      element = one;
    } else if (!element.SameId(one)) {
      if (CategoryOf(element.id()) != CategoryOf(one.id())) return false;
      if (CanCoerce(element, one, Coercion::kImplicit))
        element = one;
      else if (!CanCoerce(one, element, Coercion::kImplicit))
        return false;
    }
  }
  return true;
}

constexpr int kNone = -1, kAmbiguous = -2;

int Choose(const std::vector<Signature>& signatures, const std::vector<Type>& given) {
  std::vector<int> candidates;
  auto exact = [&](const Signature& signature, const std::vector<Type>& types) {
    for (size_t i = 0; i < types.size(); ++i)
      if (signature[i] != types[i].id() && !(signature[i] == TypeId::kAnyArray && types[i].id() == TypeId::kArray)) return false;
    return Agree(signature, types);
  };
  for (size_t s = 0; s < signatures.size(); ++s) {
    if (exact(signatures[s], given)) return static_cast<int>(s);
  }
  // Of two operands, one of them a bare literal: it is taken for the other's type if that fits.
  if (given.size() == 2 && (given[0].id() == TypeId::kUnknown) != (given[1].id() == TypeId::kUnknown)) {
    const Type known = given[0].id() == TypeId::kUnknown ? given[1] : given[0];
    for (size_t s = 0; s < signatures.size(); ++s)
      if (exact(signatures[s], {known, known})) return static_cast<int>(s);
  }
  for (size_t s = 0; s < signatures.size(); ++s) {
    bool fits = true;
    for (size_t i = 0; i < given.size(); ++i) fits &= Accepts(signatures[s][i], given[i]);
    fits = fits && Agree(signatures[s], given);
    if (fits) candidates.push_back(static_cast<int>(s));
  }
  if (candidates.size() <= 1) return candidates.empty() ? kNone : candidates[0];
  KeepBest(&candidates, [&](int c) {  // an array is taken for an array before it is taken for an element
    int arrays = 0;
    for (size_t i = 0; i < given.size(); ++i) arrays += given[i].id() == TypeId::kArray && signatures[c][i] == TypeId::kAnyArray;
    return arrays;
  });
  if (candidates.size() == 1) return candidates[0];
  KeepBest(&candidates, [&](int c) {
    int same = 0;
    for (size_t i = 0; i < given.size(); ++i) same += given[i].id() != TypeId::kUnknown && signatures[c][i] == given[i].id();
    return same;
  });
  if (candidates.size() == 1) return candidates[0];
  KeepBest(&candidates, [&](int c) {
    int preferred = 0;
    for (size_t i = 0; i < given.size(); ++i) {
      if (given[i].id() == TypeId::kUnknown) continue;
      preferred += signatures[c][i] == given[i].id() || (IsPreferred(signatures[c][i]) && CategoryOf(signatures[c][i]) == CategoryOf(given[i].id()));
    }
    return preferred;
  });
  if (candidates.size() == 1) return candidates[0];
  KeepByCategory(&candidates, signatures, given);
  if (candidates.size() == 1) return candidates[0];
  // All known arguments of one type: the literals are taken for it.
  Type known;
  for (const Type& type : given) {
    if (type.id() == TypeId::kUnknown) continue;
    if (known.id() != TypeId::kUnknown && !known.SameId(type)) return kAmbiguous;
    known = type;
  }
  if (known.id() == TypeId::kUnknown) return kAmbiguous;
  const std::vector<Type> assumed(given.size(), known);
  std::erase_if(candidates, [&](int c) {
    for (size_t i = 0; i < assumed.size(); ++i)
      if (!Accepts(signatures[c][i], assumed[i])) return true;
    return !Agree(signatures[c], assumed);
  });
  return candidates.size() == 1 ? candidates[0] : kAmbiguous;
}

std::vector<Type> TypesOf(BindContext* context, const std::vector<ExprPtr>& args) {
  std::vector<Type> types;
  for (const ExprPtr& arg : args) {
    const bool parameter = arg->kind == ExprKind::kParameter && arg->type.id() == TypeId::kUnknown;
    types.push_back(parameter ? context->parameters[arg->parameter] : arg->type);
  }
  return types;
}

template <typename Entry>
bool Expand(const Entry& entry, size_t count, Signature* signature) {
  *signature = entry.arguments;
  if constexpr (requires { entry.zoned; }) {
    if (entry.zoned) signature->pop_back();  // the session's zone is not written
  }
  if constexpr (requires { entry.variadic; }) {
    if (entry.variadic && !signature->empty()) {
      if (count < signature->size()) return false;
      signature->resize(count, signature->back());
    }
  }
  return signature->size() == count;
}

template <typename Entry>
struct Chosen {
  const Entry* entry = nullptr;
  int code = kNone;
  Type element;  // of a polymorphic call
};

// What anyelement stands for in a call: the common type of the arguments for it and of the elements of those for anyarray (PostgreSQL's anycompatible
// rule). kUnknown: the signature has neither, or nothing tells.
StatusOr<Type> ElementType(const Signature& signature, const std::vector<ExprPtr>& args) {
  std::vector<ExprPtr> elements;
  bool polymorphic = false;
  for (size_t i = 0; i < args.size(); ++i) {
    if (signature[i] == TypeId::kAnyElement) elements.push_back(args[i]);
    if (signature[i] == TypeId::kAnyArray && args[i]->type.id() == TypeId::kArray) elements.push_back(MakeConstant(Datum(), args[i]->type.element()));
    polymorphic |= signature[i] == TypeId::kAnyElement || signature[i] == TypeId::kAnyArray;
  }
  if (!polymorphic) return Type();
  const bool known = std::any_of(elements.begin(), elements.end(), [](const ExprPtr& e) { return e->type.id() != TypeId::kUnknown; });
  if (!known && elements.empty()) {
    return SqlError(sqlstate::kDatatypeMismatch, args.empty() ? TextRange() : args[0]->range)
           << "could not determine polymorphic type because input has type unknown" << Hint("add an explicit type cast");
  }
  return CommonType(elements, "arguments declared \"anycompatible\"");
}

template <typename Entry>
StatusOr<Chosen<Entry>> Resolve(BindContext* context, const std::vector<const Entry*>& overloads, std::vector<ExprPtr>* args) {
  std::vector<Signature> signatures;
  std::vector<const Entry*> entries;
  for (const Entry* entry : overloads) {
    Signature signature;
    if (!Expand(*entry, args->size(), &signature)) continue;
    signatures.push_back(std::move(signature));
    entries.push_back(entry);
  }
  const int chosen = Choose(signatures, TypesOf(context, *args));
  if (chosen < 0) return Chosen<Entry>{nullptr, chosen, Type()};
  Type element(TypeId::kText);
  bool text_arrays = false;
  if constexpr (requires { entries[chosen]->text_arrays; }) text_arrays = entries[chosen]->text_arrays;
  if (!text_arrays) { ASSIGN_OR_RETURN(element, ElementType(signatures[chosen], *args)); }
  for (size_t i = 0; i < args->size(); ++i) {
    Type wanted(signatures[chosen][i]);
    if (wanted.id() == TypeId::kAnyElement) wanted = element;
    if (wanted.id() == TypeId::kAnyArray) wanted = Type::Array(element);
    if (signatures[chosen][i] == TypeId::kArray) wanted = Type::Array(TypeId::kInt4);  // in a signature: an array of integers
    ASSIGN_OR_RETURN((*args)[i], Coerce(context, (*args)[i], wanted, Coercion::kImplicit));
  }
  return Chosen<Entry>{entries[chosen], chosen, element};
}

std::string TypeList(BindContext* context, const std::vector<ExprPtr>& args) {
  std::string out;
  for (const Type& type : TypesOf(context, args)) out += (out.empty() ? "" : ", ") + TypeText(type);
  return out;
}

// A function that gives back what it was given (max(any), coalesce-like) has the type of its first argument.
Type ResultType(TypeId result, const Type& element, const std::vector<ExprPtr>& args) {
  if (result == TypeId::kAnyElement) return element;
  if (result == TypeId::kAnyArray) return Type::Array(element);
  if (result == TypeId::kArray) return Type::Array(TypeId::kInt4);
  return result == TypeId::kAny && !args.empty() ? args[0]->type : Type(result);
}

// PostgreSQL's functions that answer rows: not inside an expression yet; whoever asks for one is not told to spell it otherwise.
Status NotAnExpression(std::string_view name, TextRange range) {
  static constexpr std::string_view kRows[] = {
      "generate_series", "generate_subscripts", "json_array_elements",  "json_array_elements_text",  "json_each",
      "json_each_text",  "json_object_keys",    "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_each",
      "jsonb_each_text", "jsonb_object_keys",   "jsonb_path_query",     "regexp_split_to_table",     "string_to_table",
      "unnest"};
  static constexpr std::string_view kRecords[] = {"json_populate_record",  "json_populate_recordset",  "json_to_record",  "json_to_recordset",
                                                  "jsonb_populate_record", "jsonb_populate_recordset", "jsonb_to_record", "jsonb_to_recordset"};
  if (std::find(std::begin(kRows), std::end(kRows), name) != std::end(kRows)) {
    return SqlError(sqlstate::kFeatureNotSupported, range)
           << std::string(name) << " in an expression is not supported yet" << Hint("call it in FROM, or as an item of its own in the select list");
  }
  if (std::find(std::begin(kRecords), std::end(kRecords), name) == std::end(kRecords)) return OkStatus();
  return SqlError(sqlstate::kFeatureNotSupported, range)
         << std::string(name) << " is not supported" << Hint("cast the value: CAST(j AS STRUCT<a INT, b TEXT>), or to an array of such");
}

// A constant path of the SQL/JSON language that is wrong is an error of the statement, not of each row.
Status CheckJsonPath(const FunctionEntry& entry, std::vector<ExprPtr>* args) {
  const bool path = entry.name == "@?" || entry.name == "@@" || entry.name.starts_with("jsonb_path_");
  if (!path || entry.arguments[0] != TypeId::kJsonb || (*args)[1]->kind != ExprKind::kConstant) return OkStatus();
  const FunctionEntry* check = FunctionRegistry::Get().Find(FunctionKind::kScalar, "kappa_jsonpath").front();
  ASSIGN_OR_RETURN((*args)[1], FoldConstant(WithExprRange(MakeCall(check, {(*args)[1]}, TypeId::kText), (*args)[1]->range)));
  return OkStatus();
}

// What PostgreSQL calls what others call so; else a name that is near.
Hint FunctionHint(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kElsewhere[] = {{"ifnull", "coalesce(a, b)"},
                                                                                 {"nvl", "coalesce(a, b)"},
                                                                                 {"isnull", "coalesce(a, b), or a IS NULL"},
                                                                                 {"len", "length(text)"},
                                                                                 {"getdate", "now()"},
                                                                                 {"sysdate", "now()"},
                                                                                 {"datediff", "a - b"},
                                                                                 {"dateadd", "ts + INTERVAL '1 day'"},
                                                                                 {"group_concat", "string_agg(text, ',')"},
                                                                                 {"listagg", "string_agg(text, ',')"},
                                                                                 {"collect_list", "array_agg(x)"},
                                                                                 {"median", "percentile_cont(0.5) WITHIN GROUP (ORDER BY x)"},
                                                                                 {"first", "first_value(x ORDER BY y), or DISTINCT ON"},
                                                                                 {"last", "last_value(x ORDER BY y)"},
                                                                                 {"instr", "strpos(text, part)"},
                                                                                 {"charindex", "strpos(text, part)"},
                                                                                 {"iff", "CASE WHEN a THEN b ELSE c END"},
                                                                                 {"if", "CASE WHEN a THEN b ELSE c END"},
                                                                                 {"date_format", "to_char(ts, 'YYYY-MM-DD')"},
                                                                                 {"unix_timestamp", "extract(epoch FROM ts)"},
                                                                                 {"from_unixtime", "to_timestamp(seconds)"},
                                                                                 {"regexp_extract", "(regexp_match(text, pattern))[1]"},
                                                                                 {"countif", "count(*) FILTER (WHERE condition)"},
                                                                                 {"arg_max", "first_value(x ORDER BY y DESC)"}};
  for (const auto& [other, ours] : kElsewhere) {
    if (other == name) return Hint("here it is " + std::string(ours));
  }
  return DidYouMean(name, FunctionRegistry::Get().Names());
}

}  // namespace

StatusOr<ExprPtr> CallFunction(BindContext* context, std::string_view name, std::vector<ExprPtr> args, TextRange range) {
  const auto overloads = FunctionRegistry::Get().Find(FunctionKind::kScalar, name);
  const std::string given = std::string(name) + "(" + TypeList(context, args) + ")";
  if (overloads.empty()) {
    RETURN_IF_ERROR(NotAnExpression(name, range));
    return SqlError(sqlstate::kUndefinedFunction, range) << "function " << given << " does not exist" << FunctionHint(name);
  }
  ASSIGN_OR_RETURN(const auto chosen, Resolve(context, overloads, &args));
  if (chosen.code == kAmbiguous) {
    return SqlError(sqlstate::kAmbiguousFunction, range)
           << "function " << given << " is not unique" << Hint("could not choose a best candidate function: add explicit type casts");
  }
  if (chosen.entry == nullptr) {
    std::string known;
    for (const FunctionEntry* entry : overloads) known += (known.empty() ? "" : ", ") + entry->Signature();
    return SqlError(sqlstate::kUndefinedFunction, range)
           << "function " << given << " does not exist" << Hint("there is " + known + "; you might need to add explicit type casts");
  }
  RETURN_IF_ERROR(CheckJsonPath(*chosen.entry, &args));
  const Type result = ResultType(chosen.entry->result, chosen.element, args);
  return WithExprRange(MakeSessionCall(*context, chosen.entry, std::move(args), result), range);
}

StatusOr<ExprPtr> CallOperator(BindContext* context, std::string_view symbol, std::vector<ExprPtr> args, TextRange range) {
  const auto overloads = FunctionRegistry::Get().Find(FunctionKind::kOperator, symbol);
  const std::vector<Type> types = TypesOf(context, args);
  const std::string given =
      args.size() == 2 ? TypeText(types[0]) + " " + std::string(symbol) + " " + TypeText(types[1]) : std::string(symbol) + " " + TypeText(types[0]);
  auto fits_struct = [](const ExprPtr& arg) { return arg->type.is_struct() || arg->type.id() == TypeId::kUnknown; };
  if (args.size() == 2 && fits_struct(args[0]) && fits_struct(args[1]) && (args[0]->type.is_struct() || args[1]->type.is_struct())) {
    ASSIGN_OR_RETURN(const Type common, CommonType(args, symbol));  // structs are compared as one type
    for (ExprPtr& arg : args) { ASSIGN_OR_RETURN(arg, Coerce(context, std::move(arg), common, Coercion::kImplicit)); }
  }
  ASSIGN_OR_RETURN(const auto chosen, Resolve(context, overloads, &args));
  if (chosen.code == kAmbiguous) {
    return SqlError(sqlstate::kAmbiguousFunction, range)
           << "operator is not unique: " << given << Hint("could not choose a best candidate operator: add explicit type casts");
  }
  if (chosen.entry == nullptr) {
    return SqlError(sqlstate::kUndefinedFunction, range)
           << "operator does not exist: " << given
           << Hint(symbol == "=="   ? "equality is written ="
                   : symbol == "&&" ? "conditions are joined by AND"
                                    : "no operator matches the given name and argument types: you might need to add explicit type casts");
  }
  RETURN_IF_ERROR(CheckJsonPath(*chosen.entry, &args));
  const Type result = ResultType(chosen.entry->result, chosen.element, args);
  return WithExprRange(MakeSessionCall(*context, chosen.entry, std::move(args), result), range);
}

StatusOr<ResolvedAggregate> ResolveAggregate(BindContext* context, std::string_view name, std::vector<ExprPtr> args, TextRange range) {
  const std::string given = std::string(name) + "(" + TypeList(context, args) + ")";
  ASSIGN_OR_RETURN(const auto chosen, Resolve(context, FunctionRegistry::Get().FindAggregates(name), &args));
  if (chosen.code == kAmbiguous)
    return SqlError(sqlstate::kAmbiguousFunction, range) << "function " << given << " is not unique" << Hint("add explicit type casts");
  if (chosen.entry == nullptr)
    return SqlError(sqlstate::kUndefinedFunction, range)
           << "function " << given << " does not exist" << Hint("you might need to add explicit type casts");
  const Type result = ResultType(chosen.entry->result, chosen.element, args);
  return ResolvedAggregate{chosen.entry, std::move(args), result};
}

StatusOr<Type> CommonType(const std::vector<ExprPtr>& exprs, std::string_view construct) {
  Type common;
  bool same_modifier = true;
  for (const ExprPtr& expr : exprs) {
    const Type& type = expr->type;
    if (type.id() == TypeId::kUnknown) {
      same_modifier &= expr->constant.is_null();
      continue;
    }
    if (common.id() == TypeId::kUnknown) {
      common = type;
      continue;
    }
    const bool composite = common.id() == TypeId::kArray || common.is_struct();
    same_modifier &= composite ? common == type : common.modifier() == type.modifier();
    if (common.SameId(type)) continue;
    if (common.is_struct() && type.is_struct() && common.fields().size() == type.fields().size()) {
      std::vector<StructField> fields = common.fields();
      for (size_t i = 0; i < fields.size(); ++i) {
        ASSIGN_OR_RETURN(fields[i].type,
                         CommonType({MakeConstant(Datum(), fields[i].type), MakeConstant(Datum(), type.fields()[i].type)}, construct));
      }
      common = Type::Struct(std::move(fields));
      continue;
    }
    if (CategoryOf(common.id()) != CategoryOf(type.id()) || common.is_struct() || type.is_struct()) {
      return SqlError(sqlstate::kDatatypeMismatch, expr->range)
             << construct << " types " << common.ToString() << " and " << type.ToString() << " cannot be matched";
    }
    if (!IsPreferred(common.id()) && CanCoerce(common, type, Coercion::kImplicit) && !CanCoerce(type, common, Coercion::kImplicit)) common = type;
  }
  if (common.id() == TypeId::kUnknown) return Type(TypeId::kText);
  if (same_modifier) return TypedAsText(common);
  return common.is_struct() ? TypedAsText(WithoutModifiers(common)) : WithoutModifiers(common);
}

}  // namespace kappa
