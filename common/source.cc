#include "common/source.h"

namespace kappa {

StatusOr<Offset> PartitionReader::PositionAt(int64_t) {
  return SqlError(sqlstate::kFeatureNotSupported) << "this source cannot be positioned by time";
}

}  // namespace kappa
