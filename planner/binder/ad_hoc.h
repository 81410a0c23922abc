// Sources that FROM names without a declaration: 'events.json', read_json('dir/*.json'), read_csv('f.csv', header => true), kafka('host:port',
// 'topic').
#pragma once

#include <string>

#include "parser/ast/query.h"
#include "planner/binder/context.h"

namespace kappa {

// What such a table is called where no alias is given: the file's name without folders and endings.
std::string FileAlias(std::string_view path);
bool IsAdHocFunction(const ast::Call& call);  // read_json, read_csv, kafka
// Its arguments: texts by position, options by name. 42601, 42804, 42704: what is wrong with them.
StatusOr<AdHocSource> AdHocCall(BindContext* context, const ast::Call& call);

}  // namespace kappa
