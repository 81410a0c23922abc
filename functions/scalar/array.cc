// Arrays: made, taken apart, described, put together.
#include <algorithm>
#include <cstdint>

#include "functions/array_support.h"
#include "functions/tables.h"
#include "types/text_format.h"

namespace kappa {

KAPPA_RUNTIME int64_t CountElements(const Array* array) { return static_cast<int64_t>(ArrayView(*array, nullptr).count()); }
KAPPA_RUNTIME bool LoadElement(const Array* array, int64_t index, const TypeDescriptor* element, char* room) {
  return ArrayView(*array, element).Get(static_cast<size_t>(index), room).null;
}
KAPPA_RUNTIME void CanonicalBytes(CallContext* c, const TypeDescriptor* type, char* slot) { CanonicalSlot(type, slot, &c->scratch); }

// Named, not anonymous: generated code finds these by their symbols.
namespace array_functions {

// ---- constructors

bool Construct(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool*) {
  ArrayBuilder builder(&c.scratch, result->element, count);
  for (uint32_t i = 0; i < count; ++i) builder.Add(args[i]);
  return Finish(c, builder, out);
}

KAPPA_COLD bool FailSubarrays(CallContext& c) {
  return c.Fail(sqlstate::kArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions");
}

// Arrays of one shape become an array of one more dimension.
bool Join(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool*) {
  ArrayShape shape;
  bool any = false, empty = false;
  ArrayBuilder builder(&c.scratch, result->element, count);
  for (uint32_t i = 0; i < count; ++i) {
    const ArrayShape inner = args[i].null ? ArrayShape() : ViewOf(args[i]).shape();
    if (inner.dimensions == 0) {
      empty = true;
      continue;
    }
    if (any && !(inner == shape)) return FailSubarrays(c);
    shape = inner;
    any = true;
    builder.AddFrom(ViewOf(args[i]));
  }
  if (!any) return Finish(c, builder, out);
  if (empty) return FailSubarrays(c);
  if (shape.dimensions == kMaxArrayDimensions) return FailArrayDimensions(c, shape.dimensions + 1);
  ArrayShape joined;
  joined.dimensions = shape.dimensions + 1;
  joined.lengths[0] = static_cast<int32_t>(count);
  joined.lower[0] = 1;
  std::copy_n(shape.lengths, shape.dimensions, joined.lengths + 1);
  std::copy_n(shape.lower, shape.dimensions, joined.lower + 1);
  return Finish(c, builder, joined, out);
}

// array_fill(value, lengths [, lower bounds])
bool Fill(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool*) {
  if (args[1].null || (count > 2 && args[2].null)) return c.Fail(sqlstate::kNullValueNotAllowed, "dimension array or low bound array cannot be null");
  const ArrayView lengths = ViewOf(args[1]);
  if (lengths.dimensions() > 1) return c.Fail(sqlstate::kArraySubscriptError, "wrong number of array subscripts");
  if (lengths.has_nulls()) return c.Fail(sqlstate::kNullValueNotAllowed, "dimension values cannot be null");
  ArrayShape shape;
  if (lengths.count() > kMaxArrayDimensions) return FailArrayDimensions(c, static_cast<int>(lengths.count()));
  shape.dimensions = static_cast<int>(lengths.count());
  if (count > 2) {
    const ArrayView lower = ViewOf(args[2]);
    if (lower.dimensions() > 1) return c.Fail(sqlstate::kArraySubscriptError, "wrong number of array subscripts");
    if (lower.has_nulls()) return c.Fail(sqlstate::kNullValueNotAllowed, "dimension values cannot be null");
    if (lower.count() != lengths.count()) return c.Fail(sqlstate::kArraySubscriptError, "wrong number of array subscripts");
    for (int d = 0; d < shape.dimensions; ++d) shape.lower[d] = lower.Value<int32_t>(static_cast<size_t>(d));
  }
  int64_t elements = shape.dimensions == 0 ? 0 : 1;
  for (int d = 0; d < shape.dimensions; ++d) {
    shape.lengths[d] = lengths.Value<int32_t>(static_cast<size_t>(d));
    if (count <= 2) shape.lower[d] = 1;
    if (shape.lengths[d] < 0) return FailArraySize(c);
    elements *= shape.lengths[d];
    if (elements > kMaxArrayElements) return FailArraySize(c);
  }
  for (int d = 0; d < shape.dimensions; ++d) {
    if (int64_t{shape.lower[d]} + shape.lengths[d] > INT32_MAX)
      return FailNumbers(c, sqlstate::kStatementTooLong, "array lower bound is too large: %lld", shape.lower[d]);
  }
  ArrayBuilder builder(&c.scratch, result->element, static_cast<size_t>(std::min<int64_t>(elements, 1 << 20)));
  for (int64_t i = 0; i < elements; ++i) builder.Add(args[0]);
  return Finish(c, builder, shape, out);
}

// ---- subscripts

int32_t IntAt(const AnyValue& value) { return LoadAs<int32_t>(value); }

// a[i], a[i][j]: NULL outside of the array, and when there are not as many subscripts as dimensions.
bool Element(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool* out_null) {
  const ArrayView array = ViewOf(args[0]);
  if (array.dimensions() != static_cast<int>(count) - 1) return AnswerNull(out_null);
  size_t index = 0;
  if (count == 2) {
    int32_t lower;  // of the only dimension
    const ArrayShape shape = array.shape();
    lower = shape.lower[0];
    const int64_t at = int64_t{IntAt(args[1])} - lower;
    if (at < 0 || at >= shape.lengths[0]) return AnswerNull(out_null);
    index = static_cast<size_t>(at);
  } else {
    const ArrayShape shape = array.shape();
    for (int d = 0; d < shape.dimensions; ++d) {
      const int64_t at = int64_t{IntAt(args[d + 1])} - shape.lower[d];
      if (at < 0 || at >= shape.lengths[d]) return AnswerNull(out_null);
      index = index * static_cast<size_t>(shape.lengths[d]) + static_cast<size_t>(at);
    }
  }
  *out_null = array.Get(index, static_cast<char*>(out)).null;
  return true;
}

// Adds the block of elements that begins at `start` (counted from 0) and is `lengths` large.
void AddBlock(ArrayBuilder* builder, const ArrayView& array, const ArrayShape& shape, const int32_t* start, const int32_t* lengths) {
  int32_t at[kMaxArrayDimensions] = {};
  for (;;) {
    size_t index = 0;
    for (int d = 0; d < shape.dimensions; ++d) index = index * static_cast<size_t>(shape.lengths[d]) + static_cast<size_t>(start[d] + at[d]);
    builder->AddFrom(array, index);
    int d = shape.dimensions - 1;
    while (d >= 0 && ++at[d] == lengths[d]) at[d--] = 0;
    if (d < 0) return;
  }
}

// kappa_slice(array, given, lower, upper, lower, upper ...): bit 2d of `given` says that dimension d has a lower bound, bit 2d + 1 an upper one.
bool Slice(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool*) {
  const ArrayView array = ViewOf(args[0]);
  const int32_t given = IntAt(args[1]);
  const int subscripts = static_cast<int>(count - 2) / 2;
  ArrayBuilder builder(&c.scratch, result->element);
  const ArrayShape shape = array.shape();
  if (shape.dimensions < subscripts || shape.dimensions == 0) return Finish(c, builder, out);
  ArrayShape sliced;
  sliced.dimensions = shape.dimensions;
  int32_t start[kMaxArrayDimensions];
  for (int d = 0; d < shape.dimensions; ++d) {
    int64_t lower = shape.lower[d], upper = int64_t{shape.lower[d]} + shape.lengths[d] - 1;
    if (d < subscripts) {
      if ((given >> (2 * d)) & 1) lower = std::max<int64_t>(lower, IntAt(args[2 + 2 * d]));
      if ((given >> (2 * d + 1)) & 1) upper = std::min<int64_t>(upper, IntAt(args[3 + 2 * d]));
    }
    if (lower > upper) return Finish(c, builder, out);
    start[d] = static_cast<int32_t>(lower - shape.lower[d]);
    sliced.lengths[d] = static_cast<int32_t>(upper - lower + 1);
    sliced.lower[d] = 1;
  }
  AddBlock(&builder, array, shape, start, sliced.lengths);
  return Finish(c, builder, sliced, out);
}

bool Trim(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool*) {
  const ArrayView array = ViewOf(args[0]);
  const ArrayShape shape = array.shape();
  const int32_t length = shape.dimensions == 0 ? 0 : shape.lengths[0];
  const int32_t trimmed = IntAt(args[1]);
  if (trimmed < 0 || trimmed > length)
    return FailNumbers(c, sqlstate::kArraySubscriptError, "number of elements to trim must be between 0 and %lld", length);
  ArrayBuilder builder(&c.scratch, result->element, array.count());
  if (trimmed == length) return Finish(c, builder, out);
  ArrayShape left = shape;
  left.lengths[0] = length - trimmed;
  for (int d = 0; d < left.dimensions; ++d) left.lower[d] = 1;
  const size_t row = array.count() / static_cast<size_t>(length);
  for (size_t i = 0; i < row * static_cast<size_t>(left.lengths[0]); ++i) builder.AddFrom(array, i);
  return Finish(c, builder, left, out);
}

// ---- what an array is

Nullable<Text> Dimensions(CallContext& c, Array array) {
  const ArrayShape shape = ArrayView(array, nullptr).shape();
  if (shape.dimensions == 0) return {};
  char* text = c.Allocate(static_cast<size_t>(shape.dimensions) * 32);
  char* end = text;
  for (int d = 0; d < shape.dimensions; ++d) {
    *end++ = '[';
    end = FormatInt(shape.lower[d], end);
    *end++ = ':';
    end = FormatInt(shape.upper(d), end);
    *end++ = ']';
  }
  return Text(text, static_cast<size_t>(end - text));
}
Nullable<int32_t> DimensionCount(CallContext&, Array array) {
  const int dimensions = ArrayView(array, nullptr).dimensions();
  return dimensions == 0 ? Nullable<int32_t>() : Nullable<int32_t>(dimensions);
}
Nullable<int32_t> Length(CallContext&, Array array, int32_t dimension) {
  const ArrayShape shape = ArrayView(array, nullptr).shape();
  return dimension < 1 || dimension > shape.dimensions ? Nullable<int32_t>() : Nullable<int32_t>(shape.lengths[dimension - 1]);
}
Nullable<int32_t> Lower(CallContext&, Array array, int32_t dimension) {
  const ArrayShape shape = ArrayView(array, nullptr).shape();
  return dimension < 1 || dimension > shape.dimensions ? Nullable<int32_t>() : Nullable<int32_t>(shape.lower[dimension - 1]);
}
Nullable<int32_t> Upper(CallContext&, Array array, int32_t dimension) {
  const ArrayShape shape = ArrayView(array, nullptr).shape();
  return dimension < 1 || dimension > shape.dimensions ? Nullable<int32_t>() : Nullable<int32_t>(shape.upper(dimension - 1));
}
int32_t Cardinality(CallContext&, Array array) { return static_cast<int32_t>(ArrayView(array, nullptr).count()); }

// ---- putting together

// One element more, at the end or the begin.
bool AddOne(CallContext& c, const AnyValue& array, const AnyValue& element, bool at_end, const TypeDescriptor* result, void* out) {
  ArrayShape shape;
  ArrayBuilder builder(&c.scratch, result->element, array.null ? 1 : ViewOf(array).count() + 1);
  if (!array.null) shape = ViewOf(array).shape();
  if (shape.dimensions > 1) return c.Fail(sqlstate::kDataException, "argument must be empty or one-dimensional array");
  if (shape.dimensions == 0) {
    builder.Add(element);
    return Finish(c, builder, out);
  }
  if (at_end ? shape.upper(0) == INT32_MAX : shape.lower[0] == INT32_MIN) return c.Fail(sqlstate::kNumericValueOutOfRange, "integer out of range");
  if (!at_end) builder.Add(element);
  builder.AddFrom(ViewOf(array));
  if (at_end) builder.Add(element);
  ++shape.lengths[0];
  return Finish(c, builder, shape, out);
}
bool Append(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool*) {
  return AddOne(c, args[0], args[1], true, result, out);
}
bool Prepend(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool*) {
  return AddOne(c, args[1], args[0], false, result, out);
}

KAPPA_COLD bool FailIncompatible(CallContext& c) { return c.Fail(sqlstate::kArraySubscriptError, "cannot concatenate incompatible arrays"); }

// Do dimensions `a0` on of a and `b0` on of b agree?
bool SameFrom(const ArrayShape& a, int a0, const ArrayShape& b, int b0) {
  for (int i = 0; a0 + i < a.dimensions && b0 + i < b.dimensions; ++i) {
    if (a.lengths[a0 + i] != b.lengths[b0 + i] || a.lower[a0 + i] != b.lower[b0 + i]) return false;
  }
  return true;
}

bool Concatenate(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool* out_null) {
  if (args[0].null && args[1].null) return AnswerNull(out_null);
  if (args[0].null || args[1].null) return Answer(out, LoadAs<Array>(args[args[0].null ? 1 : 0]));
  const ArrayView a = ViewOf(args[0]), b = ViewOf(args[1]);
  if (a.dimensions() == 0 && b.dimensions() > 0) return Answer(out, LoadAs<Array>(args[1]));
  if (b.dimensions() == 0) return Answer(out, LoadAs<Array>(args[0]));
  const ArrayShape p = a.shape(), q = b.shape();
  ArrayShape shape;
  if (p.dimensions == q.dimensions) {
    if (!SameFrom(p, 1, q, 1)) return FailIncompatible(c);
    shape = p;
    shape.lengths[0] += q.lengths[0];
  } else if (p.dimensions == q.dimensions + 1) {
    if (!SameFrom(p, 1, q, 0)) return FailIncompatible(c);
    shape = p;
    ++shape.lengths[0];
  } else if (p.dimensions + 1 == q.dimensions) {
    if (!SameFrom(q, 1, p, 0)) return FailIncompatible(c);
    shape = q;
    ++shape.lengths[0];
  } else {
    return FailIncompatible(c);
  }
  ArrayBuilder builder(&c.scratch, result->element, a.count() + b.count());
  builder.AddFrom(a);
  builder.AddFrom(b);
  return Finish(c, builder, shape, out);
}

// All elements, in one dimension.
bool Flatten(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool*) {
  const ArrayView array = ViewOf(args[0]);
  ArrayBuilder builder(&c.scratch, result->element, array.count());
  builder.AddFrom(array);
  return Finish(c, builder, out);
}

KAPPA_HOST_ONLY void AddMakers(std::vector<FunctionEntry>* table) {
  using enum TypeId;
  auto add = [&](FunctionBuilder row) { table->push_back(row.Category("Array")); };
  add(Scalar("kappa_array", {kAnyElement}, kAnyArray).Variadic().NullsToo().Raw<&Construct>().Doc("ARRAY[...]."));
  add(Scalar("kappa_array_join", {kAnyArray}, kAnyArray).Variadic().NullsToo().Raw<&Join>().Doc("ARRAY[...] of arrays."));
  add(Scalar("kappa_element", {kAnyArray, kInt4}, kAnyElement).Variadic().Raw<&Element>().Doc("a[i]."));
  add(Scalar("kappa_slice", {kAnyArray, kInt4}, kAnyArray).Variadic().Raw<&Slice>().Doc("a[i:j]."));
  add(Scalar("array_fill", {kAnyElement, kArray}, kAnyArray)
          .NullsToo()
          .Raw<&Fill>()
          .Doc("An array of copies of a value, as long in each dimension as the second argument says.")
          .Example("array_fill(7, ARRAY[2, 3])", "{{7,7,7},{7,7,7}}"));
  add(Scalar("array_fill", {kAnyElement, kArray, kArray}, kAnyArray)
          .NullsToo()
          .Raw<&Fill>()
          .Doc("The same, with lower bounds.")
          .Example("array_fill(11, ARRAY[3], ARRAY[2])", "[2:4]={11,11,11}"));
  add(Scalar("trim_array", {kAnyArray, kInt4}, kAnyArray)
          .Raw<&Trim>()
          .Doc("Without the last n elements.")
          .Example("trim_array(ARRAY[1, 2, 3, 4], 2)", "{1,2}"));
  add(Scalar("array_flatten", {kAnyArray}, kAnyArray)
          .Raw<&Flatten>()
          .Doc("All elements, in one dimension.")
          .Example("array_flatten(ARRAY[[1, 2], [3, 4]])", "{1,2,3,4}"));
}

KAPPA_HOST_ONLY void AddDescriptions(std::vector<FunctionEntry>* table) {
  using enum TypeId;
  auto add = [&](FunctionBuilder row) { table->push_back(row.Category("Array")); };
  add(Scalar("array_dims", {kAnyArray}, kText)
          .Native<&Dimensions>()
          .Doc("The bounds of each dimension; NULL of an empty array.")
          .Example("array_dims('{{1,2,3},{4,5,6}}'::int[])", "[1:2][1:3]"));
  add(Scalar("array_ndims", {kAnyArray}, kInt4)
          .Native<&DimensionCount>()
          .Doc("The number of dimensions; NULL of an empty array.")
          .Example("array_ndims('{{1,2,3},{4,5,6}}'::int[])", "2"));
  add(Scalar("array_length", {kAnyArray, kInt4}, kInt4)
          .Native<&Length>()
          .Doc("The length of a dimension; NULL of one the array has not.")
          .Example("array_length(ARRAY[1, 2, 3], 1)", "3"));
  add(Scalar("array_lower", {kAnyArray, kInt4}, kInt4)
          .Native<&Lower>()
          .Doc("The first subscript of a dimension.")
          .Example("array_lower('[0:2]={1,2,3}'::int[], 1)", "0"));
  add(Scalar("array_upper", {kAnyArray, kInt4}, kInt4)
          .Native<&Upper>()
          .Doc("The last subscript of a dimension.")
          .Example("array_upper(ARRAY[1, 8, 3, 7], 1)", "4"));
  add(Scalar("cardinality", {kAnyArray}, kInt4)
          .Native<&Cardinality>()
          .Doc("How many elements there are in all dimensions; 0 of an empty array.")
          .Example("cardinality(ARRAY[[1, 2], [3, 4]])", "4"));
}

KAPPA_HOST_ONLY void AddConcatenation(std::vector<FunctionEntry>* table) {
  using enum TypeId;
  auto add = [&](FunctionBuilder row) { table->push_back(row.NullsToo().Category("Array")); };
  add(Scalar("array_append", {kAnyArray, kAnyElement}, kAnyArray)
          .Raw<&Append>()
          .Doc("With an element more at the end.")
          .Example("array_append(ARRAY[1, 2], 3)", "{1,2,3}"));
  add(Scalar("array_prepend", {kAnyElement, kAnyArray}, kAnyArray)
          .Raw<&Prepend>()
          .Doc("With an element more at the begin.")
          .Example("array_prepend(1, ARRAY[2, 3])", "{1,2,3}"));
  add(Scalar("array_cat", {kAnyArray, kAnyArray}, kAnyArray)
          .Raw<&Concatenate>()
          .Doc("Two arrays, one behind the other.")
          .Example("array_cat(ARRAY[1, 2, 3], ARRAY[4, 5])", "{1,2,3,4,5}"));
  add(Operator("||", {kAnyArray, kAnyArray}, kAnyArray)
          .Raw<&Concatenate>()
          .Doc("Two arrays, one behind the other; one of a dimension less is a row of the other.")
          .Example("ARRAY[1, 2] || ARRAY[3]", "{1,2,3}"));
  add(Operator("||", {kAnyArray, kAnyElement}, kAnyArray).Raw<&Append>().Doc("An element more at the end.").Example("ARRAY[1, 2] || 3", "{1,2,3}"));
  add(Operator("||", {kAnyElement, kAnyArray}, kAnyArray)
          .Raw<&Prepend>()
          .Doc("An element more at the begin.")
          .Example("1 || ARRAY[2, 3]", "{1,2,3}"));
}

}  // namespace array_functions

using namespace array_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> ArrayFunctions() {
  std::vector<FunctionEntry> table;
  AddMakers(&table);
  AddDescriptions(&table);
  AddConcatenation(&table);
  return table;
}

}  // namespace kappa
