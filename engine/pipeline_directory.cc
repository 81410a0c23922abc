#include "engine/pipeline_directory.h"

#include <algorithm>
#include <cctype>

namespace kappa {
namespace {

constexpr SqlState kInvalidName{"42602"};
constexpr size_t kLongestName = 100;

}  // namespace

std::string PipelineDirectory(const std::string& data_directory, const std::string& name) { return data_directory + "/pipelines/" + name; }

StatusOr<std::vector<std::string>> PipelineNames(os::FileSystem& files, const std::string& data_directory) {
  const std::string folder = data_directory + "/pipelines";
  std::vector<std::string> names;
  if (!files.Exists(folder)) return names;
  ASSIGN_OR_RETURN(const std::vector<std::string> entries, files.List(folder));
  for (const std::string& entry : entries) {
    if (CheckPipelineName(entry).ok() && files.Exists(folder + "/" + entry + kProgramFile)) names.push_back(entry);
  }
  return names;
}

Status CheckPipelineName(const std::string& name) {
  const auto allowed = [](char c) {
    return (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c))) || c == '-' || c == '_' || c == '.';
  };
  if (!name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), allowed) && name[0] != '.' && name[0] != '-')
    return OkStatus();
  return SqlError(kInvalidName) << "\"" << name << "\" cannot be the name of a program"
                                << Hint("a name has 1 to 100 letters, digits, '-', '_' and '.', and begins with a letter, a digit or '_'");
}

Status FindPipeline(os::FileSystem& files, const std::string& data_directory, const std::string& name) {
  RETURN_IF_ERROR(CheckPipelineName(name));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, PipelineNames(files, data_directory));
  if (std::find(names.begin(), names.end(), name) != names.end()) return OkStatus();
  Hint hint = DidYouMean(name, names);
  if (hint.text.empty()) {
    hint.text = names.empty() ? "no program with a name has run there yet: kappa run FILE --name NAME makes one" : "there is: ";
    for (size_t i = 0; i < names.size(); ++i) hint.text += (i == 0 ? "" : ", ") + names[i];
  }
  return SqlError(sqlstate::kUndefinedObject) << "there is no program \"" << name << "\" in \"" << data_directory << "\"" << hint;
}

std::string EscapedPipelineName(const std::string& text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string name;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) || c == '-' || c == '.')) {
      name.push_back(c);
    } else {
      name.push_back('_');
      name.push_back(kHex[byte >> 4]);
      name.push_back(kHex[byte & 15]);
    }
  }
  return name;
}

}  // namespace kappa
