// A directory for one test, removed with everything in it.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "common/os/environment.h"

namespace kappa {

class TemporaryDirectory {
 public:
  TemporaryDirectory()
      : path_((std::filesystem::temp_directory_path() /
               ("kappa-test-" + std::to_string(getpid()) + "-" + std::to_string(os::RealEnvironment().random().Next())))
                  .string()) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace kappa
