#include "functions/json_value.h"

#include "functions/value_output.h"
#include "types/array_value.h"
#include "types/datetime.h"
#include "types/json_text.h"

namespace kappa {
namespace {

enum class Form : uint8_t { kBool, kNumber, kDate, kTimestamp, kTimestampTz, kJson, kJsonb, kArray, kStruct, kText };

Form FormOf(TypeId type) {
  switch (type) {
    case TypeId::kBool:
      return Form::kBool;
    case TypeId::kInt2:
    case TypeId::kInt4:
    case TypeId::kInt8:
    case TypeId::kFloat4:
    case TypeId::kFloat8:
    case TypeId::kNumeric:
      return Form::kNumber;
    case TypeId::kDate:
      return Form::kDate;
    case TypeId::kTimestamp:
      return Form::kTimestamp;
    case TypeId::kTimestampTz:
      return Form::kTimestampTz;
    case TypeId::kJson:
      return Form::kJson;
    case TypeId::kJsonb:
      return Form::kJsonb;
    case TypeId::kArray:
      return Form::kArray;
    case TypeId::kStruct:
      return Form::kStruct;
    default:
      return Form::kText;
  }
}

template <typename T>
T Load(const AnyValue& value) {
  T out;
  std::memcpy(static_cast<void*>(&out), value.slot, sizeof out);
  return out;
}

// 2024-01-31T12:30:45.5, with the zone's hours and minutes: what stands in a string of JSON.
std::string_view IsoTime(CallContext& c, const AnyValue& value, bool zone) {
  char* text = c.Allocate(kMaxIntervalText + 4);
  char* end = zone ? FormatTimestampTz(Load<TimestampTz>(value), text) : FormatTimestamp(Load<Timestamp>(value), text);
  std::string_view view(text, static_cast<size_t>(end - text));
  const size_t space = view.find(' ');
  if (space == std::string_view::npos) return view;  // infinity
  text[space] = 'T';
  const size_t sign = view.find('+', space);
  if (!zone || sign == std::string_view::npos) return view;
  std::memmove(text + sign + 6, text + sign + 3, view.size() - sign - 3);  // +00 becomes +00:00
  std::memcpy(text + sign + 3, ":00", 3);
  return {text, view.size() + 3};
}

std::string_view TextOf(CallContext& c, const AnyValue& value, Form form) {
  if (form == Form::kTimestamp || form == Form::kTimestampTz) return IsoTime(c, value, form == Form::kTimestampTz);
  if (form == Form::kBool) return *value.slot != 0 ? "true" : "false";
  return OutputText(c, value).view();
}
bool IsJsonNumber(std::string_view text) { return text.find_first_not_of("0123456789+-.e") == std::string_view::npos; }

// Calls `each` for the elements of an array; below its last dimension for arrays of them, with `open` and `close` around.
template <typename Each>
bool WalkArray(const ArrayView& array, const Each& each) {
  std::vector<char> heap;
  alignas(8) char room[256];
  char* at = room;
  if (const size_t needed = ElementRoom(array.element()); needed > sizeof room) {
    heap.resize(needed);
    at = heap.data();
  }
  for (size_t i = 0; i < array.count(); ++i) {
    if (!each(i, array.Get(i, at))) return false;
  }
  return true;
}

class TextWriter {
 public:
  TextWriter(CallContext* c, ArenaText* out) : c_(*c), out_(*out) {}

  bool Value(const AnyValue& value, bool lines) {
    if (value.null) {
      out_.Append("null");
      return true;
    }
    const Form form = FormOf(value.type->type.id());
    switch (form) {
      case Form::kStruct:
        return Struct(value, lines);
      case Form::kArray:
        return Elements(value, lines);
      case Form::kJson:
        out_.Append(Load<Text>(value).view());
        return true;
      case Form::kJsonb:
        out_.Append(JsonbView(Load<Jsonb>(value)));
        return true;
      default:
        break;
    }
    const std::string_view text = TextOf(c_, value, form);
    if (form == Form::kBool || (form == Form::kNumber && IsJsonNumber(text)))
      out_.Append(text);
    else
      out_.AppendJsonString(text);
    return true;
  }

 private:
  bool Struct(const AnyValue& value, bool lines) {
    out_.Append("{");
    for (size_t i = 0; i < value.type->fields.size(); ++i) {
      if (i > 0) out_.Append(lines ? ",\n " : ",");
      out_.AppendJsonString(value.type->type.fields()[i].name);
      out_.Append(":");
      if (!Value(FieldOf(value, i), false)) return false;
    }
    out_.Append("}");
    return true;
  }
  // The brackets of a dimension open where its first element begins and close behind its last.
  bool Elements(const AnyValue& value, bool lines) {
    const ArrayView array(Load<Array>(value), value.type->element);
    if (array.dimensions() == 0) {
      out_.Append("[]");
      return true;
    }
    const ArrayShape shape = array.shape();
    return WalkArray(array, [&](size_t index, const AnyValue& element) {
      size_t run = 1;
      int opens = 0, closes = 0;
      for (int d = shape.dimensions - 1; d >= 0; --d) {
        run *= static_cast<size_t>(shape.lengths[d]);
        opens += index % run == 0;
        closes += (index + 1) % run == 0;
      }
      if (index > 0) out_.Append(lines && opens == shape.dimensions - 1 ? ",\n " : ",");
      for (int i = 0; i < opens; ++i) out_.Append("[");
      if (!Value(element, false)) return false;
      for (int i = 0; i < closes; ++i) out_.Append("]");
      return true;
    });
  }

  CallContext& c_;
  ArenaText& out_;
};

bool FailProblem(CallContext& c, const JsonProblem& problem) { return c.Fail(problem.state, problem.message); }

bool MakeArrayNode(CallContext& c, const AnyValue& value, JsonbNode* out) {
  const ArrayView array(Load<Array>(value), value.type->element);
  const ArrayShape shape = array.shape();
  ArenaVector<JsonbMember> members(&c.scratch);
  const bool walked = WalkArray(array, [&](size_t, const AnyValue& element) {
    JsonbMember member;
    if (!MakeJsonbNode(c, element, &member.value)) return false;
    members.push_back(member);
    return true;
  });
  if (!walked) return false;
  // From the last dimension up, runs of elements become arrays.
  uint32_t count = members.size();
  for (int d = shape.dimensions - 1; d > 0; --d) {
    const auto run = static_cast<uint32_t>(shape.lengths[d]);
    auto* outer = reinterpret_cast<JsonbMember*>(c.Allocate(count / run * sizeof(JsonbMember)));
    JsonbMember* inner = d == shape.dimensions - 1 ? members.data() : const_cast<JsonbMember*>(out->members);
    for (uint32_t i = 0; i < count / run; ++i) outer[i] = JsonbMember{{}, JsonbNode::Array(inner + i * run, run)};
    count /= run;
    out->members = outer;
  }
  *out = JsonbNode::Array(shape.dimensions > 1 ? const_cast<JsonbMember*>(out->members) : members.data(), count);
  return true;
}

bool MakeStructNode(CallContext& c, const AnyValue& value, JsonbNode* out) {
  ArenaVector<JsonbMember> members(&c.scratch);
  for (size_t i = 0; i < value.type->fields.size(); ++i) {
    JsonbMember member;
    member.key = value.type->type.fields()[i].name;
    if (!MakeJsonbNode(c, FieldOf(value, i), &member.value)) return false;
    members.push_back(member);
  }
  *out = JsonbNode::Object(members.data(), members.size());
  return true;
}

}  // namespace

void ArenaText::Grow(size_t needed) {
  size_t capacity = capacity_ < 64 ? 64 : capacity_ * 2;
  while (capacity < needed) capacity *= 2;
  char* grown = arena_->Allocate(capacity);
  if (size_ != 0) std::memcpy(grown, data_, size_);
  data_ = grown;
  capacity_ = capacity;
}

bool AppendJson(CallContext& c, const AnyValue& value, ArenaText* out) { return TextWriter(&c, out).Value(value, false); }
bool AppendJsonLines(CallContext& c, const AnyValue& value, ArenaText* out) { return TextWriter(&c, out).Value(value, true); }

bool MakeJsonbNode(CallContext& c, const AnyValue& value, JsonbNode* out) {
  *out = JsonbNode();
  if (value.null) return true;
  const Form form = FormOf(value.type->type.id());
  JsonProblem problem;
  switch (form) {
    case Form::kStruct:
      return MakeStructNode(c, value, out);
    case Form::kArray:
      return MakeArrayNode(c, value, out);
    case Form::kJson:
      return ParseJsonbNode(Load<Text>(value).view(), &c.scratch, out, &problem) || FailProblem(c, problem);
    case Form::kJsonb:
      *out = JsonbNode::Raw(JsonbView(Load<Jsonb>(value)));
      return true;
    case Form::kBool:
      *out = JsonbNode::Bool(*value.slot != 0);
      return true;
    default:
      break;
  }
  const std::string_view text = TextOf(c, value, form);
  std::string_view number;
  if (form != Form::kNumber || !IsJsonNumber(text)) {
    *out = JsonbNode::String(text);
  } else if (CanonicalJsonNumber(text, &c.scratch, &number) == JsonNumberStatus::kOk) {
    *out = JsonbNode::Number(number);
  } else {
    return c.Fail(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
  }
  return true;
}

bool JsonKeyText(CallContext& c, const AnyValue& value, std::string_view* out) {
  const Form form = FormOf(value.type->type.id());
  if (form == Form::kArray || form == Form::kStruct || form == Form::kJson || form == Form::kJsonb)
    return c.Fail(sqlstate::kInvalidParameterValue, "key value must be scalar, not array, composite, or json");
  *out = TextOf(c, value, form);
  return true;
}

}  // namespace kappa
