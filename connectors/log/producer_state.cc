#include "connectors/log/producer_state.h"

#include <nlohmann/json.hpp>

#include "connectors/log/checked_text.h"

namespace kappa::log {
namespace {

constexpr size_t kRemembered = 5;
constexpr int kVersion = 2;  // 1: without "upto" and "open"

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
    if (state.recent.empty()) return std::optional<Offset>();
    expected = Advance(state.recent.back().last_sequence, 1);
  }
  if (header.base_sequence == expected) return std::optional<Offset>();
  return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "producer " << header.producer_id << " sent sequence " << header.base_sequence
                                                           << " where " << expected << " was expected: a batch is missing";
}

void ProducerStates::Record(const RecordBatchHeader& header) {
  if (header.producer_id < 0) return;
  if (header.control()) {
    if (const auto found = states_.find(header.producer_id); found != states_.end()) found->second.open = -1;
    return;
  }
  if (header.base_sequence < 0 && !header.transactional()) return;
  State& state = states_[header.producer_id];
  if (header.transactional() && state.open < 0) state.open = header.base_offset;
  if (header.base_sequence < 0) return;
  if (state.epoch != header.producer_epoch) state.recent.clear();
  state.epoch = header.producer_epoch;
  if (state.recent.size() == kRemembered) state.recent.erase(state.recent.begin());
  state.recent.push_back({header.base_sequence, Advance(header.base_sequence, header.last_offset_delta), header.base_offset});
}

std::map<int64_t, Offset> ProducerStates::OpenTransactions() const {
  std::map<int64_t, Offset> open;
  for (const auto& [id, state] : states_) {
    if (state.open >= 0) open.emplace(id, state.open);
  }
  return open;
}

std::string ProducerStates::Save(Offset upto) const {
  nlohmann::json producers = nlohmann::json::array();
  for (const auto& [id, state] : states_) {
    nlohmann::json batches = nlohmann::json::array();
    for (const Batch& batch : state.recent) batches.push_back({batch.first_sequence, batch.last_sequence, batch.base_offset});
    producers.push_back({{"id", id}, {"epoch", state.epoch}, {"open", state.open}, {"batches", std::move(batches)}});
  }
  return CheckedLine(nlohmann::json({{"version", kVersion}, {"upto", upto}, {"producers", std::move(producers)}}).dump());
}

StatusOr<ProducerStates> ProducerStates::Load(const std::string& text, Offset* upto) {
  const auto malformed = [] {
    return SqlError(sqlstate::kDataCorrupted) << "the partition's file producers.json is damaged";  // what it says can be found in the log
  };
  const auto integer = [](const nlohmann::json& object, const char* name) { return object.contains(name) && object[name].is_number_integer(); };
  const std::optional<std::string_view> checked = CheckLine(text);
  const nlohmann::json json = nlohmann::json::parse(checked.value_or(text), nullptr, false);
  if (!json.is_object() || !integer(json, "version") || !json.contains("producers") || !json["producers"].is_array()) return malformed();
  const int version = json["version"].get<int>();
  if (version > kVersion) return SqlError(sqlstate::kFeatureNotSupported) << "the file of producer sequences was made by a later version of kappa";
  if (version >= 2 && (!checked.has_value() || !integer(json, "upto"))) return malformed();
  *upto = version >= 2 ? json["upto"].get<Offset>() : -1;
  ProducerStates result;
  for (const nlohmann::json& producer : json["producers"]) {
    if (!producer.is_object() || !integer(producer, "id") || !integer(producer, "epoch") || !producer.contains("batches") ||
        !producer["batches"].is_array()) {
      return malformed();
    }
    State& state = result.states_[producer["id"].get<int64_t>()];
    state.epoch = producer["epoch"].get<int16_t>();
    if (integer(producer, "open")) state.open = producer["open"].get<Offset>();
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
