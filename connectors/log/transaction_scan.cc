#include "connectors/log/transaction_scan.h"

#include <algorithm>
#include <charconv>

#include "common/crc32c.h"
#include "connectors/log/big_endian.h"
#include "connectors/log/producer_state.h"

namespace kappa::log {

void TransactionScan::Start(Offset from, std::map<int64_t, Offset> open) {
  cursor_.Seek(from);
  open_ = std::move(open);
  aborted_.clear();
}

StatusOr<bool> TransactionScan::Advance() {
  RecordBatchHeader header;
  ASSIGN_OR_RETURN(const bool found, cursor_.Next(&header));
  if (!found) return false;
  if (header.producer_id < 0) return true;
  if (!header.control()) {
    if (header.transactional()) open_.try_emplace(header.producer_id, header.base_offset);
    return true;
  }
  std::string_view batch;
  ASSIGN_OR_RETURN(const bool whole, cursor_.Read(&batch));
  if (!whole) return false;
  ASSIGN_OR_RETURN(const std::optional<TransactionMarker> marker, MarkerOf(batch, header));
  const auto open = open_.find(header.producer_id);
  if (!marker.has_value() || open == open_.end()) return true;
  if (*marker == TransactionMarker::kAbort) aborted_[header.producer_id].push_back({open->second, header.base_offset});
  open_.erase(open);
  return true;
}

StatusOr<bool> TransactionScan::ScanPast(int64_t producer_id, Offset offset) {
  while (true) {
    const auto open = open_.find(producer_id);
    if (cursor_.next_offset() > offset && (open == open_.end() || open->second > offset)) return true;
    ASSIGN_OR_RETURN(const bool more, Advance());
    if (!more) return false;
  }
}

StatusOr<TransactionScan::Outcome> TransactionScan::OutcomeOf(int64_t producer_id, Offset offset, const BatchCursor::Lent* lent) {
  cursor_.Lend(lent);
  const StatusOr<bool> ended = ScanPast(producer_id, offset);
  cursor_.Lend(nullptr);
  if (!ended.ok()) return ended.status();
  if (!*ended) return Outcome::kOpen;
  const auto aborted = aborted_.find(producer_id);
  if (aborted == aborted_.end()) return Outcome::kCommitted;
  std::vector<Aborted>& ranges = aborted->second;
  const auto passed = std::find_if(ranges.begin(), ranges.end(), [&](const Aborted& range) { return range.marker > offset; });
  ranges.erase(ranges.begin(), passed);
  return !ranges.empty() && ranges.front().first <= offset ? Outcome::kAborted : Outcome::kCommitted;
}

Status TransactionScan::ScanToEnd() {
  while (true) {
    ASSIGN_OR_RETURN(const bool more, Advance());
    if (!more) return OkStatus();
    aborted_.clear();  // nobody asks
  }
}

std::optional<Offset> TransactionScan::FirstOpen() const {
  std::optional<Offset> first;
  for (const auto& [producer, offset] : open_) first = std::min(first.value_or(offset), offset);
  return first;
}

namespace {

constexpr std::string_view kSnapshotSuffix = ".snapshot";

// A broker's snapshot of its producers: version 2 bytes, CRC-32C of what follows it 4, then an array of entries of 48 bytes (ProducerSnapshot.json of
// Apache Kafka, version 1). Nothing when it is not that.
std::optional<std::map<int64_t, Offset>> ParseSnapshot(std::string_view text) {
  constexpr size_t kHeader = 10, kEntry = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;
  if (text.size() < kHeader || LoadBigEndian<int16_t>(text.data()) != 1) return std::nullopt;
  if (Crc32c(text.data() + 6, text.size() - 6) != LoadBigEndian<uint32_t>(text.data() + 2)) return std::nullopt;
  const auto count = LoadBigEndian<int32_t>(text.data() + 6);
  if (count < 0 || text.size() - kHeader != static_cast<size_t>(count) * kEntry) return std::nullopt;
  std::map<int64_t, Offset> open;
  for (int32_t i = 0; i < count; ++i) {
    const char* const entry = text.data() + kHeader + static_cast<size_t>(i) * kEntry;
    const auto first = LoadBigEndian<int64_t>(entry + kEntry - 8);
    if (first >= 0) open.emplace(LoadBigEndian<int64_t>(entry), first);
  }
  return open;
}

StatusOr<std::optional<OpenTransactions>> FromBrokerSnapshot(os::FileSystem& files, const std::string& directory) {
  ASSIGN_OR_RETURN(std::vector<std::string> names, files.List(directory));
  for (auto name = names.rbegin(); name != names.rend(); ++name) {  // the latest first
    if (name->size() != 20 + kSnapshotSuffix.size() || std::string_view(*name).substr(20) != kSnapshotSuffix) continue;
    OpenTransactions known;
    if (const auto [end, error] = std::from_chars(name->data(), name->data() + 20, known.at); error != std::errc()) continue;
    const auto text = files.ReadAll(directory + "/" + *name);
    if (!text.ok()) continue;
    if (auto open = ParseSnapshot(*text); open.has_value()) {
      known.first = std::move(*open);
      return std::optional(std::move(known));
    }
  }
  return std::optional<OpenTransactions>();
}

}  // namespace

StatusOr<OpenTransactions> KnownOpenTransactions(os::FileSystem& files, const std::string& directory, const std::vector<Offset>& bases) {
  if (files.Exists(directory + kProducersFile)) {
    ASSIGN_OR_RETURN(const std::string text, files.ReadAll(directory + kProducersFile));
    OpenTransactions known;
    const auto states = ProducerStates::Load(text, &known.at);
    if (!states.ok() && SqlStateOf(states.status()) != sqlstate::kDataCorrupted) return states.status();
    if (states.ok()) {
      known.first = states->OpenTransactions();
      if (known.at < 0) known.at = bases.back();
      if (known.at >= bases.front()) return known;
    }
  } else if (bases.size() > 1) {
    ASSIGN_OR_RETURN(std::optional<OpenTransactions> known, FromBrokerSnapshot(files, directory));
    if (known.has_value() && known->at >= bases.front()) return *std::move(known);
  }
  return OpenTransactions{bases.front(), {}};
}

}  // namespace kappa::log
