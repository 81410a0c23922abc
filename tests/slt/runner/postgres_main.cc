// kappa_slt_postgres: proves the plain .slt files right, by running them on the PostgreSQL server that $KAPPA_TEST_POSTGRES_FILE names
// (the file that `scripts/postgres.sh start DIR` writes: DIR/conninfo). With --complete it writes PostgreSQL's answers into them.
#include <cstdio>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/os/environment.h"
#include "tests/slt/runner/postgres_target.h"
#include "tests/slt/runner/run_script.h"
#include "tests/slt/runner/scripts_on_disk.h"

namespace kappa::slt {
namespace {

StatusOr<Tally> RunFile(const std::string& path, const std::string& connection, bool complete) {
  ASSIGN_OR_RETURN(Script script, ReadScript(path));
  if (!script.plain) return Tally();
  TemporaryDirectory directory;
  ASSIGN_OR_RETURN(auto target, PostgresTarget::Open(connection));
  RunOptions options;
  options.temporary_directory = directory.path();
  options.report = [](const std::string& text) { std::printf("FAILED [postgres] %s\n", text.c_str()); };
  options.complete = complete;
  const Tally tally = RunScript(&script, *target, options);
  if (complete) RETURN_IF_ERROR(os::RealEnvironment().files().WriteAtomically(path, Completed(script)));
  return tally;
}

int Run(const std::vector<std::string>& paths, bool complete) {
  const std::string file = os::EnvironmentVariable("KAPPA_TEST_POSTGRES_FILE");
  auto connection = os::RealEnvironment().files().ReadAll(file);
  if (!connection.ok()) {
    std::fprintf(stderr, "KAPPA_TEST_POSTGRES_FILE: %s\n", MessageOf(connection.status()).c_str());
    return 2;
  }
  while (!connection->empty() && connection->back() == '\n') connection->pop_back();
  Tally total;
  for (const std::string& path : FindScripts(paths, "0/1")) {
    const auto tally = RunFile(path, *connection, complete);
    if (!tally.ok()) std::printf("FAILED %s: %s\n", path.c_str(), MessageOf(tally.status()).c_str());
    total.passed += tally.ok() ? tally->passed : 0;
    total.failed += tally.ok() ? tally->failed : 1;
  }
  std::printf("%d passed, %d failed\n", total.passed, total.failed);
  return total.failed == 0 && total.passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace kappa::slt

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  bool complete = false;
  CLI::App app("Runs the plain .slt files on PostgreSQL");
  app.add_option("paths", paths, "files, or folders of .slt files")->required();
  app.add_flag("--complete", complete, "replace the expected rows by the answers");
  CLI11_PARSE(app, argc, argv);
  return kappa::slt::Run(paths, complete);
}
