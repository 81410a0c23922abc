#include "server/statements.h"

namespace kappa::server {

StatusOr<std::unique_ptr<PreparedText>> PrepareText(Session* session, std::string_view text, const std::vector<Type>& parameters) {
  return SqlError(sqlstate::kFeatureNotSupported) << "the extended protocol is not supported yet";
}

}  // namespace kappa::server
