#include "server/wire_results.h"

namespace kappa::server {

std::vector<ColumnDescription> ColumnsOf(const RowSchema& schema) {
  std::vector<ColumnDescription> columns;
  if (!schema.append_only) columns.push_back({"op", TypeId::kText});
  for (const RowSchema::Column& column : schema.columns) columns.push_back({column.name, column.type});
  return columns;
}

Status WireResults::OnSchema(const std::string&, const RowSchema& schema) {
  schema_ = &schema;
  schema_seen_ = true;
  if (describe_) AppendRowDescription(ColumnsOf(schema), outlet_->buffer());
  return OkStatus();
}

void WireResults::AppendRow(const char* row, int64_t weight, std::string* out) const {
  MessageWriter message(out, 'D');
  const std::vector<Slot>& slots = schema_->layout.slots();
  message.Int16(static_cast<uint16_t>(slots.size() + (schema_->append_only ? 0 : 1)));
  if (!schema_->append_only) message.Int32(1).Byte(weight < 0 ? '-' : '+');
  for (const Slot& slot : slots) {
    if (schema_->layout.IsNull(row, slot)) {
      message.Int32(UINT32_MAX);
      continue;
    }
    const size_t length = out->size();
    message.Int32(0);
    schema_->layout.AppendText(row, slot, out);
    message.PatchInt32(length, static_cast<uint32_t>(out->size() - length - 4));
  }
}

Status WireResults::Row(const char* row, int64_t weight) {
  ++rows_;
  if (limit_ == 0 || sent_ < limit_) {
    ++sent_;
    AppendRow(row, weight, outlet_->buffer());
    return OkStatus();
  }
  std::string kept;
  AppendRow(row, weight, &kept);
  kept_->bytes += kept.size() + sizeof(std::string);
  if (kept_->bytes > KeptRows::kMostBytes) {
    return SqlError(sqlstate::kOutOfMemory) << "a portal keeps more than " << (KeptRows::kMostBytes >> 20) << " MiB of rows"
                                            << Hint("execute it without a row limit, or put a LIMIT into the query");
  }
  kept_->rows.push_back(std::move(kept));
  return OkStatus();
}

Status WireResults::OnRows(const ChangeBatch& batch) {
  for (size_t i = 0; i < batch.rows.size(); ++i) {
    const int64_t weight = batch.weight(i);
    for (int64_t left = weight < 0 ? -weight : weight; left > 0; --left) RETURN_IF_ERROR(Row(batch.rows[i], weight));
    if (outlet_->buffer()->size() >= Outlet::kSendBytes) RETURN_IF_ERROR(outlet_->Send());
  }
  return OkStatus();
}

bool WireResults::OnCopy(std::string_view bytes) {
  if (!std::exchange(copying_, true)) MessageWriter(outlet_->buffer(), 'H').Byte('\0').Int16(0);
  MessageWriter(outlet_->buffer(), 'd').Bytes(bytes);
  if (outlet_->buffer()->size() >= Outlet::kSendBytes) (void)outlet_->Send();  // a client that is gone is noticed at the statement's end
  return true;
}

void WireResults::EndCopy() {
  if (copying_) MessageWriter(outlet_->buffer(), 'c');
}

std::string TagOfRows(std::string_view command, int64_t rows) {
  // As PostgreSQL: commands that show something have no count.
  const std::string_view word = command.substr(0, command.find(' '));
  if (word == "SHOW" || word == "EXPLAIN" || word == "DESCRIBE") return std::string(word);
  return "SELECT " + std::to_string(rows);
}

}  // namespace kappa::server
