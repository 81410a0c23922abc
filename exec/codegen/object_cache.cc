#include "exec/codegen/object_cache.h"

namespace kappa {

std::shared_ptr<const std::string> ObjectCache::Find(const std::string& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, found->second);
  return found->second->object;
}

void ObjectCache::Keep(const std::string& key, std::shared_ptr<const std::string> object) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (object->size() > limit_ || by_key_.count(key) != 0) return;
  bytes_ += object->size();
  kept_.push_front({key, std::move(object)});
  by_key_[key] = kept_.begin();
  while (bytes_ > limit_) {
    bytes_ -= kept_.back().object->size();
    by_key_.erase(kept_.back().key);
    kept_.pop_back();
  }
}

size_t ObjectCache::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

}  // namespace kappa
