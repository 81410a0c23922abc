// What the decoder has learned about the records of a scan.
//
// A shape is the walk over one record, written down as a list of steps: the exact bytes that stood before a value (`,"price":`), then what to do with
// the value. The next record is walked by comparing those bytes and acting, without looking for names or structure:
//
//   {"event_type":    integer -> slot 0
//   ,"person":null,"auction":null,"bid":{"auction":     integer -> slot 1       (nulls of members nobody wants are part of the literal)
//   ,"bidder":        skip a number
//   ...               stop (kRead: all wanted members are found), or the rest of the record and its end (kFull)
//
// A record that differs anywhere is tried against the other shapes, then decoded by the general path (general_decoder.h), whose walk may become a new
// shape. A shape accepts only what the general path accepts, with equal values (tests/formats/json_fuzz_test.cc).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/csv/field_map.h"
#include "formats/debezium/envelope.h"
#include "formats/decoder.h"
#include "formats/json/scan.h"

namespace kappa::json {

inline constexpr size_t kLiteralBytes = 64;
inline constexpr size_t kSlack = 64;  // bytes that may be read past a record's end by a kernel
inline constexpr size_t kMaxSteps = 512;
inline constexpr size_t kMaxShapes = 8;

enum class Action : uint8_t {
  kNext,  // the literal goes on in the next step
  kInt8,
  kInt4,
  kInt2,
  kText,       // a string without escapes, in place
  kTimestamp,  // a string in the common fixed format
  kConvert,    // any other wanted value: walked over and converted as the general path does
  kSkipString,
  kSkipNumber,
  kSkipAny,
  kEnd,            // the record ends here
  kStop,           // all that is wanted has been found
  kStopDelimiter,  // the same, behind a number: a delimiter must follow
};

struct alignas(64) Step {
  char literal[kLiteralBytes] = {};  // zero padded
  uint64_t mask = 0;                 // a bit for each byte of the literal
  uint32_t length = 0;
  Action action = Action::kNext;
  uint8_t null_mask = 0;   // bit of the field in its null byte; 0: never NULL
  uint16_t depth = 0;      // containers around the value
  uint32_t null_byte = 0;  // offset in the row
  uint32_t slot = 0;       // offset in the row
  uint32_t field = 0;
};

struct Shape {
  std::vector<Step> steps;
  std::string row;         // what a row of this shape begins as: null bits as they were, slots zero
  uint32_t row_bytes = 0;  // how much of it has to be copied
  uint64_t hits = 0;
};

// Writes the walk of the general path down.
class ShapeRecorder {
 public:
  // `flexible`: nulls are not made part of literals, so that one shape serves many patterns of nulls.
  void Begin(const char* record, bool flexible);
  void Skipped(const char* begin, const char* end, int depth);
  void Decoded(const DecodePlan& plan, uint16_t node, const char* begin, const char* end, int depth);
  // This record says nothing about others (duplicate names, ...).
  void Decline() { declined_ = true; }
  void Stopped(const char* at) { stopped_ = at; }
  // False when there is nothing to learn.
  bool Finish(const DecodePlan& plan, const char* end, const char* row, Shape* out);

 private:
  static constexpr int kMaxSkippedDepth = 8;
  Step* Literal(const char* until);
  void SkippedMembers(const char* p, const char* end, int depth);
  std::vector<Step> steps_;
  const char* literal_ = nullptr;  // begin of the bytes not yet in a step
  const char* stopped_ = nullptr;
  bool flexible_ = false;
  bool declined_ = true;
};

// The last timestamp's date, hour and minute: records come in the order of time.
struct MinuteCache {
  alignas(16) char text[16] = {};  // "2015-07-15 00:00"; zero: none
  int64_t micros = 0;
};

}  // namespace kappa::json

namespace kappa {

struct DecoderState::Internals {
  // General path.
  struct PendingError {
    uint16_t node;
    uint16_t field;
    json::Problem problem;
  };
  std::vector<uint8_t> rank;     // by node: 0 not found, 1 found in other case, 2 found exactly
  std::vector<uint8_t> present;  // by field: has a value that is not NULL
  std::vector<PendingError> pending;
  std::string key;  // unescaped member name
  json::ShapeRecorder recorder;
  // Shapes, the one that matched last first.
  std::array<json::Shape, json::kMaxShapes> shapes;
  std::array<uint8_t, json::kMaxShapes> order{};
  size_t shape_count = 0;
  bool flexible = false;
  uint32_t learn_wait = 0;   // general records still to pass before the next shape is learned
  uint32_t learn_pause = 1;  // doubled when a shape had to go before it had paid
  json::MinuteCache minute;
  csv::FieldMap csv;
  std::unique_ptr<EnvelopeState> envelope;
  std::vector<char> padded;  // copy of a record that ends near a page's end

  // Adds a shape, or counts down until the next may be added.
  void Learn(const DecodePlan& plan, const char* end, const char* row);
  void SetError(DecoderState* state, const DecodePlan& plan, const json::Problem& problem, const char* record, int field);
  static void SetError(DecoderState* state, const DecodeError& error) { state->error_ = error; }
  static void CountGeneral(DecoderState* state) { ++state->general_records_; }
};

}  // namespace kappa
