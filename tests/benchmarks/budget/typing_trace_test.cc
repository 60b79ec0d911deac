#include "benchmarks/budget/typing_trace.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "document/random.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(TypingTraceTest, TracesReplayToTheirOwnText) {
  ForEachSeed(200, [](Random& random) {
    const auto percent = [&random] { return static_cast<uint32_t>(random.Below(101)); };
    const Trace trace = MakeTypingTrace({.seed = random.Next(),
                                         .edits = static_cast<uint32_t>(random.Below(200)),
                                         .jump_percent = percent(),
                                         .replace_percent = percent(),
                                         .backspace_percent = percent(),
                                         .unicode_percent = percent()});
    for (const ReplayMode mode : {ReplayMode::kLocal, ReplayMode::kMerge}) {
      const auto result = Replay(trace, {.mode = mode});
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(result->ok());
    }
  });
}

TEST(TypingTraceTest, ThereAreAsManyEditsAsAskedFor) {
  const Trace trace = MakeTypingTrace({.edits = 1'000});
  EXPECT_EQ(trace.transaction_count(), 1'000U);
  EXPECT_EQ(trace.patch_count(), 1'000U);
  EXPECT_TRUE(IsLinear(trace));
}

TEST(TypingTraceTest, OptionsSayWhatIsTyped) {
  const auto bytes = [](const TypingOptions& options) {
    return MakeTypingTrace(options).end_content().size();
  };
  EXPECT_EQ(bytes({.edits = 500, .jump_percent = 0, .backspace_percent = 0, .unicode_percent = 0}),
            500U);
  EXPECT_GT(bytes({.edits = 500, .jump_percent = 0, .backspace_percent = 0, .unicode_percent = 90}),
            900U);
  EXPECT_LT(bytes({.edits = 500, .jump_percent = 0, .backspace_percent = 60}), 100U);
  EXPECT_GT(bytes({.edits = 500, .jump_percent = 100, .replace_percent = 100}), 501U);
}

}  // namespace
}  // namespace cotext
