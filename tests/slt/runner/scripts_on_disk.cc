#include "tests/slt/runner/scripts_on_disk.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "common/os/environment.h"

namespace kappa::slt {

std::vector<std::string> FindScripts(const std::vector<std::string>& paths, const std::string& shard) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      found.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.path().extension() == ".slt" || (entry.path().extension() == ".md" && entry.path().filename() != "README.md"))
        found.push_back(entry.path().string());
    }
  }
  std::sort(found.begin(), found.end());
  const int index = std::atoi(shard.c_str());
  const int shards = std::max(1, std::atoi(shard.substr(shard.find('/') + 1).c_str()));
  std::vector<std::string> mine;
  for (size_t i = 0; i < found.size(); ++i) {
    if (static_cast<int>(i) % shards == index) mine.push_back(found[i]);
  }
  return mine;
}

StatusOr<Script> ReadScript(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, os::RealEnvironment().files().ReadAll(path));
  return path.ends_with(".md") ? ParsePage(path, text) : ParseScript(path, text);
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kappa-slt-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace kappa::slt
