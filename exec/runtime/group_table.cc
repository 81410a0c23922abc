#include "exec/runtime/group_table.h"

#include "exec/state/durable_group_table.h"

namespace kappa {
namespace {
constexpr size_t kFirstSlots = 64;
constexpr size_t kBeforeChunk = 256 << 10;
constexpr size_t kAhead = 12;  // groups whose memory is fetched before their turn

template <typename T>
T LoadAs(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}
}  // namespace

GroupTable::GroupTable(GroupTableSpec spec) : spec_(std::move(spec)), mask_(kFirstSlots - 1), slots_(kFirstSlots) {
  states_offset_ = kHeader + spec_.key_bytes;
  row_bytes_ = states_offset_ + spec_.state_bytes;
}

char* GroupTable::FindOrInsertVariable(uint64_t hash, const char* key, size_t key_bytes) {
  const uint32_t tag = static_cast<uint32_t>(hash >> 32);
  for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Slot slot = slots_[at];
    if (slot.row == 0) return Insert(hash, key, key_bytes);
    if (slot.tag != tag) continue;
    char* row = RowAt(slot.row);
    if (LoadAs<uint64_t>(row + kHeader + 8) == key_bytes && std::memcmp(VariableKey(row), key, key_bytes) == 0) return row;
  }
}

char* GroupTable::Insert(uint64_t hash, const char* key, size_t key_bytes) {
  if ((groups_ + 1) * 2 > mask_ + 1) Grow();
  const uint32_t index = NewRow(hash, key, key_bytes);
  PlaceSlot(hash, index + 1);
  ++groups_;
  return RowAt(index + 1);
}

uint32_t GroupTable::NewRow(uint64_t hash, const char* key, size_t key_bytes) {
  uint32_t index, listed = 0;
  if (!free_rows_.empty()) {
    index = free_rows_.back();
    free_rows_.pop_back();
    if (!free_rows_.empty()) __builtin_prefetch(RowAt(free_rows_.back() + 1), 1);
    listed = LoadAs<uint32_t>(RowAt(index + 1) + 12) & kListed;
  } else {
    index = next_row_++;
    if (index / kSlabRows >= slabs_.size()) slabs_.push_back(slab_memory_.Take(static_cast<size_t>(row_bytes_) * kSlabRows));
  }
  char* row = RowAt(index + 1);
  std::memset(row, 0, row_bytes_);
  std::memcpy(row, &hash, 8);
  const uint32_t flags = kCreatedThisEpoch | kLive | (durable_ == nullptr ? 0 : durable_->ListedOfNewRow(listed));
  std::memcpy(row + 12, &flags, 4);
  if (spec_.variable_key) {
    const StateArena::Ref ref = state_context.arena.Allocate(key_bytes);
    std::memcpy(state_context.arena.At(ref), key, key_bytes);
    const uint64_t size = key_bytes;
    std::memcpy(row + kHeader, &ref, 8);
    std::memcpy(row + kHeader + 8, &size, 8);
  } else if (key_bytes != 0) {
    std::memcpy(row + kHeader, key, key_bytes);
  }
  if (spec_.window_end_offset >= 0) {
    const int64_t end = WindowEnd(row);
    if (last_window_ == nullptr || end != last_window_end_) {
      last_window_ = &windows_[end];
      last_window_end_ = end;
    }
    last_window_->push_back(row);
  }
  return index;
}

int64_t GroupTable::WindowEnd(const char* row) const { return LoadAs<int64_t>(Key(row) + spec_.window_end_offset) + spec_.window_end_add; }

void GroupTable::PlaceSlot(uint64_t hash, uint32_t reference) {
  uint64_t at = hash & mask_;
  while (slots_[at].row != 0) at = (at + 1) & mask_;
  slots_[at] = {static_cast<uint32_t>(hash >> 32), reference};
}

void GroupTable::Resize(uint64_t slots) {
  const uint64_t old_mask = mask_;
  const ZeroedArray<Slot> old = std::move(slots_);
  mask_ = slots - 1;
  slots_ = ZeroedArray<Slot>(mask_ + 1);
  for (uint64_t i = 0; i <= old_mask; ++i) {
    if (old[i].row != 0) PlaceSlot(LoadAs<uint64_t>(RowAt(old[i].row)), old[i].row);
  }
}

void GroupTable::TouchFirst(char* row) {
  std::memcpy(row + 8, &stamp_, 4);
  if (durable_ != nullptr) durable_->OnTouch(row);
  if (!spec_.lists_touched) return;
  const uint32_t flags = LoadAs<uint32_t>(row + 12);
  char* before = nullptr;
  if (spec_.keeps_before && (flags & kCreatedThisEpoch) == 0) {
    const size_t bytes = spec_.state_bytes + 8;
    if (before_chunks_.empty() || before_used_ + bytes > kBeforeChunk) {
      if (!before_chunks_.empty()) ++before_chunk_;
      if (before_chunk_ >= before_chunks_.size()) before_chunks_.emplace_back(new char[bytes > kBeforeChunk ? bytes : kBeforeChunk]);
      before_used_ = 0;
    }
    before = before_chunks_[before_chunk_].get() + before_used_;
    before_used_ += bytes;
    std::memcpy(before, row + 16, 8);
    std::memcpy(before + 8, States(row), spec_.state_bytes);
    for (const auto& owned : spec_.owned) owned.CopyBefore(&state_context, States(row) + owned.offset, &before_context, before + 8 + owned.offset);
  }
  touched_.push_back({row, before});
}

void GroupTable::ReleaseStates(char* row) {
  for (const auto& owned : spec_.owned) owned.Release(&state_context, States(row) + owned.offset);
}

void GroupTable::EndEpoch(bool keep_empty) {
  for (const Touched& touched : touched_) {
    for (const auto& owned : spec_.owned) {
      if (touched.before != nullptr) owned.Release(&before_context, touched.before + 8 + owned.offset);
    }
    if (LoadAs<int64_t>(touched.row + 16) == 0 && !keep_empty) {
      Erase(touched.row);
    } else {
      const uint32_t flags = LoadAs<uint32_t>(touched.row + 12) & ~kCreatedThisEpoch;
      std::memcpy(touched.row + 12, &flags, 4);
    }
  }
  touched_.clear();
  before_chunk_ = before_used_ = 0;
  if (++stamp_ == 0) stamp_ = 1;
}

void GroupTable::Forget() {
  for (const Touched& touched : touched_) {
    ReleaseStates(touched.row);
    if (spec_.variable_key) state_context.arena.Free(LoadAs<uint64_t>(touched.row + kHeader), LoadAs<uint64_t>(touched.row + kHeader + 8));
  }
  if (!touched_.empty()) std::memset(static_cast<void*>(slots_.get()), 0, (mask_ + 1) * sizeof(Slot));
  touched_.clear();
  free_rows_.clear();
  next_row_ = 0;
  groups_ = 0;
  if (++stamp_ == 0) stamp_ = 1;
}

void GroupTable::Erase(char* row) {
  if (durable_ != nullptr) durable_->OnErase(row);
  Remove(row);
}

// Backward-shift deletion keeps probe chains whole without tombstones (Knuth, The Art of Computer Programming 6.4, algorithm R).
void GroupTable::Remove(char* row) {
  const uint64_t hash = LoadAs<uint64_t>(row);
  uint64_t at = hash & mask_;
  while (slots_[at].row == 0 || RowAt(slots_[at].row) != row) at = (at + 1) & mask_;
  const uint32_t index = slots_[at].row - 1;
  uint64_t hole = at;
  for (uint64_t next = (hole + 1) & mask_; slots_[next].row != 0; next = (next + 1) & mask_) {
    const uint64_t home = LoadAs<uint64_t>(RowAt(slots_[next].row)) & mask_;
    if (((next - home) & mask_) >= ((next - hole) & mask_)) {
      slots_[hole] = slots_[next];
      hole = next;
    }
  }
  slots_[hole] = {0, 0};
  if (spec_.window_end_offset >= 0) {
    auto window = windows_.find(WindowEnd(row));
    if (window != windows_.end()) {
      std::erase(window->second, row);
      if (window->second.empty()) {  // a session's end may never come again
        if (last_window_ == &window->second) last_window_ = nullptr;
        windows_.erase(window);
      }
    }
  }
  ReleaseStates(row);
  if (spec_.variable_key) state_context.arena.Free(LoadAs<uint64_t>(row + kHeader), LoadAs<uint64_t>(row + kHeader + 8));
  free_rows_.push_back(index);
  --groups_;
}

void GroupTable::Clear() {
  std::memset(static_cast<void*>(slots_.get()), 0, (mask_ + 1) * sizeof(Slot));
  state_context.arena.Clear();
  before_context.arena.Clear();
  touched_.clear();
  before_chunk_ = before_used_ = 0;
  windows_.clear();
  last_window_ = nullptr;
  free_rows_.clear();
  next_row_ = 0;
  groups_ = 0;
}

std::vector<char*> GroupTable::Closed(int64_t watermark) {
  std::vector<char*> rows;
  for (auto window = windows_.begin(); window != windows_.end() && window->first <= watermark; ++window) {
    rows.insert(rows.end(), window->second.begin(), window->second.end());
  }
  return rows;
}

void GroupTable::DropClosed(int64_t watermark) {
  while (!windows_.empty() && windows_.begin()->first <= watermark) {
    const std::vector<char*> rows = std::move(windows_.begin()->second);
    windows_.erase(windows_.begin());
    for (size_t i = 0; i < rows.size(); ++i) {  // first a row's memory is fetched, then its slot's
      if (i + 2 * kAhead < rows.size()) __builtin_prefetch(rows[i + 2 * kAhead]);
      if (i + kAhead < rows.size()) Prefetch(LoadAs<uint64_t>(rows[i + kAhead]));
      if (durable_ != nullptr) durable_->OnClose(rows[i]);
      Remove(rows[i]);
    }
  }
  last_window_ = nullptr;
  closed_ = std::max(closed_, watermark);
}

size_t GroupTable::bytes() const {
  return (mask_ + 1) * sizeof(Slot) + slabs_.size() * kSlabRows * row_bytes_ + state_context.arena.bytes_reserved() +
         before_context.arena.bytes_reserved() + before_chunks_.size() * kBeforeChunk + touched_.capacity() * sizeof(Touched) +
         (durable_ == nullptr ? 0 : durable_->bytes());
}

}  // namespace kappa
