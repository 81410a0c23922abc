// Arrays: compared, searched, changed element by element, ordered.
#include <algorithm>
#include <cstdint>

#include "functions/array_support.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace array_search_functions {

// ---- comparison: of arrays and of structs alike

template <typename Test>
KAPPA_INLINE bool Compare(const AnyValue* args, void* out, Test test) {
  *static_cast<bool*>(out) = test(CompareAny(args[0], args[1]));
  return true;
}
bool Equal(CallContext&, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  return Compare(args, out, [](int order) { return order == 0; });
}
bool NotEqual(CallContext&, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  return Compare(args, out, [](int order) { return order != 0; });
}
bool Less(CallContext&, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  return Compare(args, out, [](int order) { return order < 0; });
}
bool LessEqual(CallContext&, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  return Compare(args, out, [](int order) { return order <= 0; });
}
bool Greater(CallContext&, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  return Compare(args, out, [](int order) { return order > 0; });
}
bool GreaterEqual(CallContext&, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  return Compare(args, out, [](int order) { return order >= 0; });
}

// ---- containment: of sets of elements, whatever the dimensions; a NULL is in no array

// Room for an element of each of two arrays.
struct Rooms {
  Rooms(CallContext& c, const TypeDescriptor* element) : a(c.Allocate(ElementRoom(element))), b(c.Allocate(ElementRoom(element))) {}
  char* a;
  char* b;
};

bool Has(const ArrayView& array, const AnyValue& value, char* room) {
  for (size_t i = 0; i < array.count(); ++i) {
    const AnyValue element = array.Get(i, room);
    if (!element.null && CompareAny(element, value) == 0) return true;
  }
  return false;
}
bool HasAll(CallContext& c, const ArrayView& array, const ArrayView& wanted) {
  const Rooms rooms(c, array.element());
  for (size_t i = 0; i < wanted.count(); ++i) {
    const AnyValue value = wanted.Get(i, rooms.a);
    if (value.null || !Has(array, value, rooms.b)) return false;
  }
  return true;
}
bool Contains(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  *static_cast<bool*>(out) = HasAll(c, ViewOf(args[0]), ViewOf(args[1]));
  return true;
}
bool ContainedBy(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  *static_cast<bool*>(out) = HasAll(c, ViewOf(args[1]), ViewOf(args[0]));
  return true;
}
bool Overlaps(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  const ArrayView a = ViewOf(args[0]), b = ViewOf(args[1]);
  const Rooms rooms(c, a.element());
  bool found = false;
  for (size_t i = 0; i < a.count() && !found; ++i) {
    const AnyValue value = a.Get(i, rooms.a);
    found = !value.null && Has(b, value, rooms.b);
  }
  *static_cast<bool*>(out) = found;
  return true;
}

// ---- positions

bool Same(const AnyValue& element, const AnyValue& wanted) {
  return element.null || wanted.null ? element.null && wanted.null : CompareAny(element, wanted) == 0;
}

KAPPA_COLD bool FailSearch(CallContext& c) {
  return c.Fail(sqlstate::kFeatureNotSupported, "searching for elements in multidimensional arrays is not supported");
}

bool Position(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  if (args[0].null) return AnswerNull(out_null);
  const ArrayView array = ViewOf(args[0]);
  if (array.dimensions() > 1) return FailSearch(c);
  if (array.dimensions() == 0 || (args[1].null && !array.has_nulls())) return AnswerNull(out_null);
  const int32_t lower = array.shape().lower[0];
  int64_t first = lower;
  if (count > 2) {
    if (args[2].null) return c.Fail(sqlstate::kNullValueNotAllowed, "initial position must not be null");
    first = LoadAs<int32_t>(args[2]);
  }
  char* room = c.Allocate(ElementRoom(array.element()));
  for (size_t i = 0; i < array.count(); ++i) {
    const int64_t position = int64_t{lower} + static_cast<int64_t>(i);
    if (position >= first && Same(array.Get(i, room), args[1])) return Answer(out, static_cast<int32_t>(position));
  }
  return AnswerNull(out_null);
}

bool Positions(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool* out_null) {
  if (args[0].null) return AnswerNull(out_null);
  const ArrayView array = ViewOf(args[0]);
  if (array.dimensions() > 1) return FailSearch(c);
  ArrayBuilder builder(&c.scratch, DescribeType(TypeId::kInt4));
  char* room = c.Allocate(ElementRoom(array.element()));
  const int32_t lower = array.dimensions() == 0 ? 1 : array.shape().lower[0];
  for (size_t i = 0; i < array.count(); ++i) {
    if (!Same(array.Get(i, room), args[1])) continue;
    const int32_t position = lower + static_cast<int32_t>(i);
    builder.AddSlot(reinterpret_cast<const char*>(&position));
  }
  return Finish(c, builder, out);
}

bool Remove(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool* out_null) {
  if (args[0].null) return AnswerNull(out_null);
  const ArrayView array = ViewOf(args[0]);
  if (array.dimensions() > 1) return c.Fail(sqlstate::kFeatureNotSupported, "removing elements from multidimensional arrays is not supported");
  ArrayBuilder builder(&c.scratch, result->element, array.count());
  char* room = c.Allocate(ElementRoom(array.element()));
  for (size_t i = 0; i < array.count(); ++i) {
    if (!Same(array.Get(i, room), args[1])) builder.AddFrom(array, i);
  }
  ArrayShape shape = array.shape();
  shape.lengths[0] = static_cast<int32_t>(builder.count());
  return Finish(c, builder, shape, out);
}

bool Replace(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool* out_null) {
  if (args[0].null) return AnswerNull(out_null);
  const ArrayView array = ViewOf(args[0]);
  ArrayBuilder builder(&c.scratch, result->element, array.count());
  char* room = c.Allocate(ElementRoom(array.element()));
  for (size_t i = 0; i < array.count(); ++i) {
    if (Same(array.Get(i, room), args[1]))
      builder.Add(args[2]);
    else
      builder.AddFrom(array, i);
  }
  return Finish(c, builder, array.shape(), out);
}

// ---- order

// The elements' indices by their values, NULLs last, equal ones as they come. Heap sort on (value, index): no memory but the indices and two rooms.
uint32_t* SortedIndices(CallContext& c, const ArrayView& array) {
  const size_t count = array.count();
  auto* indices = reinterpret_cast<uint32_t*>(c.Allocate(4 * count + 8));
  for (size_t i = 0; i < count; ++i) indices[i] = static_cast<uint32_t>(i);
  const Rooms rooms(c, array.element());
  auto less = [&](uint32_t i, uint32_t j) {
    const AnyValue a = array.Get(i, rooms.a), b = array.Get(j, rooms.b);
    const int order = a.null || b.null ? static_cast<int>(a.null) - static_cast<int>(b.null) : CompareAny(a, b);
    return order != 0 ? order < 0 : i < j;
  };
  std::make_heap(indices, indices + count, less);
  std::sort_heap(indices, indices + count, less);
  return indices;
}

bool Sort(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool*) {
  const ArrayView array = ViewOf(args[0]);
  const uint32_t* indices = SortedIndices(c, array);
  ArrayBuilder builder(&c.scratch, result->element, array.count());
  for (size_t i = 0; i < array.count(); ++i) builder.AddFrom(array, indices[i]);
  return Finish(c, builder, out);
}

// The first of every value, in the order they stand.
bool DistinctElements(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool*) {
  const ArrayView array = ViewOf(args[0]);
  const size_t count = array.count();
  const uint32_t* indices = SortedIndices(c, array);
  char* keep = c.Allocate(count + 1);
  std::memset(keep, 0, count);
  const Rooms rooms(c, array.element());
  for (size_t i = 0; i < count; ++i) keep[indices[i]] = i == 0 || !Same(array.Get(indices[i], rooms.a), array.Get(indices[i - 1], rooms.b));
  ArrayBuilder builder(&c.scratch, result->element, count);
  for (size_t i = 0; i < count; ++i)
    if (keep[i] != 0) builder.AddFrom(array, i);
  return Finish(c, builder, out);
}

template <int kSign>
bool Extreme(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool* out_null) {
  const ArrayView array = ViewOf(args[0]);
  const Rooms rooms(c, array.element());
  size_t best = array.count();
  for (size_t i = 0; i < array.count(); ++i) {
    const AnyValue value = array.Get(i, rooms.a);
    if (value.null) continue;
    if (best == array.count() || CompareAny(value, array.Get(best, rooms.b)) * kSign > 0) best = i;
  }
  if (best == array.count()) return AnswerNull(out_null);
  array.Get(best, static_cast<char*>(out));
  return true;
}

KAPPA_HOST_ONLY void AddComparison(std::vector<FunctionEntry>* table) {
  using enum TypeId;
  for (const TypeId type : {kAnyArray, kStruct}) {
    auto add = [&](FunctionBuilder row) { table->push_back(row.Category("Comparison")); };
    const std::string_view order = type == kStruct ? "Structs compare field by field; NULL equals NULL, above all values."
                                                   : "Arrays compare element by element; NULL equals NULL, above all values.";
    add(Operator("=", {type, type}, kBool).Raw<&Equal>().Doc(order));
    add(Operator("<>", {type, type}, kBool).Raw<&NotEqual>().Doc(order));
    add(Operator("<", {type, type}, kBool).Raw<&Less>().Doc(order));
    add(Operator("<=", {type, type}, kBool).Raw<&LessEqual>().Doc(order));
    add(Operator(">", {type, type}, kBool).Raw<&Greater>().Doc(order));
    add(Operator(">=", {type, type}, kBool).Raw<&GreaterEqual>().Doc(order));
  }
}

KAPPA_HOST_ONLY void AddSearch(std::vector<FunctionEntry>* table) {
  using enum TypeId;
  auto add = [&](FunctionBuilder row) { table->push_back(row.Category("Array")); };
  add(Operator("@>", {kAnyArray, kAnyArray}, kBool)
          .Raw<&Contains>()
          .Doc("Is every element of the second among those of the first?")
          .Example("ARRAY[1, 4, 3] @> ARRAY[3, 1, 3]", "t"));
  add(Operator("<@", {kAnyArray, kAnyArray}, kBool)
          .Raw<&ContainedBy>()
          .Doc("Is every element of the first among those of the second?")
          .Example("ARRAY[2, 2, 7] <@ ARRAY[1, 7, 4, 2, 6]", "t"));
  add(Operator("&&", {kAnyArray, kAnyArray}, kBool)
          .Raw<&Overlaps>()
          .Doc("Have the two an element in common?")
          .Example("ARRAY[1, 4, 3] && ARRAY[2, 1]", "t"));
  add(Scalar("array_position", {kAnyArray, kAnyElement}, kInt4)
          .NullsToo()
          .Raw<&Position>()
          .Doc("The subscript of the first element that is the second argument, which may be NULL.")
          .Example("array_position(ARRAY['sun', 'mon', 'tue'], 'mon')", "2"));
  add(Scalar("array_position", {kAnyArray, kAnyElement, kInt4}, kInt4)
          .NullsToo()
          .Raw<&Position>()
          .Doc("The same, from a subscript on.")
          .Example("array_position(ARRAY[1, 2, 1], 1, 2)", "3"));
  add(Scalar("array_positions", {kAnyArray, kAnyElement}, kArray)
          .NullsToo()
          .Raw<&Positions>()
          .Doc("The subscripts of all elements that are the second argument.")
          .Example("array_positions(ARRAY['A', 'A', 'B', 'A'], 'A')", "{1,2,4}"));
  add(Scalar("array_remove", {kAnyArray, kAnyElement}, kAnyArray)
          .NullsToo()
          .Raw<&Remove>()
          .Doc("Without the elements that are the second argument.")
          .Example("array_remove(ARRAY[1, 2, 3, 2], 2)", "{1,3}"));
  add(Scalar("array_replace", {kAnyArray, kAnyElement, kAnyElement}, kAnyArray)
          .NullsToo()
          .Raw<&Replace>()
          .Doc("With the third argument in the place of every element that is the second.")
          .Example("array_replace(ARRAY[1, 2, 5, 4], 5, 3)", "{1,2,3,4}"));
  add(Scalar("array_sort", {kAnyArray}, kAnyArray)
          .Raw<&Sort>()
          .Doc("The elements in order, NULLs last.")
          .Example("array_sort(ARRAY[3, 1, 2])", "{1,2,3}"));
  add(Scalar("array_distinct", {kAnyArray}, kAnyArray)
          .Raw<&DistinctElements>()
          .Doc("Every element once, in the order in which they first stand.")
          .Example("array_distinct(ARRAY[3, 1, 3])", "{3,1}"));
  add(Scalar("array_min", {kAnyArray}, kAnyElement).Raw<&Extreme<-1>>().Doc("The least element.").Example("array_min(ARRAY[3, 1, 2])", "1"));
  add(Scalar("array_max", {kAnyArray}, kAnyElement).Raw<&Extreme<1>>().Doc("The greatest element.").Example("array_max(ARRAY[3, 1, 2])", "3"));
}

}  // namespace array_search_functions

using namespace array_search_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> ArraySearchFunctions() {
  std::vector<FunctionEntry> table;
  AddComparison(&table);
  AddSearch(&table);
  return table;
}

}  // namespace kappa
