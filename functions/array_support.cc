#include "functions/array_support.h"

#include <cstdio>

#include "common/status.h"
#include "functions/registry.h"

namespace kappa {

bool FailNumbers(CallContext& c, SqlState state, const char* format, int64_t a, int64_t b) {
  char message[160];
  std::snprintf(message, sizeof message, format, static_cast<long long>(a), static_cast<long long>(b));
  return c.Fail(state, message);
}

namespace {

bool FailStatus(CallContext& c, const Status& status) { return c.Fail(SqlStateOf(status), MessageOf(status).c_str()); }

// Calls a function of one argument, and its modifier or zone where it takes one.
bool CallCast(CallContext& c, const FunctionEntry& cast, const AnyValue& from, const void* second, const TypeDescriptor* to, char* slot, bool* null) {
  if (cast.raw) {
    const AnyValue zone{DescribeType(TypeId::kText), static_cast<const char*>(second), second == nullptr, nullptr, nullptr};
    const AnyValue args[] = {from, zone};
    const auto call = reinterpret_cast<RawFunction>(reinterpret_cast<uintptr_t>(cast.code));
    return call(&c, args, second != nullptr ? 2 : 1, to, slot, null);
  }
  const void* const args[] = {from.slot, second};
  const bool nulls[] = {false, false};
  return cast.invoke(&c, slot, null, args, nulls);
}

// Structs field by field.
bool CastStruct(CallContext& c, const AnyValue& from, const TypeDescriptor* to, const Text& zone, char* row) {
  for (size_t i = 0; i < to->fields.size() && i < from.type->fields.size(); ++i) {
    const AnyValue field = FieldOf(from, i);
    AnyValue value{to->fields[i], nullptr, true, nullptr, nullptr};
    if (!field.null) {
      char* room = c.Allocate(AnyRoom(to->fields[i]));
      std::memset(room, 0, AnyRoom(to->fields[i]));
      value.slot = room;
      value.null = false;
      if (!CastAny(c, field, to->fields[i], zone, room, &value.null)) return false;
    }
    SetField(to, i, value, row);
  }
  return true;
}

}  // namespace

bool InputAny(CallContext& c, const TypeDescriptor* type, const Text& text, void* slot) {
  const Status status = ParseAny(type, text.view(), &c.scratch, static_cast<char*>(slot));
  return KAPPA_LIKELY(status.ok()) || FailStatus(c, status);
}

bool CastAny(CallContext& c, const AnyValue& from, const TypeDescriptor* to, const Text& zone, char* slot, bool* null) {
  if (from.type == to) {
    CopyAny(from, slot);
    return true;
  }
  if (from.type->type.is_struct() && to->type.is_struct()) return CastStruct(c, from, to, zone, slot);
  if (from.type->type.id() == to->type.id() && !to->type.is_struct() && to->type.id() != TypeId::kArray) {
    CopyAny(from, slot);
  } else {
    const FunctionEntry* cast = FunctionRegistry::Get().FindCast(from.type->type.id(), to->type.id());
    if (cast == nullptr) return c.Fail(sqlstate::kCannotCoerce, "cannot cast type %s", from.type->name.data(), from.type->name.size());
    if (!CallCast(c, *cast, from, cast->zoned ? &zone : nullptr, to, slot, null)) return false;
  }
  const int32_t modifier = to->type.modifier();
  if (*null || modifier < 0) return true;
  const FunctionEntry* apply = FunctionRegistry::Get().FindTypeModifier(to->type.id());
  if (apply == nullptr) return true;
  char* plain = c.Allocate(24);
  std::memcpy(plain, slot, SlotSize(to->type.id()));
  return CallCast(c, *apply, {to, plain, false, nullptr, nullptr}, &modifier, to, slot, null);
}

}  // namespace kappa
