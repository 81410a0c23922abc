#include "connectors/file/part_manifest.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "common/crc32c.h"

namespace kappa::file {
namespace {

constexpr int kVersion = 1;
constexpr size_t kMaxTagBytes = 140;  // with what is around it, a name stays below the 255 bytes that file systems take
constexpr std::string_view kChecksumWord = "crc32c ";

constexpr std::string_view kManifestPrefix = ".kappa-";

Status Damaged(const std::string& path, std::string_view what) {
  return SqlError(sqlstate::kDataCorrupted) << "the manifest \"" << path << "\" is damaged: " << what << RebuildHint(path);
}

std::string Checksum(std::string_view line) { return fmt::format("{}{:08x}\n", kChecksumWord, Crc32c(line.data(), line.size())); }

bool IsHex(const std::string& text) { return text.size() % 2 == 0 && text.find_first_not_of("0123456789abcdef") == std::string::npos; }

}  // namespace

std::string ManifestName(std::string_view tag) { return fmt::format("{}{}.json", kManifestPrefix, tag); }

Hint RebuildHint(const std::string& manifest_path) {
  const size_t slash = manifest_path.rfind('/') + 1;
  const size_t begin = slash + kManifestPrefix.size();
  const std::string tag = manifest_path.substr(begin, manifest_path.size() - begin - std::string_view(".json").size());
  return Hint(fmt::format("restore it; or remove it with {}part-*-{}.*, and write those anew from the log: kappa run --name NAME --rebuild",
                          manifest_path.substr(0, slash), tag));
}

std::string WriterTag(std::string_view writer) {
  std::string tag;
  for (const char c : writer) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (plain)
      tag.push_back(c);
    else if (c == '/')
      tag.push_back('.');
    else
      tag += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (tag.size() > kMaxTagBytes) tag = fmt::format("{}.{:08x}", tag.substr(0, kMaxTagBytes), Crc32c(writer.data(), writer.size()));
  return tag;
}

std::string EncodePartManifest(const PartManifest& manifest) {
  nlohmann::ordered_json json;
  json["version"] = kVersion;
  json["writer"] = manifest.writer;
  json["epoch"] = manifest.mark.epoch;
  json["record"] = absl::BytesToHexString(manifest.mark.record);
  json["parts"] = manifest.parts;
  if (!manifest.rename_from.empty()) json["rename"] = {{"from", manifest.rename_from}, {"to", manifest.rename_to}};
  std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.push_back('\n');
  return text + Checksum(text);
}

StatusOr<PartManifest> DecodePartManifest(std::string_view text, const std::string& path) {
  const size_t newline = text.find('\n');
  if (newline == std::string_view::npos) return Damaged(path, "it is cut off");
  const std::string_view line = text.substr(0, newline + 1);
  if (text.substr(newline + 1) != Checksum(line)) return Damaged(path, "its checksum is wrong");
  const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  const auto integer = [&](const char* name) { return json.contains(name) && json[name].is_number_integer(); };
  const auto text_of = [&](const char* name) { return json.contains(name) && json[name].is_string(); };
  if (!json.is_object() || !integer("version")) return Damaged(path, "it is no manifest");
  if (json["version"].get<int64_t>() > kVersion) {
    return SqlError(sqlstate::kFeatureNotSupported)
           << path << " was written by a newer kappa: version " << json["version"].get<int64_t>() << ", this one knows " << kVersion;
  }
  if (!integer("epoch") || !integer("parts") || !text_of("writer") || !text_of("record") || !IsHex(json["record"].get<std::string>()))
    return Damaged(path, "it is no manifest");
  PartManifest manifest;
  manifest.writer = json["writer"].get<std::string>();
  manifest.mark.epoch = json["epoch"].get<int64_t>();
  manifest.mark.record = absl::HexStringToBytes(json["record"].get<std::string>());
  manifest.parts = json["parts"].get<int64_t>();
  if (json.contains("rename")) {
    const auto& rename = json["rename"];
    if (!rename.is_object() || !rename.contains("from") || !rename["from"].is_string() || !rename.contains("to") || !rename["to"].is_string())
      return Damaged(path, "it is no manifest");
    manifest.rename_from = rename["from"].get<std::string>();
    manifest.rename_to = rename["to"].get<std::string>();
  }
  return manifest;
}

}  // namespace kappa::file
