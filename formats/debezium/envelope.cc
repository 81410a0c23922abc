#include "formats/debezium/envelope.h"

#include <cstring>

#include "formats/json/shape.h"

namespace kappa {
namespace {

DecodeColumn Within(const std::vector<PathStep>& outer, const DecodeColumn& column) {
  DecodeColumn out = column;
  out.path.insert(out.path.begin(), outer.begin(), outer.end());
  out.not_null = false;
  return out;
}

void AddCopies(const Slot& from, const Slot& to, const std::string& display, bool not_null, std::vector<EnvelopePlan::Copy>* copies) {
  const bool is_struct = to.type.is_struct();
  copies->push_back(
      {from.offset, to.offset, is_struct ? 0 : static_cast<uint32_t>(SlotSize(to.type.id())), from.null_bit, to.null_bit, not_null, display});
  for (size_t i = 0; is_struct && i < to.fields.size(); ++i)
    AddCopies(from.fields[i], to.fields[i], display + "." + to.type.fields()[i].name, false, copies);
}

StatusOr<std::unique_ptr<const DecodePlan>> MakeInner(const DecodePlan& rows, bool wrapped, const RowLayout& layout) {
  const auto step = [](const char* name) { return PathStep{name, false}; };
  std::vector<PathStep> top;
  if (wrapped) top.push_back(step("payload"));
  const auto at = [&](const char* name) {
    std::vector<PathStep> path = top;
    path.push_back(step(name));
    return path;
  };
  std::vector<DecodeColumn> columns = {
      {at("op"), TypeId::kText, false, -1}, {at("before"), Type::Struct({}), false, -1}, {at("after"), Type::Struct({}), false, -1}};
  for (const char* image : {"before", "after"})
    for (const DecodeColumn& column : rows.columns()) columns.push_back(Within(at(image), column));
  DecodeOptions options = rows.options();
  options.envelope = DecodeOptions::Envelope::kNone;
  return DecodePlan::Make(std::move(columns), layout, options);
}

}  // namespace

StatusOr<std::shared_ptr<const EnvelopePlan>> EnvelopePlan::Make(const DecodePlan& rows) {
  if (rows.options().encoding != RecordEncoding::kJson) return SqlError(sqlstate::kFeatureNotSupported) << "FORMAT DEBEZIUM reads JSON only";
  std::vector<RowLayout::Column> slots = {{TypeId::kText, true}, {Type::Struct({}), true}, {Type::Struct({}), true}};
  for (int image = 0; image < 2; ++image)
    for (const DecodeColumn& column : rows.columns()) slots.push_back({column.type, true});
  const RowLayout layout(slots);
  auto plan = std::make_shared<EnvelopePlan>();
  plan->keyed = rows.options().envelope == DecodeOptions::Envelope::kDebeziumKeyed;
  ASSIGN_OR_RETURN(plan->plain, MakeInner(rows, false, layout));
  ASSIGN_OR_RETURN(plan->wrapped, MakeInner(rows, true, layout));
  plan->op = layout.slots()[0];
  plan->has_before = layout.slots()[1];
  plan->has_after = layout.slots()[2];
  const size_t count = rows.columns().size();
  for (size_t i = 0; i < count; ++i) {
    const DecodeColumn& column = rows.columns()[i];
    const std::string& display = column.path.back().name;
    AddCopies(layout.slots()[3 + i], rows.layout().slots()[i], display, column.not_null, &plan->before);
    AddCopies(layout.slots()[3 + count + i], rows.layout().slots()[i], display, column.not_null, &plan->after);
  }
  return std::shared_ptr<const EnvelopePlan>(std::move(plan));
}

EnvelopeState::EnvelopeState(const EnvelopePlan& plan) : plain(*plan.plain), wrapped(*plan.wrapped), row(plan.plain->layout().size()) {}

namespace {

class Event {
 public:
  Event(const DecodePlan& plan, DecoderState* state, CallContext* call) : outer_(plan), plan_(*plan.envelope()), state_(state), call_(call) {}

  DecodeResult Decode(const char* data, uint32_t size, char* out) {
    EnvelopeState& in = *state_->internals().envelope;
    if (!Read(&in, in.wraps, data, size)) return DecodeResult::kError;
    if (IsNull(plan_.op)) {
      if (!Read(&in, !in.wraps, data, size)) return DecodeResult::kError;
      if (IsNull(plan_.op)) return Fail(sqlstate::kInvalidJsonText, "not a Debezium event: it has no \"op\"");
      in.wraps = !in.wraps;
    }
    Text op;
    std::memcpy(&op, row_ + plan_.op.offset, sizeof op);
    if (op.size != 1) return Fail(sqlstate::kInvalidJsonText, "not a Debezium event: its \"op\" is \"" + std::string(op.view().substr(0, 40)) + "\"");
    const bool before = !IsNull(plan_.has_before), after = !IsNull(plan_.has_after);
    switch (op.data[0]) {
      case 'c':
      case 'r':
        if (!after) return Fail(sqlstate::kNullValueNotAllowed, "the event has no \"after\"");
        return Put(plan_.after, out, true) ? DecodeResult::kRow : DecodeResult::kError;
      case 'u':
        if (!after) return Fail(sqlstate::kNullValueNotAllowed, "the event has no \"after\"");
        if (plan_.keyed) return Put(plan_.after, out, true) ? DecodeResult::kRow : DecodeResult::kError;
        if (!before) return NoBefore("update");
        return Put(plan_.before, out, true) && Put(plan_.after, out + outer_.layout().size(), true) ? DecodeResult::kUpdate : DecodeResult::kError;
      case 'd':
        if (!before) return NoBefore("delete");
        return Put(plan_.before, out, !plan_.keyed) ? DecodeResult::kRetract : DecodeResult::kError;
      case 'm':
        return DecodeResult::kNothing;
      case 't':
        return Fail(sqlstate::kFeatureNotSupported, "the event truncates the table: that is not supported");
      default:
        return Fail(sqlstate::kInvalidJsonText, "not a Debezium event: its \"op\" is \"" + std::string(op.view()) + "\"");
    }
  }

 private:
  bool Read(EnvelopeState* in, bool wrapped, const char* data, uint32_t size) {
    const DecodePlan& plan = wrapped ? *plan_.wrapped : *plan_.plain;
    DecoderState& state = wrapped ? in->wrapped : in->plain;
    row_ = in->row.data();
    if (kappa::Decode(plan, state, *call_, {data, size}, in->row.data()) == DecodeResult::kRow) return true;
    DecoderState::Internals::SetError(state_, state.error());
    return false;
  }

  bool IsNull(const Slot& slot) const { return plan_.plain->layout().IsNull(row_, slot); }
  static bool Bit(const char* row, const RowLayout& layout, int32_t bit) {
    return bit >= 0 && ((row[layout.null_offset() + static_cast<uint32_t>(bit >> 3)] >> (bit & 7)) & 1) != 0;
  }

  bool Put(const std::vector<EnvelopePlan::Copy>& copies, char* out, bool checks) {
    const RowLayout& from = plan_.plain->layout();
    const RowLayout& to = outer_.layout();
    std::memset(out, 0, to.size());
    for (const EnvelopePlan::Copy& copy : copies) {
      if (!Bit(row_, from, copy.from_null)) {
        std::memcpy(out + copy.to, row_ + copy.from, copy.size);
      } else if (copy.not_null) {
        if (!checks) continue;
        Fail(sqlstate::kNotNullViolation, "column \"" + copy.display + "\": the value is missing or null, and the column is NOT NULL");
        return false;
      } else if (copy.to_null >= 0) {
        char& byte = out[to.null_offset() + static_cast<uint32_t>(copy.to_null >> 3)];
        byte = static_cast<char>(byte | (1 << (copy.to_null & 7)));
      }
    }
    return true;
  }

  KAPPA_COLD DecodeResult NoBefore(const char* what) {
    return Fail(sqlstate::kNullValueNotAllowed,
                std::string("the event is ") + (*what == 'u' ? "an " : "a ") + what + " without its before-image" +
                    (plan_.keyed ? "" : ": let the database log whole rows (REPLICA IDENTITY FULL), or declare a PRIMARY KEY"));
  }
  KAPPA_COLD DecodeResult Fail(SqlState sqlstate, std::string message) {
    DecoderState::Internals::SetError(state_, DecodeError{sqlstate, std::move(message), 0});
    return DecodeResult::kError;
  }

  const DecodePlan& outer_;
  const EnvelopePlan& plan_;
  DecoderState* const state_;
  CallContext* const call_;
  const char* row_ = nullptr;
};

}  // namespace
}  // namespace kappa

extern "C" kappa::DecodeResult DecodeDebezium(const kappa::DecodePlan* plan, kappa::DecoderState* state, kappa::CallContext* call, const char* data,
                                              uint32_t size, char* row) {
  return kappa::Event(*plan, state, call).Decode(data, size, row);
}
