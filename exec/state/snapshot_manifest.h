// DIR/EPOCH.manifest: what a snapshot is made of (snapshot_store.h). A JSON object of one line, then a line "crc32c 1a2b3c4d" over it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exec/state/run_file.h"

namespace kappa {

struct SnapshotManifest {
  static constexpr int kVersion = 3;  // read too: 1, no packed values; 2, no closed windows
  Epoch epoch = -1;
  int64_t created_micros = 0;
  std::string build;
  std::string meta;
  std::vector<RunFile> files;         // oldest first
  std::vector<ClosedWindows> closed;  // one a table at most

  SnapshotInfo Info() const;
};

// 22021: `meta` is not UTF-8.
StatusOr<std::string> EncodeManifest(const SnapshotManifest& manifest);
// XX001: damaged. 0A000: written by a newer version. `path` is named.
StatusOr<SnapshotManifest> DecodeManifest(std::string_view bytes, std::string_view path);

std::string ManifestName(Epoch epoch);
std::optional<Epoch> EpochOfManifest(std::string_view name);  // nothing: not a manifest's name

}  // namespace kappa
