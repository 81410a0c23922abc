// Text output of values of any type: PostgreSQL's array_out and record_out.
#include <algorithm>
#include <cstring>

#include "types/any_ref.h"
#include "types/array_value.h"
#include "types/jsonb.h"
#include "types/text_format.h"
#include "types/value_text.h"

namespace kappa {

namespace {

// A text that grows in an arena: what std::string is elsewhere.
class ArenaText {
 public:
  explicit ArenaText(Arena* arena) : arena_(arena) {}
  void push_back(char c) {
    Reserve(size_ + 1);
    data_[size_++] = c;
  }
  void append(const char* bytes, size_t size) {
    if (size == 0) return;
    Reserve(size_ + size);
    std::memcpy(data_ + size_, bytes, size);
    size_ += size;
  }
  void resize(size_t size) {
    Reserve(size);
    size_ = size;
  }
  size_t size() const { return size_; }
  char* data() { return data_; }

 private:
  void Reserve(size_t size) {
    if (size <= capacity_) return;
    capacity_ = std::max<size_t>({2 * capacity_, size, 64});
    char* memory = arena_->Allocate(capacity_);
    if (size_ != 0) std::memcpy(memory, data_, size_);
    data_ = memory;
  }
  Arena* arena_;
  char* data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

// Puts what stands from `begin` on in quotes; `escape` says what goes before a character, 0: nothing.
template <typename Out, typename Escape>
void Quote(Out* out, size_t begin, const Escape& escape) {
  const size_t size = out->size() - begin;
  size_t extra = 2;
  for (size_t i = 0; i < size; ++i) extra += escape(out->data()[begin + i]) != 0;
  out->resize(begin + size + extra);
  char* to = out->data() + begin + size + extra;
  *--to = '"';
  for (size_t i = size; i-- > 0;) {
    const char c = out->data()[begin + i];
    *--to = c;
    if (const char e = escape(c); e != 0) *--to = e;
  }
  *--to = '"';
}

// Of an array's element: quoted where it is empty, NULL's name, or has a character that means something there.
template <typename Out>
void QuoteElement(Out* out, size_t begin) {
  const std::string_view text(out->data() + begin, out->size() - begin);
  bool quote = text.empty() || EqualsIgnoringCase(text, "null");
  for (char c : text) quote = quote || c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || IsSpace(c);
  if (quote) Quote(out, begin, [](char c) { return c == '"' || c == '\\' ? '\\' : '\0'; });
}

template <typename Out>
void QuoteField(Out* out, size_t begin) {
  const std::string_view text(out->data() + begin, out->size() - begin);
  bool quote = text.empty();
  for (char c : text) quote = quote || c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || IsSpace(c);
  if (quote) Quote(out, begin, [](char c) { return c == '"' || c == '\\' ? c : '\0'; });
}

template <typename Out>
void AppendRef(const AnyRef& value, Out* out);

template <typename Out>
void AppendArray(const ArrayView& array, Out* out) {
  if (array.dimensions() == 0) {
    out->append("{}", 2);
    return;
  }
  const ArrayShape shape = array.shape();
  bool bounds = false;
  for (int d = 0; d < shape.dimensions; ++d) bounds = bounds || shape.lower[d] != 1;
  char number[24];
  for (int d = 0; bounds && d < shape.dimensions; ++d) {
    out->push_back('[');
    out->append(number, static_cast<size_t>(FormatInt(shape.lower[d], number) - number));
    out->push_back(':');
    out->append(number, static_cast<size_t>(FormatInt(shape.upper(d), number) - number));
    out->push_back(']');
  }
  if (bounds) out->push_back('=');
  // How many elements a brace of each depth spans.
  size_t span[kMaxArrayDimensions];
  size_t product = 1;
  for (int d = shape.dimensions - 1; d >= 0; --d) span[d] = product *= static_cast<size_t>(shape.lengths[d]);
  for (size_t i = 0; i < array.count(); ++i) {
    if (i > 0) out->push_back(',');
    for (int d = 0; d < shape.dimensions; ++d)
      if (i % span[d] == 0) out->push_back('{');
    if (array.IsNull(i)) {
      out->append("NULL", 4);
    } else {
      const size_t begin = out->size();
      AppendRef(AnyRef::Element(array, i), out);
      QuoteElement(out, begin);
    }
    for (int d = 0; d < shape.dimensions; ++d)
      if ((i + 1) % span[d] == 0) out->push_back('}');
  }
}

template <typename Out>
void AppendRef(const AnyRef& value, Out* out) {
  switch (value.type->type.id()) {
    case TypeId::kJsonb: {
      const JsonbView json(value.Bytes().view());
      const size_t begin = out->size();
      out->resize(begin + JsonbTextSize(json));
      FormatJsonb(json, out->data() + begin);
      return;
    }
    case TypeId::kText:
    case TypeId::kJson:
    case TypeId::kUnknown: {
      const Text text = value.Bytes();
      out->append(text.data, text.size);
      return;
    }
    case TypeId::kBytea: {
      const Text bytes = value.Bytes();
      const size_t begin = out->size();
      out->resize(begin + 2 + 2 * size_t{bytes.size});
      FormatBytea(bytes.view(), out->data() + begin);
      return;
    }
    case TypeId::kArray:
      return AppendArray(ArrayView(value.ArrayBytes(), value.type->element), out);
    case TypeId::kStruct:
      out->push_back('(');
      for (size_t i = 0; i < value.fields(); ++i) {
        if (i > 0) out->push_back(',');
        const AnyRef field = value.Field(i);
        if (field.null) continue;
        const size_t begin = out->size();
        AppendRef(field, out);
        QuoteField(out, begin);
      }
      out->push_back(')');
      return;
    default: {
      char buffer[kMaxPlainText];
      out->append(buffer, static_cast<size_t>(FormatPlainValue(value.type->type.id(), value.slot, buffer) - buffer));
    }
  }
}

}  // namespace

void AppendAnyText(const AnyValue& value, std::string* out) { AppendRef(AnyRef::Of(value), out); }
void AppendArrayText(const Array& array, const TypeDescriptor* element, std::string* out) { AppendArray(ArrayView(array, element), out); }

Text AnyText(const AnyValue& value, Arena* arena) {
  const TypeId id = value.type->type.id();
  if (id == TypeId::kText || id == TypeId::kUnknown || id == TypeId::kJson) return AnyRef::Of(value).Bytes();
  ArenaText out(arena);
  AppendRef(AnyRef::Of(value), &out);
  return Text(out.data(), out.size());
}

}  // namespace kappa
