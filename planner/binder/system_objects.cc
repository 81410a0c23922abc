#include "planner/binder/system_objects.h"

#include <algorithm>

#include "planner/binder/types.h"

namespace kappa {
namespace {

constexpr std::string_view kNumbers[] = {"oid", "xid", "cid", "xid8"}, kTexts[] = {"name", "\"char\"", "aclitem", "pg_node_tree"};
constexpr std::string_view kObjectNames[] = {"regclass", "regtype",     "regproc",      "regprocedure", "regnamespace", "regrole",
                                             "regoper",  "regoperator", "regcollation", "regconfig",    "regdictionary"};

template <typename Names>
bool IsOneOf(std::string_view word, const Names& names) {
  return std::find(std::begin(names), std::end(names), word) != std::end(names);
}

bool OfPgCatalog(const ast::TypeName& name) {
  return name.name.parts.size() == 1 || (name.name.parts.size() == 2 && name.name.parts[0].name == "pg_catalog");
}

std::string_view SchemaOf(const ast::QualifiedName& name) {
  return name.parts.size() > 1 ? std::string_view(name.parts[0].name) : std::string_view();
}

// What pg_description.classoid calls the catalogs that have comments.
int64_t CatalogOid(std::string_view name) {
  if (name == "pg_class") return 1259;
  if (name == "pg_type") return 1247;
  if (name == "pg_proc") return 1255;
  return name == "pg_namespace" ? 2615 : 0;
}

// Does a row of it take a row of a relation that has none?
bool ReadsEmptyRelation(const SystemObjects& system, const ast::TableReference& table) {
  if (const auto* named = ast::As<ast::NamedTable>(table)) return system.AlwaysEmpty(SchemaOf(named->name), named->name.last().name);
  const auto* join = ast::As<ast::Join>(table);
  if (join == nullptr) return false;
  const bool left = join->join == ast::JoinKind::kInner || join->join == ast::JoinKind::kCross || join->join == ast::JoinKind::kLeft;
  const bool right = join->join == ast::JoinKind::kInner || join->join == ast::JoinKind::kCross || join->join == ast::JoinKind::kRight;
  return (left && ReadsEmptyRelation(system, *join->left)) || (right && ReadsEmptyRelation(system, *join->right));
}

// An aggregate answers a row even of nothing. What hides one deeper in an expression than this looks is planned like any other query.
bool MayAggregate(const ast::Expression& expression) {
  if (const auto* call = ast::As<ast::Call>(expression)) {
    if (IsAggregateName(call->name.last().name) && call->over == nullptr) return true;
    return std::any_of(call->arguments.begin(), call->arguments.end(), [](const ast::Argument& argument) { return MayAggregate(*argument.value); });
  }
  if (const auto* cast = ast::As<ast::CastExpression>(expression)) return MayAggregate(*cast->operand);
  if (const auto* binary = ast::As<ast::Binary>(expression)) return MayAggregate(*binary->left) || MayAggregate(*binary->right);
  if (const auto* cases = ast::As<ast::Case>(expression)) {
    return std::any_of(cases->whens.begin(), cases->whens.end(),
                       [](const auto& branch) { return MayAggregate(*branch.when) || MayAggregate(*branch.then); }) ||
           (cases->otherwise != nullptr && MayAggregate(*cases->otherwise));
  }
  return false;
}

// The select whose names the result has; nullptr: some branch may hold rows.
const ast::Select* EmptyBranch(const SystemObjects& system, const ast::QueryBody& body) {
  if (const auto* operation = ast::As<ast::SetOperation>(body)) {
    const ast::Select* left = EmptyBranch(system, *operation->left);
    return left != nullptr && EmptyBranch(system, *operation->right) != nullptr ? left : nullptr;
  }
  const auto* select = ast::As<ast::Select>(body);
  if (select == nullptr) return nullptr;
  const bool empty = std::any_of(select->from.begin(), select->from.end(), [&](const auto& table) { return ReadsEmptyRelation(system, *table); });
  if (!empty || !select->group_by.empty() || select->having != nullptr) return nullptr;
  for (const ast::SelectItem& item : select->items) {
    if (item.expression->kind == ast::ExpressionKind::kStar || MayAggregate(*item.expression)) return nullptr;
  }
  return select;
}

}  // namespace

std::optional<Type> SystemTypeOf(const ast::TypeName& name) {
  if (!OfPgCatalog(name)) return std::nullopt;
  const std::string& word = name.name.last().name;
  std::optional<Type> type;
  if (IsOneOf(word, kNumbers)) type = Type(TypeId::kInt8);
  if (IsOneOf(word, kTexts) || (word == "char" && name.name.last().quoted)) type = Type(TypeId::kText);
  if (type && name.array_dimensions > 0) type = Type::Array(*type);
  return type;
}

bool IsObjectNameType(const ast::TypeName& name) {
  return OfPgCatalog(name) && name.array_dimensions == 0 && IsOneOf(name.name.last().name, kObjectNames);
}

StatusOr<std::optional<Relation>> BindSystemRelation(BindContext* context, const ast::QualifiedName& name) {
  const SystemObjects* system = context->settings->system.get();
  if (system == nullptr || name.parts.size() > 2) return std::optional<Relation>();
  const std::optional<SystemRelation> found = system->Relation(SchemaOf(name), name.last().name);
  if (!found) return std::optional<Relation>();
  if (context->streaming || !context->query.empty()) return NotSupported("a system catalog in a view, sink or table", name.range);
  Relation relation;
  std::vector<Column> output;
  for (const SystemRelation::Column& column : found->columns) {
    output.push_back(context->NewColumn(column.name, column.type, true));
    relation.scope.columns.push_back({"", column.name, output.back()});
  }
  // The number of the catalog that a row is of: there when it is asked for.
  relation.scope.columns.push_back(
      {"", "tableoid", context->NewColumn("tableoid", TypeId::kInt8, false), MakeConstant(Datum::Int(CatalogOid(name.last().name)), TypeId::kInt8)});
  ValuesOp values;
  for (const std::vector<Datum>& row : found->rows) {
    std::vector<ExprPtr> constants;
    for (size_t i = 0; i < row.size(); ++i) constants.push_back(MakeConstant(row[i], found->columns[i].type));
    values.rows.push_back(std::move(constants));
  }
  relation.plan = context->Node(std::move(values), {}, std::move(output));
  return std::optional<Relation>(std::move(relation));
}

std::optional<Relation> BindEmptySystemQuery(BindContext* context, const ast::Query& query) {
  const SystemObjects* system = context->settings->system.get();
  if (system == nullptr || context->streaming || !query.with.empty()) return std::nullopt;
  const ast::Select* select = EmptyBranch(*system, *query.body);
  if (select == nullptr) return std::nullopt;
  Relation relation;
  std::vector<Column> output;
  for (const ast::SelectItem& item : select->items) {
    const std::string name = item.alias.name.empty() ? ImpliedName(*item.expression) : item.alias.name;
    output.push_back(context->NewColumn(name, TypeId::kText, true));
    relation.scope.columns.push_back({"", name, output.back()});
  }
  relation.plan = context->Node(ValuesOp{}, {}, std::move(output));
  return relation;
}

// Texts compare bytewise: the collations that say so change nothing.
StatusOr<ExprPtr> ExpressionBinder::BindCollate(const ast::Collate& collate) {
  const std::string& name = collate.collation.last().name;
  const bool bytewise = name == "default" || name == "C" || name == "POSIX" || name == "ucs_basic";
  if (!bytewise || (collate.collation.parts.size() > 1 && collate.collation.parts[0].name != "pg_catalog")) {
    return SqlError(sqlstate::kFeatureNotSupported, collate.collation.range)
           << "COLLATE \"" << name << "\" is not supported yet" << Hint("texts compare bytewise: COLLATE \"C\"");
  }
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(*collate.operand));
  ASSIGN_OR_RETURN(operand, CoerceUnknownToText(context_, std::move(operand)));
  if (operand->type.id() != TypeId::kText)
    return SqlError(sqlstate::kDatatypeMismatch, collate.range) << "collations are not supported by type " << TypeText(operand->type);
  return operand;
}

// Function calls and casts that the system catalog answers.
StatusOr<ExprPtr> ExpressionBinder::BindSystemFunction(const ast::Call& call, const std::vector<CatalogObjectPtr>& candidates) {
  if (context_->streaming || !context_->query.empty())
    return NotSupported("the function " + call.name.last().name + " in a view or sink", call.range);
  ASSIGN_OR_RETURN(ExprPtr value, BindSqlFunction(call, candidates));
  for (const CatalogObjectPtr& candidate : candidates) context_->depends_on.erase(candidate->name);
  return value;
}

StatusOr<ExprPtr> ExpressionBinder::BindSystemCast(const ast::CastExpression& cast) {
  if (const std::optional<Type> type = SystemTypeOf(cast.type)) {
    ASSIGN_OR_RETURN(ExprPtr operand, Bind(*cast.operand));
    return Coerce(context_, std::move(operand), *type, Coercion::kExplicit);
  }
  if (context_->streaming || !context_->query.empty()) return NotSupported("type " + cast.type.name.last().name + " in a view or sink", cast.range);
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(*cast.operand));
  const bool digits = operand->kind == ExprKind::kConstant && operand->type.id() == TypeId::kUnknown && !operand->constant.is_null() &&
                      operand->constant.as_bytes().find_first_not_of("0123456789") == std::string::npos;
  if (digits) { ASSIGN_OR_RETURN(operand, Coerce(context_, std::move(operand), TypeId::kInt8, Coercion::kExplicit)); }
  const bool from_text = !operand->type.is_integer();
  const std::vector<CatalogObjectPtr> functions = context_->settings->system->NameCast(cast.type.name.last().name, from_text);
  if (functions.empty()) return NotSupported("type " + cast.type.name.last().name, cast.range);
  std::vector<ExprPtr> args(functions[0]->As<FunctionObject>()->parameters.size());  // those after the first have defaults
  args[0] = std::move(operand);
  return InlineFunction(*functions[0], std::move(args), cast.range);
}

}  // namespace kappa
