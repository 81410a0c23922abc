// Casts of json and jsonb to structs and arrays: what jsonb_populate_record does, for a type that is written in the cast. Members are found by the
// fields' names; what is missing, or null, is NULL; scalars are read as their text is.
#include <cstring>

#include "functions/array_support.h"
#include "functions/function.h"
#include "functions/tables.h"
#include "types/json_text.h"
#include "types/jsonb.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace json_record {

bool FailProblem(CallContext& c, const JsonProblem& problem) { return c.Fail(problem.state, problem.message); }

// One way to look at both types.
struct BinarySource {
  using View = JsonbView;
  static bool Get(CallContext&, const View& object, std::string_view key, View* out, bool* found) {
    *found = object.Get(key, out);
    return true;
  }
  template <typename Each>
  static bool ForEach(const View& array, const Each& each) {
    for (uint32_t i = 0; i < array.count(); ++i) {
      if (!each(array.Element(i))) return false;
    }
    return true;
  }
  static bool ScalarText(CallContext& c, const View& value, Text* out) {
    *out = JsonbToText(value, &c.scratch);
    return true;
  }
  static Text WholeText(CallContext& c, const View& value) {
    const size_t size = JsonbTextSize(value);
    char* text = c.Allocate(size);
    FormatJsonb(value, text);
    return Text(text, size);
  }
  static bool Binary(CallContext&, const View& value, Jsonb* out) {
    *out = value.value();
    return true;
  }
};

struct TextSource {
  using View = JsonTextView;
  static bool Get(CallContext& c, const View& object, std::string_view key, View* out, bool* found) {
    *found = false;
    for (JsonTextWalk walk(object); walk.Next();) {
      std::string_view name;
      JsonProblem problem;
      if (!walk.key().String(&c.scratch, &name, &problem)) return FailProblem(c, problem);
      if (name != key) continue;
      *found = true;
      *out = walk.value();
    }
    return true;
  }
  template <typename Each>
  static bool ForEach(const View& array, const Each& each) {
    for (JsonTextWalk walk(array); walk.Next();) {
      if (!each(walk.value())) return false;
    }
    return true;
  }
  static bool ScalarText(CallContext& c, const View& value, Text* out) {
    std::string_view text = value.text();
    JsonProblem problem;
    if (value.kind() == JsonKind::kString && !value.String(&c.scratch, &text, &problem)) return FailProblem(c, problem);
    *out = Text(text);
    return true;
  }
  static Text WholeText(CallContext&, const View& value) { return Text(value.text()); }
  static bool Binary(CallContext& c, const View& value, Jsonb* out) {
    JsonProblem problem;
    return ParseJsonb(value.text(), &c.scratch, out, &problem) || FailProblem(c, problem);
  }
};

void SetNulls(const RowLayout& layout, const Slot& slot, char* row) {
  layout.SetNull(row, slot, true);
  for (const Slot& field : slot.fields) SetNulls(layout, field, row);
}

template <typename Source>
class Populator {
 public:
  using View = typename Source::View;
  explicit Populator(CallContext* c) : c_(*c) {}

  // Into a row whose slots are `place`'s fields.
  bool Struct(const View& value, const TypeDescriptor* type, const RowLayout& layout, const std::vector<Slot>& slots, char* row) {
    if (!value.is_object()) {
      return c_.Fail(sqlstate::kInvalidParameterValue,
                     value.is_array() ? "cannot call populate_composite on an array" : "cannot call populate_composite on a scalar");
    }
    for (size_t i = 0; i < slots.size(); ++i) {
      View member;
      bool found = false;
      if (!Source::Get(c_, value, type->type.fields()[i].name, &member, &found)) return false;
      if (!found || member.kind() == JsonKind::kNull) {
        SetNulls(layout, slots[i], row);
        continue;
      }
      const TypeDescriptor* field = type->fields[i];
      if (field->type.is_struct() ? !Struct(member, field, layout, slots[i].fields, row) : !Value(member, field, row + slots[i].offset)) return false;
    }
    return true;
  }

  // Into the slot of a type that is no struct; not null.
  bool Value(const View& value, const TypeDescriptor* type, char* slot) {
    switch (type->type.id()) {
      case TypeId::kArray:
        return Elements(value, type, slot);
      case TypeId::kJson:
        return Answer(slot, Source::WholeText(c_, value));
      case TypeId::kJsonb: {
        Jsonb binary;
        return Source::Binary(c_, value, &binary) && Answer(slot, binary);
      }
      default: {
        Text text;
        return Source::ScalarText(c_, value, &text) && InputAny(c_, type, text, slot);
      }
    }
  }

 private:
  bool Elements(const View& value, const TypeDescriptor* type, char* slot) {
    if (value.kind() == JsonKind::kString) {  // the array's own text
      Text text;
      return Source::ScalarText(c_, value, &text) && InputAny(c_, type, text, slot);
    }
    if (!value.is_array()) return c_.Fail(sqlstate::kInvalidTextRepresentation, "expected JSON array");
    ArrayBuilder builder(&c_.scratch, type->element);
    ArrayShape shape;
    shape.dimensions = Depth(value);
    if (shape.dimensions > kMaxArrayDimensions) return FailArrayDimensions(c_, shape.dimensions);
    for (int d = 0; d < shape.dimensions; ++d) {
      shape.lengths[d] = -1;
      shape.lower[d] = 1;
    }
    if (!AddElements(value, type->element, 0, &shape, &builder)) return false;
    return Finish(c_, builder, builder.count() == 0 ? ArrayShape() : shape, slot);
  }
  // How many arrays the first element lies in.
  static int Depth(const View& array) {
    int inner = 0;
    Source::ForEach(array, [&](const View& element) {
      if (element.is_array()) inner = Depth(element);
      return false;
    });
    return inner + 1;
  }
  bool AddElements(const View& array, const TypeDescriptor* element_type, int dimension, ArrayShape* shape, ArrayBuilder* builder) {
    int32_t count = 0;
    const bool innermost = dimension + 1 == shape->dimensions;
    const bool added = Source::ForEach(array, [&](const View& element) {
      ++count;
      if (element.is_array() == innermost && !(innermost && IsJsonType(element_type))) return FailShape();
      return innermost ? AddElement(element, element_type, builder) : AddElements(element, element_type, dimension + 1, shape, builder);
    });
    if (!added) return false;
    if (shape->lengths[dimension] < 0) shape->lengths[dimension] = count;
    return shape->lengths[dimension] == count || FailShape();
  }
  static bool IsJsonType(const TypeDescriptor* type) { return type->type.id() == TypeId::kJson || type->type.id() == TypeId::kJsonb; }
  KAPPA_COLD bool FailShape() { return c_.Fail(sqlstate::kInvalidTextRepresentation, "malformed JSON array"); }
  bool AddElement(const View& element, const TypeDescriptor* type, ArrayBuilder* builder) {
    if (element.kind() == JsonKind::kNull) {
      builder->AddNull();
      return true;
    }
    const size_t size = ElementRoom(type);
    char* room = c_.Allocate(size);
    std::memset(room, 0, size);
    const bool made = type->type.is_struct() ? Struct(element, type, type->layout, type->layout.slots(), room) : Value(element, type, room);
    if (!made) return false;
    builder->Add({type, room, false, nullptr, nullptr});
    return true;
  }

  CallContext& c_;
};

template <typename Source, typename View>
bool Populate(CallContext& c, const View& value, const TypeDescriptor* result, void* out, bool* out_null) {
  *out_null = value.kind() == JsonKind::kNull;
  if (*out_null) return true;
  Populator<Source> populator(&c);
  char* slot = static_cast<char*>(out);
  return result->type.is_struct() ? populator.Struct(value, result, result->layout, result->layout.slots(), slot)
                                  : populator.Value(value, result, slot);
}
bool FromJsonb(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool* out_null) {
  return Populate<BinarySource>(c, JsonbView(LoadAs<Jsonb>(args[0])), result, out, out_null);
}
bool FromJson(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool* out_null) {
  return Populate<TextSource>(c, JsonTextView(LoadAs<Text>(args[0]).view()), result, out, out_null);
}

}  // namespace json_record

using namespace json_record;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> JsonRecordFunctions() {
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("JSON")); };
  add(Cast(TypeId::kJsonb, TypeId::kStruct).Raw<&FromJsonb>().Doc("An object as a struct: its members are found by the fields' names."));
  add(Cast(TypeId::kJson, TypeId::kStruct).Raw<&FromJson>().Doc("An object as a struct: its members are found by the fields' names."));
  add(Cast(TypeId::kJsonb, TypeId::kArray).Raw<&FromJsonb>().Doc("An array, element by element."));
  add(Cast(TypeId::kJson, TypeId::kArray).Raw<&FromJson>().Doc("An array, element by element."));
  return table;
}

}  // namespace kappa
