// Connector 'file': lines of files in, part files out.
#pragma once

#include "common/connector.h"

namespace kappa {

// Source: path (with globs; the files in sorted order are the partitions), follow, max.line.bytes. Bounded unless it follows. 58P01: no file matches.
// Sink:   path is a folder; rollover.interval, rollover.size. Part files part-EPOCH-SEQUENCE[-WRITER].jsonl (.csv, .txt), one encoded value a line,
// appear by
//         rename: readers see one whole or not at all. Exactly once for durable programs, at least once for others (part_file_sink.h).
ConnectorDescriptor FileConnector();

}  // namespace kappa
