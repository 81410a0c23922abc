// What a durable program has committed into a folder of part files: one hidden file of the folder a writer, replaced as a whole. Writing it is the
// commit: what it names is committed, whatever happens next; what it does not name never was.
//
//   FOLDER/.kappa-TAG.json     one line of JSON, then its CRC-32C in hex:
//     {"version":1,"writer":"orders/hourly","epoch":812,"record":"<hex>","parts":7,"rename":{"from":".kappa-TAG-6.tmp","to":"part-...-TAG.jsonl"}}
//     crc32c 0a1b2c3d
//   FOLDER/.kappa-TAG.lock     held while the writer runs
//
// "rename" is what must be done before anything else, and may have been done already; it is absent when nothing is to be renamed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/os/file_system.h"
#include "common/sink.h"

namespace kappa::file {

struct PartManifest {
  std::string writer;  // PROGRAM/SINK
  SinkMark mark;
  int64_t parts = 0;                   // committed so far: the sequence of the next one
  std::string rename_from, rename_to;  // names in the folder; empty: none
};

// The writer as a part of file names: letters, digits, '_' and '-' stand for themselves, '/' is '.', all else is %XX. A long one is cut and told
// apart by its CRC.
std::string WriterTag(std::string_view writer);

std::string ManifestName(std::string_view tag);  // .kappa-TAG.json
// What to do about a manifest that cannot be used.
Hint RebuildHint(const std::string& manifest_path);

std::string EncodePartManifest(const PartManifest& manifest);
// XX001: damaged.  0A000: written by a newer version.  `path` is for the message.
StatusOr<PartManifest> DecodePartManifest(std::string_view text, const std::string& path);

}  // namespace kappa::file
