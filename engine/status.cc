#include "engine/status.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/status_log.h"

namespace kappa {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;  // of the JSON
constexpr std::array<std::string_view, 4> kStateNames = {"recovering", "running", "stopped", "failed"};

// Absent facts are null, not numbers that look like facts.
template <typename T>
Json Known(const T& value, const T& unknown) {
  return value == unknown ? Json() : Json(value);
}

template <typename T>
void Read(const Json& object, const char* name, T* value) {
  const auto found = object.find(name);
  if (found != object.end() && !found->is_null()) found->get_to(*value);
}

Json JsonOf(const PipelineStatus& pipeline) {
  Json json;
  json["name"] = pipeline.name;
  json["durable"] = pipeline.durable;
  json["state"] = PipelineStateName(pipeline.state);
  json["error"] = Known(pipeline.error, std::string());
  json["started_micros"] = Known<int64_t>(pipeline.started_micros, 0);
  json["seen_micros"] = Known<int64_t>(pipeline.seen_micros, 0);
  json["epoch"] = pipeline.epoch;
  json["records"] = pipeline.records;
  json["bytes"] = pipeline.bytes;
  json["records_per_second"] = pipeline.records_per_second;
  json["bytes_per_second"] = pipeline.bytes_per_second;
  json["lag_records"] = Known<int64_t>(pipeline.lag, -1);
  json["watermark_micros"] = Known<int64_t>(pipeline.watermark_micros, INT64_MIN);
  json["state_bytes"] = pipeline.state_bytes;
  json["memory_budget_bytes"] = Known<uint64_t>(pipeline.memory_budget, 0);
  const bool snapshot = pipeline.snapshot_epoch >= 0;
  json["snapshot_epoch"] = snapshot ? Json(pipeline.snapshot_epoch) : Json();
  json["snapshot_micros"] = snapshot ? Json(pipeline.snapshot_micros) : Json();
  json["snapshot_bytes"] = snapshot ? Json(pipeline.snapshot_bytes) : Json();
  json["snapshots"] = pipeline.snapshots;
  json["snapshot_failures"] = pipeline.snapshot_failures;
  json["snapshot_merge_failures"] = pipeline.merge_failures;
  json["snapshot_merge_error"] = Known(pipeline.merge_error, std::string());
  json["snapshot_error"] = Known(pipeline.snapshot_error, std::string());
  json["longest_pause_nanos"] = pipeline.longest_pause_nanos;
  json["journal_bytes"] = pipeline.journal_bytes;
  json["commit_error"] = Known(pipeline.commit_error, std::string());
  json["offsets_lost"] = pipeline.offsets_lost;
  json["late_rows"] = pipeline.late;
  json["errors"] = pipeline.errors;
  json["dead_letters"] = Json::object();
  for (const auto& [table, count] : pipeline.dead_letters) json["dead_letters"][table] = count;
  json["sinks"] = Json::array();
  for (const SinkStatus& sink : pipeline.sinks) {
    json["sinks"].push_back({{"name", sink.name},
                             {"connector", sink.connector},
                             {"guarantee", sink.exactly_once ? "exactly once" : "at least once"},
                             {"committed_epoch", Known<int64_t>(sink.committed_epoch, -1)},
                             {"changes", sink.changes}});
  }
  return json;
}

PipelineStatus PipelineOf(const Json& json) {
  PipelineStatus pipeline;
  Read(json, "name", &pipeline.name);
  Read(json, "durable", &pipeline.durable);
  std::string state = "running";
  Read(json, "state", &state);
  const auto named = std::find(kStateNames.begin(), kStateNames.end(), state);
  if (named != kStateNames.end()) pipeline.state = static_cast<PipelineState>(named - kStateNames.begin());
  Read(json, "error", &pipeline.error);
  Read(json, "started_micros", &pipeline.started_micros);
  Read(json, "seen_micros", &pipeline.seen_micros);
  Read(json, "epoch", &pipeline.epoch);
  Read(json, "records", &pipeline.records);
  Read(json, "bytes", &pipeline.bytes);
  Read(json, "records_per_second", &pipeline.records_per_second);
  Read(json, "bytes_per_second", &pipeline.bytes_per_second);
  Read(json, "lag_records", &pipeline.lag);
  Read(json, "watermark_micros", &pipeline.watermark_micros);
  Read(json, "state_bytes", &pipeline.state_bytes);
  Read(json, "memory_budget_bytes", &pipeline.memory_budget);
  Read(json, "snapshot_epoch", &pipeline.snapshot_epoch);
  Read(json, "snapshot_micros", &pipeline.snapshot_micros);
  Read(json, "snapshot_bytes", &pipeline.snapshot_bytes);
  Read(json, "snapshots", &pipeline.snapshots);
  Read(json, "snapshot_failures", &pipeline.snapshot_failures);
  Read(json, "snapshot_error", &pipeline.snapshot_error);
  Read(json, "snapshot_merge_failures", &pipeline.merge_failures);
  Read(json, "snapshot_merge_error", &pipeline.merge_error);
  Read(json, "longest_pause_nanos", &pipeline.longest_pause_nanos);
  Read(json, "journal_bytes", &pipeline.journal_bytes);
  Read(json, "commit_error", &pipeline.commit_error);
  Read(json, "offsets_lost", &pipeline.offsets_lost);
  Read(json, "late_rows", &pipeline.late);
  Read(json, "errors", &pipeline.errors);
  Read(json, "dead_letters", &pipeline.dead_letters);
  for (const Json& entry : json.value("sinks", Json::array())) {
    SinkStatus& sink = pipeline.sinks.emplace_back();
    sink.name = entry.at("name").get<std::string>();
    Read(entry, "connector", &sink.connector);
    std::string guarantee;
    Read(entry, "guarantee", &guarantee);
    sink.exactly_once = guarantee == "exactly once";
    Read(entry, "committed_epoch", &sink.committed_epoch);
    Read(entry, "changes", &sink.changes);
  }
  return pipeline;
}

}  // namespace

std::string_view PipelineStateName(PipelineState state) { return kStateNames[static_cast<size_t>(state)]; }

void StatusBoard::Publish(PipelineStatus status, bool told) {
  const int64_t nanos = clock_->MonotonicNanos(), micros = clock_->WallMicros();
  const std::lock_guard<std::mutex> lock(mutex_);
  auto [found, added] = entries_.try_emplace(status.name);
  Entry& entry = found->second;
  const bool again = !added && entry.status.records <= status.records;  // fewer: another program has taken the name
  if (status.started_micros == 0) status.started_micros = again ? entry.status.started_micros : micros;
  status.seen_micros = micros;
  const bool moves = status.state == PipelineState::kRunning || status.state == PipelineState::kRecovering;
  if (again && moves) {
    status.records_per_second = entry.status.records_per_second;
    status.bytes_per_second = entry.status.bytes_per_second;
    if (nanos > entry.nanos) {
      // Smoothed with a time constant of a second, so that epochs of uneven length do not make the figures jump.
      const double seconds = static_cast<double>(nanos - entry.nanos) / 1e9;
      const double share = entry.status.records_per_second == 0 ? 1 : std::min(1.0, seconds);
      status.records_per_second += share * (static_cast<double>(status.records - entry.records) / seconds - status.records_per_second);
      status.bytes_per_second += share * (static_cast<double>(status.bytes - entry.bytes) / seconds - status.bytes_per_second);
    }
  }
  LogChanges(added ? nullptr : &entry.status, status, told);
  entry.nanos = nanos;
  entry.records = status.records;
  entry.bytes = status.bytes;
  entry.status = std::move(status);
}

void StatusBoard::Remove(std::string_view name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (const auto found = entries_.find(name); found != entries_.end()) entries_.erase(found);
}

std::vector<PipelineStatus> StatusBoard::Read() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<PipelineStatus> pipelines;
  pipelines.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) pipelines.push_back(entry.status);
  return pipelines;
}

std::string StatusJson(const EngineStatus& status) {
  Json json;
  json["version"] = kVersion;
  json["running"] = status.running;
  json["kappa"] = Known(status.version, std::string());
  json["data_directory"] = status.data_directory;
  json["at_micros"] = status.at_micros;
  json["started_micros"] = Known<int64_t>(status.started_micros, 0);
  json["pipelines"] = Json::array();
  for (const PipelineStatus& pipeline : status.pipelines) json["pipelines"].push_back(JsonOf(pipeline));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);  // messages may quote bytes that are no UTF-8
}

StatusOr<EngineStatus> ParseStatusJson(std::string_view text) {
  const auto wrong = [](const std::string& why) { return SqlError(sqlstate::kDataCorrupted) << "this is not the status of a kappa engine: " << why; };
  try {
    const Json json = Json::parse(text);
    if (!json.is_object() || json.value("version", 0) == 0) return wrong("it has no version");
    if (json.at("version").get<int>() > kVersion) return wrong("version " + json.at("version").dump() + " is newer than this command");
    EngineStatus status;
    Read(json, "running", &status.running);
    Read(json, "kappa", &status.version);
    Read(json, "data_directory", &status.data_directory);
    Read(json, "at_micros", &status.at_micros);
    Read(json, "started_micros", &status.started_micros);
    for (const Json& pipeline : json.at("pipelines")) status.pipelines.push_back(PipelineOf(pipeline));
    return status;
  } catch (const Json::exception& error) { return wrong(error.what()); }
}

}  // namespace kappa
