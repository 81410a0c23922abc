#include "formats/json/general_decoder.h"

#include <algorithm>

#include "formats/json/convert.h"
#include "formats/json/shape.h"

namespace kappa::json {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

constexpr uint8_t kOtherCase = 1, kExact = 2;

// How a member's name matches a wanted one; 0: not at all.
KAPPA_INLINE uint8_t RankOf(const PathStep& step, std::string_view key) {
  if (step.name.size() != key.size()) return 0;
  if (key.empty()) return kExact;
  const char first = key[0], wanted = step.name[0];
  if (Lower(first) != Lower(wanted)) return 0;
  if (first == wanted && std::memcmp(key.data(), step.name.data(), key.size()) == 0) return kExact;
  return step.case_insensitive && EqualIgnoringCase(step.name, key) ? kOtherCase : 0;
}

bool ConvertField(const FieldPlan& field, const char* p, const char* q, Strings strings, CallContext* call, char* slot, Problem* problem) {
  if (field.array == nullptr) return ConvertValue(field.type, p, q, strings, call, slot, problem);
  if (ConvertArray(field.array, p, q, strings, call, slot, problem)) return true;
  problem->where = p;
  return false;
}

// One record's walk. Methods answer the position behind what they read, nullptr after a failure (problem_ says why), and leave the record early once
// done_.
class GeneralDecoder {
 public:
  GeneralDecoder(const DecodePlan& plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row, ShapeRecorder* recorder)
      : plan_(plan),
        state_(state),
        in_(state->internals()),
        call_(call),
        begin_(data),
        end_(data + size),
        row_(row),
        recorder_(recorder),
        full_(plan.options().validate == Validate::kFull),
        remaining_(plan.nodes()[0].leaves) {}

  bool Run() {
    if (!plan_.empty_row().empty()) std::memcpy(row_, plan_.empty_row().data(), plan_.empty_row().size());
    std::fill(in_.rank.begin(), in_.rank.end(), uint8_t{0});
    std::fill(in_.present.begin(), in_.present.end(), uint8_t{0});
    in_.pending.clear();
    if (!Record()) return Report(problem_, field_);
    if (!in_.pending.empty()) {
      const auto* first = &in_.pending[0];
      for (const auto& error : in_.pending) {
        if (error.problem.where < first->problem.where) first = &error;
      }
      return Report(first->problem, first->field);
    }
    for (size_t i = 0; i < plan_.fields().size(); ++i) {
      if (plan_.fields()[i].not_null && !in_.present[i]) {
        return Report({sqlstate::kNotNullViolation, "the value is missing or null, and the column is NOT NULL", nullptr}, static_cast<int>(i));
      }
    }
    return true;
  }

 private:
  bool Record() {
    const char* p = SkipSpace(begin_, end_);
    if (p == end_) return Malformed(begin_ == end_ ? "the record is empty" : "the record is blank", begin_);
    if (*p != '{') return Malformed("the record is not a JSON object", p);
    if (plan_.nodes()[0].children.empty()) remaining_ = UINT32_MAX;  // no column is read: walk over all of it
    p = Object(p, 0, 1);
    if (p == nullptr) return false;
    if (done_) {
      recorder_->Stopped(p);
      return true;
    }
    p = SkipSpace(p, end_);
    return p == end_ || Malformed("something follows the record's object", p);
  }

  // p at the opening brace; `depth` counts this object.
  const char* Object(const char* p, uint16_t node, int depth) {
    if (depth > kMaxDepth) return Malformed("nested too deeply (512 levels at most)", p), nullptr;
    p = SkipSpace(p + 1, end_);
    if (p < end_ && *p == '}') return LeaveObject(node), p + 1;
    for (;;) {
      if (p >= end_ || *p != '"') return Malformed(p >= end_ ? "the record ends within an object" : "expected a member name in quotes", p), nullptr;
      const char* const name = p;
      bool escaped;
      if ((p = CheckShortString(p, end_, &escaped, &problem_)) == nullptr) return nullptr;
      const std::string_view key = Key(name, p, escaped);
      p = SkipSpace(p, end_);
      if (p >= end_ || *p != ':') return Malformed("expected a colon after the member name", p), nullptr;
      p = SkipSpace(p + 1, end_);
      p = Member(p, node, key, depth);
      if (p == nullptr || done_) return p;
      p = SkipSpace(p, end_);
      if (p < end_ && *p == '}') return LeaveObject(node), p + 1;
      if (p >= end_ || *p != ',')
        return Malformed(p >= end_ ? "the record ends within an object" : "expected a comma or a closing brace", p), nullptr;
      p = SkipSpace(p + 1, end_);
    }
  }

  std::string_view Key(const char* p, const char* q, bool escaped) {
    ++p;
    --q;
    if (!escaped) return {p, static_cast<size_t>(q - p)};
    in_.key.resize(static_cast<size_t>(q - p));
    bool has_nul = false;
    in_.key.resize(static_cast<size_t>(Unescape(p, q, in_.key.data(), &has_nul) - in_.key.data()));
    return in_.key;
  }

  // The value of a member: for each column that wants it, or for nobody.
  const char* Member(const char* p, uint16_t parent, std::string_view key, int depth) {
    const char* behind = nullptr;
    int matches = 0;
    for (uint16_t child : plan_.nodes()[parent].children) {
      const uint8_t rank = RankOf(plan_.nodes()[child].step, key);
      if (rank == 0) continue;
      uint8_t& found = in_.rank[child];
      if (found != 0) {
        if (full_) recorder_->Decline();
        if (!full_ || rank < found) continue;
        Forget(child);
      }
      found = rank;
      if (++matches > 1) recorder_->Decline();
      behind = Value(p, child, depth);
      if (behind == nullptr || done_) return behind;
    }
    if (behind != nullptr) return behind;
    behind = SkipValue(p, end_, full_, depth, &problem_);
    if (behind != nullptr) recorder_->Skipped(p, behind, depth);
    return behind;
  }

  const char* Value(const char* p, uint16_t node, int depth) {
    const PathNode& plan_node = plan_.nodes()[node];
    const bool object = p < end_ && *p == '{';
    if (object && !plan_node.children.empty()) {
      bool whole = false;
      for (uint16_t field : plan_node.fields) {
        if (plan_.fields()[field].type.is_struct())
          Present(field);
        else
          whole = true;
      }
      if (whole) {  // the same member wanted as it is and in parts
        recorder_->Decline();
        if (Fields(p, plan_node, node, depth) == nullptr) return nullptr;
      }
      return Object(p, node, depth + 1);
    }
    const char* behind = Fields(p, plan_node, node, depth);
    if (behind == nullptr) return nullptr;
    recorder_->Decoded(plan_, node, p, behind, depth);
    Found(plan_node.leaves);
    return behind;
  }

  // Converts the value for every field that is not a struct.
  const char* Fields(const char* p, const PathNode& plan_node, uint16_t node, int depth) {
    const char* behind = SkipValue(p, end_, full_, depth, &problem_);
    if (behind == nullptr || *p == 'n') return behind;
    const auto strict = [&](uint16_t child) { return !plan_.nodes()[child].step.within_json; };
    bool scalar_for_members = *p != '{' && std::any_of(plan_node.children.begin(), plan_node.children.end(), strict);
    for (uint16_t field : plan_node.fields) {
      const FieldPlan& plan_field = plan_.fields()[field];
      if (plan_field.type.is_struct()) {
        if (*p == '{') {
          Present(field);
          continue;
        }
        scalar_for_members = true;
        continue;
      }
      Problem problem;
      if (ConvertField(plan_field, p, behind, full_ ? Strings::kChecked : Strings::kUnchecked, call_, row_ + plan_field.offset, &problem)) {
        Present(field);
      } else if (!Postpone(problem, node, field)) {
        return nullptr;
      }
    }
    if (scalar_for_members) {
      const Problem problem{sqlstate::kInvalidTextRepresentation, "expected an object", p};
      if (!Postpone(problem, node, FirstField(node))) return nullptr;
    }
    return behind;
  }

  uint16_t FirstField(uint16_t node) const {
    const PathNode* plan_node = &plan_.nodes()[node];
    while (plan_node->fields.empty()) plan_node = &plan_.nodes()[plan_node->children[0]];
    return plan_node->fields[0];
  }

  // A value that cannot be converted fails the record, unless (kFull) a later member of the same name takes its place.
  bool Postpone(const Problem& problem, uint16_t node, uint16_t field) {
    if (full_) {
      in_.pending.push_back({node, field, problem});
      return true;
    }
    problem_ = problem;
    field_ = field;
    return false;
  }

  void Present(uint16_t field) {
    const FieldPlan& plan_field = plan_.fields()[field];
    in_.present[field] = 1;
    if (plan_field.null_bit < 0) return;
    char& byte = row_[plan_.layout().null_offset() + static_cast<uint32_t>(plan_field.null_bit >> 3)];
    byte = static_cast<char>(byte & ~(1 << (plan_field.null_bit & 7)));
  }

  // A later member replaces this one: everything under it is NULL again.
  void Forget(uint16_t node) {
    const PathNode& plan_node = plan_.nodes()[node];
    for (uint16_t field : plan_node.fields) {
      const FieldPlan& plan_field = plan_.fields()[field];
      in_.present[field] = 0;
      if (!plan_field.type.is_struct()) std::memset(row_ + plan_field.offset, 0, SlotSize(plan_field.type.id()));
      if (plan_field.null_bit < 0) continue;
      char& byte = row_[plan_.layout().null_offset() + static_cast<uint32_t>(plan_field.null_bit >> 3)];
      byte = static_cast<char>(byte | (1 << (plan_field.null_bit & 7)));
    }
    std::erase_if(in_.pending, [node](const auto& error) { return error.node == node; });
    in_.rank[node] = 0;
    for (uint16_t child : plan_node.children) Forget(child);
  }

  // kRead: so many members fewer to look for.
  void Found(uint32_t leaves) {
    if (full_) return;
    remaining_ -= leaves;
    done_ = remaining_ == 0;
  }
  // Members that were not in their object are not looked for any more.
  void LeaveObject(uint16_t node) {
    if (full_ || node == 0) return;
    uint32_t missing = 0;
    for (uint16_t child : plan_.nodes()[node].children) {
      if (in_.rank[child] == 0) missing += plan_.nodes()[child].leaves;
    }
    if (missing != 0) Found(missing);
  }

  bool Malformed(const char* what, const char* where) {
    problem_ = {sqlstate::kInvalidJsonText, what, where};
    return false;
  }
  bool Report(const Problem& problem, int field) {
    in_.SetError(state_, plan_, problem, begin_, field);
    return false;
  }

  const DecodePlan& plan_;
  DecoderState* state_;
  DecoderState::Internals& in_;
  CallContext* call_;
  const char* begin_;
  const char* end_;
  char* row_;
  ShapeRecorder* recorder_;
  const bool full_;
  uint32_t remaining_;
  bool done_ = false;
  Problem problem_;
  int field_ = -1;
};

}  // namespace

DecodeResult DecodeGeneral(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row) {
  DecoderState::Internals& in = state->internals();
  DecoderState::Internals::CountGeneral(state);
  const bool learn = plan->options().speculate && in.learn_wait == 0;
  if (learn) {
    in.recorder.Begin(data, in.flexible);
  } else {
    if (in.learn_wait > 0) --in.learn_wait;
    in.recorder.Decline();
  }
  if (!GeneralDecoder(*plan, state, call, data, size, row, &in.recorder).Run()) return DecodeResult::kError;
  if (learn) in.Learn(*plan, data + size, row);
  return DecodeResult::kRow;
}

const char* DecodeField(const DecodePlan& plan, uint32_t field, CallContext* call, const char* p, const char* end, int depth, char* row, bool* null) {
  Problem problem;
  const bool full = plan.options().validate == Validate::kFull;
  const char* behind = SkipValue(p, end, full, depth, &problem);
  if (behind == nullptr) return nullptr;
  *null = *p == 'n';
  if (*null) return behind;
  const FieldPlan& plan_field = plan.fields()[field];
  if (!ConvertField(plan_field, p, behind, full ? Strings::kChecked : Strings::kUnchecked, call, row + plan_field.offset, &problem)) return nullptr;
  return behind;
}

}  // namespace kappa::json
