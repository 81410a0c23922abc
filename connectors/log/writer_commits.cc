#include "connectors/log/writer_commits.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "connectors/log/checked_text.h"
#include "connectors/log/durable_directory.h"

namespace kappa::log {
namespace {

constexpr int kVersion = 1;
constexpr uint64_t kReplaceBytes = 1 << 20;

std::string ToLine(const WriterState& state) {
  nlohmann::json transactions = nlohmann::json::object();
  for (const auto& [partition, span] : state.transactions) transactions[std::to_string(partition)] = {span.first, span.last};
  return CheckedLine(nlohmann::json({{"epoch", state.epoch},
                                     {"record", absl::Base64Escape(state.record)},
                                     {"producer_id", state.producer_id},
                                     {"producer_epoch", state.producer_epoch},
                                     {"transactions", std::move(transactions)}})
                         .dump());
}

std::optional<WriterState> FromJson(std::string_view text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  const auto integer = [&](const char* name) { return json.contains(name) && json[name].is_number_integer(); };
  if (!json.is_object() || !integer("epoch") || !integer("producer_id") || !integer("producer_epoch") || !json.contains("record") ||
      !json["record"].is_string() || !json.contains("transactions") || !json["transactions"].is_object()) {
    return std::nullopt;
  }
  WriterState state;
  state.epoch = json["epoch"].get<Epoch>();
  state.producer_id = json["producer_id"].get<int64_t>();
  state.producer_epoch = json["producer_epoch"].get<int16_t>();
  if (!absl::Base64Unescape(json["record"].get<std::string>(), &state.record)) return std::nullopt;
  for (const auto& [partition, span] : json["transactions"].items()) {
    if (!span.is_array() || span.size() != 2 || !span[0].is_number_integer() || !span[1].is_number_integer()) return std::nullopt;
    state.transactions[std::atoi(partition.c_str())] = {span[0].get<Offset>(), span[1].get<Offset>()};
  }
  return state;
}

Status Damaged(const std::string& path, size_t line) {
  return SqlError(sqlstate::kDataCorrupted)
         << "line " << line << " of \"" << path << "\" is damaged: what its writer has committed is not known"
         << Hint("restore the file from a copy; or remove it: the writer begins anew, with no memory of what it wrote");
}

// Zeros, or a part of a line, that a write has left which was never finished. A line that is whole but for its end counts: what it commits was on the
// disk before it.
Status CutTornEnd(const std::string& path, std::string* text) {
  text->resize(text->find_last_not_of('\0') + 1);
  const std::string_view tail = std::string_view(*text).substr(text->rfind('\n') + 1);
  if (CheckLine(tail).has_value()) {
    text->push_back('\n');
  } else if (!tail.empty() && CheckLine(tail.substr(0, tail.size() - 1)).has_value()) {
    return Damaged(path, static_cast<size_t>(std::count(text->begin(), text->end(), '\n')) + 1);  // not cut off: its line feed is wrong
  } else {
    text->resize(text->size() - tail.size());
  }
  return OkStatus();
}

struct Commits {
  std::string writer;
  WriterState state;
};

StatusOr<Commits> Parse(const std::string& path, std::string text) {
  RETURN_IF_ERROR(CutTornEnd(path, &text));
  Commits result;
  std::string_view rest(text);
  bool has_state = false;
  for (size_t line = 1; !rest.empty(); ++line) {
    const size_t size = rest.find('\n') + 1;
    const std::optional<std::string_view> checked = CheckLine(rest.substr(0, size));
    rest.remove_prefix(size);
    if (!checked.has_value()) return Damaged(path, line);
    if (line == 1) {
      const nlohmann::json json = nlohmann::json::parse(*checked, nullptr, false);
      if (!json.is_object() || !json.contains("version") || !json["version"].is_number_integer() || json["version"].get<int>() < 1 ||
          !json.contains("writer") || !json["writer"].is_string()) {
        return Damaged(path, line);
      }
      if (json["version"].get<int>() > kVersion) {
        return SqlError(sqlstate::kFeatureNotSupported) << "\"" << path << "\" was made by a later version of kappa";
      }
      result.writer = json["writer"].get<std::string>();
    } else if (rest.empty()) {
      std::optional<WriterState> state = FromJson(*checked);
      if (!state.has_value()) return Damaged(path, line);
      result.state = std::move(*state);
      has_state = true;
    }
  }
  if (!has_state) return Damaged(path, 1);  // the file is made whole
  return result;
}

}  // namespace

std::string WriterCommits::FileName(const std::string& writer) {
  constexpr size_t kLongest = 200;  // file systems take 255
  std::string name;
  for (const char c : writer) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (plain)
      name.push_back(c);
    else
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (name.size() > kLongest) name = fmt::format("{}-{:08x}", name.substr(0, kLongest), Crc32c(writer.data(), writer.size()));
  return name;
}

StatusOr<std::unique_ptr<WriterCommits>> WriterCommits::Open(os::Environment& environment, const std::string& directory, const std::string& writer) {
  os::FileSystem& files = environment.files();
  RETURN_IF_ERROR(MakeDurableDirectory(files, directory));
  std::unique_ptr<WriterCommits> commits(new WriterCommits(files, directory + "/" + FileName(writer), writer));
  auto lock = files.Lock(commits->path_ + ".lock");
  if (!lock.ok() && SqlStateOf(lock.status()) == sqlstate::kObjectInUse) {
    return SqlError(sqlstate::kObjectInUse) << "\"" << writer << "\" writes to this topic already"
                                            << Hint("stop the program that does, or name this one differently");
  }
  if (!lock.ok()) return lock.status();
  commits->lock_ = std::move(lock).value();
  if (files.Exists(commits->path_)) {
    ASSIGN_OR_RETURN(std::string text, files.ReadAll(commits->path_));
    ASSIGN_OR_RETURN(Commits found, Parse(commits->path_, std::move(text)));
    if (found.writer != writer) {
      return SqlError(sqlstate::kDataCorrupted) << "\"" << commits->path_ << "\" belongs to \"" << found.writer << "\", not to \"" << writer << "\""
                                                << Hint("rename the program or the sink");
    }
    commits->state_ = std::move(found.state);
  }
  return commits;
}

bool WriterCommits::IsCommitsFile(const std::string& name) { return name.find('.') == std::string::npos; }  // no lock, no temporary file

TransactionMarker WriterState::OutcomeOf(int32_t partition, Offset first) const {
  const auto committed = transactions.find(partition);
  return committed != transactions.end() && committed->second.first == first ? TransactionMarker::kCommit : TransactionMarker::kAbort;
}

StatusOr<WriterState> WriterCommits::Read(os::FileSystem& files, const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, files.ReadAll(path));
  ASSIGN_OR_RETURN(Commits commits, Parse(path, std::move(text)));
  return std::move(commits.state);
}

Status WriterCommits::Replace(WriterState state) {
  RETURN_IF_ERROR(broken_);
  const std::string header = CheckedLine(nlohmann::json({{"version", kVersion}, {"writer", writer_}}).dump());
  file_.reset();
  RETURN_IF_ERROR(files_.WriteAtomically(path_, header + ToLine(state)));
  state_ = std::move(state);
  return OkStatus();
}

Status WriterCommits::Commit(WriterState state) {
  RETURN_IF_ERROR(broken_);
  if (file_ == nullptr) { ASSIGN_OR_RETURN(file_, files_.OpenForAppend(path_)); }
  if (file_->size() > kReplaceBytes) return Replace(std::move(state));
  const uint64_t before = file_->size();
  Status written = file_->Append(ToLine(state));
  if (written.ok()) {
    // After a failed sync nobody knows what the disk holds: no error that passes, even where the disk was full.
    if (const Status synced = file_->Sync(); !synced.ok()) written = broken_ = SqlError(sqlstate::kIoError) << MessageOf(synced);
  } else if (const Status cut = file_->Truncate(before); !cut.ok()) {
    broken_ = SqlError(sqlstate::kIoError) << MessageOf(cut);
  }
  RETURN_IF_ERROR(written);
  state_ = std::move(state);
  return OkStatus();
}

}  // namespace kappa::log
