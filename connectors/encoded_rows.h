// The loop every sink of bytes has.
#pragma once

#include <cstdlib>

#include "common/sink.h"
#include "types/change_batch.h"

namespace kappa {

// Calls `take(record)` for each change, as often as its weight says; what the sign of the weight means is the encoder's business.
template <typename Take>
Status ForEachEncoded(RecordEncoder& encoder, const ChangeBatch& changes, EncodedRecord* scratch, Take&& take) {
  for (size_t i = 0; i < changes.rows.size(); ++i) {
    RETURN_IF_ERROR(encoder.Encode(changes, i, scratch));
    for (int64_t times = std::abs(changes.weight(i)); times > 0; --times) RETURN_IF_ERROR(take(*scratch));
  }
  return OkStatus();
}

}  // namespace kappa
