// Debezium's change events as JSON, with or without the "payload" (and "schema") around them:
//
//   {"before":{..}|null,"after":{..}|null,"op":"c"}      c create, r read by a snapshot: after comes      u update: before goes, after comes
//                                                         d delete: before goes                            m message, t truncate: see below
// An event without the image that its op needs is an error (22004): a database that logs no before-images gives it away. With a key (kDebeziumKeyed)
// only deletes need a before-image, and of it only the key: c, r and u say what the key's row is now.
// m says nothing about rows; t is 0A000. Columns that are NOT NULL are so in every image that comes or (unkeyed) goes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/decoder.h"

namespace kappa {

struct EnvelopePlan {
  // A value of an image: where the inner plan puts it, and where it stands in a row of the outer one.
  struct Copy {
    uint32_t from = 0, to = 0, size = 0;
    int32_t from_null = -1, to_null = -1;
    bool not_null = false;
    std::string display;
  };
  // {op}, {before} and {after} as structs (for their null bits), then the columns of both; `wrapped`: all within {payload}.
  std::unique_ptr<const DecodePlan> plain, wrapped;
  std::vector<Copy> before, after;
  Slot op, has_before, has_after;  // of the inner layout
  bool keyed = false;

  static StatusOr<std::shared_ptr<const EnvelopePlan>> Make(const DecodePlan& rows);
};

struct EnvelopeState {
  explicit EnvelopeState(const EnvelopePlan& plan);
  DecoderState plain, wrapped;
  bool wraps = false;     // the last event did
  std::vector<char> row;  // of the inner layout
};

}  // namespace kappa
