#include <algorithm>

#include "parser/print/sql_writer.h"
#include "parser/printer.h"

namespace kappa::print {

// Option names and values keep what they are: properties.bootstrap.server = 'x'.
void SqlWriter::Options(const std::vector<ast::Option>& options) {
  Add("(");
  List(options, [&](const ast::Option& option) {
    size_t begin = 0;
    bool words = !option.name.empty();
    while (words && begin <= option.name.size()) {  // a name that is not dotted words was written as a string
      const size_t end = std::min(option.name.find('.', begin), option.name.size());
      const std::string part = option.name.substr(begin, end - begin);
      words =
          !part.empty() && part.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string::npos && (part[0] < '0' || part[0] > '9');
      begin = end + 1;
    }
    words ? Add(option.name) : String(option.name);
    Add(" = ");
    if (option.secret) {
      Add("SECRET ").Add(option.value);
    } else {
      option.string ? String(option.value) : Add(option.value);
    }
  });
  Add(")");
}

void SqlWriter::Format(const ast::FormatClause& format) {
  if (!format.format.name.empty()) Add(" FORMAT ").Name(format.format);
  Add(" ENCODE ").Name(format.encode);
  if (!format.options.empty()) {
    Add(" ");
    Options(format.options);
  }
  if (format.key_encode.name.empty()) return;
  Add(" KEY ENCODE ").Name(format.key_encode);
  if (format.key_options.empty()) return;
  Add(" ");
  Options(format.key_options);
}

void SqlWriter::Emit(const ast::EmitClause& emit) {
  if (emit.emit.has_value()) Add(*emit.emit == ast::EmitMode::kOnUpdate ? " EMIT ON UPDATE" : " EMIT ON WINDOW CLOSE");
  if (!emit.late_into.empty()) Add(" LATE INTO ").Name(emit.late_into);
}

void SqlWriter::Column(const ast::Column& column) {
  Name(column.name);
  if (column.type.has_value()) {
    Add(" ");
    Type(*column.type);
  }
  if (column.not_null) Add(" NOT NULL");
  if (column.primary_key) Add(" PRIMARY KEY");
  if (column.default_value != nullptr) {
    Add(" DEFAULT ");
    Expression(*column.default_value);
  }
  if (column.computed != nullptr) {
    Add(" AS ");
    Expression(*column.computed);
  }
  if (column.metadata.has_value()) Add(" METADATA FROM ").String(*column.metadata);
}

void SqlWriter::CreateRelation(const ast::CreateRelation& create) {
  Add("CREATE ").Add(create.or_replace ? "OR REPLACE " : "").Add(create.temporary ? "TEMPORARY " : "");
  Add(create.relation == ast::RelationKind::kSource ? "SOURCE " : "TABLE ").Add(create.if_not_exists ? "IF NOT EXISTS " : "").Name(create.name);

  std::string_view gap = " (";
  auto element = [&] {
    Add(gap);
    gap = ", ";
  };
  if (create.star) {
    element();
    Add("*");
  }
  for (const ast::Column& column : create.columns) {
    element();
    Column(column);
  }
  if (!create.primary_key.empty()) {
    element();
    Add("PRIMARY KEY ").Names(create.primary_key);
  }
  for (const ast::Watermark& watermark : create.watermarks) {
    element();
    Add("WATERMARK FOR ").Name(watermark.column).Add(" AS ");
    Expression(*watermark.expression);
    if (watermark.max_ahead == nullptr) continue;
    Add(" MAX AHEAD ");
    Expression(*watermark.max_ahead);
  }
  if (gap == ", ") Add(")");

  if (create.append_only) Add(" APPEND ONLY");
  if (create.on_conflict.has_value()) {
    static constexpr std::string_view kWords[] = {"OVERWRITE", "IGNORE", "DO UPDATE IF NOT NULL"};
    Add(" ON CONFLICT ").Add(kWords[static_cast<int>(*create.on_conflict)]);
  }
  for (const ast::IncludeColumn& include : create.includes) {
    Add(" INCLUDE ").Name(include.source);
    if (include.field.has_value()) Add(" ").String(*include.field);
    if (include.type.has_value()) {
      Add(" ");
      Type(*include.type);
    }
    if (!include.alias.name.empty()) Add(" AS ").Name(include.alias);
  }
  if (create.has_options) {
    Add(" WITH ");
    Options(create.options);
  }
  if (create.format.has_value()) Format(*create.format);
  if (create.on_error.has_value()) {
    static constexpr std::string_view kWords[] = {"FAIL", "SKIP", "DEAD LETTER"};
    Add(" ON ERROR ").Add(kWords[static_cast<int>(create.on_error->action)]);
    if (!create.on_error->dead_letter_table.empty()) Add(" INTO ").Name(create.on_error->dead_letter_table);
  }
  if (create.on_offset_lost.has_value()) {
    static constexpr std::string_view kWords[] = {"FAIL", "EARLIEST", "LATEST"};
    Add(" ON OFFSET LOST ").Add(kWords[static_cast<int>(create.on_offset_lost->action)]);
  }
  if (create.query != nullptr) {
    Add(" AS ");
    Query(*create.query);
  }
}

void SqlWriter::CreateView(const ast::CreateView& create) {
  Add("CREATE ").Add(create.or_replace ? "OR REPLACE " : "").Add(create.materialized ? "MATERIALIZED VIEW " : "VIEW ");
  Add(create.if_not_exists ? "IF NOT EXISTS " : "").Name(create.name);
  if (!create.columns.empty()) Add(" ").Names(create.columns);
  if (!create.options.empty()) {
    Add(" WITH ");
    Options(create.options);
  }
  Add(" AS ");
  Query(*create.query);
  Emit(create.emit);
}

void SqlWriter::CreateSink(const ast::CreateSink& create) {
  Add("CREATE ").Add(create.or_replace ? "OR REPLACE " : "").Add("SINK ").Add(create.if_not_exists ? "IF NOT EXISTS " : "").Name(create.name);
  if (!create.columns.empty()) {
    Add(" (");
    List(create.columns, [&](const ast::Column& column) { Column(column); });
    Add(")");
  }
  if (!create.into.empty()) Add(" INTO ").Name(create.into);
  if (!create.from.empty()) Add(" FROM ").Name(create.from);
  if (create.query != nullptr) {
    Add(" AS ");
    Query(*create.query);
  }
  Emit(create.emit);
  if (!create.options.empty()) {
    Add(" WITH ");
    Options(create.options);
  }
  if (create.format.has_value()) Format(*create.format);
}

}  // namespace kappa::print
