// Prints one line for every case that PostgreSQL is to be asked about: an SQL expression, a tab, what kappa makes of it (its text, NULL, or !SQLSTATE
// message). Every signature of the registry is called with combinations from the pools of corner values; every aggregate with several multisets,
// after retractions and merges.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "functions/registry.h"
#include "tests/functions/value_pools.h"
#include "types/datum.h"
#include "types/row_layout.h"

namespace kappa {
namespace {

constexpr size_t kCasesPerSignature = 70;

struct Random {
  uint64_t state;
  size_t Below(size_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>((state >> 33) % n);
  }
};

// A value in its slot; a text points into the datum.
struct Value {
  explicit Value(Type type, Datum datum) : type(type), datum(std::move(datum)) {
    if (!this->datum.is_null()) this->datum.Store(type, slot);
  }
  Type type;
  Datum datum;
  alignas(8) char slot[24] = {};
};

std::string Quoted(std::string_view text) {
  std::string quoted = "E'";
  for (char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string Literal(TypeId type, const char* text) {
  return text == nullptr ? "NULL::" + Type(type).ToString() : Quoted(text) + "::" + Type(type).ToString();
}

// For COPY: the line's own escapes.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '\\')
      escaped += "\\\\";
    else if (c == '\t')
      escaped += "\\t";
    else if (c == '\n')
      escaped += "\\n";
    else
      escaped += c;
  }
  return escaped;
}

void Print(const std::string& sql, const std::string& result) { std::printf("%s\t%s\n", Escaped(sql).c_str(), Escaped(result).c_str()); }

std::string ResultText(TypeId type, bool ok, const CallContext& context, bool null, const char* slot) {
  if (!ok) return "!" + std::string(context.error_state.view()) + " " + context.error_message;
  if (null) return "NULL";
  return Datum::Load(type, slot).ToText(type);
}

std::string SqlOf(const FunctionEntry& entry, const std::vector<std::string>& args) {
  if (entry.kind == FunctionKind::kCast) {
    if (entry.name == "cast") return "CAST(" + args[0] + " AS " + Type(entry.result).ToString() + ")";
    return "";  // modifiers are written by PrintModifiers
  }
  if (entry.kind == FunctionKind::kOperator) {
    if (args.size() == 1) return "(" + std::string(entry.name) + " (" + args[0] + "))";
    return "((" + args[0] + ") " + std::string(entry.name) + " (" + args[1] + "))";
  }
  std::string sql = "pg_catalog.\"" + std::string(entry.name) + "\"(";
  for (size_t i = 0; i < args.size(); ++i) sql += (i > 0 ? ", " : "") + args[i];
  return sql + ")";
}

void PrintCase(const FunctionEntry& entry, const std::vector<const char*>& texts) {
  std::vector<Value> values;
  std::vector<std::string> literals;
  for (size_t i = 0; i < texts.size(); ++i) {
    Datum datum;
    if (texts[i] != nullptr) {
      auto parsed = Datum::Parse(entry.arguments[i], texts[i]);
      if (!parsed.ok()) {
        std::fprintf(stderr, "pool value %s of %s: %s\n", texts[i], Type(entry.arguments[i]).ToString().c_str(), MessageOf(parsed.status()).c_str());
        std::exit(1);
      }
      datum = *parsed;
    } else if (entry.strict) {
      return;  // the engine answers NULL by itself
    }
    values.emplace_back(entry.arguments[i], std::move(datum));
    literals.push_back(Literal(entry.arguments[i], texts[i]));
  }
  const void* slots[6];
  bool nulls[6];
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i].datum.is_null()) values[i].datum.Store(values[i].type, values[i].slot);  // the vector may have moved it
    slots[i] = values[i].slot;
    nulls[i] = values[i].datum.is_null();
  }
  CallContext context;
  alignas(8) char out[24] = {};
  bool null = false;
  const bool ok = entry.invoke(&context, out, &null, slots, nulls);
  Print(SqlOf(entry, literals), ResultText(entry.result, ok, context, null, out));
}

void PrintFunction(const FunctionEntry& entry, Random* random) {
  std::vector<const std::vector<const char*>*> pools;
  size_t total = 1;
  for (size_t i = 0; i < entry.arguments.size(); ++i) {
    pools.push_back(&PoolOf(entry, i));
    total *= pools.back()->size();
  }
  const bool all = total <= 2 * kCasesPerSignature;
  const size_t count = all ? total : entry.name == "to_char" ? total : kCasesPerSignature;
  for (size_t n = 0; n < count; ++n) {
    size_t rest = all || count == total ? n : random->Below(total);
    std::vector<const char*> texts;
    for (const auto* pool : pools) {
      texts.push_back((*pool)[rest % pool->size()]);
      rest /= pool->size();
    }
    PrintCase(entry, texts);
  }
}

void PrintModifiers() {
  const FunctionEntry* numeric = FunctionRegistry::Get().FindTypeModifier(TypeId::kNumeric);
  const FunctionEntry* text = FunctionRegistry::Get().FindTypeModifier(TypeId::kText);
  auto print = [](const FunctionEntry* entry, TypeId type, const char* value, int32_t modifier, const std::string& sql) {
    if (value == nullptr) return;
    Value v(type, *Datum::Parse(type, value));
    if (!v.datum.is_null()) v.datum.Store(type, v.slot);
    CallContext context;
    alignas(8) char out[24] = {};
    bool null = false;
    const void* slots[] = {v.slot, &modifier};
    const bool nulls[] = {false, false};
    const bool ok = entry->invoke(&context, out, &null, slots, nulls);
    Print("CAST(" + Literal(type, value) + " AS " + sql + ")", ResultText(type, ok, context, null, out));
  };
  for (const char* value : PoolOfType(TypeId::kNumeric)) {
    for (auto [precision, scale] : {std::pair{10, 2}, {5, 0}, {3, 3}, {38, 10}, {2, -2}, {2, 4}}) {
      print(numeric, TypeId::kNumeric, value, Type::Numeric(precision, scale).modifier(),
            "numeric(" + std::to_string(precision) + "," + std::to_string(scale) + ")");
    }
  }
  for (TypeId type : {TypeId::kTimestamp, TypeId::kTimestampTz}) {
    for (const char* value : {"2024-01-31 12:30:45.5", "1999-12-31 23:59:59.5", "1999-12-31 23:59:59.9995", "2000-02-29 23:59:59.999999",
                              "1969-12-31 23:59:59.25", "infinity", "2024-01-01 00:00:00.1235", "1960-01-01 00:00:00.1235"}) {
      for (int digits : {0, 3, 5, 6}) {
        const Type modified(type, digits);
        print(FunctionRegistry::Get().FindTypeModifier(type), type, value, digits, modified.ToString());
      }
    }
  }
  for (const char* value : PoolOfType(TypeId::kText)) {
    for (int limit : {1, 3, 100}) print(text, TypeId::kText, value, limit, "varchar(" + std::to_string(limit) + ")");
  }
}

template <typename Signature>
Signature* Code(const void* address) {
  return reinterpret_cast<Signature*>(const_cast<void*>(address));
}

// One state of an aggregate, by the compiled forms that generated code calls.
class Aggregation {
 public:
  explicit Aggregation(const AggregateEntry& entry) : entry_(entry), state_(entry.state_size / 8 + 1) {}
  void Add(const Value& value, int64_t weight) {
    if (entry_.arguments.empty())
      Code<void(StateContext*, void*, int64_t)>(entry_.add)(&context_, state_.data(), weight);
    else
      Code<void(StateContext*, void*, const void*, int64_t)>(entry_.add)(&context_, state_.data(), value.slot, weight);
  }
  void Merge(Aggregation& other) {
    Code<void(StateContext*, void*, StateContext*, const void*)>(entry_.merge)(&context_, state_.data(), &other.context_, other.state_.data());
  }
  std::string Result() {
    CallContext context;
    alignas(8) char out[24] = {};
    bool null = false;
    const bool ok =
        Code<bool(StateContext*, CallContext*, const void*, void*, bool*)>(entry_.result_code)(&context_, &context, state_.data(), out, &null);
    return ResultText(entry_.result, ok, context, null, out);
  }

 private:
  const AggregateEntry& entry_;
  StateContext context_;
  std::vector<uint64_t> state_;
};

void PrintAggregate(const AggregateEntry& entry, Random* random) {
  const TypeId type = entry.arguments.empty() || entry.arguments[0] == TypeId::kAny ? TypeId::kInt4 : entry.arguments[0];
  const std::vector<const char*>& pool = AggregatePoolOf(entry.name, type);
  for (size_t n = 0; n < 40; ++n) {
    const size_t rows = n % 13;
    std::string list;
    Aggregation left(entry), right(entry);
    std::vector<Value> noise;
    for (size_t i = 0; i < rows; ++i) {
      const char* text = pool[random->Below(pool.size())];
      if (entry.invertible) noise.emplace_back(type, *Datum::Parse(type, pool[random->Below(pool.size())]));
      Value value(type, *Datum::Parse(type, text));
      value.datum.Store(type, value.slot);
      (i % 2 == 0 ? left : right).Add(value, 1);
      list += (i > 0 ? "), (" : "(") + Literal(type, text);
    }
    for (Value& value : noise) {  // what comes and goes again leaves no trace, wherever it does
      value.datum.Store(type, value.slot);
      left.Add(value, 1);
      right.Add(value, -1);
    }
    left.Merge(right);
    const std::string argument = entry.arguments.empty() ? "*" : "v";
    std::string sql = "(SELECT " + std::string(entry.name) + "(" + argument + ") FROM (";
    sql += rows == 0 ? "SELECT NULL::" + Type(type).ToString() + " AS v WHERE false) AS t)" : "VALUES " + list + ")) AS t(v))";
    Print(sql, left.Result());
  }
}

int Run() {
  Random random{20240229};
  for (const FunctionEntry& entry : FunctionRegistry::Get().functions()) {
    if (!ExistsInPostgres(entry)) continue;
    PrintFunction(entry, &random);
  }
  PrintModifiers();
  for (const AggregateEntry& entry : FunctionRegistry::Get().aggregates()) {
    if (!entry.name.starts_with("kappa_")) PrintAggregate(entry, &random);
  }
  return 0;
}

}  // namespace
}  // namespace kappa

int main() { return kappa::Run(); }
