// A field of a record, taken by the decoder: what doc ->> 'channel' becomes where the record is `doc`'s only place. By hand: simdjson On-Demand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/status.h"

namespace kappa::bench {

inline constexpr char kJsonField[] = "record ->> 'channel'";

class JsonField {
 public:
  virtual ~JsonField() = default;
  // `records`: JSON, at least 64 bytes readable after each; they must outlive it.
  static StatusOr<std::unique_ptr<JsonField>> Make(const std::vector<std::string>* records);
  // The sums of the texts' sizes and first bytes.
  virtual uint64_t Decode() = 0;
  virtual uint64_t ByHand() = 0;
};

}  // namespace kappa::bench
