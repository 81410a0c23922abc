// kappa in this process: an engine of its own over a fresh data directory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/os/thread.h"
#include "engine/engine.h"
#include "tests/slt/runner/configuration.h"
#include "tests/slt/runner/killable_environment.h"
#include "tests/slt/runner/target.h"

namespace kappa::slt {

class KappaTarget final : public Target {
 public:
  // `jit`: of all engines, one after the other: what is killed is not the machine's code. `deadline_seconds`: a record that takes longer is
  // cancelled, and so fails.
  static StatusOr<std::unique_ptr<KappaTarget>> Open(const std::string& data_directory, const Configuration& configuration, std::shared_ptr<Jit> jit,
                                                     int deadline_seconds);

  std::string_view name() const override { return "kappa"; }
  Outcome Execute(const std::string& sql) override;
  Outcome RunProgram(const Record& record, const std::string& sql) override;
  Status AppendToLog(const Record& record) override;
  Status MakeStream(const Record& record) override;
  Status Restart() override;
  bool runs(RecordKind) const override { return true; }

 private:
  Outcome ExecuteHere(const std::string& sql);
  Status Reopen();  // before each record, when the configuration says so
  Status OpenEngine();
  Status RunAgain(const ProgramRunOptions& run, const std::string& sql);
  void NoteStatement(const std::string& sql);

  KappaTarget(const std::string& data_directory, const Configuration& configuration, std::shared_ptr<Jit> jit, int deadline_seconds)
      : data_directory_(data_directory), configuration_(configuration), jit_(std::move(jit)), deadline_seconds_(deadline_seconds) {}
  const std::string data_directory_;
  const Configuration configuration_;
  const std::shared_ptr<Jit> jit_;
  std::vector<std::string> output_;                   // what sinks printed since it was last taken
  std::unique_ptr<KillableEnvironment> environment_;  // outlives the engine
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  int deadline_seconds_;
  std::vector<std::string> settings_;  // the script's own SETs: a session's, so a reopened engine is told again
  bool keeps_sinks_ = false;           // a sink runs that no catalog keeps: it would be gone
  int reopened_ = 0;
};

}  // namespace kappa::slt
