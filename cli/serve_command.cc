#include "cli/serve_command.h"

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/program_commands.h"
#include "cli/standard_streams.h"
#include "server/server.h"

#ifndef KAPPA_VERSION
#define KAPPA_VERSION "unknown"
#endif

namespace kappa::cli {
namespace {

constexpr int kPatience = 2;  // signals: the second ends the process at once
constexpr int64_t kLookNanos = 50'000'000;
constexpr char kStopping[] = "\nstopping: statements end, what was read is kept\n";

int Refuse(const Status& status) {
  (void)StandardOutput(2).Write(PrintableLines(FormatError(status, "", "")));
  return kUsage;
}

}  // namespace

int RunServeCommand(const ServeArguments& arguments, os::Environment* environment) {
  StandardOutput output(1), errors(2);
  InterruptScope interrupt(environment, kPatience, errors.terminal() ? kStopping : nullptr);
  auto engine = OpenEngine(arguments.engine, environment, [&output](std::string_view lines) { (void)output.Write(lines); });
  if (!engine.ok()) return Refuse(engine.status());
  // Settings that do not fit are told now, not to each client.
  if (const Status status = ApplySettings(arguments.engine, (*engine)->NewSession().get()); !status.ok()) return Refuse(status);
  if (const Status status = (*engine)->Acquire(); !status.ok()) return Refuse(status);
  server::ServerOptions options;
  options.environment = environment;
  options.listen = arguments.listen;
  options.version = "15.0 (kappa " KAPPA_VERSION ")";
  options.max_sessions = arguments.max_connections;
  options.settings = arguments.engine.settings;
  if (arguments.engine.workers > 0) options.settings.emplace_back("workers", std::to_string(arguments.engine.workers));
  (*engine)->StartBackground();
  auto server = server::Server::Start(engine->get(), std::move(options));
  if (!server.ok()) return Refuse(server.status());
  (void)output.Write("kappa " KAPPA_VERSION " listens on " + (*server)->address() + ", data in " + arguments.engine.data + "\n");
  if (!arguments.quiet && errors.terminal()) {
    const std::string& address = (*server)->address();
    const size_t colon = address.rfind(':');
    (void)errors.Write("psql -h " + address.substr(0, colon) + " -p " + address.substr(colon + 1) + "    connects; Ctrl-C stops\n");
  }
  if (arguments.engine.metrics && !arguments.quiet) (void)errors.Write(MetricsNote(**engine));
  while (!interrupt.interrupted()) os::SleepNanos(kLookNanos);
  (*server)->Stop();
  return kDone;
}

}  // namespace kappa::cli
