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
  void ForEach(const std::function<void(const char*, int64_t)>& visit) const override {
    const std::lock_guard<std::mutex> lock(view_->mutex_);
    std::string row;
    for (const Version& version : view_->versions_) {
      if (version.weight <= 0 || version.begin > epoch_ || version.end <= epoch_) continue;
      view_->Materialize(version, &row);
      visit(row.data(), version.weight);
    }
  }
  const RowSchema& schema() const override { return view_->schema_; }

 private:
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
    else if (slot.type.is_text_like() || slot.type.id() == TypeId::kJsonb)
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
  Version version{arena_.Allocate(size), static_cast<uint32_t>(size), weight, epoch, kForever};
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
  if (free_.empty()) {
    versions_.push_back(version);
    return static_cast<uint32_t>(versions_.size() - 1);
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  versions_[index] = version;
  return index;
}

void VersionedView::Materialize(const Version& version, std::string* buffer) const {
  const char* stored = arena_.At(version.row);
  buffer->assign(stored, version.size);
  for (const Slot* slot : texts_) {
    if (schema_.layout.IsNull(buffer->data(), *slot)) continue;
    Text text;
    std::memcpy(&text, buffer->data() + slot->offset, sizeof(text));
    text.data = buffer->data() + reinterpret_cast<size_t>(text.data);
    std::memcpy(buffer->data() + slot->offset, &text, sizeof(text));
  }
}

void VersionedView::Free(uint32_t index) {
  arena_.Free(versions_[index].row, versions_[index].size);
  versions_[index] = Version{};
  free_.push_back(index);
}

Status VersionedView::Write(Epoch epoch, const ChangeBatch& changes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string key, other, row;
  for (size_t i = 0; i < changes.rows.size(); ++i) {
    KeyOf(changes.rows[i], &key);
    std::vector<uint32_t>& candidates = live_[HashBytes(key.data(), key.size())];
    const auto found = std::find_if(candidates.begin(), candidates.end(), [&](uint32_t index) {
      Materialize(versions_[index], &row);
      KeyOf(row.data(), &other);
      return other == key;
    });
    const int64_t before = found == candidates.end() ? 0 : versions_[*found].weight;
    const int64_t after = before + changes.weight(i);
    if (after < 0) return SqlError(sqlstate::kInternalError) << "view \"" << name_ << "\" was told to remove a row that it does not hold";
    live_rows_ += changes.weight(i);
    if (found != candidates.end()) {
      const uint32_t index = *found;
      if (versions_[index].begin == epoch && after > 0) {
        versions_[index].weight = after;
        continue;
      }
      candidates.erase(found);
      versions_[index].end = epoch;
      dead_.push_back(index);
    }
    if (after > 0) candidates.push_back(Add(changes.rows[i], after, epoch));
    if (candidates.empty()) live_.erase(HashBytes(key.data(), key.size()));
  }
  return OkStatus();
}

Epoch VersionedView::OldestPin() const { return pins_.empty() ? committed_ : pins_.begin()->first; }

Status VersionedView::Commit(const EpochCommit& commit) {
  const Epoch upto = commit.upto;
  const std::lock_guard<std::mutex> lock(mutex_);
  committed_ = upto;
  const Epoch oldest = OldestPin();
  const auto kept = std::partition(dead_.begin(), dead_.end(), [&](uint32_t index) { return versions_[index].end > oldest; });
  for (auto dead = kept; dead != dead_.end(); ++dead) Free(*dead);
  dead_.erase(kept, dead_.end());
  return OkStatus();
}

std::shared_ptr<const ViewReader> VersionedView::Pin() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++pins_[committed_];
  return std::make_shared<Reader>(shared_from_this(), committed_);
}

size_t VersionedView::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return arena_.bytes_reserved() + versions_.capacity() * sizeof(Version) + live_.size() * 64;
}

}  // namespace kappa
