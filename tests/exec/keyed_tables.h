// The durable tables of one keyed operator on several "workers": frozen, saved slice by slice, and loaded by another number of workers.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "exec/runtime/keyed_operator.h"

namespace kappa {

class KeyedTables {
 public:
  using Entries = std::map<std::pair<uint32_t, std::string>, std::pair<uint64_t, std::string>>;  // (table, key) -> hash, value

  void Add(KeyedOperator* worker);  // of workers 0, 1, ... in turn; it must outlive this
  void Freeze();
  bool Save(size_t bytes, Entries* entries);  // true: all is saved
  void Load(const Entries& entries);

 private:
  struct Worker {
    KeyedOperator* keyed;
    std::vector<DurableTable*> tables;
  };
  std::vector<Worker> workers_;
};

}  // namespace kappa
