#include "exec/runtime/row_order.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "types/array_value.h"
#include "types/canonical_key.h"
#include "types/compare.h"
#include "types/sort_key.h"

namespace kappa {
namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;

template <typename T>
T LoadAs(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename T>
int CompareAt(const char* a, const char* b, uint32_t offset) {
  return CompareValues(LoadAs<T>(a + offset), LoadAs<T>(b + offset));
}

Text TextAt(const char* row, uint32_t offset) {
  auto text = LoadAs<Text>(row + offset);
  text.data = row + reinterpret_cast<uintptr_t>(text.data);
  return text;
}

uint64_t Signed(int64_t value) { return static_cast<uint64_t>(value) ^ kSign; }
uint64_t Signed32(int32_t value) { return uint64_t{static_cast<uint32_t>(value) ^ 0x80000000u} << 32; }

uint64_t BigEndian(const char* bytes, size_t size) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, std::min<size_t>(size, 8));
  return __builtin_bswap64(word);
}

// 64 bits that order as the values do.
uint64_t Ordered(TypeId type, const char* row, uint32_t offset) {
  const char* at = row + offset;
  switch (type) {
    case TypeId::kBool:
      return uint64_t{*at != 0} << 63;
    case TypeId::kInt2:
      return Signed32(LoadAs<int16_t>(at));
    case TypeId::kInt4:
    case TypeId::kDate:
      return Signed32(LoadAs<int32_t>(at));
    case TypeId::kInt8:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return Signed(LoadAs<int64_t>(at));
    case TypeId::kFloat4:
    case TypeId::kFloat8: {
      const double value = CanonicalFloat(type == TypeId::kFloat4 ? static_cast<double>(LoadAs<float>(at)) : LoadAs<double>(at));
      const auto bits = std::bit_cast<uint64_t>(value);
      return (bits & kSign) != 0 && value == value ? ~bits : bits | kSign;
    }
    case TypeId::kNumeric: {
      alignas(8) char slot[24];
      const Numeric canonical = CanonicalKey(LoadAs<Numeric>(at));
      std::memcpy(slot, &canonical, sizeof canonical);
      std::string bytes;
      AppendValueSortKey(type, slot, &bytes);
      return BigEndian(bytes.data(), bytes.size());
    }
    case TypeId::kInterval: {
      const __int128 order = IntervalOrder(LoadAs<Interval>(at)) >> 12;
      return Signed(static_cast<int64_t>(order));
    }
    case TypeId::kText:
    case TypeId::kBytea: {
      const Text text = TextAt(row, offset);
      return BigEndian(text.data, text.size);
    }
    case TypeId::kUuid:
      return LoadAs<Uuid>(at).high;
    default:
      return 0;
  }
}

}  // namespace

RowOrder::RowOrder(const std::vector<Column>& columns, const RowLayout& layout, const std::vector<SortOp::Key>& keys, size_t peer_keys) {
  std::vector<bool> named(columns.size());
  for (size_t k = 0; k < keys.size(); ++k) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.id == keys[k].column; });
    const auto index = static_cast<size_t>(found - columns.begin());
    if (named[index] && k >= peer_keys) continue;
    named[index] = true;
    columns_.push_back({PackedColumn(&layout, index), keys[k].descending, keys[k].nulls_first});
    if (k < peer_keys) ++peer_keys_;
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!named[i]) columns_.push_back({PackedColumn(&layout, i), false, false});
  }
}

uint64_t RowOrder::Prefix(const char* row) const {
  if (columns_.empty()) return 0;
  const OrderedColumn& column = columns_[0];
  const bool null = column.column.IsNull(row);
  const uint64_t side = null == column.nulls_first ? 0 : kSign;
  if (null) return side;
  const Slot& slot = column.column.slot();
  if (slot.type.is_struct()) return side;
  uint64_t value = Ordered(slot.type.id(), row, slot.offset);
  if (column.descending) value = ~value;
  return side | (value >> 1);
}

int RowOrder::CompareColumn(const OrderedColumn& column, const char* a, const char* b) const {
  const bool a_null = column.column.IsNull(a), b_null = column.column.IsNull(b);
  if (a_null || b_null) return a_null == b_null ? 0 : a_null == column.nulls_first ? -1 : 1;
  const Slot& slot = column.column.slot();
  const uint32_t at = slot.offset;
  auto compare = [&] {
    switch (slot.type.id()) {
      case TypeId::kBool:
        return CompareAt<uint8_t>(a, b, at);
      case TypeId::kInt2:
        return CompareAt<int16_t>(a, b, at);
      case TypeId::kInt4:
      case TypeId::kDate:
        return CompareAt<int32_t>(a, b, at);
      case TypeId::kInt8:
      case TypeId::kTime:
      case TypeId::kTimestamp:
      case TypeId::kTimestampTz:
        return CompareAt<int64_t>(a, b, at);
      case TypeId::kFloat4:
        return CompareAt<float>(a, b, at);
      case TypeId::kFloat8:
        return CompareAt<double>(a, b, at);
      case TypeId::kNumeric:
        return CompareAt<Numeric>(a, b, at);
      case TypeId::kInterval:
        return CompareAt<Interval>(a, b, at);
      case TypeId::kUuid:
        return CompareAt<Uuid>(a, b, at);
      case TypeId::kText:
      case TypeId::kBytea:
      case TypeId::kJson:
        return CompareValues(TextAt(a, at), TextAt(b, at));
      default: {
        std::string a_room(column.column.room(), '\0'), b_room(column.column.room(), '\0');
        return CompareAny(column.column.Read(a, a_room.data()), column.column.Read(b, b_room.data()));
      }
    }
  };
  const int order = compare();
  return column.descending ? -order : order;
}

int RowOrder::CompareColumns(const char* a, const char* b, size_t count) const {
  for (size_t i = 0; i < count; ++i) {
    if (const int order = CompareColumn(columns_[i], a, b); order != 0) return order;
  }
  return 0;
}

int RowOrder::Compare(const char* a, size_t a_bytes, const char* b, size_t b_bytes) const {
  if (const int order = CompareColumns(a, b, columns_.size()); order != 0) return order;
  const size_t common = std::min(a_bytes, b_bytes);
  const int order = common == 0 ? 0 : std::memcmp(a, b, common);
  return order != 0 ? order : CompareValues(a_bytes, b_bytes);
}

}  // namespace kappa
