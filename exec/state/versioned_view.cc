#include "exec/state/versioned_view.h"

#include <algorithm>
#include <cstring>

#include "common/hash.h"

namespace kappa {

class VersionedView::Reader final : public ViewReader {
 public:
  Reader(std::shared_ptr<VersionedView> view, Epoch epoch) : view_(std::move(view)), epoch_(epoch) {}
  ~Reader() override {
    const std::lock_guard<std::mutex> lock(view_->mutex_);
    auto pin = view_->pins_.find(epoch_);
    if (--pin->second == 0) view_->pins_.erase(pin);
  }
  // A part at a time is looked up under the lock: what the pin sees stays where it is, so that rows are handed on without it.
  void ForEach(const std::function<void(const char*, int64_t)>& visit) const override {
    constexpr size_t kPart = 1024;
    std::vector<std::pair<const char*, int64_t>> part;
    std::string row;
    for (size_t next = 0;;) {
      part.clear();
      {
        const std::lock_guard<std::mutex> lock(view_->mutex_);
        for (const size_t end = view_->versions_.size(); next < end && part.size() < kPart; ++next) {
          const Version& version = view_->versions_[next];
          if (Sees(version)) part.emplace_back(view_->arena_.At(version.row), version.weight);
        }
      }
      if (part.empty()) return;
      for (size_t i = 0; i < part.size(); ++i) {
        constexpr size_t kAhead = 8;
        if (i + kAhead < part.size()) __builtin_prefetch(part[i + kAhead].first);
        visit(view_->Readable(part[i].first, &row), part[i].second);
      }
    }
  }
  void ForEachEqual(const std::vector<int>& columns, const std::vector<Datum>& values,
                    const std::function<void(const char*, int64_t)>& visit) const override {
    std::string wanted, key, row;
    AppendKeyBytes(view_->schema_, columns, values, &wanted);
    const std::lock_guard<std::mutex> lock(view_->mutex_);
    const Index& index = *view_->IndexOn(columns);
    const auto found = index.versions.find(HashBytes(wanted.data(), wanted.size()));
    if (found == index.versions.end()) return;
    for (uint32_t place : found->second) {
      const Version& version = view_->versions_[place];
      if (!Sees(version)) continue;
      const char* stored = view_->Materialize(version, &row);
      key.clear();
      AppendKeyBytes(view_->schema_, columns, stored, &key);
      if (key == wanted) visit(stored, version.weight);
    }
  }
  int64_t rows() const override {
    const std::lock_guard<std::mutex> lock(view_->mutex_);
    return view_->live_rows_;
  }
  const RowSchema& schema() const override { return view_->schema_; }
  bool keeps_texts() const override { return true; }

 private:
  bool Sees(const Version& version) const { return version.weight > 0 && version.begin <= epoch_ && version.end > epoch_; }
  const std::shared_ptr<VersionedView> view_;
  const Epoch epoch_;
};

VersionedView::VersionedView(std::string name, RowSchema schema) : name_(std::move(name)), schema_(std::move(schema)) {
  CollectTexts(schema_.layout.slots());
}

void VersionedView::CollectTexts(const std::vector<Slot>& slots) {
  for (const Slot& slot : slots) {
    if (slot.type.is_struct())
      CollectTexts(slot.fields);
    else if (slot.type.has_bytes())
      texts_.push_back(&slot);
  }
}

void VersionedView::KeyOf(const char* row, std::string* key) const {
  key->clear();
  for (const Slot& slot : schema_.layout.slots()) schema_.layout.AppendSortKey(row, slot, key);
}

uint32_t VersionedView::Add(const char* row, int64_t weight, Epoch epoch) {
  size_t size = schema_.layout.size();
  for (const Slot* slot : texts_) {
    Text text;
    std::memcpy(&text, row + slot->offset, sizeof(text));
    if (!schema_.layout.IsNull(row, *slot)) size += text.size;
  }
  const Version version{.row = arena_.Allocate(size), .size = static_cast<uint32_t>(size), .weight = weight, .begin = epoch};
  char* stored = arena_.At(version.row);
  std::memcpy(stored, row, schema_.layout.size());
  size_t at = schema_.layout.size();
  for (const Slot* slot : texts_) {
    if (schema_.layout.IsNull(row, *slot)) continue;
    Text text;
    std::memcpy(&text, row + slot->offset, sizeof(text));
    std::memcpy(stored + at, text.data, text.size);
    text.data = reinterpret_cast<const char*>(at);  // an offset, so that the row can be moved
    std::memcpy(stored + slot->offset, &text, sizeof(text));
    at += text.size;
  }
  return Place(version);
}

uint32_t VersionedView::Place(const Version& version) {
  uint32_t index = static_cast<uint32_t>(versions_.size());
  if (free_.empty()) {
    versions_.push_back(version);
  } else {
    index = free_.back();
    free_.pop_back();
    const uint8_t listed = versions_[index].listed;
    versions_[index] = version;
    if (listed == changed_mark_) versions_[index].listed = listed;
  }
  for (const auto& made : indexes_) AddToIndex(made.get(), index);
  return index;
}

const char* VersionedView::Readable(const char* stored, std::string* buffer) const {
  if (texts_.empty()) return stored;
  buffer->assign(stored, schema_.layout.size());
  for (const Slot* slot : texts_) {
    if (schema_.layout.IsNull(stored, *slot)) continue;
    Text text;
    std::memcpy(&text, stored + slot->offset, sizeof(text));
    text.data = stored + reinterpret_cast<size_t>(text.data);
    std::memcpy(buffer->data() + slot->offset, &text, sizeof(text));
  }
  return buffer->data();
}

VersionedView::Index* VersionedView::IndexOn(const std::vector<int>& columns) {
  for (const auto& index : indexes_) {
    if (index->columns == columns) return index.get();
  }
  indexes_.push_back(std::make_unique<Index>());
  Index* index = indexes_.back().get();
  index->columns = columns;
  for (uint32_t version = 0; version < versions_.size(); ++version) {
    if (versions_[version].weight > 0) AddToIndex(index, version);
  }
  return index;
}

void VersionedView::EnsureIndex(const std::vector<int>& columns) {
  const std::lock_guard<std::mutex> lock(mutex_);
  IndexOn(columns);
}

void VersionedView::AddToIndex(Index* index, uint32_t version) {
  std::string row, key;
  AppendKeyBytes(schema_, index->columns, Materialize(versions_[version], &row), &key);
  index->versions[HashBytes(key.data(), key.size())].push_back(version);
}

void VersionedView::Free(uint32_t index) {
  if (!indexes_.empty()) {
    std::string row, key;
    const char* stored = Materialize(versions_[index], &row);
    for (const auto& made : indexes_) {
      key.clear();
      AppendKeyBytes(schema_, made->columns, stored, &key);
      const auto found = made->versions.find(HashBytes(key.data(), key.size()));
      if (found == made->versions.end()) continue;
      auto& versions = found->second;
      versions.erase(std::remove(versions.begin(), versions.end(), index), versions.end());
      if (versions.empty()) made->versions.erase(found);
    }
  }
  arena_.Free(versions_[index].row, versions_[index].size);
  const uint8_t listed = versions_[index].listed;
  versions_[index] = Version{};
  versions_[index].listed = listed;
  free_.push_back(index);
}

Status VersionedView::Write(Epoch epoch, const ChangeBatch& changes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string key, other, row;
  for (size_t i = 0; i < changes.rows.size(); ++i) {
    KeyOf(changes.rows[i], &key);
    std::vector<uint32_t>& candidates = live_[HashBytes(key.data(), key.size())];
    const auto found = std::find_if(candidates.begin(), candidates.end(), [&](uint32_t index) {
      KeyOf(Materialize(versions_[index], &row), &other);
      return other == key;
    });
    const int64_t before = found == candidates.end() ? 0 : versions_[*found].weight;
    const int64_t after = before + changes.weight(i);
    if (after < 0) return SqlError(sqlstate::kInternalError) << "view \"" << name_ << "\" was told to remove a row that it does not hold";
    live_rows_ += changes.weight(i);
    bool persisted = false;
    if (found != candidates.end()) {
      const uint32_t index = *found;
      if (versions_[index].begin == epoch && after > 0) {
        versions_[index].weight = after;
        continue;
      }
      candidates.erase(found);
      versions_[index].end = epoch;
      dead_.push_back(index);
      persisted = versions_[index].persisted || versions_[index].begin <= frozen_epoch_;
    }
    const uint64_t hash = HashBytes(key.data(), key.size());
    if (after > 0) {
      const uint32_t index = Add(changes.rows[i], after, epoch);
      versions_[index].persisted = persisted;
      candidates.push_back(index);
      NoteChanged(index);
    } else if (persisted) {
      deleted_.Tail()->Delete(id_, hash, key);
    }
    if (candidates.empty()) live_.erase(hash);
  }
  return OkStatus();
}

Epoch VersionedView::OldestPin() const { return pins_.empty() ? committed_ : pins_.begin()->first; }

Status VersionedView::Commit(const EpochCommit& commit) {
  const Epoch upto = commit.upto;
  const std::lock_guard<std::mutex> lock(mutex_);
  committed_ = upto;
  Reclaim();
  return OkStatus();
}

void VersionedView::Reclaim() {
  const Epoch oldest = OldestPin();
  for (; !dead_.empty() && versions_[dead_.front()].end <= oldest; dead_.pop_front()) Free(dead_.front());
}

std::shared_ptr<const ViewReader> VersionedView::Pin() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++pins_[committed_];
  return std::make_shared<Reader>(shared_from_this(), committed_);
}

// --- snapshots

void VersionedView::Track(uint32_t id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  tracked_ = true;
  id_ = id;
  for (const auto& [hash, versions] : live_) {
    for (uint32_t version : versions) NoteChanged(version);
  }
}

void VersionedView::NoteChanged(uint32_t version) {
  if (!tracked_ || versions_[version].listed == changed_mark_) return;
  versions_[version].listed = changed_mark_;
  changed_.push_back(version);
}

void VersionedView::Freeze() {
  const std::lock_guard<std::mutex> lock(mutex_);
  changed_.swap(frozen_);
  changed_.clear();
  std::swap(changed_mark_, frozen_mark_);
  frozen_deleted_ = std::move(deleted_);
  next_ = 0;
  frozen_epoch_ = committed_;
  frozen_pinned_ = true;
  ++pins_[frozen_epoch_];
}

bool VersionedView::Save(StateRun* run, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!frozen_pinned_) return true;
  const size_t enough = run->bytes() + bytes;
  if (!frozen_deleted_.MoveTo(run, enough)) return false;  // before what may have come back
  std::string row, key;
  for (; next_ < frozen_.size(); ++next_) {
    if (run->bytes() >= enough) return false;
    Version& version = versions_[frozen_[next_]];
    if (version.listed != frozen_mark_) continue;  // it ended before the Freeze, and a later one has its place
    version.listed = 0;
    if (version.weight <= 0 || version.begin > frozen_epoch_ || version.end <= frozen_epoch_) continue;
    KeyOf(Materialize(version, &row), &key);
    char* value = run->Put(id_, HashBytes(key.data(), key.size()), key, 8 + size_t{version.size});
    std::memcpy(value, &version.weight, 8);
    std::memcpy(value + 8, arena_.At(version.row), version.size);
  }
  frozen_.clear();
  frozen_pinned_ = false;
  const auto pin = pins_.find(frozen_epoch_);
  if (--pin->second == 0) pins_.erase(pin);
  return true;
}

Status VersionedView::Load(uint64_t hash, std::string_view key, std::string_view value) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto damaged = [&](const char* what) -> Status {
    return SqlError(sqlstate::kDataCorrupted) << "the contents of view \"" << name_ << "\" are damaged: " << what;
  };
  if (value.size() < 8 + schema_.layout.size()) return damaged("a row's size");
  Version version{.size = static_cast<uint32_t>(value.size() - 8), .persisted = true, .begin = committed_};
  std::memcpy(&version.weight, value.data(), 8);
  const char* stored = value.data() + 8;
  size_t texts = schema_.layout.size();
  for (const Slot* slot : texts_) {
    Text text;
    std::memcpy(&text, stored + slot->offset, sizeof(text));
    if (!schema_.layout.IsNull(stored, *slot)) texts += text.size;
  }
  if (version.weight <= 0 || texts != version.size) return damaged("a row's texts");
  version.row = arena_.Allocate(version.size);
  std::memcpy(arena_.At(version.row), stored, version.size);
  live_[hash].push_back(Place(version));
  live_rows_ += version.weight;
  return OkStatus();
}

size_t VersionedView::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return arena_.bytes_reserved() + versions_.capacity() * sizeof(Version) + live_.size() * 64 + (changed_.capacity() + frozen_.capacity()) * 4 +
         deleted_.bytes() + frozen_deleted_.bytes();
}

}  // namespace kappa
