#include <utility>

#include "formats/debezium/envelope.h"
#include "formats/decoder.h"

namespace kappa {
namespace {

constexpr size_t kMaxFields = 1000;

std::string DisplayOf(const std::vector<PathStep>& path) {
  std::string result;
  for (const PathStep& step : path) result += (result.empty() ? "" : ".") + step.name;
  return result;
}

bool Decodable(const Type& type) {
  switch (type.id()) {
    case TypeId::kUnknown:
    case TypeId::kAny:
      return false;
    case TypeId::kArray:
      return Decodable(type.element());
    case TypeId::kStruct:
      for (const StructField& field : type.fields()) {
        if (!Decodable(field.type)) return false;
      }
      return true;
    default:
      return true;
  }
}

}  // namespace

uint16_t DecodePlan::AddNode(uint16_t parent, const PathStep& step) {
  for (uint16_t child : nodes_[parent].children) {
    const PathStep& other = nodes_[child].step;
    if (other.name == step.name && other.case_insensitive == step.case_insensitive && other.within_json == step.within_json) return child;
  }
  const auto node = static_cast<uint16_t>(nodes_.size());
  nodes_.push_back({step, {}, {}, 0});
  nodes_[parent].children.push_back(node);
  return node;
}

void DecodePlan::AddField(uint16_t node, const Type& type, const Slot& slot, const FieldPlan& base) {
  FieldPlan field = base;
  field.type = type;
  field.array = type.id() == TypeId::kArray ? DescribeType(type) : nullptr;
  field.offset = slot.offset;
  field.null_bit = slot.null_bit;
  nodes_[node].fields.push_back(static_cast<uint16_t>(fields_.size()));
  fields_.push_back(field);
  if (!type.is_struct()) return;
  for (size_t i = 0; i < slot.fields.size(); ++i) {
    const StructField& member = type.fields()[i];
    FieldPlan inner = base;
    inner.not_null = false;
    inner.display += "." + member.name;
    const uint16_t child = AddNode(node, {member.name, nodes_[node].step.case_insensitive});
    AddField(child, member.type, slot.fields[i], inner);
  }
}

StatusOr<std::unique_ptr<const DecodePlan>> DecodePlan::Make(std::vector<DecodeColumn> columns, RowLayout layout, DecodeOptions options) {
  std::unique_ptr<DecodePlan> plan(new DecodePlan());
  plan->columns_ = std::move(columns);
  plan->layout_ = std::move(layout);
  plan->options_ = options;
  plan->nodes_.push_back({});
  if (plan->columns_.size() != plan->layout_.slots().size()) return SqlError(sqlstate::kInternalError) << "decoder: layout and columns differ";
  for (size_t i = 0; i < plan->columns_.size(); ++i) {
    const DecodeColumn& column = plan->columns_[i];
    if (options.encoding == RecordEncoding::kBytes) {
      if (plan->columns_.size() != 1 || !column.type.is_text_like()) {
        return SqlError(sqlstate::kFeatureNotSupported) << "ENCODE BYTES fills exactly one column of type text or bytea";
      }
    }
    if (options.encoding != RecordEncoding::kBytes && column.path.empty())
      return SqlError(sqlstate::kInternalError) << "decoder: column " << i << " has no path";
    if (!Decodable(column.type)) {
      return SqlError(sqlstate::kFeatureNotSupported) << "ENCODE JSON cannot fill a column of type " << column.type.ToString();
    }
    if (options.encoding == RecordEncoding::kCsv && column.type.is_struct())
      return SqlError(sqlstate::kFeatureNotSupported) << "ENCODE CSV cannot fill a column of type " << column.type.ToString();
    uint16_t node = 0;
    for (const PathStep& step : column.path) node = plan->AddNode(node, step);
    FieldPlan base;
    base.not_null = column.not_null;
    base.column = static_cast<uint32_t>(i);
    base.display = DisplayOf(column.path);
    plan->AddField(node, column.type, plan->layout_.slots()[i], base);
    if (plan->fields_.size() > kMaxFields || plan->nodes_.size() > kMaxFields) {
      return SqlError(sqlstate::kTooManyColumns) << "a record is decoded into at most " << kMaxFields << " fields";
    }
  }
  for (size_t i = plan->nodes_.size(); i-- > 0;) {  // children come after their parents
    PathNode& node = plan->nodes_[i];
    if (node.children.empty()) node.leaves = 1;
    for (uint16_t child : node.children) node.leaves += plan->nodes_[child].leaves;
  }
  plan->empty_row_.assign(plan->layout_.size(), '\0');
  for (const FieldPlan& field : plan->fields_) {
    if (field.null_bit < 0) continue;
    char& byte = plan->empty_row_[plan->layout_.null_offset() + static_cast<uint32_t>(field.null_bit >> 3)];
    byte = static_cast<char>(byte | (1 << (field.null_bit & 7)));
  }
  if (options.envelope != DecodeOptions::Envelope::kNone) { ASSIGN_OR_RETURN(plan->envelope_, EnvelopePlan::Make(*plan)); }
  return plan;
}

}  // namespace kappa
