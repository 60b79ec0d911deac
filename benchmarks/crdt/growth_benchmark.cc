// Whether anything grows faster than a tree must: the time per operation of the cases that break
// sequence CRDTs, at a thousand to a million operations, beside that of a B-tree.
//
// The yardstick is absl::btree_set<uint64_t>, given as many random keys in the same run: its time
// per key grows with log n and with what caches no longer hold, which no structure escapes. A case
// whose growth divided by the B-tree's is about one or less grows like log n; growth with n shows
// as hundreds.
//
// A round measures every case at every size once, in turns, so that a disturbance hits all alike;
// small sizes are repeated, with new random inputs, for kMinSeconds. Printed are medians of rounds.
// Every text is compared with what it must be; if one is wrong, the exit code is 1.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/container/btree_set.h"
#include "benchmarks/support/history_cases.h"
#include "benchmarks/support/local_cases.h"
#include "benchmarks/support/remote_cases.h"
#include "benchmarks/support/stopwatch.h"
#include "benchmarks/support/timed_case.h"
#include "document/random.h"
#include "tools/freed_memory.h"

namespace cotext {
namespace {

constexpr uint64_t kSizes[] = {1'000, 10'000, 100'000, 1'000'000};
constexpr double kMinSeconds = 0.02;
// No size is measured that would take longer, going by how the two before it grew.
constexpr double kMaxSeconds = 60;

Sample InsertIntoBtree(uint64_t n, uint64_t seed) {
  Random random(seed);
  std::vector<uint64_t> keys(n);
  for (uint64_t& key : keys) key = random.Next();
  absl::btree_set<uint64_t> set;
  Sample sample;
  sample.seconds = Seconds([&] {
    for (const uint64_t key : keys) set.insert(key);
  });
  sample.correct = set.size() == n;  // SplitMix64 repeats no number.
  return sample;
}

// The first is the yardstick.
constexpr struct {
  const char* name;
  TimedCase run;
} kCases[] = {
    {"btree_set", InsertIntoBtree},
    {"append", Append},
    {"prepend", Prepend},
    {"split_one_run", SplitOneRun},
    {"ping_pong", PingPong},
    {"scattered_edits", ScatteredEdits},
    {"clustered_edits", ClusteredEdits},
    {"erase_all", EraseAll},
    {"undo_erase_all", UndoEraseAll},
    {"merge_scattered", OneChangeScattered},
    {"siblings_equal_counters", SiblingsEqualCounters},
    {"siblings_distinct_counters", SiblingsDistinctCounters},
    {"spread_siblings", SpreadSiblings},
    {"replica_chain", ReplicaChain},
    {"replica_crowd", ReplicaCrowd},
    {"two_branches", TwoBranches},
    {"two_crowds", TwoCrowds},
    {"checkout_scattered", CheckoutScattered},
    {"delta_scattered", DeltaScattered},
    {"blame_scattered", BlameScattered},
    {"checkout_crowd", CheckoutCrowd},
};

struct Options {
  uint64_t rounds = 5;
  bool json = false;
  bool help = false;
  std::string filter = ".";
};

// What was measured of one case; by size.
struct Results {
  const char* name;
  TimedCase run;
  std::vector<double> nanoseconds[std::size(kSizes)] = {};  // Per operation, one a round.

  double Median(size_t size) const {
    std::vector<double> sorted = nanoseconds[size];
    if (sorted.empty()) return 0;
    std::ranges::sort(sorted);
    return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
  }
  // Returns the growth up to the largest size, if that was measured.
  std::optional<double> Growth() const {
    if (nanoseconds[0].empty() || nanoseconds[std::size(kSizes) - 1].empty()) return std::nullopt;
    return Median(std::size(kSizes) - 1) / Median(0);
  }
  // Returns how many seconds the case should take at a size.
  double Forecast(size_t size) const {
    if (size < 2) return 0;
    const auto seconds = [&](size_t at) {
      return Median(at) * 1e-9 * static_cast<double>(kSizes[at]);
    };
    if (seconds(size - 2) == 0 || seconds(size - 1) == 0) return kMaxSeconds + 1;
    return seconds(size - 1) * seconds(size - 1) / seconds(size - 2);
  }
};

// Measures a case at a size; returns whether the text was right.
bool Measure(Results& results, size_t size, uint64_t& seed) {
  if (results.Forecast(size) > kMaxSeconds) return true;
  double seconds = 0;
  uint64_t operations = 0;
  while (seconds < kMinSeconds) {
    const Sample sample = results.run(kSizes[size], ++seed);
    if (!sample.correct) {
      std::fprintf(stderr, "%s: wrong text after %llu operations, seed %llu\n", results.name,
                   static_cast<unsigned long long>(kSizes[size]),
                   static_cast<unsigned long long>(seed));
      return false;
    }
    seconds += sample.seconds;
    operations += kSizes[size];
  }
  results.nanoseconds[size].push_back(seconds * 1e9 / static_cast<double>(operations));
  return true;
}

bool MeasureAll(std::vector<Results>& all, uint64_t rounds) {
  for (uint64_t round = 0; round < rounds; ++round) {
    for (size_t size = 0; size < std::size(kSizes); ++size) {
      for (Results& results : all) {
        uint64_t seed = round * 1'000'000;
        if (!Measure(results, size, seed)) return false;
      }
    }
  }
  return true;
}

void PrintNumber(std::optional<double> number, int decimals) {
  if (number) {
    std::printf("%10.*f", decimals, *number);
  } else {
    std::printf("%10s", "-");
  }
}

// Returns the growth divided by the yardstick's.
std::optional<double> Relative(const Results& results, const Results& yardstick) {
  const std::optional<double> mine = results.Growth();
  const std::optional<double> its = yardstick.Growth();
  if (!mine || !its) return std::nullopt;
  return *mine / *its;
}

void PrintTable(const std::vector<Results>& all) {
  std::printf("%-28s%10s%10s%10s%10s%10s%10s\n", "ns per operation at n =", "10^3", "10^4", "10^5",
              "10^6", "growth", "/ btree");
  for (const Results& results : all) {
    std::printf("%-28s", results.name);
    for (size_t size = 0; size < std::size(kSizes); ++size) {
      const bool measured = !results.nanoseconds[size].empty();
      PrintNumber(measured ? std::optional(results.Median(size)) : std::nullopt, 0);
    }
    PrintNumber(results.Growth(), 2);
    PrintNumber(Relative(results, all.front()), 2);
    std::printf("\n");
  }
}

void PrintJson(const std::vector<Results>& all) {
  for (const Results& results : all) {
    std::printf(R"({"case":"%s","ns_per_op":{)", results.name);
    const char* separator = "";
    for (size_t size = 0; size < std::size(kSizes); ++size) {
      if (results.nanoseconds[size].empty()) continue;
      std::printf(R"(%s"%llu":%.2f)", separator, static_cast<unsigned long long>(kSizes[size]),
                  results.Median(size));
      separator = ",";
    }
    std::printf("}");
    if (const auto growth = results.Growth()) std::printf(R"(,"growth":%.3f)", *growth);
    if (const auto relative = Relative(results, all.front())) {
      std::printf(R"(,"growth_over_btree":%.3f)", *relative);
    }
    std::printf("}\n");
  }
}

// Google Benchmark's flags may be given to all benchmarks at once: its filter holds here, too, and
// the others are left to those they mean something to.
std::optional<Options> ParseOptions(int argc, char** argv) {
  constexpr std::string_view kRounds = "--rounds=";
  constexpr std::string_view kFilter = "--benchmark_filter=";
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--help") {
      options.help = true;
    } else if (argument.starts_with(kFilter)) {
      options.filter = argument.substr(kFilter.size());
    } else if (argument.starts_with(kRounds)) {
      const std::string_view number = argument.substr(kRounds.size());
      const char* const end = number.data() + number.size();
      const auto [rest, error] = std::from_chars(number.data(), end, options.rounds);
      if (error != std::errc() || rest != end || options.rounds == 0) return std::nullopt;
    } else if (!argument.starts_with("--benchmark_")) {
      return std::nullopt;
    }
  }
  return options;
}

// Returns the cases whose names match, behind the yardstick; none if it would be alone.
std::vector<Results> SelectCases(const std::string& filter) {
  const bool exclude = filter.starts_with('-');
  const std::regex pattern(exclude ? filter.substr(1) : filter);
  std::vector<Results> selected;
  for (const auto& [name, run] : kCases) {
    if (selected.empty() || std::regex_search(name, pattern) != exclude) {
      selected.push_back(Results{.name = name, .run = run});
    }
  }
  if (selected.size() == 1) selected.clear();
  return selected;
}

int Main(int argc, char** argv) {
  const std::optional<Options> options = ParseOptions(argc, argv);
  if (!options || options->help) {
    std::fprintf(options ? stdout : stderr,
                 "usage: growth_benchmark [--rounds=N] [--json] [--benchmark_filter=REGEX]\n");
    return options ? 0 : 2;
  }
  KeepFreedMemory();
  std::vector<Results> all = SelectCases(options->filter);
  if (all.empty()) return 0;
  if (!MeasureAll(all, options->rounds)) return 1;
  if (options->json) {
    PrintJson(all);
  } else {
    PrintTable(all);
  }
  return 0;
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) { return cotext::Main(argc, argv); }
