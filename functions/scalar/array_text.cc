// Arrays and structs to texts, texts to arrays and structs, arrays of one type to arrays of another.
#include <cstdint>

#include "functions/array_support.h"
#include "functions/tables.h"
#include "types/text_format.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace array_text_functions {

// array_to_string(array, delimiter [, what stands for NULL])
bool ToString(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  if (args[0].null || args[1].null) return AnswerNull(out_null);
  const ArrayView array = ViewOf(args[0]);
  const Text delimiter = LoadAs<Text>(args[1]);
  const bool show_nulls = count > 2 && !args[2].null;
  const Text null = show_nulls ? LoadAs<Text>(args[2]) : Text();
  auto* texts = reinterpret_cast<Text*>(c.Allocate(array.count() * sizeof(Text)));
  char* room = c.Allocate(ElementRoom(array.element()));
  size_t shown = 0, size = 0;
  for (size_t i = 0; i < array.count(); ++i) {
    const AnyValue value = array.Get(i, room);
    if (value.null && !show_nulls) continue;
    texts[shown] = value.null ? null : AnyText(value, &c.scratch);
    size += texts[shown++].size;
  }
  if (shown > 1) size += (shown - 1) * delimiter.size;
  if (size > kMaxArrayBytes) return c.Fail(sqlstate::kStatementTooLong, "invalid memory alloc request size");
  char* text = c.Allocate(size);
  char* end = text;
  auto put = [&](const Text& part) {
    if (part.size != 0) std::memcpy(end, part.data, part.size);
    end += part.size;
  };
  for (size_t i = 0; i < shown; ++i) {
    if (i > 0) put(delimiter);
    put(texts[i]);
  }
  return Answer(out, Text(text, size));
}

// string_to_array(text, delimiter [, what stands for NULL]): a NULL delimiter separates every character, an empty one nothing.
bool FromString(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool* out_null) {
  if (args[0].null) return AnswerNull(out_null);
  const std::string_view text = LoadAs<Text>(args[0]).view();
  const bool has_null = count > 2 && !args[2].null;
  const Text null = has_null ? LoadAs<Text>(args[2]) : Text();
  ArrayBuilder builder(&c.scratch, result->element);
  auto add = [&](std::string_view part) {
    if (has_null && part == null.view()) return builder.AddNull();
    const Text element(part);
    builder.AddSlot(reinterpret_cast<const char*>(&element));
  };
  if (text.empty()) return Finish(c, builder, out);
  if (args[1].null) {
    for (size_t at = 0; at < text.size();) {
      const size_t length = Utf8Length(text[at]);
      add(text.substr(at, length));
      at += length;
    }
    return Finish(c, builder, out);
  }
  const std::string_view delimiter = LoadAs<Text>(args[1]).view();
  if (delimiter.empty()) {
    add(text);
    return Finish(c, builder, out);
  }
  for (size_t begin = 0;;) {
    const size_t end = text.find(delimiter, begin);
    add(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return Finish(c, builder, out);
    begin = end + delimiter.size();
  }
}

// ---- casts

bool Output(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  return Answer(out, AnyText(args[0], &c.scratch));
}
bool Input(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor* result, void* out, bool*) {
  return InputAny(c, result, LoadAs<Text>(args[0]), out);
}

// Element by element; the last argument is the session's time zone.
bool CastElements(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool*) {
  const ArrayView array = ViewOf(args[0]);
  const Text zone = LoadAs<Text>(args[count - 1]);
  const TypeDescriptor* to = result->element;
  char* room = c.Allocate(ElementRoom(array.element()));
  char* cast = c.Allocate(ElementRoom(to));
  ArrayBuilder builder(&c.scratch, to, array.count());
  for (size_t i = 0; i < array.count(); ++i) {
    const AnyValue value = array.Get(i, room);
    if (value.null) {
      builder.AddNull();
      continue;
    }
    std::memset(cast, 0, ElementRoom(to));
    bool null = false;
    if (!CastAny(c, value, to, zone, cast, &null)) return false;
    builder.Add({to, cast, null, nullptr, nullptr});
  }
  return Finish(c, builder, array.shape(), out);
}

}  // namespace array_text_functions

using namespace array_text_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> ArrayTextFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Array")); };
  add(Scalar("array_to_string", {kAnyArray, kText}, kText)
          .NullsToo()
          .Raw<&ToString>()
          .Doc("The elements' texts with a delimiter between them; NULLs are left out.")
          .Example("array_to_string(ARRAY[1, 2, NULL], ',')", "1,2"));
  add(Scalar("array_to_string", {kAnyArray, kText, kText}, kText)
          .NullsToo()
          .Raw<&ToString>()
          .Doc("The same, with a text for NULLs.")
          .Example("array_to_string(ARRAY[1, 2, NULL], ',', '*')", "1,2,*"));
  add(Scalar("string_to_array", {kText, kText}, kAnyArray)
          .NullsToo()
          .TextArrays()
          .Raw<&FromString>()
          .Doc("The parts of a text between delimiters; its characters when the delimiter is NULL.")
          .Example("string_to_array('xx~~yy~~zz', '~~')", "{xx,yy,zz}"));
  add(Scalar("string_to_array", {kText, kText, kText}, kAnyArray)
          .NullsToo()
          .TextArrays()
          .Raw<&FromString>()
          .Doc("The same; parts that are the third text become NULL.")
          .Example("string_to_array('xx~~yy~~zz', '~~', 'yy')", "{xx,NULL,zz}"));
  auto cast = [&](FunctionBuilder row, std::string_view doc) { table.push_back(row.Category("Cast").Doc(doc)); };
  cast(Cast(kArray, kText).Raw<&Output>().Assignment(), "The text of an array: {1,2,NULL}.");
  cast(Cast(kText, kArray).Raw<&Input>(), "An array from its text.");
  cast(Cast(kStruct, kText).Raw<&Output>().Assignment(), "The text of a struct: (1,\"a b\",).");
  cast(Cast(kText, kStruct).Raw<&Input>(), "A struct from its text.");
  FunctionBuilder elements(FunctionKind::kCast, "cast", {kArray, kText}, kArray);
  cast(elements.Zoned().Raw<&CastElements>().Implicit(), "Element by element.");
  return table;
}

}  // namespace kappa
