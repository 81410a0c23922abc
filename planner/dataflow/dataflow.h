// The dataflow of one program: what the planner hands to exec. Self-contained (exec knows no catalog), serialisable, versioned; operator ids are
// stable: they name the operators' state. Operators stand in topological order (inputs before their consumers); an operator may feed several.
//
//   Scan -> [Watermark] -> Filter -> Project -> [LateCheck] -> Aggregate -> Filter -> Project -> Sink | Materialize | Result
//
// A column that no consumer needs is not carried: `output` lists what an operator gives to those above it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/connector.h"
#include "functions/window_function.h"
#include "planner/dataflow/expression.h"

namespace kappa {

using OperatorId = int32_t;
inline constexpr int kDataflowVersion =
    4;  // 2: times and lost offsets of scans; 3: envelopes and options of formats; 4: joins. Older ones are read too

enum class Encoding : uint8_t { kJson, kCsv, kBytes };
enum class Envelope : uint8_t { kPlain, kUpsert, kDebezium };

// What becomes of a record or row that fails (ON ERROR, LATE INTO).
struct ErrorPolicy {
  enum class Action : uint8_t { kFail, kSkip, kDeadLetter } action = Action::kDeadLetter;
  std::string table = "kappa_dead_letters";
};

// What a reader does whose position is no longer in the log, or not yet (ON OFFSET LOST).
enum class OffsetLost : uint8_t { kFail, kEarliest, kLatest };

// kHeader: the header named by ScanColumn::header (its last value; NULL: none).  kDeleted: the record takes the row of its key away (kUpsert: it has
// no value; kDebezium: op d).
enum class Metadata : uint8_t { kNone, kPartition, kOffset, kTimestamp, kKey, kHeaders, kTopic, kHeader, kDeleted };

// Reads a log and decodes the wanted columns of each record, once for everybody in the program.
struct ScanOp {
  struct ScanColumn {
    Column column;
    Metadata metadata = Metadata::kNone;  // kNone: decoded from the value
    std::vector<std::string> path;        // JSON member names from the record's top; empty with kBytes: the whole value
    std::vector<bool> exact;              // per path element: declared quoted, match exactly only
    std::string header;                   // of Metadata::kHeader
    int32_t position = -1;                // kCsv: among the declared columns that come from the value, from 0
    int32_t json_steps = 0;               // of `path`: the last ones lead into a value of type json or jsonb, which may be anything
    bool jsonb_text = false;              // a text that is what ->> answers of a jsonb at this path, not the value as it was written
  };
  std::string source;  // the object's name, for messages and dead letters
  std::string connector;
  Options options;
  Encoding encoding = Encoding::kJson;
  Options format_options;  // of ENCODE, checked: names in lower case
  // kUpsert: a record without a value is passed on, with its columns NULL and kDeleted true.  kDebezium: columns are those of the row image; with
  // `keyed` each record gives the row its key has now (or had, where kDeleted is true), else rows with weights: -before, +after.
  Envelope envelope = Envelope::kPlain;
  bool keyed = false;
  bool validate_full = true;
  std::vector<ScanColumn> columns;
  ErrorPolicy on_error;
  // A bounded range of the log: offsets per partition (missing: from the start / to the end).
  std::map<int32_t, int64_t> from_offsets, until_offsets;
  bool from_latest = false;
  bool until_latest = false;  // the log's end as it is when the program opens
  // Instead of offsets: each partition's first record at or after this time, milliseconds since 1970 UTC (PartitionReader::PositionAt).
  std::optional<int64_t> from_timestamp_ms, until_timestamp_ms;
  OffsetLost offset_lost = OffsetLost::kFail;
  bool asks_clock = false;            // PROCTIME() of its rows is computed: replays tell them what they were told first
  bool processing_time = false;       // read for windows of the clock: never shared with those of event time, whose watermarks are others
  std::vector<ColumnId> unique = {};  // columns that no two rows share at one time: the primary key of a table's changelog; empty: none are known
};

// Rows of constants: SELECT without FROM, VALUES. Bounded.
struct ValuesOp {
  std::vector<std::vector<ExprPtr>> rows;
};

// Reads a materialized view's contents at the epoch the reader pinned. Bounded.
struct ViewScanOp {
  std::string view;
  std::vector<int> columns;           // positions in the view's schema, one per output column
  std::vector<ColumnId> unique = {};  // as in ScanOp
  // Rows with these values alone are looked up, by an index: positions in the view's schema, and expressions without columns. Empty: all rows are
  // read. What stands above checks the rows all the same.
  std::vector<std::pair<int, ExprPtr>> equal = {};
};

// Follows the event time of each partition (design section 6). Passes every row on; a row further than max_ahead in the future goes to the dead
// letters.
struct WatermarkOp {
  ColumnId time = kNoColumn;
  int64_t delay_micros = 0;
  std::optional<int64_t> max_ahead_micros;
  int64_t idle_timeout_micros = 30'000'000;
  std::string source;
  ErrorPolicy on_error;
  ColumnId candidate = kNoColumn;  // the column of which the watermark is the running maximum; kNoColumn: `time` less the delay
  bool processing_time = false;    // `time` is the epoch's clock: the watermark is the clock too, wherever rows stop coming
  ColumnId current = kNoColumn;    // a column it adds: the watermark of the row's partition at its turn; NULL before the first
};

struct FilterOp {
  ExprPtr predicate;
};
struct ProjectOp {
  std::vector<std::pair<Column, ExprPtr>> columns;
};  // columns of the input that are in `output` pass through

// A row per window that holds its time; half-open.
//   kHop       [start, start + size), starts at offset + k * slide. TUMBLE is slide == size.
//   kCumulate  starts at offset + k * size; ends slide, 2 * slide, ... size after the start (size is a multiple of slide).
//   kSession   [first, last + size) of the rows of one partition, each at most `size` after the one before; slide is 0.
struct WindowSpec {
  enum class Kind : uint8_t { kHop, kCumulate, kSession };
  ColumnId time = kNoColumn;
  int64_t size = 0, slide = 0, offset = 0;      // microseconds
  ColumnId start = kNoColumn, end = kNoColumn;  // the columns it adds (kNoColumn: nobody reads it)
  Kind kind = Kind::kHop;
  int64_t lag = 0;                       // microseconds: it closes when the watermark of its sources, less this, has passed its end
  std::vector<ColumnId> partition = {};  // kSession: among the keys of its aggregate
};
struct WindowOp {
  WindowSpec window;
};

// Drops rows whose slice has ended by their own partition's watermark, and rows with a NULL time; they go where `late` says.
struct LateCheckOp {
  ColumnId time = kNoColumn;
  int64_t slice = 0, offset = 0;  // gcd(size, slide)
  ErrorPolicy late;
  std::string query;  // for the dead letter
};

// GROUP BY, DISTINCT (no aggregates), global aggregates (no keys: one row even over no input).
struct AggregateOp {
  // Ids of input columns. Values are compared in canonical form (types/canonical_key.h), which is what is shown, unless one of `aggregates` has the
  // key's id for its output: then its value is shown, one of the group's own.
  std::vector<Column> keys;
  std::vector<AggregateCall> aggregates;
  // Set when the keys hold a window of the watermark's time: state is dropped once the watermark has passed its end.
  std::optional<WindowSpec>
      window;  // window.start/.end are among the keys; when `fused`, the input rows are not yet assigned to windows: this operator does it
  bool fused_window = false;
  bool emit_on_close = false;  // output once, when the window closes
  bool input_append_only = true;
  bool rows = false;  // of a session: gives every row of the input, as often as it came, with its window; `keys` are all columns it gives
};

struct UnionOp {
  std::vector<std::vector<ColumnId>> inputs;
};  // per input: its columns in the order of `output`

// Bounded input only: ORDER BY, LIMIT, OFFSET.
struct SortOp {
  struct Key {
    ColumnId column = kNoColumn;
    bool descending = false;
    bool nulls_first = false;
  };
  std::vector<Key> keys;
  std::optional<int64_t> limit, offset;
};

// Bounded input only: of each partition, in order of time, its rows, and between two of them a row for every `step` since the earlier one.
struct GapFillOp {
  enum class Fill : uint8_t { kNull, kLast, kInterpolate };  // kLast: the last value that was not NULL
  ColumnId time = kNoColumn;
  int64_t step = 0;  // microseconds
  std::vector<ColumnId> partition;
  std::vector<std::pair<ColumnId, Fill>> fills;  // of the columns that are neither; not listed: kNull
};

// A function in FROM that answers rows (functions/table): each row of the input with each row that is answered for it.
struct TableFunctionOp {
  std::string function;  // FindTableFunction
  std::vector<ExprPtr> args;
  std::vector<Column> columns;  // those that it adds: what it answers is a struct of their types
  Column ordinality;            // another: which of the rows it is, from 1; kNoColumn: nobody asks
  bool outer = false;           // a row for which it answers none goes on once, with NULLs
};

// A row matters no more once the watermark (the least of the inputs') is past time + add.
struct Expiry {
  ColumnId time = kNoColumn;
  int64_t add = 0;  // microseconds; a window's end: -1
};

// Two inputs: the left, inputs[0], and the right. No column id is in both. kSemi and kAnti give columns of the left alone; the columns of a side that
// may be absent are nullable in `output`. Rows whose key holds a NULL match nothing, but for keys that are null_safe (IS NOT DISTINCT FROM).
struct JoinOp {
  // kSingle: kLeft, and 21000 where a left row meets more than one (a scalar subquery).
  enum class Kind : uint8_t { kInner, kLeft, kFull, kSemi, kAnti, kSingle };
  struct Key {
    ColumnId left = kNoColumn, right = kNoColumn;  // of one type
    bool null_safe = false;
  };
  Kind kind = Kind::kInner;
  std::vector<Key> keys;  // none: every row meets every row
  ExprPtr condition;      // over the columns of both, beside the keys; nullptr: none
  // Only the closest of the right rows that match: ASOF, and AS OF a time of the left. kInner or kLeft.
  struct Closest {
    ColumnId left = kNoColumn, right = kNoColumn;  // of one type
    bool forward = false;                          // the least right at or after left; else the greatest at or before it
    bool or_equal = true;
  };
  std::optional<Closest> closest;
  // AS OF PROCTIME(): the left is append-only and looks the right up as it is at the epoch's end; later changes of the right change nothing.
  bool lookup = false;
  std::optional<Expiry> left_expiry, right_expiry;  // interval and window joins: both or none
  bool emit_on_close = false;                       // with expiries: a left row without match (kLeft, kFull, kAnti) is given when it expires, once
};

// Of each partition the rows of certain ranks, in `order`; ties are broken by the columns that TieBreak adds to `order`, then by the rows' bytes.
// ORDER BY ... LIMIT in views, DISTINCT ON, and ROW_NUMBER() <= n.
struct TopNOp {
  enum class Ties : uint8_t { kRowNumber, kRank, kDenseRank };  // kRank: WITH TIES
  std::vector<ColumnId> partition;                              // compared as GROUP BY does
  std::vector<SortOp::Key> order;
  std::optional<int64_t> limit, offset;  // ranks (offset, offset + limit]
  Ties ties = Ties::kRowNumber;
  Column rank;  // a bigint column it adds, not null; kNoColumn: nobody asks
  // The first of `order` are the user's: rows equal in them are peers (kRank, kDenseRank). The rest, source positions, only break ties. -1: all are.
  int user_keys = -1;
  std::optional<Expiry> expiry;  // by a column of the partition: its state is dropped then, and no row of it comes any more
  size_t peer_keys() const { return user_keys < 0 ? order.size() : static_cast<size_t>(user_keys); }
};

// Window functions over one partitioning and order: every row of the input with the functions' values.
struct OverOp {
  enum class Mode : uint8_t { kRows, kRange, kGroups };
  enum class Bound : uint8_t { kUnboundedPreceding, kPreceding, kCurrentRow, kFollowing, kUnboundedFollowing };
  enum class Exclude : uint8_t { kNoOthers, kCurrentRow, kGroup, kTies };
  struct Frame {
    Mode mode = Mode::kRange;
    Bound start = Bound::kUnboundedPreceding, end = Bound::kCurrentRow;
    ExprPtr start_offset, end_offset;  // constants or parameters: bigint of kRows and kGroups; of kRange what is added to the one order column
    Exclude exclude = Exclude::kNoOthers;
    // kRange with offsets: order column - start_offset and + end_offset as functions (the operators that the binder resolved); nullptr: not needed
    const FunctionEntry* subtract = nullptr;
    const FunctionEntry* add = nullptr;
  };
  using Kind = WindowFunction;
  struct Function {
    Kind kind = Kind::kRowNumber;
    AggregateCall call;  // output, name, type, nullable, args (columns or constants); of kAggregate all of it
    Frame frame;
    bool ignore_nulls = false;
  };
  std::vector<ColumnId> partition;
  std::vector<SortOp::Key> order;  // ties as in TopNOp
  std::vector<Function> functions;
  int user_keys = -1;            // as in TopNOp: peers are rows equal in the first of `order`
  std::optional<Expiry> expiry;  // as in TopNOp
  size_t peer_keys() const { return user_keys < 0 ? order.size() : static_cast<size_t>(user_keys); }
};

// INTERSECT and EXCEPT; rows are compared as GROUP BY does. Inputs as a UnionOp's, two.
// kRecursive: WITH RECURSIVE, the union of its base, inputs[0], and its recursive term, inputs[1], to a fixpoint within each epoch. The term reads
// this operator's own output: the one edge of a dataflow that leads back, to an operator further down the list. It is linear: every row of its result
// comes of one row of the recursion.
struct SetOperationOp {
  enum class Kind : uint8_t { kIntersect, kExcept, kRecursive };
  Kind kind = Kind::kIntersect;
  bool all = false;
  std::vector<std::vector<ColumnId>> inputs;
  std::string name = {};  // kRecursive: the WITH query, for messages
  int64_t limit = 0;      // kRecursive: rounds within an epoch, past which it is 54001
  int32_t loop = 0;       // kRecursive: its RecursionOp's, while it is a logical plan
};

// In a logical plan alone: the rows of a recursion in its own recursive term. Lowered it is a projection of its SetOperation.
struct RecursionOp {
  int32_t loop = 0;
};

// Rows by the epoch's clock (NOW() in WHERE): there from `from` on (inclusive) until before `until`; NULL there: never. Columns of type timestamptz.
struct TemporalFilterOp {
  ColumnId from = kNoColumn, until = kNoColumn;  // kNoColumn: no bound
};

// Where changes leave the dataflow. The columns are those of `output`, in order.
struct SinkOp {
  std::string name;
  std::string connector;
  Options options;
  Encoding encoding = Encoding::kJson;
  Envelope envelope = Envelope::kPlain;
  std::vector<int> key;  // primary key, positions in `output`
  bool folds_checksum = false;
  Options format_options;                   // of ENCODE, checked
  Encoding key_encoding = Encoding::kJson;  // of KEY ENCODE
};
struct MaterializeOp {
  std::string view;
  std::vector<int> key;  // unique key, positions in `output`; empty: none is known, rows are a multiset
};
struct ResultOp {
  std::vector<std::string> names;
};  // to the client, of a one-shot SELECT

struct PlanOperator {
  OperatorId id = 0;
  std::vector<OperatorId> inputs;
  std::vector<Column> output;  // of sinks: what they write
  bool append_only = true;     // its output has no retractions
  std::variant<ScanOp, ValuesOp, ViewScanOp, WatermarkOp, FilterOp, ProjectOp, WindowOp, LateCheckOp, AggregateOp, UnionOp, SortOp, SinkOp,
               MaterializeOp, ResultOp, GapFillOp, TableFunctionOp, JoinOp, TopNOp, OverOp, SetOperationOp, TemporalFilterOp, RecursionOp>
      op;
  ErrorPolicy on_error;  // for expressions that fail here
  std::string query;     // the statement's object ("" for a SELECT), for messages and dead letters
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&op);
  }
};

struct Dataflow {
  int version = kDataflowVersion;
  std::vector<PlanOperator> operators;  // topological order
  std::vector<Type> parameters;
  const PlanOperator& Get(OperatorId id) const;
  std::vector<OperatorId> ConsumersOf(OperatorId id) const;
};

bool IsRecursive(const PlanOperator& op);                 // WITH RECURSIVE: its second input stands behind it
std::string_view OperatorName(const PlanOperator& op);    // "Scan", "Aggregate", ...
std::string Explain(const Dataflow& dataflow);            // EXPLAIN (DATAFLOW): indented, stable, for golden files
std::string Serialize(const Dataflow& dataflow);          // JSON with `version`
StatusOr<Dataflow> ParseDataflow(std::string_view json);  // XX001 for a newer version or damage
Status Verify(const Dataflow& dataflow);                  // the invariants above; in every build's tests, after lowering

}  // namespace kappa
