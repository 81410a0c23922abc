#include "connectors/generator/datagen_connector.h"

#include <algorithm>
#include <cstring>

#include "common/os/environment.h"
#include "connectors/generator/datagen_fields.h"
#include "connectors/log/read_buffer.h"
#include "connectors/options.h"

namespace kappa {
namespace {

struct DatagenSettings {
  std::vector<datagen::Field> fields;
  uint64_t seed = 1;
  int64_t rows = INT64_MAX;  // INT64_MAX: unbounded
  int32_t partitions = 1;
  double rows_per_second = 0;  // of the wall clock; 0: as fast as they are read
};

class DatagenReader final : public PartitionReader {
 public:
  DatagenReader(std::shared_ptr<const DatagenSettings> settings, int32_t partition, os::Clock* clock, int64_t started)
      : settings_(std::move(settings)), partition_(partition), clock_(clock), started_nanos_(started) {}

  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override {
    RecordBatch batch;
    batch.partition = partition_;
    batch.next = position_;
    const Offset end = std::min(Released(), limit.end);
    if (position_ >= end || limit.records == 0) return batch;
    text_.clear();
    starts_.clear();
    const auto most = static_cast<size_t>(std::min<uint64_t>(limit.records, static_cast<uint64_t>(end - position_)));
    while (starts_.size() < most && (starts_.empty() || text_.size() < std::min<size_t>(limit.bytes, kBatchBytes))) {
      starts_.push_back(text_.size());
      datagen::AppendRow(settings_->fields, settings_->seed,
                         (position_ + static_cast<Offset>(starts_.size()) - 1) * settings_->partitions + partition_, &text_);
    }
    std::shared_ptr<log::ReadBuffer> buffer = pool_.Acquire();
    buffer->raw.Reserve(text_.size());
    std::memcpy(buffer->raw.memory.get(), text_.data(), text_.size());
    for (size_t i = 0; i < starts_.size(); ++i) {
      Record& record = buffer->records.emplace_back();
      record.value = buffer->raw.memory.get() + starts_[i];
      record.value_size = static_cast<uint32_t>((i + 1 < starts_.size() ? starts_[i + 1] : text_.size()) - starts_[i]);
      record.offset = position_++;
    }
    batch.records = buffer->records;
    batch.next = position_;
    batch.bytes = text_.size();
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
  StatusOr<OffsetRange> Range() override { return OffsetRange{0, settings_->rows == INT64_MAX ? Released() : All()}; }

 private:
  static constexpr size_t kBatchBytes = 512 << 10;

  Offset All() const {
    return settings_->rows == INT64_MAX ? INT64_MAX : (settings_->rows - partition_ + settings_->partitions - 1) / settings_->partitions;
  }
  Offset Released() const {
    const Offset all = All();
    if (settings_->rows_per_second <= 0) return all;
    const double seconds = static_cast<double>(clock_->MonotonicNanos() - started_nanos_) * 1e-9;
    return std::min(all, static_cast<Offset>(seconds * settings_->rows_per_second / settings_->partitions));
  }

  const std::shared_ptr<const DatagenSettings> settings_;
  const int32_t partition_;
  os::Clock* const clock_;
  const int64_t started_nanos_;
  Offset position_ = 0;
  std::string text_;
  std::vector<size_t> starts_;
  log::ReadBufferPool pool_;
};

class DatagenSource final : public Source {
 public:
  DatagenSource(std::shared_ptr<const DatagenSettings> settings, os::Clock* clock)
      : settings_(std::move(settings)), clock_(clock), started_nanos_(clock->MonotonicNanos()) {}
  std::string name() const override { return "datagen"; }
  StatusOr<std::vector<int32_t>> Partitions() override {
    std::vector<int32_t> partitions(static_cast<size_t>(settings_->partitions));
    for (size_t p = 0; p < partitions.size(); ++p) partitions[p] = static_cast<int32_t>(p);
    return partitions;
  }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds&) override {
    if (partition < 0 || partition >= settings_->partitions)
      return SqlError(sqlstate::kUndefinedObject) << "datagen has no partition " << partition << ": it has " << settings_->partitions;
    return std::unique_ptr<PartitionReader>(new DatagenReader(settings_, partition, clock_, started_nanos_));
  }
  bool bounded() const override { return settings_->rows != INT64_MAX; }

 private:
  const std::shared_ptr<const DatagenSettings> settings_;
  os::Clock* const clock_;
  const int64_t started_nanos_;  // one for all partitions, so that they stay together
};

// "name\tTYPEID\tMODIFIER\n" for each column: set by the planner (planner/binder/source_format.cc).
StatusOr<std::vector<std::pair<std::string, Type>>> ColumnsOf(const std::string& text) {
  std::vector<std::pair<std::string, Type>> columns;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size()), second = text.rfind('\t', end), first = text.rfind('\t', second - 1);
    if (second >= end || first >= second || first < at) return SqlError(sqlstate::kInternalError) << "datagen: the columns are damaged";
    const auto id = ParseInteger(text.substr(first + 1, second - first - 1)), modifier = ParseInteger(text.substr(second + 1, end - second - 1));
    if (!id || !modifier) return SqlError(sqlstate::kInternalError) << "datagen: the columns are damaged";
    columns.emplace_back(text.substr(at, first - at), Type(static_cast<TypeId>(*id), static_cast<int32_t>(*modifier)));
    at = end + 1;
  }
  return columns;
}

Status OutOfRange(const char* option, std::string_view what) {
  return SqlError(sqlstate::kInvalidParameterValue) << "option \"" << option << "\" of connector 'datagen' must be " << what;
}

StatusOr<std::shared_ptr<const DatagenSettings>> ParseSettings(const std::vector<ConnectorOption>& declared, const Options& options) {
  ASSIGN_OR_RETURN(const OptionValues values, OptionValues::Parse("datagen", declared, false, options));
  auto settings = std::make_shared<DatagenSettings>();
  const auto integer = [&](const char* name, const char* other) { return values.has(other) ? values.integer(other) : values.integer(name); };
  if (values.has("rows")) settings->rows = values.integer("rows");
  settings->seed = static_cast<uint64_t>(integer("seed", "datagen.seed"));
  const int64_t partitions = integer("partitions", "datagen.split.num");
  settings->rows_per_second = static_cast<double>(integer("rows.per.second", "datagen.rows.per.second"));
  if (settings->rows < 0) return OutOfRange("rows", "0 or more");
  if (partitions < 1 || partitions > 1024) return OutOfRange("partitions", "1 to 1024");
  if (settings->rows_per_second < 0) return OutOfRange("rows.per.second", "0 or more");
  settings->partitions = static_cast<int32_t>(partitions);
  ASSIGN_OR_RETURN(const auto columns, ColumnsOf(values.text("record.fields")));
  ASSIGN_OR_RETURN(settings->fields, datagen::ParseFields(columns, options));
  return std::shared_ptr<const DatagenSettings>(std::move(settings));
}

}  // namespace

ConnectorDescriptor DatagenConnector() {
  ConnectorDescriptor descriptor;
  descriptor.name = "datagen";
  descriptor.documentation = "Rows made up as they are read, by the declared columns. The same seed gives the same rows.";
  descriptor.source_options = {
      {"rows", OptionKind::kInteger, false, "", "how many rows it has in all partitions together; endless when absent"},
      {"rows.per.second", OptionKind::kInteger, false, "0", "of the wall clock; 0: as fast as they are read"},
      {"seed", OptionKind::kInteger, false, "1", "another seed, other rows"},
      {"partitions", OptionKind::kInteger, false, "1", "over how many partitions the rows are dealt out"},
      {"fields.*", OptionKind::kText, false, "",
       "of a column, fields.NAME.OPTION: kind 'sequence' or 'random'; start, end, step; min, max; length; choices 'a,b,c'; null_rate"},
      {"datagen.rows.per.second", OptionKind::kInteger, false, "", "the same as rows.per.second"},
      {"datagen.seed", OptionKind::kInteger, false, "", "the same as seed"},
      {"datagen.split.num", OptionKind::kInteger, false, "", "the same as partitions"},
      {"record.fields", OptionKind::kText, false, "", "set by the columns"},
  };
  descriptor.make_source = [declared = descriptor.source_options](const Options& options,
                                                                  const ConnectorContext& context) -> StatusOr<std::unique_ptr<Source>> {
    ASSIGN_OR_RETURN(std::shared_ptr<const DatagenSettings> settings, ParseSettings(declared, options));
    return std::unique_ptr<Source>(new DatagenSource(std::move(settings), &context.environment->clock()));
  };
  return descriptor;
}

}  // namespace kappa
