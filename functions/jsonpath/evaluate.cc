#include <cmath>
#include <cstring>
#include <unordered_map>

#include "functions/function_caches.h"
#include "functions/jsonpath/path.h"
#include "functions/regex/pattern.h"
#include "types/numeric.h"
#include "types/text_format.h"

namespace kappa {

// The paths that a worker has parsed, by their text.
class JsonPathCache {
 public:
  const jsonpath::Path* Find(CallContext& c, std::string_view text) {
    if (last_ != nullptr && text == last_text_) return last_;
    auto [at, missing] = paths_.try_emplace(std::string(text));
    if (missing) {
      jsonpath::ParseFailure failure;
      at->second = jsonpath::ParsePath(text, &failure);
      if (at->second == nullptr) {
        paths_.erase(at);
        c.Fail(failure.state, failure.message.c_str());
        return nullptr;
      }
      if (paths_.size() > kMost) Forget(text);
    }
    last_text_ = std::string(text);
    last_ = paths_.at(last_text_).get();
    return last_;
  }

 private:
  static constexpr size_t kMost = 256;  // a path that is another for each row must not fill the memory
  void Forget(std::string_view kept) {
    std::erase_if(paths_, [&](const auto& entry) { return entry.first != kept; });
  }
  std::unordered_map<std::string, std::shared_ptr<const jsonpath::Path>> paths_;
  std::string last_text_;
  const jsonpath::Path* last_ = nullptr;
};

}  // namespace kappa

namespace kappa::jsonpath {
namespace {

constexpr SqlState kInvalidSubscript{"22033"};
constexpr SqlState kNonNumericItem{"22036"};
constexpr SqlState kSingletonRequired{"22038"};
constexpr SqlState kArrayNotFound{"22039"};
constexpr SqlState kMemberNotFound{"2203A"};
constexpr SqlState kNumberNotFound{"2203B"};
constexpr SqlState kObjectNotFound{"2203C"};

enum class Truth : uint8_t { kFalse, kTrue, kUnknown };
using Values = ArenaVector<JsonbView>;

const char* MethodName(NodeKind kind) {
  switch (kind) {
    case NodeKind::kAbs:
      return "abs";
    case NodeKind::kFloor:
      return "floor";
    case NodeKind::kCeiling:
      return "ceiling";
    case NodeKind::kDouble:
      return "double";
    case NodeKind::kSize:
      return "size";
    default:
      return "keyvalue";
  }
}
const char* OperatorName(NodeKind kind) {
  switch (kind) {
    case NodeKind::kAdd:
    case NodeKind::kPlus:
      return "+";
    case NodeKind::kSubtract:
    case NodeKind::kMinus:
      return "-";
    case NodeKind::kMultiply:
      return "*";
    case NodeKind::kDivide:
      return "/";
    default:
      return "%";
  }
}

// PostgreSQL's utils/adt/jsonpath_exec.c is the specification of what is unwrapped and which error comes first.
class Evaluator {
 public:
  Evaluator(CallContext& c, const Path& path, JsonbView target, JsonbView vars, bool silent)
      : c_(c), path_(path), root_(target), current_(target), vars_(vars), throw_(!silent), ignore_(!path.strict) {}

  Outcome Run(Values* found) {
    if (path_.strict && found == nullptr) {  // all of it, to see that there is no error
      Values all(&c_.scratch);
      const Outcome outcome = Item(path_.root, root_, &all, lax());
      if (outcome == Outcome::kError) return outcome;
      return all.empty() ? Outcome::kNothing : Outcome::kFound;
    }
    return Item(path_.root, root_, found, lax());
  }

 private:
  bool lax() const { return !path_.strict; }
  const Node& At(int node) const { return path_.nodes[static_cast<size_t>(node)]; }

  // An error that the standard lets be suppressed.
  KAPPA_COLD Outcome Fail(SqlState state, const char* message, std::string_view subject = {}) {
    if (throw_) c_.Fail(state, message, subject.data(), subject.size());
    return Outcome::kError;
  }
  JsonbView Scalar(JsonKind kind, std::string_view text) {
    char* bytes = c_.Allocate(text.size() + 1);
    bytes[0] = static_cast<char>(kind);
    if (!text.empty()) std::memcpy(bytes + 1, text.data(), text.size());
    return JsonbView(std::string_view(bytes, text.size() + 1));
  }
  JsonbView NumberOf(const Numeric& n) {
    char text[kMaxNumericText];
    return Scalar(JsonKind::kNumber, {text, static_cast<size_t>(FormatNumeric(n, text) - text)});
  }

  Outcome Next(const Node& node, JsonbView value, Values* found) {
    if (node.next >= 0) return Item(node.next, value, found, lax());
    if (found != nullptr) found->push_back(value);
    return Outcome::kFound;
  }

  // `unwrap`: an array where something else is needed stands for its elements.
  Outcome Item(int index, JsonbView value, Values* found, bool unwrap) {
    const Node& node = At(index);
    switch (node.kind) {
      case NodeKind::kNull:
      case NodeKind::kBool:
      case NodeKind::kNumber:
      case NodeKind::kString:
      case NodeKind::kVariable: {
        if (node.next < 0 && found == nullptr && node.kind != NodeKind::kVariable) return Outcome::kFound;
        JsonbView literal;
        if (!Literal(node, &literal)) return Outcome::kError;
        return Next(node, literal, found);
      }
      case NodeKind::kRoot:
        return Next(node, root_, found);
      case NodeKind::kCurrent:
        return Next(node, current_, found);
      case NodeKind::kLast:
        return Next(node, Scalar(JsonKind::kNumber, std::to_string(array_size_ - 1)), found);
      case NodeKind::kKey:
        return Key(index, value, found, unwrap);
      case NodeKind::kAnyKey:
        if (value.is_object()) return Children(node.next, value, found, 1, 1, 1, false, lax());
        if (unwrap && value.is_array()) return Unwrapped(index, value, found, false);
        return Missing(kObjectNotFound, "jsonpath wildcard member accessor can only be applied to an object");
      case NodeKind::kAnyElement:
        if (value.is_array()) return Children(node.next, value, found, 1, 1, 1, false, lax());
        if (lax()) return Next(node, value, found);
        return Missing(kArrayNotFound, "jsonpath wildcard array accessor can only be applied to an array");
      case NodeKind::kSubscripts:
        return Subscripts(node, value, found);
      case NodeKind::kAny:
        return Any(node, value, found);
      case NodeKind::kFilter:
        if (unwrap && value.is_array()) return Unwrapped(index, value, found, false);
        return NestedTruth(node.left, value) == Truth::kTrue ? Next(node, value, found) : Stopped();
      case NodeKind::kType:
      case NodeKind::kSize:
      case NodeKind::kAbs:
      case NodeKind::kFloor:
      case NodeKind::kCeiling:
      case NodeKind::kDouble:
      case NodeKind::kKeyValue:
        return Method(index, value, found, unwrap);
      case NodeKind::kAdd:
      case NodeKind::kSubtract:
      case NodeKind::kMultiply:
      case NodeKind::kDivide:
      case NodeKind::kRemainder:
        return Binary(node, value, found);
      case NodeKind::kPlus:
      case NodeKind::kMinus:
        return Unary(node, value, found);
      default:
        return Predicate(node, value, found);
    }
  }
  Outcome Stopped() const { return fatal_ ? Outcome::kError : Outcome::kNothing; }
  Outcome Missing(SqlState state, const char* message, std::string_view subject = {}) {
    return ignore_ ? Outcome::kNothing : Fail(state, message, subject);
  }

  // What a predicate answers is a value: true, false, or null for unknown.
  Outcome Predicate(const Node& node, JsonbView value, Values* found) {
    const Truth truth = Test(node, value);
    if (fatal_) return Outcome::kError;
    if (node.next < 0 && found == nullptr) return Outcome::kFound;
    const JsonKind kind = truth == Truth::kUnknown ? JsonKind::kNull : truth == Truth::kTrue ? JsonKind::kTrue : JsonKind::kFalse;
    return Next(node, Scalar(kind, {}), found);
  }

  bool Literal(const Node& node, JsonbView* out) {
    switch (node.kind) {
      case NodeKind::kNull:
        *out = Scalar(JsonKind::kNull, {});
        return true;
      case NodeKind::kBool:
        *out = Scalar(node.flags != 0 ? JsonKind::kTrue : JsonKind::kFalse, {});
        return true;
      case NodeKind::kNumber:
        *out = Scalar(JsonKind::kNumber, node.text);
        return true;
      case NodeKind::kString:
        *out = Scalar(JsonKind::kString, node.text);
        return true;
      default:
        break;
    }
    if (vars_.Get(node.text, out)) return true;
    if (!vars_.is_object()) {  // of an operator, which has none: null
      *out = Scalar(JsonKind::kNull, {});
      return true;
    }
    fatal_ = true;  // no mode suppresses it
    return c_.Fail(sqlstate::kUndefinedObject, "could not find jsonpath variable \"%s\"", node.text.data(), node.text.size());
  }

  Outcome Key(int index, JsonbView value, Values* found, bool unwrap) {
    const Node& node = At(index);
    if (value.is_object()) {
      JsonbView member;
      if (value.Get(node.text, &member)) return Next(node, member, found);
      return Missing(kMemberNotFound, "JSON object does not contain key \"%s\"", node.text);
    }
    if (unwrap && value.is_array()) return Unwrapped(index, value, found, false);
    return Missing(kMemberNotFound, "jsonpath member accessor can only be applied to an object");
  }

  // Applies `index` (-1: nothing more) to the elements of an array.
  Outcome Unwrapped(int index, JsonbView array, Values* found, bool unwrap_elements) {
    return Children(index, array, found, 1, 1, 1, false, unwrap_elements);
  }

  // To the children of a container from level `first` to `last`; both kAnyLevel: to the leaves.
  Outcome Children(int index, JsonbView container, Values* found, uint32_t level, uint32_t first, uint32_t last, bool ignore, bool unwrap) {
    Outcome outcome = Outcome::kNothing;
    if (level > last) return outcome;
    for (uint32_t i = 0; i < container.count(); ++i) {
      const JsonbView child = container.Child(i);
      if (level >= first || (first == kAnyLevel && last == kAnyLevel && !child.is_container())) {
        if (index >= 0) {
          const bool saved = ignore_;
          ignore_ = ignore_ || ignore;
          outcome = Item(index, child, found, unwrap);
          ignore_ = saved;
          if (outcome == Outcome::kError || (outcome == Outcome::kFound && found == nullptr)) return outcome;
        } else if (found != nullptr) {
          found->push_back(child);
        } else {
          return Outcome::kFound;
        }
      }
      if (level < last && child.is_container()) {
        outcome = Children(index, child, found, level + 1, first, last, ignore, unwrap);
        if (outcome == Outcome::kError || (outcome == Outcome::kFound && found == nullptr)) return outcome;
      }
    }
    return outcome;
  }

  Outcome Any(const Node& node, JsonbView value, Values* found) {
    Outcome outcome = Outcome::kNothing;
    if (node.first == 0) {
      const bool saved = ignore_;
      ignore_ = true;
      outcome = Next(node, value, found);
      ignore_ = saved;
      if (fatal_ || (outcome == Outcome::kFound && found == nullptr)) return fatal_ ? Outcome::kError : outcome;
    }
    if (value.is_container()) outcome = Children(node.next, value, found, 1, node.first, node.last, true, lax());
    return outcome;
  }

  Outcome Subscripts(const Node& node, JsonbView value, Values* found) {
    if (!value.is_array() && !lax()) return Missing(kArrayNotFound, "jsonpath array accessor can only be applied to an array");
    const int64_t size = value.is_array() ? value.count() : 1;
    const int64_t outer = array_size_;
    array_size_ = size;
    Outcome outcome = Outcome::kNothing;
    for (const auto& [from_node, to_node] : node.subscripts) {
      int64_t from, to;
      outcome = Index(from_node, value, &from);
      if (outcome == Outcome::kError) break;
      to = from;
      if (to_node >= 0) outcome = Index(to_node, value, &to);
      if (outcome == Outcome::kError) break;
      if (!ignore_ && (from < 0 || from > to || to >= size)) {
        outcome = Fail(kInvalidSubscript, "jsonpath array subscript is out of bounds");
        break;
      }
      outcome = Outcome::kNothing;
      if (from < 0) from = 0;
      if (to >= size) to = size - 1;
      for (int64_t i = from; i <= to; ++i) {
        outcome = Next(node, value.is_array() ? value.Element(static_cast<uint32_t>(i)) : value, found);
        if (outcome == Outcome::kError || (outcome == Outcome::kFound && found == nullptr)) break;
      }
      if (outcome == Outcome::kError || (outcome == Outcome::kFound && found == nullptr)) break;
    }
    array_size_ = outer;
    return outcome;
  }
  Outcome Index(int index, JsonbView value, int64_t* out) {
    Values values(&c_.scratch);
    if (Item(index, value, &values, lax()) == Outcome::kError) return Outcome::kError;
    if (values.size() != 1 || values[0].kind() != JsonKind::kNumber)
      return Fail(kInvalidSubscript, "jsonpath array subscript is not a single numeric value");
    std::string_view text = values[0].text();
    text = text.substr(0, text.find('.'));  // towards zero
    if (ParseInt(text == "-" ? "0" : text, INT32_MIN, INT32_MAX, out) != ParseStatus::kOk)
      return Fail(kInvalidSubscript, "jsonpath array subscript is out of integer range");
    return Outcome::kFound;
  }

  // ---- methods

  Outcome Method(int index, JsonbView value, Values* found, bool unwrap) {
    const Node& node = At(index);
    if (node.kind == NodeKind::kType) return Next(node, Scalar(JsonKind::kString, TypeName(value)), found);
    if (node.kind == NodeKind::kSize) {
      if (!value.is_array() && !lax()) return Missing(kArrayNotFound, "jsonpath item method .size() can only be applied to an array");
      return Next(node, Scalar(JsonKind::kNumber, std::to_string(value.is_array() ? value.count() : 1)), found);
    }
    if (unwrap && value.is_array()) return Unwrapped(index, value, found, false);
    if (node.kind == NodeKind::kKeyValue) return KeyValue(node, value, found);
    if (node.kind == NodeKind::kDouble) return Double(node, value, found);
    if (value.kind() != JsonKind::kNumber) {
      return Fail(kNonNumericItem, "jsonpath item method .%s() can only be applied to a numeric value", MethodName(node.kind));
    }
    Numeric n;
    if (!NumberFrom(value, &n)) return Outcome::kError;
    NumericStatus status = NumericStatus::kOk;
    if (node.kind == NodeKind::kAbs && n.high < 0) n = NumericNegate(n);
    if (node.kind == NodeKind::kFloor) status = NumericFloor(n, &n);
    if (node.kind == NodeKind::kCeiling) status = NumericCeil(n, &n);
    if (status != NumericStatus::kOk) return Overflow();
    return Next(node, NumberOf(n), found);
  }
  static std::string_view TypeName(JsonbView value) {
    switch (value.kind()) {
      case JsonKind::kNull:
        return "null";
      case JsonKind::kTrue:
      case JsonKind::kFalse:
        return "boolean";
      case JsonKind::kNumber:
        return "number";
      case JsonKind::kString:
        return "string";
      case JsonKind::kArray:
        return "array";
      case JsonKind::kObject:
        break;
    }
    return "object";
  }
  Outcome Double(const Node& node, JsonbView value, Values* found) {
    const bool number = value.kind() == JsonKind::kNumber;
    if (!number && value.kind() != JsonKind::kString)
      return Fail(kNonNumericItem, "jsonpath item method .double() can only be applied to a string or numeric value");
    double parsed;
    if (ParseFloat8(value.text(), &parsed) != ParseStatus::kOk) {
      return Fail(kNonNumericItem,
                  number ? "numeric argument of jsonpath item method .double() is out of range for type double precision"
                         : "string argument of jsonpath item method .double() is not a valid representation of a double precision number");
    }
    if (!std::isfinite(parsed)) return Fail(kNonNumericItem, "NaN or Infinity is not allowed for jsonpath item method .double()");
    if (number) return Next(node, value, found);
    Numeric n;
    if (NumericFromFloat8(parsed, &n) != NumericStatus::kOk) return Overflow();
    return Next(node, NumberOf(n), found);
  }
  // {"key": ..., "value": ..., "id": which object it was}
  Outcome KeyValue(const Node& node, JsonbView value, Values* found) {
    if (!value.is_object()) return Fail(kObjectNotFound, "jsonpath item method .keyvalue() can only be applied to an object");
    const bool inside = value.bytes().data() >= root_.bytes().data() && value.bytes().data() < root_.bytes().data() + root_.bytes().size();
    const std::string id = std::to_string(inside ? value.bytes().data() - root_.bytes().data() : 0);
    Outcome outcome = Outcome::kNothing;
    for (uint32_t i = 0; i < value.count(); ++i) {
      if (node.next < 0 && found == nullptr) return Outcome::kFound;
      JsonbMember members[] = {{"key", JsonbNode::String(value.Key(i))}, {"value", JsonbNode::Raw(value.Value(i))}, {"id", JsonbNode::Number(id)}};
      Jsonb pair;
      if (!WriteJsonb(JsonbNode::Object(members, 3), &c_.scratch, &pair)) return Overflow();
      outcome = Next(node, JsonbView(pair), found);
      if (outcome == Outcome::kError || (outcome == Outcome::kFound && found == nullptr)) break;
    }
    return outcome;
  }

  // ---- arithmetic

  Outcome Overflow() { return Fail(sqlstate::kNumericValueOutOfRange, "value overflows numeric format"); }
  bool NumberFrom(JsonbView value, Numeric* out) {
    if (ParseNumeric(value.text(), out) == ParseStatus::kOk) return true;
    Overflow();
    return false;
  }

  // The values of an operand, arrays unwrapped in lax mode.
  Outcome Operand(int index, JsonbView value, bool unwrap, Values* out) {
    if (!unwrap || !lax()) return Item(index, value, out, lax());
    Values values(&c_.scratch);
    const Outcome outcome = Item(index, value, &values, lax());
    if (outcome == Outcome::kError) return outcome;
    for (const JsonbView& item : values) {
      if (!item.is_array()) {
        out->push_back(item);
        continue;
      }
      for (uint32_t i = 0; i < item.count(); ++i) out->push_back(item.Element(i));
    }
    return Outcome::kFound;
  }
  Outcome SingleNumber(const Node& node, const Values& values, const char* message, Numeric* out) {
    if (values.size() != 1 || values[0].kind() != JsonKind::kNumber) { return Fail(kSingletonRequired, message, OperatorName(node.kind)); }
    return NumberFrom(values[0], out) ? Outcome::kFound : Outcome::kError;
  }
  Outcome Binary(const Node& node, JsonbView value, Values* found) {
    Values lefts(&c_.scratch), rights(&c_.scratch);
    if (Operand(node.left, value, true, &lefts) == Outcome::kError) return Outcome::kError;
    if (Operand(node.right, value, true, &rights) == Outcome::kError) return Outcome::kError;
    Numeric a, b, result;
    if (SingleNumber(node, lefts, "left operand of jsonpath operator %s is not a single numeric value", &a) == Outcome::kError)
      return Outcome::kError;
    if (SingleNumber(node, rights, "right operand of jsonpath operator %s is not a single numeric value", &b) == Outcome::kError)
      return Outcome::kError;
    NumericStatus status;
    switch (node.kind) {
      case NodeKind::kAdd:
        status = NumericAdd(a, b, &result);
        break;
      case NodeKind::kSubtract:
        status = NumericSubtract(a, b, &result);
        break;
      case NodeKind::kMultiply:
        status = NumericMultiply(a, b, &result);
        break;
      case NodeKind::kDivide:
        status = NumericDivide(a, b, &result);
        break;
      default:
        status = NumericRemainder(a, b, &result);
    }
    if (status == NumericStatus::kDivisionByZero) return Fail(sqlstate::kDivisionByZero, "division by zero");
    if (status != NumericStatus::kOk) return Overflow();
    if (node.next < 0 && found == nullptr) return Outcome::kFound;
    return Next(node, NumberOf(result), found);
  }
  Outcome Unary(const Node& node, JsonbView value, Values* found) {
    Values values(&c_.scratch);
    if (Operand(node.left, value, true, &values) == Outcome::kError) return Outcome::kError;
    Outcome outcome = Outcome::kNothing;
    for (const JsonbView& item : values) {
      const bool number = item.kind() == JsonKind::kNumber;
      if (node.next < 0 && found == nullptr) {
        if (number) return Outcome::kFound;
        continue;
      }
      if (!number) return Fail(kNumberNotFound, "operand of unary jsonpath operator %s is not a numeric value", OperatorName(node.kind));
      const Outcome next = Next(node, node.kind == NodeKind::kPlus ? item : Negated(item), found);
      if (next == Outcome::kError) return next;
      if (next == Outcome::kFound) {
        if (found == nullptr) return next;
        outcome = next;
      }
    }
    return outcome;
  }
  JsonbView Negated(JsonbView number) {
    const std::string_view text = number.text();
    if (text[0] == '-') return Scalar(JsonKind::kNumber, text.substr(1));
    if (text.find_first_not_of("0.") == std::string_view::npos) return number;
    return Scalar(JsonKind::kNumber, "-" + std::string(text));
  }

  // ---- predicates

  Truth NestedTruth(int index, JsonbView value) {
    const JsonbView outer = current_;
    current_ = value;
    const Truth truth = Test(At(index), value);
    current_ = outer;
    return truth;
  }
  // Errors below a predicate make it unknown; those that no mode suppresses end the evaluation.
  Outcome Quietly(int index, JsonbView value, bool unwrap, Values* out) {
    const bool saved = throw_;
    throw_ = false;
    const Outcome outcome = out == nullptr ? Item(index, value, nullptr, lax()) : Operand(index, value, unwrap, out);
    throw_ = saved;
    return outcome;
  }

  Truth Test(const Node& node, JsonbView value) {
    switch (node.kind) {
      case NodeKind::kAnd: {
        const Truth left = Test(At(node.left), value);
        if (left == Truth::kFalse || fatal_) return Truth::kFalse;
        const Truth right = Test(At(node.right), value);
        return right == Truth::kTrue ? left : right;
      }
      case NodeKind::kOr: {
        const Truth left = Test(At(node.left), value);
        if (left == Truth::kTrue || fatal_) return Truth::kTrue;
        const Truth right = Test(At(node.right), value);
        return right == Truth::kFalse ? left : right;
      }
      case NodeKind::kNot: {
        const Truth truth = Test(At(node.left), value);
        return truth == Truth::kUnknown ? truth : truth == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
      }
      case NodeKind::kIsUnknown:
        return Test(At(node.left), value) == Truth::kUnknown ? Truth::kTrue : Truth::kFalse;
      case NodeKind::kExists:
        return Exists(node, value);
      default:
        return Pairs(node, value);
    }
  }
  Truth Exists(const Node& node, JsonbView value) {
    if (path_.strict) {
      Values all(&c_.scratch);
      if (Quietly(node.left, value, false, &all) == Outcome::kError) return Truth::kUnknown;
      return all.empty() ? Truth::kFalse : Truth::kTrue;
    }
    const Outcome outcome = Quietly(node.left, value, false, nullptr);
    return outcome == Outcome::kError ? Truth::kUnknown : outcome == Outcome::kFound ? Truth::kTrue : Truth::kFalse;
  }
  // Is it true of any pair of values?
  Truth Pairs(const Node& node, JsonbView value) {
    Values lefts(&c_.scratch), rights(&c_.scratch);
    if (Quietly(node.left, value, true, &lefts) == Outcome::kError) return Truth::kUnknown;
    if (node.right >= 0 && Quietly(node.right, value, node.kind != NodeKind::kStartsWith, &rights) == Outcome::kError) return Truth::kUnknown;
    if (node.right < 0) rights.push_back(JsonbView());
    bool unknown = false, found = false;
    for (const JsonbView& left : lefts) {
      for (const JsonbView& right : rights) {
        const Truth truth = TestPair(node, left, right);
        if (truth == Truth::kUnknown) {
          if (path_.strict) return truth;
          unknown = true;
        } else if (truth == Truth::kTrue) {
          if (lax()) return truth;
          found = true;
        }
      }
    }
    return found ? Truth::kTrue : unknown ? Truth::kUnknown : Truth::kFalse;
  }
  static Truth Of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }
  Truth TestPair(const Node& node, JsonbView left, JsonbView right) {
    if (node.kind == NodeKind::kStartsWith) {
      if (left.kind() != JsonKind::kString || right.kind() != JsonKind::kString) return Truth::kUnknown;
      return Of(left.text().starts_with(right.text()));
    }
    if (node.kind == NodeKind::kLikeRegex) {
      if (left.kind() != JsonKind::kString) return Truth::kUnknown;
      const Pattern* pattern = FindPattern(c_, Text(std::string_view(node.text)), node.flags);
      fatal_ |= pattern == nullptr;
      return pattern == nullptr ? Truth::kUnknown : Of(PatternMatches(pattern, Text(left.text())));
    }
    return Compare(node.kind, left, right);
  }
  static Truth Compare(NodeKind op, JsonbView a, JsonbView b) {
    const bool same_kind = a.kind() == b.kind() || (a.is_bool() && b.is_bool());
    if (!same_kind) {
      if (a.kind() != JsonKind::kNull && b.kind() != JsonKind::kNull) return Truth::kUnknown;
      return Of(op == NodeKind::kNotEqual);
    }
    if (a.is_container()) return Truth::kUnknown;
    const int order = CompareJsonb(a, b);
    switch (op) {
      case NodeKind::kEqual:
        return Of(order == 0);
      case NodeKind::kNotEqual:
        return Of(order != 0);
      case NodeKind::kLess:
        return Of(order < 0);
      case NodeKind::kLessEqual:
        return Of(order <= 0);
      case NodeKind::kGreater:
        return Of(order > 0);
      default:
        return Of(order >= 0);
    }
  }

  CallContext& c_;
  const Path& path_;
  const JsonbView root_;
  JsonbView current_;
  const JsonbView vars_;
  bool throw_;
  bool ignore_;  // structural errors: a member that is not there is nothing
  bool fatal_ = false;
  int64_t array_size_ = 0;  // of the innermost subscript's array, for `last`
};

}  // namespace

const Path* FindPath(CallContext& c, const Text& text) {
  FunctionCaches& caches = FunctionCaches::Of(c);
  if (caches.paths == nullptr) caches.paths = std::make_shared<JsonPathCache>();
  return caches.paths->Find(c, text.view());
}

Outcome Evaluate(CallContext& c, const Path& path, JsonbView target, JsonbView vars, bool silent, ArenaVector<JsonbView>* found) {
  c.error_state = sqlstate::kOk;
  return Evaluator(c, path, target, vars, silent).Run(found);
}

}  // namespace kappa::jsonpath
