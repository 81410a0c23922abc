#include "server/clients.h"

namespace kappa::server {

bool Clients::Reserve(BackendKey* key) {
  const std::lock_guard lock(mutex_);
  if (closed_ || entries_.size() >= most_) return false;
  do { last_process_ = last_process_ % INT32_MAX + 1; } while (entries_.count(last_process_) != 0);
  *key = {last_process_, static_cast<uint32_t>(random_->Next())};
  entries_[key->process] = {key->secret, {}};
  return true;
}

void Clients::Add(const BackendKey& key, std::weak_ptr<Client> client) {
  std::shared_ptr<Client> late;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) late = client.lock();
    entries_[key.process].client = std::move(client);
  }
  if (late != nullptr) late->Terminate();
}

void Clients::Remove(const BackendKey& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key.process);
}

void Clients::Cancel(const BackendKey& key) {
  std::shared_ptr<Client> client;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key.process);
    if (found == entries_.end() || found->second.secret != key.secret) return;
    client = found->second.client.lock();
  }
  if (client != nullptr) client->CancelStatement();
}

void Clients::TerminateAll() {
  std::vector<std::shared_ptr<Client>> clients;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& [process, entry] : entries_) {
      if (auto client = entry.client.lock()) clients.push_back(std::move(client));
    }
  }
  for (const auto& client : clients) client->Terminate();
}

size_t Clients::count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace kappa::server
