#include "common/os/memory_file_system.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstring>

#include "common/os/seeded_random.h"

namespace kappa::os {
namespace {

// One thing done to a file: bytes written at an offset, or, where `truncate`, the size set to the offset.
struct Edit {
  uint64_t offset = 0;
  std::string bytes;
  bool truncate = false;
};

void Apply(const Edit& edit, std::string* content) {
  if (edit.truncate) {
    content->resize(edit.offset);
    return;
  }
  if (content->size() < edit.offset + edit.bytes.size()) content->resize(edit.offset + edit.bytes.size());
  content->replace(edit.offset, edit.bytes.size(), edit.bytes);
}

std::vector<std::string> Split(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part == ".." && !parts.empty())
      parts.pop_back();
    else if (!part.empty() && part != "." && part != "..")
      parts.push_back(part);
    begin = end + 1;
  }
  return parts;
}

Status Failed(SqlState state, const char* action, const std::string& path, const char* reason) {
  return SqlError(state) << "could not " << action << " \"" << path << "\": " << reason;
}
Status NoSuch(const char* action, const std::string& path) { return Failed(sqlstate::kUndefinedFile, action, path, "No such file or directory"); }

}  // namespace

struct MemoryFileSystem::Node {
  explicit Node(bool is_directory) : directory(is_directory) {}
  const bool directory;
  // A file.
  std::string content, synced;
  std::vector<Edit> unsynced;  // synced with these applied is content, but for what a failed sync has lost
  int64_t modified_micros = 0;
  // A directory.
  std::map<std::string, NodePtr> names, synced_names;
};

// A change of one or two names that happens whole or not at all. node null: the name goes.
struct MemoryFileSystem::NameChange {
  struct Entry {
    NodePtr directory;
    std::string name;
    NodePtr node;
  };
  std::vector<Entry> entries;
  bool Touches(const Node* directory) const {
    return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.directory.get() == directory; });
  }
  static void Set(std::map<std::string, NodePtr>* names, const Entry& entry) {
    if (entry.node == nullptr)
      names->erase(entry.name);
    else
      (*names)[entry.name] = entry.node;
  }
};

class MemoryFileSystem::Reader final : public ReadableFile {
 public:
  Reader(MemoryFileSystem* files, NodePtr node) : files_(files), node_(std::move(node)) {}
  StatusOr<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) override {
    std::lock_guard<std::mutex> lock(files_->mutex_);
    const std::string& content = node_->content;
    if (offset >= content.size()) return size_t{0};
    const size_t count = std::min<size_t>(size, content.size() - offset);
    std::memcpy(buffer, content.data() + offset, count);
    return count;
  }
  StatusOr<uint64_t> Size() override {
    std::lock_guard<std::mutex> lock(files_->mutex_);
    return static_cast<uint64_t>(node_->content.size());
  }

 private:
  MemoryFileSystem* files_;
  NodePtr node_;
};

class MemoryFileSystem::Writer final : public WritableFile {
 public:
  Writer(MemoryFileSystem* files, NodePtr node) : files_(files), node_(std::move(node)), size_(node_->content.size()) {}
  Status Append(std::string_view bytes) override {
    if (bytes.empty()) return OkStatus();
    Do({size_, std::string(bytes), false});
    size_ += bytes.size();
    return OkStatus();
  }
  Status Truncate(uint64_t size) override {
    Do({size, "", true});
    size_ = size;
    return OkStatus();
  }
  Status Sync() override {
    std::lock_guard<std::mutex> lock(files_->mutex_);
    for (const Edit& edit : node_->unsynced) Apply(edit, &node_->synced);
    node_->unsynced.clear();
    return OkStatus();
  }
  uint64_t size() const override { return size_; }

 private:
  void Do(Edit edit) {
    const int64_t now = files_->Now();
    std::lock_guard<std::mutex> lock(files_->mutex_);
    node_->modified_micros = now;
    Apply(edit, &node_->content);
    node_->unsynced.push_back(std::move(edit));
  }
  MemoryFileSystem* files_;
  NodePtr node_;
  uint64_t size_;
};

class MemoryFileSystem::HeldLock final : public FileLock {
 public:
  HeldLock(MemoryFileSystem* files, NodePtr node) : files_(files), node_(std::move(node)) {}
  ~HeldLock() override {
    std::lock_guard<std::mutex> lock(files_->mutex_);
    files_->locked_.erase(node_.get());
  }

 private:
  MemoryFileSystem* files_;
  NodePtr node_;
};

MemoryFileSystem::MemoryFileSystem(Clock* clock) : clock_(clock), root_(std::make_shared<Node>(true)) {}
MemoryFileSystem::~MemoryFileSystem() = default;

StatusOr<MemoryFileSystem::Place> MemoryFileSystem::FindPlace(const std::string& path, const char* action) const {
  std::vector<std::string> parts = Split(path);
  if (parts.empty()) return Failed(sqlstate::kIoError, action, path, "Is a directory");
  NodePtr directory = root_;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto found = directory->names.find(parts[i]);
    if (found == directory->names.end() || !found->second->directory) return NoSuch(action, path);
    directory = found->second;
  }
  return Place(directory, parts.back());
}

StatusOr<MemoryFileSystem::NodePtr> MemoryFileSystem::Find(const std::string& path, const char* action) const {
  if (Split(path).empty()) return root_;
  ASSIGN_OR_RETURN(const Place place, FindPlace(path, action));
  const auto found = place.first->names.find(place.second);
  if (found == place.first->names.end()) return NoSuch(action, path);
  return found->second;
}

void MemoryFileSystem::Change(NameChange change) {
  for (const NameChange::Entry& entry : change.entries) NameChange::Set(&entry.directory->names, entry);
  pending_.push_back(std::move(change));
}

StatusOr<MemoryFileSystem::NodePtr> MemoryFileSystem::FindOrCreateFile(const std::string& path, const char* action) {
  ASSIGN_OR_RETURN(const Place place, FindPlace(path, action));
  NodePtr& node = place.first->names[place.second];
  if (node == nullptr) {
    node = std::make_shared<Node>(false);
    node->modified_micros = Now();
    Change({{{place.first, place.second, node}}});
  }
  if (node->directory) return Failed(sqlstate::kIoError, action, path, "Is a directory");
  return node;
}

StatusOr<std::unique_ptr<ReadableFile>> MemoryFileSystem::OpenForRead(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(NodePtr node, Find(path, "open"));
  if (node->directory) return Failed(sqlstate::kIoError, "open", path, "Is a directory");
  return std::unique_ptr<ReadableFile>(new Reader(this, std::move(node)));
}

StatusOr<std::unique_ptr<WritableFile>> MemoryFileSystem::OpenForAppend(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(NodePtr node, FindOrCreateFile(path, "open"));
  return std::unique_ptr<WritableFile>(new Writer(this, std::move(node)));
}

StatusOr<FileStat> MemoryFileSystem::Stat(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(const NodePtr node, Find(path, "stat"));
  return FileStat{node->content.size(), node->modified_micros, node->directory, 0};
}

bool MemoryFileSystem::Exists(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  return Find(path, "stat").ok();
}

StatusOr<std::vector<std::string>> MemoryFileSystem::List(const std::string& directory) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(const NodePtr node, Find(directory, "list"));
  if (!node->directory) return NoSuch("list", directory);
  std::vector<std::string> names;
  for (const auto& [name, unused] : node->names) names.push_back(name);
  return names;
}

StatusOr<std::vector<std::string>> MemoryFileSystem::Glob(const std::string& pattern) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> found;
  std::vector<std::pair<std::string, NodePtr>> open{{pattern.substr(0, 1) == "/" ? "/" : "", root_}};
  while (!open.empty()) {
    const auto [prefix, node] = open.back();
    open.pop_back();
    for (const auto& [name, child] : node->names) {
      if (fnmatch(pattern.c_str(), (prefix + name).c_str(), FNM_PATHNAME | FNM_PERIOD) == 0) found.push_back(prefix + name);
      if (child->directory) open.emplace_back(prefix + name + "/", child);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

Status MemoryFileSystem::CreateDirectories(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  NodePtr directory = root_;
  for (const std::string& part : Split(path)) {
    NodePtr& node = directory->names[part];
    if (node == nullptr) {
      node = std::make_shared<Node>(true);
      SyncNames(directory.get());
      directory->synced_names[part] = node;
    }
    if (!node->directory) return Failed(sqlstate::kUndefinedFile, "create directory", path, "Not a directory");
    directory = node;
  }
  return OkStatus();
}

Status MemoryFileSystem::Rename(const std::string& from, const std::string& to) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(const NodePtr node, Find(from, "rename"));
  ASSIGN_OR_RETURN(const Place source, FindPlace(from, "rename"));
  ASSIGN_OR_RETURN(const Place target, FindPlace(to, "rename"));
  if (source == target) return OkStatus();
  const auto replaced = target.first->names.find(target.second);
  if (replaced != target.first->names.end() && (replaced->second->directory || node->directory))
    return Failed(sqlstate::kIoError, "rename", from, "the target exists, or is a directory");
  Change({{{source.first, source.second, nullptr}, {target.first, target.second, node}}});
  return OkStatus();
}

Status MemoryFileSystem::Remove(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(const NodePtr node, Find(path, "remove"));
  ASSIGN_OR_RETURN(const Place place, FindPlace(path, "remove"));
  if (node->directory && !node->names.empty()) return Failed(sqlstate::kIoError, "remove", path, "Directory not empty");
  Change({{{place.first, place.second, nullptr}}});
  return OkStatus();
}

Status MemoryFileSystem::SyncDirectory(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(const NodePtr directory, Find(path, "sync"));
  SyncNames(directory.get());
  return OkStatus();
}

void MemoryFileSystem::SyncNames(const Node* directory) {
  std::vector<NameChange> others;
  for (NameChange& change : pending_) {
    if (change.Touches(directory)) {
      for (const NameChange::Entry& entry : change.entries) NameChange::Set(&entry.directory->synced_names, entry);
    } else {
      others.push_back(std::move(change));
    }
  }
  pending_ = std::move(others);
}

StatusOr<std::unique_ptr<FileLock>> MemoryFileSystem::Lock(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(NodePtr node, FindOrCreateFile(path, "lock"));
  if (!locked_.insert(node.get()).second) return SqlError(sqlstate::kObjectInUse) << "\"" << path << "\" is held by another writer";
  return std::unique_ptr<FileLock>(new HeldLock(this, std::move(node)));
}

void MemoryFileSystem::LoseUnsynced(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (const auto node = Find(path, "sync"); node.ok()) (*node)->unsynced.clear();
}

namespace {

// How many of `count` unsynced things survive: none, all, or some.
size_t Survivors(size_t count, SeededRandom* random) {
  switch (random->Below(3)) {
    case 0:
      return 0;
    case 1:
      return count;
    default:
      return random->Below(count + 1);
  }
}

// What the disk has of a file: a beginning of the unsynced edits, the one after them torn at any byte.
std::string SurvivingContent(std::string content, const std::vector<Edit>& unsynced, SeededRandom* random) {
  if (unsynced.empty()) return content;
  const size_t whole = Survivors(unsynced.size(), random);
  for (size_t i = 0; i < whole; ++i) Apply(unsynced[i], &content);
  if (whole < unsynced.size() && !unsynced[whole].truncate && random->Below(2) == 0) {
    Edit torn = unsynced[whole];
    torn.bytes.resize(random->Below(torn.bytes.size()));
    if (!torn.bytes.empty()) Apply(torn, &content);
  }
  return content;
}

}  // namespace

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::AfterPowerLoss(uint64_t seed, Clock* clock) const {
  std::lock_guard<std::mutex> lock(mutex_);
  SeededRandom random(seed);
  // Every directory, in the order of its path, with the names that the disk has of it. Directories are durable from their making.
  struct Copied {
    NodePtr from, to;
  };
  auto image = std::make_unique<MemoryFileSystem>(clock);
  std::vector<Copied> open{{root_, image->root_}};
  while (!open.empty()) {
    const Copied directory = open.back();
    open.pop_back();
    std::map<std::string, NodePtr> names = directory.from->synced_names;
    std::vector<const NameChange*> changes;
    for (const NameChange& change : pending_)
      if (change.Touches(directory.from.get())) changes.push_back(&change);
    if (!changes.empty()) changes.resize(Survivors(changes.size(), &random));
    for (const NameChange* change : changes)
      for (const NameChange::Entry& entry : change->entries)
        if (entry.directory == directory.from) NameChange::Set(&names, entry);
    for (const auto& [name, node] : names) {
      auto copy = std::make_shared<Node>(node->directory);
      copy->modified_micros = node->modified_micros;
      if (!node->directory) copy->content = copy->synced = SurvivingContent(node->synced, node->unsynced, &random);
      directory.to->names[name] = directory.to->synced_names[name] = copy;
      if (node->directory) open.push_back({node, copy});
    }
  }
  return image;
}

}  // namespace kappa::os
