// Arrays and structs as values: what is put in comes out, moved or not; text forms, order, ordering bytes, canonical form and hash agree.
#include <gtest/gtest.h>

#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "common/os/seeded_random.h"
#include "types/array_value.h"
#include "types/datum.h"

namespace kappa {
namespace {

Type PersonType() { return Type::Struct({{"name", Type(TypeId::kText)}, {"n", Type(TypeId::kNumeric)}, {"tags", Type::Array(TypeId::kText)}}); }

std::string RoundTrip(const Type& type, std::string_view text) {
  StatusOr<Datum> value = Datum::Parse(type, text);
  return value.ok() ? value->ToText(type) : "!" + std::string(SqlStateOf(value.status()).view());
}

// A parsed value in its slot; the bytes lie in an arena of its own.
struct Value {
  Value(const Type& type, std::string_view text) : descriptor(DescribeType(type)), slot(AnyRoom(descriptor) / 8 + 1) {
    EXPECT_TRUE(ParseAny(descriptor, text, &arena, bytes()).ok()) << text;
  }
  char* bytes() { return reinterpret_cast<char*>(slot.data()); }
  AnyValue any() { return {descriptor, bytes(), false, nullptr, nullptr}; }
  Array array() {
    Array a;
    std::memcpy(&a, bytes(), sizeof a);
    return a;
  }
  Arena arena;
  const TypeDescriptor* descriptor;
  std::vector<uint64_t> slot;
};

TEST(Array, TextFormsReadBack) {
  const Type ints = Type::Array(TypeId::kInt4), texts = Type::Array(TypeId::kText);
  EXPECT_EQ(RoundTrip(ints, "{1,NULL,3}"), "{1,NULL,3}");
  EXPECT_EQ(RoundTrip(ints, "{}"), "{}");
  EXPECT_EQ(RoundTrip(ints, "[0:1][2:2]={{1},{2}}"), "[0:1][2:2]={{1},{2}}");
  EXPECT_EQ(RoundTrip(texts, R"x({a,"b c","d\"e","",NULL,"null"})x"), R"x({a,"b c","d\"e","",NULL,"null"})x");
  EXPECT_EQ(RoundTrip(Type::Array(PersonType()), R"x({"(a b,1.50,\"{x,y}\")",NULL,"(,,)"})x"), R"x({"(\"a b\",1.50,\"{x,y}\")",NULL,"(,,)"})x");
  EXPECT_EQ(RoundTrip(ints, "{1,{2}}"), "!22P02");
  EXPECT_EQ(RoundTrip(ints, "{1,2"), "!22P02");
  EXPECT_EQ(RoundTrip(ints, "{x}"), "!22P02");
  EXPECT_EQ(RoundTrip(ints, "[2:1]={1}"), "!2202E");
  EXPECT_EQ(RoundTrip(ints, "{{{{{{{1}}}}}}}"), "!54000");
  EXPECT_EQ(RoundTrip(PersonType(), "(a,1)"), "!22P02");
}

TEST(Array, CanBeMovedAndReadAgain) {
  const TypeDescriptor* element = DescribeType(PersonType());
  Value made(Type::Array(PersonType()), R"x({"(someone with a long name,1.5,\"{tag one,NULL,tag three}\")",NULL,"(b,2,{})"})x");
  std::string moved(made.array().view());
  std::memset(const_cast<char*>(made.array().data), 0x5A, made.array().size);
  const Array array(moved.data(), moved.size());
  const ArrayView view(array, element);
  ASSERT_EQ(view.count(), 3u);
  EXPECT_TRUE(view.IsNull(1));
  std::vector<uint64_t> room(ElementRoom(element) / 8 + 1);
  const AnyValue person = view.Get(0, reinterpret_cast<char*>(room.data()));
  std::string text;
  AppendAnyText(FieldOf(person, 0), &text);
  EXPECT_EQ(text, "someone with a long name");
  text.clear();
  AppendAnyText(FieldOf(person, 2), &text);
  EXPECT_EQ(text, "{\"tag one\",NULL,\"tag three\"}");
  Arena arena;
  EXPECT_EQ(AnyText(person, &arena).view(), R"x(("someone with a long name",1.5,"{""tag one"",NULL,""tag three""}"))x");
}

TEST(Array, SameValuesMakeSameBytes) {
  const TypeDescriptor* element = DescribeType(TypeId::kText);
  Arena arena;
  std::vector<std::string> made;
  for (size_t expected : {size_t{1}, size_t{8}, size_t{100}}) {  // whatever was grown on the way
    ArrayBuilder builder(&arena, element, expected);
    for (int i = 0; i < 30; ++i) {
      const std::string word = "word " + std::to_string(i);
      const Text text(word);
      if (i % 7 == 3)
        builder.AddNull();
      else
        builder.AddSlot(reinterpret_cast<const char*>(&text));
    }
    Array array;
    ASSERT_TRUE(builder.Finish(&array));
    made.emplace_back(array.view());
  }
  EXPECT_EQ(made[0], made[1]);
  EXPECT_EQ(made[0], made[2]);
}

// Texts of equal arrays that differ have one canonical form, one hash, and ordering bytes next to each other.
TEST(Array, EqualArraysAreOneKey) {
  const Type numerics = Type::Array(TypeId::kNumeric);
  Value a(numerics, "{1.50,NULL,NaN}"), b(numerics, "{1.5,NULL,NaN}");
  EXPECT_EQ(CompareAny(a.any(), b.any()), 0);
  EXPECT_EQ(HashAny(a.any()), HashAny(b.any()));
  Arena arena;
  EXPECT_NE(a.array().view(), b.array().view());
  EXPECT_EQ(CanonicalArray(a.array(), a.descriptor->element, &arena).view(), CanonicalArray(b.array(), b.descriptor->element, &arena).view());
  const Type people = Type::Array(PersonType());
  Value c(people, R"x({"(a,1.0,{x})"})x"), d(people, R"x({"(a,1.00,{x})"})x");
  EXPECT_EQ(CompareAny(c.any(), d.any()), 0);
  EXPECT_EQ(CanonicalArray(c.array(), c.descriptor->element, &arena).view(), CanonicalArray(d.array(), d.descriptor->element, &arena).view());
}

// Any two of a list: the order of values, of their ordering bytes, and equality of hashes agree.
void CheckOrder(const Type& type, const std::vector<std::string>& texts) {
  std::vector<std::unique_ptr<Value>> values;
  for (const std::string& text : texts) values.push_back(std::make_unique<Value>(type, text));
  auto sign = [](int order) { return order < 0 ? -1 : order > 0; };
  for (auto& a : values) {
    for (auto& b : values) {
      const int order = CompareAny(a->any(), b->any());
      EXPECT_EQ(order, -CompareAny(b->any(), a->any()));
      std::string x, y;
      AppendAnySortKey(a->any(), &x);
      AppendAnySortKey(b->any(), &y);
      if (order != 0)
        EXPECT_EQ(sign(x.compare(y)), order) << ToDatum(a->any()).ToText(type) << " " << ToDatum(b->any()).ToText(type);
      else
        EXPECT_EQ(HashAny(a->any()), HashAny(b->any()));
    }
  }
}

TEST(Array, OrderingBytesAgreeWithTheOrder) {
  CheckOrder(Type::Array(TypeId::kInt4),
             {"{}", "{NULL}", "{1}", "{1,2}", "{1,NULL}", "{2}", "{-1}", "{{1,2}}", "{{1},{2}}", "[0:1]={1,2}", "{1,2,0}", "{NULL,1}"});
  CheckOrder(Type::Array(TypeId::kText), {"{}", "{\"\"}", "{a}", "{a,b}", "{ab}", "{\"a\\\\b\"}", "{NULL}", "{b}"});
  CheckOrder(Type::Array(TypeId::kNumeric), {"{1.0,2}", "{1.00,1}", "{1,1}", "{1.000,3}", "{NaN}", "{-1}", "{Infinity,0}"});
  CheckOrder(Type::Array(TypeId::kFloat8), {"{0,1}", "{-0,0}", "{NaN}", "{-Infinity}", "{0,0}"});
  CheckOrder(Type::Array(TypeId::kInterval), {"{1 mon,1 day}", "{30 days,2 days}", "{1 mon,3 days}", "{29 days}"});
  CheckOrder(PersonType(), {"(a,1.0,{x})", "(a,1.00,{a})", "(a,1,)", "(,,)", "(b,,)", "(a,,{z})"});
}

TEST(Array, FieldsOfStructsInStructs) {
  const Type type = Type::Struct({{"in", PersonType()}, {"k", Type(TypeId::kInt8)}});
  EXPECT_EQ(RoundTrip(type, R"x(("(a,2,{q})",7))x"), R"x(("(a,2,{q})",7))x");
  EXPECT_EQ(RoundTrip(type, "(,7)"), "(,7)");
  Value made(Type::Array(type), R"x({"(,7)","(\"(a,2,{q})\",)"})x");
  std::string text;
  AppendAnyText(made.any(), &text);
  EXPECT_EQ(text, R"x({"(,7)","(\"(a,2,{q})\",)"})x");
}

// Whatever the text, reading it ends; what it reads is written in a form that reads back as the same, moved or not.
TEST(Array, MutatedTextsReadBackOrFail) {
  const Type types[] = {Type::Array(TypeId::kInt4), Type::Array(TypeId::kText), Type::Array(PersonType()), PersonType()};
  const std::string seeds[] = {"{1,NULL,3}",        "[0:1][2:2]={{1},{2}}",         "{a,\"b c\",\"d\\\"e\",\"\",NULL}", "{\"(a,1.0,{x})\",\"(,,)\"}",
                               "(a,1.5,\"{x,y}\")", "{{{1,2},{3,4}},{{5,6},{7,8}}}"};
  constexpr std::string_view kAlphabet = "{}[]()\",\\ :=10aN.-";
  os::SeededRandom random(20261121);
  int read = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string text = seeds[random.Below(std::size(seeds))];
    for (uint64_t edits = random.Below(4); edits > 0; --edits) {
      const size_t at = random.Below(text.size() + 1);
      const char c = kAlphabet[random.Below(kAlphabet.size())];
      if (random.Below(3) == 0)
        text.insert(at, 1, c);
      else if (at < text.size() && random.Below(2) == 0)
        text[at] = c;
      else if (at < text.size())
        text.erase(at, 1);
    }
    const Type& type = types[random.Below(std::size(types))];
    StatusOr<Datum> value = Datum::Parse(type, text);
    if (!value.ok()) continue;
    ++read;
    const std::string written = value->ToText(type);
    StatusOr<Datum> again = Datum::Parse(type, written);
    ASSERT_TRUE(again.ok()) << text << " -> " << written;
    EXPECT_EQ(again->ToText(type), written) << text;
    Value a(type, text), b(type, written);
    EXPECT_EQ(CompareAny(a.any(), b.any()), 0) << text;
    std::string x, y;
    AppendAnySortKey(a.any(), &x);
    AppendAnySortKey(b.any(), &y);
    EXPECT_EQ(x, y) << text;
  }
  EXPECT_GT(read, 3'000);
}

}  // namespace
}  // namespace kappa
