#include "engine/row_results.h"

namespace kappa {

RowSchema SchemaOfColumns(const std::vector<Column>& columns) {
  RowSchema schema;
  std::vector<RowLayout::Column> layout;
  for (const Column& column : columns) {
    schema.columns.push_back({column.name, column.type, column.nullable});
    layout.push_back({column.type, column.nullable});
  }
  schema.layout = RowLayout(layout);
  return schema;
}

Status AnswerRows(const std::vector<Column>& columns, const std::vector<TableRow>& rows, Results* results) {
  const RowSchema schema = SchemaOfColumns(columns);
  RETURN_IF_ERROR(results->OnSchema("", schema));
  std::string memory;
  for (const TableRow& row : rows) {
    memory.assign(schema.layout.size(), '\0');
    for (size_t i = 0; i < row.size(); ++i) schema.layout.Store(memory.data(), schema.layout.slots()[i], row[i]);
    const char* pointer = memory.data();
    RETURN_IF_ERROR(results->OnRows(ChangeBatch{&schema, std::span<const char* const>(&pointer, 1), {}, 0}));
  }
  return results->OnEnd(static_cast<int64_t>(rows.size()));
}

}  // namespace kappa
