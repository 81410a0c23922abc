// The shape of trees, and the ranges of nodes.
#include <gtest/gtest.h>

#include <string>

#include "parser/ast/data_statements.h"
#include "parser/ast/definition_statements.h"
#include "parser/ast/statement_names.h"
#include "parser/parser.h"
#include "parser/printer.h"

namespace kappa {
namespace {

using namespace ast;  // NOLINT: the test is about these names

template <typename T, typename Base>
const T& Must(const std::unique_ptr<Base>& node) {
  const T* out = As<T>(*node);
  EXPECT_NE(out, nullptr);
  return *out;
}

StatementPtr MustParse(std::string_view text) {
  StatusOr<StatementPtr> statement = ParseStatement(text);
  EXPECT_TRUE(statement.ok()) << FormatError(statement.status(), "test", text);
  return *std::move(statement);
}

ExpressionPtr MustParseExpression(std::string_view text) {
  StatusOr<ExpressionPtr> expression = ParseExpression(text);
  EXPECT_TRUE(expression.ok()) << FormatError(expression.status(), "test", text);
  return *std::move(expression);
}

std::string_view TextOf(std::string_view text, TextRange range) { return text.substr(range.begin, range.end - range.begin); }

TEST(Ast, OperatorsBindAsInPostgres) {
  const ExpressionPtr e = MustParseExpression("a + b * c = -d::int AND NOT x IS NULL OR y");
  const auto& top = Must<Logical>(e);
  EXPECT_FALSE(top.conjunction);
  ASSERT_EQ(top.operands.size(), 2u);
  const auto& both = Must<Logical>(top.operands[0]);
  const auto& equal = Must<Binary>(both.operands[0]);
  EXPECT_EQ(equal.op, "=");
  EXPECT_EQ(Must<Binary>(Must<Binary>(equal.left).right).op, "*");
  EXPECT_EQ(Must<Unary>(equal.right).operand->kind, ExpressionKind::kCast);
  EXPECT_EQ(Must<Not>(both.operands[1]).operand->kind, ExpressionKind::kIs);
}

TEST(Ast, AndIsFlat) {
  const ExpressionPtr e = MustParseExpression("a AND b AND (c AND d) AND e");
  EXPECT_EQ(Must<Logical>(e).operands.size(), 4u);
}

TEST(Ast, RangesAreOffsetsIntoTheWholeText) {
  const std::string_view text = "-- größe\nSELECT 1;\n  SELECT bider, t.price + 2 FROM \"Bids\" AS t WHERE f(x) > 3 ;";
  StatusOr<std::vector<StatementPtr>> statements = Parse(text);
  ASSERT_TRUE(statements.ok());
  ASSERT_EQ(statements->size(), 2u);
  EXPECT_EQ(TextOf(text, (*statements)[0]->range), "SELECT 1");
  const auto& query = *Must<QueryStatement>((*statements)[1]).query;
  const auto& select = Must<Select>(query.body);
  EXPECT_EQ(TextOf(text, select.items[0].expression->range), "bider");
  const auto& sum = Must<Binary>(select.items[1].expression);
  EXPECT_EQ(TextOf(text, sum.range), "t.price + 2");
  EXPECT_EQ(TextOf(text, sum.op_range), "+");
  EXPECT_EQ(TextOf(text, select.from[0]->range), "\"Bids\" AS t");
  const auto& table = Must<NamedTable>(select.from[0]);
  EXPECT_EQ(table.name.last().name, "Bids");
  EXPECT_TRUE(table.name.last().quoted);
  EXPECT_EQ(TextOf(text, table.alias.name.range), "t");
  EXPECT_EQ(TextOf(text, Must<Binary>(select.where).left->range), "f(x)");
}

TEST(Ast, NamesFoldUnlessQuoted) {
  const ExpressionPtr e = MustParseExpression("Ab.\"Cd\"");
  const auto& column = Must<ColumnName>(e);
  EXPECT_EQ(column.name.parts[0].name, "ab");
  EXPECT_EQ(column.name.parts[1].name, "Cd");
}

TEST(Ast, ColumnsFieldsAndSubscripts) {
  const ExpressionPtr e = MustParseExpression("a.b[1].c");
  const auto& field = Must<FieldAccess>(e);
  EXPECT_EQ(field.field.name, "c");
  const auto& subscript = Must<Subscript>(field.base);
  EXPECT_EQ(Must<ColumnName>(subscript.base).name.parts.size(), 2u);
  EXPECT_EQ(Must<Star>(MustParseExpression("t.*")).qualifier.last().name, "t");
  EXPECT_TRUE(Must<FieldAccess>(MustParseExpression("(t).*")).star);
}

TEST(Ast, SpecialCallsHaveTheArgumentsOfTheirFunction) {
  const auto arguments = [](std::string_view text) {
    const ExpressionPtr e = MustParseExpression(text);
    const auto& call = Must<Call>(e);
    std::string out = ToString(call.name) + ":";
    for (const Argument& argument : call.arguments) out += " " + ToSql(*argument.value);
    return out;
  };
  EXPECT_EQ(arguments("EXTRACT(YEAR FROM ts)"), "extract: 'year' ts");
  EXPECT_EQ(arguments("SUBSTRING(a FROM 2 FOR 3)"), "substring: a 2 3");
  EXPECT_EQ(arguments("SUBSTRING(a FOR 3)"), "substring: a 1 3");
  EXPECT_EQ(arguments("POSITION('x' IN a)"), "position: a 'x'");
  EXPECT_EQ(arguments("TRIM(LEADING 'x' FROM a)"), "ltrim: a 'x'");
  EXPECT_EQ(arguments("TRIM(a)"), "btrim: a");
  EXPECT_EQ(arguments("OVERLAY(a PLACING b FROM 3)"), "overlay: a b 3");
}

TEST(Ast, WindowTablesInBothSpellings) {
  for (const std::string_view text : {"SELECT * FROM HOP(bids, b.ts, INTERVAL '2 s', INTERVAL '10 s') w",
                                      "SELECT * FROM HOP(TABLE bids, DESCRIPTOR(b.ts), INTERVAL '2 s', INTERVAL '10 s') AS w"}) {
    const StatementPtr statement = MustParse(text);
    const auto& select = Must<Select>(Must<QueryStatement>(statement).query->body);
    const auto& window = Must<WindowTable>(select.from[0]);
    EXPECT_EQ(window.window, WindowKind::kHop);
    EXPECT_EQ(Must<NamedTable>(window.input).name.last().name, "bids");
    EXPECT_EQ(ToString(window.time_column), "b.ts");
    ASSERT_EQ(window.arguments.size(), 2u);
    EXPECT_EQ(Must<TypedLiteral>(window.arguments[1]).text, "10 s");
    EXPECT_EQ(window.alias.name.name, "w");
  }
}

TEST(Ast, CreateSourceKeepsEverything) {
  const StatementPtr statement = MustParse(
      "CREATE SOURCE bids (a BIGINT NOT NULL, part INT METADATA FROM 'partition', t TIMESTAMP AS f(a), WATERMARK FOR t AS t - INTERVAL '4 s' MAX "
      "AHEAD "
      "INTERVAL '1 day') WITH (connector = 'kafka', properties.bootstrap.server = 'h:1', n = 5) FORMAT PLAIN ENCODE JSON (x = 'y') ON ERROR SKIP");
  const auto& create = Must<CreateRelation>(statement);
  EXPECT_EQ(create.relation, RelationKind::kSource);
  ASSERT_EQ(create.columns.size(), 3u);
  EXPECT_TRUE(create.columns[0].not_null);
  EXPECT_EQ(create.columns[0].type->name.last().name, "bigint");
  EXPECT_EQ(create.columns[1].metadata, "partition");
  EXPECT_NE(create.columns[2].computed, nullptr);
  ASSERT_EQ(create.watermarks.size(), 1u);
  EXPECT_NE(create.watermarks[0].max_ahead, nullptr);
  ASSERT_EQ(create.options.size(), 3u);
  EXPECT_EQ(create.options[1].name, "properties.bootstrap.server");
  EXPECT_TRUE(create.options[1].string);
  EXPECT_EQ(create.options[2].value, "5");
  EXPECT_FALSE(create.options[2].string);
  EXPECT_EQ(create.format->format.name, "plain");
  EXPECT_EQ(create.format->encode.name, "json");
  EXPECT_EQ(create.format->options.size(), 1u);
  EXPECT_EQ(create.on_error->action, ErrorAction::kSkip);
}

TEST(Ast, EmitAndItsAliases) {
  const auto mode = [](std::string_view emit) {
    return Must<CreateView>(MustParse("CREATE MATERIALIZED VIEW m AS SELECT 1 " + std::string(emit))).emit.emit;
  };
  EXPECT_EQ(mode(""), std::nullopt);
  EXPECT_EQ(mode("EMIT CHANGES"), EmitMode::kOnUpdate);
  EXPECT_EQ(mode("EMIT ON UPDATE"), EmitMode::kOnUpdate);
  EXPECT_EQ(mode("EMIT FINAL"), EmitMode::kOnWindowClose);
  EXPECT_EQ(mode("EMIT ON WINDOW CLOSE"), EmitMode::kOnWindowClose);
}

TEST(Ast, StructTypesNest) {
  const ExpressionPtr e = MustParseExpression("x::STRUCT<a INT, b STRUCT<c TEXT[], d NUMERIC(10,2)>>[]");
  const TypeName& type = Must<CastExpression>(e).type;
  EXPECT_EQ(type.array_dimensions, 1);
  ASSERT_EQ(type.fields.size(), 2u);
  ASSERT_EQ(type.fields[1].type.fields.size(), 2u);
  EXPECT_EQ(type.fields[1].type.fields[0].type.array_dimensions, 1);
  EXPECT_EQ(type.fields[1].type.fields[1].type.modifiers, (std::vector<int64_t>{10, 2}));
}

TEST(Ast, UnsupportedStatementsNameThemselves) {
  const auto name = [](std::string_view text) { return Must<UnsupportedStatement>(MustParse(text)).name; };
  EXPECT_EQ(name("create role r"), "CREATE ROLE");
  EXPECT_EQ(name("ALTER SEQUENCE s RESTART"), "ALTER SEQUENCE");
}

TEST(Ast, StatementsHaveNames) {
  using Named = std::pair<const char*, const char*>;
  for (const auto& [text, name] :
       {Named{"create unique index i on t (a)", "CREATE INDEX"}, Named{"UPDATE t SET a = 1", "UPDATE"}, Named{"SUBSCRIBE TO m", "SUBSCRIBE"},
        Named{"REPLAY m FROM EARLIEST", "REPLAY"}, Named{"ALTER MATERIALIZED VIEW m RENAME TO n", "ALTER MATERIALIZED VIEW"},
        Named{"DEALLOCATE ALL", "DEALLOCATE ALL"}}) {
    EXPECT_EQ(StatementName(*MustParse(text)), name);
  }
}

TEST(Ast, Numbers) {
  using Number = std::pair<const char*, const char*>;
  for (const auto& [written, digits] : {Number{"0xFF", "255"}, Number{"0b1010_0101", "165"}, Number{"0o17", "15"}, Number{"1_000", "1000"},
                                        Number{"0x7fffffffffffffff", "9223372036854775807"}, Number{"0x_0", "0"}}) {
    EXPECT_EQ(Must<Literal>(MustParseExpression(written)).text, digits);
  }
  EXPECT_EQ(Must<Literal>(MustParseExpression("1_0.5_0e1_0")).text, "10.50e10");
  EXPECT_FALSE(ParseExpression("1__0").ok());
  EXPECT_FALSE(ParseExpression("1_").ok());
  EXPECT_FALSE(ParseExpression("0xg").ok());
  EXPECT_EQ(SqlStateOf(ParseExpression("0x" + std::string(40, 'f')).status()), sqlstate::kNumericValueOutOfRange);
}

TEST(Ast, UnicodeEscapesWithAnotherCharacter) {
  EXPECT_EQ(Must<Literal>(MustParseExpression("U&'d!0061t!+000061!!' UESCAPE '!'")).text, "data!");
  EXPECT_EQ(Must<Literal>(MustParseExpression("U&'it''s \\\\'")).text, "it's \\");
  EXPECT_EQ(Must<ColumnName>(MustParseExpression("U&\"d\\0061\"\"t'\"")).name.last().name, "da\"t'");
  EXPECT_FALSE(ParseExpression("U&'a' UESCAPE '+'").ok());
}

TEST(Ast, AlterHasItsSteps) {
  const StatementPtr statement = MustParse("ALTER SOURCE s.t ADD COLUMN a INT NOT NULL, DROP COLUMN IF EXISTS b CASCADE, RENAME c TO d");
  const auto& alter = Must<Alter>(statement);
  EXPECT_EQ(alter.object, ObjectKind::kSource);
  ASSERT_EQ(alter.steps.size(), 3u);
  EXPECT_EQ(alter.steps[0].action, AlterAction::kAddColumn);
  EXPECT_TRUE(alter.steps[0].added->not_null);
  EXPECT_EQ(alter.steps[1].action, AlterAction::kDropColumn);
  EXPECT_TRUE(alter.steps[1].if_exists && alter.steps[1].cascade);
  EXPECT_EQ(alter.steps[2].column.name, "c");
  EXPECT_EQ(alter.steps[2].new_name.name, "d");
}

TEST(Ast, SecretsAreNotPrinted) {
  const StatementPtr statement = MustParse("CREATE SECRET s AS 'hunter2'");
  EXPECT_EQ(Must<CreateSecret>(statement).value, "hunter2");
  EXPECT_EQ(ToSql(*statement), "CREATE SECRET s AS '********'");
  const StatementPtr source = MustParse("CREATE SOURCE s (a INT) WITH (connector = 'kafka', password = SECRET app.pw)");
  EXPECT_TRUE(Must<CreateRelation>(source).options[1].secret);
  EXPECT_EQ(Must<CreateRelation>(source).options[1].value, "app.pw");
}

TEST(Ast, CopyInBothForms) {
  for (const char* text : {"COPY t TO STDOUT (FORMAT csv, HEADER, DELIMITER ';')", "COPY t TO STDOUT CSV HEADER DELIMITER ';'"}) {
    const StatementPtr statement = MustParse(text);
    const auto& options = Must<Copy>(statement).options;
    ASSERT_EQ(options.size(), 3u);
    EXPECT_EQ(options[0].name + options[0].value, "formatcsv");
    EXPECT_EQ(options[1].name + options[1].value, "headertrue");
    EXPECT_EQ(options[2].name + options[2].value, "delimiter;");
  }
}

}  // namespace
}  // namespace kappa
