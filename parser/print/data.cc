#include "parser/print/sql_writer.h"

namespace kappa::print {

void SqlWriter::Assignments(const std::vector<ast::Assignment>& assignments) {
  List(assignments, [&](const ast::Assignment& assignment) {
    assignment.columns.size() == 1 ? Name(assignment.columns.front()) : Names(assignment.columns);
    Add(" = ");
    Expression(*assignment.value);
  });
}

void SqlWriter::Items(const std::vector<ast::SelectItem>& items) {
  List(items, [&](const ast::SelectItem& item) {
    Expression(*item.expression);
    if (!item.alias.name.empty()) Add(" AS ").Name(item.alias);
  });
}

void SqlWriter::Returning(const std::vector<ast::SelectItem>& items) {
  if (items.empty()) return;
  Add(" RETURNING ");
  Items(items);
}

void SqlWriter::Tables(std::string_view word, const std::vector<ast::TableReferencePtr>& tables) {
  if (tables.empty()) return;
  Add(word);
  List(tables, [&](const ast::TableReferencePtr& table) { Table(*table); });
}

void SqlWriter::Where(const ast::ExpressionPtr& condition) {
  if (condition == nullptr) return;
  Add(" WHERE ");
  Expression(*condition);
}

void SqlWriter::Insert(const ast::Insert& insert) {
  Add("INSERT INTO ").Name(insert.table).Add(" ");
  if (!insert.alias.name.empty()) Add("AS ").Name(insert.alias).Add(" ");
  if (!insert.columns.empty()) Names(insert.columns).Add(" ");
  insert.query != nullptr ? Query(*insert.query) : void(Add("DEFAULT VALUES"));
  if (insert.on_conflict) {
    Add(" ON CONFLICT ");
    if (!insert.on_conflict->columns.empty()) Names(insert.on_conflict->columns).Add(" ");
    Add("DO ");
    if (insert.on_conflict->assignments.empty()) {
      Add("NOTHING");
    } else {
      Add("UPDATE SET ");
      Assignments(insert.on_conflict->assignments);
      Where(insert.on_conflict->where);
    }
  }
  Returning(insert.returning);
  Emit(insert.emit);
}

void SqlWriter::Update(const ast::Update& update) {
  Add("UPDATE ").Name(update.table);
  if (!update.alias.name.empty()) Add(" AS ").Name(update.alias);
  Add(" SET ");
  Assignments(update.assignments);
  Tables(" FROM ", update.from);
  Where(update.where);
  Returning(update.returning);
}

void SqlWriter::Delete(const ast::Delete& remove) {
  if (remove.truncate) {
    Add("TRUNCATE TABLE ").Name(remove.table);
    return;
  }
  Add("DELETE FROM ").Name(remove.table);
  if (!remove.alias.name.empty()) Add(" AS ").Name(remove.alias);
  Tables(" USING ", remove.from);
  Where(remove.where);
  Returning(remove.returning);
}

void SqlWriter::Copy(const ast::Copy& copy) {
  Add("COPY ");
  if (copy.query != nullptr) {
    Add("(");
    Query(*copy.query);
    Add(")");
  } else {
    Name(copy.table);
    if (!copy.columns.empty()) Add(" ").Names(copy.columns);
  }
  Add(copy.from ? " FROM " : " TO ");
  copy.file.has_value() ? String(*copy.file) : Add(copy.from ? "STDIN" : "STDOUT");
  if (copy.options.empty()) return;
  Add(" WITH (");
  List(copy.options, [&](const ast::Option& option) {
    Name(ast::Identifier{option.name, false, {}}).Add(" ");
    String(option.value);
  });
  Add(")");
}

void SqlWriter::Prepare(const ast::Prepare& prepare) {
  Add("PREPARE ").Name(prepare.name);
  if (!prepare.types.empty()) {
    Add(" (");
    List(prepare.types, [&](const ast::TypeName& type) { Type(type); });
    Add(")");
  }
  Add(" AS ");
  Statement(*prepare.statement);
}

void SqlWriter::Execute(const ast::Execute& execute) {
  Add("EXECUTE ").Name(execute.name);
  if (execute.arguments.empty()) return;
  Add("(");
  Expressions(execute.arguments);
  Add(")");
}

void SqlWriter::Subscribe(const ast::Subscribe& subscribe) {
  Add("SUBSCRIBE TO ");
  if (subscribe.query == nullptr) {
    Name(subscribe.name);
    return;
  }
  Add("(");
  Query(*subscribe.query);
  Add(")");
}

void SqlWriter::Replay(const ast::Replay& replay) {
  Add("REPLAY ").Name(replay.name);
  if (replay.from) {
    Add(" FROM ");
    Position(*replay.from);
  }
  if (replay.until) {
    Add(" UNTIL ");
    Position(*replay.until);
  }
  if (!replay.into.empty()) Add(" INTO ").Name(replay.into);
  if (!replay.options.empty()) {
    Add(" WITH ");
    Options(replay.options);
  }
  if (replay.query == nullptr) return;
  Add(" AS ");
  Query(*replay.query);
  Emit(replay.emit);
}

void SqlWriter::ReplayCommand(const ast::ReplayCommand& command) {
  static constexpr std::string_view kVerbs[] = {"DIFF ", "CUTOVER ", "ROLLBACK ", "CANCEL REPLAY "};
  Add(kVerbs[static_cast<int>(command.verb)]).Name(command.name);
  if (command.limit == nullptr) return;
  Add(" LIMIT ");
  Expression(*command.limit);
}

}  // namespace kappa::print
