// A source that cannot be read again (the standard input), made one that can: what it yields goes into a topic of the embedded log first, and is read
// from there.
//
//   inner ──Poll──► producer ──append, fsync──► topic ──► reader ──► the program
//                      ▲                                    │
//                      └──────── stands at the end ─────────┘
//
// There is no thread: a reader that has read all of the topic records what the inner source has by then, up to some megabytes with one sync, and
// reads on. So nothing is read before it is durable, and a program that does not keep up holds the input back.
#pragma once

#include <memory>
#include <string>

#include "common/source.h"
#include "connectors/log/log_directory.h"

namespace kappa {

// Positions are offsets of `topic`, which has one partition and is made when missing. After a restart the topic is read from where the program
// stands: what was recorded and not processed comes first, then the new inner source goes on. Where that is bounded, the recorded source is too: it
// ends with the topic once the inner source has ended; before that, Range().end is INT64_MAX. Keys, headers and timestamps are kept; a record
// without a timestamp gets the time of its recording.
// Errors of Partitions and Open: 0A000 the inner source, or the topic, has several partitions; 55006 another program records into the topic. Of Poll:
// the inner source's own, after all that came before; 53100 and 58030 of the log: nothing is lost, and Poll may be tried again.
std::unique_ptr<Source> RecordThroughLog(std::unique_ptr<Source> inner, std::shared_ptr<log::LogDirectory> directory, std::string topic);

}  // namespace kappa
