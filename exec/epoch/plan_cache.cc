#include "exec/epoch/plan_cache.h"

namespace kappa {

std::shared_ptr<const CompiledPlan> PlanCache::Find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, found->second);
  return found->second->plan;
}

void PlanCache::Keep(const std::string& key, std::shared_ptr<const CompiledPlan> plan) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    found->second->plan = std::move(plan);
    kept_.splice(kept_.begin(), kept_, found->second);
    return;
  }
  kept_.push_front({key, std::move(plan)});
  by_key_[key] = kept_.begin();
  if (kept_.size() <= entries_) return;
  by_key_.erase(kept_.back().key);
  kept_.pop_back();
}

}  // namespace kappa
