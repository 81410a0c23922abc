#include "cli/status_command.h"

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/standard_streams.h"
#include "cli/status_text.h"
#include "engine/status.h"

namespace kappa::cli {
namespace {

constexpr int64_t kAgainNanos = 1'000'000'000;
constexpr int64_t kLookNanos = 50'000'000;  // for Ctrl-C

}  // namespace

int RunStatusCommand(const StatusArguments& arguments, os::Environment* environment) {
  StandardOutput output(1), errors(2);
  InterruptScope interrupt(environment, 2, nullptr);
  const bool redraw = arguments.watch && output.terminal() && !arguments.json;
  for (bool first = true;; first = false) {
    const auto status = ReadStatus(arguments.data, environment);
    if (!status.ok()) {
      (void)errors.Write(PrintableLines(FormatError(status.status(), "", "")));
      return SqlStateOf(status.status()).view().substr(0, 2) == "08" ? kConnectionLost : kUsage;
    }
    std::string text = arguments.json ? StatusJson(*status) + "\n" : StatusText(*status);
    if (redraw)
      text.insert(0, "\x1b[H\x1b[2J");
    else if (!first && !arguments.json)
      text.insert(0, "\n");
    if (!output.Write(text).ok()) return output.closed() ? kDone : kUsage;
    if (!arguments.watch) return kDone;
    for (int64_t waited = 0; waited < kAgainNanos; waited += kLookNanos) {
      if (interrupt.interrupted()) return kInterrupted;
      os::SleepNanos(kLookNanos);
    }
  }
}

}  // namespace kappa::cli
