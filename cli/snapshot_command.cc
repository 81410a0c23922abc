#include "cli/snapshot_command.h"

#include <algorithm>

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "cli/human_text.h"
#include "cli/standard_streams.h"
#include "cli/status_text.h"
#include "engine/snapshots.h"

namespace kappa::cli {
namespace {

std::string Table(const std::vector<KeptSnapshot>& snapshots, int64_t now) {
  using enum Align;
  std::vector<std::vector<std::string>> rows = {{"pipeline", "epoch", "age", "entries", "bytes", "files", "build", "state"}};
  for (const KeptSnapshot& snapshot : snapshots) {
    const bool known = snapshot.created_micros != 0;
    const double age = static_cast<double>(std::max<int64_t>(now - snapshot.created_micros, 0)) / 1e6;
    rows.push_back({snapshot.pipeline, EpochText(snapshot.epoch), known ? Duration(age) : "-",
                    known ? GroupedCount(static_cast<int64_t>(snapshot.entries)) : "-", known ? ByteCount(static_cast<double>(snapshot.bytes)) : "-",
                    known ? GroupedCount(snapshot.files) : "-", snapshot.build.empty() ? "-" : snapshot.build,
                    snapshot.damage.empty() ? "usable" : "damaged"});
  }
  return Columns({kLeft, kRight, kRight, kRight, kRight, kRight, kLeft, kLeft}, rows);
}

// What is wrong, and what to do about it. Snapshots share files: each is named once.
std::string DamageText(const std::vector<KeptSnapshot>& snapshots, const std::string& data_option) {
  std::string out;
  std::vector<std::string> told, pipelines;
  for (const KeptSnapshot& snapshot : snapshots) {
    for (const std::string& damage : snapshot.damage) {
      if (std::find(told.begin(), told.end(), damage) != told.end()) continue;
      told.push_back(damage);
      out += "damaged: " + damage + "\n";
    }
    if (!snapshot.damage.empty() && std::find(pipelines.begin(), pipelines.end(), snapshot.pipeline) == pipelines.end())
      pipelines.push_back(snapshot.pipeline);
  }
  for (const std::string& pipeline : pipelines) {
    const bool other =
        std::any_of(snapshots.begin(), snapshots.end(), [&](const KeptSnapshot& s) { return s.pipeline == pipeline && s.damage.empty(); });
    out += "hint: " + pipeline +
           (other ? " can go on from another snapshot, if its journal reaches that far; else its state is made again from the log with\n"
                  : " has no usable snapshot left; its state is made again from the log with\n") +
           "  kappa run --name " + pipeline + " --rebuild" + data_option + "\n";
  }
  return out;
}

// A line for each journal, and what is wrong with them as DamageText says it.
std::pair<std::string, std::string> JournalText(const std::vector<KeptJournal>& journals, const std::string& data_option) {
  std::string out, damaged;
  for (const KeptJournal& journal : journals) {
    out += "journal of " + journal.pipeline + ": ";
    out += journal.first_epoch < 0 ? "no epochs" : "epochs " + EpochText(journal.first_epoch) + " to " + EpochText(journal.last_epoch);
    out += ", " + ByteCount(static_cast<double>(journal.bytes));
    if (journal.unfinished_bytes > 0)
      out += ", the last " + ByteCount(static_cast<double>(journal.unfinished_bytes)) + " of an epoch that was not finished";
    out += journal.damage.empty() ? ", whole\n" : ", damaged\n";
    for (const std::string& damage : journal.damage) damaged += "damaged: " + damage + "\n";
    if (!journal.damage.empty()) {
      damaged += "hint: " + journal.pipeline +
                 " can go on where its newest snapshot needs none of it; else its state is made again from the log with\n  kappa run --name " +
                 journal.pipeline + " --rebuild" + data_option + "\n";
    }
  }
  return {out, damaged};
}

}  // namespace

int RunSnapshotCommand(const SnapshotArguments& arguments, os::Environment* environment) {
  StandardOutput output(1), errors(2);
  const bool verify = arguments.action == SnapshotArguments::Action::kVerify;
  const auto snapshots = ReadSnapshots(arguments.data, arguments.name, verify ? SnapshotCheck::kEverything : SnapshotCheck::kManifests, environment);
  if (!snapshots.ok()) {
    (void)errors.Write(PrintableLines(FormatError(snapshots.status(), "", "")));
    return kUsage;
  }
  const std::string data_option = arguments.data_was_given ? " --data " + arguments.data : "";
  std::pair<std::string, std::string> journals;
  if (verify) {
    const auto kept = ReadJournals(arguments.data, arguments.name, *snapshots, environment);
    if (!kept.ok()) {
      (void)errors.Write(PrintableLines(FormatError(kept.status(), "", "")));
      return kUsage;
    }
    journals = JournalText(*kept, data_option);
  }
  if (snapshots->empty()) (void)errors.Write("no snapshots in " + arguments.data + (arguments.name.empty() ? "" : " of " + arguments.name) + "\n");
  const std::string table = snapshots->empty() ? "" : Table(*snapshots, environment->clock().WallMicros());
  const Status written = output.Write(table + journals.first);
  const std::string damage = DamageText(*snapshots, data_option) + journals.second;
  (void)errors.Write(PrintableLines(damage));
  if (!written.ok() && !output.closed()) return kUsage;
  return verify && !damage.empty() ? kUsage : kDone;
}

}  // namespace kappa::cli
