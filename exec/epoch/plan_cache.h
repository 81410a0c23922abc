// Plans of one-shot statements with their code, kept for when the same statement comes again: a dataflow that is equal but for what a statement's
// text leaves behind (positions) runs the code of the one before. Parameters are values, so that one entry serves all of them. Bounded: the entry
// that was not asked for the longest time goes. Any thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace kappa {

struct CompiledPlan;  // exec/epoch/dataflow_run_state.h

class PlanCache {
 public:
  explicit PlanCache(size_t entries) : entries_(entries) {}
  // nullptr: not there.
  std::shared_ptr<const CompiledPlan> Find(const std::string& key);
  // In the place of one with this key.
  void Keep(const std::string& key, std::shared_ptr<const CompiledPlan> plan);

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const CompiledPlan> plan;
  };
  const size_t entries_;
  std::mutex mutex_;
  std::list<Kept> kept_;  // the latest first
  std::map<std::string, std::list<Kept>::iterator> by_key_;
};

}  // namespace kappa
