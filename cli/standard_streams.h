// The process's own input and outputs: the one place of cli/ that reads and writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"

namespace kappa::cli {

// Where results go. Any thread that its user allows; not locked.
class TextOutput {
 public:
  virtual ~TextOutput() = default;
  // 58030: nobody reads it any more, or the disk is full.
  virtual Status Write(std::string_view text) = 0;
};

// Unbuffered: whole batches are handed over. An output that was closed (`| head`) answers an error and closed().
class StandardOutput final : public TextOutput {
 public:
  explicit StandardOutput(int descriptor) : descriptor_(descriptor) {}
  Status Write(std::string_view text) override;
  bool closed() const { return closed_; }
  bool terminal() const;
  int columns() const;  // of the terminal; 0: not a terminal
  int rows() const;     // the same

 private:
  const int descriptor_;
  bool closed_ = false;
};

// Lines of standard input.
class StandardInput {
 public:
  enum class Outcome { kLine, kEnd, kInterrupted };
  // The next line without its newline; the last may lack one. kInterrupted: a signal came while it waited (nothing is lost).
  Outcome ReadLine(std::string* line);
  // Whether ReadLine would wait: nothing is buffered and nothing has arrived.
  bool WouldWait();
  // Whether bytes, or the end, arrived within `milliseconds`. A signal ends the wait.
  bool WaitFor(int milliseconds);
  bool terminal() const;

 private:
  std::string buffer_;
  size_t begin_ = 0;     // of what was not handed out
  size_t searched_ = 0;  // of buffer_: no newline before it
  bool at_end_ = false;
};

}  // namespace kappa::cli
