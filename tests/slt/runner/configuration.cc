#include "tests/slt/runner/configuration.h"

namespace kappa::slt {
namespace {

// FNV-1a: which configuration a script gets must not change from run to run.
uint32_t HashOf(const std::string& text) {
  uint32_t hash = 2166136261u;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash ^ (hash >> 15);
}

}  // namespace

std::vector<Configuration> Matrix() {
  std::vector<Configuration> matrix = {{"base", {}, Reopening::kNever}};
  for (const char* tier : {"quick", "o2"}) {
    for (const char* workers : {"1", "2", "3"}) {
      for (const char* epoch : {"1", "7", "unlimited"}) {
        Configuration configuration;
        configuration.name = std::string("workers=") + workers + ",epoch=" + epoch + ",tier=" + tier;
        configuration.statements = {std::string("SET workers = ") + workers, std::string("SET jit_tier = '") + tier + "'"};
        configuration.statements.push_back(std::string("SET epoch_max_records = ") + (epoch[0] == 'u' ? "1000000000" : epoch));
        matrix.push_back(configuration);
      }
    }
  }
  matrix.push_back({"memory=small", {"SET memory_budget = '16 MB'"}, Reopening::kNever});
  // Epochs and snapshots so short that there are several of both to recover from.
  const std::vector<std::string> often = {"SET epoch_max_records = 3", "SET checkpoint_interval = '1 ms'", "SET commit_interval = '0 ms'"};
  matrix.push_back({"recover", often, Reopening::kRecover});
  matrix.push_back({"rebuild", often, Reopening::kRebuild});
  return matrix;
}

std::vector<Configuration> Choose(const std::string& which, const std::string& script) {
  std::vector<Configuration> matrix = Matrix();
  if (which == "all") return matrix;
  if (which == "hash") return {matrix[0], matrix[1 + HashOf(script) % (matrix.size() - 1)]};
  for (const Configuration& configuration : matrix) {
    if (configuration.name == which) return {configuration};
  }
  return {};
}

}  // namespace kappa::slt
