#include "tests/functions/native_call.h"

#include <algorithm>

#include "functions/constant_form.h"
#include "types/any_value.h"

namespace kappa {

Type ResultTypeOf(const FunctionEntry& entry, const std::vector<Type>& arguments) {
  if (entry.text_arrays && entry.result == TypeId::kAnyArray) return Type::Array(TypeId::kText);
  if (entry.result == TypeId::kArray) return Type::Array(TypeId::kInt4);
  if (entry.result != TypeId::kAnyElement && entry.result != TypeId::kAnyArray)
    return entry.result == TypeId::kAny && !arguments.empty() ? arguments[0] : Type(entry.result);
  Type element;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const TypeId wanted = entry.arguments[std::min(i, entry.arguments.size() - 1)];
    if (wanted == TypeId::kAnyElement) element = arguments[i];
    if (wanted == TypeId::kAnyArray) element = arguments[i].element();
  }
  return entry.result == TypeId::kAnyElement ? element : Type::Array(element);
}

namespace {

std::string Call(const FunctionEntry& entry, const std::vector<Type>& types, const std::vector<Datum>& values) {
  std::vector<std::vector<uint64_t>> slots(values.size());
  std::vector<AnyValue> args(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const TypeDescriptor* type = DescribeType(types[i]);
    slots[i].resize(AnyRoom(type) / 8 + 1);
    auto* slot = reinterpret_cast<char*>(slots[i].data());
    args[i] = {type, slot, values[i].is_null(), nullptr, nullptr};
    if (!values[i].is_null())
      FromDatum(values[i], type, slot);
    else if (entry.strict)
      return "NULL";
  }
  const TypeDescriptor* result = DescribeType(ResultTypeOf(entry, types));
  std::vector<uint64_t> out(AnyRoom(result) / 8 + 1);
  auto* out_slot = reinterpret_cast<char*>(out.data());
  bool null = false, ok;
  CallContext context;
  if (entry.raw) {
    const auto call = reinterpret_cast<RawFunction>(reinterpret_cast<uintptr_t>(entry.code));
    ok = call(&context, args.data(), static_cast<uint32_t>(args.size()), result, out_slot, &null);
  } else {
    const void* pointers[8];
    bool nulls[8];
    for (size_t i = 0; i < args.size(); ++i) {
      pointers[i] = args[i].slot;
      nulls[i] = args[i].null;
    }
    ok = entry.invoke(&context, out_slot, &null, pointers, nulls);
  }
  if (!ok) return "!" + std::string(context.error_state.view()) + " " + context.error_message;
  if (null) return "NULL";
  return ToDatum({result, out_slot, false, nullptr, nullptr}).ToText(result->type);
}

// What generated code would call instead, were the arguments constants.
std::optional<std::string> CallConstantForm(const FunctionEntry& entry, const std::vector<Type>& types, const std::vector<Datum>& values) {
  std::vector<const Datum*> constants;
  for (const Datum& value : values) constants.push_back(value.is_null() ? nullptr : &value);
  const std::optional<ConstantForm> form = FindConstantForm(entry, constants);
  if (!form) return std::nullopt;
  std::vector<Type> form_types;
  std::vector<Datum> form_values;
  for (const ConstantForm::Argument& argument : form->arguments) {
    const auto index = static_cast<size_t>(argument.index);
    form_types.push_back(argument.index >= 0 ? types[index] : Type(TypeId::kText));
    form_values.push_back(argument.index >= 0 ? values[index] : Datum::Bytes(argument.text));
  }
  return Call(form->function, form_types, form_values);
}

}  // namespace

std::string CallNatively(const FunctionEntry& entry, const std::vector<Type>& types, const std::vector<Datum>& values) {
  const std::string answer = Call(entry, types, values);
  const std::optional<std::string> by_form = CallConstantForm(entry, types, values);
  if (by_form && *by_form != answer) return answer + " (its constant form: " + *by_form + ")";
  return answer;
}

}  // namespace kappa
