// JSON's arrays into SQL's: of scalars, of objects (an array of structs), of arrays (more dimensions, which must be regular).
#include <algorithm>

#include "formats/json/convert.h"
#include "types/array_value.h"

namespace kappa::json {
namespace {

bool Fail(Problem* problem, SqlState state, const char* what, const char* where) {
  *problem = {state, what, where};
  return false;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool SameName(std::string_view a, std::string_view b, bool exactly) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return x == y || (!exactly && Lower(x) == Lower(y)); });
}

// All of it has been checked: structure, numbers, strings.
class ArrayReader {
 public:
  ArrayReader(CallContext* call, Problem* problem) : call_(call), problem_(problem) {}

  bool Read(const TypeDescriptor* element, const char* p, const char* q, Array* out) {
    if (*p != '[') return Fail(problem_, sqlstate::kInvalidTextRepresentation, "expected an array", p);
    ArrayBuilder builder(&call_->scratch, element);
    ArrayShape shape;
    if (!Elements(element, p, q, 0, &shape, &builder)) return false;
    if (builder.count() == 0) shape = ArrayShape();
    if (builder.Finish(shape, out)) return true;
    return Fail(problem_, SqlState{"54000"}, "the array is too large", p);
  }

 private:
  // p at the bracket of an array `level` deep. The first array of a level says how long all of them are.
  bool Elements(const TypeDescriptor* element, const char* p, const char* q, int level, ArrayShape* shape, ArrayBuilder* builder) {
    const bool first = level >= shape->dimensions;
    if (first) {
      if (level >= kMaxArrayDimensions) return Fail(problem_, SqlState{"54000"}, "an array has at most 6 dimensions", p);
      if (builder->count() != 0) return Ragged(p);
      shape->dimensions = level + 1;
      shape->lower[level] = 1;
    }
    int32_t count = 0;
    for (const char* at = SkipSpace(p + 1, q); *at != ']';) {
      const char* const end = SkipValue(at, q, false, 0, problem_);
      if (end == nullptr) return false;
      // Where elements are no arrays themselves, an array in an array is another dimension.
      const bool deeper = *at == '[' && element->element == nullptr && element->type.id() != TypeId::kJsonb && element->type.id() != TypeId::kJson;
      if (deeper) {
        if (!Elements(element, at, end, level + 1, shape, builder)) return false;
      } else {
        if (level + 1 < shape->dimensions) return Ragged(at);
        if (!Element(element, at, end, builder)) return false;
      }
      ++count;
      at = SkipSpace(end, q);
      if (*at == ',') at = SkipSpace(at + 1, q);
    }
    if (first) shape->lengths[level] = count;
    return shape->lengths[level] == count || Ragged(p);
  }

  bool Ragged(const char* p) { return Fail(problem_, SqlState{"2202E"}, "arrays within an array must have the same length", p); }

  bool Element(const TypeDescriptor* type, const char* p, const char* q, ArrayBuilder* builder) {
    if (*p == 'n') return builder->AddNull(), true;
    char* slot = call_->Allocate(std::max<size_t>(AnyRoom(type), 16) + 8);
    slot += -reinterpret_cast<uintptr_t>(slot) & 7;
    if (!Value(type, p, q, slot)) return false;
    builder->Add({type, slot, false, nullptr, nullptr});
    return true;
  }

  // Into a slot; of a struct into a row of its layout.
  bool Value(const TypeDescriptor* type, const char* p, const char* q, char* slot) {
    if (type->type.is_struct()) return Struct(type, p, q, type->place, slot);
    std::fill_n(slot, SlotSize(type->type.id()), '\0');
    if (type->type.id() != TypeId::kArray) return ConvertValue(type->type, p, q, Strings::kChecked, call_, slot, problem_);
    Array array;
    if (!Read(type->element, p, q, &array)) return false;
    std::memcpy(slot, &array, sizeof array);
    return true;
  }

  bool Struct(const TypeDescriptor* type, const char* p, const char* q, const Slot& place, char* row) {
    if (*p != '{') return Fail(problem_, sqlstate::kInvalidTextRepresentation, "expected an object", p);
    std::fill_n(row, type->layout.size(), '\0');
    return Fields(type, type->layout, place, p, q, row);
  }

  bool Fields(const TypeDescriptor* type, const RowLayout& layout, const Slot& place, const char* p, const char* q, char* row) {
    for (size_t i = 0; i < place.fields.size(); ++i) {
      const Slot& field = place.fields[i];
      const char *begin = nullptr, *end = nullptr;
      Find(type->type.fields()[i].name, p, q, &begin, &end);
      const bool null = begin == nullptr || *begin == 'n';
      SetNulls(layout, field, null, row);
      if (null) continue;
      if (field.type.is_struct()) {
        if (*begin != '{') return Fail(problem_, sqlstate::kInvalidTextRepresentation, "expected an object", begin);
        if (!Fields(type->fields[i], layout, field, begin, end, row)) return false;
      } else if (!Value(type->fields[i], begin, end, row + field.offset)) {
        return false;
      }
    }
    return true;
  }

  static void SetNulls(const RowLayout& layout, const Slot& slot, bool null, char* row) {
    layout.SetNull(row, slot, null);
    if (!null) return;
    for (const Slot& field : slot.fields) SetNulls(layout, field, true, row);
  }

  // A member's value: of the exact name, else of the name in another case; the last of equals.
  void Find(std::string_view name, const char* p, const char* q, const char** begin, const char** end) {
    bool found_exactly = false;
    for (const char* at = SkipSpace(p + 1, q); *at != '}';) {
      const char* const behind_key = SkipString(at, q, problem_);
      std::string_view key(at + 1, static_cast<size_t>(behind_key - at) - 2);
      if (key.find('\\') != std::string_view::npos) {
        char* memory = call_->Allocate(key.size() + 1);
        bool has_nul = false;
        key = {memory, static_cast<size_t>(Unescape(key.data(), key.data() + key.size(), memory, &has_nul) - memory)};
      }
      at = SkipSpace(SkipSpace(behind_key, q) + 1, q);
      const char* const behind = SkipValue(at, q, false, 0, problem_);
      const bool exactly = SameName(key, name, true);
      if (exactly || (!found_exactly && SameName(key, name, false))) {
        *begin = at;
        *end = behind;
        found_exactly |= exactly;
      }
      at = SkipSpace(behind, q);
      if (*at == ',') at = SkipSpace(at + 1, q);
    }
  }

  CallContext* const call_;
  Problem* const problem_;
};

}  // namespace

bool ConvertArray(const TypeDescriptor* type, const char* p, const char* q, Strings strings, CallContext* call, char* slot, Problem* problem) {
  if (strings == Strings::kUnchecked && SkipValue(p, q, true, 0, problem) == nullptr) return false;
  Array array;
  if (!ArrayReader(call, problem).Read(type->element, p, q, &array)) return false;
  std::memcpy(slot, &array, sizeof array);
  return true;
}

}  // namespace kappa::json
