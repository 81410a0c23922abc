#include "tests/functions/aggregate_run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "functions/registry.h"
#include "types/array_value.h"

namespace kappa {
namespace {

template <typename Signature>
Signature* Code(const void* address) {
  return reinterpret_cast<Signature*>(reinterpret_cast<uintptr_t>(address));
}

bool Polymorphic(const AggregateEntry& entry) {
  return std::any_of(entry.arguments.begin(), entry.arguments.end(),
                     [](TypeId id) { return id == TypeId::kAny || id == TypeId::kAnyElement || id == TypeId::kAnyArray; });
}

Type Concrete(TypeId id, const Type& element) {
  if (id == TypeId::kAny || id == TypeId::kAnyElement) return element;
  if (id == TypeId::kAnyArray) return Type::Array(element);
  return id;
}

// The entry over one element type, as it is called without DISTINCT and ORDER BY.
AggregateShape PlainShape(const AggregateEntry& entry, const Type& element) {
  AggregateShape shape;
  shape.entry = &entry;
  for (size_t i = 0; i < entry.arguments.size(); ++i) {
    if (i >= entry.direct) {
      shape.columns.push_back(Concrete(entry.arguments[i], element));
    } else if (entry.arguments[i] == TypeId::kArray) {
      shape.direct.emplace_back(Type::Array(TypeId::kFloat8), "{0.25,NULL,1,0.5}");
    } else {
      shape.direct.emplace_back(entry.arguments[i], i == 0 ? "0.4" : "0.05");
    }
  }
  shape.arguments = shape.columns.size();
  shape.result = entry.result == TypeId::kArray ? Type::Array(shape.columns[0]) : Concrete(entry.result, element);
  shape.general = entry.raw || entry.add == nullptr;
  shape.takes_retractions = entry.invertible;
  if (entry.ordered_set) shape.order = {{0, false, false}};
  if (entry.order_matters) {  // by position
    shape.columns.emplace_back(TypeId::kInt8);
    shape.order = {{shape.columns.size() - 1, false, false}};
  }
  return shape;
}

void AddForms(const AggregateEntry& entry, const Type& element, std::vector<AggregateShape>* shapes) {
  const AggregateShape plain = PlainShape(entry, element);
  shapes->push_back(plain);
  if (entry.over != nullptr && entry.add != nullptr) {  // where rows may go again
    AggregateShape shape = plain;
    shape.general = shape.takes_retractions = true;
    shapes->push_back(shape);
  }
  if (entry.ordered_set) {
    AggregateShape shape = plain;
    shape.order[0].descending = shape.order[0].nulls_first = true;
    shapes->push_back(shape);
    return;
  }
  if (!entry.arguments.empty() && !entry.ignores_distinct && (entry.invertible || entry.over != nullptr)) {
    AggregateShape shape = plain;
    shape.distinct = shape.general = shape.takes_retractions = true;
    shape.columns.resize(shape.arguments);
    shape.order.clear();
    shapes->push_back(shape);
    if (entry.order_matters) {
      shape.order = {{shape.arguments - 1, true, false}};
      shapes->push_back(shape);
    }
  }
  if (entry.order_matters) {
    AggregateShape shape = plain;
    shape.columns.emplace_back(TypeId::kNumeric);
    shape.order.insert(shape.order.begin(), {shape.columns.size() - 1, true, false});
    shapes->push_back(shape);
  }
}

}  // namespace

std::string AggregateShape::Name() const {
  std::string out(entry->Signature());
  for (size_t i = 0; i < columns.size(); ++i) out += (i < arguments ? " " : " by ") + columns[i].ToString();
  for (const auto& key : order) out += " order " + std::to_string(key.column) + (key.descending ? " desc" : "");
  return out + (distinct ? " distinct" : "") + (general ? " general" : "");
}

std::vector<AggregateShape> AllAggregateShapes() {
  std::vector<AggregateShape> shapes;
  const std::vector<Type> elements = {TypeId::kInt4,     TypeId::kText,      TypeId::kNumeric, TypeId::kFloat8,
                                      TypeId::kInterval, TypeId::kTimestamp, TypeId::kBool};
  for (const AggregateEntry& entry : FunctionRegistry::Get().aggregates()) {
    if (entry.name.starts_with("kappa_")) continue;
    if (!Polymorphic(entry)) AddForms(entry, TypeId::kInt4, &shapes);
    for (const Type& element : Polymorphic(entry) ? elements : std::vector<Type>()) AddForms(entry, element, &shapes);
  }
  return shapes;
}

TextRow RandomRow(const AggregateShape& shape, int64_t position, Random* random) {
  TextRow row;
  for (size_t i = 0; i < shape.columns.size(); ++i) {
    const Type& type = shape.columns[i];
    if (i >= shape.arguments && type.id() == TypeId::kInt8)
      row.emplace_back(std::to_string(position));
    else if (random->Chance(15))
      row.emplace_back();
    else if (type.is_integer() && random->Chance(60))
      row.emplace_back(std::to_string(random->Below(5)));  // so that values repeat
    else if (type.id() == TypeId::kNumeric && random->Chance(60))
      row.emplace_back(std::vector<std::string>{"1.5", "1.50", "-0.1", "3", "3.000"}[random->Below(5)]);
    else if (type.id() == TypeId::kInterval && random->Chance(60))
      row.emplace_back(std::vector<std::string>{"1 mon", "30 days", "720:00:00", "-1 day"}[random->Below(4)]);
    else if ((type.id() == TypeId::kFloat8 || type.id() == TypeId::kFloat4) && random->Chance(60))
      row.emplace_back(std::vector<std::string>{"0", "-0", "1.5", "0.1"}[random->Below(4)]);
    else
      row.emplace_back(RandomText(type, random));
  }
  return row;
}

AggregateRun::AggregateRun(const AggregateShape& shape) : shape_(shape) {
  size_t bytes = shape.entry->state_size;
  if (shape.general) {
    GeneralAggregate::Spec spec;
    spec.entry = shape.entry;
    spec.columns = shape.columns;
    spec.arguments = shape.arguments;
    spec.order = shape.order;
    spec.distinct = shape.distinct;
    spec.result = shape.result;
    for (const auto& [type, text] : shape.direct) spec.direct.emplace_back(type, *Datum::Parse(type, text));
    general_ = std::make_shared<const GeneralAggregate>(std::move(spec));
    bytes = general_->state_size();
  }
  state_.resize(bytes / 8);
}

void AggregateRun::Add(const TextRow& row, int64_t weight) {
  const AggregateEntry& entry = *shape_.entry;
  const size_t strict = entry.strict < 0 ? shape_.arguments : static_cast<size_t>(entry.strict);
  struct Room {
    alignas(8) char bytes[24] = {};
  };
  std::vector<Room> slots(row.size());
  std::vector<Datum> datums(row.size());
  std::vector<AnyValue> values;
  for (size_t i = 0; i < row.size(); ++i) {
    if (!row[i] && i < strict) return;
    if (row[i]) {
      auto parsed = Datum::Parse(shape_.columns[i], *row[i]);
      if (!parsed.ok()) {
        std::fprintf(stderr, "%s does not read '%s'\n", shape_.Name().c_str(), row[i]->c_str());
        std::abort();
      }
      datums[i] = *std::move(parsed);
      datums[i].Store(shape_.columns[i], slots[i].bytes);
    }
    values.push_back({DescribeType(shape_.columns[i]), slots[i].bytes, !row[i], nullptr, nullptr});
  }
  if (general_ != nullptr) return general_->Add(context_, state_.data(), values.data(), weight);
  void* state = state_.data();
  if (shape_.arguments == 0) return Code<void(StateContext*, void*, int64_t)>(entry.add)(&context_, state, weight);
  if (shape_.arguments == 1) return Code<void(StateContext*, void*, const void*, int64_t)>(entry.add)(&context_, state, slots[0].bytes, weight);
  Code<void(StateContext*, void*, const void*, const void*, int64_t)>(entry.add)(&context_, state, slots[0].bytes, slots[1].bytes, weight);
}

void AggregateRun::Merge(AggregateRun& other) {
  if (general_ != nullptr) return general_->Merge(context_, state_.data(), other.context_, other.state_.data());
  Code<void(StateContext*, void*, StateContext*, const void*)>(shape_.entry->merge)(&context_, state_.data(), &other.context_, other.state_.data());
}

void AggregateRun::CopyTo(AggregateRun* other) {
  if (general_ != nullptr) return general_->Copy(context_, state_.data(), other->context_, other->state_.data());
  other->state_ = state_;
  if (shape_.entry->copy != nullptr)
    Code<void(StateContext*, const void*, StateContext*, void*)>(shape_.entry->copy)(&context_, state_.data(), &other->context_,
                                                                                     other->state_.data());
}

std::string AggregateRun::ResultOf(StateContext* context, const void* state) {
  CallContext call;
  alignas(8) char out[24] = {};
  bool null = false;
  const bool ok = general_ != nullptr ? general_->Result(*context, call, state, out, &null)
                                      : Code<bool(StateContext*, CallContext*, const void*, void*, bool*)>(shape_.entry->result_code)(
                                            context, &call, state, out, &null);
  if (!ok) return "!" + std::string(call.error_state.view()) + " " + call.error_message;
  if (null) return "NULL";
  std::string text;
  AppendAnyText({DescribeType(shape_.result), out, false, nullptr, nullptr}, &text);
  return text;
}

std::string AggregateRun::Result() { return ResultOf(&context_, state_.data()); }

std::string AggregateRun::KeptResult() {
  StateContext before;
  std::vector<uint64_t> kept(state_.size());
  general_->KeepResult(context_, state_.data(), before, kept.data());
  std::string text = ResultOf(&before, kept.data());
  general_->Release(before, kept.data());
  return text;
}

bool AggregateRun::Release() {
  if (general_ != nullptr)
    general_->Release(context_, state_.data());
  else if (shape_.entry->release != nullptr)
    Code<void(StateContext*, void*)>(shape_.entry->release)(&context_, state_.data());
  return general_ == nullptr || std::all_of(state_.begin(), state_.end(), [](uint64_t word) { return word == 0; });
}

}  // namespace kappa
