#include "functions/distinct_family.h"

#include <cstring>

#include "types/any_value.h"
#include "types/array_value.h"

namespace kappa {
namespace {

bool IsLong(const Type& type) { return type.id() == TypeId::kText || type.id() == TypeId::kBytea; }

std::string_view LongValue(const char* slot) {
  Text text;
  std::memcpy(static_cast<void*>(&text), slot, sizeof text);
  return text.view();
}

uint64_t ShortValue(const char* slot, size_t bytes) {
  uint64_t value = 0;
  if (bytes == sizeof value)
    std::memcpy(&value, slot, sizeof value);
  else
    std::memcpy(&value, slot, bytes);
  return value;
}

template <bool kLong>
void ReleaseSet(StateContext* context, void* state) {
  HashedRelease(context->arena, static_cast<HashedMultiset*>(state), kLong);
}
template <bool kLong>
void CopySet(StateContext* from, const void* state, StateContext* to, void* out) {
  HashedCopy(from->arena, *static_cast<const HashedMultiset*>(state), to->arena, static_cast<HashedMultiset*>(out), kLong);
}

}  // namespace

bool DistinctFamily::Serves(const Type& argument) {
  if (argument.is_struct() || argument.id() == TypeId::kArray || HasCanonicalForm(*DescribeType(argument))) return false;
  return IsLong(argument) || SlotSize(argument.id()) <= sizeof(uint64_t);
}

DistinctFamily::DistinctFamily(const Type& argument) : long_values_(IsLong(argument)), short_bytes_(SlotSize(argument.id())) {}

uint64_t DistinctFamily::Mark(StateContext& context, void* state, const RowLayout& layout, size_t column, const char* row, uint64_t bits) const {
  const char* slot = row + layout.slots()[column].offset;
  auto* set = static_cast<HashedMultiset*>(state);
  return long_values_ ? HashedMark(context.arena, set, LongValue(slot), bits) : HashedMark(context.arena, set, ShortValue(slot, short_bytes_), bits);
}

void DistinctFamily::Prefetch(const StateContext& context, const void* state, const RowLayout& layout, size_t column, const char* row) const {
  const auto& set = *static_cast<const HashedMultiset*>(state);
  if (set.bits == 0) return;
  const char* slot = row + layout.slots()[column].offset;
  HashedPrefetch(context.arena, set, long_values_ ? HashedHash(LongValue(slot)) : HashedHash(ShortValue(slot, short_bytes_)));
}

DistinctFamily::ReleaseFunction DistinctFamily::release() const { return long_values_ ? &ReleaseSet<true> : &ReleaseSet<false>; }
DistinctFamily::CopyFunction DistinctFamily::copy() const { return long_values_ ? &CopySet<true> : &CopySet<false>; }

}  // namespace kappa
