// What FORMAT and ENCODE of a source come to: options of CSV, keys, and the dataflow of sources whose records say what the row of a key is now.
//
//   Scan(key, partition, offset, deleted, columns) -> Aggregate(last change by key) -> Filter(it is no deletion) -> Project(columns)
//
// A change of a key replaces what was there when it stands behind it in the log: by partition, then offset.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "parser/ast/statement.h"
#include "planner/binder/context.h"

namespace kappa {

// Options of ENCODE CSV, checked, under the names that formats/csv/format.h reads. 22023: not such a value; 42704: no such option.
Status TakeCsvOptions(const std::vector<ast::Option>& written, bool sink, Options* options);

// Columns of a keyed scan beside those that are declared.
struct UpsertColumns {
  std::vector<Column> keys;
  Column partition, offset, deleted;
  std::vector<Column> values, shown;  // as scanned, and as the source shows them
};
// Adds them to the scan, whose own columns come to have ids apart from those of `columns`, which are what is shown.
UpsertColumns AddUpsertColumns(BindContext* context, const SourceObject& source, std::vector<Column>* columns, ScanOp* scan,
                               std::vector<Column>* physical, Scope* scope);
// The changelog of what each key's last record says.
StatusOr<LogicalPtr> LastOfKey(BindContext* context, LogicalPtr scan, const UpsertColumns& upsert);

}  // namespace kappa
