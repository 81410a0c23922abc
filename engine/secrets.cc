#include "engine/secrets.h"

#include <nlohmann/json.hpp>

#include "common/os/private_files.h"
#include "common/secret_reference.h"

namespace kappa {
namespace {

constexpr char kFile[] = "/secrets.json";
constexpr int kVersion = 1;
constexpr size_t kShortest = 4;  // shorter values would make asterisks of ordinary words

std::string NameOf(const std::string& key) { return key.substr(key.find(':') + 1); }

}  // namespace

Status SecretStore::Load() {
  const std::string path = data_directory_ + kFile;
  if (!environment_->files().Exists(path)) return OkStatus();
  ASSIGN_OR_RETURN(const std::string bytes, environment_->files().ReadAll(path));
  const nlohmann::json json = nlohmann::json::parse(bytes, nullptr, false);
  const bool whole =
      json.is_object() && json.contains("version") && json["version"].is_number_integer() && json.contains("secrets") && json["secrets"].is_object();
  if (!whole || json["version"].get<int>() > kVersion) {
    return SqlError(sqlstate::kDataCorrupted) << "\"" << path << "\" is " << (whole ? "of a newer version of kappa" : "damaged")
                                              << Hint(whole ? "use that version, or a newer one"
                                                            : "remove it, and give the secrets again with CREATE OR REPLACE SECRET");
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [key, value] : json["secrets"].items()) {
    if (value.is_string()) kept_[key] = value.get<std::string>();
  }
  return OkStatus();
}

Status SecretStore::Save() {
  const nlohmann::json json{{"version", kVersion}, {"secrets", kept_}};
  RETURN_IF_ERROR(environment_->files().CreateDirectories(data_directory_));
  const std::string path = data_directory_ + kFile;
  if (auto* files = dynamic_cast<os::PrivateFiles*>(&environment_->files())) RETURN_IF_ERROR(files->MakePrivate(path + os::kTemporarySuffix));
  return environment_->files().WriteAtomically(path, json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Status SecretStore::Put(std::string_view key, std::string_view value, bool keep) {
  const std::lock_guard<std::mutex> lock(mutex_);
  (keep ? kept_ : passing_)[std::string(key)] = std::string(value);
  return keep ? Save() : OkStatus();
}

bool SecretStore::Has(std::string_view key) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return kept_.count(std::string(key)) != 0 || passing_.count(std::string(key)) != 0;
}

Status SecretStore::Erase(std::string_view key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  passing_.erase(std::string(key));
  return kept_.erase(std::string(key)) > 0 ? Save() : OkStatus();
}

StatusOr<Options> SecretStore::Resolve(const Options& options) const {
  Options resolved = options;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto& [name, value] : resolved) {
    const std::optional<std::string> key = SecretKey(value);
    if (!key) continue;
    const auto passing = passing_.find(*key), kept = kept_.find(*key);
    if (passing == passing_.end() && kept == kept_.end()) {
      return SqlError(sqlstate::kUndefinedObject) << "secret \"" << NameOf(*key) << "\" has no value here"
                                                  << Hint("give it with CREATE OR REPLACE SECRET");
    }
    value = passing != passing_.end() ? passing->second : kept->second;
  }
  return resolved;
}

std::string SecretStore::RedactText(std::string text) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto* values : {&kept_, &passing_}) {
    for (const auto& [key, value] : *values) {
      if (value.size() < kShortest) continue;
      for (size_t at = text.find(value); at != std::string::npos; at = text.find(value, at)) text.replace(at, value.size(), "********");
    }
  }
  return text;
}

Status SecretStore::Redact(Status status) const {
  if (status.ok()) return status;
  const std::string message = RedactText(MessageOf(status));
  if (message == MessageOf(status)) return status;
  Status redacted(status.code(), message);
  status.ForEachPayload([&](absl::string_view name, const absl::Cord& value) { redacted.SetPayload(name, value); });
  return redacted;
}

}  // namespace kappa
