#include "exec/state/durable_group_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kappa {
namespace {

constexpr size_t kAhead = 16;          // rows whose memory is fetched before their turn
constexpr uint32_t kPlaceBehind = 32;  // likewise slots, while loading

template <typename T>
T LoadAs(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

uint32_t FlagsOf(const char* row) { return LoadAs<uint32_t>(row + 12); }
void SetFlags(char* row, uint32_t flags) { std::memcpy(row + 12, &flags, 4); }

}  // namespace

DurableGroupTable::DurableGroupTable(uint32_t id, GroupTable* table)
    : id_(id), table_(table), scratch_states_(new char[table->spec_.state_bytes + 1]) {
  table_->durable_ = this;
  for (uint64_t slot = 0; slot <= table_->mask_; ++slot) {
    if (table_->slots_[slot].row == 0) continue;
    char* row = table_->RowAt(table_->slots_[slot].row);
    SetFlags(row, (FlagsOf(row) & ~(GroupTable::kListed | GroupTable::kPersisted)) | changed_listed_);
    changed_.Push(row);
  }
}

DurableGroupTable::~DurableGroupTable() { table_->durable_ = nullptr; }

std::string_view DurableGroupTable::KeyOf(const char* row) const {
  return {table_->Key(row), table_->spec_.variable_key ? LoadAs<uint64_t>(row + GroupTable::kHeader + 8) : table_->spec_.key_bytes};
}

void DurableGroupTable::OnTouch(char* row) {
  const uint32_t listed = FlagsOf(row) & GroupTable::kListed;
  if (listed == changed_listed_) return;
  if (listed == frozen_listed_) Write(row, saved_.Tail());
  SetFlags(row, FlagsOf(row) | changed_listed_);
  changed_.Push(row);
}

void DurableGroupTable::OnErase(char* row) {
  if ((FlagsOf(row) & GroupTable::kListed) == frozen_listed_) Write(row, saved_.Tail());
  if ((FlagsOf(row) & GroupTable::kPersisted) != 0) deleted_.Tail()->Delete(id_, LoadAs<uint64_t>(row), KeyOf(row));
  Free(row);
}

void DurableGroupTable::OnClose(char* row) {
  if ((FlagsOf(row) & GroupTable::kListed) == frozen_listed_) Write(row, saved_.Tail());
  Free(row);
}

void DurableGroupTable::Free(char* row) { SetFlags(row, FlagsOf(row) & ~(GroupTable::kLive | GroupTable::kPersisted)); }

std::optional<ClosedWindows> DurableGroupTable::closed() const {
  const GroupTableSpec& spec = table_->spec_;
  if (spec.window_end_offset < 0 || frozen_closed_ == INT64_MIN) return std::nullopt;
  return ClosedWindows{id_, static_cast<uint32_t>(spec.window_end_offset), spec.window_end_add, frozen_closed_};
}

void DurableGroupTable::Freeze() {
  std::swap(changed_, frozen_);
  std::swap(changed_listed_, frozen_listed_);
  changed_.Clear();
  next_ = 0;
  saved_ = std::move(deleted_);
  frozen_closed_ = table_->closed_;
  // Every row's next touch is a first one again, also in tables whose epochs nobody ends.
  if (++table_->stamp_ == 0) table_->stamp_ = 1;
}

bool DurableGroupTable::Save(StateRun* run, size_t bytes) {
  const size_t enough = run->bytes() + bytes;
  if (!saved_.MoveTo(run, enough)) return false;
  for (; next_ < frozen_.size(); ++next_) {
    if (run->bytes() >= enough) return false;
    if (next_ + kAhead < frozen_.size()) {
      const char* ahead = frozen_.At(next_ + kAhead);
      __builtin_prefetch(ahead);
      __builtin_prefetch(ahead + 64);
    }
    char* row = frozen_.At(next_);
    const uint32_t flags = FlagsOf(row);
    if ((flags & GroupTable::kListed) != frozen_listed_) continue;  // has changed since, or was erased: saved then
    if ((flags & GroupTable::kLive) == 0) {
      SetFlags(row, flags & ~GroupTable::kListed);  // erased before the Freeze
    } else {
      Write(row, run);
    }
  }
  return true;
}

void DurableGroupTable::Write(char* row, StateRun* run) {
  const GroupTableSpec& spec = table_->spec_;
  const std::string_view key = KeyOf(row);
  if (spec.owned.empty()) {
    run->PutWords(id_, LoadAs<uint64_t>(row), key, LoadAs<uint64_t>(row + 16), table_->States(row), spec.state_bytes);
  } else {
    WriteOwned(row, key, run);
  }
  SetFlags(row, (FlagsOf(row) & ~GroupTable::kListed) | GroupTable::kPersisted);
}

// The states' blocks are copied into an arena of their own, which is then written as a whole: references into it hold wherever it is put.
void DurableGroupTable::WriteOwned(const char* row, std::string_view key, StateRun* run) {
  const GroupTableSpec& spec = table_->spec_;
  const char* states = row + table_->states_offset_;
  scratch_.arena.Reset();
  std::memcpy(scratch_states_.get(), states, spec.state_bytes);
  for (const auto& owned : spec.owned) owned.Copy(&table_->state_context, states + owned.offset, &scratch_, scratch_states_.get() + owned.offset);
  const size_t tag_bytes = spec.layout_tag != 0 ? sizeof spec.layout_tag : 0;
  char* value = run->Put(id_, LoadAs<uint64_t>(row), key, 8 + spec.state_bytes + tag_bytes + scratch_.arena.DumpBytes());
  std::memcpy(value, row + 16, 8);
  std::memcpy(value + 8, scratch_states_.get(), spec.state_bytes);
  std::memcpy(value + 8 + spec.state_bytes, &spec.layout_tag, tag_bytes);
  scratch_.arena.Dump(value + 8 + spec.state_bytes + tag_bytes);
}

void DurableGroupTable::Empty() {
  if (std::exchange(emptied_, true)) return;
  table_->Clear();
  changed_.Clear();
}

void DurableGroupTable::BeginLoad(uint64_t entries) {
  Empty();
  uint64_t slots = table_->mask_ + 1;
  while (slots < entries * 2 && slots < uint64_t{1} << 32) slots *= 2;
  if (slots > table_->mask_ + 1) table_->Resize(slots);
  loading_ = true;
  loaded_ = placed_ = table_->next_row_;
}

Status DurableGroupTable::EndLoad() {
  loading_ = false;
  for (; placed_ < loaded_; ++placed_) RETURN_IF_ERROR(Place(placed_));
  return OkStatus();
}

// Lets a slot point to the row.
Status DurableGroupTable::Place(uint32_t index) {
  GroupTable& table = *table_;
  if ((table.groups_ + 1) * 2 > table.mask_ + 1) table.Grow();
  const char* row = table.RowAt(index + 1);
  const auto hash = LoadAs<uint64_t>(row);
  const auto tag = static_cast<uint32_t>(hash >> 32);
  uint64_t at = hash & table.mask_;
  for (; table.slots_[at].row != 0; at = (at + 1) & table.mask_) {
    if (table.slots_[at].tag == tag && KeyOf(table.RowAt(table.slots_[at].row)) == KeyOf(row)) {
      return SqlError(sqlstate::kDataCorrupted) << "state of operator " << id_ << " is damaged: a key is there twice";
    }
  }
  table.slots_[at] = {tag, index + 1};
  ++table.groups_;
  return OkStatus();
}

Status DurableGroupTable::Load(uint64_t hash, std::string_view key, std::string_view value) {
  const GroupTableSpec& spec = table_->spec_;
  auto damaged = [&](const char* what) -> Status {
    return SqlError(sqlstate::kDataCorrupted) << "state of operator " << id_ << " is damaged: " << what;
  };
  Empty();
  if (!spec.variable_key && key.size() != spec.key_bytes) return damaged("a key's size");
  if (spec.variable_key && spec.window_end_offset >= 0 && key.size() < static_cast<size_t>(spec.window_end_offset) + 8)
    return damaged("a key's size");
  const size_t fixed = size_t{8} + spec.state_bytes + (spec.layout_tag != 0 ? sizeof spec.layout_tag : 0);
  if (spec.owned.empty() ? value.size() != fixed : value.size() < fixed) return damaged("a value's size");
  if (spec.layout_tag != 0 && LoadAs<uint64_t>(value.data() + 8 + spec.state_bytes) != spec.layout_tag)
    return damaged("it is of a build that laid its states out in another way");
  const uint32_t index = table_->NewRow(hash, key.data(), key.size());
  char* row = table_->RowAt(index + 1);
  SetFlags(row, GroupTable::kLive | GroupTable::kPersisted);
  std::memcpy(row + 16, value.data(), 8);
  std::memcpy(table_->States(row), value.data() + 8, spec.state_bytes);
  if (!spec.owned.empty()) {
    scratch_.arena.Reset();
    if (!scratch_.arena.Restore(value.substr(fixed))) return damaged("a state's blocks");
    std::memcpy(scratch_states_.get(), value.data() + 8, spec.state_bytes);
    for (const auto& owned : spec.owned) {
      owned.Copy(&scratch_, scratch_states_.get() + owned.offset, &table_->state_context, table_->States(row) + owned.offset);
    }
  }
  if (!loading_) return Place(index);
  table_->Prefetch(hash);
  loaded_ = index + 1;
  return loaded_ - placed_ <= kPlaceBehind ? OkStatus() : Place(placed_++);
}

}  // namespace kappa
