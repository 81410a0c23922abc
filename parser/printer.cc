#include "parser/printer.h"

#include "parser/print/sql_writer.h"

namespace kappa {
namespace {

template <typename Write>
std::string Written(const Write& write) {
  print::SqlWriter writer;
  write(writer);
  return writer.Take();
}

}  // namespace

std::string ToSql(const ast::Expression& expression) {
  return Written([&](print::SqlWriter& w) { w.Expression(expression); });
}
std::string ToSql(const ast::Query& query) {
  return Written([&](print::SqlWriter& w) { w.Query(query); });
}
std::string ToSql(const ast::TableReference& table) {
  return Written([&](print::SqlWriter& w) { w.Table(table); });
}
std::string ToSql(const ast::TypeName& type) {
  return Written([&](print::SqlWriter& w) { w.Type(type); });
}
std::string ToSql(const ast::Column& column) {
  return Written([&](print::SqlWriter& w) { w.Definition(column); });
}
std::string ToSql(const ast::Statement& statement) {
  return Written([&](print::SqlWriter& w) { w.Statement(statement); });
}

}  // namespace kappa
