#include "engine/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>

#include "common/os/socket.h"
#include "engine/pipeline_directory.h"

namespace kappa {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

constexpr int64_t kVisitNanos = 10'000'000;

// Within its life: a counter that a rebuild resets, as a restart resets the others.
double EpochValue(int64_t epoch) { return static_cast<double>(epoch % kEpochsOfALife); }

double Seconds(int64_t micros) { return static_cast<double>(micros) / 1e6; }

// Families in the order in which they are first asked for; each once, however many pipelines have it.
class Families {
 public:
  void Counter(const char* name, const char* help, Labels labels, double value) {
    Add(prometheus::MetricType::Counter, name, help, std::move(labels)).counter.value = value;
  }
  void Gauge(const char* name, const char* help, Labels labels, double value) {
    Add(prometheus::MetricType::Gauge, name, help, std::move(labels)).gauge.value = value;
  }
  std::vector<prometheus::MetricFamily> Take() { return std::move(families_); }

 private:
  prometheus::ClientMetric& Add(prometheus::MetricType type, const char* name, const char* help, Labels labels) {
    auto found = std::find_if(families_.begin(), families_.end(), [&](const auto& family) { return family.name == name; });
    if (found == families_.end()) {
      families_.push_back({name, help, type, {}});
      found = families_.end() - 1;
    }
    found->metric.emplace_back().label = std::move(labels);
    return found->metric.back();
  }
  std::vector<prometheus::MetricFamily> families_;
};

void AddFlow(const PipelineStatus& pipeline, int64_t now, Families* out) {
  const Labels labels = {{"pipeline", pipeline.name}};
  for (const PipelineState state : {PipelineState::kRecovering, PipelineState::kRunning, PipelineState::kStopped, PipelineState::kFailed}) {
    out->Gauge("kappa_pipeline_state", "1 for the state that the pipeline is in, 0 for the others.",
               {{"pipeline", pipeline.name}, {"state", std::string(PipelineStateName(state))}}, pipeline.state == state ? 1 : 0);
  }
  if (pipeline.seen_micros != 0) {
    out->Gauge("kappa_status_age_seconds", "Time since the pipeline last told of itself; it does so several times a second.", labels,
               Seconds(now - pipeline.seen_micros));
  }
  out->Counter("kappa_epochs_total", "Epochs that have ended; of a durable pipeline since its state was made.", labels, EpochValue(pipeline.epoch));
  out->Counter("kappa_records_total", "Records read from the sources.", labels, static_cast<double>(pipeline.records));
  out->Counter("kappa_read_bytes_total", "Bytes of keys and values read from the sources.", labels, static_cast<double>(pipeline.bytes));
  if (pipeline.lag >= 0) {
    out->Gauge("kappa_lag_records", "Records between what was read and the end of the logs.", labels, static_cast<double>(pipeline.lag));
  }
  if (pipeline.watermark_micros != INT64_MIN) {
    out->Gauge("kappa_watermark_timestamp_seconds", "The watermark: event time up to which windows are closed, as Unix time.", labels,
               Seconds(pipeline.watermark_micros));
    out->Gauge("kappa_watermark_delay_seconds", "How far the watermark is behind the clock.", labels, Seconds(now - pipeline.watermark_micros));
  }
  out->Gauge("kappa_state_bytes", "State in memory.", labels, static_cast<double>(pipeline.state_bytes));
  if (pipeline.memory_budget > 0) {
    out->Gauge("kappa_memory_budget_bytes", "State that the pipeline may hold in memory.", labels, static_cast<double>(pipeline.memory_budget));
  }
}

void AddDurability(const PipelineStatus& pipeline, int64_t now, Families* out) {
  if (!pipeline.durable) return;
  const Labels labels = {{"pipeline", pipeline.name}};
  if (pipeline.snapshot_epoch >= 0) {
    out->Gauge("kappa_snapshot_epoch", "Epoch of the newest snapshot.", labels, EpochValue(pipeline.snapshot_epoch));
    out->Gauge("kappa_snapshot_age_seconds", "Time since the newest snapshot.", labels, Seconds(now - pipeline.snapshot_micros));
    out->Gauge("kappa_snapshot_bytes", "Size of the newest snapshot's files.", labels, static_cast<double>(pipeline.snapshot_bytes));
  }
  out->Counter("kappa_snapshots_total", "Snapshots taken.", labels, static_cast<double>(pipeline.snapshots));
  out->Counter("kappa_snapshot_failures_total", "Snapshots that could not be taken.", labels, static_cast<double>(pipeline.snapshot_failures));
  out->Counter("kappa_snapshot_merge_failures_total", "Merges of snapshot files that failed.", labels, static_cast<double>(pipeline.merge_failures));
  out->Gauge("kappa_snapshot_longest_pause_seconds", "The longest time for which saving state has held the flow up.", labels,
             static_cast<double>(pipeline.longest_pause_nanos) / 1e9);
  out->Gauge("kappa_commits_stopped", "1 while epochs cannot be committed (a full disk), else 0.", labels, pipeline.commit_error.empty() ? 0 : 1);
  out->Counter("kappa_offsets_lost_total", "Gaps in the logs that ON OFFSET LOST has passed over.", labels,
               static_cast<double>(pipeline.offsets_lost.size()));
  out->Gauge("kappa_journal_bytes", "Size of the journal.", labels, static_cast<double>(pipeline.journal_bytes));
}

void AddLetters(const PipelineStatus& pipeline, Families* out) {
  out->Counter("kappa_late_rows_total", "Rows that came after their window had closed.", {{"pipeline", pipeline.name}},
               static_cast<double>(pipeline.late));
  out->Gauge("kappa_failed_rows", "Records that could not be decoded, and rows whose expression fails as of now.", {{"pipeline", pipeline.name}},
             static_cast<double>(pipeline.errors));
  for (const auto& [table, count] : pipeline.dead_letters) {
    if (table.empty()) continue;
    out->Gauge("kappa_dead_letters", "Dead letters by table, less those that were taken back.", {{"pipeline", pipeline.name}, {"table", table}},
               static_cast<double>(count));
  }
}

void AddSinks(const PipelineStatus& pipeline, Families* out) {
  for (const SinkStatus& sink : pipeline.sinks) {
    const Labels labels = {{"pipeline", pipeline.name}, {"sink", sink.name}};
    out->Gauge("kappa_sink_info", "1; what the sink promises.",
               {{"pipeline", pipeline.name},
                {"sink", sink.name},
                {"connector", sink.connector},
                {"guarantee", sink.exactly_once ? "exactly_once" : "at_least_once"}},
               1);
    out->Counter("kappa_sink_changes_total", "Rows written to the sink, each correction counted.", labels, static_cast<double>(sink.changes));
    if (sink.committed_epoch >= 0) {
      out->Gauge("kappa_sink_committed_epoch", "The last epoch that the sink holds.", labels, EpochValue(sink.committed_epoch));
    }
  }
}

std::vector<prometheus::MetricFamily> FamiliesOf(const EngineStatus& status) {
  Families families;
  families.Gauge("kappa_start_time_seconds", "When the engine was opened, as Unix time.", {}, Seconds(status.started_micros));
  families.Gauge("kappa_build_info", "1; the version that runs.", {{"version", status.version}}, 1);
  for (const PipelineStatus& pipeline : status.pipelines) {
    AddFlow(pipeline, status.at_micros, &families);
    AddDurability(pipeline, status.at_micros, &families);
    AddLetters(pipeline, &families);
    AddSinks(pipeline, &families);
  }
  return families.Take();
}

class Collector final : public prometheus::Collectable {
 public:
  explicit Collector(std::function<EngineStatus()> status) : status_(std::move(status)) {}
  std::vector<prometheus::MetricFamily> Collect() const override { return FamiliesOf(status_()); }

 private:
  const std::function<EngineStatus()> status_;
};

class ExposedMetrics final : public MetricsEndpoint {
 public:
  ExposedMetrics(os::Environment* environment, const std::string& address, std::function<EngineStatus()> status)
      : environment_(environment), collector_(std::make_shared<Collector>(std::move(status))) {
    exposer_ = std::make_unique<prometheus::Exposer>(address, 1);
    exposer_->RegisterCollectable(collector_);
    port_ = exposer_->GetListeningPorts().at(0);
  }
  // The library's server looks every two seconds, and when somebody comes, whether it should stop: somebody comes.
  ~ExposedMetrics() override {
    std::atomic<bool> stopped{false};
    const auto visitor = environment_->threads().Start("metrics", [&] {
      while (!stopped.load()) {
        (void)os::ConnectLoopback(port_, kVisitNanos);
        os::SleepNanos(kVisitNanos);
      }
    });
    exposer_.reset();
    stopped.store(true);
  }
  int port() const override { return port_; }

 private:
  os::Environment* const environment_;
  const std::shared_ptr<Collector> collector_;  // the exposer holds it weakly
  std::unique_ptr<prometheus::Exposer> exposer_;
  int port_ = 0;
};

}  // namespace

std::string MetricsText(const EngineStatus& status) { return prometheus::TextSerializer().Serialize(FamiliesOf(status)); }

StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(os::Environment* environment, int port, std::function<EngineStatus()> status) {
  const std::string address = "127.0.0.1:" + std::to_string(port);
  try {
    return std::unique_ptr<MetricsEndpoint>(std::make_unique<ExposedMetrics>(environment, address, std::move(status)));
  } catch (const std::exception&) {
    return SqlError(sqlstate::kObjectInUse) << "metrics cannot be served at " << address << ": the port is taken, or not ours to use"
                                            << Hint("name another port with --metrics, or 0 for any that is free");
  }
}

}  // namespace kappa
