#include "engine/dead_letters.h"

#include <set>

#include "formats/encoder.h"

namespace kappa {
namespace {

constexpr const char* kKinds[] = {"decode", "late", "expression"};

const ErrorPolicy& PolicyOf(const PlanOperator& op, RowError::Kind kind) {
  if (kind == RowError::Kind::kDecode) return op.As<ScanOp>() ? op.As<ScanOp>()->on_error : op.on_error;
  if (const auto* late = op.As<LateCheckOp>()) return late->late;
  if (const auto* watermark = op.As<WatermarkOp>()) return watermark->on_error;
  return op.on_error;
}

// The source that feeds the operator, where there is only one.
const ScanOp* SourceOf(const Dataflow& dataflow, const PlanOperator& op) {
  const PlanOperator* at = &op;
  while (at->As<ScanOp>() == nullptr) {
    if (at->inputs.size() != 1) return nullptr;
    at = &dataflow.Get(at->inputs[0]);
  }
  return at->As<ScanOp>();
}

// Bytes that are no UTF-8 are written as \xNN, so that a dead letter is always a valid record itself.
std::string Printable(const std::string& bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size();) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    const size_t length = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    bool valid = length != 0 && i + length <= bytes.size() && c != 0;
    for (size_t k = 1; valid && k < length; ++k) valid = (static_cast<unsigned char>(bytes[i + k]) & 0xC0) == 0x80;
    if (valid && c == 0xE0) valid = static_cast<unsigned char>(bytes[i + 1]) >= 0xA0;
    if (valid && c == 0xED) valid = static_cast<unsigned char>(bytes[i + 1]) < 0xA0;
    if (valid && c == 0xF0) valid = static_cast<unsigned char>(bytes[i + 1]) >= 0x90;
    if (valid && c == 0xF4) valid = static_cast<unsigned char>(bytes[i + 1]) < 0x90;
    if (valid) {
      out.append(bytes, i, length);
      i += length;
    } else {
      constexpr char kDigits[] = "0123456789abcdef";
      out += "\\x";
      out += kDigits[c >> 4];
      out += kDigits[c & 15];
      ++i;
    }
  }
  return out;
}

std::string Letter(const Dataflow& dataflow, const PlanOperator& op, const RowError& error) {
  std::string out = "{\"kind\":";
  AppendJsonString(kKinds[static_cast<size_t>(error.kind)], &out);
  auto text = [&](const char* name, const std::string& value) {
    out += ",\"" + std::string(name) + "\":";
    if (value.empty())
      out += "null";
    else
      AppendJsonString(value, &out);
  };
  text("query", op.query);
  text("operator", std::string(OperatorName(op)));
  const ScanOp* source = SourceOf(dataflow, op);
  text("topic", source == nullptr ? "" : source->options.count("topic") ? source->options.at("topic") : source->source);
  out += ",\"partition\":" + (error.partition < 0 ? std::string("null") : std::to_string(error.partition));
  out += ",\"offset\":" + (error.offset < 0 ? std::string("null") : std::to_string(error.offset));
  text("sqlstate", std::string(error.state.view()));
  text("message", Printable(error.message));
  text("payload", Printable(error.payload));
  out += ",\"weight\":" + std::to_string(error.weight) + "}";
  return out;
}

}  // namespace

StatusOr<log::TopicProducer*> DeadLetters::Producer(const std::string& table) {
  std::unique_ptr<log::TopicProducer>& producer = producers_[table];
  if (producer == nullptr) {
    if (!directory_->Describe(table).ok()) RETURN_IF_ERROR(directory_->CreateTopic(table, {}));
    ASSIGN_OR_RETURN(producer, log::TopicProducer::Open(directory_, table));
  }
  return producer.get();
}

Status DeadLetters::Consume(Epoch, const Dataflow& dataflow, const std::vector<RowError>& errors) {
  std::set<log::TopicProducer*> used;
  for (const RowError& error : errors) {
    const PlanOperator& op = dataflow.Get(error.operator_id);
    const ErrorPolicy& policy = PolicyOf(op, error.kind);
    const bool fails = policy.action == ErrorPolicy::Action::kFail || (mode_ == Mode::kOneShot && error.kind == RowError::Kind::kExpression);
    if (fails) {
      SqlError failure(error.state);
      failure << error.message;
      if (error.kind == RowError::Kind::kDecode && error.offset >= 0) {
        const ScanOp* source = SourceOf(dataflow, op);
        failure << " (" << (source == nullptr ? std::string("record") : source->source) << ", partition " << error.partition << ", offset "
                << error.offset << ")" << Hint("ON ERROR SKIP or DEAD LETTER INTO lets the others go on");
      }
      return failure;
    }
    if (mode_ != Mode::kKeep || policy.action == ErrorPolicy::Action::kSkip) {
      counts_[""] += error.weight;
      continue;
    }
    ASSIGN_OR_RETURN(log::TopicProducer * producer, Producer(policy.table));
    const std::string letter = Letter(dataflow, op, error);
    OutgoingRecord record;
    record.value = letter;
    RETURN_IF_ERROR(producer->Add(record));
    used.insert(producer);
    counts_[policy.table] += error.weight;
  }
  for (log::TopicProducer* producer : used) RETURN_IF_ERROR(producer->Flush());
  return OkStatus();
}

}  // namespace kappa
