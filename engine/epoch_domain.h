// The main epoch domain: all running programs at one position of their logs, again and again, and what readers see of it (design section 7).
//
//   free       each program reads what there is, as it comes
//   meeting    target = the furthest position that any of them has reached, and all that DML has acknowledged; each goes there, ends its epoch
//   publish    the views of all, pinned: one prefix of the log. Then free again.
//
// A program that has just begun reads by itself until it is near the others; until then its views are not among those that are published. Whoever
// brings programs elsewhere meanwhile (a SELECT that catches up) says so by CaughtUp: the meeting is further on then.
//
// Beside what is published together, the views of each program as of the last time that it was known to stand somewhere: a reader who finds that the
// logs end there has the newest contents without the engine's lock.
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "engine/program.h"
#include "engine/table_store.h"

namespace kappa {

// One consistent set of contents.
struct PublishedViews {
  ReaderMap pins;      // by view
  int64_t writes = 0;  // all that DML had acknowledged by then is in it
  int64_t epoch = 0;   // of the engine, from 1
};

// Where a program stood, and how to see whether its logs still end there.
struct ProgramPlace {
  struct Partition {
    std::string source;
    int32_t number = 0;
    Offset offset = 0;
    std::shared_ptr<log::PartitionEnd> end;
    bool table = false;  // programs read no further in it than it is durable
  };
  std::vector<Partition> partitions;  // of logs that can still grow
};

class EpochDomain {
 public:
  explicit EpochDomain(os::Clock* clock) : clock_(clock) {}
  // A bounded piece of work; true: something was done. Under the engine's lock, of the one thread that drives it.
  bool Step(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables, int64_t writes);
  // A program moves while others are at a meeting: that begins anew.
  void Disturb() { target_.reset(); }
  // Under the engine's lock, not within a Step: these have been brought to the ends of their logs, and ended their epochs there.
  void CaughtUp(const std::vector<RunningProgram*>& programs, const TableMap& tables);
  // A program or a view is gone: nobody reads it any more.
  void Forget(const std::set<std::string>& views);
  // The newest; nullptr: none yet. Any thread.
  std::shared_ptr<const PublishedViews> published() const;
  // These views, of one position, when it is that of all that their logs hold and tables have acknowledged now; else nothing. Any thread.
  std::optional<ReaderMap> Newest(const std::set<std::string>& views) const;

 private:
  bool StepFree(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables, int64_t writes);
  bool StepToTarget(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables);
  void Admit(const std::list<std::unique_ptr<RunningProgram>>& running);
  void Publish(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables);
  void NotePlaces(const std::vector<RunningProgram*>& programs, const TableMap& tables);
  bool IsMember(const RunningProgram& program) const { return members_.count(&program) != 0; }

  os::Clock* const clock_;
  std::set<const RunningProgram*> members_;
  std::optional<PositionMap> target_;
  int64_t target_writes_ = 0;
  int64_t published_progress_ = -1;  // epochs of all members, and how many they are, when it was published
  int64_t next_meeting_nanos_ = 0, next_admission_nanos_ = 0, free_since_nanos_ = 0;
  struct PlacedView {
    std::shared_ptr<const ViewReader> pin;
    std::shared_ptr<const ProgramPlace> place;
  };
  using PlacedViews = std::map<std::string, PlacedView>;
  mutable std::mutex mutex_;  // of what follows
  std::shared_ptr<const PublishedViews> published_;
  std::shared_ptr<const PlacedViews> placed_ = std::make_shared<PlacedViews>();
};

}  // namespace kappa
