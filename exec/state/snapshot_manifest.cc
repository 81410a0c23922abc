#include "exec/state/snapshot_manifest.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "common/crc32c.h"

namespace kappa {
namespace {
constexpr std::string_view kSuffix = ".manifest";
constexpr std::string_view kCrcLine = "crc32c ";
constexpr size_t kTail = 7 + 8 + 1;  // the last line
}  // namespace

SnapshotInfo SnapshotManifest::Info() const {
  SnapshotInfo info{epoch, created_micros, 0, 0, static_cast<int32_t>(files.size()), build, meta};
  for (const RunFile& file : files) {
    info.entries += file.entries;
    info.bytes += file.bytes;
  }
  return info;
}

StatusOr<std::string> EncodeManifest(const SnapshotManifest& manifest) {
  nlohmann::json files = nlohmann::json::array();
  for (const RunFile& file : manifest.files) {
    files.push_back({{"number", file.number}, {"bytes", file.bytes}, {"entries", file.entries}, {"crc32c", file.crc}, {"epoch", file.epoch}});
  }
  nlohmann::json closed = nlohmann::json::array();
  for (const ClosedWindows& windows : manifest.closed) {
    closed.push_back({{"table", windows.table}, {"end_offset", windows.end_offset}, {"end_add", windows.end_add}, {"closed", windows.closed}});
  }
  const nlohmann::json document = {{"version", SnapshotManifest::kVersion},
                                   {"epoch", manifest.epoch},
                                   {"created_micros", manifest.created_micros},
                                   {"build", manifest.build},
                                   {"files", files},
                                   {"closed", closed},
                                   {"meta", manifest.meta}};
  std::string bytes;
  try {  // nlohmann-json answers bytes that are not UTF-8 by an exception: it ends here
    bytes = document.dump() + "\n";
  } catch (const nlohmann::json::exception& error) {
    return SqlError(sqlstate::kCharacterNotInRepertoire) << "the snapshot's description is not UTF-8: " << error.what();
  }
  bytes += fmt::format("{}{:08x}\n", kCrcLine, Crc32c(bytes.data(), bytes.size()));
  return bytes;
}

StatusOr<SnapshotManifest> DecodeManifest(std::string_view bytes, std::string_view path) {
  auto damaged = [&](std::string_view why) -> Status { return SqlError(sqlstate::kDataCorrupted) << path << " is damaged: " << why; };
  if (bytes.size() < kTail) return damaged("it is cut off");
  const std::string_view body = bytes.substr(0, bytes.size() - kTail);
  if (bytes.substr(body.size()) != fmt::format("{}{:08x}\n", kCrcLine, Crc32c(body.data(), body.size()))) return damaged("its checksum does not fit");
  try {
    const auto document = nlohmann::json::parse(body);
    if (const int version = document.at("version"); version < 1 || version > SnapshotManifest::kVersion) {
      return SqlError(sqlstate::kFeatureNotSupported) << path << " has version " << version << ", this build reads version "
                                                      << SnapshotManifest::kVersion << Hint("open it with the build that wrote it, or a newer one");
    }
    SnapshotManifest manifest;
    manifest.epoch = document.at("epoch");
    manifest.created_micros = document.at("created_micros");
    manifest.build = document.at("build");
    manifest.meta = document.at("meta");
    for (const auto& file : document.at("files")) {
      manifest.files.push_back({file.at("number"), file.at("bytes"), file.at("entries"), file.at("crc32c"), file.at("epoch")});
    }
    for (const auto& windows : document.value("closed", nlohmann::json::array())) {
      manifest.closed.push_back({windows.at("table"), windows.at("end_offset"), windows.at("end_add"), windows.at("closed")});
    }
    return manifest;
  } catch (const nlohmann::json::exception& error) { return damaged(error.what()); }
}

std::string ManifestName(Epoch epoch) { return fmt::format("{}{}", epoch, kSuffix); }

std::optional<Epoch> EpochOfManifest(std::string_view name) {
  if (name.size() <= kSuffix.size() || name.substr(name.size() - kSuffix.size()) != kSuffix) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  Epoch epoch = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), epoch);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return epoch;
}

}  // namespace kappa
