// EXPLAIN (DATAFLOW): a tree from each sink down; an operator with several consumers is printed under the first and named under the others.
#include "planner/dataflow/explain.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "common/secret_reference.h"
#include "planner/dataflow/dataflow.h"
#include "planner/dataflow/secret_name.h"

namespace kappa {
namespace {

std::string Quote(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string Micros(int64_t micros) { return Datum::Of(Interval{micros, 0, 0}).ToText(TypeId::kInterval); }
std::string Millis(int64_t millis) { return "'" + Datum::Int(millis * 1000).ToText(TypeId::kTimestamp) + "'"; }
std::string Ref(ColumnId id) { return id == kNoColumn ? "-" : "#" + std::to_string(id); }

std::string ColumnText(const Column& column) {
  return Ref(column.id) + " " + column.name + " " + column.type.ToString() + (column.nullable ? "?" : "");
}

template <typename T, typename Fn>
std::string Join(const std::vector<T>& items, Fn text) {
  std::string out;
  for (const T& item : items) {
    if (!out.empty()) out += ", ";
    out += text(item);
  }
  return out;
}

std::string PolicyText(const ErrorPolicy& policy) {
  switch (policy.action) {
    case ErrorPolicy::Action::kFail:
      return "fail";
    case ErrorPolicy::Action::kSkip:
      return "skip";
    case ErrorPolicy::Action::kDeadLetter:
      return "dead letter into " + policy.table;
  }
  return "";
}

std::string OptionsText(const Options& options) {
  std::string out;
  for (const auto& [name, value] : options) {
    const std::optional<std::string> secret = SecretKey(value);
    out += (out.empty() ? "" : ", ") + name + "=" +
           (secret               ? "SECRET " + secret->substr(secret->find(':') + 1)
            : IsSecretName(name) ? "'***'"
                                 : Quote(value));
  }
  return out;
}

std::string_view MetadataName(Metadata metadata) {
  static constexpr std::string_view kNames[] = {"", "partition", "offset", "timestamp", "key", "headers", "topic", "header", "deleted"};
  return kNames[static_cast<int>(metadata)];
}

std::string_view EncodingName(Encoding encoding) {
  static constexpr std::string_view kNames[] = {"JSON", "CSV", "BYTES"};
  return kNames[static_cast<int>(encoding)];
}

std::string_view EnvelopeName(Envelope envelope) {
  static constexpr std::string_view kNames[] = {"PLAIN", "UPSERT", "DEBEZIUM"};
  return kNames[static_cast<int>(envelope)];
}

std::string WindowText(const WindowSpec& window) {
  const bool session = window.kind == WindowSpec::Kind::kSession, cumulate = window.kind == WindowSpec::Kind::kCumulate;
  if (window.size == 0) return "until " + Ref(window.end) + (window.lag == 0 ? "" : " lag " + Micros(window.lag));
  std::string out = session ? "SESSION" : cumulate ? "CUMULATE" : window.slide == window.size ? "TUMBLE" : "HOP";
  out += "(" + Ref(window.time) + (session ? ", gap " : cumulate ? ", max " : ", size ") + Micros(window.size);
  if (cumulate)
    out += ", step " + Micros(window.slide);
  else if (!session && window.slide != window.size)
    out += ", slide " + Micros(window.slide);
  if (window.offset != 0) out += ", offset " + Micros(window.offset);
  if (session) out += ", partition (" + Join(window.partition, Ref) + ")";
  out += ") start " + Ref(window.start) + " end " + Ref(window.end);
  return window.lag == 0 || session ? out : out + " lag " + Micros(window.lag);
}

std::string OrderText(const std::vector<SortOp::Key>& keys) {
  return Join(keys, [](const SortOp::Key& key) {
    return Ref(key.column) + (key.descending ? " desc" : "") + (key.nulls_first ? " nulls first" : " nulls last");
  });
}

// The keys that decide who are peers, and those that only break ties.
std::string RankedOrderText(const std::vector<SortOp::Key>& keys, size_t peer_keys) {
  const auto split = keys.begin() + static_cast<std::ptrdiff_t>(std::min(peer_keys, keys.size()));
  const std::vector<SortOp::Key> peers(keys.begin(), split), ties(split, keys.end());
  return (peers.empty() ? "" : " by " + OrderText(peers)) + (ties.empty() ? "" : " then " + OrderText(ties));
}

std::string CallText(const AggregateCall& call, std::string_view function) {
  std::string args = call.args.empty() ? "*" : Join(call.args, [](const ExprPtr& e) { return ToString(*e); });
  std::string line = Ref(call.output) + " " + call.name + " " + call.type.ToString() + (call.nullable ? "?" : "") + " = " + std::string(function) +
                     "(" + (call.distinct ? "DISTINCT " : "") + args;
  if (!call.order.empty()) {
    line += " ORDER BY " + Join(call.order, [](const AggregateOrder& key) {
              return ToString(*key.expr) + (key.descending ? " DESC" : "") +
                     (key.nulls_first == key.descending ? ""
                      : key.nulls_first                 ? " NULLS FIRST"
                                                        : " NULLS LAST");
            });
  }
  line += ")";
  if (call.filter) line += " FILTER (" + ToString(*call.filter) + ")";
  return line;
}

std::string BoundText(OverOp::Bound bound, const ExprPtr& offset) {
  switch (bound) {
    case OverOp::Bound::kUnboundedPreceding:
      return "unbounded preceding";
    case OverOp::Bound::kPreceding:
      return ToString(*offset) + " preceding";
    case OverOp::Bound::kCurrentRow:
      return "current row";
    case OverOp::Bound::kFollowing:
      return ToString(*offset) + " following";
    case OverOp::Bound::kUnboundedFollowing:
      return "unbounded following";
  }
  return "";
}

std::string FrameText(const OverOp::Frame& frame) {
  static constexpr std::string_view kModes[] = {"rows", "range", "groups"};
  static constexpr std::string_view kExcludes[] = {"", " exclude current row", " exclude group", " exclude ties"};
  return std::string(kModes[static_cast<int>(frame.mode)]) + " between " + BoundText(frame.start, frame.start_offset) + " and " +
         BoundText(frame.end, frame.end_offset) + std::string(kExcludes[static_cast<int>(frame.exclude)]);
}

std::string_view OverName(const OverOp::Function& function) {
  return function.kind == OverOp::Kind::kAggregate ? std::string_view(function.call.function->name)
                                                   : kWindowFunctions[static_cast<size_t>(function.kind)].name;
}

std::string ExpiryText(const Expiry& expiry) { return "until " + Ref(expiry.time) + (expiry.add == 0 ? "" : " + " + Micros(expiry.add)); }

using Lines = std::vector<std::string>;

struct Describe {
  const PlanOperator& op;

  Lines operator()(const ScanOp& scan) const {
    Lines lines = {" " + scan.source + " (" + scan.connector + ", " +
                   (scan.envelope == Envelope::kPlain ? "" : std::string(EnvelopeName(scan.envelope)) + (scan.keyed ? " keyed " : " ")) +
                   std::string(EncodingName(scan.encoding)) + (scan.validate_full ? ", validate full" : ", validate read") + ", on error " +
                   PolicyText(scan.on_error) + ")"};
    if (!scan.options.empty()) lines.push_back("with " + OptionsText(scan.options));
    for (const auto& column : scan.columns) {
      std::string line = ColumnText(column.column) + " <- ";
      if (column.metadata != Metadata::kNone)
        line += "metadata " + std::string(MetadataName(column.metadata)) + (column.header.empty() ? "" : " " + Quote(column.header));
      else if (column.path.empty())
        line += "value";
      for (size_t i = 0; i < column.path.size(); ++i) {
        line += (i > 0 ? "." : "") + (column.exact[i] ? "\"" + column.path[i] + "\"" : column.path[i]);
      }
      if (column.jsonb_text) line += " (of jsonb)";
      lines.push_back(line);
    }
    std::string range;
    for (const auto& [partition, offset] : scan.from_offsets) range += " from " + std::to_string(partition) + ":" + std::to_string(offset);
    for (const auto& [partition, offset] : scan.until_offsets) range += " until " + std::to_string(partition) + ":" + std::to_string(offset);
    if (scan.from_latest) range += " from latest";
    if (scan.from_timestamp_ms) range += " from " + Millis(*scan.from_timestamp_ms);
    if (scan.until_timestamp_ms) range += " until " + Millis(*scan.until_timestamp_ms);
    if (scan.until_latest) range += " until latest";
    if (!range.empty()) lines.push_back("range" + range);
    if (scan.offset_lost != OffsetLost::kFail)
      lines.push_back(std::string("offset lost ") + (scan.offset_lost == OffsetLost::kEarliest ? "earliest" : "latest"));
    return lines;
  }
  Lines operator()(const ValuesOp& values) const {
    Lines lines = {""};
    for (const auto& row : values.rows) lines.push_back("(" + Join(row, [](const ExprPtr& e) { return ToString(*e); }) + ")");
    return lines;
  }
  Lines operator()(const ViewScanOp& scan) const {
    Lines lines = {" " + scan.view + " columns " + Join(scan.columns, [](int i) { return std::to_string(i); })};
    if (!scan.equal.empty())
      lines.push_back("lookup " + Join(scan.equal, [](const auto& one) { return std::to_string(one.first) + " = " + ToString(*one.second); }));
    return lines;
  }
  Lines operator()(const WatermarkOp& watermark) const {
    std::string line = " " + Ref(watermark.time);
    if (watermark.processing_time)
      line += " processing time";
    else
      line += watermark.candidate == kNoColumn ? " delay " + Micros(watermark.delay_micros) : " as " + Ref(watermark.candidate);
    if (watermark.current != kNoColumn) line += ", current " + Ref(watermark.current);
    if (watermark.max_ahead_micros) line += ", max ahead " + Micros(*watermark.max_ahead_micros);
    return {line + ", idle timeout " + Micros(watermark.idle_timeout_micros) + ", on error " + PolicyText(watermark.on_error)};
  }
  Lines operator()(const FilterOp& filter) const { return {" " + ToString(*filter.predicate)}; }
  Lines operator()(const ProjectOp& project) const {
    Lines lines = {""};
    for (const auto& [column, expr] : project.columns) lines.push_back(ColumnText(column) + " = " + ToString(*expr));
    return lines;
  }
  Lines operator()(const WindowOp& window) const { return {" " + WindowText(window.window)}; }
  Lines operator()(const LateCheckOp& check) const {
    return {" " + Ref(check.time) + " slice " + Micros(check.slice) + (check.offset ? " offset " + Micros(check.offset) : "") + ", late " +
            PolicyText(check.late)};
  }
  Lines operator()(const AggregateOp& aggregate) const {
    Lines lines = {" by " + (aggregate.keys.empty() ? "()" : Join(aggregate.keys, [](const Column& c) { return Ref(c.id); }))};
    for (const AggregateCall& call : aggregate.aggregates) { lines.push_back(CallText(call, call.function->name)); }
    if (aggregate.window) lines.push_back("window " + WindowText(*aggregate.window) + (aggregate.fused_window ? " fused" : ""));
    if (aggregate.rows) lines.push_back("every row");
    if (aggregate.emit_on_close) lines.push_back("emit on window close");
    if (!aggregate.input_append_only) lines.push_back("input has retractions");
    return lines;
  }
  Lines operator()(const UnionOp& op) const {
    Lines lines = {""};
    for (size_t i = 0; i < op.inputs.size(); ++i) { lines.push_back("input " + std::to_string(i + 1) + ": " + Join(op.inputs[i], Ref)); }
    return lines;
  }
  Lines operator()(const SortOp& sort) const {
    std::string line = (sort.keys.empty() ? "" : " by ") + OrderText(sort.keys);
    if (sort.limit) line += " limit " + std::to_string(*sort.limit);
    if (sort.offset) line += " offset " + std::to_string(*sort.offset);
    return {line};
  }
  Lines operator()(const GapFillOp& fill) const {
    Lines lines = {" " + Ref(fill.time) + " step " + Micros(fill.step) + " partition (" + Join(fill.partition, Ref) + ")"};
    for (const auto& [column, how] : fill.fills) {
      lines.push_back(Ref(column) + (how == GapFillOp::Fill::kLast ? " last" : how == GapFillOp::Fill::kInterpolate ? " interpolated" : " null"));
    }
    return lines;
  }
  Lines operator()(const TableFunctionOp& table) const {
    Lines lines = {" " + table.function + (table.outer ? " outer" : "")};
    for (const ExprPtr& arg : table.args) lines.push_back("of " + ToString(*arg));
    for (const Column& column : table.columns) lines.push_back(ColumnText(column));
    if (table.ordinality.id != kNoColumn) lines.push_back(ColumnText(table.ordinality) + " numbers them");
    return lines;
  }
  Lines operator()(const JoinOp& join) const {
    static constexpr std::string_view kKinds[] = {"inner", "left", "full", "semi", "anti", "single"};
    std::string line = " " + std::string(kKinds[static_cast<int>(join.kind)]);
    if (join.lookup) line += " lookup";
    if (!join.keys.empty()) {
      line += " on " + Join(join.keys, [](const JoinOp::Key& key) {
                return Ref(key.left) + (key.null_safe ? " is not distinct from " : " = ") + Ref(key.right);
              });
    }
    Lines lines = {line};
    if (join.condition) lines.push_back("where " + ToString(*join.condition));
    if (join.closest) {
      lines.push_back("closest " + Ref(join.closest->right) + (join.closest->forward ? " >" : " <") + (join.closest->or_equal ? "= " : " ") +
                      Ref(join.closest->left));
    }
    if (join.left_expiry) lines.insert(lines.end(), {"left " + ExpiryText(*join.left_expiry), "right " + ExpiryText(*join.right_expiry)});
    if (join.emit_on_close) lines.push_back("emit on window close");
    return lines;
  }
  Lines operator()(const TopNOp& top) const {
    static constexpr std::string_view kTies[] = {"", " rank", " dense rank"};
    std::string line = top.partition.empty() ? "" : " of (" + Join(top.partition, Ref) + ")";
    line += RankedOrderText(top.order, top.peer_keys());
    line += std::string(kTies[static_cast<int>(top.ties)]);
    if (top.limit) line += " limit " + std::to_string(*top.limit);
    if (top.offset) line += " offset " + std::to_string(*top.offset);
    Lines lines = {line};
    if (top.rank.id != kNoColumn) lines.push_back(ColumnText(top.rank) + " ranks them");
    if (top.expiry) lines.push_back(ExpiryText(*top.expiry));
    return lines;
  }
  Lines operator()(const OverOp& over) const {
    Lines lines = {(over.partition.empty() ? "" : " of (" + Join(over.partition, Ref) + ")") + RankedOrderText(over.order, over.peer_keys())};
    for (const OverOp::Function& function : over.functions) {
      lines.push_back(CallText(function.call, OverName(function)) + (function.ignore_nulls ? " ignore nulls " : " ") + FrameText(function.frame));
    }
    if (over.expiry) lines.push_back(ExpiryText(*over.expiry));
    return lines;
  }
  Lines operator()(const SetOperationOp& set) const {
    static constexpr std::string_view kKinds[] = {" intersect", " except", " recursive union"};
    Lines lines = {std::string(kKinds[static_cast<int>(set.kind)]) + (set.all ? " all" : "") + (set.name.empty() ? "" : " of " + set.name)};
    for (size_t i = 0; i < set.inputs.size(); ++i) lines.push_back("input " + std::to_string(i + 1) + ": " + Join(set.inputs[i], Ref));
    return lines;
  }
  Lines operator()(const TemporalFilterOp& filter) const { return {" from " + Ref(filter.from) + " until " + Ref(filter.until)}; }
  Lines operator()(const RecursionOp& recursion) const { return {" loop " + std::to_string(recursion.loop)}; }
  Lines operator()(const SinkOp& sink) const {
    Lines lines = {" " + sink.name + " (" + sink.connector + ", " + std::string(EnvelopeName(sink.envelope)) + " " +
                   std::string(EncodingName(sink.encoding)) + (sink.folds_checksum ? ", checksum" : "") + ")" + KeyText(sink.key)};
    if (!sink.options.empty()) lines.push_back("with " + OptionsText(sink.options));
    return lines;
  }
  Lines operator()(const MaterializeOp& view) const { return {" " + view.view + KeyText(view.key)}; }
  Lines operator()(const ResultOp& result) const {
    return {" " + Join(result.names, [](const std::string& name) { return name; })};
  }

  static std::string KeyText(const std::vector<int>& key) {
    return key.empty() ? "" : " key (" + Join(key, [](int i) { return std::to_string(i); }) + ")";
  }
};

class Printer {
 public:
  Printer(const Dataflow& dataflow, const std::function<std::string(OperatorId)>& note) : dataflow_(dataflow), note_(note) {}

  std::string Run() {
    for (const PlanOperator& op : dataflow_.operators) {
      if (dataflow_.ConsumersOf(op.id).empty()) Print(op, 0);
    }
    return std::move(out_);
  }

 private:
  void Print(const PlanOperator& op, int depth) {
    const std::string indent(static_cast<size_t>(depth) * 2, ' ');
    const std::string head = std::to_string(op.id) + " " + std::string(OperatorName(op));
    if (!printed_.insert(op.id).second) {
      out_ += indent + head + " (shared, above)\n";
      return;
    }
    const Lines lines = std::visit(Describe{op}, op.op);
    out_ += indent + head + lines[0] + (op.append_only ? "" : " [updating]") + note_(op.id) + "\n";
    for (size_t i = 1; i < lines.size(); ++i) out_ += indent + "  | " + lines[i] + "\n";
    out_ += indent + "  > " + Join(op.output, [](const Column& c) { return Ref(c.id) + " " + c.name; }) + "\n";
    for (OperatorId input : op.inputs) Print(dataflow_.Get(input), depth + 1);
  }

  const Dataflow& dataflow_;
  const std::function<std::string(OperatorId)>& note_;
  std::set<OperatorId> printed_;
  std::string out_;
};

}  // namespace

std::string Explain(const Dataflow& dataflow) {
  return Explain(dataflow, [](OperatorId) { return std::string(); });
}
std::string Explain(const Dataflow& dataflow, const std::function<std::string(OperatorId)>& note) { return Printer(dataflow, note).Run(); }

std::string ExplainJson(const Dataflow& dataflow, const std::function<std::string(OperatorId)>& more) {
  const auto text = [](const std::string& value) { return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); };
  std::string out = "[";
  for (const PlanOperator& op : dataflow.operators) {
    const Lines lines = std::visit(Describe{op}, op.op);
    out += (out.size() > 1 ? ",\n" : "\n") + std::string("  {\"id\": ") + std::to_string(op.id) +
           ", \"operator\": " + text(std::string(OperatorName(op)));
    out += ", \"inputs\": [" + Join(op.inputs, [](OperatorId id) { return std::to_string(id); }) + "]";
    out += ", \"append_only\": " + std::string(op.append_only ? "true" : "false");
    if (const std::string inside = more(op.id); !inside.empty()) out += ", " + inside;
    const std::string head = lines[0].empty() || lines[0][0] != ' ' ? lines[0] : lines[0].substr(1);
    out += ",\n   \"details\": [" + (head.empty() ? "" : text(head));
    for (size_t i = 1; i < lines.size(); ++i) out += (i > 1 || !head.empty() ? ", " : "") + text(lines[i]);
    out += "],\n   \"output\": [" +
           Join(op.output,
                [&](const Column& c) {
                  return "{\"column\": " + text(Ref(c.id)) + ", \"name\": " + text(c.name) + ", \"type\": " + text(c.type.ToString()) + "}";
                }) +
           "]}";
  }
  return out + "\n]\n";
}

}  // namespace kappa
