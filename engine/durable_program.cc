#include "engine/durable_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/crc32c.h"
#include "engine/pipeline_directory.h"
#include "parser/parser.h"
#include "parser/printer.h"
#include "parser/redact.h"

namespace kappa {
namespace {

constexpr char kDefinitionFile[] = "/program.json";
constexpr int kVersion = 1;

Hint RebuildHint(const std::string& name) { return Hint("kappa run --name " + name + " --rebuild makes its state again from the log"); }

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The longest common subsequence, as diff(1) shows it: '-' only in `before`, '+' only in `after`. Plans have some dozens of lines.
std::string DifferenceOf(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  std::vector<std::vector<size_t>> common(before.size() + 1, std::vector<size_t>(after.size() + 1, 0));
  for (size_t i = before.size(); i-- > 0;) {
    for (size_t j = after.size(); j-- > 0;)
      common[i][j] = before[i] == after[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  }
  std::string out;
  for (size_t i = 0, j = 0; i < before.size() || j < after.size();) {
    if (i < before.size() && j < after.size() && before[i] == after[j]) {
      ++i, ++j;
    } else if (j == after.size() || (i < before.size() && common[i + 1][j] >= common[i][j + 1])) {
      out += "\n  - " + before[i++];
    } else {
      out += "\n  + " + after[j++];
    }
  }
  return out;
}

Status RemoveFiles(os::FileSystem& files, const std::string& directory) {
  if (!files.Exists(directory)) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(directory));
  for (const std::string& name : names) RETURN_IF_ERROR(files.Remove(directory + "/" + name));
  return files.SyncDirectory(directory);
}

}  // namespace

bool ProgramDefinition::SameTexts(const std::vector<ProgramText>& others) const {
  const auto statements = [](const std::vector<ProgramText>& all) {
    std::string printed;
    for (const ProgramText& text : all) {
      auto parsed = Parse(text.text);
      if (!parsed.ok()) return std::string();
      for (const ast::StatementPtr& statement : *parsed) printed += ToSql(*statement) + ";\n";
    }
    return printed;
  };
  const std::string mine = statements(texts);
  return !mine.empty() && mine == statements(others);
}

std::string BuildName() { return KAPPA_VERSION; }

StatusOr<std::unique_ptr<DurableProgram>> DurableProgram::Open(os::Environment& environment, const std::string& data_directory,
                                                               const std::string& name, bool anew) {
  RETURN_IF_ERROR(CheckPipelineName(name));
  auto program = std::unique_ptr<DurableProgram>(new DurableProgram(environment, PipelineDirectory(data_directory, name), name));
  if (const Status loaded = program->Load(); !loaded.ok() && !anew) return loaded;
  return program;
}

Status DurableProgram::Remove(os::Environment& environment, const std::string& data_directory, const std::string& name) {
  os::FileSystem& files = environment.files();
  const std::string directory = PipelineDirectory(data_directory, name);
  if (!files.Exists(directory)) return OkStatus();
  // The definition first: without it the rest is nothing.
  if (files.Exists(directory + kDefinitionFile)) RETURN_IF_ERROR(files.Remove(directory + kDefinitionFile));
  RETURN_IF_ERROR(files.SyncDirectory(directory));
  for (const char* folder : {kJournalFolder, kSnapshotFolder}) {
    RETURN_IF_ERROR(RemoveFiles(files, directory + folder));
    if (files.Exists(directory + folder)) RETURN_IF_ERROR(files.Remove(directory + folder));
  }
  return files.Remove(directory);
}

Status DurableProgram::Load() {
  const std::string path = directory_ + kDefinitionFile;
  if (!environment_.files().Exists(path)) return OkStatus();
  ASSIGN_OR_RETURN(const std::string bytes, environment_.files().ReadAll(path));
  const nlohmann::json json = nlohmann::json::parse(bytes, nullptr, false);
  const auto damaged = [&] { return SqlError(sqlstate::kDataCorrupted) << "\"" << path << "\" is damaged" << RebuildHint(name_ + " FILE.sql"); };
  if (!json.is_object() || !json.contains("version") || !json["version"].is_number_integer()) return damaged();
  if (json["version"].get<int>() > kVersion) {
    return SqlError(sqlstate::kFeatureNotSupported)
           << "program \"" << name_ << "\" was saved by a newer version of kappa" << Hint("use that version, or a newer one");
  }
  ProgramDefinition definition;
  try {
    for (const auto& text : json.at("texts")) definition.texts.push_back({text.at("name").get<std::string>(), text.at("text").get<std::string>()});
    const std::string plan = json.at("dataflow").get<std::string>();
    if (json.at("crc").get<uint32_t>() != Crc32c(plan.data(), plan.size())) return damaged();
    ASSIGN_OR_RETURN(definition.dataflow, ParseDataflow(plan));
    definition.incarnation = json.at("incarnation").get<std::string>();
    definition.first_epoch = json.at("first_epoch").get<Epoch>();
    definition.created_micros = json.at("created_micros").get<int64_t>();
    definition.build = json.at("build").get<std::string>();
  } catch (const nlohmann::json::exception&) { return damaged(); }
  definition_ = std::move(definition);
  return OkStatus();
}

Status DurableProgram::Save() {
  nlohmann::json texts = nlohmann::json::array();
  for (const ProgramText& text : definition_->texts) texts.push_back({{"name", text.name}, {"text", RedactSecrets(text.text)}});
  const std::string plan = Serialize(definition_->dataflow);
  const nlohmann::json json{{"version", kVersion},
                            {"texts", texts},
                            {"dataflow", plan},
                            {"crc", Crc32c(plan.data(), plan.size())},
                            {"incarnation", definition_->incarnation},
                            {"first_epoch", definition_->first_epoch},
                            {"created_micros", definition_->created_micros},
                            {"build", definition_->build}};
  RETURN_IF_ERROR(environment_.files().CreateDirectories(directory_));
  return environment_.files().WriteAtomically(directory_ + kDefinitionFile, json.dump(1));
}

Status DurableProgram::Begin(std::vector<ProgramText> texts, Dataflow dataflow) {
  ProgramDefinition definition;
  definition.texts = std::move(texts);
  definition.dataflow = std::move(dataflow);
  definition.incarnation = fmt::format("{:016x}", environment_.random().Next());
  // A life has far fewer epochs than this: numbers of two never meet.
  definition.first_epoch = definition_ ? definition_->first_epoch + kEpochsOfALife : 0;
  definition.created_micros = environment_.clock().WallMicros();
  definition.build = BuildName();
  definition_ = std::move(definition);
  // State of another incarnation is nobody's from here on; what a crash leaves of it is cleared by Recover.
  RETURN_IF_ERROR(Save());
  return ClearState();
}

Status DurableProgram::ClearState() {
  RETURN_IF_ERROR(RemoveFiles(environment_.files(), directory_ + kJournalFolder));
  return RemoveFiles(environment_.files(), directory_ + kSnapshotFolder);
}

Status DurableProgram::Rename(std::vector<ProgramText> texts) {
  definition_->texts = std::move(texts);
  return Save();
}

std::string DurableProgram::Difference(const std::vector<ProgramText>& texts, const Dataflow& planned) const {
  const std::string plans = DifferenceOf(Lines(Explain(definition_->dataflow)), Lines(Explain(planned)));
  if (!plans.empty()) return plans;
  std::vector<std::string> before, after;
  for (const ProgramText& text : definition_->texts) {
    for (std::string& line : Lines(text.text)) before.push_back(std::move(line));
  }
  for (const ProgramText& text : texts) {
    for (std::string& line : Lines(text.text)) after.push_back(std::move(line));
  }
  return DifferenceOf(before, after);
}

// Epochs follow each other without a gap.
Status DurableProgram::CheckJournal(const std::vector<JournalEpoch>& epochs, Epoch first) const {
  for (const JournalEpoch& epoch : epochs) {
    if (epoch.epoch != first) {
      return SqlError(sqlstate::kDataCorrupted) << "the journal of program \"" << name_ << "\" has epoch " << epoch.epoch << " where epoch " << first
                                                << " should be: what is between is lost" << RebuildHint(name_);
    }
    ++first;
  }
  return OkStatus();
}

StatusOr<std::unique_ptr<Durability>> DurableProgram::Recover(size_t skip) {
  auto durability = std::make_unique<Durability>();
  const JournalHeader header{BuildName(), "UTC only", definition_->incarnation};
  for (bool cleared = false;; cleared = true) {
    JournalHeader written_by;
    durability->redo.clear();
    ASSIGN_OR_RETURN(durability->journal, Journal::Open(environment_, directory_ + kJournalFolder, header, &durability->redo, &written_by));
    SnapshotOptions options;
    options.build = BuildName();
    ASSIGN_OR_RETURN(durability->snapshots, SnapshotStore::Open(environment_, directory_ + kSnapshotFolder, options));
    durability->other_build = written_by.build == header.build ? "" : written_by.build;
    const bool stale = !written_by.program.empty() && written_by.program != definition_->incarnation;
    if (!stale || cleared) break;
    durability->journal.reset();
    durability->snapshots.reset();
    RETURN_IF_ERROR(ClearState());
  }
  ASSIGN_OR_RETURN(const std::vector<SnapshotInfo> snapshots, durability->snapshots->List());
  snapshots_ = snapshots.size();
  durability->program = name_;
  durability->incarnation = definition_->incarnation;
  durability->first_epoch = definition_->first_epoch;
  if (skip < snapshots.size()) durability->restore = snapshots[skip];
  const Epoch next = durability->restore ? durability->restore->epoch + 1 : definition_->first_epoch;
  std::erase_if(durability->redo, [&](const JournalEpoch& epoch) { return epoch.epoch < next; });
  if (skip > 0 && !durability->restore && (durability->redo.empty() || durability->redo.front().epoch != next)) {
    return SqlError(sqlstate::kDataCorrupted) << "no snapshot of program \"" << name_
                                              << "\" can be read, and its journal does not reach back to the beginning" << RebuildHint(name_);
  }
  RETURN_IF_ERROR(CheckJournal(durability->redo, next));
  RETURN_IF_ERROR(durability->snapshots->DropAfter(durability->restore ? durability->restore->epoch : -1));
  return durability;
}

}  // namespace kappa
