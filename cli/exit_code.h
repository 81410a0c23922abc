// What the command's exit code says (docs: 0 done, 1 usage or input that cannot be opened, 2 connection lost, 3 a statement failed, 130 interrupted).
#pragma once

#include "common/status.h"

namespace kappa::cli {

enum ExitCode : int { kDone = 0, kUsage = 1, kConnectionLost = 2, kStatementFailed = 3, kInterrupted = 130 };

// Of a statement or program that ended with `status`: class 08 is a lost connection, 58P01 an input that cannot be opened; a cancelled one (57014)
// counts as interrupted only when `interrupted` says that the user did it.
ExitCode ExitCodeOf(const Status& status, bool interrupted = false);

}  // namespace kappa::cli
