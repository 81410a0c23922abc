#include "exec/epoch/durability.h"

#include <nlohmann/json.hpp>

namespace kappa {
namespace {

using nlohmann::json;

// Values of the wrong kind make the library throw; what we did not write is an error of ours, with no exception leaving this file.
template <typename T, typename Read>
StatusOr<T> Decode(const std::string& text, const char* what, Read read) {
  T value;
  try {
    read(json::parse(text), &value);
  } catch (const json::exception& error) { return SqlError(sqlstate::kDataCorrupted) << what << " is damaged: " << error.what(); }
  return value;
}

}  // namespace

std::string EncodeCommitRecord(const CommitRecord& record) {
  json positions = json::object();
  for (const auto& [source, partitions] : record.positions) {
    for (const auto& [partition, offset] : partitions) positions[source][std::to_string(partition)] = offset;
  }
  return json{{"incarnation", record.incarnation}, {"positions", positions}}.dump();
}

StatusOr<CommitRecord> DecodeCommitRecord(const std::string& text) {
  return Decode<CommitRecord>(text, "the mark of a sink", [](const json& from, CommitRecord* record) {
    record->incarnation = from.at("incarnation").get<std::string>();
    for (const auto& [source, partitions] : from.at("positions").items()) {
      for (const auto& [partition, offset] : partitions.items())
        record->positions[source][static_cast<int32_t>(std::stol(partition))] = offset.get<Offset>();
    }
  });
}

std::string EncodeSnapshotMeta(const SnapshotMeta& meta) {
  json partitions = json::array(), watermarks = json::object(), identities = json::object();
  for (const SnapshotMeta::Partition& p : meta.partitions) partitions.push_back({p.scan, p.partition, p.position, p.watermark, p.idle});
  for (const auto& [op, watermark] : meta.watermarks) watermarks[std::to_string(op)] = watermark;
  for (const auto& [scan, identity] : meta.identities) identities[std::to_string(scan)] = identity;
  return json{{"partitions", partitions}, {"watermarks", watermarks}, {"identities", identities}, {"folds", meta.folds}, {"records", meta.records},
              {"bytes", meta.bytes},      {"errors", meta.errors},    {"late", meta.late},        {"ended", meta.ended}, {"clock", meta.clock_micros}}
      .dump();
}

StatusOr<SnapshotMeta> DecodeSnapshotMeta(const std::string& text) {
  return Decode<SnapshotMeta>(text, "the description of a snapshot", [](const json& from, SnapshotMeta* meta) {
    for (const json& p : from.at("partitions")) {
      meta->partitions.push_back(
          {p.at(0).get<int32_t>(), p.at(1).get<int32_t>(), p.at(2).get<Offset>(), p.at(3).get<int64_t>(), p.at(4).get<bool>()});
    }
    for (const auto& [op, watermark] : from.at("watermarks").items())
      meta->watermarks[static_cast<int32_t>(std::stol(op))] = watermark.get<int64_t>();
    for (const auto& [scan, identity] : from.at("identities").items())
      meta->identities[static_cast<int32_t>(std::stol(scan))] = identity.get<std::string>();
    meta->folds = from.at("folds").get<std::vector<std::pair<uint64_t, uint64_t>>>();
    meta->records = from.at("records").get<int64_t>();
    meta->bytes = from.at("bytes").get<int64_t>();
    meta->errors = from.at("errors").get<int64_t>();
    meta->late = from.at("late").get<int64_t>();
    meta->ended = from.at("ended").get<bool>();
    meta->clock_micros = from.value("clock", int64_t{0});  // older ones have none
  });
}

}  // namespace kappa
