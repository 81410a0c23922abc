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

Status DeadLetters::Recover(const std::string& writer, const std::string& incarnation, const Dataflow& dataflow) {
  writer_ = writer;
  incarnation_ = incarnation;
  for (const PlanOperator& op : dataflow.operators) {
    for (const RowError::Kind kind : {RowError::Kind::kDecode, RowError::Kind::kLate, RowError::Kind::kExpression}) {
      const std::string& table = PolicyOf(op, kind).table;
      if (table.empty()) continue;
      const Status described = directory_->Describe(table).status();
      if (SqlStateOf(described) == sqlstate::kUndefinedObject) continue;
      RETURN_IF_ERROR(described);
      RETURN_IF_ERROR(Open(table).status());
    }
  }
  return OkStatus();
}

StatusOr<DeadLetters::Table*> DeadLetters::Open(const std::string& name) {
  Table& table = tables_[name];
  if (table.producer != nullptr || table.exactly_once != nullptr) return &table;
  Status described = directory_->Describe(name).status();
  if (SqlStateOf(described) == sqlstate::kUndefinedObject) described = directory_->CreateTopic(name, {});
  RETURN_IF_ERROR(described);
  if (writer_.empty()) {
    ASSIGN_OR_RETURN(table.producer, log::TopicProducer::Open(directory_, name));
    return &table;
  }
  ASSIGN_OR_RETURN(table.exactly_once, log::TransactionalProducer::Open(directory_, name, writer_));
  const log::WriterState& state = table.exactly_once->committed();
  if (state.epoch < 0) return &table;
  ASSIGN_OR_RETURN(const CommitRecord record, DecodeCommitRecord(state.record));
  if (record.incarnation == incarnation_) table.has = state.epoch;
  return &table;
}

Status DeadLetters::Commit(const EpochCommit& commit) {
  for (auto& [name, table] : tables_) {
    if (table.exactly_once != nullptr) RETURN_IF_ERROR(table.exactly_once->Commit(commit));
  }
  return OkStatus();
}

// The furthest: where one table was committed, the others were, or had nothing to commit, or do so now.
StatusOr<SinkMark> DeadLetters::LastCommitted() {
  SinkMark mark;
  for (const auto& [name, table] : tables_) {
    if (table.exactly_once == nullptr || table.exactly_once->committed().epoch <= mark.epoch) continue;
    mark = {table.exactly_once->committed().epoch, table.exactly_once->committed().record};
  }
  return mark;
}

Status DeadLetters::Consume(Epoch epoch, const Dataflow& dataflow, const std::vector<RowError>& errors) {
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
    ASSIGN_OR_RETURN(Table * table, Open(policy.table));
    if (epoch <= table->has) continue;
    const std::string letter = Letter(dataflow, op, error);
    OutgoingRecord record;
    record.value = letter;
    if (table->exactly_once != nullptr) {
      RETURN_IF_ERROR(table->exactly_once->Add(record));
    } else {
      RETURN_IF_ERROR(table->producer->Add(record));
      used.insert(table->producer.get());
    }
    counts_[policy.table] += error.weight;
  }
  for (log::TopicProducer* producer : used) RETURN_IF_ERROR(producer->Flush());
  return OkStatus();
}

}  // namespace kappa
