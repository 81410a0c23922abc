// A program with a name: what DATA/pipelines/NAME keeps of it, and how it is opened again (design section 7).
//
//   program.json   the statements as they were given, the dataflow they were planned into (recovered as it is, never planned again), its EXPLAIN, the
//                  incarnation of its state; replaced atomically
//   journal/  snapshots/   of that incarnation
//
// Used by one thread; the caller holds the engine's lock on the data directory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "exec/epoch/durability.h"
#include "planner/dataflow/dataflow.h"

namespace kappa {

struct ProgramDefinition {
  std::vector<ProgramText> texts;
  Dataflow dataflow;
  std::string incarnation;  // names a life of its state; marks of sinks carry it
  Epoch first_epoch = 0;    // past what sinks remember of earlier incarnations
  int64_t created_micros = 0;
  std::string build;  // that planned it
  // The same statements (white space and comments apart).
  bool SameTexts(const std::vector<ProgramText>& others) const;
};

class DurableProgram {
 public:
  // Reads what there is. XX001, 0A000 (a newer version's); with `anew` what cannot be read does not exist.
  static StatusOr<std::unique_ptr<DurableProgram>> Open(os::Environment& environment, const std::string& data_directory, const std::string& name,
                                                        bool anew);
  // Everything that is kept of it.
  static Status Remove(os::Environment& environment, const std::string& data_directory, const std::string& name);

  const std::string& name() const { return name_; }
  // None: it does not exist yet.
  const std::optional<ProgramDefinition>& definition() const { return definition_; }
  // From here on it is this program, with no state: a new one, or a rebuild (numbers of epochs go on).
  Status Begin(std::vector<ProgramText> texts, Dataflow dataflow);
  // It is given by other words now, with the same dataflow.
  Status Rename(std::vector<ProgramText> texts);
  // For people: the lines in which the plans differ, or where they show no difference the statements.
  std::string Difference(const std::vector<ProgramText>& texts, const Dataflow& planned) const;

  // Journal and snapshots, opened: where to begin. `skip`: newest snapshots to pass over because loading them failed. XX001 with what to do.
  StatusOr<std::unique_ptr<Durability>> Recover(size_t skip);
  // How many snapshots there are to choose from, as of the last Recover.
  size_t snapshots() const { return snapshots_; }

 private:
  DurableProgram(os::Environment& environment, std::string directory, std::string name)
      : environment_(environment), directory_(std::move(directory)), name_(std::move(name)) {}
  Status Load();
  Status Save();
  Status ClearState();
  Status CheckJournal(const std::vector<JournalEpoch>& epochs, Epoch first) const;

  os::Environment& environment_;
  const std::string directory_, name_;
  std::optional<ProgramDefinition> definition_;
  size_t snapshots_ = 0;
};

// What results may depend on beside the log: named in journals and snapshots.
std::string BuildName();

}  // namespace kappa
