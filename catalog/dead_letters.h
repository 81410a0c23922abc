// The schema of every table of dead letters: a topic of the embedded log, one JSON record a dead letter.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace kappa {

inline constexpr char kDeadLettersTable[] = "kappa_dead_letters";

// kind       'decode' | 'late' | 'expression'
// query      the object whose statement it was; operator   the operator, for people
// topic, partition, offset    where the record stands, where known
// sqlstate, message           why
// payload    the record's bytes (text as far as it is), or the row
// weight     +1; -1 when a failed expression goes away with the row that caused it
std::vector<CatalogColumn> DeadLetterColumns();
SourceObject DeadLetterSource(std::string_view table);  // connector log, topic = table, bounded only by a reader

}  // namespace kappa
