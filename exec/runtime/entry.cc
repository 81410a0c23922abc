// What generated code calls. All of it is small, kept in bitcode and inlined there; names are plain C so that emitters can name them.
#include <cstring>

#include "common/hash.h"
#include "exec/runtime/worker_context.h"
#include "formats/encoder.h"
#include "formats/json/scan.h"
#include "functions/distinct_family.h"
#include "types/canonical_key.h"

using namespace kappa;  // NOLINT: one file of free functions

#define RT extern "C" KAPPA_RUNTIME

// --- records
RT const Record* kappa_record_at(const Record* records, int64_t index) { return records + index; }
RT const char* kappa_record_value(const Record* record) { return record->value; }
RT uint32_t kappa_record_value_size(const Record* record) { return record->value_size; }
RT const char* kappa_record_key(const Record* record) { return record->key; }
RT int64_t kappa_record_offset(const Record* record) { return record->offset; }
RT int64_t kappa_record_timestamp(const Record* record) { return record->timestamp_ms; }
RT void kappa_record_key_text(Text* out, const Record* record) { *out = Text(record->key, record->key_size); }
RT void kappa_scan_topic(WorkerContext* context, Text* out) {
  if (!context->scan.topic.empty()) *out = Text(context->scan.topic);
}
RT void kappa_scan_record(WorkerContext* context, const Record* record) { context->scan.record = record; }
RT int32_t kappa_scan_partition(WorkerContext* context) { return context->scan.partition; }
RT CallContext* kappa_call_context(WorkerContext* context) { return &context->call; }
RT DecoderState* kappa_decoder(WorkerContext* context, int32_t index) { return context->decoders[static_cast<size_t>(index)].get(); }
RT int64_t kappa_clock_advance(WorkerContext* context, int64_t time, int64_t delay) { return context->scan.clock->Advance(time, delay); }
RT int64_t kappa_clock_now(WorkerContext* context) { return context->scan.clock->watermark; }
RT const char* kappa_parameter(WorkerContext* context, int32_t index) { return context->parameters[static_cast<size_t>(index)].data(); }

// --- EXPLAIN ANALYZE
RT uint64_t kappa_ticks() { return __builtin_readcyclecounter(); }
RT void kappa_count_row(WorkerContext* context, int32_t id, uint64_t since) {
  RowCounter& counter = context->counters[static_cast<size_t>(id)];
  ++counter.rows;
  counter.ticks += __builtin_readcyclecounter() - since;
}

// --- hashing
RT uint64_t kappa_hash_int(uint64_t value) { return HashInt(value); }
RT uint64_t kappa_hash_combine(uint64_t seed, uint64_t value) { return HashCombine(seed, value); }
RT uint64_t kappa_hash_bytes(const char* data, uint64_t size) { return HashBytes(data, size); }

// --- keys: a text in a key is (size, prefix, offset from the key's begin); its bytes follow the fixed part
RT int64_t kappa_key_put_text(char* key, int64_t slot, int64_t cursor, const Text* text) {
  std::memcpy(key + slot, text, 8);
  std::memcpy(key + slot + 8, &cursor, 8);
  if (text->size != 0) std::memcpy(key + cursor, text->data, text->size);
  return cursor + text->size;
}
RT void kappa_key_get_text(const char* key, int64_t slot, Text* out) {
  std::memcpy(out, key + slot, 8);
  int64_t offset;
  std::memcpy(&offset, key + slot + 8, 8);
  out->data = key + offset;
}
RT char* kappa_scratch(WorkerContext* context, int64_t bytes) { return context->call.scratch.Allocate(static_cast<size_t>(bytes)); }
RT void kappa_scratch_reset(WorkerContext* context) { context->call.scratch.Reset(); }

// --- staging
RT Stage* kappa_stage(WorkerContext* context, int32_t index) { return context->stages[static_cast<size_t>(index)].get(); }
RT char* kappa_stage_add(Stage* stage, int32_t target) { return stage->Add(target); }
RT bool kappa_stage_full(Stage* stage, int32_t target) { return stage->Full(target); }
RT char* kappa_stage_rows(Stage* stage, int32_t target) { return stage->open(target)->rows.get(); }
RT void kappa_stage_reset(Stage* stage, int32_t target) { stage->open(target)->count = 0; }
RT int32_t kappa_owner(WorkerContext* context, uint64_t hash) { return OwnerOf(hash, context->workers); }
RT bool kappa_is_owner(WorkerContext* context, uint64_t hash) { return OwnerOf(hash, context->workers) == context->worker; }
RT int32_t kappa_local_target(WorkerContext* context, int32_t index, uint64_t hash) {
  return context->locals[static_cast<size_t>(index)]->active() ? context->workers : OwnerOf(hash, context->workers);
}
RT GroupTable* kappa_local_groups(WorkerContext* context, int32_t index, int64_t rows) {
  return context->locals[static_cast<size_t>(index)]->ToAdd(rows);
}

// --- keyed operators
RT KeyedStage* kappa_keyed_stage(WorkerContext* context, int32_t index) { return &context->keyed_stages[static_cast<size_t>(index)]; }
RT void kappa_keyed_stage_add(KeyedStage* stage, int32_t target, uint64_t hash, int64_t weight, const char* key, uint64_t key_bytes, const char* row,
                              uint64_t row_bytes) {
  auto* staged = reinterpret_cast<KeyedRow*>(stage->rows->Add(target));
  *staged = {hash, weight, key, row, static_cast<uint32_t>(key_bytes), static_cast<uint32_t>(row_bytes)};
}
RT bool kappa_keyed_stage_full(KeyedStage* stage) { return stage->rows->Full(); }

// --- groups
RT GroupTable* kappa_table(WorkerContext* context, int32_t index) { return context->tables[static_cast<size_t>(index)].get(); }
RT GroupTable* kappa_panes(WorkerContext* context, int32_t index) { return context->panes[static_cast<size_t>(index)].get(); }
RT void kappa_group_prefetch(GroupTable* table, uint64_t hash) { table->Prefetch(hash); }
RT void kappa_group_prefetch_row(GroupTable* table, uint64_t hash) { table->PrefetchRow(hash); }
RT char* kappa_group_fixed(GroupTable* table, uint64_t hash, const char* key, uint64_t size) { return table->FindOrInsertFixed(hash, key, size); }
RT char* kappa_group_variable(GroupTable* table, uint64_t hash, const char* key, uint64_t size) {
  return table->FindOrInsertVariable(hash, key, size);
}
RT void kappa_group_touch(GroupTable* table, char* row) { table->Touch(row); }
RT void kappa_group_add_weight(GroupTable* table, char* row, int64_t weight) { table->AddWeight(row, weight); }
RT char* kappa_group_states(GroupTable* table, char* row) { return table->States(row); }
RT const char* kappa_group_key(GroupTable* table, const char* row) { return table->Key(row); }
RT int64_t kappa_group_weight(const char* row) {
  int64_t weight;
  std::memcpy(&weight, row + 16, 8);
  return weight;
}
RT StateContext* kappa_table_states(GroupTable* table) { return &table->state_context; }
RT StateContext* kappa_table_before(GroupTable* table) { return &table->before_context; }
RT int64_t kappa_touched_count(GroupTable* table) { return static_cast<int64_t>(table->touched().size()); }
RT char* kappa_touched_row(GroupTable* table, int64_t index) { return table->touched()[static_cast<size_t>(index)].row; }
RT char* kappa_touched_before(GroupTable* table, int64_t index) { return table->touched()[static_cast<size_t>(index)].before; }

RT void kappa_group_prefetch_states(const char* row, uint64_t bytes) {
  for (uint64_t at = 64; at < bytes; at += 64) __builtin_prefetch(row + at, 1);
}

// --- DISTINCT aggregates that share a set
RT void kappa_distinct_prefetch(const DistinctFamily* family, const RowLayout* layout, uint64_t column, StateContext* states, const char* state,
                                const char* row) {
  family->Prefetch(*states, state, *layout, column, row);
}
RT uint64_t kappa_distinct_mark(const DistinctFamily* family, const RowLayout* layout, uint64_t column, StateContext* states, char* state,
                                const char* row, uint64_t bits) {
  return family->Mark(*states, state, *layout, column, row, bits);
}

// --- aggregates in their general form
RT void kappa_general_prefetch(const GeneralAggregate* aggregate, const RowLayout* layout, uint64_t first, StateContext* states, const char* state,
                               const char* row) {
  aggregate->PrefetchRow(*states, state, *layout, first, row);
}
RT void kappa_general_add(const GeneralAggregate* aggregate, const RowLayout* layout, uint64_t first, StateContext* states, char* state,
                          const char* row, int64_t weight) {
  aggregate->AddRow(*states, state, *layout, first, row, weight);
}
RT void kappa_general_merge(const GeneralAggregate* aggregate, StateContext* to, char* state, StateContext* from, const char* other) {
  aggregate->Merge(*to, state, *from, other);
}
RT bool kappa_general_result(const GeneralAggregate* aggregate, StateContext* states, CallContext* call, const char* state, char* out,
                             bool* out_null) {
  return aggregate->Result(*states, *call, state, out, out_null);
}

// --- leaving the dataflow
RT OutputBuffer* kappa_output(WorkerContext* context, int32_t index) { return context->outputs[static_cast<size_t>(index)].get(); }
RT char* kappa_output_append(OutputBuffer* output, int64_t weight) { return output->Append(weight); }
RT void kappa_output_own(OutputBuffer* output, Text* text) { *text = output->Own(*text); }
RT void kappa_fold(WorkerContext* context, int32_t sink, uint64_t hash, int64_t weight) {
  context->sink_checksums[static_cast<size_t>(sink)] += hash * static_cast<uint64_t>(weight);
  context->sink_changes[static_cast<size_t>(sink)] += 1;
}

// --- headers: rare, out of line
extern "C" [[gnu::used, gnu::noinline]] bool kappa_record_header(const Record* record, const Text* name, Text* out) {
  bool found = false;
  if (record->headers == nullptr) return false;
  for (const RecordHeader& header : *record->headers) {
    if (header.name != name->view()) continue;
    found = !header.null_value;
    if (found) *out = Text(header.value);
  }
  return found;
}
// {"name":"value",...} in order, for values that are text; a value that is none is its bytes in hexadecimal, '\x..'.
extern "C" [[gnu::used, gnu::noinline]] void kappa_record_headers(WorkerContext* context, const Record* record, Text* out) {
  std::string json = "{";
  for (size_t i = 0; record->headers != nullptr && i < record->headers->size(); ++i) {
    const RecordHeader& header = (*record->headers)[i];
    if (i > 0) json += ",";
    AppendJsonString(header.name, &json);
    json += ":";
    if (header.null_value) {
      json += "null";
    } else if (json::IsUtf8(header.value.data(), header.value.size())) {
      AppendJsonString(header.value, &json);
    } else {
      json += "\"\\\\x";
      for (char c : header.value) {
        static constexpr char kHex[] = "0123456789abcdef";
        json += kHex[static_cast<unsigned char>(c) >> 4];
        json += kHex[static_cast<unsigned char>(c) & 15];
      }
      json += "\"";
    }
  }
  json += "}";
  char* bytes = context->call.Allocate(json.size());
  std::memcpy(bytes, json.data(), json.size());
  *out = Text(bytes, json.size());
}

// --- errors, out of line
namespace {
RowError* NewError(WorkerContext* context, RowError::Kind kind, int32_t operator_id, int64_t weight) {
  context->errors.emplace_back();
  RowError* error = &context->errors.back();
  error->kind = kind;
  error->operator_id = operator_id;
  error->weight = weight;
  if (const Record* record = context->scan.record; record != nullptr) {
    error->partition = context->scan.partition;
    error->offset = record->offset;
    if (record->value != nullptr) error->payload.assign(record->value, record->value_size);
  }
  return error;
}
}  // namespace

extern "C" [[gnu::used]] KAPPA_COLD void kappa_row_error(WorkerContext* context, int32_t operator_id, int64_t weight) {
  RowError* error = NewError(context, RowError::Kind::kExpression, operator_id, weight);
  error->state = context->call.error_state;
  error->message = context->call.error_message;
}
extern "C" [[gnu::used]] KAPPA_COLD void kappa_decode_error(WorkerContext* context, int32_t operator_id, int32_t decoder) {
  RowError* error = NewError(context, RowError::Kind::kDecode, operator_id, 1);
  const DecoderState& state = *context->decoders[static_cast<size_t>(decoder)];
  error->state = state.error().state;
  error->message = state.error().message;
}
extern "C" [[gnu::used]] KAPPA_COLD void kappa_tombstone_error(WorkerContext* context, int32_t operator_id) {
  RowError* error = NewError(context, RowError::Kind::kDecode, operator_id, 1);
  error->state = sqlstate::kNullValueNotAllowed;
  error->message = "the record has no value (a tombstone)";
}
extern "C" [[gnu::used]] KAPPA_COLD void kappa_key_error(WorkerContext* context, int32_t operator_id) {
  RowError* error = NewError(context, RowError::Kind::kDecode, operator_id, 1);
  error->state = sqlstate::kNullValueNotAllowed;
  error->message = "the record has no key: FORMAT UPSERT needs one";
}
// why: 0 the time is NULL, 1 late, 2 too far in the future, 3 no window can hold it
extern "C" [[gnu::used]] KAPPA_COLD void kappa_time_error(WorkerContext* context, int32_t operator_id, int32_t why, int64_t weight) {
  RowError* error = NewError(context, why == 1 ? RowError::Kind::kLate : RowError::Kind::kExpression, operator_id, weight);
  error->state = why == 0 ? sqlstate::kNullValueNotAllowed : why == 1 ? sqlstate::kDataException : sqlstate::kDatetimeFieldOverflow;
  error->message = why == 0   ? "the event time is NULL"
                   : why == 1 ? "the row is late: its window had closed by its partition's watermark"
                   : why == 3 ? "the event time is infinite, or out of the range of windows"
                              : "the event time is further in the future than MAX AHEAD allows";
}

// --- windows: the start of the slide that holds `time`, correct before 1970 too
RT int64_t kappa_window_floor(int64_t time, int64_t slide, int64_t offset) {
  const int64_t shifted = time - offset;
  int64_t rest = shifted % slide;
  if (rest < 0) rest += slide;
  return shifted - rest + offset;
}
RT bool kappa_bytes_equal(const char* a, const char* b, uint64_t size) { return std::memcmp(a, b, size) == 0; }
RT const char* kappa_row_at(const char* const* rows, int64_t index) { return rows[index]; }
RT int64_t kappa_weight_at(const int64_t* weights, int64_t index) { return weights == nullptr ? 1 : weights[index]; }
// Against the record's append time; a record without one is never too far ahead.
RT bool kappa_too_far_ahead(WorkerContext* context, int64_t time, int64_t max_ahead) {
  const Record* record = context->scan.record;
  return record != nullptr && record->timestamp_ms >= 0 && time != INT64_MAX && time > record->timestamp_ms * 1000 + max_ahead;
}

// --- what keys call equal
RT double kappa_canonical_float8(double value) { return CanonicalKey(value); }
RT float kappa_canonical_float4(float value) { return CanonicalKey(value); }
RT void kappa_canonical_numeric(Numeric* value) { *value = CanonicalKey(*value); }
RT void kappa_canonical_interval(Interval* value) { *value = CanonicalKey(*value); }

// Is `needle` among `count` texts that are ordered by size, then by bytes?
extern "C" [[gnu::used, gnu::noinline]] bool kappa_text_in(const Text* texts, int64_t count, const Text* needle) {
  int64_t low = 0, high = count;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    const Text& text = texts[middle];
    const int order = text.size != needle->size ? (text.size < needle->size ? -1 : 1) : std::memcmp(text.data, needle->data, needle->size);
    if (order == 0) return true;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

// The shard of one hash, the rest of another.
RT uint64_t kappa_hash_in_shard(uint64_t hash, uint64_t shard) {
  constexpr uint64_t kShardMask = ~uint64_t{0} << (64 - kShardBits);
  return (hash & ~kShardMask) | (shard & kShardMask);
}
RT uint64_t kappa_group_hash(const char* row) {
  uint64_t hash;
  std::memcpy(&hash, row, 8);
  return hash;
}
RT uint64_t kappa_group_key_size(const char* row) {
  uint64_t size;
  std::memcpy(&size, row + GroupTable::kHeader + 8, 8);
  return size;
}
