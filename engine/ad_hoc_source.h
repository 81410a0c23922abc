// FROM 'events.json', read_json('dir/*.json'), read_csv('data.csv', header => true), kafka('host:port', 'topic'): sources without a declaration.
// Their columns are found by reading the first records (formats/infer.h).
#pragma once

#include "catalog/catalog.h"
#include "common/connector.h"
#include "planner/settings.h"

namespace kappa {

// Opens the source and looks at its first records; for kafka, waits a few seconds at most. 58P01: no such file; 22032: no records, or of another
// form; 22023: an argument that is none. The message names the source.
StatusOr<SourceObject> InferSource(const ConnectorRegistry& connectors, const ConnectorContext& context, const AdHocSource& wanted);

}  // namespace kappa
