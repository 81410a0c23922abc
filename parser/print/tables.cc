#include "parser/print/sql_writer.h"

namespace kappa::print {

void SqlWriter::Alias(const ast::TableAlias& alias) {
  if (alias.name.name.empty()) return;
  Add(" AS ").Name(alias.name);
  if (!alias.columns.empty()) Add(" ").Names(alias.columns);
}

void SqlWriter::Position(const ast::LogPosition& position) {
  static constexpr std::string_view kWords[] = {"EARLIEST", "LATEST", "OFFSETS ", "TIMESTAMP "};
  Add(kWords[static_cast<int>(position.kind)]);
  if (position.kind == ast::LogPositionKind::kOffsets || position.kind == ast::LogPositionKind::kTimestamp) String(position.text);
}

void SqlWriter::NamedTable(const ast::NamedTable& table) {
  Name(table.name);
  if (table.log_range.has_value()) {
    Add(" FOR LOG");
    if (table.log_range->from.has_value()) {
      Add(" FROM ");
      Position(*table.log_range->from);
    }
    if (table.log_range->until.has_value()) {
      Add(" UNTIL ");
      Position(*table.log_range->until);
    }
  }
  if (table.system_time.has_value()) {
    Add(" FOR SYSTEM_TIME AS OF ");
    if (table.system_time->time != nullptr) return Expression(*table.system_time->time, kOtherOperator);
    Add("EPOCH " + std::to_string(table.system_time->epoch.value_or(0)));
  }
}

void SqlWriter::WindowTable(const ast::WindowTable& table) {
  static constexpr std::string_view kWords[] = {"TUMBLE(", "HOP(", "CUMULATE(", "SESSION("};
  Add(kWords[static_cast<int>(table.window)]);
  auto name = [&](size_t argument) {
    if (argument < table.names.size() && !table.names[argument].name.empty()) Name(table.names[argument]).Add(" => ");
  };
  name(0);
  if (table.descriptor && table.input->kind == ast::TableReferenceKind::kName) Add("TABLE ");
  Table(*table.input);
  if (!table.partition_by.empty()) {
    const bool several = table.partition_by.size() > 1;
    Add(several ? " PARTITION BY (" : " PARTITION BY ");
    Expressions(table.partition_by);
    if (several) Add(")");
  }
  Add(", ");
  name(1);
  Add(table.descriptor ? "DESCRIPTOR(" : "").Name(table.time_column).Add(table.descriptor ? ")" : table.time_call ? "()" : "");
  for (size_t i = 0; i < table.arguments.size(); ++i) {
    Add(", ");
    name(i + 2);
    Expression(*table.arguments[i]);
  }
  Add(")");
}

void SqlWriter::JoinSide(const ast::TableReference& table, bool right) {
  const auto* join = ast::As<ast::Join>(table);
  // A join with an alias, or to the right of another, is in parentheses.
  const bool parentheses = join != nullptr && (right || !table.alias.name.name.empty());
  if (parentheses) Add("(");
  join != nullptr ? Join(*join) : Table(table);
  if (!parentheses) return;
  Add(")");
  Alias(table.alias);
}

void SqlWriter::Join(const ast::Join& top) {
  static constexpr std::string_view kWords[] = {"", "LEFT ", "RIGHT ", "FULL ", "CROSS "};
  std::vector<const ast::Join*> spine{&top};
  const ast::TableReference* head = top.left.get();
  while (head->kind == ast::TableReferenceKind::kJoin && head->alias.name.name.empty()) {
    spine.push_back(&ast::Cast<ast::Join>(*head));
    head = spine.back()->left.get();
  }
  JoinSide(*head, false);
  for (size_t i = spine.size(); i-- > 0;) {
    const ast::Join& join = *spine[i];
    Add(" ").Add(join.natural ? "NATURAL " : "").Add(join.asof ? "ASOF " : "").Add(kWords[static_cast<int>(join.join)]).Add("JOIN ");
    JoinSide(*join.right, true);
    if (join.on != nullptr) {
      Add(" ON ");
      Expression(*join.on);
    }
    if (!join.using_columns.empty()) Add(" USING ").Names(join.using_columns);
    if (!join.using_alias.name.empty()) Add(" AS ").Name(join.using_alias);
  }
}

void SqlWriter::Table(const ast::TableReference& table) {
  switch (table.kind) {
    case ast::TableReferenceKind::kJoin:
      if (table.alias.name.name.empty()) return Join(ast::Cast<ast::Join>(table));
      return JoinSide(table, false);
    case ast::TableReferenceKind::kName:
      NamedTable(ast::Cast<ast::NamedTable>(table));
      break;
    case ast::TableReferenceKind::kFile:
      String(ast::Cast<ast::FileTable>(table).path);
      break;
    case ast::TableReferenceKind::kWindow:
      WindowTable(ast::Cast<ast::WindowTable>(table));
      break;
    case ast::TableReferenceKind::kSubquery: {
      const auto& subquery = ast::Cast<ast::SubqueryTable>(table);
      Add(subquery.lateral ? "LATERAL (" : "(");
      Query(*subquery.query);
      Add(")");
      break;
    }
    case ast::TableReferenceKind::kFunction: {
      const auto& function = ast::Cast<ast::FunctionTable>(table);
      if (function.lateral) Add("LATERAL ");
      Call(*function.call);
      if (function.with_ordinality) Add(" WITH ORDINALITY");
      if (function.record.empty()) break;
      Add(" AS ");
      if (!table.alias.name.name.empty()) Name(table.alias.name).Add(" ");
      return Fields(function.record);
      break;
    }
  }
  Alias(table.alias);
}

}  // namespace kappa::print
