// The values of secrets, by the catalog's keys: DATA/secrets.json, apart from the catalog, whose texts are shown.
//
// Whoever opens a source or a sink resolves the references in its options; plans, EXPLAIN, logs and errors have the references alone. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "common/connector.h"
#include "common/os/environment.h"
#include "common/status.h"

namespace kappa {

class SecretStore {
 public:
  SecretStore(os::Environment* environment, std::string data_directory) : environment_(environment), data_directory_(std::move(data_directory)) {}

  // Reads what there is: XX001 for damage or a newer version.
  Status Load();
  // `keep`: it is written to the data directory, which the caller has locked; else it lasts as long as the store.
  Status Put(std::string_view key, std::string_view value, bool keep);
  bool Has(std::string_view key) const;
  Status Erase(std::string_view key);
  // References replaced by values; 42704 where a secret has none.
  StatusOr<Options> Resolve(const Options& options) const;
  // Values that stand in an error's message become asterisks: a connector may repeat its options.
  Status Redact(Status status) const;
  std::string RedactText(std::string text) const;

 private:
  Status Save();  // mutex_ is held

  os::Environment* const environment_;
  const std::string data_directory_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> kept_, passing_;
};

}  // namespace kappa
