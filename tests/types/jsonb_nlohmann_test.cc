// The reader of jsonb against nlohmann-json: acceptance and values over 100,000 documents, most of them broken at random.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/types/json_corpus.h"
#include "types/json_text.h"

namespace kappa {
namespace {

using nlohmann::json;

json ToNlohmann(JsonbView value) {
  switch (value.kind()) {
    case JsonKind::kNull:
      return nullptr;
    case JsonKind::kTrue:
      return true;
    case JsonKind::kFalse:
      return false;
    case JsonKind::kString:
      return std::string(value.text());
    case JsonKind::kNumber:
      return std::strtod(std::string(value.text()).c_str(), nullptr);
    case JsonKind::kArray: {
      json array = json::array();
      for (uint32_t i = 0; i < value.count(); ++i) array.push_back(ToNlohmann(value.Element(i)));
      return array;
    }
    case JsonKind::kObject:
      break;
  }
  json object = json::object();
  for (uint32_t i = 0; i < value.count(); ++i) object[std::string(value.Key(i))] = ToNlohmann(value.Value(i));
  return object;
}

// Numbers as doubles: what both can say.
json AsDoubles(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_structured()) return value;
  json copy = value;
  for (auto& child : copy) child = AsDoubles(child);
  return copy;
}

TEST(JsonbAgainstNlohmann, AcceptanceAndValues) {
  JsonCorpus corpus(20261121);
  size_t accepted = 0, refused = 0;
  Arena arena;
  for (int i = 0; i < 100000; ++i) {
    const std::string document = corpus.Document();
    const std::string text = i % 4 == 0 ? document : corpus.Mutated(document);
    bool theirs_ok = true, too_large = false;
    json theirs;
    try {
      theirs = json::parse(text);
    } catch (const json::out_of_range&) {  // a number beyond double's range is one of numeric
      too_large = true;
    } catch (const json::exception&) { theirs_ok = false; }
    arena.Reset();
    Jsonb value;
    JsonProblem problem;
    const bool ours_ok = ParseJsonb(text, &arena, &value, &problem);
    if (too_large) continue;
    if (!ours_ok && problem.state == sqlstate::kUntranslatableCharacter) {  // \u0000: JSON, but no text of PostgreSQL's
      ASSERT_NE(text.find("\\u0000"), std::string::npos) << text;
      continue;
    }
    if (!ours_ok && problem.state == sqlstate::kNumericValueOutOfRange) {  // a number so small that a double is 0
      ASSERT_TRUE(theirs_ok) << text;
      continue;
    }
    ASSERT_EQ(ours_ok, theirs_ok) << text << "\n" << (ours_ok ? "" : problem.reason);
    ASSERT_TRUE(!CheckJson(text, &problem) || ours_ok || text.find("\\u") != std::string::npos) << text;
    if (ours_ok)
      ASSERT_EQ(ToNlohmann(JsonbView(value)), AsDoubles(theirs)) << text;
    else
      ASSERT_EQ(problem.state.view(), "22P02") << text;
    ++(ours_ok ? accepted : refused);
  }
  EXPECT_GT(accepted, 25000u);
  EXPECT_GT(refused, 25000u);
}

}  // namespace
}  // namespace kappa
