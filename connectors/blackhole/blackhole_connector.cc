#include "connectors/blackhole/blackhole_connector.h"

#include "connectors/encoded_rows.h"
#include "connectors/options.h"

namespace kappa {
namespace {

class BlackholeSink final : public Sink {
 public:
  explicit BlackholeSink(std::unique_ptr<RecordEncoder> encoder) : encoder_(std::move(encoder)) {}
  Status Write(Epoch epoch, const ChangeBatch& changes) override {
    (void)epoch;
    rows_ += static_cast<int64_t>(changes.rows.size());
    if (encoder_ == nullptr) return OkStatus();
    return ForEachEncoded(*encoder_, changes, &scratch_, [&](const EncodedRecord& record) {
      bytes_ += static_cast<int64_t>(record.key.size() + record.value.size());
      return OkStatus();
    });
  }
  Status Commit(const EpochCommit& commit) override {
    committed_ = commit.upto;
    return OkStatus();
  }
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{committed_, ""}; }
  Guarantee guarantee() const override { return Guarantee::kAtLeastOnce; }
  std::string Summary() const override {
    return "blackhole: " + std::to_string(rows_) + " rows" + (encoder_ == nullptr ? "" : ", " + std::to_string(bytes_) + " bytes");
  }

 private:
  const std::unique_ptr<RecordEncoder> encoder_;
  EncodedRecord scratch_;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
  Epoch committed_ = -1;
};

}  // namespace

ConnectorDescriptor BlackholeConnector() {
  ConnectorDescriptor descriptor;
  descriptor.name = "blackhole";
  descriptor.documentation = "Takes everything, keeps nothing, and prints a checksum over every column at the end; for benchmarks.";
  descriptor.sink_folds_checksum = true;
  descriptor.make_sink = [](const Options& options, const ConnectorContext&,
                            std::unique_ptr<RecordEncoder> encoder) -> StatusOr<std::unique_ptr<Sink>> {
    RETURN_IF_ERROR(OptionValues::Parse("blackhole", {}, true, options).status());
    return std::unique_ptr<Sink>(new BlackholeSink(std::move(encoder)));
  };
  return descriptor;
}

}  // namespace kappa
