#include "functions/general_aggregate.h"

#include <algorithm>
#include <cstring>

#include "types/array_value.h"
#include "types/canonical_key.h"
#include "types/jsonb.h"
#include "types/packed_row.h"

namespace kappa {
namespace {

template <typename T>
T LoadAs(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// --- keys

template <typename T>
void AppendCanonical(const AnyValue& value, std::string* out) {
  alignas(8) char slot[24];
  const T canonical = CanonicalKey(LoadAs<T>(value.slot));
  std::memcpy(slot, &canonical, sizeof canonical);
  AppendAnySortKey({value.type, slot, false, nullptr, nullptr}, out);
}

// The bytes that order a value among all that SQL calls different; not NULL.
void AppendCanonicalSortKey(const AnyValue& value, std::string* out, Arena* arena) {
  switch (value.type->type.id()) {
    case TypeId::kFloat4:
      return AppendCanonical<float>(value, out);
    case TypeId::kFloat8:
      return AppendCanonical<double>(value, out);
    case TypeId::kNumeric:
      return AppendCanonical<Numeric>(value, out);
    case TypeId::kInterval:
      return AppendCanonical<Interval>(value, out);
    case TypeId::kJsonb: {
      const Jsonb canonical = CanonicalJsonb(LoadAs<Jsonb>(value.slot), arena);
      return AppendAnySortKey({value.type, reinterpret_cast<const char*>(&canonical), false, nullptr, nullptr}, out);
    }
    case TypeId::kArray: {
      const Array array = CanonicalArray(LoadAs<Array>(value.slot), value.type->element, arena);
      return AppendArraySortKey(array, value.type->element, out);
    }
    case TypeId::kStruct:
      for (size_t i = 0; i < value.type->fields.size(); ++i) {
        const AnyValue field = FieldOf(value, i);
        out->push_back(field.null ? '\2' : '\1');
        if (!field.null) AppendCanonicalSortKey(field, out, arena);
      }
      return;
    default:
      return AppendAnySortKey(value, out);
  }
}

void AppendOrdered(const AnyValue& value, bool canonical, bool descending, bool nulls_first, std::string* out, Arena* arena) {
  out->push_back(!value.null ? '\1' : nulls_first ? '\0' : '\2');
  if (value.null) return;
  const size_t begin = out->size();
  if (canonical)
    AppendCanonicalSortKey(value, out, arena);
  else
    AppendAnySortKey(value, out);
  if (!descending) return;
  for (size_t i = begin; i < out->size(); ++i) (*out)[i] = static_cast<char>(~(*out)[i]);
}

template <typename Signature>
Signature* Code(const void* address) {
  return reinterpret_cast<Signature*>(reinterpret_cast<uintptr_t>(address));
}

}  // namespace

GeneralAggregate::GeneralAggregate(Spec spec) : spec_(std::move(spec)), result_(DescribeType(spec_.result)) {
  std::vector<RowLayout::Column> arguments;
  for (size_t i = 0; i < spec_.columns.size(); ++i) {
    types_.push_back(DescribeType(spec_.columns[i]));
    canonical_.push_back(HasCanonicalForm(*types_[i]));
    if (i < spec_.arguments) arguments.push_back({spec_.columns[i], true});
  }
  direct_slots_ = std::make_unique<DirectSlot[]>(spec_.direct.size());
  for (size_t i = 0; i < spec_.direct.size(); ++i) {
    const auto& [type, value] = spec_.direct[i];
    if (!value.is_null()) value.Store(type, direct_slots_[i].bytes);
    direct_.push_back({DescribeType(type), direct_slots_[i].bytes, value.is_null(), nullptr, nullptr});
  }
  payload_ = RowLayout(arguments);
  kept_ = RowLayout({{spec_.result, true}});
  const AggregateEntry& entry = *spec_.entry;
  if (entry.over != nullptr)
    mode_ = Mode::kOver;
  else
    mode_ = spec_.distinct ? Mode::kDistinct : Mode::kFold;
  for (size_t i = 0; i < spec_.arguments; ++i) {
    const bool ordered = std::any_of(spec_.order.begin(), spec_.order.end(), [&](const Order& order) { return order.column == i; });
    if (!ordered && spec_.distinct) class_order_.push_back(i);
    if (canonical_[i] || (!ordered && !spec_.distinct)) forms_.push_back(i);
    has_forms_ = has_forms_ || canonical_[i];
  }
  if (mode_ != Mode::kDistinct || spec_.arguments != 1 || !spec_.order.empty() || has_forms_ || spec_.columns[0].is_struct()) return;
  long_values_ = spec_.columns[0].id() == TypeId::kText || spec_.columns[0].id() == TypeId::kBytea;
  short_bytes_ = SlotSize(spec_.columns[0].id());
  if (long_values_ || short_bytes_ <= sizeof(uint64_t)) mode_ = Mode::kDistinctHash;
}

size_t GeneralAggregate::state_size() const { return sizeof(State) + (mode_ == Mode::kOver ? 0 : spec_.entry->state_size); }

CallContext& GeneralAggregate::ScratchOf(StateContext& context) const {
  if (context.call == nullptr) context.call = std::make_shared<CallContext>();
  return *context.call;
}

void GeneralAggregate::MakeKey(const AnyValue* values, std::string* key, uint32_t* class_size, Arena* arena) const {
  key->clear();
  for (const Order& order : spec_.order)
    AppendOrdered(values[order.column], canonical_[order.column], order.descending, order.nulls_first, key, arena);
  for (size_t i : class_order_) AppendOrdered(values[i], canonical_[i], false, false, key, arena);
  *class_size = static_cast<uint32_t>(key->size());
  for (size_t i : forms_) AppendOrdered(values[i], false, false, false, key, arena);
}

void GeneralAggregate::PrefetchRow(const StateContext& context, const void* raw_state, const RowLayout& layout, size_t first, const char* row) const {
  const Slot& slot = layout.slots()[first];
  const HashedMultiset& set = static_cast<const State*>(raw_state)->hashed;
  if (set.bits == 0 || layout.IsNull(row, slot)) return;
  HashedPrefetch(context.arena, set, long_values_ ? HashedHash(LoadAs<Text>(row + slot.offset).view()) : HashedHash(ShortBits(row + slot.offset)));
}

void GeneralAggregate::AddRow(StateContext& context, void* state, const RowLayout& layout, size_t first, const char* row, int64_t weight) const {
  if (mode_ == Mode::kDistinctHash) {
    const Slot& slot = layout.slots()[first];
    return AddHashed(context, static_cast<State*>(state), {types_[0], row + slot.offset, layout.IsNull(row, slot), nullptr, nullptr}, weight);
  }
  AnyValueBuffer values;
  for (size_t i = 0; i < types_.size(); ++i) {
    const Slot& slot = layout.slots()[first + i];
    const bool null = layout.IsNull(row, slot);
    if (slot.type.is_struct())
      values.at[i] = {types_[i], row, null, &layout, &slot};
    else
      values.at[i] = {types_[i], row + slot.offset, null, nullptr, nullptr};
  }
  Add(context, state, values.at, weight);
}

void GeneralAggregate::Add(StateContext& context, void* raw_state, const AnyValue* values, int64_t weight) const {
  auto* state = static_cast<State*>(raw_state);
  if (mode_ == Mode::kFold) return Fold(context, state, values, weight);
  if (mode_ == Mode::kDistinctHash) return AddHashed(context, state, values[0], weight);
  CallContext& scratch = ScratchOf(context);
  uint32_t class_size = 0;
  MakeKey(values, &context.key, &class_size, &scratch.scratch);
  PackRow(values, payload_, &context.payload);
  scratch.scratch.Reset();
  AddElement(context, state, context.key, class_size, context.payload, weight);
}

void GeneralAggregate::AddElement(StateContext& context, State* state, std::string_view key, uint32_t class_size, std::string_view payload,
                                  int64_t weight) const {
  if (mode_ == Mode::kDistinct) return AddDistinct(context, state, key, class_size, payload, weight);
  MultisetAdd(context.arena, &state->set, key, class_size, payload, weight);
}

void GeneralAggregate::AddHashed(StateContext& context, State* state, const AnyValue& value, int64_t weight) const {
  if (weight == 0) return;
  int64_t now = 0;
  if (long_values_) {
    now = HashedAdd(context.arena, &state->hashed, LoadAs<Text>(value.slot).view(), weight);
  } else {
    now = HashedAdd(context.arena, &state->hashed, ShortBits(value.slot), weight);
  }
  if (const int64_t before = now - weight; (before > 0) != (now > 0)) Fold(context, state, &value, now > 0 ? 1 : -1);
}

// Of equal values the function knows the one that comes first in the multiset.
void GeneralAggregate::AddDistinct(StateContext& context, State* state, std::string_view key, uint32_t class_size, std::string_view payload,
                                   int64_t weight) const {
  if (weight == 0) return;
  if (!has_forms_) {
    const int64_t now = MultisetAdd(context.arena, &state->set, key, class_size, payload, weight), before = now - weight;
    if ((before > 0) != (now > 0)) FoldPayload(context, state, payload.data(), now > 0 ? 1 : -1);
    return;
  }
  const std::string_view wanted = key.substr(0, class_size);
  auto first = [&](MultisetElement* element) {
    return MultisetLowerBound(context.arena, state->set, wanted, element) && element->equal_class() == wanted;
  };
  MultisetElement element;
  const bool existed = first(&element);
  const std::string old_key(existed ? element.key : std::string_view());
  const std::string old_payload(existed ? std::string_view(element.payload, element.payload_size) : std::string_view());
  MultisetAdd(context.arena, &state->set, key, class_size, payload, weight);
  const bool exists = first(&element);
  if (existed == exists && (!exists || element.key == old_key)) return;
  if (existed) FoldPayload(context, state, old_payload.data(), -1);
  if (exists) FoldPayload(context, state, element.payload, 1);
}

void GeneralAggregate::FoldPayload(StateContext& context, State* state, const char* payload, int64_t weight) const {
  AnyValueBuffer values;
  Arena& arena = ScratchOf(context).scratch;
  UnpackRow(payload_, types_, payload, arena.Allocate(payload_.size()), values.at);
  Fold(context, state, values.at, weight);
  arena.Reset();
}

void GeneralAggregate::Fold(StateContext& context, State* state, const AnyValue* values, int64_t weight) const {
  const AggregateEntry& entry = *spec_.entry;
  const auto count = static_cast<uint32_t>(spec_.arguments);
  void* inner = Inner(state);
  if (entry.raw) {
    AnyValueBuffer all;
    std::copy_n(values, count, all.at);
    std::copy(direct_.begin(), direct_.end(), all.at + count);
    return Code<void(StateContext*, void*, const AnyValue*, uint32_t, int64_t)>(entry.add)(&context, inner, all.at,
                                                                                           count + static_cast<uint32_t>(direct_.size()), weight);
  }
  if (entry.arguments.size() == 0) return Code<void(StateContext*, void*, int64_t)>(entry.add)(&context, inner, weight);
  if (count == 1) return Code<void(StateContext*, void*, const void*, int64_t)>(entry.add)(&context, inner, values[0].slot, weight);
  Code<void(StateContext*, void*, const void*, const void*, int64_t)>(entry.add)(&context, inner, values[0].slot, values[1].slot, weight);
}

void GeneralAggregate::Merge(StateContext& context, void* raw_state, StateContext& from, const void* raw_other) const {
  auto* state = static_cast<State*>(raw_state);
  const auto* other = static_cast<const State*>(raw_other);
  if (mode_ == Mode::kFold) {
    return Code<void(StateContext*, void*, StateContext*, const void*)>(spec_.entry->merge)(&context, Inner(state), &from, Inner(other));
  }
  if (mode_ == Mode::kDistinctHash) {
    return HashedForEach(from.arena, other->hashed, long_values_, [&](std::string_view value, int64_t weight) {
      const Text text(value);
      AddHashed(context, state, {types_[0], long_values_ ? reinterpret_cast<const char*>(&text) : value.data(), false, nullptr, nullptr}, weight);
    });
  }
  MultisetForEach(from.arena, other->set.root, [&](const MultisetElement& element) {
    AddElement(context, state, element.key, element.class_size, {element.payload, element.payload_size}, element.weight);
    return true;
  });
}

void GeneralAggregate::Release(StateContext& context, void* raw_state) const {
  auto* state = static_cast<State*>(raw_state);
  if (state->kept != kLive) {
    context.arena.Free(state->set.root, state->kept_bytes);
  } else {
    if (mode_ == Mode::kDistinctHash)
      HashedRelease(context.arena, &state->hashed, long_values_);
    else
      MultisetRelease(context.arena, &state->set);
    if (mode_ != Mode::kOver && spec_.entry->release != nullptr) { Code<void(StateContext*, void*)>(spec_.entry->release)(&context, Inner(state)); }
  }
  std::memset(raw_state, 0, state_size());
}

void GeneralAggregate::Copy(StateContext& from, const void* raw_state, StateContext& to, void* raw_out) const {
  const auto* state = static_cast<const State*>(raw_state);
  auto* out = static_cast<State*>(raw_out);
  std::memcpy(raw_out, raw_state, state_size());
  if (state->kept != kLive) {
    out->set.root = to.arena.Allocate(state->kept_bytes);
    std::memcpy(to.arena.At(out->set.root), from.arena.At(state->set.root), state->kept_bytes);
    return;
  }
  if (mode_ == Mode::kDistinctHash)
    HashedCopy(from.arena, state->hashed, to.arena, &out->hashed, long_values_);
  else
    MultisetCopy(from.arena, state->set, to.arena, &out->set);
  if (mode_ != Mode::kOver && spec_.entry->copy != nullptr) {
    Code<void(StateContext*, const void*, StateContext*, void*)>(spec_.entry->copy)(&from, Inner(state), &to, Inner(out));
  }
}

bool GeneralAggregate::FoldResult(StateContext& context, CallContext& c, const State* state, void* out, bool* out_null) const {
  const void* code = spec_.entry->result_code;
  if (spec_.entry->raw)
    return Code<bool(StateContext*, CallContext*, const void*, const TypeDescriptor*, void*, bool*)>(code)(&context, &c, Inner(state), result_, out,
                                                                                                           out_null);
  return Code<bool(StateContext*, CallContext*, const void*, void*, bool*)>(code)(&context, &c, Inner(state), out, out_null);
}

bool GeneralAggregate::Result(StateContext& context, CallContext& c, const void* raw_state, void* out, bool* out_null) const {
  const auto* state = static_cast<const State*>(raw_state);
  const size_t out_bytes = result_->type.is_struct() ? result_->layout.size() : SlotSize(result_->type.id());
  std::memset(out, 0, out_bytes);
  *out_null = false;
  if (state->kept == kLive) {
    if (mode_ != Mode::kOver) return FoldResult(context, c, state, out, out_null);
    return spec_.entry->over(OrderedValues(*this, context.arena, state->set, c), c, result_, out, out_null);
  }
  const char* kept = context.arena.At(state->set.root);
  if (state->kept == kError) {
    SqlState code;
    std::memcpy(&code, kept, sizeof code);
    return c.Fail(code, std::string(kept + sizeof code, state->kept_bytes - sizeof code).c_str());
  }
  AnyValue value;
  UnpackRow(kept_, {result_}, kept, c.scratch.Allocate(kept_.size()), &value);
  *out_null = value.null;
  if (!value.null) CopyAny(value, static_cast<char*>(out));
  return true;
}

void GeneralAggregate::KeepResult(StateContext& from, const void* state, StateContext& to, void* raw_out) const {
  CallContext& c = ScratchOf(from);
  const size_t out_bytes = result_->type.is_struct() ? result_->layout.size() : SlotSize(result_->type.id());
  char* slot = c.scratch.Allocate(std::max<size_t>(out_bytes, 8));
  bool null = false;
  std::string kept;
  const bool ok = Result(from, c, state, slot, &null);
  if (ok) {
    const AnyValue value{result_, slot, null, nullptr, nullptr};
    PackRow(&value, kept_, &kept);
  } else {
    kept.assign(reinterpret_cast<const char*>(&c.error_state), sizeof c.error_state);
    kept += c.error_message;
  }
  c.scratch.Reset();
  std::memset(raw_out, 0, state_size());
  auto* out = static_cast<State*>(raw_out);
  out->kept = ok ? kValue : kError;
  out->kept_bytes = static_cast<uint32_t>(kept.size());
  out->set.root = to.arena.Allocate(kept.size());
  std::memcpy(to.arena.At(out->set.root), kept.data(), kept.size());
}

// --- OrderedValues

char* OrderedValues::Room() const { return c_.scratch.Allocate(aggregate_.payload_.size()); }

void OrderedValues::Load(const MultisetElement& element, char* room, AnyValue* values) const {
  UnpackRow(aggregate_.payload_, aggregate_.types_, element.payload, room, values);
}

bool OrderedValues::At(int64_t rank, AnyValue* values) const {
  MultisetElement element;
  if (!MultisetAt(arena_, set_, rank, &element)) return false;
  Load(element, Room(), values);
  return true;
}

bool OrderedValues::Mode(AnyValue* values) const {
  MultisetElement best;
  if (!aggregate_.has_forms_) {
    if (!MultisetMode(arena_, set_, &best)) return false;
  } else {
    int64_t most = 0, times = 0;
    MultisetElement first;
    MultisetForEach(arena_, set_.root, [&](const MultisetElement& element) {
      if (element.weight <= 0) return true;
      if (times == 0 || element.equal_class() != first.equal_class()) {
        first = element;
        times = 0;
      }
      times += element.weight;
      if (times > most) {
        most = times;
        best = first;
      }
      return true;
    });
    if (most == 0) return false;
  }
  Load(best, Room(), values);
  return true;
}

}  // namespace kappa
