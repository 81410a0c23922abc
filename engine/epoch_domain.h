// The main epoch domain: all running programs at one position of their logs, again and again, and what readers see of it (design section 7).
//
//   free       each program reads what there is, as it comes
//   meeting    target = the furthest position that any of them has reached, and all that DML has acknowledged; each goes there, ends its epoch
//   publish    the views of all, pinned: one prefix of the log. Then free again.
//
// A program that has just begun reads by itself until it is near the others; until then its views are not among those that are published. Whoever
// brings programs elsewhere meanwhile (a SELECT that catches up) calls Disturb: the meeting begins anew.
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
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

class EpochDomain {
 public:
  explicit EpochDomain(os::Clock* clock) : clock_(clock) {}
  // A bounded piece of work; true: something was done. Under the engine's lock, of the one thread that drives it.
  bool Step(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables, int64_t writes);
  void Disturb() { target_.reset(); }
  // A program or a view is gone: nobody reads it any more.
  void Forget(const std::set<std::string>& views);
  // The newest; nullptr: none yet. Any thread.
  std::shared_ptr<const PublishedViews> published() const;

 private:
  bool StepFree(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables, int64_t writes);
  bool StepToTarget(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables);
  void Admit(const std::list<std::unique_ptr<RunningProgram>>& running);
  void Publish(const std::list<std::unique_ptr<RunningProgram>>& running);
  bool IsMember(const RunningProgram& program) const { return members_.count(&program) != 0; }

  os::Clock* const clock_;
  std::set<const RunningProgram*> members_;
  std::optional<PositionMap> target_;
  int64_t target_writes_ = 0;
  int64_t published_progress_ = -1;  // epochs of all members, and how many they are, when it was published
  int64_t next_meeting_nanos_ = 0, next_admission_nanos_ = 0, free_since_nanos_ = 0;
  mutable std::mutex mutex_;  // of published_
  std::shared_ptr<const PublishedViews> published_;
};

}  // namespace kappa
