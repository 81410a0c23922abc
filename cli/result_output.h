// Where a shell's results go: the terminal, a pager when they are longer than it, or a file (\o, \g FILE).
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "cli/standard_streams.h"
#include "common/os/file_system.h"

namespace kappa::cli {

class ResultOutput final : public TextOutput {
 public:
  // `screen` must outlive it.
  ResultOutput(TextOutput* screen, os::FileSystem* files) : screen_(screen), files_(files) {}
  ~ResultOutput() override { EndPaging(); }

  Status Write(std::string_view text) override;

  // Until the next call results go to the file, from its beginning; "": to the screen.
  Status ToFile(const std::string& path);
  bool to_file() const { return file_ != nullptr; }

  // Text of one statement: up to `lines` lines are held, of more all goes to the pager `command` ("": no paging). EndPaging shows what was held, or
  // waits for the pager to be left.
  void BeginPaging(int lines, std::string command);
  void EndPaging();

 private:
  Status WriteToPager(std::string_view text);

  TextOutput* const screen_;
  os::FileSystem* const files_;
  std::unique_ptr<os::WritableFile> file_;
  std::string pager_command_, held_;
  int lines_ = 0;
  bool paging_ = false, pager_left_ = false;
  FILE* pager_ = nullptr;
};

// $KAPPA_PAGER, else $PAGER, else less; "": none is wanted.
std::string PagerCommand();

// Lets the user edit a text in $VISUAL or $EDITOR (vi): the text as it was left.
StatusOr<std::string> EditText(const std::string& text, os::FileSystem* files, const std::string& path);

}  // namespace kappa::cli
