#include "engine/epoch_domain.h"

#include <algorithm>

namespace kappa {
namespace {

constexpr int64_t kNearRecords = 100'000;          // a program this near to the others joins them
constexpr int64_t kLongestFreeNanos = 20'000'000;  // then programs meet, though there is more to read
constexpr int64_t kShortestPauseNanos = 2'000'000;
constexpr int64_t kAdmissionPauseNanos = 20'000'000;  // asking a source for its end may take a while
constexpr int64_t kMeetingShare = 4;                  // the end of an epoch, which waits for the disk, takes a fifth of the time at most

// How far `positions` is from `target`, in offsets.
int64_t Distance(const PositionMap& positions, const PositionMap& target) {
  int64_t distance = 0;
  for (const auto& [source, partitions] : positions) {
    const auto wanted = target.find(source);
    if (wanted == target.end()) continue;
    for (const auto& [partition, position] : partitions) {
      if (const auto end = wanted->second.find(partition); end != wanted->second.end()) distance += std::max<int64_t>(0, end->second - position);
    }
  }
  return distance;
}

void TakeFurthest(const PositionMap& positions, PositionMap* target) {
  for (const auto& [source, partitions] : positions) {
    for (const auto& [partition, position] : partitions) {
      Offset& wanted = (*target)[source].try_emplace(partition, position).first->second;
      wanted = std::max(wanted, position);
    }
  }
}

// Programs read no further in tables: what they remember must not be ahead of what a log remembers.
PositionMap DurableEnds(const TableMap& tables) {
  PositionMap ends;
  for (const auto& [name, store] : tables) {
    if (auto end = store->DurableEnd(); store->writer() != nullptr && end.ok()) ends[name][0] = *end;
  }
  return ends;
}

}  // namespace

std::shared_ptr<const PublishedViews> EpochDomain::published() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return published_;
}

void EpochDomain::Forget(const std::set<std::string>& views) {
  target_.reset();
  const std::lock_guard<std::mutex> lock(mutex_);
  auto placed = std::make_shared<PlacedViews>(*placed_);
  for (const std::string& view : views) placed->erase(view);
  placed_ = std::move(placed);
  if (published_ == nullptr) return;
  auto next = std::make_shared<PublishedViews>(*published_);
  for (const std::string& view : views) next->pins.erase(view);
  published_ = std::move(next);
}

bool EpochDomain::Step(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables, int64_t writes) {
  // Addresses of programs that are gone may come again.
  std::set<const RunningProgram*> present;
  for (const auto& program : running) present.insert(program.get());
  std::erase_if(members_, [&](const RunningProgram* program) { return present.count(program) == 0; });
  if (target_) return StepToTarget(running, tables);
  return StepFree(running, tables, writes);
}

bool EpochDomain::StepFree(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables, int64_t writes) {
  bool worked = false, members_worked = false;
  const PositionMap durable = DurableEnds(tables);
  for (const auto& program : running) {
    if (program->done()) continue;
    program->run().StopAt(durable);
    auto step = program->Step();
    const bool did = step.ok() && *step == DataflowRun::State::kWorked;
    worked |= did;
    members_worked |= did && IsMember(*program);
  }
  Admit(running);
  int64_t progress = static_cast<int64_t>(members_.size()) << 48;
  for (const RunningProgram* program : members_)
    progress += const_cast<RunningProgram*>(program)->run().progress().epoch * 2 + (program->done() ? 1 : 0);
  const int64_t now = clock_->MonotonicNanos();
  if (free_since_nanos_ == 0) free_since_nanos_ = now;
  const bool waited = now - free_since_nanos_ > kLongestFreeNanos;
  const std::shared_ptr<const PublishedViews> last = published();
  const bool news = progress != published_progress_ || members_worked || last == nullptr || last->writes != writes;
  if (!news || now < next_meeting_nanos_ || (members_worked && !waited)) return worked;
  PositionMap target;
  for (const auto& program : running) {
    if (IsMember(*program)) TakeFurthest(program->run().Positions(), &target);
  }
  for (const auto& [name, partitions] : durable) {
    if (target.count(name) != 0) TakeFurthest({{name, partitions}}, &target);
  }
  target_ = std::move(target);
  target_writes_ = writes;
  return true;
}

// Programs that have come near to the others belong to them.
void EpochDomain::Admit(const std::list<std::unique_ptr<RunningProgram>>& running) {
  const int64_t now = clock_->MonotonicNanos();
  if (now < next_admission_nanos_) return;
  next_admission_nanos_ = now + kAdmissionPauseNanos;
  for (const auto& program : running) {
    if (IsMember(*program) || !program->failure().ok()) continue;
    if (program->run().progress().recovering) continue;
    if (!program->done()) {
      auto ends = program->run().Ends();
      if (!ends.ok() || Distance(program->run().Positions(), *ends) > kNearRecords) continue;
    }
    members_.insert(program.get());
  }
}

bool EpochDomain::StepToTarget(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables) {
  bool there = true, worked = false;
  for (const auto& program : running) {
    if (program->done()) continue;
    const bool member = IsMember(*program);
    if (!target_) return true;
    program->run().StopAt(member ? *target_ : DurableEnds(tables));
    if (member && program->run().AtStop()) continue;
    auto step = program->Step();
    worked |= step.ok() && *step == DataflowRun::State::kWorked;
    if (!target_) return true;  // a sink into a table has brought the table elsewhere
    if (member && !program->done() && !program->run().AtStop()) there = false;
  }
  if (!there) return worked;
  const int64_t begin = clock_->MonotonicNanos();
  for (const auto& program : running) {
    if (program->done() || !IsMember(*program)) continue;
    (void)program->EndEpoch();  // a program that fails says so itself, and steps no more
    if (!target_) return true;
  }
  for (const auto& [name, store] : tables) {
    const auto position = target_->find(name);
    const bool held =
        std::any_of(members_.begin(), members_.end(), [&, &name = name](const RunningProgram* m) { return m->Views().count(name) != 0; });
    if (position != target_->end() && held) store->Applied(position->second.at(0));
  }
  Publish(running, tables);
  const int64_t now = clock_->MonotonicNanos();
  next_meeting_nanos_ = now + std::max(kShortestPauseNanos, kMeetingShare * (now - begin));
  free_since_nanos_ = 0;
  target_.reset();
  return true;
}

void EpochDomain::CaughtUp(const std::vector<RunningProgram*>& programs, const TableMap& tables) {
  for (const RunningProgram* program : programs) {
    if (target_ && IsMember(*program)) TakeFurthest(const_cast<RunningProgram*>(program)->run().Positions(), &*target_);
  }
  NotePlaces(programs, tables);
}

// All of them have ended the epoch in which they read what they have read.
void EpochDomain::NotePlaces(const std::vector<RunningProgram*>& programs, const TableMap& tables) {
  auto next = std::make_shared<PlacedViews>(*placed_);  // written under the engine's lock alone
  for (RunningProgram* program : programs) {
    auto place = std::make_shared<ProgramPlace>();
    bool known = program->failure().ok() && !program->reads_clock();
    if (!program->done()) {
      for (const auto& [source, partitions] : program->run().Positions()) {
        for (const auto& [number, offset] : partitions) {
          std::shared_ptr<log::PartitionEnd> end = program->EndOf(source, number);
          known = known && end != nullptr;
          place->partitions.push_back({source, number, offset, std::move(end), tables.count(source) != 0});
        }
      }
    }
    for (const auto& [name, view] : program->views()) {
      if (known) {
        (*next)[name] = {view->Pin(), place};
      } else {
        next->erase(name);
      }
    }
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  placed_ = std::move(next);
}

std::optional<ReaderMap> EpochDomain::Newest(const std::set<std::string>& views) const {
  std::shared_ptr<const PlacedViews> placed;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    placed = placed_;
  }
  ReaderMap readers;
  std::vector<const ProgramPlace*> places;
  for (const std::string& name : views) {
    const auto view = placed->find(name);
    if (view == placed->end()) return std::nullopt;
    readers.emplace(name, view->second.pin);
    if (std::find(places.begin(), places.end(), view->second.place.get()) == places.end()) places.push_back(view->second.place.get());
  }
  std::map<std::pair<std::string_view, int32_t>, Offset> common;
  for (const ProgramPlace* place : places) {
    for (const ProgramPlace::Partition& partition : place->partitions) {
      const auto [at, first] = common.try_emplace({partition.source, partition.number}, partition.offset);
      if (!first) {
        if (at->second != partition.offset) return std::nullopt;  // two programs, not at one position
        continue;
      }
      const StatusOr<Offset> end = partition.table ? partition.end->Acknowledged() : partition.end->Visible();
      if (!end.ok() || *end > partition.offset) return std::nullopt;
    }
  }
  return readers;
}

void EpochDomain::Publish(const std::list<std::unique_ptr<RunningProgram>>& running, const TableMap& tables) {
  auto next = std::make_shared<PublishedViews>();
  const std::shared_ptr<const PublishedViews> last = published();
  next->writes = target_writes_;
  next->epoch = last == nullptr ? 1 : last->epoch + 1;
  published_progress_ = static_cast<int64_t>(members_.size()) << 48;
  std::vector<RunningProgram*> members;
  for (const auto& program : running) {
    if (!IsMember(*program)) continue;
    members.push_back(program.get());
    published_progress_ += program->run().progress().epoch * 2 + (program->done() ? 1 : 0);
    for (const auto& [name, view] : program->views()) next->pins[name] = view->Pin();
  }
  NotePlaces(members, tables);
  const std::lock_guard<std::mutex> lock(mutex_);
  published_ = std::move(next);
}

}  // namespace kappa
