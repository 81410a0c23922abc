// Object code of generated modules by what was generated: a view that is made again, and one that goes on after a restart within a process, is linked
// anew but neither optimized nor assembled. Bounded by bytes: what was not asked for the longest time goes. Any thread.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace kappa {

class ObjectCache {
 public:
  explicit ObjectCache(size_t bytes) : limit_(bytes) {}
  // nullptr: not there.
  std::shared_ptr<const std::string> Find(const std::string& key);
  void Keep(const std::string& key, std::shared_ptr<const std::string> object);
  size_t bytes() const;  // of the objects kept

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const std::string> object;
  };
  const size_t limit_;
  mutable std::mutex mutex_;
  size_t bytes_ = 0;
  std::list<Kept> kept_;  // the latest first
  std::unordered_map<std::string, std::list<Kept>::iterator> by_key_;
};

}  // namespace kappa
