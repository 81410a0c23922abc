#include "connectors/log/producer_state.h"

#include <nlohmann/json.hpp>

namespace kappa::log {
namespace {

constexpr size_t kRemembered = 5;
constexpr int kVersion = 1;

int32_t Advance(int32_t sequence, int32_t by) {
  return static_cast<int32_t>((static_cast<int64_t>(sequence) + by) & INT32_MAX);  // wraps to 0 after 2^31 - 1
}

}  // namespace

StatusOr<std::optional<Offset>> ProducerStates::Check(const RecordBatchHeader& header) const {
  if (header.producer_id < 0 || header.base_sequence < 0) return std::optional<Offset>();
  const auto found = states_.find(header.producer_id);
  if (found == states_.end()) return std::optional<Offset>();  // its past may have left the log: any sequence may be the first
  const State& state = found->second;
  if (header.producer_epoch < state.epoch) {
    return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "producer " << header.producer_id << " has epoch " << header.producer_epoch
                                                             << " but epoch " << state.epoch << " has already written: it was replaced";
  }
  int32_t expected = 0;
  if (header.producer_epoch == state.epoch) {
    const int32_t last = Advance(header.base_sequence, header.last_offset_delta);
    for (const Batch& batch : state.recent) {
      if (batch.first_sequence == header.base_sequence && batch.last_sequence == last) return std::optional<Offset>(batch.base_offset);
    }
    expected = Advance(state.recent.back().last_sequence, 1);
  }
  if (header.base_sequence == expected) return std::optional<Offset>();
  return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "producer " << header.producer_id << " sent sequence " << header.base_sequence
                                                           << " where " << expected << " was expected: a batch is missing";
}

void ProducerStates::Record(const RecordBatchHeader& header) {
  if (header.producer_id < 0 || header.base_sequence < 0) return;
  State& state = states_[header.producer_id];
  if (state.epoch != header.producer_epoch) state.recent.clear();
  state.epoch = header.producer_epoch;
  if (state.recent.size() == kRemembered) state.recent.erase(state.recent.begin());
  state.recent.push_back({header.base_sequence, Advance(header.base_sequence, header.last_offset_delta), header.base_offset});
}

std::string ProducerStates::Save() const {
  nlohmann::json producers = nlohmann::json::array();
  for (const auto& [id, state] : states_) {
    nlohmann::json batches = nlohmann::json::array();
    for (const Batch& batch : state.recent) batches.push_back({batch.first_sequence, batch.last_sequence, batch.base_offset});
    producers.push_back({{"id", id}, {"epoch", state.epoch}, {"batches", std::move(batches)}});
  }
  return nlohmann::json({{"version", kVersion}, {"producers", std::move(producers)}}).dump();
}

StatusOr<ProducerStates> ProducerStates::Load(const std::string& text) {
  const auto malformed = [] { return SqlError(sqlstate::kDataCorrupted) << "the file of producer sequences is malformed"; };
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("version", 0) != kVersion || !json.contains("producers") || !json["producers"].is_array()) return malformed();
  ProducerStates result;
  for (const nlohmann::json& producer : json["producers"]) {
    if (!producer.is_object() || !producer.contains("id") || !producer["id"].is_number_integer() || !producer.contains("epoch") ||
        !producer["epoch"].is_number_integer() || !producer.contains("batches") || !producer["batches"].is_array() || producer["batches"].empty()) {
      return malformed();
    }
    State& state = result.states_[producer["id"].get<int64_t>()];
    state.epoch = producer["epoch"].get<int16_t>();
    for (const nlohmann::json& batch : producer["batches"]) {
      if (!batch.is_array() || batch.size() != 3 || !batch[0].is_number_integer() || !batch[1].is_number_integer() || !batch[2].is_number_integer()) {
        return malformed();
      }
      state.recent.push_back({batch[0].get<int32_t>(), batch[1].get<int32_t>(), batch[2].get<Offset>()});
    }
  }
  return result;
}

}  // namespace kappa::log
