// Every documented example is run, and says what the documentation says.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "functions/registry.h"
#include "tests/functions/native_call.h"
#include "types/datum.h"
#include "types/text_format.h"

namespace kappa {
namespace {

// ARRAY[1, ARRAY['a']...] at *i as PostgreSQL's text of the array, {1,{a}...}; *i goes behind it.
std::string ArrayText(std::string_view call, size_t* i) {
  std::string text = "{";
  for (*i += 6; *i < call.size() && call[*i] != ']';) {
    if (call.substr(*i, 6) == "ARRAY[") {
      text += ArrayText(call, i);
    } else if (call[*i] == '[') {  // an inner one may leave out the word
      *i -= 5;
      text += ArrayText(call, i);
    } else if (call[*i] == '\'') {
      text += '"';
      for (++*i; *i < call.size() && call[*i] != '\''; ++*i) text += call[*i];
      text += '"';
      ++*i;
    } else if (call[*i] == ' ') {
      ++*i;
    } else {
      text += call[(*i)++];
    }
  }
  ++*i;
  return text + "}";
}

// The literals of an example in order: 'quoted' texts, numbers, NULL, true. Casts and names are passed over: the entry knows its types.
std::vector<std::string> LiteralsOf(std::string_view call) {
  std::vector<std::string> literals;
  bool after_operand = false;
  for (size_t i = 0; i < call.size();) {
    const char c = call[i];
    if (c == '\'') {
      std::string text;
      for (++i; i < call.size() && (call[i] != '\'' || (i + 1 < call.size() && call[i + 1] == '\'')); ++i) {
        if (call[i] == '\'') ++i;
        text += call[i];
      }
      ++i;
      literals.push_back(text);
      after_operand = true;
    } else if (call.substr(i, 6) == "ARRAY[" || call.substr(i, 6) == "array[") {
      literals.emplace_back(ArrayText(call, &i));
      after_operand = true;
    } else if (IsDigit(c) || (c == '-' && !after_operand && i + 1 < call.size() && IsDigit(call[i + 1]))) {
      size_t end = i + 1;
      while (end < call.size() && (IsDigit(call[end]) || call[end] == '.')) ++end;
      literals.emplace_back(call.substr(i, end - i));
      i = end;
      after_operand = true;
    } else if (IsAlpha(c) || c == '_') {
      size_t end = i;
      while (end < call.size() && (IsAlpha(call[end]) || IsDigit(call[end]) || call[end] == '_')) ++end;
      const std::string_view word = call.substr(i, end - i);
      if (word == "NULL" || word == "true") literals.emplace_back(word);
      i = end;
    } else {
      if (c == ')')
        after_operand = true;
      else if (c != ' ' && c != ':')
        after_operand = false;
      ++i;
    }
  }
  return literals;
}

// The type of a literal whose argument may have any.
Type TypeOfLiteral(const std::string& literal) {
  if (literal.empty() || literal == "NULL") return TypeId::kText;
  if (literal == "true") return TypeId::kBool;
  if (literal[0] == '{') return Type::Array(TypeId::kText);
  if (!IsDigit(literal[0]) && (literal[0] != '-' || literal.size() == 1)) return TypeId::kText;
  if (literal.find_first_not_of("0123456789.-") != std::string::npos) return TypeId::kText;
  return literal.find('.') == std::string::npos ? TypeId::kInt4 : TypeId::kNumeric;
}

std::string Call(const FunctionEntry& entry, const std::vector<std::string>& literals) {
  std::vector<Type> types;
  std::vector<Datum> values;
  for (size_t i = 0; i < literals.size(); ++i) {
    const TypeId wanted = entry.arguments[std::min(i, entry.arguments.size() - 1)];
    Type type = wanted;
    if (wanted == TypeId::kAny || wanted == TypeId::kAnyElement) type = TypeOfLiteral(literals[i]);
    if (wanted == TypeId::kArray) type = Type::Array(TypeId::kInt4);
    if (wanted == TypeId::kAnyArray) {
      const size_t element = literals[i].find_first_not_of("{");
      type = Type::Array(entry.text_arrays || element == std::string::npos
                             ? Type(TypeId::kText)
                             : TypeOfLiteral(literals[i].substr(element, literals[i].find_first_of(",}") - element)));
    }
    types.push_back(type);
    Datum value;
    if (literals[i] != "NULL") {
      auto parsed = Datum::Parse(type, literals[i]);
      EXPECT_TRUE(parsed.ok()) << entry.Signature() << ": " << literals[i];
      if (!parsed.ok()) return "";
      value = *std::move(parsed);
    }
    values.push_back(std::move(value));
  }
  if (entry.zoned) {  // the session's time zone is not written
    types.emplace_back(TypeId::kText);
    values.push_back(Datum::Bytes("UTC"));
  }
  const std::string result = CallNatively(entry, types, values);
  return result.size() > 6 && result[0] == '!' ? "ERROR " + result.substr(1, 5) : result;
}

// Rows view their documentation: it must outlive what made the row.
bool IsSentence(std::string_view doc) {
  return !doc.empty() && std::ranges::all_of(doc, [](char c) { return c >= ' ' && c <= '~'; });
}

TEST(Examples, ScalarsAnswerWhatTheirDocumentationSays) {
  size_t run = 0;
  for (const FunctionEntry& entry : FunctionRegistry::Get().functions()) {
    EXPECT_TRUE(IsSentence(entry.doc)) << entry.Signature();
    EXPECT_FALSE(entry.category.empty()) << entry.Signature();
    if (entry.name == "typmod") continue;  // its example is written as a type, numeric(10,2)
    for (const FunctionExample& example : entry.examples) {
      const std::vector<std::string> literals = LiteralsOf(example.call);
      const size_t shown = entry.arguments.size() - (entry.zoned ? 1 : 0);
      if (literals.size() != shown && !(entry.variadic && literals.size() + 1 >= shown)) {
        ADD_FAILURE() << entry.Signature() << ": " << example.call << " has " << literals.size() << " literals";
        continue;
      }
      EXPECT_EQ(Call(entry, literals), example.result) << entry.Signature() << ": " << example.call;
      ++run;
    }
  }
  EXPECT_GT(run, 200u);
}

template <typename Signature>
Signature* Code(const void* address) {
  return reinterpret_cast<Signature*>(const_cast<void*>(address));
}

// Aggregates' examples are over x = 1, 2, 3 and b = true, false, true.
TEST(Examples, AggregatesAnswerWhatTheirDocumentationSays) {
  size_t run = 0;
  for (const AggregateEntry& entry : FunctionRegistry::Get().aggregates()) {
    EXPECT_TRUE(IsSentence(entry.doc)) << entry.Signature();
    for (const FunctionExample& example : entry.examples) {
      StateContext state_context;
      std::vector<uint64_t> state(entry.state_size / 8);
      for (const char* text : {"1", "2", "3"}) {
        if (entry.arguments.empty()) {
          Code<void(StateContext*, void*, int64_t)>(entry.add)(&state_context, state.data(), 1);
          continue;
        }
        const Type type = entry.arguments[0] == TypeId::kAny ? TypeId::kInt4 : entry.arguments[0];
        alignas(8) char slot[24] = {};
        const Datum value = type.id() == TypeId::kBool ? Datum::Bool(*text != '2') : *Datum::Parse(type, text);
        value.Store(type, slot);
        Code<void(StateContext*, void*, const void*, int64_t)>(entry.add)(&state_context, state.data(), slot, 1);
      }
      CallContext context;
      alignas(8) char out[24] = {};
      bool null = false;
      ASSERT_TRUE(
          Code<bool(StateContext*, CallContext*, const void*, void*, bool*)>(entry.result_code)(&state_context, &context, state.data(), out, &null))
          << entry.Signature();
      EXPECT_EQ(null ? "NULL" : Datum::Load(entry.result, out).ToText(entry.result), example.result) << entry.Signature();
      ++run;
    }
  }
  EXPECT_GT(run, 20u);
}

TEST(Registry, SignaturesAreUniqueAndFound) {
  std::set<std::string> seen;
  for (const FunctionEntry& entry : FunctionRegistry::Get().functions()) {
    // An operator of one argument and one of two differ in their arguments.
    EXPECT_TRUE(seen.insert(entry.Signature()).second) << entry.Signature();
    EXPECT_EQ(FunctionRegistry::Get().BySignature(entry.Signature()), &entry);
  }
  for (const AggregateEntry& entry : FunctionRegistry::Get().aggregates())
    EXPECT_EQ(FunctionRegistry::Get().AggregateBySignature(entry.Signature()), &entry);
}

TEST(Registry, FindsOverloadsCastsAndModifiers) {
  const FunctionRegistry& registry = FunctionRegistry::Get();
  EXPECT_EQ(registry.Find(FunctionKind::kScalar, "round").size(), 3u);
  EXPECT_EQ(registry.FindCast(TypeId::kInt4, TypeId::kInt8)->cast_context, CastContext::kImplicit);
  EXPECT_EQ(registry.FindCast(TypeId::kInt8, TypeId::kInt4)->cast_context, CastContext::kAssignment);
  EXPECT_EQ(registry.FindCast(TypeId::kText, TypeId::kInt4)->cast_context, CastContext::kExplicit);
  EXPECT_EQ(registry.FindCast(TypeId::kBool, TypeId::kDate), nullptr);
  EXPECT_EQ(registry.FindTypeModifier(TypeId::kText)->result, TypeId::kText);
  EXPECT_FALSE(registry.FindAggregates("sum").empty());
}

TEST(Registry, StrictAndFallibleFollowTheImplementation) {
  const FunctionRegistry& registry = FunctionRegistry::Get();
  EXPECT_FALSE(registry.BySignature("is distinct from(integer,integer)")->strict);
  EXPECT_TRUE(registry.BySignature("+(integer,integer)")->fallible);
  EXPECT_FALSE(registry.BySignature("<(integer,integer)")->fallible);
  EXPECT_FALSE(registry.BySignature("kappa_window_start(timestamp without time zone,bigint,bigint)")->fallible);
  EXPECT_TRUE(registry.BySignature("to_char(timestamp without time zone,text)")->nullable_result);
}

TEST(Varchar, AssignmentCutsOnlySpaces) {
  const FunctionEntry* entry = FunctionRegistry::Get().Find(FunctionKind::kCast, "typmod_assignment")[0];
  EXPECT_EQ(Call(*entry, {"ab  ", "2"}), "ab");
  EXPECT_EQ(Call(*entry, {"abc", "2"}), "ERROR 22001");
}

TEST(WindowStart, IsRightBefore1970AndWithOffsets) {
  const FunctionEntry* entry = FunctionRegistry::Get().BySignature("kappa_window_start(timestamp without time zone,bigint,bigint)");
  EXPECT_EQ(Call(*entry, {"1969-12-31 23:59:59.999999", "10000000", "0"}), "1969-12-31 23:59:50");
  EXPECT_EQ(Call(*entry, {"1970-01-01 00:00:00", "10000000", "0"}), "1970-01-01 00:00:00");
  EXPECT_EQ(Call(*entry, {"1969-12-31 23:59:50", "10000000", "0"}), "1969-12-31 23:59:50");
  EXPECT_EQ(Call(*entry, {"1970-01-01 00:00:02", "10000000", "3000000"}), "1969-12-31 23:59:53");
  EXPECT_EQ(Call(*entry, {"infinity", "10000000", "0"}), "infinity");
}

TEST(Now, IsTheEpochsClock) {
  CallContext context;
  context.epoch_micros = 1436918400000000;
  alignas(8) char out[24] = {};
  bool null = true;
  ASSERT_TRUE(FunctionRegistry::Get().BySignature("now()")->invoke(&context, out, &null, nullptr, nullptr));
  EXPECT_EQ(Datum::Load(TypeId::kTimestampTz, out).ToText(TypeId::kTimestampTz), "2015-07-15 00:00:00+00");
  EXPECT_EQ(FunctionRegistry::Get().BySignature("now()")->volatility, Volatility::kStable);
}

}  // namespace
}  // namespace kappa
