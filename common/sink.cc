#include "common/sink.h"

namespace kappa {

Status RecordEncoder::EncodeKey(const ChangeBatch&, size_t, std::string*) {
  return SqlError(sqlstate::kInternalError) << "this encoder has no keys of its own";
}

Status RecordEncoder::EncodeUpdate(const ChangeBatch&, size_t, size_t, EncodedRecord*) {
  return SqlError(sqlstate::kInternalError) << "this encoder knows no updates";
}

}  // namespace kappa
