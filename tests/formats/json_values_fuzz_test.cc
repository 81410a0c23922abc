// Acceptance and values beside nlohmann-json: 100,000 mutated documents. Where it takes a document as an object, the decoder does, and each column
// holds the value of the member; where a member is not of the column's kind, the decoder says so.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/formats/decode_fixture.h"
#include "tests/fuzz/fuzz_budget.h"
#include "types/array_value.h"

namespace kappa {
namespace {

using Json = nlohmann::json;

const std::vector<std::string> kSeeds = {
    R"({"i":12,"f":1.5,"t":"text","b":true,"a":[1,2,3],"n":[["x","y"],["z",null]],"s":[{"k":1,"v":"one"},{"v":"two","k":2}]})",
    R"({"i":-9223372036854775808,"f":-0.0,"t":"gr\u00fc\u00df \ud83d\ude00","b":false,"a":[],"n":[],"s":[]})",
    R"({"i":null,"f":1e300,"t":"","b":null,"a":null,"n":null,"s":[null,{"k":null}],"extra":{"deep":[{"x":[1,{"y":2}]}]}})",
    R"({ "s" : [ { "k" : 7 , "more" : [ 1 ] } ] , "a" : [ 0 , null , -5 ] , "t" : "\"\\\/\b\f\n\r\t" , "f" : 2E-3 })",
    "{\"t\":\"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\",\"i\":7,\"i\":8,\"a\":[9]}",
    R"({"I":3,"T":"upper","F":0.1,"A":[123456789012]})"};

std::string Mutate(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"\"",
                                                   "\\",
                                                   "{",
                                                   "}",
                                                   "[",
                                                   "]",
                                                   ",",
                                                   ":",
                                                   "0",
                                                   "1",
                                                   "-",
                                                   ".",
                                                   "e",
                                                   "null",
                                                   "true",
                                                   " ",
                                                   "\\u00e9",
                                                   "\\ud800",
                                                   "\x80",
                                                   "\xC3\xA9",
                                                   "\n",
                                                   "\x01",
                                                   "\"i\":1,",
                                                   "[1]",
                                                   "{}",
                                                   "1.5",
                                                   "\"x\"",
                                                   "00",
                                                   "9223372036854775807"};
  std::string text = kSeeds[random() % kSeeds.size()];
  for (size_t edits = random() % 3; edits > 0; --edits) {
    const size_t at = random() % (text.size() + 1);
    switch (random() % 4) {
      case 0:
        text.insert(at, kPieces[random() % kPieces.size()]);
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      case 2:
        if (at < text.size()) text.replace(at, 1, kPieces[random() % kPieces.size()]);
        break;
      default:
        text.insert(at, text.substr(at, random() % 30));
    }
  }
  return text;
}

// The member a column takes: exactly named, else in another case; nullptr: none. nlohmann keeps the last of equals.
const Json* Member(const Json& object, const std::string& name) {
  if (const auto found = object.find(name); found != object.end()) return &*found;
  const Json* other = nullptr;
  for (const auto& [key, value] : object.items()) {
    std::string lower = key;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower == name) other = &value;
  }
  return other;
}

// Does `value` hold what JSON says? Numbers that bigint cannot hold, texts of numbers and the like are left to the decoder's own tests.
bool Same(const AnyValue& value, const Json& json) {
  if (json.is_null()) return value.null;
  if (value.null) return false;
  const auto load = [&]<typename T>(T out) {
    std::memcpy(&out, value.slot, sizeof out);
    return out;
  };
  switch (value.type->type.id()) {
    case TypeId::kInt8:
      if (json.is_number_float()) return static_cast<double>(load(int64_t{})) == json.get<double>();
      return json.is_string() || load(int64_t{}) == json.get<int64_t>();
    case TypeId::kFloat8:
      return json.is_string() || load(double{}) == json.get<double>();
    case TypeId::kBool:
      return json.is_boolean() && load(bool{}) == json.get<bool>();
    case TypeId::kText:
      return !json.is_string() || load(Text()).view() == json.get<std::string>();
    case TypeId::kStruct:
      for (size_t i = 0; i < value.type->fields.size(); ++i) {
        const Json* member = Member(json, value.type->type.fields()[i].name);
        if (!Same(FieldOf(value, i), member == nullptr ? Json() : *member)) return false;
      }
      return true;
    case TypeId::kArray: {
      const ArrayView view(load(Array()), value.type->element);
      std::vector<const Json*> leaves;
      const auto flatten = [&](const auto& self, const Json& array) -> void {
        for (const Json& element : array) {
          if (element.is_array())
            self(self, element);
          else
            leaves.push_back(&element);
        }
      };
      flatten(flatten, json);
      if (view.count() != leaves.size()) return false;
      std::vector<int64_t> room(ElementRoom(value.type->element) / 8 + 2);
      for (size_t i = 0; i < leaves.size(); ++i)
        if (!Same(view.Get(i, reinterpret_cast<char*>(room.data())), *leaves[i])) return false;
      return true;
    }
    default:
      return false;
  }
}

TEST(JsonValuesFuzz, AcceptanceAndValuesAreNlohmanns) {
  const Type pair = Type::Struct({{"k", TypeId::kInt8}, {"v", TypeId::kText}});
  const std::vector<DecodeColumn> columns = {MakeColumn("i", TypeId::kInt8),
                                             MakeColumn("f", TypeId::kFloat8),
                                             MakeColumn("t", TypeId::kText),
                                             MakeColumn("b", TypeId::kBool),
                                             MakeColumn("a", Type::Array(TypeId::kInt8)),
                                             MakeColumn("n", Type::Array(TypeId::kText)),
                                             MakeColumn("s", Type::Array(pair))};
  Decoding decoding(columns);
  FuzzBudget budget(1, 100'000);
  std::mt19937_64 random(budget.seed());
  uint64_t rows = 0, refused = 0, unfit = 0;
  while (budget.Next()) {
    const std::string text = Mutate(random);
    Json json;
    try {
      json = Json::parse(text);
    } catch (const Json::out_of_range&) {  // a number past double's range, which JSON's grammar allows
      continue;
    } catch (const Json::exception&) { json = Json(Json::value_t::discarded); }
    const std::string shown = decoding.Show(text);
    const std::string state = shown.substr(0, 6);
    const bool form = state == "22032 " || state == "22021 ";
    ASSERT_EQ(form, !json.is_object()) << budget.where() << "\n" << text << "\n" << shown;
    if (form) {
      ++refused;
      continue;
    }
    if (state.substr(0, 2) == "22" || state.substr(0, 2) == "54") {  // a value that is not the column's
      ++unfit;
      continue;
    }
    ++rows;
    for (size_t c = 0; c < columns.size(); ++c) {
      const Json* member = Member(json, columns[c].path[0].name);
      const RowLayout& layout = decoding.plan().layout();
      const Slot& slot = layout.slots()[c];
      const AnyValue value{DescribeType(columns[c].type), decoding.row() + slot.offset, layout.IsNull(decoding.row(), slot), nullptr, nullptr};
      ASSERT_TRUE(Same(value, member == nullptr ? Json() : *member)) << budget.where() << " column " << columns[c].path[0].name << "\n"
                                                                     << text << "\n"
                                                                     << shown;
    }
  }
  std::printf("rows %llu, refused by both %llu, values that do not fit %llu\n", static_cast<unsigned long long>(rows),
              static_cast<unsigned long long>(refused), static_cast<unsigned long long>(unfit));
  EXPECT_GT(rows, 100u);
  EXPECT_GT(refused, 100u);
}

TEST(JsonArrays, WhatDoesNotFitIsSaid) {
  Decoding array({MakeColumn("a", Type::Array(TypeId::kInt8))});
  EXPECT_EQ(array.Show(R"({"a":[1,"x"]})").substr(0, 5), "22P02");
  EXPECT_EQ(array.Show(R"({"a":[[1,2],[3]]})").substr(0, 5), "2202E");
  EXPECT_EQ(array.Show(R"({"a":[1,[2]]})").substr(0, 5), "2202E");
  EXPECT_EQ(array.Show(R"({"a":{"x":1}})").substr(0, 5), "22P02");
  EXPECT_EQ(array.Show(R"({"a":7})").substr(0, 5), "22P02");
  EXPECT_EQ(array.Show(R"({"a":[99999999999999999999]})").substr(0, 5), "22003");
}

}  // namespace
}  // namespace kappa
