#include "functions/call_context.h"

#include <string_view>

namespace kappa {

bool CallContext::Fail(SqlState state, const char* message) {
  error_state = state;
  error_message = message;
  return false;
}

bool CallContext::Fail(SqlState state, const char* message, const char* subject, size_t subject_size) {
  error_state = state;
  error_message = message;
  if (const size_t at = error_message.find("%s"); at != std::string::npos) error_message.replace(at, 2, std::string_view(subject, subject_size));
  return false;
}

}  // namespace kappa
