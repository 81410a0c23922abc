#include "exec/runtime/session_index.h"

#include <algorithm>

#include "common/hash.h"
#include "exec/runtime/stage.h"
#include "types/canonical_key.h"

namespace kappa {
namespace {

template <typename T>
T LoadAs(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

// Equal values have equal bytes (types/canonical_key.h); none of these types has padding.
template <typename T>
void AppendBytes(const T& value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(T));
}

constexpr uint64_t kShardMask = ~uint64_t{0} << (64 - kShardBits);

}  // namespace

size_t SessionIndex::BytesHash::operator()(std::string_view bytes) const { return HashBytes(bytes.data(), bytes.size()); }

std::string_view SessionIndex::KeyOf(const GroupTable& table, const char* row) const {
  return {table.Key(row), spec_.variable_key ? LoadAs<uint64_t>(row + GroupTable::kHeader + 8) : spec_.key.size()};
}

void SessionIndex::AppendSlot(const char* key, const Slot& slot, std::string* out) const {
  const bool null = spec_.key.IsNull(key, slot);
  out->push_back(null ? 0 : 1);
  if (null) return;
  if (slot.type.is_struct()) {
    for (const Slot& field : slot.fields) AppendSlot(key, field, out);
  } else if (slot.type.has_bytes()) {  // (size, prefix, offset from the key's begin)
    const auto size = LoadAs<uint32_t>(key + slot.offset);
    out->append(key + slot.offset, 4);
    out->append(key + LoadAs<int64_t>(key + slot.offset + 8), size);
  } else if (slot.type.id() == TypeId::kNumeric) {
    AppendBytes(CanonicalKey(LoadAs<Numeric>(key + slot.offset)), out);
  } else if (slot.type.id() == TypeId::kInterval) {
    AppendBytes(CanonicalKey(LoadAs<Interval>(key + slot.offset)), out);
  } else if (slot.type.id() == TypeId::kFloat8) {
    AppendBytes(CanonicalKey(LoadAs<double>(key + slot.offset)), out);
  } else if (slot.type.id() == TypeId::kFloat4) {
    AppendBytes(CanonicalKey(LoadAs<float>(key + slot.offset)), out);
  } else {
    out->append(key + slot.offset, SlotSize(slot.type.id()));
  }
}

void SessionIndex::AppendPartition(const char* key, std::string* out) const {
  for (int position : spec_.partition) AppendSlot(key, spec_.key.slots()[static_cast<size_t>(position)], out);
}

void SessionIndex::Collect() {
  collected_.clear();
  arena_.Reset();
  for (const GroupTable::Touched& touched : panes_->touched()) {
    const char* key = panes_->Key(touched.row);
    scratch_.clear();
    AppendPartition(key, &scratch_);
    char* bytes = arena_.Allocate(scratch_.size() + 1);
    std::memcpy(bytes, scratch_.data(), scratch_.size());
    collected_.push_back({HashBytes(bytes, scratch_.size()), {bytes, scratch_.size()}, LoadAs<int64_t>(key + spec_.start_offset), touched.row});
  }
  std::sort(collected_.begin(), collected_.end(), [](const Pane& a, const Pane& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    if (const int order = a.partition.compare(b.partition); order != 0) return order < 0;
    return a.time < b.time;
  });
}

void SessionIndex::Apply() {
  if (panes_->touched().empty()) return;
  Collect();
  for (size_t begin = 0; begin < collected_.size();) {
    const std::string_view name = collected_[begin].partition;
    auto found = partitions_.find(name);
    if (found == partitions_.end()) {
      found = partitions_.emplace(std::string(name), Partition()).first;
      partition_bytes_ += name.size();
    }
    size_t end = begin;
    while (end < collected_.size() && collected_[end].partition == name) {
      size_t next = end + 1;
      while (next < collected_.size() && collected_[next].partition == name && collected_[next].time - collected_[next - 1].time <= spec_.gap) ++next;
      Merge(&found->second, collected_.data() + end, collected_.data() + next - 1);
      end = next;
    }
    begin = end;
  }
}

void SessionIndex::Merge(Partition* partition, const Pane* first, const Pane* last) {
  int64_t start = first->time, end = last->time + spec_.gap;
  // Those it touches lie side by side.
  auto low = std::partition_point(partition->begin(), partition->end(), [&](const Session& session) { return session.end < first->time; });
  auto high = low;
  while (high != partition->end() && high->start - spec_.gap <= last->time) ++high;
  for (auto session = low; session != high; ++session) {
    start = std::min(start, session->start);
    end = std::max(end, session->end);
  }
  if (low == high) {
    low = partition->insert(low, Session());
    high = low + 1;
    ++open_;
  }
  std::vector<char*> groups;
  auto add = [&](char* group) {
    if (groups.empty() || groups.back() != group) groups.push_back(group);
  };
  for (auto session = low; session != high; ++session) {
    const bool stays = session->start == start && session->end == end;
    for (char* row : session->rows) {
      if (stays) {
        add(row);
        continue;
      }
      sessions_->Touch(row);
      char* moved = GroupFor(*sessions_, row, start, end);
      const auto weight = LoadAs<int64_t>(row + 16);
      MergeStates(moved, &sessions_->state_context, sessions_->States(row), weight);
      sessions_->AddWeight(row, -weight);
      add(moved);
    }
  }
  open_ -= static_cast<size_t>(high - low) - 1;
  low->start = start;
  low->end = end;
  partition->erase(low + 1, high);
  for (const Pane* pane = first; pane <= last; ++pane) {
    char* group = GroupFor(*panes_, pane->row, start, end);
    MergeStates(group, &panes_->state_context, panes_->States(pane->row), LoadAs<int64_t>(pane->row + 16));
    add(group);
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  low->rows = std::move(groups);
}

char* SessionIndex::GroupFor(const GroupTable& from, const char* row, int64_t start, int64_t end) {
  scratch_.assign(KeyOf(from, row));
  std::memcpy(scratch_.data() + spec_.start_offset, &start, 8);
  std::memcpy(scratch_.data() + spec_.end_offset, &end, 8);
  uint64_t hash = 0;
  if (spec_.variable_key) {
    hash = HashBytes(scratch_.data(), scratch_.size());
  } else {
    hash = HashInt(LoadAs<uint64_t>(scratch_.data()));
    for (size_t word = 8; word < scratch_.size(); word += 8) hash = HashCombine(hash, LoadAs<uint64_t>(scratch_.data() + word));
  }
  hash = (hash & ~kShardMask) | (LoadAs<uint64_t>(row) & kShardMask);  // it stays in the partition's shard
  char* group = spec_.variable_key ? sessions_->FindOrInsertVariable(hash, scratch_.data(), scratch_.size())
                                   : sessions_->FindOrInsertFixed(hash, scratch_.data(), scratch_.size());
  sessions_->Touch(group);
  return group;
}

void SessionIndex::MergeStates(char* into, StateContext* from_context, const char* from_states, int64_t weight) {
  for (const Spec::Merge& merge : spec_.merges) {
    if (merge.general != nullptr) {
      merge.general->Merge(sessions_->state_context, sessions_->States(into) + merge.offset, *from_context, from_states + merge.offset);
      continue;
    }
    merge.merge(&sessions_->state_context, sessions_->States(into) + merge.offset, from_context, from_states + merge.offset);
  }
  sessions_->AddWeight(into, weight);
}

void SessionIndex::Drop(int64_t watermark) {
  for (const char* row : sessions_->Closed(watermark)) {
    const char* key = sessions_->Key(row);
    scratch_.clear();
    AppendPartition(key, &scratch_);
    const auto found = partitions_.find(scratch_);
    if (found == partitions_.end()) continue;
    const size_t gone = std::erase_if(found->second, [&](const Session& session) { return session.end <= watermark; });
    open_ -= gone;
    if (!found->second.empty()) continue;
    partition_bytes_ -= found->first.size();
    partitions_.erase(found);
  }
}

void SessionIndex::Rebuild() {
  partitions_.clear();
  open_ = partition_bytes_ = 0;
  sessions_->ForEach([&](char* row) {
    const char* key = sessions_->Key(row);
    scratch_.clear();
    AppendPartition(key, &scratch_);
    const auto [entry, added] = partitions_.try_emplace(scratch_);
    if (added) partition_bytes_ += scratch_.size();
    Partition& partition = entry->second;
    const auto start = LoadAs<int64_t>(key + spec_.start_offset);
    auto place = std::lower_bound(partition.begin(), partition.end(), start, [](const Session& session, int64_t at) { return session.start < at; });
    if (place == partition.end() || place->start != start) {
      place = partition.insert(place, Session{start, LoadAs<int64_t>(key + spec_.end_offset), {}});
      ++open_;
    }
    place->rows.push_back(row);
  });
}

size_t SessionIndex::bytes() const {
  constexpr size_t kEntry = sizeof(std::string) + sizeof(Partition) + 24;  // and the map's own
  return partitions_.size() * kEntry + partition_bytes_ + open_ * (sizeof(Session) + 8) + collected_.capacity() * sizeof(Pane) +
         arena_.bytes_reserved();
}

}  // namespace kappa
