#include "connectors/generator/nexmark_connector.h"

#include <algorithm>
#include <cmath>

#include "common/os/environment.h"
#include "connectors/generator/nexmark_events.h"
#include "connectors/log/read_buffer.h"
#include "connectors/options.h"

namespace kappa {
namespace {

struct NexmarkSettings {
  nexmark::EventSettings events;
  int64_t rows = INT64_MAX;  // INT64_MAX: unbounded
  int32_t partitions = 1;
  double rows_per_second = 0;  // of the wall clock; 0: as fast as possible
};

class NexmarkReader final : public PartitionReader {
 public:
  NexmarkReader(const NexmarkSettings& settings, int32_t partition, os::Clock* clock, int64_t started)
      : settings_(settings), partition_(partition), clock_(clock), started_nanos_(started) {}

  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override {
    RecordBatch batch;
    batch.partition = partition_;
    batch.next = position_;
    const Offset end = std::min(Released(), limit.end);
    if (position_ >= end || limit.records == 0) return batch;
    const size_t bytes = std::clamp<size_t>(limit.bytes, 1, kBlockBytes - nexmark::kMaxEventBytes);
    const auto most = static_cast<size_t>(std::min<uint64_t>(limit.records, static_cast<uint64_t>(end - position_)));
    std::shared_ptr<log::ReadBuffer> buffer = pool_.Acquire();
    buffer->raw.Reserve(kBlockBytes);
    char* out = buffer->raw.memory.get();
    const char* const stop = out + bytes;
    while (buffer->records.size() < most && out < stop) {
      const int64_t event = nexmark::EventNumber(settings_.events.layout, position_ * settings_.partitions + partition_);
      Record& record = buffer->records.emplace_back();
      record.value = out;
      out = nexmark::WriteEvent(settings_.events, event, out);
      record.value_size = static_cast<uint32_t>(out - record.value);
      record.offset = position_++;
      record.timestamp_ms = nexmark::EventTimeMs(settings_.events, event);
    }
    batch.records = buffer->records;
    batch.next = position_;
    batch.bytes = static_cast<size_t>(out - buffer->raw.memory.get());
    batch.owner = std::move(buffer);
    return batch;
  }
  Status Seek(Offset position) override {
    if (position < 0) return SqlError(sqlstate::kInvalidParameterValue) << "offset " << position << " is negative";
    position_ = position;
    return OkStatus();
  }
  Offset position() const override { return position_; }
  // A bounded source's end is its end for ever, however much the clock has released yet.
  StatusOr<OffsetRange> Range() override { return OffsetRange{0, settings_.rows == INT64_MAX ? Released() : All()}; }

 private:
  static constexpr size_t kBlockBytes = 512 << 10;

  Offset All() const {
    return settings_.rows == INT64_MAX ? INT64_MAX : (settings_.rows - partition_ + settings_.partitions - 1) / settings_.partitions;
  }
  Offset Released() const {
    const Offset all = All();
    if (settings_.rows_per_second <= 0) return all;
    const double seconds = static_cast<double>(clock_->MonotonicNanos() - started_nanos_) * 1e-9;
    return std::min(all, static_cast<Offset>(seconds * settings_.rows_per_second / settings_.partitions));
  }

  const NexmarkSettings settings_;
  const int32_t partition_;
  os::Clock* const clock_;
  const int64_t started_nanos_;
  Offset position_ = 0;
  log::ReadBufferPool pool_;
};

class NexmarkSource final : public Source {
 public:
  NexmarkSource(const NexmarkSettings& settings, os::Clock* clock) : settings_(settings), clock_(clock), started_nanos_(clock->MonotonicNanos()) {}
  std::string name() const override { return "nexmark"; }
  StatusOr<std::vector<int32_t>> Partitions() override {
    std::vector<int32_t> partitions(static_cast<size_t>(settings_.partitions));
    for (size_t p = 0; p < partitions.size(); ++p) partitions[p] = static_cast<int32_t>(p);
    return partitions;
  }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds&) override {
    if (partition < 0 || partition >= settings_.partitions) {
      return SqlError(sqlstate::kUndefinedObject) << "nexmark has no partition " << partition << ": it has " << settings_.partitions;
    }
    return std::unique_ptr<PartitionReader>(new NexmarkReader(settings_, partition, clock_, started_nanos_));
  }
  bool bounded() const override { return settings_.rows != INT64_MAX; }

 private:
  const NexmarkSettings settings_;
  os::Clock* const clock_;
  const int64_t started_nanos_;  // one for all partitions, so that they stay together
};

Status OutOfRange(const char* option, std::string_view what) {
  return SqlError(sqlstate::kInvalidParameterValue) << "option \"" << option << "\" of connector 'nexmark' must be " << what;
}

StatusOr<NexmarkSettings> ParseSettings(const std::vector<ConnectorOption>& declared, const Options& options) {
  constexpr std::string_view kPrefix = "nexmark.";
  Options plain;
  for (const auto& [name, text] : options) {
    const bool prefixed = name.compare(0, kPrefix.size(), kPrefix) == 0;
    plain[prefixed ? name.substr(kPrefix.size()) : name] = text;
  }
  ASSIGN_OR_RETURN(const OptionValues values, OptionValues::Parse("nexmark", declared, false, plain));
  NexmarkSettings settings;
  if (values.has("rows")) settings.rows = values.integer("rows");
  settings.events.events_per_second = values.integer("event.rate");
  settings.events.seed = static_cast<uint64_t>(values.integer("seed"));
  const int64_t partitions = values.integer("partitions");
  settings.rows_per_second = static_cast<double>(values.integer("rate"));
  if (settings.rows < 0) return OutOfRange("rows", "0 or more");
  if (settings.events.events_per_second < 1 || settings.events.events_per_second > 1'000'000'000) return OutOfRange("event.rate", "1 to 1000000000");
  if (partitions < 1 || partitions > 1024) return OutOfRange("partitions", "1 to 1024");
  if (settings.rows_per_second < 0) return OutOfRange("rate", "0 or more");
  settings.partitions = static_cast<int32_t>(partitions);
  const std::string type = values.text("table.type");
  if (type == "person")
    settings.events.layout = nexmark::Layout::kPerson;
  else if (type == "auction")
    settings.events.layout = nexmark::Layout::kAuction;
  else if (type == "bid")
    settings.events.layout = nexmark::Layout::kBid;
  else if (!type.empty())
    return OutOfRange("table.type", "'person', 'auction' or 'bid'");
  return settings;
}

}  // namespace

ConnectorDescriptor NexmarkConnector() {
  const std::vector<ConnectorOption> plain = {
      {"rows", OptionKind::kInteger, false, "", "how many records it has in all partitions together; endless when absent"},
      {"event.rate", OptionKind::kInteger, false, "50000", "events (of all three kinds) in a second of event time"},
      {"seed", OptionKind::kInteger, false, "1", "another seed, other events"},
      {"partitions", OptionKind::kInteger, false, "1", "over how many partitions the events are dealt out"},
      {"table.type", OptionKind::kText, false, "", "'person', 'auction' or 'bid': only those, as flat objects"},
      {"rate", OptionKind::kInteger, false, "0", "records a second of the wall clock; 0: as fast as they are read"},
  };
  ConnectorDescriptor descriptor;
  descriptor.name = "nexmark";
  descriptor.documentation =
      "The events of the Nexmark benchmark, made as they are read: persons, auctions and bids, 1:3:46. The same seed gives the same bytes.";
  descriptor.source_options = plain;
  for (ConnectorOption option : plain) {
    option.name = "nexmark." + option.name;
    option.documentation = "the same as " + option.name.substr(8);
    option.default_value.clear();
    descriptor.source_options.push_back(std::move(option));
  }
  descriptor.make_source = [plain](const Options& options, const ConnectorContext& context) -> StatusOr<std::unique_ptr<Source>> {
    ASSIGN_OR_RETURN(const NexmarkSettings settings, ParseSettings(plain, options));
    return std::unique_ptr<Source>(new NexmarkSource(settings, &context.environment->clock()));
  };
  return descriptor;
}

}  // namespace kappa
