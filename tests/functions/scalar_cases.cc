#include "tests/functions/scalar_cases.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "functions/registry.h"
#include "tests/functions/case_writer.h"
#include "tests/functions/json_pools.h"
#include "tests/functions/native_call.h"
#include "tests/functions/value_pools.h"

namespace kappa {
namespace {

constexpr size_t kCasesPerSignature = 500;
constexpr size_t kTypeChoices = 10;  // of a function over any type

TypeId WantedAt(const FunctionEntry& entry, size_t i) { return entry.arguments[std::min(i, entry.arguments.size() - 1)]; }

// Types for one way to call the function.
std::vector<Type> ChooseTypes(const FunctionEntry& entry, Random* random) {
  static constexpr TypeId kElements[] = {TypeId::kInt4,   TypeId::kText, TypeId::kNumeric,  TypeId::kBool,
                                         TypeId::kFloat8, TypeId::kDate, TypeId::kTimestamp};
  const Type element = kElements[random->Below(std::size(kElements))];
  const size_t count = entry.arguments.size() + (entry.variadic ? random->Below(4) : 0);
  std::vector<Type> types;
  for (size_t i = 0; i < count; ++i) {
    switch (WantedAt(entry, i)) {
      case TypeId::kAny:
        types.push_back(random->Chance(15) ? Type::Array(TypeId::kInt4) : Type(kElements[random->Below(std::size(kElements))]));
        break;
      case TypeId::kAnyElement:
        types.push_back(element);
        break;
      case TypeId::kAnyArray:
        types.push_back(Type::Array(entry.text_arrays ? Type(TypeId::kText) : element));
        break;
      case TypeId::kArray:
        types.push_back(Type::Array(TypeId::kInt4));
        break;
      default:
        types.emplace_back(WantedAt(entry, i));
    }
  }
  return types;
}

bool IsOverAnyType(const FunctionEntry& entry) {
  return entry.variadic || std::any_of(entry.arguments.begin(), entry.arguments.end(),
                                       [](TypeId type) { return type == TypeId::kAny || type == TypeId::kAnyElement || type == TypeId::kAnyArray; });
}

// There is no struct without its fields: rows are compared in tests/slt.
bool TakesStruct(const FunctionEntry& entry) {
  return entry.result == TypeId::kStruct || std::find(entry.arguments.begin(), entry.arguments.end(), TypeId::kStruct) != entry.arguments.end();
}

// `args`: expressions of the arguments.
std::string SqlOf(const FunctionEntry& entry, const std::vector<std::string>& args) {
  if (entry.kind == FunctionKind::kCast) return "CAST(" + args[0] + " AS " + Type(entry.result).ToString() + ")";
  if (entry.kind == FunctionKind::kOperator) {
    if (args.size() == 1) return "(" + std::string(entry.name) + " (" + args[0] + "))";
    return "((" + args[0] + ") " + std::string(entry.name) + " (" + args[1] + "))";
  }
  std::string sql = "pg_catalog.\"" + std::string(entry.name) + "\"(";
  for (size_t i = 0; i < args.size(); ++i) sql += (i > 0 ? ", " : "") + args[i];
  return sql + ")";
}

// Calls with arguments of given types.
class Caller {
 public:
  Caller(const FunctionEntry& entry, std::vector<Type> types, Random* random, std::set<std::string>* seen)
      : entry_(entry), types_(std::move(types)), random_(random), seen_(seen), result_(ResultTypeOf(entry, types_)) {
    for (size_t i = 0; i < types_.size(); ++i) {
      const Pool* own = &PoolOfType(types_[i].id());
      const Pool* pool = &PoolOf(entry, std::min(i, entry.arguments.size() - 1), types_[i]);
      pools_.push_back(pool);
      special_.push_back(pool != own);
    }
    std::vector<std::string> expressions;
    for (size_t i = 0; i < ShownArguments(); ++i)
      expressions.push_back("a[" + std::to_string(i + 1) + "]::" + (IsJsonPath(entry, i) ? "jsonpath" : types_[i].ToString()));
    expression_ = SqlOf(entry, expressions);
  }

  // Every combination of pool values when they are few; then random ones, as long as there can be new ones.
  void Run(size_t count) {
    size_t total = 1;
    for (const Pool* pool : pools_) total = std::min<size_t>(total * pool->size(), 1000000);
    const bool pools_only = std::all_of(special_.begin(), special_.end(), [](bool special) { return special; });
    std::vector<const char*> texts(types_.size());
    if (total <= count || (pools_only && total <= 4 * count)) {
      for (size_t n = 0; n < total; ++n) {
        size_t rest = n;
        for (size_t i = 0; i < texts.size(); ++i) {
          texts[i] = (*pools_[i])[rest % pools_[i]->size()];
          rest /= pools_[i]->size();
        }
        Call(texts);
      }
      if (pools_only) return;
    }
    std::vector<std::string> made(texts.size());
    for (size_t tries = 0; seen_->size() < count && tries < 2 * count; ++tries) {
      for (size_t i = 0; i < texts.size(); ++i) {
        const bool pooled = special_[i] || (types_[i].id() != TypeId::kArray && pools_[i]->size() > 1 && random_->Chance(45));
        if (pooled) {
          texts[i] = (*pools_[i])[random_->Below(pools_[i]->size())];
        } else if (random_->Chance(2)) {
          texts[i] = nullptr;
        } else {
          made[i] = RandomText(types_[i], random_);
          texts[i] = made[i].c_str();
        }
      }
      Call(texts);
    }
  }

 private:
  // The session's time zone is not written.
  size_t ShownArguments() const { return types_.size() - (entry_.zoned ? 1 : 0); }

  void Call(const std::vector<const char*>& texts) {
    std::vector<Datum> values;
    std::vector<std::string> literals;
    for (size_t i = 0; i < texts.size(); ++i) {
      Datum datum;
      const char* text = entry_.zoned && i + 1 == texts.size() ? "UTC" : texts[i];
      if (text != nullptr) {
        auto parsed = Datum::Parse(types_[i], text);
        if (!parsed.ok()) return;  // of numeric: more than 38 digits; texts that are no values are asked of casts
        datum = *parsed;
      }
      values.push_back(std::move(datum));
      if (i < ShownArguments()) literals.push_back(IsJsonPath(entry_, i) ? JsonPathLiteral(text) : Literal(types_[i], text));
    }
    const std::string sql = SqlOf(entry_, literals);
    if (!seen_->insert(sql).second) return;
    std::string answer = CallNatively(entry_, types_, values);
    if (result_.id() == TypeId::kBool && answer.size() == 1) answer = answer == "t" ? "true" : "false";  // oracle.sql casts
    WriteCall(sql, answer, expression_, {texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(ShownArguments())});
  }

  const FunctionEntry& entry_;
  std::vector<Type> types_;
  Random* random_;
  std::set<std::string>* seen_;
  Type result_;
  std::vector<const Pool*> pools_;
  std::vector<bool> special_;
  std::string expression_;
};

void WriteFunction(const FunctionEntry& entry, Random* random) {
  std::set<std::string> seen;
  if (!IsOverAnyType(entry)) return Caller(entry, ChooseTypes(entry, random), random, &seen).Run(kCasesPerSignature);
  for (size_t i = 1; i <= kTypeChoices; ++i) Caller(entry, ChooseTypes(entry, random), random, &seen).Run(i * kCasesPerSignature / kTypeChoices);
}

void WriteModifiers() {
  auto write = [&](Type type, const char* value, int32_t modifier, const std::string& sql) {
    if (value == nullptr) return;
    const FunctionEntry* entry = FunctionRegistry::Get().FindTypeModifier(type.id());
    WriteCase("CAST(" + Literal(type, value) + " AS " + sql + ")",
              CallNatively(*entry, {type, Type(TypeId::kInt4)}, {*Datum::Parse(type, value), Datum::Int(modifier)}));
  };
  for (const char* value : PoolOfType(TypeId::kNumeric)) {
    for (auto [precision, scale] : {std::pair{10, 2}, {5, 0}, {3, 3}, {38, 10}, {2, -2}, {2, 4}}) {
      write(TypeId::kNumeric, value, Type::Numeric(precision, scale).modifier(),
            "numeric(" + std::to_string(precision) + "," + std::to_string(scale) + ")");
    }
  }
  for (TypeId type : {TypeId::kTimestamp, TypeId::kTimestampTz}) {
    for (const char* value : {"2024-01-31 12:30:45.5", "1999-12-31 23:59:59.5", "1999-12-31 23:59:59.9995", "2000-02-29 23:59:59.999999",
                              "1969-12-31 23:59:59.25", "infinity", "2024-01-01 00:00:00.1235", "1960-01-01 00:00:00.1235"}) {
      for (int digits : {0, 3, 5, 6}) write(type, value, digits, Type(type, digits).ToString());
    }
  }
  for (const char* value : PoolOfType(TypeId::kText)) {
    for (int limit : {1, 3, 100}) write(TypeId::kText, value, limit, "varchar(" + std::to_string(limit) + ")");
  }
}

}  // namespace

size_t WriteScalarCases(Random* random, std::string_view category) {
  size_t signatures = 0;
  for (const FunctionEntry& entry : FunctionRegistry::Get().functions()) {
    if (!ExistsInPostgres(entry) || TakesStruct(entry)) continue;
    ++signatures;
    Random own{random->Next()};  // a function that comes or goes does not change what the others are asked
    if (category.empty() || entry.category == category) WriteFunction(entry, &own);
  }
  if (category.empty()) WriteModifiers();
  return signatures;
}

}  // namespace kappa
