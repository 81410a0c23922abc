#include "cli/exit_code.h"

namespace kappa::cli {

ExitCode ExitCodeOf(const Status& status, bool interrupted) {
  if (status.ok()) return interrupted ? kInterrupted : kDone;
  const SqlState state = SqlStateOf(status);
  if (state == sqlstate::kQueryCanceled && interrupted) return kInterrupted;
  if (state.view().substr(0, 2) == "08") return kConnectionLost;
  return state == sqlstate::kUndefinedFile ? kUsage : kStatementFailed;
}

}  // namespace kappa::cli
