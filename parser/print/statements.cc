#include "parser/print/sql_writer.h"
#include "parser/printer.h"

namespace kappa::print {

void SqlWriter::Insert(const ast::Insert& insert) {
  Add("INSERT INTO ").Name(insert.table).Add(" ");
  if (!insert.columns.empty()) Names(insert.columns).Add(" ");
  insert.query != nullptr ? Query(*insert.query) : void(Add("DEFAULT VALUES"));
  Emit(insert.emit);
}

void SqlWriter::Explain(const ast::Explain& explain) {
  static constexpr std::string_view kStages[] = {"", "LOGICAL", "DATAFLOW", "PIPELINES", "LLVM", "ASM"};
  Add("EXPLAIN ").Add(explain.analyze ? "ANALYZE " : "");
  const std::string_view stage = kStages[static_cast<int>(explain.stage)];
  if (explain.json) {
    Add("(").Add(stage).Add(stage.empty() ? "FORMAT JSON) " : ", FORMAT JSON) ");
  } else if (!stage.empty()) {
    Add("(").Add(stage).Add(") ");
  }
  Statement(*explain.statement);
}

// Values as strings, which every setting takes.
void SqlWriter::SetVariable(const ast::Set& set) {
  const bool reset = set.action == ast::SetAction::kReset;
  Add(reset ? "RESET " : set.local ? "SET LOCAL " : "SET ");
  if (reset && set.name.name == "all") {
    Add("ALL");
    return;
  }
  std::string_view name = set.name.name;
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    Add(QuoteIdentifier(name.substr(0, dot))).Add(".");
    name.remove_prefix(dot + 1);
  }
  Add(QuoteIdentifier(name));
  if (reset) return;
  Add(" = ");
  if (set.values.empty()) Add("DEFAULT");
  List(set.values, [&](const std::string& value) { String(value); });
}

void SqlWriter::Show(const ast::Show& show) {
  Add("SHOW ");
  for (const char c : show.what) out_ += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (!show.object.empty()) Add(show.what.starts_with("create") ? " " : " FROM ").Name(show.object);
  if (show.like.has_value()) Add(" LIKE ").String(*show.like);
}

void SqlWriter::Describe(const ast::Describe& describe) {
  Add("DESCRIBE ");
  if (describe.query != nullptr) return Query(*describe.query);
  describe.file.has_value() ? String(*describe.file) : Name(describe.name);
}

void SqlWriter::Statement(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::kQuery: {
      const auto& query = ast::Cast<ast::QueryStatement>(statement);
      Query(*query.query);
      return Emit(query.emit);
    }
    case ast::StatementKind::kCreateRelation:
      return CreateRelation(ast::Cast<ast::CreateRelation>(statement));
    case ast::StatementKind::kCreateView:
      return CreateView(ast::Cast<ast::CreateView>(statement));
    case ast::StatementKind::kCreateSink:
      return CreateSink(ast::Cast<ast::CreateSink>(statement));
    case ast::StatementKind::kInsert:
      return Insert(ast::Cast<ast::Insert>(statement));
    case ast::StatementKind::kExplain:
      return Explain(ast::Cast<ast::Explain>(statement));
    case ast::StatementKind::kSet:
      return SetVariable(ast::Cast<ast::Set>(statement));
    case ast::StatementKind::kShow:
      return Show(ast::Cast<ast::Show>(statement));
    case ast::StatementKind::kDescribe:
      return Describe(ast::Cast<ast::Describe>(statement));
    case ast::StatementKind::kDrop: {
      static constexpr std::string_view kKinds[] = {"SOURCE", "TABLE",    "VIEW",   "MATERIALIZED VIEW", "SINK", "INDEX",
                                                    "SCHEMA", "FUNCTION", "SECRET", "CONNECTION",        "USER"};
      const auto& drop = ast::Cast<ast::Drop>(statement);
      Add("DROP ").Add(kKinds[static_cast<int>(drop.object)]).Add(drop.if_exists ? " IF EXISTS " : " ");
      List(drop.names, [&](const ast::QualifiedName& name) { Name(name); });
      Add(drop.cascade ? " CASCADE" : "");
      return;
    }
    case ast::StatementKind::kTransaction: {
      static constexpr std::string_view kActions[] = {"BEGIN", "COMMIT", "ROLLBACK"};
      Add(kActions[static_cast<int>(ast::Cast<ast::Transaction>(statement).action)]);
      return;
    }
    case ast::StatementKind::kStatementSet:
      Add("EXECUTE STATEMENT SET BEGIN ");
      for (const auto& insert : ast::Cast<ast::StatementSet>(statement).inserts) {
        Insert(*insert);
        Add("; ");
      }
      Add("END");
      return;
    case ast::StatementKind::kUnsupported:
      Add(ast::Cast<ast::UnsupportedStatement>(statement).text);
      return;
  }
}

}  // namespace kappa::print
