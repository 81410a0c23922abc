#include "exec/epoch/sorted_rows.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "common/arena.h"
#include "types/any_value.h"
#include "types/array_value.h"

namespace kappa {
namespace {

// A row and the bytes by which it is sorted.
struct Entry {
  uint64_t prefix = 0;  // the first eight, as a number that compares as they do
  const char* key = nullptr;
  size_t size = 0;
  const char* row = nullptr;
};

bool Less(const Entry& a, const Entry& b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  return std::string_view(a.key, a.size) < std::string_view(b.key, b.size);
}

class KeyMaker {
 public:
  KeyMaker(const SortOp& sort, const std::vector<Column>& columns, const RowLayout& layout) : layout_(layout) {
    for (const SortOp::Key& key : sort.keys) {
      const auto column = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.id == key.column; });
      const Slot& slot = layout.slots()[static_cast<size_t>(column - columns.begin())];
      const TypeDescriptor* type = DescribeType(slot.type);
      keys_.push_back({&key, &slot, !slot.type.is_struct() && HasCanonicalForm(*type) ? type : nullptr});
    }
  }
  Entry ByKeys(const char* row) {
    bytes_.clear();
    for (const Key& key : keys_) Append(key, row);
    return Made(row);
  }
  Entry ByRow(const char* row) {
    bytes_.clear();
    for (const Slot& slot : layout_.slots()) layout_.AppendSortKey(row, slot, &bytes_);
    return Made(row);
  }

 private:
  struct Key {
    const SortOp::Key* key;
    const Slot* slot;
    const TypeDescriptor* canonical;  // of 1 and 1.0 the next key decides; nullptr: equal values are written alike
  };
  void Append(const Key& key, const char* row) {
    const bool null = layout_.IsNull(row, *key.slot);
    bytes_.push_back(null == key.key->nulls_first ? 0 : 1);  // NULLs on the asked side, whatever the direction
    if (null) return;
    const size_t begin = bytes_.size();
    if (key.canonical != nullptr) {
      alignas(8) char value[24] = {};
      std::memcpy(value, row + key.slot->offset, SlotSize(key.slot->type.id()));
      CanonicalSlot(key.canonical, value, &scratch_);
      AppendAnySortKey({key.canonical, value, false, nullptr, nullptr}, &bytes_);
      scratch_.Reset();
    } else {
      layout_.AppendSortKey(row, *key.slot, &bytes_);
    }
    for (size_t i = begin; key.key->descending && i < bytes_.size(); ++i) bytes_[i] = static_cast<char>(~bytes_[i]);
  }
  Entry Made(const char* row) {
    Entry entry{0, arena_.Allocate(bytes_.size()), bytes_.size(), row};
    if (!bytes_.empty()) std::memcpy(const_cast<char*>(entry.key), bytes_.data(), bytes_.size());
    for (size_t i = 0; i < 8; ++i) entry.prefix = entry.prefix << 8 | (i < bytes_.size() ? static_cast<uint8_t>(bytes_[i]) : 0);
    return entry;
  }

  const RowLayout& layout_;
  std::vector<Key> keys_;
  std::string bytes_;
  Arena scratch_;
  Arena arena_{256 << 10};
};

}  // namespace

std::vector<const char*> SortedRows(const SortOp& sort, const std::vector<Column>& columns, const RowLayout& layout,
                                    const std::vector<const char*>& rows) {
  const size_t skip = static_cast<size_t>(std::clamp<int64_t>(sort.offset.value_or(0), 0, static_cast<int64_t>(rows.size())));
  const size_t take = static_cast<size_t>(std::min<int64_t>(sort.limit.value_or(INT64_MAX), static_cast<int64_t>(rows.size() - skip)));
  if (take == 0) return {};
  const auto end = static_cast<ptrdiff_t>(skip + take);
  KeyMaker keys(sort, columns, layout);
  std::vector<Entry> entries;
  entries.reserve(rows.size());
  for (const char* row : rows) entries.push_back(keys.ByKeys(row));
  if (skip + take < entries.size()) {  // the others need no order; those that tie with the last one wanted may take its place
    std::nth_element(entries.begin(), entries.begin() + end - 1, entries.end(), Less);
    const Entry last = entries[static_cast<size_t>(end - 1)];
    entries.erase(std::partition(entries.begin() + end, entries.end(), [&](const Entry& entry) { return !Less(last, entry); }), entries.end());
  }
  std::sort(entries.begin(), entries.end(), Less);
  for (auto begin = entries.begin(); begin != entries.end();) {
    const auto ties = std::find_if(begin + 1, entries.end(), [&](const Entry& entry) { return Less(*begin, entry); });
    if (ties - begin > 1) {
      std::transform(begin, ties, begin, [&](const Entry& entry) { return keys.ByRow(entry.row); });
      std::sort(begin, ties, Less);
    }
    begin = ties;
  }
  std::vector<const char*> sorted;
  sorted.reserve(take);
  for (size_t i = skip; i < skip + take; ++i) sorted.push_back(entries[i].row);
  return sorted;
}

}  // namespace kappa
