// kappa_slt: runs .slt files against kappa. `kappa_slt --help` says how; tests/slt/README.md has the format.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/logging.h"
#include "common/os/environment.h"
#include "exec/codegen/jit.h"
#include "tests/slt/runner/configuration.h"
#include "tests/slt/runner/kappa_target.h"
#include "tests/slt/runner/run_script.h"
#include "tests/slt/runner/scripts_on_disk.h"

namespace kappa::slt {
namespace {

struct Flags {
  std::vector<std::string> paths;
  std::string configuration = "hash";
  std::string shard = "0/1";
  bool trace = false;
  int deadline_seconds = 60;
};

// What runs now, for the signal handler: a crash must say where.
char g_current[512];

void OnCrash(int signal) {
  const char head[] = "\ncrashed in ";
  (void)!write(2, head, sizeof(head) - 1);
  (void)!write(2, g_current, std::strlen(g_current));
  (void)!write(2, "\n", 1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

StatusOr<Tally> RunConfiguration(const Flags& flags, const Script& script, const Configuration& configuration, const std::shared_ptr<Jit>& jit) {
  TemporaryDirectory directory;
  ASSIGN_OR_RETURN(auto target, KappaTarget::Open(directory.path() + "/data", configuration, jit, flags.deadline_seconds));
  RunOptions options;
  options.temporary_directory = directory.path();
  options.report = [&](const std::string& text) {
    std::printf("FAILED [%s] %s\n", configuration.name.c_str(), text.c_str());
    std::fflush(stdout);
  };
  options.before = [&](const Record& record) {
    std::snprintf(g_current, sizeof(g_current), "%s:%d [%s]", script.path.c_str(), record.line, configuration.name.c_str());
    if (flags.trace) std::fprintf(stderr, "%s\n", g_current);
  };
  Script copy = script;
  return RunScript(&copy, *target, options);
}

StatusOr<Tally> RunFile(const Flags& flags, const std::string& path, const std::shared_ptr<Jit>& jit) {
  ASSIGN_OR_RETURN(const Script script, ReadScript(path));
  Tally total;
  for (const Configuration& configuration : Choose(flags.configuration, std::filesystem::path(path).filename().string())) {
    ASSIGN_OR_RETURN(const Tally tally, RunConfiguration(flags, script, configuration, jit));
    total.passed += tally.passed;
    total.failed += tally.failed;
  }
  return total;
}

int Run(const Flags& flags) {
  if (Choose(flags.configuration, "").empty()) {
    std::fprintf(stderr, "no configuration %s; there are: hash all", flags.configuration.c_str());
    for (const Configuration& configuration : Matrix()) std::fprintf(stderr, " %s", configuration.name.c_str());
    std::fprintf(stderr, "\n");
    return 1;
  }
  auto jit = Jit::Create();
  if (!jit.ok()) {
    std::fprintf(stderr, "%s\n", FormatError(jit.status(), "", "").c_str());
    return 1;
  }
  const std::shared_ptr<Jit> shared_jit = *std::move(jit);
  Tally total;
  for (const std::string& path : FindScripts(flags.paths, flags.shard)) {
    const auto tally = RunFile(flags, path, shared_jit);
    if (tally.ok()) {
      total.passed += tally->passed;
      total.failed += tally->failed;
    } else {
      std::printf("FAILED %s: %s\n", path.c_str(), FormatError(tally.status(), "", "").c_str());
      ++total.failed;
    }
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", total.passed, total.failed);
  // Nothing found is nothing tested.
  return total.failed == 0 && total.passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace kappa::slt

int main(int argc, char** argv) {
  kappa::slt::Flags flags;
  const std::string matrix = kappa::os::EnvironmentVariable("KAPPA_SLT_MATRIX");
  if (!matrix.empty()) flags.configuration = matrix;
  CLI::App app("Runs sqllogictest files against kappa, each in a fresh data directory");
  app.add_option("paths", flags.paths, "files, or folders of .slt files")->required();
  app.add_option("--config", flags.configuration,
                 "base | all | hash (the base one and one chosen by the file's name) | NAME; default $KAPPA_SLT_MATRIX, else hash");
  app.add_option("--shard", flags.shard, "i/n: every n-th file, from the i-th on");
  app.add_flag("--trace", flags.trace, "name each record before it runs");
  app.add_option("--deadline", flags.deadline_seconds, "seconds a record may take");
  CLI11_PARSE(app, argc, argv);
  for (int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, &kappa::slt::OnCrash);
  kappa::ConfigureLog(kappa::LogLevel::kOff, kappa::LogFormat::kText);  // engines that are killed complain
  return kappa::slt::Run(flags);
}
