// CPU a row of the functions that people put in WHERE and SELECT, beside the same written by hand in C++ over the same records: what bench/README.md
// says of it.
//   function_bench [--rows 16384] [--rounds 31] [--only TEXT] [--json]
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "bench/functions/by_hand.h"
#include "bench/functions/compiled.h"
#include "bench/functions/json_field.h"
#include "common/os/environment.h"

namespace kappa::bench {
namespace {

double CpuSeconds() { return static_cast<double>(os::RealEnvironment().clock().CpuNanos()) * 1e-9; }

// Something that passes over all rows, and what it took each round.
struct Contestant {
  std::function<uint64_t()> run;
  std::vector<double> nanos;  // a row
  double Median() const {
    std::vector<double> sorted = nanos;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    return sorted[sorted.size() / 2];
  }
  double Least() const { return *std::min_element(nanos.begin(), nanos.end()); }
};

struct Contest {
  std::string expression;
  Contestant kappa, kappa_base, hand, hand_base;  // a base without a run: there is nothing to take off
  double Net(double (Contestant::*of)() const, const Contestant& whole, const Contestant& base) const {
    return (whole.*of)() - (base.run ? (base.*of)() : 0);
  }
};

void Measure(Contestant* contestant, size_t rows, int passes, uint64_t* checksum) {
  if (!contestant->run) return;
  const double begin = CpuSeconds();
  for (int i = 0; i < passes; ++i) *checksum += contestant->run();
  contestant->nanos.push_back((CpuSeconds() - begin) * 1e9 / static_cast<double>(rows) / passes);
}

struct Arguments {
  size_t rows = 16384;
  int rounds = 31, passes = 8;
  std::string only;
  bool json = false;
};

class Bench {
 public:
  explicit Bench(const Arguments& arguments) : arguments_(arguments), rows_(MakeRows(arguments.rows)) {}

  Status Prepare() {
    ASSIGN_OR_RETURN(jit_, Jit::Create());
    for (auto* list : {&TextsByHand, &NumbersAndTimesByHand}) {
      for (HandWritten& hand : (*list)()) RETURN_IF_ERROR(Add(std::move(hand)));
    }
    if (Wanted(kJsonField)) {
      ASSIGN_OR_RETURN(fields_, JsonField::Make(&rows_.records));
      Contest contest{kJsonField, {}, {}, {}, {}};
      contest.kappa.run = [this] { return fields_->Decode(); };
      contest.hand.run = [this] { return fields_->ByHand(); };
      contests_.push_back(std::move(contest));
    }
    return OkStatus();
  }

  // Both sides must compute the same.
  Status Check() {
    for (Contest& contest : contests_) {
      if (contest.kappa.run() != contest.hand.run())
        return SqlError(sqlstate::kInternalError) << "kappa and the code by hand differ in " << contest.expression;
    }
    return OkStatus();
  }

  void Run() {
    for (int round = 0; round < arguments_.rounds; ++round) {
      for (Contest& contest : contests_) {
        std::array<Contestant*, 4> order{&contest.kappa_base, &contest.kappa, &contest.hand_base, &contest.hand};
        if (round % 2 == 1) std::reverse(order.begin(), order.end());  // whoever comes first finds the rows in a colder cache
        for (Contestant* one : order) Measure(one, rows_.rows.size(), arguments_.passes, &checksum_);
      }
    }
  }

  void Print() const {
    if (arguments_.json) return PrintJson();
    fmt::print(
        "| expression | kappa, ns | by hand, ns | ratio | of the minima | with the row, ns | by hand |\n|---|---:|---:|---:|---:|---:|---:|\n");
    for (const Contest& contest : contests_) {
      const double kappa = contest.Net(&Contestant::Median, contest.kappa, contest.kappa_base);
      const double hand = contest.Net(&Contestant::Median, contest.hand, contest.hand_base);
      fmt::print("| `{}` | {:.1f} | {:.1f} | {} | {} | {:.1f} | {:.1f} |\n", contest.expression, kappa, hand, Ratio(contest, &Contestant::Median),
                 Ratio(contest, &Contestant::Least), contest.kappa.Median(), contest.hand.Median());
    }
    fmt::print("\nchecksum {:x}\n", checksum_);
  }

 private:
  static constexpr double kNoise = 0.3;  // ns: differences of two passes below it say nothing

  bool Wanted(const std::string& expression) const { return expression.find(arguments_.only) != std::string::npos; }
  static std::string Ratio(const Contest& contest, double (Contestant::*of)() const) {
    const double kappa = contest.Net(of, contest.kappa, contest.kappa_base), hand = contest.Net(of, contest.hand, contest.hand_base);
    return hand < kNoise ? "-" : fmt::format("{:.2f}", kappa / hand);
  }
  void PrintJson() const {
    nlohmann::json rows = nlohmann::json::array();
    for (const Contest& contest : contests_) {
      rows.push_back({{"expression", contest.expression},
                      {"kappa_ns", contest.Net(&Contestant::Median, contest.kappa, contest.kappa_base)},
                      {"by_hand_ns", contest.Net(&Contestant::Median, contest.hand, contest.hand_base)},
                      {"kappa_ns_least", contest.Net(&Contestant::Least, contest.kappa, contest.kappa_base)},
                      {"by_hand_ns_least", contest.Net(&Contestant::Least, contest.hand, contest.hand_base)},
                      {"kappa_row_ns", contest.kappa.Median()},
                      {"by_hand_row_ns", contest.hand.Median()}});
    }
    fmt::print("{}\n", nlohmann::json{{"rows", rows_.rows.size()}, {"rounds", arguments_.rounds}, {"functions", rows}}.dump());
  }

  StatusOr<std::function<uint64_t()>> Compiled(const std::string& expression) {
    ASSIGN_OR_RETURN(std::shared_ptr<CompiledExpression> compiled, CompileExpression(jit_.get(), expression));
    return std::function<uint64_t()>([this, compiled] { return compiled->Run(rows_.rows.data(), rows_.rows.size()); });
  }
  std::function<uint64_t()> Over(Pass pass) {
    return [this, pass = std::move(pass)] { return pass(rows_.rows.data(), rows_.rows.size()); };
  }
  Status Add(HandWritten hand) {
    static constexpr const char* kNames[] = {"url", "digits", "doc", "price", "ts", "tz", "n"};
    if (!Wanted(hand.expression)) return OkStatus();
    Contest contest{hand.expression, {}, {}, {}, {}};
    ASSIGN_OR_RETURN(contest.kappa.run, Compiled(hand.expression));
    ASSIGN_OR_RETURN(contest.kappa_base.run, Compiled(kNames[hand.column]));
    contest.hand.run = Over(std::move(hand.pass));
    contest.hand_base.run = Over(ColumnByHand(hand.column));
    contests_.push_back(std::move(contest));
    return OkStatus();
  }

  Arguments arguments_;
  Rows rows_;
  std::unique_ptr<Jit> jit_;
  std::unique_ptr<JsonField> fields_;
  std::vector<Contest> contests_;
  uint64_t checksum_ = 0;
};

Status Main(const Arguments& arguments) {
  Bench bench(arguments);
  RETURN_IF_ERROR(bench.Prepare());
  RETURN_IF_ERROR(bench.Check());
  bench.Run();
  bench.Print();
  return OkStatus();
}

}  // namespace
}  // namespace kappa::bench

int main(int argc, char** argv) {
  kappa::bench::Arguments arguments;
  CLI::App app{"what functions cost in generated code, beside C++ by hand"};
  app.add_option("--rows", arguments.rows);
  app.add_option("--rounds", arguments.rounds);
  app.add_option("--passes", arguments.passes, "over the rows, each time a contestant is measured");
  app.add_option("--only", arguments.only, "expressions that contain this text");
  app.add_flag("--json", arguments.json);
  CLI11_PARSE(app, argc, argv);
  const kappa::Status status = kappa::bench::Main(arguments);
  if (!status.ok()) std::fprintf(stderr, "%s", (std::string(kappa::MessageOf(status)) + "\n").c_str());
  return status.ok() ? 0 : 3;
}
