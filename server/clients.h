// The clients of a server: how many there are, who may cancel whom, and what happens to all of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "common/os/random.h"

namespace kappa::server {

// A session that others may ask something of. Any thread.
class Client {
 public:
  virtual ~Client() = default;
  virtual void CancelStatement() = 0;
  // The server ends: it cancels what runs, tells the client, and closes.
  virtual void Terminate() = 0;
};

struct BackendKey {
  uint32_t process = 0, secret = 0;
};

// Any thread.
class Clients {
 public:
  Clients(os::Random* random, int most) : random_(random), most_(static_cast<size_t>(most)) {}
  // False: there are as many as there may be, or the server ends.
  bool Reserve(BackendKey* key);
  void Add(const BackendKey& key, std::weak_ptr<Client> client);
  void Remove(const BackendKey& key);
  // Nothing happens when the key is wrong.
  void Cancel(const BackendKey& key);
  void TerminateAll();  // and admits nobody any more
  size_t count() const;

 private:
  struct Entry {
    uint32_t secret = 0;
    std::weak_ptr<Client> client;
  };
  mutable std::mutex mutex_;
  os::Random* const random_;
  const size_t most_;
  std::map<uint32_t, Entry> entries_;
  uint32_t last_process_ = 0;
  bool closed_ = false;
};

}  // namespace kappa::server
