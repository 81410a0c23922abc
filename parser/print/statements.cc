#include "parser/print/sql_writer.h"
#include "parser/printer.h"

namespace kappa::print {

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

// A setting's words, between their dots.
void SqlWriter::SettingName(std::string_view name) {
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    Add(QuoteIdentifier(name.substr(0, dot))).Add(".");
    name.remove_prefix(dot + 1);
  }
  Add(QuoteIdentifier(name));
}

// Values as strings, which every setting takes.
void SqlWriter::SetVariable(const ast::Set& set) {
  const bool reset = set.action == ast::SetAction::kReset;
  Add(reset ? "RESET " : set.local ? "SET LOCAL " : "SET ");
  if (reset && set.name.name == "all") {
    Add("ALL");
    return;
  }
  SettingName(set.name.name);
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
    case ast::StatementKind::kDrop:
      return Drop(ast::Cast<ast::Drop>(statement));
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
    case ast::StatementKind::kCreateIndex:
      return CreateIndex(ast::Cast<ast::CreateIndex>(statement));
    case ast::StatementKind::kCreateSecret:
      return CreateSecret(ast::Cast<ast::CreateSecret>(statement));
    case ast::StatementKind::kCreateConnection:
      return CreateConnection(ast::Cast<ast::CreateConnection>(statement));
    case ast::StatementKind::kCreateFunction:
      return CreateFunction(ast::Cast<ast::CreateFunction>(statement));
    case ast::StatementKind::kCreateSchema: {
      const auto& schema = ast::Cast<ast::CreateSchema>(statement);
      Add("CREATE SCHEMA ").Add(schema.if_not_exists ? "IF NOT EXISTS " : "").Name(schema.name);
      return;
    }
    case ast::StatementKind::kCreateUser: {
      const auto& user = ast::Cast<ast::CreateUser>(statement);
      Add("CREATE USER ").Add(user.if_not_exists ? "IF NOT EXISTS " : "").Name(user.name);
      for (const ast::Identifier& option : user.options) Add(" ").Name(option);
      return;
    }
    case ast::StatementKind::kAlter:
      return Alter(ast::Cast<ast::Alter>(statement));
    case ast::StatementKind::kComment:
      return Comment(ast::Cast<ast::Comment>(statement));
    case ast::StatementKind::kUpdate:
      return Update(ast::Cast<ast::Update>(statement));
    case ast::StatementKind::kDelete:
      return Delete(ast::Cast<ast::Delete>(statement));
    case ast::StatementKind::kCopy:
      return Copy(ast::Cast<ast::Copy>(statement));
    case ast::StatementKind::kPrepare:
      return Prepare(ast::Cast<ast::Prepare>(statement));
    case ast::StatementKind::kExecute:
      return Execute(ast::Cast<ast::Execute>(statement));
    case ast::StatementKind::kDeallocate: {
      const ast::Identifier& name = ast::Cast<ast::Deallocate>(statement).name;
      Add("DEALLOCATE ");
      name.name.empty() ? Add("ALL") : Name(name);
      return;
    }
    case ast::StatementKind::kFlush:
      Add("FLUSH");
      return;
    case ast::StatementKind::kSubscribe:
      return Subscribe(ast::Cast<ast::Subscribe>(statement));
    case ast::StatementKind::kReplay:
      return Replay(ast::Cast<ast::Replay>(statement));
    case ast::StatementKind::kReplayCommand:
      return ReplayCommand(ast::Cast<ast::ReplayCommand>(statement));
    case ast::StatementKind::kUnsupported:
      Add(ast::Cast<ast::UnsupportedStatement>(statement).text);
      return;
  }
}

}  // namespace kappa::print
