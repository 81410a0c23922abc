// Decoding in tests: columns written as text, rows shown as text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/decoder.h"
#include "types/jsonb.h"

namespace kappa {

// "bid.price" is matched in any case, "\"Price\"" exactly; `not_null`: NOT NULL.
inline DecodeColumn MakeColumn(std::string_view path, Type type, bool not_null = false) {
  DecodeColumn column;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    std::string_view step = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    const bool quoted = step.front() == '"';
    if (quoted) step = step.substr(1, step.size() - 2);
    column.path.push_back({std::string(step), !quoted});
  }
  column.type = std::move(type);
  column.not_null = not_null;
  return column;
}

inline std::unique_ptr<const DecodePlan> MakePlan(const std::vector<DecodeColumn>& columns, DecodeOptions options = {}) {
  std::vector<RowLayout::Column> layout;
  for (const DecodeColumn& column : columns) layout.push_back({column.type, !column.not_null});
  auto plan = DecodePlan::Make(columns, RowLayout(layout), options);
  return plan.ok() ? std::move(plan).value() : nullptr;
}

// Every field by name and raw value, and whether the slots of NULLs are zero as they have to be: "a=1 b=NULL c='x'".
inline std::string ShowRow(const DecodePlan& plan, const char* row) {
  std::string out;
  for (const FieldPlan& field : plan.fields()) {
    Slot slot;
    slot.null_bit = field.null_bit;
    const bool null = plan.layout().IsNull(row, slot);
    const char* p = row + field.offset;
    if (!out.empty()) out += ' ';
    out += field.display + "=";
    const TypeId type = field.type.id();
    if (type == TypeId::kStruct) {
      out += null ? "NULL" : "(..)";
      continue;
    }
    if (null) {
      out += "NULL";
      for (size_t i = 0; i < SlotSize(type); ++i) {
        if (p[i] != 0) out += "(slot is not zero)";
      }
      continue;
    }
    const auto load = [p]<typename T>(T value) {
      std::memcpy(&value, p, sizeof value);
      return value;
    };
    switch (type) {
      case TypeId::kBool:
        out += *p != 0 ? "true" : "false";
        break;
      case TypeId::kInt2:
        out += std::to_string(load(int16_t{}));
        break;
      case TypeId::kInt4:
      case TypeId::kDate:
        out += std::to_string(load(int32_t{}));
        break;
      case TypeId::kFloat4:
        out += std::to_string(load(float{}));
        break;
      case TypeId::kFloat8:
        out += std::to_string(load(double{}));
        break;
      case TypeId::kNumeric: {
        const Numeric n = load(Numeric());
        out +=
            std::to_string(n.high) + ":" + std::to_string(n.low) + "/" + std::to_string(n.scale) + (n.kind == 0 ? "" : "k" + std::to_string(n.kind));
        break;
      }
      case TypeId::kJsonb: {
        out += '\'';
        AppendJsonbText(JsonbView(load(Jsonb())), &out);
        out += '\'';
        break;
      }
      case TypeId::kText:
      case TypeId::kBytea:
      case TypeId::kJson: {
        const Text text = load(Text());
        out += "'" + std::string(text.view()) + "'";
        const Text again(text.data, text.size);
        if (std::memcmp(text.prefix, again.prefix, 4) != 0) out += "(wrong prefix)";
        break;
      }
      default:
        out += std::to_string(load(int64_t{}));
        break;
    }
  }
  return out;
}

// A plan with its state. Show answers the row, or "SQLSTATE message".
class Decoding {
 public:
  explicit Decoding(std::vector<DecodeColumn> columns, DecodeOptions options = {}, DecodeFunction function = nullptr)
      : plan_(MakePlan(columns, options)),
        state_(*plan_),
        row_(plan_->layout().size()),
        function_(function != nullptr ? function : DecodeEntry(*plan_)) {}

  std::string Show(std::string_view record) {
    call_.scratch.Reset();
    const DecodeResult result = function_(plan_.get(), &state_, &call_, record.data(), static_cast<uint32_t>(record.size()), row_.data());
    if (result == DecodeResult::kRow) return ShowRow(*plan_, row_.data());
    return std::string(state_.error().state.view()) + " " + state_.error().message;
  }
  DecoderState& state() { return state_; }
  const DecodePlan& plan() const { return *plan_; }
  const char* row() const { return row_.data(); }

 private:
  std::unique_ptr<const DecodePlan> plan_;
  DecoderState state_;
  CallContext call_;
  std::vector<char> row_;
  DecodeFunction function_;
};

}  // namespace kappa
