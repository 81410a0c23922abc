// Record bytes -> a row: what generated code calls once per record (exec/codegen), without a virtual call and, after warm-up, without an allocation.
//
//   host, once a query    ASSIGN_OR_RETURN(plan, DecodePlan::Make(columns, layout, options));
//   host, per worker      DecoderState state(*plan);
//   generated code        r = DecodeEntry(plan)(plan, state, call, record.value, record.value_size, row)
//                         r == kRow: `row` is filled.  kError: state->error() says why (a dead letter).
//
// Semantics of JSON (design section 12), the same on every path through the decoder:
//   names      exactly, else case-insensitively (ASCII) where the column was declared unquoted.  kFull: an exact name beats others, of equals the
//   last wins.
//              kRead: the first that matches either way wins, and what follows the last wanted member is not looked at.
//   absent     a missing member, or null: NULL; 23502 for a column that is NOT NULL.
//   integers   numbers and quoted numbers; 1.0 and 1e3 are integers; a fraction is 22P02, out of range 22003.     float, numeric: the same; "NaN",
//   "Infinity" quoted. text       a string; any other value: its JSON text as written.  \u0000 is 22P05.  bytea: '\x..' hexadecimal, else the
//   string's bytes. boolean    true, false.     timestamps, dates, times, intervals, uuid: strings; a timestamp with a zone is turned into UTC.
//   otherwise  22P02 naming column and byte.   Not one JSON object, trailing bytes, nesting over 512, an empty record: 22032.   Invalid UTF-8: 22021
//              (kFull: anywhere; kRead: in texts that are read).
// Semantics of CSV: see csv/format.h.
// A tombstone (no value at all) is the caller's business.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime.h"
#include "common/sqlstate.h"
#include "common/status.h"
#include "formats/csv/format.h"
#include "functions/call_context.h"
#include "types/any_value.h"
#include "types/row_layout.h"

namespace kappa {

// (planner/dataflow has the wider enum Encoding; this one is named apart because exec sees both)
enum class RecordEncoding : uint8_t {
  kJson,   // one JSON object a record
  kCsv,    // fields by position, or by the names of a header line (csv/format.h)
  kBytes,  // the record is the value of the one text or bytea column; under kFull a text must be UTF-8
};

enum class Validate : uint8_t {
  kFull,  // the whole record, whatever is read of it
  kRead,  // what is read, and the structure up to there
};

// A JSON member name on the way from the record's object to a value.
struct PathStep {
  std::string name;
  bool case_insensitive = false;  // the column was declared unquoted
  bool within_json = false;       // a member of a value of type json or jsonb: when that is not an object, there is none
};

// Type(kText, kJsonbTextModifier): a text that is what ->> answers of a jsonb: a string, else the value as jsonb prints it.
inline constexpr int32_t kJsonbTextModifier = -2;

// A column of the output row.
struct DecodeColumn {
  std::vector<PathStep> path;  // {bid, price}; not empty (kBytes: ignored)
  Type type;                   // a struct is decoded field by field; its fields' names are matched case-insensitively too when the last step is
  bool not_null = false;
  int32_t position = -1;  // kCsv without a header line: of its field, from 0
};

struct DecodeOptions {
  RecordEncoding encoding = RecordEncoding::kJson;
  Validate validate = Validate::kFull;
  bool speculate = true;  // false: the general path only (tests)
  CsvFormat csv{};        // of kCsv
  // The record is a Debezium envelope (debezium/envelope.h), and columns are those of its row images; kJson only.
  enum class Envelope : uint8_t { kNone, kDebezium, kDebeziumKeyed } envelope = Envelope::kNone;
};

// One value to be stored: a column, or a field of a struct column, or (type struct) the null bit of a struct.
struct FieldPlan {
  Type type;
  const TypeDescriptor* array = nullptr;  // of an array
  bool not_null = false;
  uint32_t column = 0;    // index into columns()
  uint32_t offset = 0;    // of the slot in the row
  int32_t null_bit = -1;  // -1: never NULL
  std::string display;    // "bid.price", for messages
};

// A member of an object that leads to wanted values. Node 0 is the record.
struct PathNode {
  PathStep step;
  std::vector<uint16_t> children;  // nodes
  std::vector<uint16_t> fields;    // stored from this member's value itself (one, but for columns of equal path)
  uint32_t leaves = 0;             // members of this subtree without children: what has to be found before kRead may stop
};

struct EnvelopePlan;

// What to read of a record and where to put it. Immutable; shared by workers.
class DecodePlan {
 public:
  // `layout` has one slot a column, of the column's type. 0A000: a type this encoding cannot fill; 54011: over 1,000 fields.
  static StatusOr<std::unique_ptr<const DecodePlan>> Make(std::vector<DecodeColumn> columns, RowLayout layout, DecodeOptions options = {});

  const std::vector<DecodeColumn>& columns() const { return columns_; }
  const RowLayout& layout() const { return layout_; }
  const DecodeOptions& options() const { return options_; }
  const std::vector<FieldPlan>& fields() const { return fields_; }
  const std::vector<PathNode>& nodes() const { return nodes_; }
  // A row all NULL: layout().size() bytes, zero but for the null bits.
  const std::string& empty_row() const { return empty_row_; }
  // How many rows of layout() a decoder may fill: 2 for envelopes.
  size_t rows() const { return envelope_ == nullptr ? 1 : 2; }
  const EnvelopePlan* envelope() const { return envelope_.get(); }

 private:
  DecodePlan() = default;
  uint16_t AddNode(uint16_t parent, const PathStep& step);
  void AddField(uint16_t node, const Type& type, const Slot& slot, const FieldPlan& base);
  std::vector<DecodeColumn> columns_;
  RowLayout layout_;
  DecodeOptions options_;
  std::vector<FieldPlan> fields_;
  std::vector<PathNode> nodes_;
  std::string empty_row_;
  std::shared_ptr<const EnvelopePlan> envelope_;
};

struct DecodeError {
  SqlState state = sqlstate::kOk;
  std::string message;    // names the column where one is concerned, and the byte
  uint32_t position = 0;  // byte in the record
};

// What a worker has learned about the records of one scan, and its buffers. One thread at a time.
class DecoderState {
 public:
  explicit DecoderState(const DecodePlan& plan);
  ~DecoderState();
  DecoderState(const DecoderState&) = delete;
  DecoderState& operator=(const DecoderState&) = delete;

  // What stands before the records that follow and says how they are written (RecordBatch::preamble): CSV's header line. Cheap when it is the same
  // as before. Until it is set, CSV's fields go by position.
  void SetPreamble(std::string_view preamble);
  // Why the last record could not be decoded.
  const DecodeError& error() const { return error_; }
  // Records that took the general path; the others matched a learned shape.
  uint64_t general_records() const { return general_records_; }

  struct Internals;  // formats/json/
  Internals& internals() { return *internals_; }

 private:
  friend struct Internals;
  const DecodePlan* const plan_;
  DecodeError error_;
  uint64_t general_records_ = 0;
  std::unique_ptr<Internals> internals_;
};

enum class DecodeResult : int32_t {
  kRow = 0,
  kError = 1,
  // Of envelopes:
  kNothing = 2,  // nothing happened to a row
  kRetract = 3,  // `row` goes away; keyed: the row of its key does, and only the key's columns say something
  kUpdate = 4,   // `row` goes away, the row behind it (layout().size() bytes further) comes
};

// Fills `row` (plan->layout()) from a record of `size` bytes. Texts point into the record, or into call->scratch where they had escapes.
// The record needs no padding: bytes past its end are read only within its last page.
using DecodeFunction = DecodeResult (*)(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row);

// C linkage, so that generated code finds them by these names. _v2, _v3, _v4: for x86-64-v2, -v3, -v4 (elsewhere only _v2, which is portable).
extern "C" {
KAPPA_RUNTIME DecodeResult DecodeJson_v2(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row);
KAPPA_RUNTIME DecodeResult DecodeJson_v3(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row);
KAPPA_RUNTIME DecodeResult DecodeJson_v4(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row);
KAPPA_RUNTIME DecodeResult DecodeCsv(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row);
KAPPA_RUNTIME DecodeResult DecodeDebezium(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row);
KAPPA_RUNTIME DecodeResult DecodeRaw(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row);
}

// Which of them is right for this plan on this machine: the address for generated code, and its symbol.
DecodeFunction DecodeEntry(const DecodePlan& plan);
const char* DecodeSymbol(const DecodePlan& plan);

// Decodes with the right one (hosts that do not compile: short statements, tests).
inline DecodeResult Decode(const DecodePlan& plan, DecoderState& state, CallContext& call, std::string_view record, char* row) {
  return DecodeEntry(plan)(&plan, &state, &call, record.data(), static_cast<uint32_t>(record.size()), row);
}

}  // namespace kappa
