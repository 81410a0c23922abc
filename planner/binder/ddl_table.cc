// CREATE TABLE: columns, keys, defaults, and how the changelog of a table is read.
#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "common/hash.h"
#include "planner/binder/ddl.h"
#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

constexpr size_t kLongestTopicKey = 180;  // of the 249 characters that a topic's name may have
constexpr SqlState kDatatypeUndefined{"42704"};

// Letters, digits, '.' and '_' as they are, any other byte as -xx.
std::string TopicWord(const std::string& text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_')
      out.push_back(c);
    else
      out += {'-', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

Status CheckImmutable(const ExprPtr& expr, TextRange range) {
  bool changes = false;
  RewriteExpr(expr, [&](const ExprPtr& node) {
    changes |= node->function != nullptr && node->function->volatility != Volatility::kImmutable;
    return node;
  });
  if (changes) return SqlError(SqlState{"42P17"}, range) << "generation expression is not immutable";
  return OkStatus();
}

const ast::CreateRelation& DefinitionOf(const CatalogObject& table) { return *ast::As<ast::CreateRelation>(*table.definition); }

}  // namespace

std::string TableTopic(const std::string& prefix, const std::string& key) {
  std::string word = TopicWord(prefix) + TopicWord(key);
  if (word.size() > kLongestTopicKey) {
    const uint64_t hash = HashBytes(word.data(), word.size());
    word = word.substr(0, kLongestTopicKey - 17) + "-" + std::to_string(hash % 10'000'000'000'000'000);
  }
  return "kappa_table." + word;
}

Type StoredType(const Type& type) {
  const bool text = type.id() == TypeId::kJson || type.id() == TypeId::kJsonb || type.id() == TypeId::kArray;
  return text ? Type(TypeId::kText) : type;
}

SourceObject StoredForm(const TableObject& table) {
  SourceObject stored = table.source;
  for (size_t i = 0; i < stored.columns.size(); ++i) {
    CatalogColumn& column = stored.columns[i];
    column.type = StoredType(column.type);
    column.quoted = true;
    column.computed = false;
  }
  return stored;
}

Status DdlBinder::TableKey(const ast::CreateRelation& create, TableObject* table) {
  std::vector<CatalogColumn>& columns = table->source.columns;
  const std::string& name = create.name.last().name;
  std::vector<ast::Identifier> key;
  for (const ast::Column& column : create.columns) {
    if (!column.primary_key) continue;
    if (!key.empty() || !create.primary_key.empty())
      return SqlError(sqlstate::kInvalidTableDefinition, column.range) << "multiple primary keys for table \"" << name << "\" are not allowed";
    key.push_back(column.name);
  }
  for (const ast::Identifier& column : create.primary_key) key.push_back(column);
  for (const ast::Identifier& wanted : key) {
    std::vector<std::string> names;
    for (const CatalogColumn& column : columns) names.push_back(column.name);
    const auto found = std::find(names.begin(), names.end(), wanted.name);
    if (found == names.end()) {
      return SqlError(sqlstate::kUndefinedColumn, wanted.range)
             << "column \"" << wanted.name << "\" named in key does not exist" << DidYouMean(wanted.name, names);
    }
    const int position = static_cast<int>(found - names.begin());
    if (std::find(table->source.key.begin(), table->source.key.end(), position) != table->source.key.end())
      return SqlError(sqlstate::kDuplicateColumn, wanted.range) << "column \"" << wanted.name << "\" appears twice in primary key constraint";
    CatalogColumn& column = columns[static_cast<size_t>(position)];
    if (column.type.id() == TypeId::kJson) {
      return SqlError(kDatatypeUndefined, wanted.range)
             << "data type json has no default operator class for access method \"btree\"" << Hint("values of jsonb can be compared");
    }
    column.not_null = true;
    table->source.key.push_back(position);
  }
  return OkStatus();
}

StatusOr<TableObject> DdlBinder::BindTable(const ast::CreateRelation& create, const std::string& key) {
  if (create.temporary) return NotSupported("TEMPORARY", create.range);
  TableObject table;
  table.append_only = create.append_only;
  if (create.on_conflict) {
    table.conflict = *create.on_conflict == ast::ConflictAction::kOverwrite ? TableObject::Conflict::kOverwrite
                     : *create.on_conflict == ast::ConflictAction::kIgnore  ? TableObject::Conflict::kIgnore
                                                                            : TableObject::Conflict::kUpdateIfNotNull;
  }
  if (create.has_options || create.format) {
    table.takes_dml = false;
    ASSIGN_OR_RETURN(table.source, BindStream(create));
    table.generated.assign(table.source.columns.size(), false);
    table.append_only = table.source.envelope == "plain";
    if (create.query != nullptr) return NotSupported("CREATE TABLE AS with a connector", create.query->range);
    return table;
  }
  if (create.star) return NotSupported("columns from the schema of the format (*) without a connector", create.range);
  if (!create.includes.empty())
    return SqlError(sqlstate::kInvalidTableDefinition, create.includes[0].range) << "INCLUDE is for tables with a connector";
  if (create.on_error || create.on_offset_lost)
    return SqlError(sqlstate::kInvalidTableDefinition, create.range) << "ON ERROR and ON OFFSET LOST are for tables with a connector";
  SourceObject& source = table.source;
  source.connector = "log";
  table.topic = TableTopic(context_->settings->table_prefix, key);
  source.options = {{"topic", table.topic}, {"partitions", "1"}};
  source.envelope = table.append_only ? "plain" : "debezium";
  source.validate_full = false;
  source.on_error.action = CatalogErrorPolicy::Action::kFail;
  for (const ast::Column& declared : create.columns) {
    CatalogColumn column;
    column.name = declared.name.name;
    column.quoted = declared.name.quoted;
    column.not_null = declared.not_null;
    if (declared.metadata) return SqlError(sqlstate::kInvalidTableDefinition, declared.range) << "METADATA is for tables with a connector";
    if (declared.type) { ASSIGN_OR_RETURN(column.type, ResolveTypeName(*declared.type)); }
    for (const CatalogColumn& other : source.columns) {
      if (other.name == column.name)
        return SqlError(sqlstate::kDuplicateColumn, declared.name.range) << "column \"" << column.name << "\" specified more than once";
    }
    if (declared.computed != nullptr && declared.default_value != nullptr) {
      return SqlError(sqlstate::kSyntaxError, declared.range) << "both default and generation expression specified for column \"" << column.name
                                                              << "\" of table \"" << create.name.last().name << "\"";
    }
    source.columns.push_back(std::move(column));
    table.generated.push_back(declared.computed != nullptr);
  }
  // Expressions are bound once now, so that their errors are the definition's.
  Scope row;
  for (size_t i = 0; i < source.columns.size(); ++i) {
    const CatalogColumn& column = source.columns[i];
    if (!table.generated[i]) row.columns.push_back({"", column.name, {static_cast<ColumnId>(i), column.name, column.type, !column.not_null}});
  }
  const Scope nothing;
  const bool streaming = std::exchange(context_->streaming, false);  // defaults may ask the clock: they are computed once
  const absl::Cleanup restore = [&] { context_->streaming = streaming; };
  for (size_t i = 0; i < create.columns.size(); ++i) {
    const ast::Column& declared = create.columns[i];
    CatalogColumn& column = source.columns[i];
    if (declared.default_value != nullptr) {
      StatusOr<ExprPtr> bound = ExpressionBinder(context_, &nothing, nullptr, "DEFAULT expressions").Bind(*declared.default_value);
      if (SqlStateOf(bound.status()) == sqlstate::kUndefinedColumn)
        return SqlError(sqlstate::kFeatureNotSupported, RangeOf(bound.status())) << "cannot use column reference in DEFAULT expression";
      ASSIGN_OR_RETURN(ExprPtr expr, std::move(bound));
      RETURN_IF_ERROR(WithRange(Coerce(context_, expr, column.type, Coercion::kAssignment).status(), declared.default_value->range));
    }
    if (declared.computed == nullptr) continue;
    ASSIGN_OR_RETURN(ExprPtr expr, ExpressionBinder(context_, &row, nullptr, "column generation expressions").BindTyped(*declared.computed));
    RETURN_IF_ERROR(CheckImmutable(expr, declared.computed->range));
    if (column.type.id() == TypeId::kUnknown)
      column.type = expr->type;
    else
      RETURN_IF_ERROR(WithRange(Coerce(context_, expr, column.type, Coercion::kAssignment).status(), declared.computed->range));
  }
  RETURN_IF_ERROR(TableKey(create, &table));
  if (create.on_conflict && source.key.empty()) return SqlError(sqlstate::kInvalidTableDefinition, create.range) << "ON CONFLICT needs a PRIMARY KEY";
  if (table.append_only && !source.key.empty()) {
    return SqlError(sqlstate::kFeatureNotSupported, create.range)
           << "PRIMARY KEY on a table that is APPEND ONLY is not supported" << Hint("leave out one of the two");
  }
  if (create.watermarks.size() > 1) return SqlError(sqlstate::kInvalidTableDefinition, create.watermarks[1].range) << "a table has one watermark";
  if (!create.watermarks.empty()) {
    if (!table.append_only) {
      return SqlError(sqlstate::kFeatureNotSupported, create.watermarks[0].column.range)
             << "a watermark is for tables whose rows only come" << Hint("declare the table APPEND ONLY");
    }
    ASSIGN_OR_RETURN(source.watermark, BindWatermark(create.watermarks[0], source.columns));
  }
  return table;
}

StatusOr<ExprPtr> BindDefault(BindContext* context, const CatalogObject& table, size_t column) {
  const ast::CreateRelation& create = DefinitionOf(table);
  if (column >= create.columns.size() || create.columns[column].default_value == nullptr) return ExprPtr();
  const FrozenContext frozen(context, table);
  const Scope nothing;
  ASSIGN_OR_RETURN(ExprPtr expr, ExpressionBinder(context, &nothing, nullptr, "DEFAULT expressions").Bind(*create.columns[column].default_value));
  return Coerce(context, std::move(expr), table.As<TableObject>()->source.columns[column].type, Coercion::kAssignment);
}

StatusOr<ExprPtr> BindGenerated(BindContext* context, const CatalogObject& table, size_t column, const Scope& row) {
  const ast::CreateRelation& create = DefinitionOf(table);
  const TableObject& object = *table.As<TableObject>();
  if (!object.takes_dml || !object.generated[column]) return ExprPtr();
  const FrozenContext frozen(context, table);
  ASSIGN_OR_RETURN(ExprPtr expr, ExpressionBinder(context, &row, nullptr, "column generation expressions").Bind(*create.columns[column].computed));
  return Coerce(context, std::move(expr), object.source.columns[column].type, Coercion::kAssignment);
}

}  // namespace kappa
