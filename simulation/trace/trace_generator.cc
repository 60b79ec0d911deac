#include "simulation/trace/trace_generator.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Characters of two to four bytes, among them some that combine with their neighbours and the ends
// of the ranges.
constexpr std::array<char32_t, 12> kUnicode = {
    U'\u0080', U'\u00e9', U'\u0301', U'\u07ff',     U'\u0800',     U'\u4e2d',
    U'\ufe0f', U'\u200d', U'\uffff', U'\U00010000', U'\U0001f469', U'\U0010ffff'};
constexpr uint64_t kLetters = 26;

std::unexpected<Error> BadOption(std::string what) {
  return MakeError(ErrorCode::kOutOfRange, std::move(what));
}

Expected<void> Check(const GeneratorOptions& options) {
  if (options.agents == 0 || options.agents > Trace::kAgentsMax) {
    return BadOption("the number of agents must be from 1 to " + std::to_string(Trace::kAgentsMax));
  }
  if (options.patches_max == 0 || options.insert_max == 0) {
    return BadOption("patches and characters per patch must be at least 1");
  }
  const uint32_t percent =
      std::max({options.same_place_percent, options.delete_percent, options.unicode_percent,
                options.merge_percent, options.ties_percent});
  if (percent > 100) return BadOption("a share must be at most 100 percent");
  return {};
}

class Generator {
 public:
  explicit Generator(const GeneratorOptions& options)
      : options_(options),
        random_(options.seed),
        trace_("generated", Trace::Kind::kConcurrent, options.agents),
        oracle_(options.agents, options.order),
        frontiers_(options.agents),
        made_(options.agents) {}

  Trace Run() {
    for (uint32_t i = 0; i < options_.transactions; ++i) TakeTurn();
    const std::vector<uint32_t> heads = Heads(trace_);
    if (heads.size() > 1) {
      trace_.AddTransaction(trace_.agent(trace_.transaction_count() - 1), heads);
    }
    trace_.set_end_content(oracle_.TextOf(oracle_.CheckoutAll()));
    return std::move(trace_);
  }

 private:
  void TakeTurn();
  void Learn(uint32_t agent, uint32_t other);
  // Whether `later` is or has seen `earlier`.
  bool Covers(uint32_t later, uint32_t earlier) const {
    return counts_[later][trace_.agent(earlier)] >= number_[earlier];
  }
  void AddEdits(uint64_t length);
  uint64_t AddEdit(uint64_t length);
  std::string RandomString();

  GeneratorOptions options_;
  Random random_;
  Trace trace_;
  NaiveRga oracle_;
  uint64_t place_ = 0;                            // Where the latest insert of anybody went.
  std::vector<std::vector<uint32_t>> frontiers_;  // By agent, what it has seen.
  std::vector<uint32_t> made_;                    // By agent, the number of its transactions.
  std::vector<uint32_t> number_;                  // By transaction, its number among its agent's.
  std::vector<std::vector<uint32_t>> counts_;     // By transaction, what it covers, itself too.
};

void Generator::TakeTurn() {
  const auto agent = static_cast<uint32_t>(random_.Below(options_.agents));
  const auto other = static_cast<uint32_t>(random_.Below(options_.agents));
  if (random_.Chance(options_.merge_percent)) Learn(agent, other);
  std::vector<uint32_t>& frontier = frontiers_[agent];
  NaiveRga::State state = oracle_.Checkout(frontier);
  const auto transaction = static_cast<uint32_t>(trace_.transaction_count());
  trace_.AddTransaction(agent, frontier);
  AddEdits(state.length());
  oracle_.Apply(agent, std::move(state), trace_.patches(transaction).ToVector());

  std::vector<uint32_t> counts(options_.agents);
  for (const uint32_t parent : frontier) {
    for (size_t i = 0; i < counts.size(); ++i) counts[i] = std::max(counts[i], counts_[parent][i]);
  }
  counts[agent] = ++made_[agent];
  number_.push_back(made_[agent]);
  counts_.push_back(std::move(counts));
  frontier = {transaction};
}

// Adds what `other` has seen to what `agent` has seen.
void Generator::Learn(uint32_t agent, uint32_t other) {
  std::vector<uint32_t> all = frontiers_[agent];
  all.insert(all.end(), frontiers_[other].begin(), frontiers_[other].end());
  std::ranges::sort(all);
  const auto repeated = std::ranges::unique(all);
  all.erase(repeated.begin(), repeated.end());
  std::vector<uint32_t>& frontier = frontiers_[agent];
  frontier.clear();
  for (const uint32_t candidate : all) {
    const bool is_covered = std::ranges::any_of(
        all, [&](uint32_t later) { return later != candidate && Covers(later, candidate); });
    if (!is_covered) frontier.push_back(candidate);
  }
}

void Generator::AddEdits(uint64_t length) {
  const uint64_t count = random_.Between(1, options_.patches_max);
  for (uint64_t i = 0; i < count; ++i) length = AddEdit(length);
}

// Adds a patch to a text of `length` characters; returns the length after it.
uint64_t Generator::AddEdit(uint64_t length) {
  std::string text;
  uint64_t position = 0;
  uint64_t deleted = 0;
  // Without ties nothing is drawn, so that a seed gives what it gave before there were any.
  const bool ties = options_.ties_percent > 0 && random_.Chance(options_.ties_percent);
  if (length > 0 && random_.Chance(options_.delete_percent)) {
    position = ties ? 0 : random_.Below(length);
    deleted = random_.Between(1, std::min<uint64_t>(options_.insert_max, length - position));
    if (random_.Chance(50)) text = RandomString();
  } else {
    const bool same_place = random_.Chance(options_.same_place_percent);
    position = same_place ? std::min(place_, length) : random_.Below(length + 1);
    if (ties) position = 0;
    place_ = position;
    text = RandomString();
  }
  trace_.AddPatch(TracePatch{.position = static_cast<uint32_t>(position),
                             .deleted = static_cast<uint32_t>(deleted),
                             .inserted = text});
  return length - deleted + CountCodePoints(text);
}

std::string Generator::RandomString() {
  std::string text;
  for (uint64_t count = random_.Between(1, options_.insert_max); count > 0; --count) {
    text += random_.Chance(options_.unicode_percent)
                ? EncodeCodePoint(kUnicode[random_.Below(kUnicode.size())])
                : std::string(1, static_cast<char>('a' + random_.Below(kLetters)));
  }
  return text;
}

}  // namespace

Expected<Trace> Generate(const GeneratorOptions& options) {
  COTEXT_RETURN_IF_ERROR(Check(options));
  return Generator(options).Run();
}

}  // namespace cotext
