// Checkouts at the version of every transaction of recorded and of random traces equal the text
// that a naive replay has there.
//
// Of A2, every eighth version is checked, since all of them take the naive replay a minute under a
// sanitizer, unless COTEXT_EVERY_VERSION is set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/checkout.h"
#include "crdt/ids.h"
#include "crdt/known_version.h"
#include "crdt/rga.h"
#include "document/delta.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_history.h"
#include "simulation/trace/trace_reader.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

// Returns, for each transaction, operations whose version is the one that it made.
std::vector<std::vector<OpId>> HeadsOf(const Trace& trace, const Update& changes) {
  std::vector<std::vector<OpId>> heads(trace.transaction_count());
  size_t change = 0;
  for (size_t i = 0; i < heads.size(); ++i) {
    const bool edits = std::ranges::any_of(trace.patches(i), [](const TracePatch& patch) {
      return patch.deleted > 0 || !patch.inserted.empty();
    });
    if (edits) {
      const ChangeView made = changes[change++];
      heads[i] = {OpId{.counter = made.first_counter + made.Length() - 1, .replica = made.replica}};
      continue;
    }
    for (const uint32_t parent : trace.parents(i)) {
      heads[i].insert(heads[i].end(), heads[parent].begin(), heads[parent].end());
    }
  }
  EXPECT_EQ(change, changes.size());
  return heads;
}

// Compares the versions of all transactions for which `is_wanted(transaction)`; returns how many.
template <typename Wanted>
uint64_t CompareCheckouts(const Trace& trace, Wanted is_wanted) {
  const auto history = BuildHistory(trace);
  EXPECT_TRUE(history.has_value());
  const std::vector<std::vector<OpId>> heads = HeadsOf(trace, history->changes);
  Rga rga(ReaderOf(trace));
  EXPECT_TRUE(rga.IntegrateAll(history->changes).has_value());
  NaiveRga naive(trace.agent_count());
  std::string text_before;
  Expected<Checkout> before = Checkout::At(rga, {});
  uint64_t compared = 0;
  for (size_t i = 0; i < trace.transaction_count() && !testing::Test::HasFailure(); ++i) {
    const auto state = naive.Apply(trace);
    EXPECT_TRUE(state.has_value());
    if (!is_wanted(i)) continue;
    ++compared;
    const std::string text = naive.TextOf(*state);
    auto checkout = Checkout::At(rga, VersionOf(rga.history().graph, heads[i]).value());
    // Texts are too long to be printed.
    EXPECT_TRUE(checkout->Text() == text) << trace.name() << ", transaction " << i;
    EXPECT_TRUE(Apply(DeltaBetween(*before, *checkout), text_before) == text)
        << trace.name() << ", to transaction " << i;
    text_before = text;
    before = std::move(checkout);
  }
  return compared;
}

struct Recorded {
  const char* trace;
  uint64_t sampling;
};

class TraceCheckoutTest : public testing::TestWithParam<Recorded> {};

TEST_P(TraceCheckoutTest, EqualANaiveReplay) {
  const char* const folder = std::getenv("COTEXT_DATA");
  if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "COTEXT_DATA is not set";
  const Recorded& recorded = GetParam();
  const auto trace = ReadTrace(std::string(folder) + "/traces/" + recorded.trace + ".json.gz");
  ASSERT_TRUE(trace.has_value()) << trace.error().message;
  const bool every = std::getenv("COTEXT_EVERY_VERSION") != nullptr;
  const uint64_t sampling = every ? 1 : recorded.sampling;
  const uint64_t phase = SeedFromEnvironment(1) % sampling;
  const size_t count = trace->transaction_count();
  const uint64_t compared =
      CompareCheckouts(*trace, [&](size_t i) { return i % sampling == phase || i + 1 == count; });
  std::printf("%s: %llu of %zu versions\n", recorded.trace,
              static_cast<unsigned long long>(compared), count);
  EXPECT_GE(compared, count / sampling);
}

INSTANTIATE_TEST_SUITE_P(Recorded, TraceCheckoutTest,
                         testing::Values(Recorded{"friendsforever", 1}, Recorded{"A1", 1},
                                         Recorded{"A2", 8}),
                         [](const auto& info) { return std::string(info.param.trace); });

TEST(TraceCheckoutRandomTest, EveryVersionOfRandomTraces) {
  ForEachSeed(60, [](Random& random) {
    const Trace trace = RandomTrace(random);
    ASSERT_EQ(CompareCheckouts(trace, [](size_t) { return true; }), trace.transaction_count());
  });
}

}  // namespace
}  // namespace cotext
