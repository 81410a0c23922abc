// What the Tab key offers.
#include <algorithm>
#include <cctype>
#include <set>

#include "cli/shell.h"

namespace kappa::cli {
namespace {

bool IsWordByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// The names in a result's first column.
class FirstColumn final : public Results {
 public:
  Status OnSchema(const std::string&, const RowSchema& schema) override {
    schema_ = &schema;
    return OkStatus();
  }
  Status OnRows(const ChangeBatch& rows) override {
    for (const char* row : rows.rows) schema_->layout.AppendText(row, schema_->layout.slots()[0], &names.emplace_back());
    return OkStatus();
  }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view) override {}
  std::vector<std::string> names;

 private:
  const RowSchema* schema_ = nullptr;
};

// Files and folders whose names begin as `prefix` does.
std::vector<std::string> FilesLike(os::FileSystem* files, const std::string& prefix) {
  const size_t slash = prefix.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : prefix.substr(0, slash + 1);
  const StatusOr<std::vector<std::string>> names = files->List(folder.empty() ? "." : folder);
  std::vector<std::string> paths;
  if (!names.ok()) return paths;
  for (const std::string& name : *names) {
    const std::string path = folder + name;
    const StatusOr<os::FileStat> stat = files->Stat(path);
    if (path.starts_with(prefix)) paths.push_back(path + (stat.ok() && stat->directory ? "/" : ""));
  }
  return paths;
}

std::vector<std::string> Sorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

constexpr size_t kMostTables = 8;  // whose columns are looked up for one key press

}  // namespace

std::vector<std::string> Shell::ColumnsInScope(std::string_view statement) {
  const std::vector<std::string> objects = engine_->ObjectNames();
  std::set<std::string> named;
  for (size_t at = 0; at < statement.size();) {
    size_t end = at;
    while (end < statement.size() && IsWordByte(statement[end])) ++end;
    const std::string word = Lower(statement.substr(at, end - at));
    if (end > at && named.size() < kMostTables && std::find(objects.begin(), objects.end(), word) != objects.end()) named.insert(word);
    at = std::max(end, at + 1);
  }
  FirstColumn columns;
  for (const std::string& name : named) (void)session_->Execute("DESCRIBE " + name, &columns);
  return columns.names;
}

std::vector<std::string> Shell::Completions(std::string_view line, size_t* begin) {
  *begin = line.size();
  if (pending_.empty() && line.starts_with('\\')) {
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) {
      *begin = 0;
      std::vector<std::string> commands;
      for (const CommandInfo& info : Commands()) commands.push_back("\\" + std::string(info.names).substr(0, std::string_view(info.names).find(' ')));
      return commands;
    }
    const std::string_view command = line.substr(1, space - 1);
    if (command == "i" || command == "ir" || command == "o" || command == "g" || command == "e") {
      *begin = line.rfind(' ') + 1;
      return FilesLike(&environment_->files(), std::string(line.substr(*begin)));
    }
  }
  const std::string text = pending_ + std::string(line);
  if (OpenAtEnd(text) == '\'') {  // of a statement: a path
    const size_t quote = line.rfind('\'');
    if (quote == std::string_view::npos) return {};
    *begin = quote + 1;
    return FilesLike(&environment_->files(), std::string(line.substr(*begin)));
  }
  while (*begin > 0 && IsWordByte(line[*begin - 1])) --*begin;
  std::vector<std::string> words = Sorted(ColumnsInScope(text));
  const bool columns = !words.empty();
  for (std::string& name : Sorted(engine_->ObjectNames())) words.push_back(std::move(name));
  if (columns && *begin == line.size()) return words;  // nothing of the word is typed: only what is the user's own
  static const std::vector<std::string> language = LanguageWords();
  // Keywords as the word was begun: in small letters or in capitals.
  const bool lower = *begin < line.size() && std::islower(static_cast<unsigned char>(line[*begin])) != 0;
  for (const std::string& word : language) words.push_back(lower ? Lower(word) : word);
  std::set<std::string> seen;
  words.erase(std::remove_if(words.begin(), words.end(), [&](const std::string& word) { return !seen.insert(word).second; }), words.end());
  return words;
}

}  // namespace kappa::cli
