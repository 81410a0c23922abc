#include "cli/result_output.h"

#include <algorithm>
#include <cstdlib>

#include "common/os/environment.h"

namespace kappa::cli {

Status ResultOutput::Write(std::string_view text) {
  if (file_ != nullptr) return file_->Append(text);
  if (pager_left_) return OkStatus();  // nobody looks any more; the statement ends by itself or by Ctrl-C
  if (pager_ != nullptr) return WriteToPager(text);
  if (!paging_) return screen_->Write(text);
  held_ += text;
  if (std::count(held_.begin(), held_.end(), '\n') <= lines_) return OkStatus();
  pager_ = popen(pager_command_.c_str(), "w");
  const std::string all = std::exchange(held_, "");
  if (pager_ != nullptr) return WriteToPager(all);
  paging_ = false;
  return screen_->Write(all);
}

Status ResultOutput::WriteToPager(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), pager_) == text.size() && std::fflush(pager_) == 0) return OkStatus();
  pager_left_ = true;  // before its end
  return OkStatus();
}

Status ResultOutput::ToFile(const std::string& path) {
  file_.reset();
  if (path.empty()) return OkStatus();
  ASSIGN_OR_RETURN(file_, files_->OpenForAppend(path));
  return file_->Truncate(0);
}

void ResultOutput::BeginPaging(int lines, std::string command) {
  paging_ = lines > 0 && !command.empty();
  lines_ = lines;
  pager_command_ = std::move(command);
  pager_left_ = false;
}

void ResultOutput::EndPaging() {
  if (!held_.empty()) (void)screen_->Write(std::exchange(held_, ""));
  if (pager_ != nullptr) pclose(std::exchange(pager_, nullptr));
  paging_ = pager_left_ = false;
}

std::string PagerCommand() {
  for (const char* name : {"KAPPA_PAGER", "PAGER"}) {
    if (std::string command = os::EnvironmentVariable(name); !command.empty()) return command;
  }
  return "less -FRSX";
}

StatusOr<std::string> EditText(const std::string& text, os::FileSystem* files, const std::string& path) {
  std::string editor = os::EnvironmentVariable("VISUAL");
  if (editor.empty()) editor = os::EnvironmentVariable("EDITOR");
  if (editor.empty()) editor = "vi";
  RETURN_IF_ERROR(files->WriteAtomically(path, text));
  const int code = std::system((editor + " '" + path + "'").c_str());
  StatusOr<std::string> edited = files->ReadAll(path);
  (void)files->Remove(path);
  if (code != 0) return SqlError(sqlstate::kIoError) << "the editor " << editor << " failed" << Hint("set EDITOR to another");
  return edited;
}

}  // namespace kappa::cli
