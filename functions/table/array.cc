#include "functions/table/array.h"

#include "functions/array_support.h"

namespace kappa::table_functions {

bool Unnest::Open(CallContext& c, const AnyValue* args, uint32_t count) {
  source_count_ = count;
  sources_ = reinterpret_cast<Source*>(c.Allocate(count * sizeof(Source)));
  for (uint32_t i = 0; i < count; ++i) {
    const ArrayView array = args[i].null ? ArrayView(Array(), args[i].type->element) : ViewOf(args[i]);
    const size_t elements = args[i].null ? 0 : array.count();
    new (sources_ + i) Source{array, elements, c.Allocate(ElementRoom(array.element()))};
    rows_ = std::max(rows_, elements);
  }
  return true;
}

int32_t Unnest::Next(CallContext&, const TypeDescriptor* row, char* out) {
  if (at_ == rows_) return 0;
  size_t column = 0;
  for (uint32_t i = 0; i < source_count_; ++i) {
    const Source& source = sources_[i];
    const TypeDescriptor* element = source.array.element();
    const AnyValue value = at_ < source.count ? source.array.Get(at_, source.room) : AnyValue{element};
    if (!element->type.is_struct()) {
      SetField(row, column++, value, out);
      continue;
    }
    for (size_t field = 0; field < element->fields.size(); ++field)
      SetField(row, column++, value.null ? AnyValue{element->fields[field]} : FieldOf(value, field), out);
  }
  ++at_;
  return 1;
}

bool Subscripts::Open(CallContext&, const AnyValue* args, uint32_t count) {
  const ArrayShape shape = ViewOf(args[0]).shape();
  const auto dimension = LoadAs<int32_t>(args[1]);
  if (dimension < 1 || dimension > shape.dimensions) return true;
  next_ = shape.lower[dimension - 1];
  last_ = shape.upper(dimension - 1);
  reverse_ = count > 2 && LoadAs<bool>(args[2]);
  return true;
}

int32_t Subscripts::Next(CallContext&, const TypeDescriptor* row, char* out) {
  if (next_ > last_) return 0;
  Put(row, 0, static_cast<int32_t>(reverse_ ? last_-- : next_++), out);
  return 1;
}

}  // namespace kappa::table_functions
