#include "formats/json/shape.h"

#include <algorithm>
#include <utility>

namespace kappa::json {

void ShapeRecorder::Begin(const char* record, bool flexible) {
  steps_.clear();
  literal_ = record;
  stopped_ = nullptr;
  flexible_ = flexible;
  declined_ = false;
}

// Puts the bytes from literal_ up to `until` into steps; the last one is to be given its action.
Step* ShapeRecorder::Literal(const char* until) {
  for (;;) {
    if (steps_.size() >= kMaxSteps) {
      declined_ = true;
      steps_.clear();
    }
    Step& step = steps_.emplace_back();
    const size_t length = std::min(static_cast<size_t>(until - literal_), kLiteralBytes);
    std::memcpy(step.literal, literal_, length);
    step.length = static_cast<uint32_t>(length);
    step.mask = length == 64 ? ~uint64_t{0} : (uint64_t{1} << length) - 1;
    literal_ += length;
    if (literal_ == until) return &step;
  }
}

// Of an object that nobody wants, what lies in it is written down too: its names are compared as bytes then, which costs less than to walk over it.
void ShapeRecorder::SkippedMembers(const char* p, const char* end, int depth) {
  for (p = SkipSpace(p + 1, end); p < end && *p == '"';) {
    Problem problem;
    const char* value = SkipString(p, end, &problem);
    if (value != nullptr) value = SkipSpace(value, end);
    if (value == nullptr || value >= end || *value != ':') return Decline();
    value = SkipSpace(value + 1, end);
    const char* const behind = SkipValue(value, end, false, depth, &problem);
    if (behind == nullptr) return Decline();
    Skipped(value, behind, depth);
    p = SkipSpace(behind, end);
    if (p < end && *p == ',') p = SkipSpace(p + 1, end);
  }
}

void ShapeRecorder::Skipped(const char* begin, const char* end, int depth) {
  if (declined_) return;
  if (*begin == 'n' && !flexible_) return;  // stays part of the literal
  if (*begin == '{' && !flexible_ && depth < kMaxSkippedDepth) return SkippedMembers(begin, end, depth + 1);
  Step* step = Literal(begin);
  const bool number = *begin == '-' || (*begin >= '0' && *begin <= '9');
  step->action = flexible_ ? Action::kSkipAny : *begin == '"' ? Action::kSkipString : number ? Action::kSkipNumber : Action::kSkipAny;
  step->depth = static_cast<uint16_t>(depth);
  literal_ = end;
}

void ShapeRecorder::Decoded(const DecodePlan& plan, uint16_t node, const char* begin, const char* end, int depth) {
  if (declined_) return;
  const PathNode& plan_node = plan.nodes()[node];
  if (*begin == 'n' && (!flexible_ || !plan_node.children.empty())) return;  // stays part of the literal
  if (plan_node.fields.size() != 1 || !plan_node.children.empty()) return Decline();
  const uint16_t field_index = plan_node.fields[0];
  const FieldPlan& field = plan.fields()[field_index];
  const TypeId type = field.type.id();
  Action action = Action::kConvert;
  const bool plain_number = *begin == '-' || (*begin >= '0' && *begin <= '9');
  bool quoted_number = *begin == '"' && end - begin > 2 && end - begin < 20;
  for (const char* p = begin + 1; quoted_number && p < end - 1; ++p) quoted_number = *p >= '0' && *p <= '9';
  if (field.type.is_integer() && plain_number) {
    action = type == TypeId::kInt8 ? Action::kInt8 : type == TypeId::kInt4 ? Action::kInt4 : Action::kInt2;
  } else if (type == TypeId::kInt8 && quoted_number && !flexible_) {  // the quotes join the literals around
    action = Action::kInt8;
    ++begin;
    --end;
  } else if (*begin == '"' && type == TypeId::kText && field.type.modifier() < 0) {
    action = Action::kText;
  } else if (*begin == '"' && (type == TypeId::kTimestamp || type == TypeId::kTimestampTz) &&
             (field.type.modifier() < 0 || field.type.modifier() == 6)) {
    action = Action::kTimestamp;
  }
  Step* step = Literal(begin);
  step->action = action;
  step->depth = static_cast<uint16_t>(depth);
  step->field = field_index;
  step->slot = field.offset;
  if (field.null_bit >= 0) {
    step->null_mask = static_cast<uint8_t>(1 << (field.null_bit & 7));
    step->null_byte = plan.layout().null_offset() + static_cast<uint32_t>(field.null_bit >> 3);
  }
  literal_ = end;
}

bool ShapeRecorder::Finish(const DecodePlan& plan, const char* end, const char* row, Shape* out) {
  if (declined_) return false;
  const RowLayout& layout = plan.layout();
  const bool after_value = stopped_ != nullptr && !steps_.empty() && literal_ == stopped_;
  if (stopped_ == nullptr) {
    Literal(end)->action = Action::kEnd;
  } else {
    // Behind a string or container nothing needs to be looked at; behind a number or word, the delimiter.
    const char last = stopped_[-1];
    const bool delimited = after_value && (last == '"' || last == '}' || last == ']');
    Literal(stopped_)->action = delimited ? Action::kStop : Action::kStopDelimiter;
  }
  if (declined_) return false;
  out->steps = steps_;
  out->row.assign(layout.size(), '\0');
  if (layout.null_bytes() != 0) std::memcpy(out->row.data() + layout.null_offset(), row + layout.null_offset(), layout.null_bytes());
  size_t assigned = 0, slots = 0;
  for (const FieldPlan& field : plan.fields()) slots += field.type.is_struct() ? 0 : 1;
  for (const Step& step : steps_) {
    const bool wanted = step.action >= Action::kInt8 && step.action <= Action::kConvert;
    if (!wanted) continue;
    ++assigned;
    if (step.null_mask != 0) out->row[step.null_byte] = static_cast<char>(out->row[step.null_byte] & ~step.null_mask);
  }
  out->row_bytes = assigned == slots ? layout.null_offset() + layout.null_bytes() : static_cast<uint32_t>(layout.size());
  out->row_bytes = std::min((out->row_bytes + 7u) & ~7u, static_cast<uint32_t>(layout.size()));
  out->hits = 0;
  return true;
}

}  // namespace kappa::json

namespace kappa {

DecoderState::DecoderState(const DecodePlan& plan) : plan_(&plan), internals_(std::make_unique<Internals>()) {
  if (plan.options().encoding == RecordEncoding::kCsv) internals_->csv.ByPosition(plan);
  if (plan.envelope() != nullptr) internals_->envelope = std::make_unique<EnvelopeState>(*plan.envelope());
  internals_->rank.resize(plan.nodes().size());
  internals_->present.resize(plan.fields().size());
}
DecoderState::~DecoderState() = default;

void DecoderState::Internals::Learn(const DecodePlan& plan, const char* end, const char* row) {
  constexpr uint64_t kPaid = 64;
  constexpr uint32_t kLongestPause = 1 << 16;
  json::Shape shape;
  if (!recorder.Finish(plan, end, row, &shape)) {
    learn_wait = learn_pause;  // nothing to learn here: do not try at every record
    learn_pause = std::min(learn_pause * 2, kLongestPause);
    return;
  }
  if (!flexible && shape_count >= json::kMaxShapes / 2) {  // too many patterns of nulls and kinds: begin again with shapes that bear them
    flexible = true;
    shape_count = 0;
    return;
  }
  size_t place = shape_count;
  if (shape_count < json::kMaxShapes) {
    ++shape_count;
  } else {
    place = order[json::kMaxShapes - 1];  // the one unused for longest
    if (shapes[place].hits < kPaid) learn_pause = std::min(learn_pause * 2, kLongestPause);
    learn_wait = learn_pause;
  }
  for (size_t i = shape_count - 1; i > 0; --i) order[i] = order[i - 1];
  order[0] = static_cast<uint8_t>(place);
  shapes[place] = std::move(shape);
}

void DecoderState::Internals::SetError(DecoderState* state, const DecodePlan& plan, const json::Problem& problem, const char* record, int field) {
  DecodeError& error = state->error_;
  error.state = problem.state;
  error.position = problem.where == nullptr ? 0 : static_cast<uint32_t>(problem.where - record);
  error.message.clear();
  if (field >= 0) error.message.append("column \"").append(plan.fields()[static_cast<size_t>(field)].display).append("\": ");
  error.message.append(problem.what);
  if (problem.where != nullptr) error.message.append(" at byte ").append(std::to_string(error.position));
}

}  // namespace kappa
