#include "types/any_value.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

namespace kappa {
namespace {

// PostgreSQL's name, without modifiers.
std::string NameOf(const Type& type) {
  if (type.id() == TypeId::kArray) return NameOf(type.element()) + "[]";
  if (type.id() == TypeId::kText && type.modifier() >= 0) return "character varying";
  return type.is_struct() ? type.ToString() : Type(type.id()).ToString();
}

// Types by what tells them apart: their text has modifiers and fields' names in it.
struct Interner {
  std::recursive_mutex mutex;  // a layout describes its columns
  std::map<std::string, std::unique_ptr<const TypeDescriptor>> descriptors;

  const TypeDescriptor* Find(const Type& type) {
    const std::string key = std::to_string(static_cast<int>(type.id())) + ":" + std::to_string(type.modifier()) + ":" + type.ToString();
    if (const auto found = descriptors.find(key); found != descriptors.end()) return found->second.get();
    auto made = std::make_unique<TypeDescriptor>();
    made->type = type;
    made->name = NameOf(type);
    if (type.is_struct()) {
      std::vector<RowLayout::Column> columns;
      for (const StructField& field : type.fields()) {
        columns.push_back({field.type, true});
        made->fields.push_back(Find(field.type));
      }
      made->layout = RowLayout(columns);
      made->place.type = type;
      made->place.descriptor = made.get();
      made->place.fields = made->layout.slots();
    } else if (type.id() == TypeId::kArray) {
      made->element = Find(type.element());
    }
    return descriptors.emplace(key, std::move(made)).first->second.get();
  }
};

}  // namespace

const TypeDescriptor* DescribeType(const Type& type) {
  static Interner* const interner = new Interner;  // never destroyed: descriptors outlive everything that points to them
  const std::lock_guard<std::recursive_mutex> lock(interner->mutex);
  return interner->Find(type);
}

Datum ToDatum(const AnyValue& value) {
  if (value.null) return Datum();
  if (!value.type->type.is_struct()) return Datum::Load(value.type->type, value.slot);
  std::vector<Datum> fields;
  for (size_t i = 0; i < value.type->fields.size(); ++i) fields.push_back(ToDatum(FieldOf(value, i)));
  return Datum::Struct(std::move(fields));
}

void FromDatum(const Datum& datum, const TypeDescriptor* type, char* slot) {
  if (!type->type.is_struct()) return datum.Store(type->type, slot);
  std::fill_n(slot, type->layout.size(), char{0});
  for (size_t i = 0; i < type->fields.size(); ++i) type->layout.Store(slot, type->place.fields[i], datum.as_struct()[i]);
}

}  // namespace kappa
