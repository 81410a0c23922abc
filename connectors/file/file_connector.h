// Connector 'file': lines of files in, part files out.
#pragma once

#include "common/connector.h"

namespace kappa {

// Source: path (with globs; the files in sorted order are the partitions), follow, max.line.bytes. Bounded unless it follows. 58P01: no file matches.
// Sink:   path is a folder. Each Commit that has something to say adds one file part-EPOCH-SEQUENCE.jsonl, one encoded value a line, by rename:
// readers see
//         it whole or not at all. At least once: a new run does not know what an earlier one has committed.
ConnectorDescriptor FileConnector();

}  // namespace kappa
